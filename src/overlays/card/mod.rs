//! Card of a value (a user, an address, a client, …) over all loaded data, independent of the filter: whether the value
//! is new, activity over time, counts, and the values of other fields in its events. Each line leads to its events, or
//! to the card of its value.

mod view;

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::{CHOOSE, CLOSE, COPY, EXPORT, Overlay, Panel, Scene, Spec, Table, Topics, table};
use crate::engine::{
    Answer, FacetOrder, FacetTable, FacetValue, FacetWant, HistogramWant, Seen, SideQuery,
    SideQueryWant, Wants,
};
use crate::export::Cell;
use crate::model::time::Nanos;
use crate::model::{Value, name};
use crate::query::{Filter, Node, Pick, format};
use crate::widgets::chips::{field_name, value_text};
use crate::widgets::{ListCursor, Look, text};

/// Fields of a card in display order, with the maximum number of values listed: origin first, then activity, then
/// properties. The field of the card itself is left out.
const FIELDS: [(&str, usize); 13] = [
    (name::USER, 8),
    (name::IP, 10),
    (name::NETWORK, 3),
    (name::CLIENT, 6),
    (name::CREDENTIAL, 4),
    (name::VPC, 3),
    (name::ACTION, 8),
    (name::STATUS, 8),
    (name::NAMESPACE_REPO, 10),
    (name::TAG, 10),
    (name::INSTANCE, 5),
    (name::USER_TYPE, 3),
    (name::ACCOUNT, 3),
];

/// Values requested per field, to count the new ones among those that are not listed.
const VALUES: usize = 300;

/// Fields counted for the sums; they have only a few values.
const SUMS: [&str; 2] = [name::OUTCOME, name::OPERATION];

/// Number of bars of the sparkline.
const BINS: usize = 40;

/// Open card.
#[derive(Clone, Debug)]
pub struct Card {
    field: Arc<str>,
    value: Value,
    cursor: ListCursor,
    /// Id of the newest request for it.
    asked: u64,
    /// Result, and a flag that it is complete.
    known: Option<(SideQuery, bool)>,
    /// Overlay that the card was opened from; Esc returns to it.
    pub below: Option<Box<Overlay>>,
}

/// Selectable line.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    Value {
        field: Arc<str>,
        value: Value,
        count: u64,
        seen: Option<Seen>,
    },
    /// Values that are not listed, and the number of new ones among them.
    More {
        field: Arc<str>,
        rest: u64,
        new: u64,
    },
}

impl Line {
    pub fn field(&self) -> &Arc<str> {
        match self {
            Self::Value { field, .. } | Self::More { field, .. } => field,
        }
    }
}

impl Card {
    pub fn new(field: Arc<str>, value: Value, below: Option<Box<Overlay>>) -> Self {
        Self {
            field,
            value,
            cursor: ListCursor::default(),
            asked: 0,
            known: None,
            below,
        }
    }

    /// Field and value that the card is about.
    pub fn subject(&self) -> (&Arc<str>, &Value) {
        (&self.field, &self.value)
    }

    /// Filter for the events of the value.
    pub fn filter(&self) -> Filter {
        let mut filter = Filter::default();
        filter.only(&self.field, &self.value);
        filter
    }

    /// The same as a query: facets ignore the picks of their own fields, and the card is to count them too.
    fn counted(&self) -> Filter {
        let query = Node::and(self.filter().picks.iter().map(Pick::node));
        Filter {
            text: format(&query),
            query,
            ..Filter::default()
        }
    }

    /// Moves to the line at the left or right; in a single column, to the previous or next field.
    pub fn across(&mut self, scene: &Scene<'_>, by: isize) {
        let lines = self.lines(scene.status.span);
        self.cursor.at = view::across(&lines, self.cursor.at, by, scene.room());
    }

    /// Fields listed, in display order.
    fn fields(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let own = Arc::clone(&self.field);
        let is_repository = &*own == name::NAMESPACE_REPO;
        FIELDS
            .into_iter()
            .filter(move |(field, _)| **field != *own)
            // Without its repository, a tag says nothing.
            .filter(move |(field, _)| *field != name::TAG || is_repository)
    }

