//! Archives that look back further than is followed: a few bytes that claim gigabytes of memory. They are refused in words,
//! in files, pipes and answers, within little memory.

use std::io::Write as _;

use crate::bombs::bounded;
use crate::e2e::Place;
use crate::following::record;

/// A frame of zstd with a window of 2 to this power, in one block that is not packed.
fn zstd(log: u8, content: &[u8]) -> Vec<u8> {
    let block = (content.len() as u32) << 3 | 1;
    let head = [0x28, 0xb5, 0x2f, 0xfd, 0, (log - 10) << 3];
    [&head, &block.to_le_bytes()[..3], content].concat()
}

/// A stream of xz whose dictionary is of 4 GiB less a byte, as its header says.
fn xz(content: &[u8]) -> Vec<u8> {
    let mut out = liblzma::write::XzEncoder::new(Vec::new(), 1);
    out.write_all(content).expect("memory");
    let mut packed = out.finish().expect("memory");
    // The header of the stream takes 12 bytes; that of the block begins with its length in words.
    let (start, end) = (12, 12 + (packed[12] as usize + 1) * 4);
    assert_eq!(packed[start + 2..start + 4], [0x21, 1], "one filter, LZMA2");
    packed[start + 4] = 40;
    let mut check = flate2::Crc::new();
    check.update(&packed[start..end - 4]);
    packed[end - 4..end].copy_from_slice(&check.sum().to_le_bytes());
    packed
}

/// A stream of LZMA whose dictionary is of 2 GiB.
fn lzma(content: &[u8]) -> Vec<u8> {
    let options = liblzma::stream::LzmaOptions::new_preset(1).expect("a preset");
    let stream = liblzma::stream::Stream::new_lzma_encoder(&options).expect("an encoder");
    let mut out = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
    out.write_all(content).expect("memory");
    let mut packed = out.finish().expect("memory");
    packed[1..5].copy_from_slice(&(1_u32 << 31).to_le_bytes());
    packed
}

fn claims() -> [(&'static str, Vec<u8>, &'static str); 4] {
    let log = record(0) + "\n";
    let log = log.as_bytes();
    [
        ("zstd", zstd(31, log), "zstd -dc --long=31"),
        ("zstd", zstd(28, log), "zstd -dc --long=31"),
        ("xz", xz(log), "xz -dc"),
        ("lzma", lzma(log), "xz -dc --format=lzma"),
    ]
}

fn assert_refused(said: &str, kind: &str, advice: &str) {
    let wanted = format!(
        "the {kind} archive needs a window larger than 128 MiB; unpack it with {advice} and pipe it in"
    );
    assert!(said.contains(&wanted), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn an_archive_that_claims_gigabytes_is_refused_in_a_file_and_in_a_pipe() {
    let place = Place::new();
    for (kind, packed, advice) in claims() {
        let name = place.file("claim", &packed);
        let said = bounded(&["query", "--count", &name], None, kind);
        assert_refused(&said, kind, advice);
        let said = bounded(&["query", "--count", "-"], Some(&packed), kind);
        assert_refused(&said, kind, advice);
        // What stands before it is kept.
        let whole = zstd(20, (record(1) + "\n").as_bytes());
        let name = place.file("behind", [whole, packed].concat());
        let run = place.run(&["query", "--count", &name]);
        assert_eq!((run.code, run.matched()), (3, 1), "{kind}: {}", run.err);
        assert!(run.err.contains("needs a window larger"), "{}", run.err);
    }
}

#[test]
fn what_looks_back_as_far_as_is_followed_is_read() {
    let place = Place::new();
    let name = place.file("fits", zstd(27, (record(0) + "\n").as_bytes()));
    let said = bounded(&["query", "--count", &name], None, "a window of 128 MiB");
    assert_eq!(said, "");
    assert_eq!(place.run(&["query", "--count", &name]).matched(), 1);
}

#[cfg(feature = "http")]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_claims_gigabytes_is_refused() {
    use crate::loopback::{Reply, Server};
    let server = Server::start(|request| {
        let number: usize = request.path()[1..].parse().expect("a number");
        let claims = claims();
        match claims.get(number) {
            Some((_, packed, _)) => Reply::new(200, "application/octet-stream", packed.clone()),
            None => Reply::new(200, "application/x-ndjson", claims[0].1.clone())
                .with("Content-Encoding", "zstd"),
        }
    })
    .await;
    for (number, (kind, _, advice)) in claims().into_iter().enumerate() {
        let url = format!("{}/{number}", server.url);
        let said = bounded(&["query", "--count", &url], None, kind);
        assert_refused(&said, kind, advice);
    }
    let url = format!("{}/9", server.url);
    let said = bounded(&["query", "--count", &url], None, "an encoding");
    assert!(
        said.contains(&format!(
            "{url}: the zstd response needs a window larger than 128 MiB"
        )),
        "{said}"
    );
}
