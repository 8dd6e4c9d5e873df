//! Packed bodies: members cut, put together, damaged, and such as unpack to much more.

use std::io::{Read as _, Write as _};
use std::sync::Mutex;

use super::events::in_pieces;
use super::{mebibytes, once_only, read, run, runtime};
use crate::chance::fuzz;
use crate::http::{ids, once, records};
use crate::loopback::{Reply, Server};

/// A way to pack, and the whole of what it gives back by a plain reader.
struct Packing {
    name: &'static str,
    pack: fn(&[u8]) -> Vec<u8>,
    unpack: fn(&[u8]) -> std::io::Result<Vec<u8>>,
}

const PACKINGS: [Packing; 2] = [
    Packing {
        name: "gzip",
        pack: |bytes| {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(bytes).expect("memory");
            out.finish().expect("memory")
        },
        unpack: |bytes| {
            let mut out = Vec::new();
            flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut out)?;
            Ok(out)
        },
    },
    Packing {
        name: "zstd",
        pack: |bytes| zstd::encode_all(bytes, 1).expect("memory"),
        unpack: |bytes| zstd::decode_all(bytes),
    },
];

#[test]
fn packed_answers_are_unpacked_as_others_do_it_or_it_is_said() {
    const PIECES: &[&[u8]] = &[
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
        b"\0",
        b"\0\0\0\0\0\0",
        b"\xff",
        b"\x50\x2a\x4d\x18\x04\0\0\0abcd",
    ];
    let threads = runtime();
    fuzz("packed answers", 120, |chance| {
        let packing = chance.pick(&PACKINGS);
        let (mut body, mut count) = (Vec::new(), 0);
        for _ in 0..=chance.below(4) {
            let n = chance.below(40);
            let text = [records(count, count + n), vec![String::new()]]
                .concat()
                .join("\n");
            body.extend((packing.pack)(text.as_bytes()));
            count += n;
        }
        if chance.below(2) == 0 {
            chance.damage(&mut body, 0, PIECES);
        }
        // Nothing at all is packed nothing.
        let plain = if body.is_empty() {
            Ok(Vec::new())
        } else {
            (packing.unpack)(&body)
        };
        let reply = Reply::new(200, "application/x-ndjson", body.clone())
            .with("Content-Encoding", packing.name);
        let again = Reply::new(200, "application/x-ndjson", body.clone())
            .with("Content-Encoding", packing.name);
        let replies = Mutex::new(vec![again, in_pieces(reply, chance)]);
        let (seen, end) = threads.block_on(async {
            let server = Server::start(move |_| {
                let reply = replies.lock().expect("not poisoned").pop();
                reply.unwrap_or_else(|| Reply::new(404, "text/plain", ""))
            })
            .await;
            read(once(&server.url)).await
        });
        let what = packing.name;
        match plain {
            Ok(plain)
                if plain
                    == (0..count)
                        .flat_map(|n| records(n, n + 1))
                        .map(|r| r + "\n")
                        .collect::<String>()
                        .as_bytes() =>
            {
                assert!(end.is_ok(), "{what}: {end:?}");
                seen.assert_each_once("id", ids(0, count));
            }
            // Damage within what has no check, or between members.
            Ok(plain) => {
                let found = seen.records.len() + seen.broken.len() + seen.defects.len();
                let is_blank = plain.trim_ascii().is_empty();
                assert!(end.is_err() || found > 0 || is_blank, "{what}");
            }
            Err(error) => assert!(
                end.is_err(),
                "{what}: {error}, and nothing is said of {body:02x?}"
            ),
        }
    });
}

#[test]
fn a_body_without_bytes_is_packed_nothing() {
    for Packing { name, .. } in &PACKINGS {
        let (seen, end) = runtime().block_on(async {
            let server = Server::start(move |_| {
                Reply::new(200, "application/x-ndjson", "").with("Content-Encoding", *name)
            })
            .await;
            read(once(&server.url)).await
        });
        assert!(end.is_ok(), "{name}: {end:?}");
        assert!(seen.records.is_empty() && seen.notes.is_empty(), "{name}");
    }
}

#[test]
fn packed_answers_that_unpack_to_much_more_are_bounded() {
    let threads = runtime();
    let home = tempfile::tempdir().expect("a directory");
    let text = "x".repeat(16 << 20);
    // As many members as come in a piece; without optimisation gzip takes its time.
    for (packing, members) in PACKINGS.iter().zip([4, 16]) {
        let name = packing.name;
        let body = (packing.pack)(text.as_bytes()).repeat(members * mebibytes());
        let what = format!("{name}, {} bytes", body.len());
        let server = threads.block_on(once_only(move || {
            Reply::new(200, "application/x-ndjson", body.clone()).with("Content-Encoding", name)
        }));
        let ended = run(&["query", &server.url, "--count"], home.path(), &[]);
        ended.assert_well(&[0, 1, 3], &what);
        assert!(ended.sums()["total"].is_u64(), "{what}: {}", ended.said);
    }
}

#[test]
fn members_repeated_without_end_are_bounded() {
    let threads = runtime();
    let home = tempfile::tempdir().expect("a directory");
    for packing in &PACKINGS {
        for content in ["", "\n", "{}\n"] {
            let member = (packing.pack)(content.as_bytes());
            let body = member.repeat((mebibytes() << 20) / member.len());
            let name = packing.name;
            let server = threads.block_on(once_only(move || {
                Reply::new(200, "application/x-ndjson", body.clone()).with("Content-Encoding", name)
            }));
            let ended = run(&["query", &server.url, "--count"], home.path(), &[]);
            ended.assert_well(&[0, 1, 3], &format!("{name} of {content:?}"));
        }
    }
}
