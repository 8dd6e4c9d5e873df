//! Box with the choices of a prompt, in sections.

use super::frame;
use crate::theme::Role;
use crate::widgets::{Area, Look, text};
use ratatui::buffer::Buffer;

/// Row of the box: a choice, or the heading of a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) text: String,
    /// Meaning of the choice, beside its text.
    pub(super) meaning: String,
    /// Count at the right.
    pub(super) note: String,
    pub(super) is_heading: bool,
}

impl Row {
    pub(super) fn heading(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            is_heading: true,
            ..Self::default()
        }
    }
}

/// Moves in the choices of a prompt. The position before the first one, `None`, is the text itself.
pub(super) fn step(selected: Option<usize>, choices: usize, down: bool) -> Option<usize> {
    match (selected, down) {
        (None, true) => (choices > 0).then_some(0),
        (Some(at), true) => Some((at + 1).min(choices.saturating_sub(1))),
        (Some(at), false) => at.checked_sub(1),
        (None, false) => None,
    }
}

/// Maximum width of the texts of choices.
const TEXT: usize = 48;

/// Draws the box at the top or the bottom of an area, as small as its rows allow; `selected` is the index of a row. The
/// end of a longer list is counted in the last line.
pub(super) fn draw(
    title: &str,
    (rows, selected): (&[Row], Option<usize>),
    area: Area,
    at_top: bool,
    look: &Look<'_>,
    buf: &mut Buffer,
) {
    if rows.is_empty() || area.height < 3 || area.width < 12 {
        return;
    }
    let widest = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let label = widest(|row| text::width(&row.text) * usize::from(!row.is_heading)).min(TEXT);
    let meaning = widest(|row| text::width(&row.meaning));
    let note = widest(|row| text::width(&row.note));
    let sum = 2 + label + 2 * usize::from(meaning > 0) + meaning + 2 * usize::from(note > 0) + note;
    let wide = (sum + 5).max(text::width(title) + 8);
    let high = rows.len().min(usize::from(area.height - 2)) as u16;
    let area = Area {
        width: wide.min(usize::from(area.width)) as u16,
        height: high + 2,
        y: if at_top {
            area.y
        } else {
            area.y + area.height - (high + 2)
        },
        ..area
    };
    let mut canvas = frame::draw_in(area, title, look, buf);
    let (width, mut shown) = (canvas.width(), usize::from(high));
    let hidden = rows.len() > shown;
    if hidden {
        shown = shown.saturating_sub(1).max(1);
    }
    let top = selected.map_or(0, |at| (at + 1).saturating_sub(shown));
    for (y, (at, row)) in (0..).zip(rows.iter().enumerate().skip(top).take(shown)) {
        if row.is_heading {
            canvas.text(0, y, &row.text, Role::Title);
            continue;
        }
        let end = match row.note.as_str() {
            "" => width,
            note => canvas.text_before(width, y, note, Role::Count),
        };
        let room = usize::from(end.saturating_sub(3)).min(label);
        canvas.text(2, y, &text::clip_middle(&row.text, room), Role::Overlay);
        let x = 2 + label as u16 + 2 * u16::from(label > 0);
        let room = usize::from(end.saturating_sub(x + 1));
        canvas.text(x, y, &text::clip(&row.meaning, room), Role::Dim);
        if selected == Some(at) {
            canvas.cursor_row(y);
        }
    }
    if hidden {
        let rest = rows[(top + shown).min(rows.len())..].iter();
        let more = rest.filter(|row| !row.is_heading).count();
        if more > 0 {
            canvas.text(
                2,
                high - 1,
                &format!("{} {more} more", look.glyphs.ellipsis),
                Role::Dim,
            );
        }
    }
}