    /// Lines by field, in display order: values by count, then the empty and the missing value. Fields with only these
    /// come after all others. `span` is the time that the loaded data covers.
    fn lines(&self, span: Option<(Nanos, Nanos)>) -> Vec<Line> {
        let Some((known, _)) = &self.known else {
            return Vec::new();
        };
        let limits = self.fields().map(|(_, limit)| limit);
        let nothing = Vec::new();
        let seen = known.seen.iter().chain(std::iter::repeat(&nothing));
        let tables = known.facets.iter().zip(seen).zip(limits);
        let (full, empty): (Vec<_>, Vec<_>) =
            tables.partition(|((table, _), _)| table.values.iter().any(is_something));
        let all = full.into_iter().chain(empty);
        all.flat_map(|((table, seen), limit)| lines_of(table, seen, limit, span))
            .collect()
    }

    /// Number of events with a value of `field` that passes `test`.
    fn sum(&self, field: &str, test: fn(&str) -> bool) -> u64 {
        let tables = self.known.iter().flat_map(|(known, _)| &known.facets);
        let values = tables
            .filter(|table| &*table.field == field)
            .flat_map(|table| &table.values);
        values
            .filter(|entry| entry.value.as_deref().is_some_and(test))
            .map(|entry| entry.count)
            .sum()
    }
}

/// Returns false for a value that says nothing: missing or empty.
fn is_something(entry: &FacetValue) -> bool {
    entry.value.as_deref().is_some_and(|text| !text.is_empty())
}

/// Lines of one field.
fn lines_of(
    table: &FacetTable,
    seen: &[Option<Seen>],
    limit: usize,
    span: Option<(Nanos, Nanos)>,
) -> Vec<Line> {
    let seen = seen.iter().copied().chain(std::iter::repeat(None));
    let (values, nothing): (Vec<_>, Vec<_>) = table
        .values
        .iter()
        .zip(seen)
        .partition(|(entry, _)| is_something(entry));
    let line = |&(entry, seen): &(&FacetValue, Option<Seen>)| Line::Value {
        field: table.field.clone(),
        value: entry.value.clone(),
        count: entry.count,
        seen,
    };
    // A single value more needs no line that counts it.
    let limit = if values.len() == limit + 1 {
        limit + 1
    } else {
        limit
    };
    let mut lines: Vec<Line> = values.iter().take(limit).map(line).collect();
    let empty = nothing.iter().filter(|(entry, _)| entry.value.is_some());
    let rest = table
        .distinct
        .saturating_sub((lines.len() + empty.count()) as u64);
    if rest > 0 {
        let hidden = values.iter().skip(limit).filter_map(|(_, seen)| *seen);
        let new = hidden.filter(|seen| seen.is_new(span));
        lines.push(Line::More {
            field: table.field.clone(),
            rest,
            new: new.count() as u64,
        });
    }
    lines.extend(nothing.iter().map(line));
    lines
}

impl Panel for Card {
    fn spec(&self) -> Spec {
        Spec {
            title: "CARD",
            scopes: &["card", "overlay", "global"],
            hints: &[
                ("card.open", "show events"),
                ("card.show", "card of the value"),
                ("move.left move.right", "columns"),
                EXPORT,
                COPY,
                CHOOSE,
                CLOSE,
            ],
        }
    }

    fn topics(&self) -> Topics {
        Topics::CARD
    }

    fn want(&mut self, id: u64, scene: &Scene<'_>, wants: &mut Wants) {
        self.asked = id;
        let fields = self.fields().map(|(field, _)| (field, VALUES));
        let sums = SUMS.map(|field| (field, 20));
        let facet = |(field, limit): (&str, usize)| FacetWant {
            field: field.into(),
            order: FacetOrder::Count,
            limit,
            find: None,
        };
        wants.side.push(SideQueryWant {
            filter: Arc::new(self.counted()),
            facets: fields.chain(sums).map(facet).collect(),
            histogram: Some(HistogramWant {
                bins: BINS,
                step: None,
                range: None,
                zone: scene.zone,
            }),
            seen: true,
        });
    }

    fn arrive(&mut self, answer: &mut Answer) {
        if self.asked != answer.id {
            return;
        }
        let Some(part) = answer.side.first() else {
            return;
        };
        // Counts so far would replace times, and lines would jump.
        if answer.complete || !matches!(self.known, Some((_, true))) {
            self.known = Some((part.clone(), answer.complete));
            self.cursor.step(0, self.lines(None).len());
        }
    }

    fn cursor(&mut self, scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = self.lines(scene.status.span).len();
        Some((&mut self.cursor, places))
    }

    fn value(&self) -> Option<(Arc<str>, Value)> {
        match self.focused()? {
            Line::Value { field, value, .. } => Some((field, value)),
            Line::More { .. } => None,
        }
    }

