//! Drawing of help: the page in two columns if the width allows it, the list of all commands in one.

use ratatui::buffer::Buffer;

use super::frame;
use super::help::{Entry, Help};
use crate::theme::Role;
use crate::widgets::{Canvas, Look, text};

/// Minimum width for two columns on the page, and the gap between them, in cells.
const TWO: u16 = 70;
const APART: u16 = 2;

/// Column of the explanations in the list, and width of the command names if there is room for them.
const DOC: u16 = 21;
const NAME: u16 = 24;

/// Maximum width of the keys on the page, in cells.
const KEYS: usize = 20;

/// Column of the explanation of a filter form, in a box that is wide enough.
const FINDS: u16 = 36;

fn name_width(width: u16) -> u16 {
    if width >= 90 { NAME } else { 0 }
}

/// Line with its position: its column, and its distance from the first row.
struct Line<'a> {
    column: u16,
    y: usize,
    what: What<'a>,
}

enum What<'a> {
    Title(&'a str),
    /// First line of a row: the row's number, the column of its explanation, and the first line of that explanation.
    Row {
        entry: &'a Entry,
        at: usize,
        keys: u16,
        doc: String,
    },
    /// Further line of an explanation.
    More {
        keys: u16,
        doc: String,
    },
}

/// Number of columns, and the width of each.
fn columns(help: &Help, width: u16) -> (u16, u16) {
    if help.whole || width < TWO {
        (1, width)
    } else {
        (2, (width - APART) / 2)
    }
}

/// Arranges all lines for a box of `width` cells.
fn lines(help: &Help, width: u16) -> Vec<Line<'_>> {
    let (count, wide) = columns(help, width);
    let sections = help.shown();
    let mut at = 0;
    let mut blocks = Vec::new();
    for (title, entries) in &sections {
        let mut block = vec![What::Title(title)];
        for entry in entries {
            row(help, entry, at, wide, &mut block);
            at += 1;
        }
        blocks.push(block);
    }
    let split = if count == 1 {
        blocks.len()
    } else {
        split(&blocks)
    };
    let mut lines = Vec::new();
    let mut y = 0;
    for (number, block) in blocks.into_iter().enumerate() {
        let column = u16::from(number >= split);
        y = if number == split { 0 } else { y };
        for what in block {
            lines.push(Line { column, y, what });
            y += 1;
        }
        y += 1;
    }
    if !help.whole {
        align(&mut lines, wide);
    }
    lines
}

/// Number of blocks in the first column such that the longer column is as short as possible.
fn split(blocks: &[Vec<What<'_>>]) -> usize {
    let height =
        |blocks: &[Vec<What<'_>>]| blocks.iter().map(|block| block.len() + 1).sum::<usize>();
    let higher = |at: &usize| height(&blocks[..*at]).max(height(&blocks[*at..]));
    (1..=blocks.len()).min_by_key(higher).unwrap_or(0)
}

/// Adds the lines of a row to its block.
fn row<'a>(help: &Help, entry: &'a Entry, at: usize, wide: u16, block: &mut Vec<What<'a>>) {
    if !help.whole {
        let (keys, doc) = (0, entry.doc.clone());
        block.push(What::Row {
            entry,
            at,
            keys,
            doc,
        });
        return;
    }
    // A filter form is never cut.
    let long = entry.name.is_empty() && text::width(&entry.keys) as u16 + 3 > DOC;
    let below = long && name_width(wide) == 0;
    let keys = if long && !below { FINDS } else { DOC };
    let names = if entry.name.is_empty() {
        0
    } else {
        name_width(wide)
    };
    let room = usize::from(wide.saturating_sub(keys + names + 1));
    let mut docs = text::wrap(&entry.doc, room).into_iter();
    let doc = if below { None } else { docs.next() };
    let doc = doc.unwrap_or_default();
    block.push(What::Row {
        entry,
        at,
        keys,
        doc,
    });
    block.extend(docs.map(|doc| What::More { keys, doc }));
}

/// Aligns the explanations in each column of the page.
fn align(lines: &mut [Line<'_>], wide: u16) {
    for column in 0..2 {
        let own = |line: &&mut Line<'_>| line.column == column;
        let width = |line: &mut Line<'_>| match &line.what {
            What::Row { entry, .. } => text::width(&entry.keys).min(KEYS),
            _ => 0,
        };
        let widest = lines.iter_mut().filter(own).map(width).max().unwrap_or(0);
        let start = (widest as u16 + 4).min(wide);
        for line in lines.iter_mut().filter(own) {
            if let What::Row { keys, .. } = &mut line.what {
                *keys = start;
            }
        }
    }
}

/// Row numbers with their columns and distances from the first row.
fn places(help: &Help, width: u16) -> Vec<(usize, u16, usize)> {
    let place = |line: &Line<'_>| match line.what {
        What::Row { at, .. } => Some((at, line.column, line.y)),
        _ => None,
    };
    lines(help, width).iter().filter_map(place).collect()
}

/// Number of rows that a page key moves by, such that no row is skipped unseen.
pub(super) fn page(help: &Help, (width, room): (u16, usize)) -> usize {
    let rows = places(help, width);
    let Some((_, column, y)) = rows.iter().find(|(at, ..)| *at == help.cursor.at) else {
        return room;
    };
    let near = |after: bool| {
        let own = rows
            .iter()
            .filter(|(at, of, _)| of == column && (*at > help.cursor.at) == after);
        own.filter(|(.., at)| at.abs_diff(*y) + 2 < room).count()
    };
    match (near(true), near(false).saturating_sub(1)) {
        (after, 0) => after,
        (0, before) => before,
        (after, before) => after.min(before),
    }
}

