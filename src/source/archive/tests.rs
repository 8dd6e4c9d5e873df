//! Tests of every archive: whole, cut, damaged, concatenated.

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
        "legacy lz4" => {
            let mut out = b"\x02\x21\x4c\x18".to_vec();
            for block in text.chunks(8 << 20) {
                let block = lz4_flex::block::compress(block);
                out.extend((block.len() as u32).to_le_bytes());
                out.extend(block);
            }
            out
        }
        "lzma" => {
            let options = liblzma::stream::LzmaOptions::new_preset(1).expect("a preset");
            let stream = liblzma::stream::Stream::new_lzma_encoder(&options).expect("options");
            let mut out = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "zlib" => {
            let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(text).expect("memory");
            out.finish().expect("memory")
        }
        "snappy" => snap::raw::Encoder::new()
            .compress_vec(text)
            .expect("memory"),
        other => panic!("no way to make {other}"),
    }
}

/// Readable content, and the error at its end.
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
        // Less of a raw block cannot be distinguished from noise.
        let least = match row.name {
            "snappy" => 64,
            "lzma" => 13,
            _ => 8,
        };
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
fn padding_and_line_ends_behind_a_whole_archive_are_no_break() {
    let text = text();
    let tails = [
        b"\r\n".to_vec(),
        b"\n\n\n".to_vec(),
        b" \t\r\n\0\0".to_vec(),
        b"\x1a".to_vec(),
        vec![0; 1],
        vec![0; 10_240],
        b"\0\n".repeat(100_000),
    ];
    for row in ARCHIVES.iter().filter(|row| row.name != "snappy") {
        for tail in &tails {
            let mut bytes = pack(row.name, &text);
            bytes.extend(tail);
            assert_eq!(
                read(&bytes),
                (text.clone(), None),
                "{} {:?}",
                row.name,
                &tail[..1]
            );
            bytes.extend(pack(row.name, &text));
            assert_eq!(read(&bytes), (text.repeat(2), None), "{} twice", row.name);
        }
    }
}

#[test]
fn what_follows_an_archive_and_is_none_is_said_and_what_came_before_is_kept() {
    for row in ARCHIVES.iter().filter(|row| row.name != "snappy") {
        for tail in ["more", "\r\n{\"a\":1}\n{\"a\":2}\n", "\0\0x"] {
            let mut bytes = pack(row.name, b"abc abc abc abc");
            let whole = bytes.len();
            bytes.extend(tail.as_bytes());
            let (content, error) = read(&bytes);
            assert_eq!(content, b"abc abc abc abc", "{}", row.name);
            let error = error.expect("an error");
            if row.name != "legacy lz4" {
                let at = whole + tail.bytes().take_while(|byte| is_padding(*byte)).count();
                let said = format!(
                    "the {} archive is complete, but the data after it, from byte {at} on, is not an archive",
                    row.name
                );
                assert!(error.contains(&said), "{error}");
            }
        }
    }
}

#[test]
fn legacy_lz4_of_many_blocks_is_read() {
    let text = text().repeat(2500);
    assert!(text.len() > 16 << 20);
    assert_eq!(read(&pack("legacy lz4", &text)), (text, None));
}

#[test]
fn text_is_not_taken_for_an_archive_without_a_magic() {
    for text in [
        "x^,action,time\n1,2,3\n",
        "]\0\0,time\n",
        "]\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        "x",
        "xyz,time",
        "]",
    ] {
        assert!(!is_archive(text.as_bytes()).expect("memory"), "{text:?}");
    }
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
    fn no_text_in_any_encoding_is_taken_for_snappy(
        start in "[ -~]{0,3}|[\\u{a0}-\\u{1ff}张三東]{0,3}",
        which in 0usize..4,
        wide in 0usize..4,
        holes in proptest::collection::vec((0usize..400, 1usize..9), 0..3),
    ) {
        let record = "{\"time\":\"2024-04-12T16:58:30Z\",\"user_name\":\"张三\"}\r\n".repeat(3);
        let text = match which {
            0 => record,
            1 => format!("[{record}]"),
            2 => "time,user_name\r\n1,张三\r\n2,李四\r\n".repeat(4),
            _ => "time\tuser_name\r\n1\t张三\r\n2\t李四\r\n".repeat(4),
        };
        let text = format!("{start}{text}");
        let mut bytes: Vec<u8> = match wide {
            0 => text.into_bytes(),
            1 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            2 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => encoding_rs::GBK.encode(&text).0.into_owned(),
        };
        for (at, nuls) in holes {
            let at = at % bytes.len();
            bytes.splice(at..at, vec![0; nuls]);
        }
        prop_assert!(!snappy::is_likely(&mut Input::new(&bytes[..])).expect("memory"));
    }

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
