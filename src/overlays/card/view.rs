//! Drawing of a card: sums, verdict and activity, then the lines in one column, or in two if they do not fit.

use ratatui::buffer::Buffer;

use super::{Card, Line};
use crate::engine::{Histogram, SideQuery, is_new};
use crate::model::name;
use crate::model::time::{Nanos, SECOND};
use crate::model::zone::Zone;
use crate::overlays::{Scene, frame};
use crate::theme::Role;
use crate::widgets::chips::{field_name, value_text};
use crate::widgets::{Canvas, Look, text};

/// Lines above the values: sums, verdict, activity, headings.
const HEAD: usize = 4;

/// Cells of a line before the value: cursor, field name, sign of a new value.
const NAME: u16 = 13;
const VALUE: u16 = NAME + 2;

/// Least width for two columns.
const TWO: u16 = 100;

/// Most cells of a line: further apart, a count is hard to assign to its value.
const WIDEST: u16 = 90;

/// Times are written with their date if that leaves so many cells for a value.
const ROOMY: u16 = 28;

const DAY: Nanos = 86_400 * SECOND;

/// Arrangement of the lines.
struct Columns {
    count: u16,
    /// First line of the second column.
    split: usize,
}

impl Columns {
    fn of(lines: &[Line], (width, height): (u16, usize)) -> Self {
        let rows = height.saturating_sub(HEAD);
        if lines.len() <= rows || width < TWO {
            return Self {
                count: 1,
                split: lines.len(),
            };
        }
        // Lines of a field stay in one column.
        let half = lines.len().div_ceil(2);
        let split = (half..lines.len()).find(|at| is_head(lines, *at));
        Self {
            count: 2,
            split: split.unwrap_or(lines.len()),
        }
    }

    fn row(&self, at: usize) -> usize {
        if at < self.split { at } else { at - self.split }
    }
}

/// Returns true if the line is the first of its field.
fn is_head(lines: &[Line], at: usize) -> bool {
    at == 0 || lines[at].field() != lines[at - 1].field()
}

/// Returns the line at the left or right of a line; in a single column, the first line of the previous or next field.
pub(super) fn across(lines: &[Line], at: usize, by: isize, room: (u16, usize)) -> usize {
    let columns = Columns::of(lines, room);
    let last = lines.len().saturating_sub(1);
    match (columns.count, by > 0) {
        (1, true) => (at + 1..=last).find(|at| is_head(lines, *at)).unwrap_or(at),
        (1, false) => (0..at).rev().find(|at| is_head(lines, *at)).unwrap_or(at),
        (_, true) if at < columns.split && columns.split <= last => (at + columns.split).min(last),
        (_, false) if at >= columns.split => (at - columns.split).min(columns.split - 1),
        _ => at,
    }
}

pub(super) fn draw(card: &Card, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) {
    let (field, value) = card.subject();
    let field = field_name(field).to_uppercase();
    let title = format!("{field}  {}", value_text(value));
    let mut canvas = frame::draw(&title, look, buf);
    let Some((known, complete)) = &card.known else {
        canvas.text(0, 0, "counting", Role::Loading);
        return;
    };
    let whole = *complete && !scene.status.is_loading();
    let about = if whole { "" } else { "~" };
    sums(card, known, about, &mut canvas);
    verdict(scene, known, whole, &mut canvas);
    activity(scene.zone, known, &mut canvas);
    // Values are new only in comparison with all data.
    let span = scene.status.span.filter(|_| whole);
    let lines = card.lines(span);
    let (width, height) = (canvas.width(), canvas.height());
    let columns = Columns::of(&lines, (width, height.into()));
    let rows = usize::from(height).saturating_sub(HEAD);
    let top = (columns.row(card.cursor.at) + 1).saturating_sub(rows);
    let wide = width / columns.count;
    let cells = Cells::of(scene, known, whole, &lines, wide);
    for column in 0..columns.count {
        let y = HEAD as u16 - 1;
        cells.heading(&mut canvas.inset(column * wide, y, cells.width, 1));
    }
    for (at, line) in lines.iter().enumerate() {
        let Some(y) = columns.row(at).checked_sub(top).filter(|y| *y < rows) else {
            continue;
        };
        let x = if at < columns.split { 0 } else { wide };
        let mut canvas = canvas.inset(x, (HEAD + y) as u16, cells.width, 1);
        // The first visible line shows its field name too.
        if is_head(&lines, at) || y == 0 {
            let name = text::clip(field_name(line.field()), usize::from(NAME) - 3);
            canvas.text(2, 0, &name, Role::FieldName);
        }
        cells.line(line, &mut canvas);
        if at == card.cursor.at {
            canvas.cursor_row(0);
        }
    }
}

