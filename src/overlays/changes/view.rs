//! Drawing of the changes overlay.

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::{Line, NewsView, SECTIONS};
use crate::engine::{Change, Changed, Deeds, News};
use crate::model::Value;
use crate::overlays::{Scene, frame};
use crate::query::Chip;
use crate::theme::Role;
use crate::widgets::chips::{chip_text, field_name, value_text};
use crate::widgets::{Canvas, Look, text};

/// Width of a field name in cells.
const NAME: u16 = 22;

/// Room that a value keeps, in cells.
const VALUE: u16 = 34;

pub(super) fn draw(scene: &Scene<'_>, view: &NewsView, look: &Look<'_>, buf: &mut Buffer) {
    let title = format!("WHAT'S NEW · {}", view.which.title());
    let mut canvas = frame::draw(&title, look, buf);
    let about = if scene.status.is_loading() { "~" } else { "" };
    let top = head(scene, view, about, &mut canvas);
    let (width, height) = (canvas.width(), canvas.height().saturating_sub(top));
    let mut body = canvas.inset(0, top, width, height);
    match &view.known {
        None => {
            body.text(0, 0, "counting", Role::Loading);
        }
        Some(known) if known.before == 0 => {
            let none = "No baseline: no events before the window. Choose a shorter window.";
            body.text(0, 0, none, Role::Dim);
        }
        Some(_) if view.lines().is_empty() => {
            let none =
                "Nothing new in this window: all values and pairs occurred before, about as often.";
            body.text(0, 0, none, Role::Dim);
        }
        Some(_) => sections(view, about, &mut body),
    }
}

/// Draws the two time ranges of the comparison. Returns the next row.
fn head(scene: &Scene<'_>, view: &NewsView, about: &str, canvas: &mut Canvas<'_>) -> u16 {
    let (since, zone) = (view.window.since, scene.zone);
    let newest = scene.status.span.map_or(since, |(_, newest)| newest);
    let until = view.window.until.map_or(newest, |until| until.min(newest));
    let events = |count: fn(&News) -> u64| match &view.known {
        Some(known) => format!("{about}{}", text::counted(count(known), "event")),
        None => "counting".to_owned(),
    };
    let which = view.which.title();
    let surged = view.known.as_ref().filter(|known| known.before > 0);
    let surged = surged.map(|known| format!(" · usually {}", usual(known.usual)));
    let mut rows = vec![
        (
            "window",
            format!(
                "{}, {which}: {} – {}{}",
                events(|known| known.now),
                zone.second(since),
                if zone.date_only(since) == zone.date_only(until) {
                    zone.clock(until, 0, 0)
                } else {
                    zone.second(until)
                },
                surged.unwrap_or_default(),
            ),
        ),
        (
            "baseline",
            format!(
                "{}, all before the window: from {}",
                events(|known| known.before),
                zone.second(view.from),
            ),
        ),
    ];
    let chips = view.filter.without(&Chip::Range);
    if !chips.is_all() {
        let texts = chips.chips();
        let texts: Vec<String> = texts
            .iter()
            .map(|chip| chip_text(&chips, chip, zone))
            .collect();
        rows.push(("filter", texts.join("  ")));
    }
    for (y, (name, text)) in (0..).zip(&rows) {
        canvas.text(0, y, name, Role::FieldName);
        canvas.text(10, y, text, Role::Count);
    }
    rows.len() as u16 + 1
}

/// Draws the sections with their headings, keeping the cursor visible.
fn sections(view: &NewsView, about: &str, canvas: &mut Canvas<'_>) {
    let mut rows: Vec<Result<Line<'_>, (usize, u64)>> = Vec::new();
    for (place, (change, ..)) in SECTIONS.iter().enumerate() {
        let total = view.total(place, *change);
        if total == 0 {
            continue;
        }
        if !rows.is_empty() {
            rows.push(Err((usize::MAX, 0)));
        }
        rows.push(Err((place, total)));
        rows.extend(view.section(place, *change).into_iter().map(Ok));
    }
    let mut focused = rows.iter().enumerate().filter(|(_, row)| row.is_ok());
    let focused = focused.nth(view.cursor.at).map(|(at, _)| at);
    let room = usize::from(canvas.height());
    let top = (focused.unwrap_or(0) + 1).saturating_sub(room);
    let mut before: Option<&[Arc<str>]> = None;
    for (at, row) in rows.iter().enumerate().skip(top).take(room) {
        let y = (at - top) as u16;
        match row {
            Err((usize::MAX, _)) => {}
            Err((place, total)) => {
                let (_, name, what) = SECTIONS[*place];
                let title = format!("{name}  {about}{}", text::grouped(*total));
                let what = if *total > 0 { what } else { "" };
                canvas.heading(y, &title, what, false);
                before = None;
            }
            Ok(line) => {
                let mut cells = canvas.inset(0, y, canvas.width(), 1);
                let fields = match line {
                    Line::Row(table, _) => &*table.fields,
                    Line::More { .. } => before.unwrap_or_default(),
                };
                if before != Some(fields) {
                    let names: Vec<&str> = fields.iter().map(|field| field_name(field)).collect();
                    cells.text(2, 0, &names.join(" × "), Role::FieldName);
                }
                before = Some(fields);
                draw_line(line, about, &mut cells);
                if Some(at) == focused {
                    cells.cursor_row(0);
                }
            }
        }
    }
}

