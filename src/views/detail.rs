//! Drawing of the detail pane: fields in one or two columns, the raw record, or a line or two if space is short.

use std::fmt::Write as _;

use super::highlight;
use crate::app::App;
use crate::app::layout::{Layout, PaneId};
use crate::model::name;
use crate::model::time::SECOND;
use crate::panes::detail::{Entry, Face};
use crate::panes::list;
use crate::theme::Role;
use crate::widgets::{Canvas, text};

/// Width of the field names in cells.
const NAME: u16 = 17;

pub(super) fn draw(app: &App, layout: &Layout, canvas: &mut Canvas<'_>) {
    let focused = app.screen.focus == PaneId::Detail;
    let (brief, side) = (layout.brief, layout.side);
    let (width, height) = (canvas.width(), canvas.height());
    if side {
        let rule = super::rule_beside(app, PaneId::Detail);
        for y in 0..height {
            canvas.text(0, y, canvas.glyphs().vline, rule);
        }
    }
    let left = u16::from(side);
    let mut canvas = canvas.inset(left, 0, width.saturating_sub(left), height);
    heading(app, focused, brief, &mut canvas);
    let mut body = canvas.inset(
        1,
        1,
        width.saturating_sub(left + 1),
        height.saturating_sub(1),
    );
    if brief {
        return summary(app, &mut body);
    }
    if app.panes.detail.detail().is_none() || app.panes.list.focused().is_none() {
        return;
    }
    match app.panes.detail.face {
        Face::Fields => fields(app, focused, &mut body),
        Face::Pretty | Face::AsRead => raw(app, &mut body),
    }
}

/// Draws `─ EVENT 771/1,204  audit.jsonl ──────── 24 fields · 6 empty ─`.
fn heading(app: &App, focused: bool, brief: bool, canvas: &mut Canvas<'_>) {
    let about = if app.is_provisional() { "~" } else { "" };
    let mut title = "EVENT".to_owned();
    if let Some(rank) = app.panes.list.rank() {
        let _ = write!(
            title,
            " {}/{about}{}",
            text::grouped(rank + 1),
            text::grouped(app.results.counts.matched)
        );
    }
    // The list shows times of day only; the date is always shown here.
    if let Some(row) = app.panes.list.focused()
        && let Some(time) = row.time
    {
        let _ = write!(title, "  {}", app.clock.zone.date(time, row.offset));
    }
    let mut right = String::new();
    if let Some(detail) = app
        .panes
        .detail
        .detail()
        .filter(|_| !brief && app.panes.list.focused().is_some())
    {
        right = match app.panes.detail.face {
            Face::Fields => {
                let entries = app.panes.detail.entries().len();
                let rows = usize::from(canvas.height().saturating_sub(1));
                let inside = canvas.width().saturating_sub(1);
                let more = !focused && entries.div_ceil(columns(inside, entries, rows)) > rows;
                let scroll = if more { " · J K scroll" } else { "" };
                format!(
                    "{entries} fields · {} empty{scroll}",
                    app.panes.detail.blank()
                )
            }
            Face::Pretty => format!("record, {} lines", app.panes.detail.raw().len()),
            Face::AsRead => "as read".to_owned(),
        };
        let source = detail.source.rsplit('/').next().unwrap_or_default();
        let used = text::width(&title) + text::width(&right) + 8;
        let room = usize::from(canvas.width()).saturating_sub(used);
        if room >= 6 {
            let _ = write!(title, "  {}", text::clip_middle(source, room));
        }
    }
    canvas.heading(0, &title, &right, focused);
}

/// Draws the values that the list does not show, in the available rows.
fn summary(app: &App, canvas: &mut Canvas<'_>) {
    let Some(row) = app.panes.list.focused() else {
        return;
    };
    let value = |field: &str| list::columns::value(row, field).filter(|value| !value.is_empty());
    let fields = [
        name::USER,
        name::CREDENTIAL,
        name::NETWORK,
        name::IP,
        name::CLIENT,
        name::INSTANCE,
    ];
    let width = usize::from(canvas.width());
    let firsts = app.firsts_here();
    let star = canvas.glyphs().first_seen;
    let part = |field: &str| {
        let sign = if firsts.contains(&field) { star } else { "" };
        value(field).map(|value| format!("{value}{sign}"))
    };
    let words = app.looked_back().filter(|_| !firsts.is_empty());
    let words = words.map(|long| format!("{star} first in loaded data ({long})"));
    let (mut line, mut y) = (String::new(), 0);
    for part in fields.into_iter().filter_map(part) {
        if !line.is_empty()
            && text::width(&line) + text::width(&part) + 2 > width
            && y + 1 < canvas.height()
        {
            canvas.text(0, y, &line, Role::Text);
            line.clear();
            y += 1;
        }
        line += &part;
        line += "  ";
    }
    let end = canvas.text(0, y, line.trim_end(), Role::Text);
    if let Some(words) = words
        && usize::from(end) + 2 + text::width(&words) <= width
    {
        canvas.text(end + 2, y, &words, Role::FirstSeen);
    }
}