/// Draws `57 events in all loaded data · 5 failed · 0 deletes · 0 pushes`.
fn sums(card: &Card, known: &SideQuery, about: &str, canvas: &mut Canvas<'_>) {
    let events = text::counted(known.matched, "event");
    let mut x = canvas.text(
        0,
        0,
        &format!("{about}{events} in all loaded data"),
        Role::Count,
    );
    let failed = card.sum(name::OUTCOME, |outcome| outcome != "ok");
    let deletes = card.sum(name::OPERATION, |operation| operation == "delete");
    let pushes = card.sum(name::OPERATION, |operation| operation == "push");
    for (count, one, many, role) in [
        (failed, "failed", "failed", Role::StatusFailed),
        (deletes, "delete", "deletes", Role::ActionDelete),
        (pushes, "push", "pushes", Role::ActionPush),
    ] {
        x = canvas.text(x, 0, " · ", Role::Dim);
        let thing = if count == 1 { one } else { many };
        let role = if count == 0 { Role::Dim } else { role };
        let count = text::grouped(count);
        x = canvas.text(x, 0, &format!("{about}{count} {thing}"), role);
    }
}

/// Draws whether the value is new in the loaded data.
fn verdict(scene: &Scene<'_>, known: &SideQuery, whole: bool, canvas: &mut Canvas<'_>) {
    let zone = scene.zone;
    let (Some((first, _)), Some(data)) = (known.span, scene.status.span) else {
        let reason = match (known.matched, whole) {
            (_, false) => "",
            (0, _) => "no loaded event has this value",
            _ => "no event with a readable time",
        };
        canvas.text(0, 1, reason, Role::Dim);
        return;
    };
    let later = text::duration((first - data.0) / SECOND);
    let begin = zone.minute(data.0);
    if !whole {
        let text = "not all data counted yet: an earlier event may follow";
        canvas.text(0, 1, text, Role::Loading);
    } else if is_new(first, data) {
        let clock = zone.clock(first, 0, 0);
        let sign = canvas.glyphs().first_seen;
        let text =
            format!("{sign} new: first seen {clock}, {later} after the data begins ({begin})");
        canvas.text(0, 1, &text, Role::FirstSeen);
    } else {
        let text = format!("known since the data begins ({begin}): first seen {later} later");
        canvas.text(0, 1, &text, Role::Text);
    }
}

/// Draws the first and the last time, and the events between them over time.
fn activity(zone: Zone, known: &SideQuery, canvas: &mut Canvas<'_>) {
    let Some((first, last)) = known.span else {
        return;
    };
    let (first, last) = (zone.second(first), zone.second(last));
    let text = format!("first seen {first} · last seen {last}");
    let end = canvas.text(0, 2, &text, Role::Text);
    let Some(Histogram { counts, .. }) = &known.histogram else {
        return;
    };
    if usize::from(end) + 2 + counts.len() <= usize::from(canvas.width()) {
        let peak = counts.iter().copied().max().unwrap_or(0);
        for (x, count) in (end + 2..).zip(counts) {
            let glyph = canvas.glyphs().bar(*count, peak);
            canvas.text(x, 2, glyph, Role::Bar);
        }
    }
}

/// Columns within a line.
struct Cells {
    zone: Zone,
    /// Time that the data covers, once all of it is counted.
    span: Option<(Nanos, Nanos)>,
    newest: Option<Nanos>,
    /// Time from the first event of the card to the end of the data.
    own: Option<(Nanos, Nanos)>,
    about: &'static str,
    width: u16,
    /// Width of a time.
    time: u16,
}