/// Row in the column at the left or the right that is nearest to the cursor; `None` if there is no such column.
pub(super) fn across(help: &Help, (width, _): (u16, usize), by: isize) -> Option<usize> {
    let rows = places(help, width);
    let (_, column, y) = *rows.iter().find(|(at, ..)| *at == help.cursor.at)?;
    let wanted = column.checked_add_signed(i16::try_from(by).ok()?)?;
    let there = rows.iter().filter(|(_, column, _)| *column == wanted);
    there
        .min_by_key(|(.., at)| at.abs_diff(y))
        .map(|(at, ..)| *at)
}

pub(super) fn draw(help: &Help, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
    let title = if help.whole {
        "HELP  all commands".to_owned()
    } else {
        format!("HELP  {}", help.place)
    };
    let mut canvas = frame::draw(&title, look, buf);
    let (width, height) = (canvas.width(), canvas.height());
    let legend = if help.whole || !help.signs {
        Vec::new()
    } else {
        legend(width)
    };
    let low = legend.len() as u16;
    let bottom = if low > 0 && height > low + 8 {
        low + 1
    } else {
        0
    };
    if bottom > 0 {
        for (y, signs) in (height - low..).zip(&legend) {
            draw_signs(signs, y, &mut canvas);
        }
    }
    let mut place = None;
    let mut top = 0;
    if let Some(find) = &help.find {
        let (shown, cursor) = find.visible(usize::from(width.saturating_sub(3)));
        canvas.text(0, 0, "/", Role::Prompt);
        canvas.text(2, 0, &shown, Role::Text);
        let (x, y) = canvas.origin();
        place = help.typing.then_some((x + 2 + cursor as u16, y));
        top = 2;
    }
    let mut rows = canvas.inset(0, top, width, height.saturating_sub(top + bottom));
    draw_rows(help, &mut rows);
    place
}

fn draw_rows(help: &Help, canvas: &mut Canvas<'_>) {
    let (width, room) = (canvas.width(), usize::from(canvas.height()));
    let lines = lines(help, width);
    if lines.is_empty() {
        let other = if help.whole {
            "No command matches."
        } else {
            "Nothing on this page matches; ? searches all commands."
        };
        canvas.text(0, 0, other, Role::Dim);
        return;
    }
    let (_, wide) = columns(help, width);
    let focused =
        |line: &&Line<'_>| matches!(line.what, What::Row { at, .. } if at == help.cursor.at);
    let cursor = lines.iter().find(focused).map_or(0, |line| line.y);
    // The end of the longer column limits scrolling.
    let high = lines.iter().map(|line| line.y + 1).max().unwrap_or(0);
    let top = (cursor + 2)
        .saturating_sub(room)
        .min(high.saturating_sub(room));
    for line in lines
        .iter()
        .filter(|line| line.y >= top && line.y < top + room)
    {
        let x = line.column * (wide + APART);
        let y = (line.y - top) as u16;
        let mut cells = canvas.inset(x, y, wide, 1);
        match &line.what {
            What::Title(title) => {
                cells.text(0, 0, title, Role::TitleFocused);
            }
            What::Row {
                entry,
                at,
                keys,
                doc,
            } => {
                let room = usize::from(if doc.is_empty() {
                    wide
                } else {
                    keys.saturating_sub(3)
                });
                cells.text(2, 0, &text::clip(&entry.keys, room), Role::HintKey);
                cells.text(*keys, 0, doc, Role::Overlay);
                if help.whole && name_width(wide) > 0 {
                    cells.text(wide - NAME + 1, 0, entry.name, Role::Dim);
                }
                if *at == help.cursor.at {
                    cells.cursor_row(0);
                }
            }
            What::More { keys, doc } => {
                cells.text(*keys, 0, doc, Role::Overlay);
            }
        }
    }
}

/// Legend of the page: symbols with a short meaning.
const LEGEND: [(&str, &str); 10] = [
    ("▸", "cursor"),
    ("!", "failed"),
    ("★", "first seen"),
    ("m", "marked"),
    ("···", "gap"),
    ("5 ≠", "distinct values"),
    ("~12", "still counting"),
    ("—", "missing"),
    ("\"\"", "empty"),
    ("user*", "derived"),
];

type Signs = Vec<(&'static str, &'static str)>;

/// Arranges the legend in lines of `width` cells.
fn legend(width: u16) -> Vec<Signs> {
    let mut lines: Vec<Signs> = Vec::new();
    let mut used = usize::from(u16::MAX);
    for (sign, word) in LEGEND {
        let wide = text::width(sign) + 1 + text::width(word) + 2;
        if used + wide > usize::from(width) + 2 {
            lines.push(Vec::new());
            used = 0;
        }
        used += wide;
        lines.last_mut().expect("pushed").push((sign, word));
    }
    lines
}

fn draw_signs(signs: &[(&str, &str)], y: u16, canvas: &mut Canvas<'_>) {
    let mut x = 0;
    for (sign, word) in signs {
        x = canvas.text(x, y, sign, Role::HintKey);
        x = canvas.text(x + 1, y, word, Role::Dim) + 2;
    }
}
