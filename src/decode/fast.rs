//! The fast way: a record whose template is known, read by what is expected of it.
//!
//! Nothing is parsed here: literals are compared, values looked up by their raw bytes. Whatever is not as
//! expected is left to the general way, which starts the record anew.

use super::cache::{ANY, MINIMAL, Memory, Styles};
use super::decoder::Decoder;
use super::general::{NULL, canonical_number, styles_of};
use super::scan::quotes;
use super::slots::Target;
use crate::index::shape::Slot;
use crate::index::{ColumnId, Ordinal, Typed, parse_uuid};
use crate::model::{FieldId, id};

impl Decoder {
    /// The fast way: the template is known and its values are of the kind it promises.
    pub(super) fn predicted(&mut self, record: &[u8]) -> Option<Ordinal> {
        let mut node = 0;
        let mut rest = record;
        let mut quote = 0;
        self.learning.kind = None;
        quotes(record, &mut self.quotes);
        while let Some(step) = self.templates.step(node, rest) {
            let value = step.value;
            let start = record.len() - value.len();
            // From here on the next quote is the value's closing one.
            quote += step.quotes;
            let kind = step.kind;
            if self.learning.kind.is_some() && self.learning.kind != kind {
                self.learn_run(record, record.len() - rest.len(), node);
            }
            if let Some(number) = step.run
                && self.learning.kind.is_none()
                && let Some(run) = self.templates.run(number)
            {
                let ahead = self.quotes.get(quote..)?;
                if let Some((meaning, next)) = run.find(record, start, ahead, node) {
                    self.scratch.apply(meaning);
                    node = next;
                    quote += (meaning.values.len() - 1) * 4;
                    rest = &record[*self.quotes.get(quote)? as usize..];
                    continue;
                }
                self.learning.begin(number, node, start, kind);
            }
            let end = match step.slot {
                Slot::Text => (*self.quotes.get(quote)? as usize).checked_sub(start)?,
                Slot::Literal => literal_end(value)?,
            };
            self.value(step.target, step.slot, &value[..end])?;
            rest = &value[end..];
            node = step.next;
        }
        if self.learning.kind.is_some() {
            self.learn_run(record, record.len() - rest.len(), node);
        }
        let ascii = match self.scratch.styles {
            0 => return None,
            styles => styles & MINIMAL == 0,
        };
        self.templates.end(node, rest, ascii)
    }

    /// Remembers the run that has just been read value by value, up to `end`.
    #[cold]
    fn learn_run(&mut self, record: &[u8], end: usize, next: u32) {
        if let Some(run) = self.templates.run(self.learning.run) {
            run.learn(&record[self.learning.start..end], &self.learning, next);
        }
        self.learning.kind = None;
    }

    /// Puts a raw value where it belongs; `None` where only the general way can tell what it means.
    #[inline]
    fn value(&mut self, target: Target, slot: Slot, raw: &[u8]) -> Option<()> {
        if slot == Slot::Literal && raw == NULL {
            return Some(());
        }
        match target {
            Target::Member { field, .. } | Target::Column { field, .. } => {
                let (ordinal, styles) = self.ordinal(field, slot, raw)?;
                self.scratch.put(target, ordinal);
                if self.learning.kind.is_some() {
                    self.learning.values.push((target, ordinal));
                    self.learning.styles &= styles;
                }
            }
            Target::Unknown { field, column } => {
                let (ordinal, _) = self.ordinal(field, slot, raw)?;
                self.scratch.record.unknown.push((column, ordinal));
            }
            Target::RequestId => {
                self.scratch.record.request_id = match parse_uuid(raw) {
                    Some(uuid) => Typed::Value(uuid),
                    None => Typed::Text(self.ordinal(id::REQUEST_ID, slot, raw)?.0),
                };
            }
            Target::LogTime => {
                self.scratch.record.log_time = self.number(id::LOG_TIME, slot, raw)?;
            }
            Target::LogTimeNs => {
                self.scratch.record.log_time_ns = self.number(id::LOG_TIME_NS, slot, raw)?;
            }
            Target::Time => match (slot, self.time.read(raw, &self.interner)) {
                (Slot::Text, Some((nanos, spelling))) => {
                    self.scratch.record.time = Some(nanos);
                    self.scratch.record.columns[ColumnId::SPELLING.index()] = spelling;
                }
                _ => return None,
            },
        }
        Some(())
    }

    /// The ordinal of a raw value, remembered or interned.
    #[inline]
    fn ordinal(&mut self, field: FieldId, slot: Slot, raw: &[u8]) -> Option<(Ordinal, Styles)> {
        if self.values.len() <= field.index() {
            self.values.resize_with(field.index() + 1, Memory::new);
        }
        if slot == Slot::Text
            && let Some((ordinal, styles)) = self.values[field.index()].get(raw)
        {
            self.scratch.styles &= styles;
            return Some((ordinal, styles));
        }
        self.learn(field, slot, raw)
    }

    #[cold]
    fn learn(&mut self, field: FieldId, slot: Slot, raw: &[u8]) -> Option<(Ordinal, Styles)> {
        let raw_text = std::str::from_utf8(raw).ok()?;
        if slot == Slot::Literal {
            // Numbers and words only; anything nested is left to the general way.
            let plain = raw_text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
            let valid = plain && serde_json::from_str::<serde::de::IgnoredAny>(raw_text).is_ok();
            return valid.then(|| (self.interner.value(field, raw_text), ANY));
        }
        let plain = raw.iter().all(|b| *b >= b' ' && *b != b'\\' && *b < 0x80);
        let (ordinal, styles) = if plain {
            (self.interner.value(field, raw_text), ANY)
        } else {
            let text: String = serde_json::from_str(&format!("\"{raw_text}\"")).ok()?;
            (self.interner.value(field, &text), styles_of(&text, raw))
        };
        self.values[field.index()].insert(raw, (ordinal, styles));
        self.scratch.styles &= styles;
        Some((ordinal, styles))
    }

    #[inline]
    fn number(&mut self, field: FieldId, slot: Slot, raw: &[u8]) -> Option<Typed<i64>> {
        match canonical_number(raw) {
            Some(number) => Some(Typed::Value(number)),
            None => self
                .ordinal(field, slot, raw)
                .map(|(ordinal, _)| Typed::Text(ordinal)),
        }
    }
}

/// End of a number or word; `None` where something nested starts.
#[inline]
fn literal_end(bytes: &[u8]) -> Option<usize> {
    let end = bytes
        .iter()
        .position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'))?;
    (end > 0).then_some(end)
}
