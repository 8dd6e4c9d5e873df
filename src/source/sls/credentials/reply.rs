//! Safe handling of replies: responses read with a limit, and names that may be repeated in a message.

/// Returns a name from a credentials file for display. In a broken file a secret may be in its place: secrets have
/// other characters, or are longer.
pub(super) fn named(name: &str) -> &str {
    let is_usual = |c: char| c.is_alphanumeric() || ". _-@:".contains(c);
    if name.chars().count() <= 64 && name.chars().all(is_usual) {
        name
    } else {
        "…"
    }
}

/// Like [`named`], for a keyword of the file such as a mode.
pub(super) fn word(word: &str) -> &str {
    let is_usual = word.len() <= 24 && word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    if is_usual { word } else { "…" }
}

/// Most bytes of a response that are read: keys need fewer.
const MOST: usize = 1 << 16;

/// Returns the text of a response with keys. Of a longer response the start is enough to reject it.
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
