//! What is new: the values of some fields that are new, surged or gone in a window of time, against everything loaded
//! before it, and pairs of known values that were never seen together. The engine finds them
//! ([`crate::aggregate::changes`] has the rules); each line leads to its events.
//!
//! The window is the time range of the filter, else the last hour of the log as it is when the overlay is opened; what
//! comes later belongs to it. The rest of the filter holds on both sides.

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::{Overlay, frame};
use crate::app::App;
use crate::app::chips::{chip_text, field_name, value_text};
use crate::engine::{Answer, Change, Changed, News, NewsTable, NewsWant, Span, Status};
use crate::model::Value;
use crate::model::time::{Nanos, SECOND};
use crate::panes::{Canvas, Look};
use crate::query::{Filter, Node, TimeRange, format};
use crate::theme::Role;
use crate::widgets::text;

/// The fields whose values are compared.
const FIELDS: [&str; 6] = [
    "user",
    "ip",
    "namespace_repo",
    "action",
    "client",
    "access_credential_type",
];

/// The pairs of fields.
const PAIRS: [[&str; 2]; 2] = [["user", "ip"], ["user", "namespace_repo"]];

/// Lines of a field and a change before it is unfolded, and after.
const FOLDED: usize = 8;
const LIMIT: usize = 500;

/// The window where the filter has no time range.
const HOUR: Nanos = 3600 * SECOND;

/// Cells of the name of a field.
const NAME: u16 = 21;

/// The changes in the order of the sections, with what is said of them.
const SECTIONS: [(Change, &str, &str); 3] = [
    (
        Change::New,
        "NEW",
        "not once in the baseline · events in the window",
    ),
    (
        Change::Surged,
        "SURGED",
        "usual in as much time → in the window",
    ),
    (
        Change::Gone,
        "GONE",
        "usual in as much time → none in the window",
    ),
];

/// The open overlay.
#[derive(Clone, Debug)]
pub struct NewsView {
    /// The filter in force, with its range, and the same as a query alone.
    filter: Arc<Filter>,
    query: Arc<Filter>,
    window: Span,
    /// The window is the time range of the filter.
    chosen: bool,
    /// From when on there are events.
    from: Nanos,
    cursor: usize,
    unfolded: Vec<(Change, usize)>,
    asked: u64,
    known: Option<News>,
}

/// A line that can be gone to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Line<'a> {
    Row(&'a NewsTable, &'a Changed),
    /// Lines that are folded away, and those that were not even asked for.
    More {
        change: Change,
        table: usize,
        folded: u64,
        rest: u64,
    },
}

/// What enter does.
#[derive(Clone, Debug)]
pub enum NewsStep {
    Filter(Box<Filter>),
    Unfold,
    Nothing,
}

impl NewsView {
    /// Compares the window at hand with what came before; or why that cannot be done.
    pub fn new(filter: Arc<Filter>, status: &Status) -> Result<Self, String> {
        let (oldest, newest) = status.span.ok_or("no events with a time are loaded")?;
        let chosen = !filter.range.is_all();
        let since = match (filter.range.since, filter.range.until) {
            (Some(since), _) => since,
            (None, None) => newest.saturating_sub(HOUR),
            (None, Some(_)) => {
                return Err("the time range has no beginning: nothing is before it".into());
            }
        };
        let query = Node::and(
            [filter.query.clone()]
                .into_iter()
                .chain(filter.picks.iter().map(crate::query::Pick::node)),
        );
        Ok(Self {
            query: Arc::new(Filter {
                text: format(&query),
                query,
                ..Filter::default()
            }),
            window: Span {
                since,
                until: filter.range.until,
            },
            filter,
            chosen,
            from: oldest.min(since),
            cursor: 0,
            unfolded: Vec::new(),
            asked: 0,
            known: None,
        })
    }

    /// The question with a number, over what is loaded by now.
    pub fn ask(&mut self, id: u64, status: &Status) -> NewsWant {
        self.asked = id;
        if let Some((oldest, newest)) = status.span {
            if status.is_loading() && !self.chosen {
                self.window.since = newest.saturating_sub(HOUR);
            }
            // What is let go moves the beginning, which would have all be counted anew.
            self.from = self.from.min(oldest).min(self.window.since);
        }
        NewsWant {
            filter: Arc::clone(&self.query),
            window: self.window,
            from: self.from,
            fields: FIELDS.map(Arc::from).to_vec(),
            pairs: PAIRS.map(|pair| pair.map(Arc::from)).to_vec(),
            limit: LIMIT,
        }
    }

    /// Takes enter on the line under the cursor.
    pub fn enter(&mut self) -> NewsStep {
        match self.lines().get(self.cursor) {
            None => NewsStep::Nothing,
            Some(Line::More {
                change,
                table,
                folded,
                ..
            }) => {
                if *folded == 0 {
                    return NewsStep::Nothing;
                }
                let unfolded = (*change, *table);
                self.unfolded.push(unfolded);
                NewsStep::Unfold
            }
            Some(Line::Row(table, row)) => {
                let mut filter = (*self.filter).clone();
                for (field, value) in table.fields.iter().zip(&row.key) {
                    filter.only(field, value);
                }
                let window = self.window;
                filter.range = match row.change {
                    // There are none in the window.
                    Change::Gone => TimeRange {
                        since: None,
                        until: Some(window.since),
                    },
                    Change::New | Change::Surged => TimeRange {
                        since: Some(window.since),
                        until: window.until,
                    },
                };
                NewsStep::Filter(Box::new(filter))
            }
        }
    }