    fn table(&self, scene: &Scene<'_>) -> Option<Table> {
        self.known.as_ref()?;
        let span = scene.status.span;
        let title = format!("{} {}", field_name(&self.field), value_text(&self.value));
        let headings = ["field", "value", "events", "first", "last", "new"];
        let rows = self.lines(span).into_iter();
        Some(Table {
            rows: rows.map(|line| cells(line, scene, span)).collect(),
            at: Some(self.cursor.at),
            ..Table::new(title, &headings)
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        view::draw(self, scene, look, buf);
        None
    }
}

impl Card {
    /// Line under the cursor.
    pub fn focused(&self) -> Option<Line> {
        self.lines(None).into_iter().nth(self.cursor.at)
    }
}

/// Cells of a line in the table of the card.
fn cells(line: Line, scene: &Scene<'_>, span: Option<(Nanos, Nanos)>) -> Vec<Cell> {
    match line {
        Line::Value {
            field,
            value,
            count,
            seen,
        } => {
            let time =
                |time: fn(&Seen) -> Nanos| table::instant(seen.as_ref().map(time), scene.zone, 0);
            let new = seen.is_some_and(|seen| seen.is_new(span));
            vec![
                table::text(field_name(&field)),
                Cell::from(value.as_deref()),
                Cell::Number(count),
                time(|seen| seen.first),
                time(|seen| seen.last),
                table::text(if new { "new" } else { "" }),
            ]
        }
        Line::More { field, rest, .. } => {
            let more = format!("{} more values", text::grouped(rest));
            let mut cells = vec![table::text(field_name(&field)), table::text(more)];
            cells.resize(6, Cell::Missing);
            cells
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(field: &str, values: &[(Option<&str>, u64)]) -> FacetTable {
        let value = |(value, count): &(Option<&str>, u64)| FacetValue {
            value: value.map(Into::into),
            count: *count,
        };
        let distinct = values.iter().filter(|(value, _)| value.is_some()).count() as u64;
        FacetTable {
            field: field.into(),
            distinct,
            missing: 0,
            found: distinct,
            values: values.iter().map(value).collect(),
            kept: 0,
        }
    }

    fn card(facets: Vec<FacetTable>, seen: Vec<Vec<Option<Seen>>>) -> Card {
        let mut card = Card::new(name::USER.into(), Some("role/ci".into()), None);
        let part = SideQuery {
            facets,
            seen,
            ..SideQuery::default()
        };
        card.known = Some((part, true));
        card
    }

    #[test]
    fn what_says_nothing_comes_last() {
        let facets = vec![
            table(name::IP, &[(None, 9), (Some("10.0.0.1"), 3), (Some(""), 2)]),
            table(name::NETWORK, &[(None, 9), (Some(""), 5)]),
            table(name::CLIENT, &[(Some("docker"), 14)]),
        ];
        let lines = card(facets, Vec::new()).lines(None);
        let lines: Vec<(&str, Option<&str>)> = lines
            .iter()
            .map(|line| match line {
                Line::Value { field, value, .. } => (&**field, value.as_deref()),
                Line::More { .. } => panic!("nothing is left out"),
            })
            .collect();
        assert_eq!(
            lines,
            [
                ("ip", Some("10.0.0.1")),
                ("ip", None),
                ("ip", Some("")),
                ("client", Some("docker")),
                ("network_type", None),
                ("network_type", Some("")),
            ]
        );
    }

    #[test]
    fn new_values_among_those_left_out_are_counted() {
        let values: Vec<String> = (0..20).map(|n| format!("10.0.0.{n}")).collect();
        let values: Vec<_> = values.iter().map(|ip| (Some(ip.as_str()), 1)).collect();
        let seen = |loaded| {
            Some(Seen {
                first: 90,
                last: 95,
                loaded,
            })
        };
        // One of the listed values and two of the others are new.
        let times = (0..20).map(|n| seen(if [3, 15, 16].contains(&n) { 80 } else { 2 }));
        let card = card(vec![table(name::IP, &values)], vec![times.collect()]);
        let lines = card.lines(Some((0, 100)));
        let more = Line::More {
            field: name::IP.into(),
            rest: 10,
            new: 2,
        };
        assert_eq!(lines.last(), Some(&more));
    }

    #[test]
    fn sums_count_the_values_of_the_card_although_it_is_about_their_field() {
        let card = Card::new(name::OUTCOME.into(), Some("denied".into()), None);
        // A pick would be ignored by the facet of its own field.
        assert!(card.counted().picks.is_empty() && !card.counted().query.tests().is_empty());
        assert_eq!(card.filter().picks.len(), 1);
    }
}
