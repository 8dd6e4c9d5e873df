//! Sanitised graphemes: the unit of measuring, clipping and stepping through text.
//!
//! [`crate::model::visible`] decides the visible form of a grapheme; the rest of `text` combines clusters.

use std::borrow::Cow;
use std::fmt::Write as _;

use ratatui::buffer::CellWidth as _;
use unicode_segmentation::UnicodeSegmentation as _;

use super::ambiguous;
use crate::model::{visible_chars, within_limits};

/// Notation of hidden characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Control pictures such as `␛`, one cell each; `\u{202e}` if there is no picture.
    Pictures,
    /// `\x1b` and `\u{202e}`.
    Ascii,
}

/// One grapheme of a text, safe to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cluster<'a> {
    /// Byte offset of the grapheme in the original text.
    pub(crate) start: usize,
    /// Length in bytes in the original text.
    pub(crate) len: usize,
    /// The text drawn for it.
    pub(crate) text: Cow<'a, str>,
}

impl Cluster<'_> {
    /// Returns the width in cells.
    pub(crate) fn width(&self) -> usize {
        let cells = usize::from(self.text.cell_width());
        if cells == 1 && ambiguous::are_wide() && ambiguous::is_ambiguous(&self.text) {
            return 2;
        }
        cells
    }
}

/// Iterates over the graphemes of a text, with hidden characters spelled out.
pub(crate) fn clusters(text: &str) -> impl DoubleEndedIterator<Item = Cluster<'_>> {
    spelled(text, Spelling::Pictures)
}

/// Iterates as [`clusters`] does, with a choice of notation.
pub(crate) fn spelled(
    text: &str,
    spelling: Spelling,
) -> impl DoubleEndedIterator<Item = Cluster<'_>> {
    text.grapheme_indices(true)
        .map(move |(start, grapheme)| Cluster {
            start,
            len: grapheme.len(),
            text: safe(grapheme, spelling),
        })
}

fn safe(grapheme: &str, spelling: Spelling) -> Cow<'_, str> {
    if let [b' '..=b'~'] = grapheme.as_bytes() {
        return Cow::Borrowed(grapheme);
    }
    let (kept, cut) = within_limits(grapheme);
    if !cut && visible_chars(kept).all(|(_, visible)| visible) {
        return Cow::Borrowed(grapheme);
    }
    let mut out = String::with_capacity(kept.len() + 8);
    for (c, visible) in visible_chars(kept) {
        if visible {
            out.push(c);
        } else {
            spell(&mut out, c, spelling);
        }
    }
    if cut {
        out.push_str(match spelling {
            Spelling::Pictures => "…",
            Spelling::Ascii => "..",
        });
    }
    Cow::Owned(out)
}

fn spell(out: &mut String, c: char, spelling: Spelling) {
    match (c, spelling) {
        ('\0'..='\x1f', Spelling::Pictures) => {
            out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('?'));
        }
        ('\x7f', Spelling::Pictures) => out.push('␡'),
        ('\0'..='\x1f' | '\x7f', Spelling::Ascii) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        }
        _ => out.extend(c.escape_unicode()),
    }
}
