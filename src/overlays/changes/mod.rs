//! Changes: values that are new, spiking or missing in a time window compared to all data loaded before it, and known
//! values combined for the first time. The engine computes them ([`crate::aggregate::changes`] has the rules); each
//! line leads to its events.
//!
//! The window is the time range of the filter, or else a [`Window`] of the log when the overlay is opened; events that
//! arrive later are part of it. The rest of the filter applies to both sides. New values with failures, pushes and
//! deletes come first.

mod view;
mod window;

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::{CLOSE, COPY, EXPORT, Panel, Scene, Spec, Table, Topics, table};
use crate::engine::{Answer, Change, Changed, News, NewsTable, NewsWant, Span, Status, Wants};
use crate::export::Cell;
use crate::model::time::Nanos;
use crate::model::{Value, name};
use crate::query::{Filter, Node, TimeRange, format};
use crate::widgets::chips::value_text;
use crate::widgets::{ListCursor, Look};
pub use window::Window;

/// Fields whose values are compared.
const FIELDS: [&str; 6] = [
    name::USER,
    name::IP,
    name::NAMESPACE_REPO,
    name::ACTION,
    name::CLIENT,
    name::CREDENTIAL,
];

/// Pairs of fields that are compared.
const PAIRS: [[&str; 2]; 2] = [[name::USER, name::IP], [name::USER, name::NAMESPACE_REPO]];

/// Maximum number of lines per field and change while collapsed; `LIMIT` applies once expanded.
const FOLDED: usize = 8;
const LIMIT: usize = 500;

/// Sections in display order, with heading and explanation.
const SECTIONS: [(Change, &str, &str); 3] = [
    (
        Change::New,
        "NEW",
        "not in the baseline · events in the window",
    ),
    (Change::Surged, "SURGED", "usual per window → this window"),
    (
        Change::Gone,
        "GONE",
        "usual per window → none in this window",
    ),
];

/// Open overlay.
#[derive(Clone, Debug)]
pub struct NewsView {
    /// Filter in effect, including its range; `query` is the same filter as a query, without the range.
    filter: Arc<Filter>,
    query: Arc<Filter>,
    window: Span,
    which: Window,
    /// The user has chosen the window.
    chosen: bool,
    /// Start of the loaded data.
    from: Nanos,
    cursor: ListCursor,
    unfolded: Vec<(Change, usize)>,
    asked: u64,
    known: Option<News>,
}

/// Selectable line.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Line<'a> {
    Row(&'a NewsTable, &'a Changed),
    /// Lines that are collapsed, and the number of values that were not requested.
    More {
        change: Change,
        table: usize,
        folded: u64,
        rest: u64,
    },
}

/// Effect of Enter.
#[derive(Clone, Debug)]
pub enum NewsStep {
    Filter(Box<Filter>),
    Unfold,
    Nothing,
}

