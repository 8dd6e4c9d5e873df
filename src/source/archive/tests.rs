//! Every archive, whole, cut, damaged, strung together.

use std::io::Write as _;

use super::*;
use proptest::prelude::*;

fn text() -> Vec<u8> {
    let mut text = Vec::new();
    for n in 0..400u32 {
        let noise = n.wrapping_mul(2_654_435_761);
        writeln!(text, "{{\"action\":\"x\",\"n\":\"{n} {noise:x}\"}}").expect("memory");
    }
    text
}

pub(super) fn pack(name: &str, text: &[u8]) -> Vec<u8> {
    match name {
        "gzip" => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "zstd" => zstd::encode_all(text, 3).expect("memory"),
        "lz4" => {
            let mut out = lz4_flex::frame::FrameEncoder::new(Vec::new());
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "bzip2" => {
            let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "xz" => {
            let mut out = liblzma::write::XzEncoder::new(Vec::new(), 1);
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "snappy" => snap::raw::Encoder::new()
            .compress_vec(text)
            .expect("memory"),
        other => panic!("no way to make {other}"),
    }
}

/// What can be read, and the error it ends with.
fn read(bytes: &[u8]) -> (Vec<u8>, Option<String>) {
    let mut out = Vec::new();
    match unpack(Input::new(bytes)).and_then(|mut input| input.read_to_end(&mut out)) {
        Ok(_) => (out, None),
        Err(error) => (out, Some(error.to_string())),
    }
}

#[test]
fn every_archive_gives_its_content_back() {
    let text = text();
    for row in ARCHIVES {
        assert_eq!(
            read(&pack(row.name, &text)),
            (text.clone(), None),
            "{}",
            row.name
        );
    }
    assert_eq!(read(&text), (text.clone(), None));
}

#[test]
fn members_follow_each_other_and_archives_lie_in_archives() {
    let text = text();
    let mut all = Vec::new();
    let mut expected = Vec::new();
    for row in ARCHIVES.iter().filter(|row| !row.magic.is_empty()) {
        for _ in 0..2 {
            all.extend(pack(row.name, &text));
            expected.extend_from_slice(&text);
        }
    }
    all.extend(b"\x53\x2a\x4d\x18\x03\0\0\0abc");
    all.extend([0; 512]);
    assert_eq!(read(&all), (expected.clone(), None));
    assert_eq!(read(&pack("gzip", &all)), (expected, None));
}

#[test]
fn an_archive_cut_anywhere_says_where_and_gives_what_came_before() {
    let text = text();
    for row in ARCHIVES {
        let whole = pack(row.name, &text);
        // Less of a raw block cannot be told from noise.
        let least = if row.magic.is_empty() { 64 } else { 8 };
        for cut in (least..whole.len())
            .step_by(41)
            .chain(whole.len() - 12..whole.len())
        {
            let (content, error) = read(&whole[..cut]);
            assert!(text.starts_with(&content), "{} {cut}", row.name);
            let error =
                error.unwrap_or_else(|| panic!("{} cut at {cut} of {}", row.name, whole.len()));
            assert!(
                error.contains(&format!("ends at byte {cut}")),
                "{}: {error}",
                row.name
            );
        }
    }
}

#[test]
fn what_follows_an_archive_and_is_none_is_told() {
    let mut bytes = pack("gzip", b"abc");
    bytes.extend(b"more");
    let (content, error) = read(&bytes);
    assert_eq!(content, b"abc");
    assert!(error.expect("an error").contains("no archive"));
}

#[test]
fn text_is_not_taken_for_snappy() {
    for text in [
        "hd,action,time\n1,2,3\n",
        "x y",
        "",
        "time,action\n",
        "\u{feff}{\"a\":1}\n",
    ] {
        let mut input = Input::new(text.as_bytes());
        assert!(!snappy::is_likely(&mut input).expect("memory"), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damage_never_panics(which in 0..ARCHIVES.len(), at in 0usize..10_000, byte: u8, cut in 0usize..10_000) {
        let mut bytes = pack(ARCHIVES[which].name, &text());
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(bytes.len() - cut % 50);
        read(&bytes);
    }

    #[test]
    fn noise_never_panics(which in 0..ARCHIVES.len(), noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        read(&noise);
        let mut bytes = ARCHIVES[which].magic.to_vec();
        bytes.extend(&noise);
        read(&bytes);
    }

    #[test]
    fn snappy_agrees_with_the_reference(noise in proptest::collection::vec(any::<u8>(), 0..100)) {
        let mut mine = Vec::new();
        let read = snappy::Block::new(Input::new(&noise[..])).read_to_end(&mut mine);
        let reference = match snap::raw::decompress_len(&noise) {
            Ok(len) if len < 1 << 20 => snap::raw::Decoder::new().decompress_vec(&noise).ok(),
            _ => return Ok(()),
        };
        if let Some(reference) = reference {
            prop_assert!(read.is_ok());
            prop_assert_eq!(mine, reference);
        }
    }
}
