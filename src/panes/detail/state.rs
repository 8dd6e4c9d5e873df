//! State of the detail pane: the fields of one event in reading order, the focused one, and the display mode of the raw
//! record.

use std::sync::Arc;

use super::pretty;
use crate::engine::Detail;
use crate::model::{CATALOGUE, EventId, FieldInfo, FieldKind, Value};
use crate::widgets::text::grouped;

/// Groups of the catalogue in reading order; fields that the catalogue does not have come last.
const GROUPS: &[&str] = &[
    "request",
    "response",
    "identity",
    "target",
    "network",
    "credential",
    "delivery",
];

/// Maximum number of bytes shown of a raw record: laying out megabytes would be noticeably slow.
const MOST: usize = 256 * 1024;

/// Display mode of the pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Face {
    #[default]
    Fields,
    /// Record as pretty-printed JSON.
    Pretty,
    /// Record as read.
    AsRead,
}

/// Field of the event, with its catalogue entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub name: Arc<str>,
    pub title: Arc<str>,
    pub group: &'static str,
    pub derived: bool,
    pub value: Value,
}

impl Entry {
    /// Returns true if name, title or value contains the text; case matters only if the text has upper case.
    pub fn has(&self, text: &str) -> bool {
        let minds = text.chars().any(char::is_uppercase);
        let in_part = |part: &str| {
            if minds {
                part.contains(text)
            } else {
                part.to_lowercase().contains(text)
            }
        };
        in_part(&self.name) || in_part(&self.title) || self.value.as_deref().is_some_and(in_part)
    }
}

#[derive(Debug, Default)]
pub struct DetailState {
    detail: Option<Detail>,
    entries: Vec<Entry>,
    raw: Vec<String>,
    pub face: Face,
    /// Show the meaning of the focused field.
    pub meaning: bool,
    /// Name of the focused field; kept from event to event.
    focused: Option<Arc<str>>,
    /// Text to find in names and values.
    pub find: Option<String>,
    /// First visible line of the raw record.
    pub scroll: usize,
    /// Event whose fields were last requested.
    pub asked: Option<EventId>,
}

impl DetailState {
    pub fn arrive(&mut self, detail: Detail) {
        self.entries = entries(&detail);
        if self.detail.as_ref().is_none_or(|old| old.id != detail.id) {
            self.scroll = 0;
        }
        self.detail = Some(detail);
        self.show_raw();
    }

    pub fn clear(&mut self) {
        self.detail = None;
        self.entries.clear();
        self.raw.clear();
    }

    pub fn detail(&self) -> Option<&Detail> {
        self.detail.as_ref()
    }

    pub fn id(&self) -> Option<EventId> {
        self.detail.as_ref().map(|detail| detail.id)
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Lines of the raw record in the current display mode.
    pub fn raw(&self) -> &[String] {
        &self.raw
    }

    pub fn cursor(&self) -> usize {
        let at = |name: &Arc<str>| self.entries.iter().position(|entry| entry.name == *name);
        self.focused.as_ref().and_then(at).unwrap_or(0)
    }

    pub fn focused(&self) -> Option<&Entry> {
        self.entries.get(self.cursor())
    }

    /// Catalogue entry of the focused field.
    pub fn info(&self) -> Option<&'static FieldInfo> {
        self.focused()
            .and_then(|entry| CATALOGUE.find(&entry.name))
            .and_then(|id| CATALOGUE.get(id))
    }

    pub fn step(&mut self, by: i64) {
        if self.face == Face::Fields {
            let last = self.entries.len() as i64 - 1;
            let index = (self.cursor() as i64)
                .saturating_add(by)
                .clamp(0, last.max(0)) as usize;
            self.focused = self.entries.get(index).map(|entry| entry.name.clone());
        } else {
            self.scroll(by);
        }
    }

    /// Moves to the nearest field whose name or value contains the text to find, starting at the current field or past
    /// it, and wrapping around. Returns false if there is none.
    pub fn seek(&mut self, forward: bool, past: bool) -> bool {
        let Some(text) = self.find.as_deref().filter(|text| !text.is_empty()) else {
            return false;
        };
        let count = self.entries.len();
        let start = self.cursor();
        let at = |step: usize| {
            let step = step + usize::from(past);
            if forward {
                (start + step) % count
            } else {
                (start + count - step % count) % count
            }
        };
        let found = (0..count).map(at).find(|at| self.entries[*at].has(text));
        if let Some(found) = found {
            self.focused = Some(self.entries[found].name.clone());
        }
        found.is_some()
    }

    pub fn scroll(&mut self, by: i64) {
        if self.face == Face::Fields {
            return self.step(by);
        }
        let last = self.raw.len() as i64 - 1;
        self.scroll = (self.scroll as i64)
            .saturating_add(by)
            .clamp(0, last.max(0)) as usize;
    }

