//! Watchlist files behind `field in @file`: read as a whole, up to a limit. [`crate::query::ValueSet`] parses their
//! lines.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::query::Node;
use crate::source::Spec;

/// Maximum size of a watchlist in bytes: a million lines and more.
const LARGEST: u64 = 64 << 20;

/// Diagnostics file, which cannot be a watchlist.
static DIAGNOSTICS: OnceLock<PathBuf> = OnceLock::new();

/// Rejects a file as a watchlist from now on: the program writes its diagnostics to it.
pub fn refuse_watchlist(path: &Path) {
    let _ = DIAGNOSTICS.set(path.to_owned());
}

/// Watchlist files of several queries. Each is read once, because a pipe can be read only once.
#[derive(Debug, Default)]
pub struct Watchlists {
    /// Content by path as typed.
    texts: HashMap<String, Result<String, String>>,
}

impl Watchlists {
    /// Loads the watchlists of a query from their files. The error names the file. Blocks while reading: never call it
    /// on the screen's thread.
    pub fn load(&mut self, query: &mut Node) -> Result<(), String> {
        let mut text = |path: &str| {
            let known = self.texts.entry(path.to_owned());
            known.or_insert_with(|| read(path)).clone()
        };
        query.load(&mut text).map_err(|error| error.to_string())
    }
}

/// Loads the watchlists of one query; see [`Watchlists::load`].
pub fn load_watchlists(query: &mut Node) -> Result<(), String> {
    Watchlists::default().load(query)
}

fn read(path: &str) -> Result<String, String> {
    let reported = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        _ => error.to_string(),
    };
    let written = |log: &Path| Spec::File(path.into()).reads(log);
    if DIAGNOSTICS.get().is_some_and(|log| written(log)) {
        return Err(
            "is also the --log-file, which receives diagnostics; choose another --log-file"
                .to_owned(),
        );
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(reported)?;
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(reported)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("is larger than {} MB", LARGEST >> 20));
    }
    decoded(bytes).ok_or_else(|| {
        "is not UTF-8 text, nor UTF-16 with a byte order mark; save it as UTF-8".to_owned()
    })
}

/// Decodes UTF-8, or UTF-16 with a byte order mark, as written by Windows editors and shells.
fn decoded(bytes: Vec<u8>) -> Option<String> {
    let read: fn([u8; 2]) -> u16 = match bytes.get(..2) {
        Some([0xff, 0xfe]) => u16::from_le_bytes,
        Some([0xfe, 0xff]) => u16::from_be_bytes,
        _ => return String::from_utf8(bytes).ok(),
    };
    let (pairs, rest) = bytes[2..].as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| read(*pair)).collect();
    rest.is_empty().then(|| String::from_utf16(&units).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{CatalogueNames, parse};

    fn load(path: &str) -> Result<Node, String> {
        let text = format!("user in @\"{path}\" or not ip in @\"{path}\"");
        let mut query = parse(&text, &CatalogueNames::default()).expect("reads");
        assert!(query.wants_files());
        load_watchlists(&mut query).map(|()| query)
    }

    #[test]
    fn every_list_of_a_query_is_read_or_the_file_named_that_cannot_be() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("list");
        let text = path.to_str().expect("UTF-8");
        let error = load(text).expect_err("not there yet");
        assert!(
            error.contains(text) && error.ends_with("no such file"),
            "{error}"
        );
        let error = load(directory.path().to_str().expect("UTF-8")).expect_err("a directory");
        assert!(error.ends_with("is a directory"), "{error}");
        std::fs::write(&path, [b'a', 0xff]).expect("written");
        assert!(
            load(text)
                .expect_err("no text")
                .contains("is not UTF-8 text")
        );
        std::fs::write(&path, "# all of it\n\n").expect("written");
        assert!(
            load(text)
                .expect_err("no value")
                .ends_with("contains no values, so nothing can match it")
        );
        std::fs::write(&path, "10.0.0.1\n10.0.0.0/33\n").expect("written");
        let error = load(text).expect_err("no network");
        assert!(
            error.starts_with(&format!(
                "{text}:2: \"10.0.0.0/33\" is not a valid address or network;"
            )),
            "{error}"
        );
        for to in [u16::to_le_bytes, u16::to_be_bytes] {
            let units = "\u{feff}10.0.0.0/8\r\n".encode_utf16();
            std::fs::write(&path, units.flat_map(to).collect::<Vec<u8>>()).expect("written");
            assert!(!load(text).expect("reads").wants_files());
        }
        std::fs::write(&path, "10.0.0.0/8\n").expect("written");
        assert!(!load(text).expect("reads").wants_files());
    }
}
