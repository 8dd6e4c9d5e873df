//! Body of a response, unpacked as it arrives if it has a `Content-Encoding`: to its end, including all members (gzip)
//! or frames (zstd).

use std::io::{self, Write as _};

use bytes::{Buf as _, Bytes};
use flate2::write::MultiGzDecoder;
use reqwest::Url;
use zstd::stream::raw::{DParameter, Decoder, Operation as _};

use super::fault::Fault;
use super::proxy::Proxies;
use super::{Trouble, shown};
use crate::source::{Failure, archive};

/// Accepted encodings, as a header value.
pub(super) const ACCEPTED: &str = "gzip, zstd";

/// Unpacked bytes of a response.
pub(super) struct Body {
    response: reqwest::Response,
    packing: Packing,
    /// Bytes received and not unpacked yet.
    packed: Bytes,
    /// True if nothing has arrived: an empty body is valid in any encoding.
    is_empty: bool,
}

enum Packing {
    None,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zstd(Zstd),
}

/// Reason for the early end of a body.
pub(super) struct Broken {
    pub(super) what: String,
    /// True if a retry would fail in the same way.
    is_lasting: bool,
}

impl Broken {
    /// Converts to an error for the response of this URL.
    pub(super) fn of(self, url: &Url) -> Trouble {
        let Self { what, is_lasting } = self;
        if is_lasting {
            let advice = "data read so far is kept; check the content encoding of the server";
            let what = format!("{}: {what}", shown(url));
            return Trouble::Lasting(Failure::new(what, advice));
        }
        Trouble::Passing { what, wait: None }
    }
}

impl Body {
    /// Rejects encodings that were not requested.
    pub(super) fn of(response: reqwest::Response) -> Result<Self, Failure> {
        let header = response.headers().get("content-encoding");
        let packing = header.map_or("", |value| value.to_str().unwrap_or("?"));
        let packing = match &*packing.trim().to_ascii_lowercase() {
            "" | "identity" => Packing::None,
            "gzip" | "x-gzip" => Packing::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            "zstd" => {
                Packing::Zstd(Zstd::new().map_err(|error| Failure::new(error.to_string(), ""))?)
            }
            other => {
                let what =
                    format!("the response has content encoding {other:?}, which was not requested");
                return Err(Failure::new(
                    what,
                    "configure the server to send gzip, zstd or no encoding",
                ));
            }
        };
        Ok(Self {
            response,
            packing,
            packed: Bytes::new(),
            is_empty: true,
        })
    }

    pub(super) fn headers(&self) -> &reqwest::header::HeaderMap {
        self.response.headers()
    }

    /// Number of bytes in total, if known and not packed.
    pub(super) fn length(&self) -> Option<u64> {
        let is_plain = matches!(self.packing, Packing::None);
        self.response.content_length().filter(|_| is_plain)
    }

    /// Returns the next bytes; `None` at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            let out = match &mut self.packing {
                Packing::None => Ok(Vec::new()),
                Packing::Gzip(gzip) => unpack(gzip, &mut self.packed),
                Packing::Zstd(zstd) => zstd.unpack(&mut self.packed),
            };
            let out = out.map_err(|error| damaged(&error))?;
            if !out.is_empty() {
                return Ok(Some(out.into()));
            }
            let chunk = self.response.chunk().await.map_err(|error| Broken {
                what: Fault::of(&error, &Proxies::default()).what,
                is_lasting: false,
            })?;
            match (chunk, &self.packing) {
                (None, _) => return self.end(),
                (Some(chunk), Packing::None) => return Ok(Some(chunk)),
                (Some(chunk), _) => {
                    self.is_empty &= chunk.is_empty();
                    self.packed = chunk;
                }
            }
        }
    }

    /// Returns the rest at the end, which must not be within a member.
    fn end(&mut self) -> Result<Option<Bytes>, Broken> {
        let broke_off = || Broken {
            what: "the response was cut off inside compressed data".to_owned(),
            is_lasting: false,
        };
        match std::mem::replace(&mut self.packing, Packing::None) {
            _ if self.is_empty => Ok(None),
            Packing::None => Ok(None),
            Packing::Gzip(mut gzip) => {
                gzip.try_finish().map_err(|_| broke_off())?;
                let rest = std::mem::take(gzip.get_mut());
                Ok((!rest.is_empty()).then(|| rest.into()))
            }
            Packing::Zstd(zstd) if zstd.is_whole => Ok(None),
            Packing::Zstd(_) => Err(broke_off()),
        }
    }
}

