//! The files behind `field in @file`: read whole, within bounds. What a line of one means is decided by
//! [`crate::query::ValueSet`].

use std::fs::File;
use std::io::{self, Read as _};

use crate::query::Node;

/// Bytes of a watchlist: a million lines and more.
const LARGEST: u64 = 64 << 20;

/// Reads the files that `field in @file` names. An error names the file. Takes as long as reading takes: not to
/// be called where a screen waits.
pub fn load_watchlists(query: &mut Node) -> Result<(), String> {
    query
        .load(&mut |path| read(path))
        .map_err(|(path, reason)| format!("watchlist {}: {reason}", crate::model::visible(&path)))
}

fn read(path: &str) -> Result<String, String> {
    let told = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::InvalidData => "is no text in UTF-8".to_owned(),
        _ => error.to_string(),
    };
    let mut text = String::new();
    let file = File::open(path).map_err(told)?;
    file.take(LARGEST + 1)
        .read_to_string(&mut text)
        .map_err(told)?;
    if text.len() as u64 > LARGEST {
        return Err(format!("is larger than {} MB", LARGEST >> 20));
    }
    Ok(text)
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
        std::fs::write(&path, [0xff, 0xfe]).expect("written");
        assert!(load(text).expect_err("no text").ends_with("UTF-8"));
        std::fs::write(&path, "10.0.0.0/8\n").expect("written");
        assert!(!load(text).expect("reads").wants_files());
    }
}
