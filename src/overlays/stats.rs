//! Memory usage of the events and load speed: the figures of `query --stats` on the screen.

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::{Panel, Scene, Spec, Table, Topics, frame, rejected, table};
use crate::engine::{Answer, Wants};
use crate::export::Cell;
use crate::index::Usage;
use crate::theme::Role;
use crate::widgets::{ListCursor, Look, text};

/// Overlay; an answer brings the figures.
#[derive(Clone, Debug, Default)]
pub struct StatsView {
    cursor: ListCursor,
    usage: Option<Arc<Usage>>,
}

impl Panel for StatsView {
    fn spec(&self) -> Spec {
        Spec::of_text("STATS")
    }

    fn topics(&self) -> Topics {
        Topics::USAGE
    }

    fn want(&mut self, _id: u64, _scene: &Scene<'_>, wants: &mut Wants) {
        wants.usage = true;
    }

    fn arrive(&mut self, answer: &mut Answer) {
        if let Some(usage) = answer.usage.take() {
            self.usage = Some(usage);
        }
    }

    fn cursor(&mut self, scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = scene.tops(self.lines(scene).len());
        Some((&mut self.cursor, places))
    }

    fn table(&self, _scene: &Scene<'_>) -> Option<Table> {
        let usage = self.usage.as_ref()?;
        let columns = usage.columns.iter().map(|column| {
            vec![
                table::text("column"),
                table::text(&*column.name),
                Cell::Number(column.bytes as u64),
                Cell::Missing,
            ]
        });
        let dictionaries = usage.dictionaries.iter().map(|one| {
            vec![
                table::text("dictionary"),
                table::text(&*one.name),
                Cell::Number(one.bytes as u64),
                Cell::Number(one.values),
            ]
        });
        Some(Table {
            rows: columns.chain(dictionaries).collect(),
            ..Table::new("Memory use", &["part", "name", "bytes", "values"])
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let title = format!("STATS  {}", text::counted(scene.status.events, "event"));
        let mut canvas = frame::draw(&title, look, buf);
        rejected::rows(&self.lines(scene), self.cursor, &mut canvas);
        None
    }
}

impl StatsView {
    fn lines(&self, scene: &Scene<'_>) -> Vec<(String, Role)> {
        let status = scene.status;
        let events = status.events.max(1) as f64;
        let read = status.events + status.evicted.events;
        let seconds = status.loading.as_secs_f64();
        let rate = if seconds > 0.0 {
            (read as f64 / seconds) as u64
        } else {
            0
        };
        let mut lines = vec![
            (
                format!(
                    "{}B in total, {:.1} B/event, including dictionaries and lookup tables",
                    text::short(status.memory),
                    status.memory as f64 / events
                ),
                Role::Text,
            ),
            (
                format!(
                    "{} loaded in {seconds:.2} s, {}/s",
                    text::counted(read, "event"),
                    text::short(rate)
                ),
                Role::Text,
            ),
        ];
        if let Some(time) = status.evicted.newest {
            let gone = text::counted(status.evicted.events, "event");
            let from = scene.zone.second(time);
            lines.push((
                format!("{gone} evicted to stay below the memory limit (--max-memory)"),
                Role::Warning,
            ));
            lines.push((format!("data is complete from {from}"), Role::Warning));
        }
        let Some(usage) = &self.usage else {
            lines.push(("counting".into(), Role::Loading));
            return lines;
        };
        let bytes = |bytes: usize| format!("{}B", text::short(bytes as u64));
        let section = |name: &str, sum: usize| (format!("{name}  {}", bytes(sum)), Role::Header);
        lines.push((String::new(), Role::Text));
        lines.push(section("COLUMNS", usage.column_bytes()));
        lines.extend(usage.columns.iter().map(|column| {
            let each = column.bytes as f64 / events;
            let line = format!(
                "{:>8} {each:>7.2} B/event  {}",
                bytes(column.bytes),
                column.name
            );
            (line, Role::Text)
        }));
        lines.push((String::new(), Role::Text));
        lines.push(section("DICTIONARIES", usage.dictionary_bytes()));
        lines.extend(usage.dictionaries.iter().map(|one| {
            let line = format!(
                "{:>8} {:>11} values  {}",
                bytes(one.bytes),
                text::grouped(one.values),
                one.name
            );
            (line, Role::Text)
        }));
        lines
    }
}