    pub(super) fn step(&mut self, by: i64) {
        let last = self.lines().len().saturating_sub(1) as i64;
        self.cursor = (self.cursor as i64).saturating_add(by).clamp(0, last) as usize;
    }

    /// The lines of all sections.
    fn lines(&self) -> Vec<Line<'_>> {
        let sections = SECTIONS.iter().enumerate();
        sections
            .flat_map(|(place, (change, ..))| self.section(place, *change))
            .collect()
    }

    fn section(&self, place: usize, change: Change) -> Vec<Line<'_>> {
        let mut lines = Vec::new();
        let tables = self.known.iter().flat_map(|known| &known.tables);
        for (at, table) in tables.enumerate() {
            let rows: Vec<&Changed> = table
                .rows
                .iter()
                .filter(|row| row.change == change)
                .collect();
            // A line that says one more takes no less room than the one.
            let whole = self.unfolded.contains(&(change, at)) || rows.len() <= FOLDED + 1;
            let shown = if whole { rows.len() } else { FOLDED };
            lines.extend(rows[..shown].iter().map(|row| Line::Row(table, row)));
            let (folded, rest) = ((rows.len() - shown) as u64, table.more[place]);
            if folded + rest > 0 {
                lines.push(Line::More {
                    change,
                    table: at,
                    folded,
                    rest,
                });
            }
        }
        lines
    }

    /// How many values changed so, in all fields.
    fn total(&self, place: usize, change: Change) -> u64 {
        let tables = self.known.iter().flat_map(|known| &known.tables);
        let of = |table: &NewsTable| {
            let rows = table.rows.iter().filter(|row| row.change == change);
            rows.count() as u64 + table.more[place]
        };
        tables.map(of).sum()
    }
}

/// Takes in what was asked for the open overlay.
pub fn arrived(app: &mut App, answer: &Answer) {
    if let Some(Overlay::News(view)) = &mut app.overlay
        && view.asked == answer.id
        && let Some(news) = &answer.news
    {
        view.known = Some(news.clone());
        view.step(0);
    }
}

pub(super) fn draw(app: &App, view: &NewsView, look: &Look<'_>, buf: &mut Buffer) {
    let mut canvas = frame::draw("WHAT'S NEW", look, buf);
    let about = if app.status.is_loading() { "~" } else { "" };
    let top = head(app, view, about, &mut canvas);
    let (width, height) = (canvas.width(), canvas.height().saturating_sub(top));
    let mut body = canvas.inset(0, top, width, height);
    match &view.known {
        None => {
            body.text(0, 0, "counting", Role::Loading);
        }
        Some(known) if known.before == 0 => {
            let none = "No events before the window to compare with: t sets a shorter time range.";
            body.text(0, 0, none, Role::Dim);
        }
        Some(_) => sections(view, about, &mut body),
    }
}

/// What is compared with what. Gives the row after it.
fn head(app: &App, view: &NewsView, about: &str, canvas: &mut Canvas<'_>) -> u16 {
    let (since, zone) = (view.window.since, app.zone);
    let newest = app.status.span.map_or(since, |(_, newest)| newest);
    let until = view.window.until.map_or(newest, |until| until.min(newest));
    let events = |count: fn(&News) -> u64| match &view.known {
        Some(known) => format!("{about}{}", text::counted(count(known), "event")),
        None => "counting".to_owned(),
    };
    let which = if view.chosen {
        "the time range"
    } else {
        "last hour of the log"
    };
    let surged = view.known.as_ref().filter(|known| known.before > 0);
    let surged = surged.map(|known| format!("  {}", factor(known.now as f64 / known.usual)));
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
                "{}, all loaded before: from {}",
                events(|known| known.before),
                zone.second(view.from),
            ),
        ),
    ];
    let chips = view.filter.without(&crate::query::Chip::Range);
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

/// The sections with their headings, the cursor in view.
fn sections(view: &NewsView, about: &str, canvas: &mut Canvas<'_>) {
    let mut rows: Vec<Result<Line<'_>, (usize, u64)>> = Vec::new();
    for (place, (change, ..)) in SECTIONS.iter().enumerate() {
        let total = view.total(place, *change);
        if place > 0 {
            rows.push(Err((usize::MAX, 0)));
        }
        rows.push(Err((place, total)));
        rows.extend(view.section(place, *change).into_iter().map(Ok));
    }
    let mut focused = rows.iter().enumerate().filter(|(_, row)| row.is_ok());
    let focused = focused.nth(view.cursor).map(|(at, _)| at);
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
                    let (glyph, width) = (cells.glyphs().cursor, cells.width());
                    cells.text(0, 0, glyph, Role::Text);
                    cells.tint(0, 0, width, Role::Cursor);
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
    // Factors stand below each other, and so do counts.
    let counts = end.saturating_sub(if row.change == Change::New { 0 } else { 8 });
    let told = match row.change {
        Change::New => format!("{about}{}", text::grouped(row.now)),
        Change::Surged | Change::Gone => {
            let arrow = canvas.glyphs().right;
            let now = text::grouped(row.now);
            format!("{about}{} {arrow} {now}", usual(row.usual))
        }
    };
    let start = canvas.text_before(counts, 0, &told, Role::Count);
    match row.change {
        Change::New => {}
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

/// The values of a line in so many cells; where there are two, each has its share.
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

/// A number of events that is not a whole one.
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
