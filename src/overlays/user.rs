//! User profile over all loaded data, independent of the filter: activity over time, counts, and values of the fields
//! for actions, targets, origins and clients. Each line leads to its events.

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::{CHOOSE, CLOSE, COPY, EXPORT, Panel, Scene, Spec, Table, Topics, frame, table};
use crate::engine::{
    Answer, FacetOrder, FacetWant, HistogramWant, SideQuery, SideQueryWant, Wants,
};
use crate::export::Cell;
use crate::model::{Value, name};
use crate::query::Filter;
use crate::theme::Role;
use crate::widgets::chips::{field_name, value_text};
use crate::widgets::{Canvas, ListCursor, Look, text};

/// Fields of the profile, with the maximum number of values listed.
const FIELDS: [(&str, usize); 11] = [
    (name::USER_TYPE, 3),
    (name::ACCOUNT, 3),
    (name::ACTION, 8),
    (name::STATUS, 8),
    (name::CREDENTIAL, 4),
    (name::NAMESPACE_REPO, 10),
    (name::IP, 10),
    (name::NETWORK, 3),
    (name::VPC, 3),
    (name::CLIENT, 6),
    (name::INSTANCE, 5),
];

/// Fields counted for the sums; they have only a few values.
const SUMS: [&str; 2] = [name::OUTCOME, name::OPERATION];

/// Number of bars of the sparkline.
const BINS: usize = 40;

/// Width of a field name with the number of its values, in cells.
const NAME: u16 = 17;

/// Open profile.
#[derive(Clone, Debug)]
pub struct UserCard {
    user: Value,
    cursor: ListCursor,
    /// Id of the newest request for it.
    asked: u64,
    /// Result, and a flag that it is complete.
    known: Option<(SideQuery, bool)>,
}

/// Selectable line.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    Value {
        field: Arc<str>,
        value: Value,
        count: u64,
    },
    /// Values that are not listed.
    More { field: Arc<str>, rest: u64 },
}

impl Line {
    pub fn field(&self) -> &Arc<str> {
        match self {
            Self::Value { field, .. } | Self::More { field, .. } => field,
        }
    }
}

impl UserCard {
    pub fn new(user: Value) -> Self {
        Self {
            user,
            cursor: ListCursor::default(),
            asked: 0,
            known: None,
        }
    }

    pub fn user(&self) -> &Value {
        &self.user
    }

    /// Filter for the events of the user.
    pub fn filter(&self) -> Filter {
        let mut filter = Filter::default();
        filter.only(name::USER, &self.user);
        filter
    }

    /// Line under the cursor.
    pub fn focused(&self) -> Option<Line> {
        self.lines().into_iter().nth(self.cursor.at)
    }

    /// Lines by field, in display order.
    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let Some((known, _)) = &self.known else {
            return lines;
        };
        for table in known.facets.iter().take(FIELDS.len()) {
            let shown = table.values.iter().filter(|entry| entry.value.is_some());
            let rest = table.distinct.saturating_sub(shown.count() as u64);
            lines.extend(table.values.iter().map(|entry| Line::Value {
                field: table.field.clone(),
                value: entry.value.clone(),
                count: entry.count,
            }));
            if rest > 0 {
                let field = table.field.clone();
                lines.push(Line::More { field, rest });
            }
        }
        lines
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

impl Panel for UserCard {
    fn spec(&self) -> Spec {
        Spec {
            title: "USER",
            scopes: &["user", "overlay", "global"],
            hints: &[("user.open", "show events"), EXPORT, COPY, CHOOSE, CLOSE],
        }
    }

    fn topics(&self) -> Topics {
        Topics::CARD
    }

    fn want(&mut self, id: u64, scene: &Scene<'_>, wants: &mut Wants) {
        self.asked = id;
        let sums = SUMS.map(|field| (field, 20));
        let facet = |(field, limit): (&str, usize)| FacetWant {
            field: field.into(),
            order: FacetOrder::Count,
            limit,
            find: None,
        };
        wants.side.push(SideQueryWant {
            filter: Arc::new(self.filter()),
            facets: FIELDS.into_iter().chain(sums).map(facet).collect(),
            histogram: Some(HistogramWant {
                bins: BINS,
                step: None,
                range: None,
                zone: scene.zone,
            }),
        });
    }

    fn arrive(&mut self, answer: &mut Answer) {
        if self.asked == answer.id
            && let Some(part) = answer.side.first()
        {
            self.known = Some((part.clone(), answer.complete));
            self.cursor.step(0, self.lines().len());
        }
    }

    fn cursor(&mut self, _scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = self.lines().len();
        Some((&mut self.cursor, places))
    }

