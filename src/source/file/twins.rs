//! One log under two names: unpacked, and packed next to it (`a` and `a.gz`), as `gzip -k` leaves them. It is read
//! once.
//!
//! Names only select the files to compare; the whole content decides. Logs that merely begin alike are all read.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::source::archive::{self, Input};

/// Extensions of packed files.
const PACKED: [&str; 14] = [
    "gz", "gzip", "z", "zst", "zstd", "bz2", "xz", "lz4", "lzma", "zz", "zlib", "snappy", "sz", "Z",
];

/// Bytes compared at a time.
const PIECE: usize = 1 << 16;

/// Names of all files of an engine. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Twins(Arc<Mutex<BTreeSet<PathBuf>>>);

/// Relation of a packed file to another file.
#[derive(Debug)]
pub(super) enum Twin {
    /// The other file contains all of it.
    Of(PathBuf),
    /// The other file contains the readable part of it, and the packed file breaks off.
    Broken(PathBuf, io::Error),
}

impl Twins {
    /// Registers a file that is read, or will be.
    pub fn name(&self, path: &Path) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(path.to_owned());
    }

    /// Finds a file that is also read and contains this packed one: its name without the extension, or that with
    /// another extension that sorts before its own.
    pub(super) fn find(&self, path: &Path) -> Option<Twin> {
        let plain = unpacked(path)?;
        let named: Vec<PathBuf> = {
            let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let packed = PACKED.iter().map(|ending| {
                let mut name = plain.clone().into_os_string();
                name.push(".");
                name.push(ending);
                PathBuf::from(name)
            });
            let before = packed.filter(|other| **other < *path);
            let mut others: Vec<PathBuf> = before.filter(|other| names.contains(other)).collect();
            others.sort();
            if names.contains(&plain) {
                others.insert(0, plain);
            }
            others
        };
        named
            .into_iter()
            .find_map(|other| match is_within(path, &other) {
                Ok(true) => Some(Twin::Of(other)),
                Ok(false) => None,
                Err(error) => Some(Twin::Broken(other, error)),
            })
    }
}

/// Returns the name of a packed file without its extension.
fn unpacked(path: &Path) -> Option<PathBuf> {
    let ending = path.extension()?.to_str()?;
    PACKED.contains(&ending).then(|| path.with_extension(""))
}

/// Returns true if the content of `path` equals that of `other` or its beginning: a log may have grown since it was
/// packed. An error means that `path` breaks off after content that is in `other`.
fn is_within(path: &Path, other: &Path) -> io::Result<bool> {
    let open = |path: &Path| archive::unpack(Input::new(File::open(path)?));
    // An unreadable file is no reason to leave the other one out.
    let (Ok(mut content), Ok(mut other)) = (open(path), open(other)) else {
        return Ok(false);
    };
    let (mut piece, mut same) = (vec![0; PIECE], vec![0; PIECE]);
    let mut compared = 0;
    loop {
        let read = match content.read(&mut piece) {
            Ok(0) => return Ok(compared > 0),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if compared > 0 => return Err(error),
            Err(_) => return Ok(false),
        };
        let is_same = other.read_exact(&mut same[..read]).is_ok() && piece[..read] == same[..read];
        if !is_same {
            return Ok(false);
        }
        compared += read;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        flate2::read::GzEncoder::new(content, flate2::Compression::fast())
            .read_to_end(&mut out)
            .expect("memory");
        out
    }

    #[test]
    fn only_what_holds_nothing_of_its_own_is_left_out() {
        let directory = tempfile::tempdir().expect("a directory");
        let text = b"{\"n\":1}\n{\"n\":2}\n".repeat(2500);
        let text = text.as_slice();
        let mut late = text.to_vec();
        let end = late.len() - 3;
        late[end] = b'X';
        let packed = gzip(text);
        let cut = &packed[..packed.len() / 2];
        for (plain, packed, expected) in [
            (text, gzip(text), "same"),
            (text, gzip(&text[..1000]), "same"),
            (&text[..1000], gzip(text), "other"),
            (text, gzip(&late), "other"),
            (text, gzip(b"{\"n\":7}\n"), "other"),
            (text, gzip(b""), "other"),
            (b"", gzip(text), "other"),
            (text, cut.to_vec(), "broken"),
            (text, text.to_vec(), "same"),
            (text, b"\x1f\x8b".to_vec(), "other"),
        ] {
            let twins = Twins::default();
            let (a, b) = (
                directory.path().join("a.log"),
                directory.path().join("a.log.gz"),
            );
            std::fs::write(&a, plain).expect("written");
            std::fs::write(&b, &packed).expect("written");
            assert!(twins.find(&b).is_none(), "the other one is not read");
            twins.name(&b);
            twins.name(&a);
            let found = match twins.find(&b) {
                Some(Twin::Of(other)) if other == a => "same",
                Some(Twin::Broken(other, _)) if other == a => "broken",
                None => "other",
                Some(twin) => panic!("{twin:?}"),
            };
            assert_eq!(found, expected, "{} and {}", plain.len(), packed.len());
            assert!(twins.find(&a).is_none());
        }
    }

    #[test]
    fn of_two_packed_ones_the_first_by_name_is_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let twins = Twins::default();
        let names = ["a.gz", "a.zst", "b.gz"].map(|name| directory.path().join(name));
        let text = b"{\"n\":1}\n{\"n\":2}\n";
        std::fs::write(&names[0], gzip(text)).expect("written");
        std::fs::write(&names[1], zstd::encode_all(&text[..], 1).expect("memory"))
            .expect("written");
        std::fs::write(&names[2], gzip(text)).expect("written");
        for name in &names {
            twins.name(name);
        }
        assert!(twins.find(&names[0]).is_none());
        assert!(matches!(twins.find(&names[1]), Some(Twin::Of(other)) if other == names[0]));
        assert!(
            twins.find(&names[2]).is_none(),
            "another name is another log"
        );
    }
}
