//! Sanitised graphemes: the unit in which text is measured, clipped and stepped through.
//!
//! This is the only place that decides what a terminal may see; the rest of `text` puts clusters together.

use std::borrow::Cow;
use std::fmt::Write as _;

use ratatui::buffer::CellWidth as _;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthChar as _;

use super::ambiguous;

/// Characters without a width of their own that one grapheme may carry; more are cut off visibly.
const MARKS: usize = 8;
/// Characters of one grapheme in all. The longest emoji sequences have eleven.
const CHARS: usize = 16;

/// How hidden characters are spelled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Control pictures such as `␛`, one cell each; `\u{202e}` where there is no picture.
    Pictures,
    /// `\x1b` and `\u{202e}`.
    Ascii,
}

/// One grapheme of a text, safe to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cluster<'a> {
    /// Byte offset of the grapheme in the original text.
    pub(crate) start: usize,
    /// Bytes of the original text.
    pub(crate) len: usize,
    /// What is drawn for it.
    pub(crate) text: Cow<'a, str>,
}

impl Cluster<'_> {
    /// Cells it takes.
    pub(crate) fn width(&self) -> usize {
        let cells = usize::from(self.text.cell_width());
        if cells == 1 && ambiguous::are_wide() && ambiguous::is_ambiguous(&self.text) {
            return 2;
        }
        cells
    }
}

/// The text, grapheme by grapheme, with everything hidden spelled out.
pub(crate) fn clusters(text: &str) -> impl DoubleEndedIterator<Item = Cluster<'_>> {
    spelled(text, Spelling::Pictures)
}

/// [`clusters`] with a choice of spelling.
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

/// The start of a grapheme that is within [`MARKS`] and [`CHARS`], and whether anything was cut.
fn within_limits(grapheme: &str) -> (&str, bool) {
    let mut marks = 0;
    for (number, (at, c)) in grapheme.char_indices().enumerate() {
        marks += usize::from(is_mark(c));
        if marks > MARKS || number == CHARS {
            return (&grapheme[..at], true);
        }
    }
    (grapheme, false)
}

/// Every character with whether it may be shown as it is. A mark may only follow something it can sit on,
/// or it would change the cell before the text.
fn visible_chars(grapheme: &str) -> impl Iterator<Item = (char, bool)> {
    let mut base = None;
    grapheme.char_indices().map(move |(at, c)| {
        let visible = match c {
            // Part of an emoji sequence or an Indic conjunct: what it joins to is in the same grapheme.
            '\u{200d}' => {
                let next = grapheme[at + c.len_utf8()..].chars().next();
                joins(base) && next.is_some_and(|next| !is_mark(next))
            }
            '\u{fe0e}' | '\u{fe0f}' => joins(base),
            c if is_hidden(c) => false,
            c if is_mark(c) => base.is_some(),
            _ => true,
        };
        if !visible {
            base = None;
        } else if !is_mark(c) {
            base = Some(c);
        }
        (c, visible)
    })
}

/// Joiners and presentation selectors mean nothing after ASCII; there they only make look-alikes.
fn joins(base: Option<char>) -> bool {
    base.is_some_and(|base| !base.is_ascii())
}

fn is_mark(c: char) -> bool {
    c.width().unwrap_or(0) == 0
}

/// Characters that act on a terminal, reorder text, or cannot be seen.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{70f}' | '\u{115f}' | '\u{1160}'
            | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
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