fn fields(app: &App, focused: bool, canvas: &mut Canvas<'_>) {
    let entries = app.panes.detail.entries();
    let meaning = if app.panes.detail.meaning {
        meaning(app, usize::from(canvas.width()))
    } else {
        Vec::default()
    };
    let below = (meaning.len() as u16).min(canvas.height() / 2);
    let height = canvas.height() - below;
    let columns = columns(canvas.width(), entries.len(), usize::from(height));
    let lines = lines(entries, columns, height);
    let rows = lines.len().div_ceil(columns);
    let cursor = app.panes.detail.cursor();
    let place = lines
        .iter()
        .position(|line| *line == Shown::Entry(cursor))
        .unwrap_or(0);
    let top = first_row(place % rows.max(1), rows, usize::from(height));
    let wide = canvas.width() / columns as u16;
    for (at, line) in lines.iter().enumerate() {
        let (column, row) = (at / rows, at % rows);
        let Some(y) = row.checked_sub(top).filter(|y| *y < usize::from(height)) else {
            continue;
        };
        let mut cell = canvas.inset(column as u16 * wide, y as u16, wide.saturating_sub(1), 1);
        match line {
            Shown::Group(group) => {
                cell.text(0, 0, group, Role::Dim);
            }
            Shown::Entry(index) => {
                entry(app, &entries[*index], &mut cell);
                if *index == cursor {
                    let role = if focused { Role::Cursor } else { Role::Text };
                    cell.tint(0, 0, wide, role);
                }
            }
        }
    }
    for (y, (line, role)) in (height..).zip(meaning.iter().take(usize::from(below))) {
        canvas.text(0, y, line, *role);
    }
}

/// Number of field columns: two if they fit into `cells` and one would be too long, since one cuts fewer values.
fn columns(cells: u16, entries: usize, rows: usize) -> usize {
    if cells >= 84 && entries > rows { 2 } else { 1 }
}

/// Line of the field list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Group(&'static str),
    Entry(usize),
}

/// Arranges the fields, with group headings if there is room.
fn lines(entries: &[Entry], columns: usize, height: u16) -> Vec<Shown> {
    let groups = entries.chunk_by(|a, b| a.group == b.group).count();
    let roomy = columns == 1 && entries.len() + groups <= usize::from(height);
    let mut lines = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        if roomy && (at == 0 || entries[at - 1].group != entry.group) {
            lines.push(Shown::Group(entry.group));
        }
        lines.push(Shown::Entry(at));
    }
    lines
}

/// First visible row, such that the focused one is in the middle, without empty rows at the end.
fn first_row(focused: usize, rows: usize, height: usize) -> usize {
    focused
        .saturating_sub(height / 2)
        .min(rows.saturating_sub(height))
}

fn entry(app: &App, entry: &Entry, canvas: &mut Canvas<'_>) {
    let mut name = entry.title.to_string();
    if entry.derived {
        name.push('*');
    }
    canvas.text(
        1,
        0,
        &text::clip(&name, usize::from(NAME) - 1),
        Role::FieldName,
    );
    if app
        .panes
        .detail
        .find
        .as_deref()
        .is_some_and(|text| !text.is_empty() && entry.has(text))
    {
        canvas.tint(
            1,
            0,
            text::width(&name).min(usize::from(NAME) - 1) as u16,
            Role::Match,
        );
    }
    let empty = canvas.glyphs().empty;
    let (shown, role) = match entry.value.as_deref() {
        None => (empty.to_owned(), Role::FieldEmpty),
        Some("") => ("\"\"".to_owned(), Role::FieldEmpty),
        Some(value) => (
            value.to_owned(),
            if entry.derived {
                Role::Derived
            } else {
                Role::Text
            },
        ),
    };
    let room = usize::from(canvas.width().saturating_sub(NAME + 1));
    let shown = if &*entry.name == name::TIME {
        with_age(app, shown, room)
    } else {
        shown
    };
    let star = canvas.glyphs().first_seen;
    let first = first_words(app, entry, star, room.saturating_sub(text::width(&shown)));
    let shown = text::clip_middle(&shown, room - text::width(&first));
    let end = canvas.text(NAME + 1, 0, &shown, role);
    canvas.text(end, 0, &first, Role::FirstSeen);
    if let Some(value) = entry.value.as_deref() {
        highlight::mark(app, &entry.name, value, &shown, (NAME + 1, 0), canvas);
    }
}