impl NewsView {
    /// Creates a comparison of the window with the data before it. Fails if no events are loaded or the range has no
    /// start.
    pub fn new(filter: Arc<Filter>, status: &Status) -> Result<Self, String> {
        let (oldest, newest) = status.span.ok_or("no events with a time loaded")?;
        let which = if filter.range.is_all() {
            Window::of_log(oldest, newest)
        } else {
            Window::Range
        };
        let window = which.span(&filter, newest)?;
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
            from: oldest.min(window.since),
            window,
            filter,
            which,
            chosen: false,
            cursor: ListCursor::default(),
            unfolded: Vec::new(),
            asked: 0,
            known: None,
        })
    }

    /// Changes the window. Fails for the time range of a filter that has none, or none with a start.
    pub fn choose(&mut self, which: Window, status: &Status) -> Result<(), String> {
        let (oldest, newest) = status.span.ok_or("no events with a time loaded")?;
        self.window = which.span(&self.filter, newest)?;
        self.from = oldest.min(self.window.since);
        (self.which, self.chosen) = (which, true);
        (self.cursor, self.known) = (ListCursor::default(), None);
        self.unfolded.clear();
        Ok(())
    }

    /// Handles Enter on the line under the cursor.
    pub fn enter(&mut self) -> NewsStep {
        match self.lines().get(self.cursor.at) {
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
                    // The window has no such events.
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

    /// Lines of all sections.
    fn lines(&self) -> Vec<Line<'_>> {
        let sections = SECTIONS.iter().enumerate();
        sections
            .flat_map(|(place, (change, ..))| self.section(place, *change))
            .collect()
    }

    /// Tables with their indexes, those with the most surprising rows first, otherwise in the order of the request.
    fn tables(&self) -> Vec<(usize, &NewsTable)> {
        let tables = self.known.iter().flat_map(|known| &known.tables);
        let mut tables: Vec<(usize, &NewsTable)> = tables.enumerate().collect();
        let most = |table: &NewsTable| table.rows.iter().map(|row| row.deeds.kinds()).max();
        tables.sort_by_key(|(at, table)| (std::cmp::Reverse(most(table).unwrap_or(0)), *at));
        tables
    }

    fn section(&self, place: usize, change: Change) -> Vec<Line<'_>> {
        let mut lines = Vec::new();
        for (at, table) in self.tables() {
            let rows: Vec<&Changed> = table
                .rows
                .iter()
                .filter(|row| row.change == change)
                .collect();
            // Next to surprising rows, the others are collapsed.
            let most = match rows.iter().filter(|row| row.deeds.kinds() > 0).count() {
                0 => FOLDED,
                surprising => surprising.min(FOLDED),
            };
            // A line that says "1 more" would take as much room as the value itself.
            let whole = self.unfolded.contains(&(change, at)) || rows.len() <= most + 1;
            let shown = if whole { rows.len() } else { most };
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

    /// Number of values with this change, in all fields.
    fn total(&self, place: usize, change: Change) -> u64 {
        let tables = self.known.iter().flat_map(|known| &known.tables);
        let of = |table: &NewsTable| {
            let rows = table.rows.iter().filter(|row| row.change == change);
            rows.count() as u64 + table.more[place]
        };
        tables.map(of).sum()
    }
}

impl Panel for NewsView {
    fn spec(&self) -> Spec {
        Spec {
            title: "NEW",
            scopes: &["changes", "overlay", "global"],
            hints: &[
                ("changes.open", "show events"),
                (
                    "changes.hour changes.six-hours changes.day changes.range",
                    "window",
                ),
                EXPORT,
                COPY,
                CLOSE,
            ],
        }
    }

    fn topics(&self) -> Topics {
        Topics::NEWS
    }

    /// Value of the line; of a pair, the first.
    fn value(&self) -> Option<(Arc<str>, Value)> {
        match self.lines().get(self.cursor.at)? {
            Line::Row(table, row) => {
                Some((table.fields.first()?.clone(), row.key.first()?.clone()))
            }
            Line::More { .. } => None,
        }
    }

    /// Requests the comparison for the data loaded so far.
    fn want(&mut self, id: u64, scene: &Scene<'_>, wants: &mut Wants) {
        self.asked = id;
        if let Some((oldest, newest)) = scene.status.span {
            if scene.status.is_loading() && self.which != Window::Range {
                if !self.chosen {
                    self.which = Window::of_log(oldest, newest);
                }
                if let Ok(window) = self.which.span(&self.filter, newest) {
                    self.window = window;
                }
            }
            // The start must not follow evictions: each new start would restart the count.
            self.from = self.from.min(oldest).min(self.window.since);
        }
        wants.news = Some(NewsWant {
            filter: Arc::clone(&self.query),
            window: self.window,
            from: self.from,
            fields: FIELDS.map(Arc::from).to_vec(),
            pairs: PAIRS.map(|pair| pair.map(Arc::from)).to_vec(),
            limit: LIMIT,
        });
    }

    fn arrive(&mut self, answer: &mut Answer) {
        if self.asked == answer.id
            && let Some(news) = &answer.news
        {
            self.known = Some(news.clone());
            self.cursor.step(0, self.lines().len());
        }
    }

    fn cursor(&mut self, _scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = self.lines().len();
        Some((&mut self.cursor, places))
    }

    /// All rows that are loaded, collapsed or not.
    fn table(&self, _scene: &Scene<'_>) -> Option<Table> {
        self.known.as_ref()?;
        let focused = match self.lines().get(self.cursor.at) {
            Some(Line::Row(_, row)) => Some(std::ptr::from_ref(*row)),
            _ => None,
        };
        let mut rows = Vec::new();
        let mut at = None;
        for (change, ..) in SECTIONS {
            for (_, table) in self.tables() {
                for row in table.rows.iter().filter(|row| row.change == change) {
                    if focused == Some(std::ptr::from_ref(row)) {
                        at = Some(rows.len());
                    }
                    rows.push(cells(table, row));
                }
            }
        }
        Some(Table {
            rows,
            at,
            filtered: true,
            ..Table::new(
                "What's new",
                &[
                    "change", "fields", "value", "before", "usual", "now", "failed", "pushes",
                    "deletes",
                ],
            )
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        view::draw(scene, self, look, buf);
        None
    }
}

/// Cells of a row in a copy or an export.
fn cells(of: &NewsTable, row: &Changed) -> Vec<Cell> {
    let change = match row.change {
        Change::New => "new",
        Change::Surged => "surged",
        Change::Gone => "gone",
    };
    let values: Vec<_> = row.key.iter().map(value_text).collect();
    vec![
        table::text(change),
        table::text(of.fields.join(" × ")),
        table::text(values.join(" × ")),
        Cell::Number(row.before),
        table::text(format!("{:.1}", row.usual)),
        Cell::Number(row.now),
        Cell::Number(row.deeds.failed),
        Cell::Number(row.deeds.pushes),
        Cell::Number(row.deeds.deletes),
    ]
}
