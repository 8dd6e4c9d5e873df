//! Sanitising of whole texts. For a column of known width use `clip` or `fit`, which read only the start.

use std::borrow::Cow;

use super::cluster::{Spelling, spelled};

/// Makes visible everything that a terminal would interpret or hide: control bytes become pictures (`␛`); marks that
/// reorder text, zero-width and tag characters become `\u{202e}`. A grapheme keeps at most eight combining marks, the
/// rest is cut with `…`. Text that is already safe is returned unchanged.
///
/// Cost: one pass over the whole text.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    sanitise_with(text, Spelling::Pictures)
}

/// Sanitises like [`sanitise`], with control bytes in ASCII (`\x1b`). Printable text in other scripts does not change.
pub fn sanitise_ascii(text: &str) -> Cow<'_, str> {
    sanitise_with(text, Spelling::Ascii)
}

/// Returns true if every byte is one printable cell, so that bytes, characters and cells coincide.
pub(super) fn is_simple(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

fn sanitise_with(text: &str, spelling: Spelling) -> Cow<'_, str> {
    if is_simple(text) {
        return Cow::Borrowed(text);
    }
    let mut clusters = spelled(text, spelling);
    let Some(first) = clusters.find(|c| matches!(c.text, Cow::Owned(_))) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first.start]);
    out.push_str(&first.text);
    out.extend(clusters.map(|c| c.text));
    Cow::Owned(out)
}