fn damaged(error: &io::Error) -> Broken {
    let what = if archive::looks_too_far(error) {
        format!("the zstd response {}", archive::too_far())
    } else {
        format!("the response cannot be unpacked: {error}")
    };
    Broken {
        what,
        is_lasting: true,
    }
}

/// Unpacked bytes per piece: a small input can unpack to more than memory.
const PIECE: usize = 1 << 20;

/// Consumes packed bytes until a piece is unpacked.
fn unpack(gzip: &mut MultiGzDecoder<Vec<u8>>, packed: &mut Bytes) -> io::Result<Vec<u8>> {
    while !packed.is_empty() && gzip.get_ref().len() < PIECE {
        match gzip.write(packed)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            taken => packed.advance(taken),
        }
    }
    Ok(std::mem::take(gzip.get_mut()))
}

/// Consecutive zstd frames.
struct Zstd {
    decoder: Decoder<'static>,
    /// True between two frames.
    is_whole: bool,
    /// True if the output buffer was too small for all available output.
    has_more: bool,
    room: Vec<u8>,
}

impl Zstd {
    fn new() -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(archive::WINDOW_LOG))?;
        Ok(Self {
            decoder,
            is_whole: true,
            has_more: false,
            room: vec![0; 1 << 17],
        })
    }

    /// Consumes packed bytes until a piece is unpacked.
    fn unpack(&mut self, packed: &mut Bytes) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        while (self.has_more || !packed.is_empty()) && out.len() < PIECE {
            if self.is_whole {
                self.decoder.reinit()?;
            }
            let status = self.decoder.run_on_buffers(packed, &mut self.room)?;
            packed.advance(status.bytes_read);
            out.extend_from_slice(&self.room[..status.bytes_written]);
            self.is_whole = status.remaining == 0;
            self.has_more = !self.is_whole && status.bytes_written == self.room.len();
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unpacks everything, and checks that no piece is much larger than [`PIECE`].
    fn unpacked(zstd: &mut Zstd, packed: &[u8]) -> io::Result<Vec<u8>> {
        let (mut packed, mut out) = (Bytes::copy_from_slice(packed), Vec::new());
        loop {
            let piece = zstd.unpack(&mut packed)?;
            assert!(piece.len() < PIECE + zstd.room.len());
            if piece.is_empty() {
                return Ok(out);
            }
            out.extend(piece);
        }
    }

    #[test]
    fn frames_of_zstd_are_read_to_the_last_in_any_pieces() {
        // The last one ends exactly at the end of the output buffer.
        let texts = [0, 1, 2]
            .map(|n| format!("frame {n} ").repeat(50_000).into_bytes())
            .into_iter()
            .chain([vec![b'x'; 1 << 17]]);
        let texts: Vec<Vec<u8>> = texts.collect();
        let frames: Vec<u8> = texts
            .iter()
            .flat_map(|text| zstd::encode_all(&text[..], 1).expect("memory"))
            .collect();
        for piece in [1, 7, 1 << 20] {
            let mut zstd = Zstd::new().expect("memory");
            let mut out = Vec::new();
            for part in frames.chunks(piece) {
                out.extend(unpacked(&mut zstd, part).expect("frames"));
            }
            assert!(out == texts.concat() && zstd.is_whole, "{piece}");
            let mut cut = Zstd::new().expect("memory");
            unpacked(&mut cut, &frames[..frames.len() - 3]).expect("frames");
            assert!(!cut.is_whole);
            assert!(unpacked(&mut Zstd::new().expect("memory"), b"no frame at all").is_err());
        }
    }

    #[test]
    fn little_that_unpacks_to_much_comes_in_pieces() {
        let much = io::Read::take(io::repeat(b'x'), 64 << 20);
        let frame = zstd::encode_all(much, 1).expect("memory");
        let whole = unpacked(&mut Zstd::new().expect("memory"), &frame).expect("a frame");
        assert_eq!((whole.len(), frame.len() < 1 << 14), (64 << 20, true));
        let mut packed = Vec::new();
        let much = io::BufReader::new(io::Read::take(io::repeat(b'x'), 16 << 20));
        let mut encoder = flate2::bufread::GzEncoder::new(much, flate2::Compression::fast());
        io::copy(&mut encoder, &mut packed).expect("memory");
        let (mut gzip, mut packed, mut all) =
            (MultiGzDecoder::new(Vec::new()), Bytes::from(packed), 0);
        while !packed.is_empty() {
            let piece = unpack(&mut gzip, &mut packed).expect("a member");
            assert!(piece.len() <= 2 * PIECE);
            all += piece.len();
        }
        gzip.try_finish().expect("whole");
        assert_eq!(all + gzip.get_ref().len(), 16 << 20);
    }
}