    pub fn next_face(&mut self) {
        self.face = match self.face {
            Face::Fields => Face::Pretty,
            Face::Pretty => Face::AsRead,
            Face::AsRead => Face::Fields,
        };
        self.scroll = 0;
        self.show_raw();
    }

    /// Number of missing or empty fields of the event.
    pub fn blank(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.value.as_deref().is_none_or(str::is_empty))
            .count()
    }

    fn show_raw(&mut self) {
        let whole = self.detail.as_ref().map_or("", |detail| &detail.raw);
        let raw = &whole[..whole.floor_char_boundary(MOST)];
        self.raw = match self.face {
            Face::Fields => Vec::new(),
            Face::Pretty => pretty::lines(raw),
            Face::AsRead => raw.split('\n').map(str::to_owned).collect(),
        };
        if raw.len() < whole.len() && self.face != Face::Fields {
            let rest = grouped((whole.len() - raw.len()) as u64);
            self.raw.push(format!("… {rest} more bytes"));
        }
    }
}

fn entries(detail: &Detail) -> Vec<Entry> {
    let mut entries: Vec<Entry> = detail
        .fields
        .iter()
        .map(|field| {
            let info = CATALOGUE
                .find(&field.name)
                .and_then(|id| CATALOGUE.get(id))
                .filter(|info| info.name == *field.name);
            let group = info.and_then(|info| GROUPS.iter().find(|group| **group == info.group));
            Entry {
                name: field.name.clone(),
                title: info.map_or_else(|| field.name.clone(), |info| info.title.as_str().into()),
                group: group.copied().unwrap_or("other"),
                derived: info.is_some_and(|info| info.kind == FieldKind::Derived),
                value: field.value.clone(),
            }
        })
        .collect();
    // The sort is stable: within a group, fields keep catalogue order.
    entries.sort_by_key(|entry| {
        GROUPS
            .iter()
            .position(|group| *group == entry.group)
            .unwrap_or(GROUPS.len())
    });
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::DetailField;

    fn detail(id: u64, fields: &[(&str, Option<&str>)]) -> Detail {
        let field = |(name, value): &(&str, Option<&str>)| DetailField {
            name: (*name).into(),
            value: value.map(Into::into),
        };
        Detail {
            id: EventId(id),
            time: None,
            offset: 0,
            rank: None,
            source: "a".into(),
            fields: fields.iter().map(field).collect(),
            raw: r#"{"tag":"v1","n":1.0}"#.into(),
        }
    }

    #[test]
    fn the_focused_field_stays_focused_from_event_to_event() {
        let mut state = DetailState::default();
        state.arrive(detail(1, &[("tag", Some("v1")), ("odd", Some("x"))]));
        state.step(1);
        state.arrive(detail(
            2,
            &[("action", None), ("tag", Some("v2")), ("odd", Some("y"))],
        ));
        assert_eq!(state.focused().map(|entry| &*entry.name), Some("odd"));
    }

    #[test]
    fn a_field_is_found_by_its_name_or_its_value() {
        let mut state = DetailState::default();
        state.arrive(detail(
            1,
            &[
                ("action", Some("GetBlob")),
                ("tag", Some("v1")),
                ("odd", Some("blob")),
            ],
        ));
        let mut found = |text: &str, forward, past| {
            state.find = Some(text.to_owned());
            let found = state.seek(forward, past);
            found.then(|| state.focused().map(|entry| entry.name.to_string()))
        };
        assert_eq!(found("blob", true, false), Some(Some("action".into())));
        assert_eq!(found("blob", true, true), Some(Some("odd".into())));
        assert_eq!(
            found("blob", true, true),
            Some(Some("action".into())),
            "around the end"
        );
        assert_eq!(found("blob", false, true), Some(Some("odd".into())));
        assert_eq!(found("TAG", true, false), None, "upper case counts");
        assert_eq!(found("tag", true, false), Some(Some("tag".into())));
    }

    #[test]
    fn fields_are_grouped_and_unknown_ones_come_last() {
        let mut state = DetailState::default();
        state.arrive(detail(
            1,
            &[
                ("odd", Some("")),
                ("tag", None),
                ("action", Some("GetBlob")),
            ],
        ));
        let names: Vec<&str> = state.entries().iter().map(|entry| &*entry.name).collect();
        assert_eq!(names, ["action", "tag", "odd"]);
        assert_eq!(state.blank(), 2);
    }

    #[test]
    fn raw_is_shown_in_lines_and_as_read() {
        let mut state = DetailState::default();
        state.arrive(detail(1, &[]));
        state.next_face();
        assert_eq!(state.raw()[1].trim(), r#""tag": "v1","#);
        state.next_face();
        assert_eq!(state.raw(), [r#"{"tag":"v1","n":1.0}"#]);
    }
}