    fn table(&self, _scene: &Scene<'_>) -> Option<Table> {
        self.known.as_ref()?;
        let row = |line: Line| match line {
            Line::Value {
                field,
                value,
                count,
            } => vec![
                table::text(field),
                Cell::from(value.as_deref()),
                Cell::Number(count),
            ],
            Line::More { field, rest } => vec![
                table::text(field),
                table::text(format!("{} more values", text::grouped(rest))),
                Cell::Missing,
            ],
        };
        let title = format!("User {}", value_text(&self.user));
        Some(Table {
            rows: self.lines().into_iter().map(row).collect(),
            at: Some(self.cursor.at),
            ..Table::new(title, &["field", "value", "events"])
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let title = format!("USER  {}", value_text(&self.user));
        let mut canvas = frame::draw(&title, look, buf);
        let Some((known, complete)) = &self.known else {
            canvas.text(0, 0, "counting", Role::Loading);
            return None;
        };
        let whole = *complete && !scene.status.is_loading();
        let about = if whole { "" } else { "~" };
        let sums = [
            format!(
                "{about}{} in all loaded data",
                text::counted(known.matched, "event")
            ),
            format!(
                "{about}{} failed",
                text::grouped(self.sum(name::OUTCOME, |o| o != "ok"))
            ),
            format!(
                "{about}{} deletes",
                text::grouped(self.sum(name::OPERATION, |o| o == "delete"))
            ),
        ];
        canvas.text(0, 0, &sums.join(" · "), Role::Count);
        if let Some((first, last)) = known.span {
            let (first, last) = (scene.zone.second(first), scene.zone.second(last));
            let end = canvas.text(
                0,
                1,
                &format!("first seen {first} · last seen {last}"),
                Role::Text,
            );
            if let Some(histogram) = &known.histogram
                && usize::from(end) + 2 + histogram.counts.len() <= usize::from(canvas.width())
            {
                let peak = histogram.counts.iter().copied().max().unwrap_or(0);
                for (x, count) in (end + 2..).zip(&histogram.counts) {
                    let glyph = canvas.glyphs().bar(*count, peak);
                    canvas.text(x, 1, glyph, Role::Bar);
                }
            }
        }
        let (width, height) = (canvas.width(), canvas.height().saturating_sub(3));
        values(self, about, &mut canvas.inset(0, 3, width, height));
        None
    }
}

fn is_failed(status: &str) -> bool {
    status.starts_with(|c: char| ('4'..='9').contains(&c))
}

/// Draws the lines, in two columns if there is room.
fn values(card: &UserCard, about: &str, canvas: &mut Canvas<'_>) {
    let lines = card.lines();
    let is_head = |at: usize| at == 0 || lines[at].field() != lines[at - 1].field();
    let columns = if canvas.width() >= 100 { 2 } else { 1 };
    // Lines of a field stay in one column.
    let split = (lines.len().div_ceil(columns)..lines.len())
        .find(|at| is_head(*at))
        .unwrap_or(lines.len());
    let row_of = |at: usize| if at < split { at } else { at - split };
    let rows = usize::from(canvas.height());
    let top = (row_of(card.cursor.at) + 1).saturating_sub(rows);
    let wide = canvas.width() / columns as u16;
    for (at, line) in lines.iter().enumerate() {
        let Some(y) = row_of(at).checked_sub(top).filter(|y| *y < rows) else {
            continue;
        };
        let x = if at < split { 0 } else { wide };
        let mut cell = canvas.inset(x, y as u16, wide.saturating_sub(2), 1);
        // The first visible line shows its field name too.
        if is_head(at) || y == 0 {
            cell.text(
                2,
                0,
                &text::clip(field_name(line.field()), usize::from(NAME) - 3),
                Role::FieldName,
            );
        }
        value(line, about, &mut cell);
        if at == card.cursor.at {
            cell.cursor_row(0);
        }
    }
}

fn value(line: &Line, about: &str, canvas: &mut Canvas<'_>) {
    let end = canvas.width();
    match line {
        Line::Value {
            field,
            value,
            count,
        } => {
            let count = format!("{about}{}", text::grouped(*count));
            canvas.text_before(end, 0, &count, Role::Count);
            let role = match (&**field, value.as_deref()) {
                (_, None | Some("")) => Role::FieldEmpty,
                (name::ACTION, Some(action)) if action.starts_with("Delete") => Role::ActionDelete,
                (name::STATUS, Some(status)) if is_failed(status) => Role::StatusFailed,
                _ => Role::Text,
            };
            let room =
                usize::from(end.saturating_sub(NAME)).saturating_sub(text::width(&count) + 1);
            canvas.text(NAME, 0, &text::clip_middle(&value_text(value), room), role);
        }
        Line::More { rest, .. } => {
            let more = format!("… {} more", text::grouped(*rest));
            canvas.text(NAME, 0, &more, Role::Dim);
        }
    }
}
