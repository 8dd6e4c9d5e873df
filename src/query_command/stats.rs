//! `--stats`: load time and memory usage of the events, independent of the filter.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::engine::{Answer, Status};
use crate::export::{Cell, Sheet};
use crate::index::Usage;

/// Figures of one load.
pub(super) struct Stats {
    events: u64,
    skipped: u64,
    segments: u64,
    /// Time from the opening of the first source to the end of the last.
    seconds: f64,
    /// Size of the index, including the lookup tables of the dictionaries.
    bytes: u64,
    usage: Arc<Usage>,
}

impl Stats {
    /// Returns `None` if the answer has no memory usage, because it was not requested.
    pub(super) fn of(answer: &Answer, status: &Status, seconds: f64) -> Option<Self> {
        Some(Self {
            events: answer.total,
            segments: answer.looked_at.1 as u64,
            seconds,
            skipped: status.skipped,
            bytes: status.memory,
            usage: answer.usage.clone()?,
        })
    }

    fn per_event(&self, bytes: u64) -> f64 {
        rounded(bytes as f64 / self.events.max(1) as f64)
    }

    fn rate(&self) -> u64 {
        (self.events as f64 / self.seconds.max(1e-9)) as u64
    }

    pub(super) fn json(&self) -> Json {
        let columns = self.usage.columns.iter().map(|column| {
            json!({
                "column": &*column.name,
                "fields": column.fields.iter().map(|field| &**field).collect::<Vec<_>>(),
                "bytes": column.bytes,
                "bytes_per_event": self.per_event(column.bytes as u64),
            })
        });
        let dictionaries =
            self.usage.dictionaries.iter().map(
                |one| json!({"dictionary": &*one.name, "values": one.values, "bytes": one.bytes}),
            );
        json!({
            "events": self.events,
            "skipped": self.skipped,
            "segments": self.segments,
            "load_seconds": rounded(self.seconds),
            "events_per_second": self.rate(),
            "bytes": self.bytes,
            "bytes_per_event": self.per_event(self.bytes),
            "column_bytes": self.usage.column_bytes(),
            "dictionary_bytes": self.usage.dictionary_bytes(),
            "columns": columns.collect::<Vec<_>>(),
            "dictionaries": dictionaries.collect::<Vec<_>>(),
        })
    }

    pub(super) fn sheets(&self) -> [Sheet<'static>; 3] {
        let number = |number: usize| Cell::Number(number as u64);
        let headings = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let whole = Sheet::whole(
            String::new(),
            headings(&[
                "events",
                "segments",
                "load_seconds",
                "events_per_second",
                "bytes",
                "bytes_per_event",
            ]),
            vec![vec![
                Cell::Number(self.events),
                Cell::Number(self.segments),
                Cell::Text(rounded(self.seconds).to_string()),
                Cell::Number(self.rate()),
                Cell::Number(self.bytes),
                Cell::Text(self.per_event(self.bytes).to_string()),
            ]],
        );
        let columns = self.usage.columns.iter().map(|column| {
            vec![
                number(column.bytes),
                Cell::Text(self.per_event(column.bytes as u64).to_string()),
                Cell::Text(column.name.to_string()),
                Cell::Text(column.fields.join(" ")),
            ]
        });
        let columns = Sheet::whole(
            format!("columns: {} bytes", self.usage.column_bytes()),
            headings(&["bytes", "bytes_per_event", "column", "fields"]),
            columns.collect(),
        );
        let dictionaries = self.usage.dictionaries.iter().map(|one| {
            vec![
                number(one.bytes),
                Cell::Number(one.values),
                Cell::Text(one.name.to_string()),
            ]
        });
        let dictionaries = Sheet::whole(
            format!("dictionaries: {} bytes", self.usage.dictionary_bytes()),
            headings(&["bytes", "values", "dictionary"]),
            dictionaries.collect(),
        );
        [whole, columns, dictionaries]
    }
}

/// Rounds to three decimal places; more would be noise.
fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
