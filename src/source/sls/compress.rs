//! Unpacks responses: lz4 blocks, zstd, gzip, deflate or nothing. Every format has a limit, since a small response can
//! claim or contain far more than memory.

use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};

/// Largest unpacked size of a response. Responses of the service stay under 20 MB.
pub const LIMIT: usize = 128 * 1024 * 1024;

/// Maximum compression ratio of lz4: a larger claim is false and is rejected before memory is allocated.
const LZ4_RATIO: usize = 255;

/// Unpacks a body. `raw_size` is the size stated by the server (`x-log-bodyrawsize`); lz4 needs it, the other formats
/// only check it. The error states the problem.
pub fn unpack(kind: &str, body: &[u8], raw_size: Option<usize>) -> Result<Vec<u8>, String> {
    if raw_size == Some(0) {
        return Ok(Vec::new());
    }
    if let Some(size) = raw_size.filter(|&size| size > LIMIT) {
        return Err(format!(
            "the response claims to unpack to {size} bytes, more than the limit of {LIMIT}"
        ));
    }
    let unpacked = match kind.trim().to_ascii_lowercase().as_str() {
        "" | "none" | "identity" => Ok(body.to_vec()),
        "lz4" => {
            let size = raw_size.ok_or("the response is lz4 without its unpacked size")?;
            if size > body.len() * LZ4_RATIO + 64 {
                return Err(format!(
                    "{} bytes of lz4 cannot unpack to {size}",
                    body.len()
                ));
            }
            lz4_flex::block::decompress(body, size).map_err(|e| format!("lz4: {e}"))
        }
        "zstd" => zstd::Decoder::new(body)
            .map_err(|e| format!("zstd: {e}"))
            .and_then(|r| read("zstd", r)),
        "gzip" => read("gzip", MultiGzDecoder::new(body)),
        "deflate" => read("deflate", ZlibDecoder::new(body)),
        other => Err(format!(
            "the response is compressed with {other:?}, which was not requested"
        )),
    }?;
    match raw_size {
        Some(size) if size != unpacked.len() => Err(format!(
            "the response should have {size} bytes but has {}",
            unpacked.len()
        )),
        _ => Ok(unpacked),
    }
}

fn read(kind: &str, from: impl Read) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    from.take(LIMIT as u64 + 1)
        .read_to_end(&mut out)
        .map_err(|e| format!("{kind}: {e}"))?;
    if out.len() > LIMIT {
        return Err(format!(
            "{kind}: the response unpacks to more than {LIMIT} bytes"
        ));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const TEXT: &[u8] = b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(bytes).expect("memory");
        out.finish().expect("memory")
    }

    #[test]
    fn every_kind_unpacks_and_a_wrong_size_is_noticed() {
        let zlib = {
            let mut out =
                flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            out.write_all(TEXT).expect("memory");
            out.finish().expect("memory")
        };
        for (kind, body) in [
            ("", TEXT.to_vec()),
            ("LZ4", lz4_flex::block::compress(TEXT)),
            ("zstd", zstd::encode_all(TEXT, 3).expect("memory")),
            ("gzip", gzip(TEXT)),
            ("deflate", zlib),
        ] {
            assert_eq!(
                unpack(kind, &body, Some(TEXT.len())).as_deref(),
                Ok(TEXT),
                "{kind}"
            );
            assert!(unpack(kind, &body, Some(TEXT.len() + 1)).is_err(), "{kind}");
            if !kind.is_empty() {
                assert!(
                    unpack(kind, &body[..body.len() - 3], Some(TEXT.len())).is_err(),
                    "{kind} cut short"
                );
            }
        }
        assert!(unpack("br", TEXT, None).is_err());
        assert!(unpack("lz4", &lz4_flex::block::compress(TEXT), None).is_err());
    }

    #[test]
    fn a_claim_is_refused_before_memory_is_taken() {
        assert!(
            unpack("lz4", &[0; 8], Some(100_000_000))
                .expect_err("refused")
                .contains("cannot")
        );
        assert!(
            unpack("", b"x", Some(usize::MAX))
                .expect_err("refused")
                .contains("limit")
        );
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = zstd::encode_all(std::io::repeat(0).take(LIMIT as u64 + 10), 1).expect("memory");
        assert!(bomb.len() < 100_000);
        assert!(
            unpack("zstd", &bomb, None)
                .expect_err("refused")
                .contains("more than")
        );
    }
}