impl Cells {
    fn of(scene: &Scene<'_>, known: &SideQuery, whole: bool, lines: &[Line], wide: u16) -> Self {
        let span = scene.status.span.filter(|_| whole);
        let about = if span.is_some() { "" } else { "~" };
        let width = wide.saturating_sub(2).min(WIDEST);
        let counts = lines.iter().map(|line| match line {
            Line::Value { count, .. } => text::width(&text::grouped(*count)) + about.len(),
            Line::More { .. } => 0,
        });
        let count = counts.max().unwrap_or(0).max(5) as u16;
        let dated = 2 * (1 + "04-12 16:00".len() as u16);
        let roomy = width >= VALUE + ROOMY + count + 1 + dated;
        Self {
            zone: scene.zone,
            span,
            newest: scene.status.span.map(|(_, newest)| newest),
            own: known.span.zip(span).map(|(own, data)| (own.0, data.1)),
            about,
            width,
            time: if roomy { 11 } else { 5 },
        }
    }

    /// Columns at which the count ends, the first and the last time begin.
    fn ends(&self) -> (u16, u16, u16) {
        let last = self.width.saturating_sub(self.time);
        let first = last.saturating_sub(self.time + 1);
        (first.saturating_sub(2), first, last)
    }

    fn heading(&self, canvas: &mut Canvas<'_>) {
        let (count, first, last) = self.ends();
        canvas.text_before(count, 0, "COUNT", Role::Header);
        canvas.text(first, 0, "FIRST", Role::Header);
        canvas.text(last, 0, "LAST", Role::Header);
    }

    /// Formats `04-12 16:00`, or without room `16:00` in the last 24 hours of the data and `04-12` before.
    fn time(&self, time: Nanos) -> String {
        let minute = self.zone.minute(time);
        let minute = minute.split_once('-').map_or("", |(_, minute)| minute);
        let recent = self.newest.is_none_or(|newest| newest - time < DAY);
        match minute.split_once(' ') {
            Some((_, clock)) if self.time == 5 && recent => clock.to_owned(),
            Some((day, _)) if self.time == 5 => day.to_owned(),
            _ => minute.to_owned(),
        }
    }

    fn line(&self, line: &Line, canvas: &mut Canvas<'_>) {
        let (count_end, first, last) = self.ends();
        match line {
            Line::Value {
                field,
                value,
                count,
                seen,
            } => {
                let new = seen.is_some_and(|seen| seen.is_new(self.span));
                if new {
                    let sign = canvas.glyphs().first_seen;
                    canvas.text(NAME, 0, sign, Role::FirstSeen);
                }
                if let Some(seen) = seen {
                    // A time is emphasised if the value is new, or came to this card's events later than others.
                    let late = self.own.is_some_and(|own| is_new(seen.first, own));
                    let role = match (new, late) {
                        (true, _) => Role::FirstSeen,
                        (_, true) => Role::Text,
                        _ => Role::Dim,
                    };
                    canvas.text(first, 0, &self.time(seen.first), role);
                    canvas.text(last, 0, &self.time(seen.last), Role::Dim);
                }
                let count = format!("{}{}", self.about, text::grouped(*count));
                let count_start = canvas.text_before(count_end, 0, &count, Role::Count);
                let room = usize::from(count_start.saturating_sub(VALUE + 1));
                let shown = text::clip_middle(&value_text(value), room).into_owned();
                let role = match (&**field, value.as_deref()) {
                    (_, None | Some("")) => Role::FieldEmpty,
                    (name::USER, Some(user)) => {
                        canvas.user(VALUE, 0, &shown, user);
                        return;
                    }
                    (field, Some(text)) => Role::of_value(field, text),
                };
                canvas.text(VALUE, 0, &shown, role);
            }
            Line::More { rest, new, .. } => {
                let more = format!("… {} more", text::grouped(*rest));
                let end = canvas.text(VALUE, 0, &more, Role::Dim);
                if *new > 0 {
                    let new = format!(", {} {}", text::grouped(*new), canvas.glyphs().first_seen);
                    canvas.text(end, 0, &new, Role::FirstSeen);
                }
            }
        }
    }
}
