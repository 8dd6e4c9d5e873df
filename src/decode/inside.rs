//! Objects that are not events themselves: containers of records, error responses, and lines that accompany records.

use serde_json::value::RawValue;

use super::decoder::Decoder;
use super::json::{Key, Members, Parsed};
use super::nature;
use crate::model::{DefectKind, Remark, Skip};

/// Maximum depth of values that are searched for records.
pub(super) const DEEPEST: u8 = 10;

/// Number of elements of a list that are inspected to classify it. Lists within lists are pairs.
const LOOKED_AT: usize = 8;

impl Decoder {
    /// Handles an object without a field of a registry event. Returns false if it is an event all the same, because it
    /// has a time. `in_place`: the members are slices of the record as it is in the source.
    pub(super) fn stranger(
        &mut self,
        members: &[Parsed<'_>],
        record: &[u8],
        in_place: bool,
        position: u64,
    ) -> bool {
        if members.is_empty() {
            self.skip(Skip::EmptyObject);
            return true;
        }
        if nature::is_bulk_action(members) {
            self.skip(Skip::BulkAction);
            return true;
        }
        let is_ours = members.iter().any(|parsed| parsed.field.is_some());
        let held: Vec<&Parsed<'_>> = members
            .iter()
            .filter(|parsed| holds_records(parsed.value.get(), DEEPEST - self.nesting.min(DEEPEST)))
            .collect();
        let held = if held.is_empty() && !is_ours && nature::other_time(members).is_none() {
            let lists = members.iter().filter(|parsed| is_list_of_objects(parsed));
            lists.collect()
        } else {
            held
        };
        if held.is_empty() {
            let answer = (!is_ours).then(|| nature::error_answer(members)).flatten();
            if let Some(words) = answer {
                self.flaw(DefectKind::Answer, position, words, record);
                return true;
            }
            let has_time = is_ours || nature::other_time(members).is_some();
            let is_empty_page = members.iter().any(is_empty_list);
            if !has_time && !is_empty_page {
                self.flaw(
                    DefectKind::Shape,
                    position,
                    nature::no_event(members),
                    record,
                );
            }
            return !has_time;
        }
        for parsed in held {
            let value = parsed.value.get();
            let is_wrapper = !value.starts_with('"') && nature::is_wrapper(&parsed.key);
            if !is_wrapper {
                self.remarks.add(Remark::Within(Box::from(&*parsed.key)));
            }
            let place = if in_place {
                value.as_ptr() as usize - record.as_ptr() as usize
            } else {
                0
            };
            let at = position + place as u64;
            if in_place {
                self.nested(at, record, |decoder| decoder.value(value, at));
            } else {
                self.within(position, record, |decoder| decoder.value(value, position));
            }
        }
        true
    }

    pub(super) fn skip(&mut self, skip: Skip) {
        self.remarks.add(Remark::Skipped(skip));
    }

    /// Reads something inside a record.
    pub(super) fn nested(&mut self, position: u64, record: &[u8], read: impl FnOnce(&mut Self)) {
        if self.nesting >= DEEPEST {
            let reason = format!("records nested more than {DEEPEST} levels deep");
            self.flaw(DefectKind::Depth, position, reason, record);
            return;
        }
        self.nesting += 1;
        read(self);
        self.nesting -= 1;
    }

    /// Reads a text that the source does not contain literally: everything in it has the position of its record.
    pub(super) fn within(&mut self, position: u64, record: &[u8], read: impl FnOnce(&mut Self)) {
        let before = self.pinned;
        self.pinned = before.or(Some(position));
        self.nested(position, record, read);
        self.pinned = before;
    }

    /// Reads the records that a JSON value is or contains.
    pub(super) fn value(&mut self, value: &str, position: u64) {
        match value.as_bytes().first() {
            Some(b'{') => self.record(value.as_bytes(), position),
            Some(b'"') => self.string(value, position),
            _ => self.list(value, position),
        }
    }

    /// Reads the records in a JSON string.
    pub(super) fn string(&mut self, value: &str, position: u64) {
        let bytes = value.as_bytes();
        match unescaped(value) {
            Some(text) if text.starts_with(['{', '[']) || text.contains('\n') => {
                self.within(position, bytes, |decoder| {
                    decoder.text(text.as_bytes(), position);
                });
            }
            _ => {
                let reason = "expected an object, found a string";
                self.flaw(DefectKind::Shape, position, reason.to_owned(), bytes);
            }
        }
    }

    /// Reads lines that the source does not contain literally.
    fn text(&mut self, text: &[u8], position: u64) {
        for line in text.split(|b| *b == b'\n') {
            let line = line.trim_ascii();
            if !line.is_empty() {
                self.line(line, position);
            }
        }
    }

    /// Reads the records of a list.
    fn list(&mut self, value: &str, position: u64) {
        let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(value) else {
            return self.framed(value.as_bytes(), position);
        };
        // In a list of two, the element next to the record is its time or key.
        let is_pair = !elements
            .iter()
            .any(|element| element.get().starts_with('{'))
            && elements
                .iter()
                .any(|element| holds_records(element.get(), 2));
        let mut objects = Vec::new();
        for element in elements {
            let raw = element.get();
            let start = raw.as_ptr() as usize - value.as_ptr() as usize;
            let at = position + start as u64;
            match raw.as_bytes().first() {
                Some(b'{') => objects.push(start..start + raw.len()),
                Some(b'[') => {
                    self.records(value.as_bytes(), &std::mem::take(&mut objects), position);
                    self.nested(at, raw.as_bytes(), |decoder| decoder.list(raw, at));
                }
                _ if is_pair && !holds_records(raw, 2) => {}
                Some(b'"') => {
                    self.records(value.as_bytes(), &std::mem::take(&mut objects), position);
                    self.string(raw, at);
                }
                _ => {
                    self.records(value.as_bytes(), &std::mem::take(&mut objects), position);
                    self.framed(raw.as_bytes(), at);
                }
            }
        }
        self.records(value.as_bytes(), &objects, position);
    }
}

/// Text of a JSON string without blanks around it; `None` for any other value.
pub(super) fn unescaped(value: &str) -> Option<String> {
    let Key(text) = serde_json::from_str(value).ok()?;
    Some(
        text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{feff}')
            .to_owned(),
    )
}

/// Returns true if a value is an event or contains one: in a list, an object or a string.
fn holds_records(value: &str, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    match value.as_bytes().first() {
        Some(b'{') => {
            let Ok(Members(members)) = serde_json::from_str(value) else {
                return false;
            };
            members.iter().any(|(name, _)| nature::name_tells(name))
                || members
                    .iter()
                    .any(|(_, value)| holds_records(value.get(), depth))
        }
        Some(b'[') => {
            let inner = &value[1..];
            if !inner.trim_ascii_start().starts_with(['{', '[', '"']) {
                return false;
            }
            let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(value) else {
                return false;
            };
            elements
                .iter()
                .take(LOOKED_AT)
                .any(|element| holds_records(element.get(), depth))
        }
        Some(b'"') => {
            let inner = value[1..].trim_start_matches([' ', '\t']);
            let inner = inner.trim_start_matches("\\n");
            if !inner.starts_with(['{', '[']) {
                return false;
            }
            unescaped(value).is_some_and(|text| {
                // The string may hold several lines; the first decides.
                let mut values = serde_json::Deserializer::from_str(&text).into_iter::<&RawValue>();
                matches!(values.next(), Some(Ok(first)) if holds_records(first.get(), depth))
            })
        }
        _ => false,
    }
}

/// Returns true if the member has the name of a wrapper and is a list of objects.
fn is_list_of_objects(parsed: &Parsed<'_>) -> bool {
    let list = parsed
        .value
        .get()
        .strip_prefix('[')
        .map(str::trim_ascii_start);
    nature::is_wrapper(&parsed.key) && list.is_some_and(|list| list.starts_with('{'))
}

/// Returns true if the member has the name of a wrapper and is an empty list.
fn is_empty_list(parsed: &Parsed<'_>) -> bool {
    let list = parsed
        .value
        .get()
        .strip_prefix('[')
        .map(str::trim_ascii_start);
    nature::is_wrapper(&parsed.key) && list == Some("]")
}
