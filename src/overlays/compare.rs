//! Comparison of two events, side by side: the fields that differ, or all.

use ratatui::buffer::Buffer;

use super::{CLOSE, EXPORT, Panel, Scene, Spec, Table, Topics, frame, table};
use crate::engine::{Answer, Detail, Wants};
use crate::export::Cell;
use crate::model::time::{Nanos, SECOND};
use crate::model::{CATALOGUE, EventKey, Value};
use crate::theme::Role;
use crate::widgets::{Canvas, Glyphs, ListCursor, Look, text};

/// Width of the field names in cells.
const NAME: u16 = 18;

/// Events to compare, and the display settings.
#[derive(Clone, Debug)]
pub struct Compare {
    /// Earlier event first.
    pub keys: [EventKey; 2],
    /// Headings of the events, in the same order.
    labels: [&'static str; 2],
    found: Option<[Option<Detail>; 2]>,
    /// Also show fields with equal values.
    pub all: bool,
    pub cursor: ListCursor,
}

/// Field with its value in each event.
struct Pair<'a> {
    title: &'a str,
    values: [&'a Value; 2],
}

impl Compare {
    /// Compares two events, each with its heading.
    pub fn new(a: (EventKey, &'static str), b: (EventKey, &'static str)) -> Self {
        let [a, b] = if b.0 < a.0 { [b, a] } else { [a, b] };
        Self {
            keys: [a.0, b.0],
            labels: [a.1, b.1],
            found: None,
            all: false,
            cursor: ListCursor::default(),
        }
    }

    /// Fields to show; `None` while an event is not loaded.
    fn pairs<'a>(&'a self) -> Option<Vec<Pair<'a>>> {
        let [Some(a), Some(b)] = self.found.as_ref()? else {
            return None;
        };
        let names = a.fields.iter().map(|field| &field.name);
        let further = b.fields.iter().map(|field| &field.name);
        let further = further.filter(|name| a.fields.iter().all(|field| field.name != **name));
        let pair = |name: &'a std::sync::Arc<str>| {
            let info = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id));
            Pair {
                title: info
                    .filter(|info| info.name == **name)
                    .map_or(&**name, |info| info.title.as_str()),
                values: [value(a, name), value(b, name)],
            }
        };
        let pairs = names.chain(further).map(pair);
        Some(pairs.filter(|pair| self.all || pair.differs()).collect())
    }
}

impl Pair<'_> {
    fn differs(&self) -> bool {
        self.values[0] != self.values[1]
    }
}

fn value<'a>(detail: &'a Detail, name: &str) -> &'a Value {
    let field = detail.fields.iter().find(|field| *field.name == *name);
    field.map_or(&None, |field| &field.value)
}

/// Line of the comparison: name, both values, and a flag that they differ.
struct Line {
    name: String,
    values: [String; 2],
    differs: bool,
}

fn column(width: u16) -> u16 {
    width.saturating_sub(NAME + 2) / 2
}

/// Lines of each field: as many as its longer value needs.
fn lines(compare: &Compare, width: u16, glyphs: &Glyphs) -> Vec<Line> {
    let room = usize::from(column(width)).max(2);
    let shown = |value: &Value| match value.as_deref() {
        None => glyphs.empty.to_owned(),
        Some("") => "\"\"".to_owned(),
        Some(value) => value.to_owned(),
    };
    let mut lines = Vec::new();
    for pair in compare.pairs().into_iter().flatten() {
        let wrapped = pair.values.map(|value| text::wrap(&shown(value), room));
        let rows = wrapped[0].len().max(wrapped[1].len()).min(MOST);
        for row in 0..rows {
            let part = |lines: &[String]| lines.get(row).cloned().unwrap_or_default();
            lines.push(Line {
                name: if row == 0 {
                    pair.title.to_owned()
                } else {
                    String::new()
                },
                values: [part(&wrapped[0]), part(&wrapped[1])],
                differs: pair.differs(),
            });
        }
    }
    lines
}

/// Maximum number of lines per value.
const MOST: usize = 8;

/// Lines of the heading.
const HEAD: usize = 2;

impl Panel for Compare {
    fn spec(&self) -> Spec {
        Spec {
            title: "COMPARE",
            scopes: &["compare", "overlay", "global"],
            hints: &[
                ("compare.all", "all fields/differences"),
                ("move.down move.up", "scroll"),
                EXPORT,
                CLOSE,
            ],
        }
    }

