//! Whole texts made safe. For a column of known width use `clip` or `fit`, which look only at the start.

use std::borrow::Cow;

use super::cluster::{Spelling, spelled};

/// The text with everything a terminal would obey or hide made visible: control bytes as pictures (`␛`),
/// marks that reorder text, zero-width and tag characters as `\u{202e}`; at most eight combining marks a
/// grapheme, the rest cut with `…`. Text that is safe already is returned as it is.
///
/// Cost: one pass over the whole text.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    sanitise_with(text, Spelling::Pictures)
}

/// [`sanitise`] where control bytes are spelled in ASCII (`\x1b`). Printable text in other scripts stays.
pub fn sanitise_ascii(text: &str) -> Cow<'_, str> {
    sanitise_with(text, Spelling::Ascii)
}

/// Whether every byte is one printable cell, so that bytes, characters and cells are the same thing.
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