fn draw_line(line: &Line<'_>, about: &str, canvas: &mut Canvas<'_>) {
    let end = canvas.width();
    let row = match line {
        Line::Row(_, row) => row,
        Line::More { folded, rest, .. } => {
            let more = match (*folded, *rest) {
                (0, rest) => format!("… {} more, too many to list", text::grouped(rest)),
                (folded, rest) => format!("… {} more", text::grouped(folded + rest)),
            };
            canvas.text(NAME, 0, &more, Role::Dim);
            return;
        }
    };
    // Factors are aligned, and so are counts.
    let counts = end.saturating_sub(if row.change == Change::New { 0 } else { 8 });
    let reported = match row.change {
        Change::New => format!("{about}{}", text::grouped(row.now)),
        Change::Surged | Change::Gone => {
            let arrow = canvas.glyphs().right;
            let now = text::grouped(row.now);
            format!("{about}{} {arrow} {now}", usual(row.usual))
        }
    };
    let mut start = canvas.text_before(counts, 0, &reported, Role::Count);
    match row.change {
        Change::New => start = deeds(row, start, canvas),
        Change::Surged => {
            canvas.text_before(end, 0, &factor(row.factor()), Role::Warning);
        }
        Change::Gone => {
            canvas.text_before(end, 0, "gone", Role::Dim);
        }
    }
    let room = usize::from(start.saturating_sub(NAME + 1));
    let sign = if row.change == Change::New {
        canvas.glyphs().first_seen
    } else {
        ""
    };
    canvas.text(NAME - 2, 0, sign, Role::FirstSeen);
    canvas.text(NAME, 0, &key(&row.key, room), Role::Text);
}

/// Draws the deletes, pushes and failures of a new value before its count, as far as they leave room for the value.
/// Returns the left edge.
fn deeds(row: &Changed, mut end: u16, canvas: &mut Canvas<'_>) -> u16 {
    let Deeds {
        failed,
        pushes,
        deletes,
    } = row.deeds;
    // A few failures alone are usually a client without a token.
    let failed = if row.deeds.kinds() > 0 { failed } else { 0 };
    for (count, what, role) in [
        (deletes, "deleted", Role::ActionDelete),
        (pushes, "pushed", Role::ActionPush),
        (failed, "failed", Role::StatusFailed),
    ] {
        let text = format!("{} {what}", text::grouped(count));
        let fits = usize::from(end) >= usize::from(NAME + VALUE) + text::width(&text);
        if count > 0 && fits {
            end = canvas.text_before(end.saturating_sub(2), 0, &text, role);
        }
    }
    end
}

/// Values of a line, fitted into `room` cells; two values share the room.
fn key(key: &[Value], room: usize) -> String {
    match key {
        [a, b] => {
            let (a, b) = (value_text(a), value_text(b));
            let room = room.saturating_sub(3);
            let most = room.saturating_sub(text::width(&b)).max(room / 2);
            let a = text::clip_middle(&a, most);
            let b = text::clip_middle(&b, room.saturating_sub(text::width(&a)));
            format!("{a} × {b}")
        }
        _ => {
            let values: Vec<_> = key.iter().map(value_text).collect();
            text::clip_middle(&values.join(" × "), room).into_owned()
        }
    }
}

/// Formats a fractional number of events.
fn usual(events: f64) -> String {
    if events < 10.0 {
        format!("{events:.1}")
    } else {
        text::grouped(events.round() as u64)
    }
}

/// `×32`.
fn factor(times: f64) -> String {
    match times {
        times if times < 10.0 => format!("×{times:.1}"),
        times if times < 1000.0 => format!("×{times:.0}"),
        _ => "×999+".to_owned(),
    }
}