    fn topics(&self) -> Topics {
        Topics::RECORDS
    }

    fn want(&mut self, _id: u64, _scene: &Scene<'_>, wants: &mut Wants) {
        wants.records = self.keys.to_vec();
    }

    fn arrive(&mut self, answer: &mut Answer) {
        if let Ok(found) = <[Option<Detail>; 2]>::try_from(std::mem::take(&mut answer.records)) {
            self.found = Some(found);
        }
    }

    fn cursor(&mut self, scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let lines = lines(self, scene.room().0, Glyphs::unicode());
        let places = scene.tops(lines.len() + HEAD);
        Some((&mut self.cursor, places))
    }

    /// There is no cursor, so no row is under it.
    fn table(&self, scene: &Scene<'_>) -> Option<Table> {
        let row = |pair: &Pair<'_>| {
            let values = pair.values.map(|value| Cell::from(value.as_deref()));
            [table::text(pair.title)]
                .into_iter()
                .chain(values)
                .collect()
        };
        let time = |key: &EventKey| match key.time {
            Some(time) => scene.zone.rfc3339(time, 0),
            None => "no time".to_owned(),
        };
        let [a, b] = self.keys.each_ref().map(time);
        Some(Table {
            rows: self.pairs()?.iter().map(row).collect(),
            ..Table::new("Comparison of two events", &["field", &a, &b])
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let title = match self.pairs() {
            Some(pairs) if !self.all => {
                format!(
                    "COMPARE  {}",
                    text::counted(pairs.len() as u64, "difference")
                )
            }
            _ => "COMPARE".to_owned(),
        };
        let mut canvas = frame::draw(&title, look, buf);
        let width = canvas.width();
        heading(scene, self, &mut canvas);
        let says = match (&self.found, self.pairs()) {
            (None, _) => "loading",
            (Some(_), None) => "One of the events is not loaded: open its source.",
            (_, Some(pairs)) if pairs.is_empty() => "The events are identical in every field.",
            _ => "",
        };
        canvas.text(0, HEAD as u16, says, Role::Dim);
        let lines = lines(self, width, canvas.glyphs());
        let shown = lines.iter().skip(self.cursor.at);
        for (y, line) in (HEAD as u16..canvas.height()).zip(shown) {
            canvas.text(
                0,
                y,
                &text::clip(&line.name, usize::from(NAME)),
                Role::FieldName,
            );
            for (at, value) in line.values.iter().enumerate() {
                let x = NAME + 1 + at as u16 * (column(width) + 1);
                let role = if line.differs { Role::Text } else { Role::Dim };
                canvas.text(x, y, &text::clip(value, usize::from(column(width))), role);
            }
        }
        None
    }
}

/// Formats the time between two events: `139 ms`, `12.345s`, from a minute on as a duration in seconds.
fn distance(between: Nanos) -> String {
    let ms = between / (SECOND / 1000);
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{:03}s", ms / 1000, ms % 1000),
        _ => text::duration(between / SECOND),
    }
}

/// Draws which event is which, both times and the interval between them.
fn heading(scene: &Scene<'_>, compare: &Compare, canvas: &mut Canvas<'_>) {
    let width = canvas.width();
    for (at, (key, label)) in compare.keys.iter().zip(compare.labels).enumerate() {
        let x = NAME + 1 + at as u16 * (column(width) + 1);
        let time = key
            .time
            .map_or_else(|| "no time".into(), |time| scene.zone.millisecond(time));
        let room = usize::from(column(width));
        let head = text::clip(&format!("{label}  {time}"), room).into_owned();
        canvas.text(x, 0, &head, Role::Header);
    }
    if let [Some(a), Some(b)] = compare.keys.each_ref().map(|key| key.time) {
        let apart = format!("{} apart", distance(b - a));
        canvas.text(0, 0, &apart, Role::Dim);
    }
    let line = canvas.glyphs().hline;
    canvas.rule(0, 1, width, line, Role::Dim);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_one_second_are_not_zero_apart() {
        for (ns, text) in [
            (0, "0 ms"),
            (139_900_000, "139 ms"),
            (14_007_000_000, "14.007s"),
            (247 * SECOND, "4m07s"),
        ] {
            assert_eq!(distance(ns), text);
        }
    }
}
