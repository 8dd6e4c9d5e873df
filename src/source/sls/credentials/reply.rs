//! What credentials are told by: answers read within bounds, and names that may be repeated in a message.

/// A name from a file of credentials, as it can be said. What stands in its place in a file that is broken may be a secret:
/// those have other characters, or are longer.
pub(super) fn named(name: &str) -> &str {
    let is_usual = |c: char| c.is_alphanumeric() || ". _-@:".contains(c);
    if name.chars().count() <= 64 && name.chars().all(is_usual) {
        name
    } else {
        "…"
    }
}

/// The same of a word of the file's own, such as a mode.
pub(super) fn word(word: &str) -> &str {
    let is_usual = word.len() <= 24 && word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    if is_usual { word } else { "…" }
}

/// Bytes of an answer that are read: keys take less.
const MOST: usize = 1 << 16;

/// The text of an answer that hands out keys. Of one that is longer than they are the start is enough, to be refused.
pub(super) async fn text(mut answer: reqwest::Response) -> reqwest::Result<String> {
    let mut bytes = Vec::new();
    while bytes.len() <= MOST
        && let Some(chunk) = answer.chunk().await?
    {
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(MOST);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