/// Text for a first-seen value, in the longest form that fits.
fn first_words(app: &App, entry: &Entry, star: &str, room: usize) -> String {
    let is_here = app.panes.list.focused().map(|row| row.id) == app.panes.detail.id();
    if !is_here || !app.firsts_here().contains(&&*entry.name) {
        return String::new();
    }
    let long = app.looked_back().unwrap_or_default();
    let ways = [
        format!("  {star} first in loaded data ({long})"),
        format!("  {star} 1st seen"),
    ];
    let fits = |way: &String| text::width(way) <= room;
    ways.into_iter()
        .find(fits)
        .unwrap_or_else(|| format!(" {star}"))
}

/// Adds the relative time, if both fit.
fn with_age(app: &App, shown: String, room: usize) -> String {
    let time = app.panes.detail.detail().and_then(|detail| detail.time);
    let Some(time) = time.filter(|_| app.clock.now > 0) else {
        return shown;
    };
    let ago = text::ago((app.clock.now - time) / SECOND);
    let long = format!("{shown} ({ago} ago)");
    if text::width(&long) <= room && !ago.starts_with("in") {
        long
    } else {
        shown
    }
}

/// Title, meaning and possible values of the focused field.
fn meaning(app: &App, width: usize) -> Vec<(String, Role)> {
    let Some(entry) = app.panes.detail.focused() else {
        return Vec::new();
    };
    let mut lines = vec![(format!("{}:", entry.name), Role::FieldName)];
    match app.panes.detail.info() {
        Some(info) => {
            lines.extend(
                text::wrap(&info.meaning, width)
                    .into_iter()
                    .map(|line| (line, Role::Text)),
            );
            if let Some(said) = principal(app) {
                let lines_of = text::wrap(&said, width).into_iter();
                lines.extend(lines_of.map(|line| (line, Role::Text)));
            }
            if !info.values.is_empty() {
                let values = format!("Values: {}.", info.values.join(", "));
                lines.extend(
                    text::wrap(&values, width)
                        .into_iter()
                        .map(|line| (line, Role::Dim)),
                );
            }
        }
        None => lines.push((
            "Not a known field; it can be filtered and shown like any other.".into(),
            Role::Text,
        )),
    }
    lines
}

/// Maximum width of an id in a sentence.
const ID: usize = 64;

/// Explains the principal id of this event, if the cursor is on it.
fn principal(app: &App) -> Option<String> {
    let entry = app.panes.detail.focused()?;
    if &*entry.name != name::PRINCIPAL {
        return None;
    }
    let of = |name: &str| {
        let mut entries = app.panes.detail.entries().iter();
        entries.find(|entry| &*entry.name == name)?.value.as_deref()
    };
    let short = |id: &str| text::clip_middle(id, ID).into_owned();
    let id = entry.value.as_deref().filter(|id| !id.is_empty())?;
    match (of(name::USER_TYPE), id.split_once(':')) {
        (Some("root-account"), _) => Some(format!("This event: the account {} itself.", short(id))),
        (Some("ram-user"), _) => Some(format!("This event: the RAM user with ID {}.", short(id))),
        (_, Some((role, session))) => Some(format!(
            "This event: session {} of the role with ID {}.",
            short(session),
            short(role)
        )),
        _ => None,
    }
}

fn raw(app: &App, canvas: &mut Canvas<'_>) {
    let width = usize::from(canvas.width()).max(1);
    let mut y = 0;
    for line in app.panes.detail.raw().iter().skip(app.panes.detail.scroll) {
        // Mask before splitting, so that no value is split.
        let line = text::hidden(line);
        for piece in pieces(&line, width) {
            if y >= canvas.height() {
                return;
            }
            canvas.text(0, y, piece, Role::Text);
            y += 1;
        }
    }
}

/// Splits a line into pieces that fit. Lazy: at most a screen of them is used.
fn pieces(line: &str, width: usize) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut used = 0;
        let mut end = text.len();
        for (at, c) in text.char_indices() {
            let wide = text::width(&text[at..at + c.len_utf8()]);
            if used + wide > width && at > 0 {
                end = at;
                break;
            }
            used += wide;
        }
        rest = (end < text.len()).then(|| &text[end..]);
        Some(&text[..end])
    })
}
