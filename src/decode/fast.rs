//! The fast way: records whose templates are known, read by what is expected of them, some at a time.
//!
//! Nothing is parsed here: literals are compared, values looked up by a hash of their raw bytes. The memories
//! are far larger than the processor's caches, so each step is done for a whole batch: the first says where
//! the values are and asks for their places in memory, the next looks there, and so on; what was asked for has
//! come by then. Whatever is not as expected is left to the general way, which starts the record anew.

use std::ops::Range;

use super::cache::{ANY, Hash, Known, MINIMAL, Memory, Styles};
use super::decoder::{Decoder, Scratch};
use super::general::styles_of;
use super::runs::{MAX_VALUES, Run};
use super::templates::Shapes;
use super::walk::{Form, Lookup, Raw, Scan};
use crate::index::{ColumnId, MISSING, Ordinal};
use crate::model::{FieldId, id};

/// Records of a batch at most.
pub(super) const BATCH: usize = 24;

/// Records that are decoded together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Where each record lies in the bytes at hand, and in the source.
    pub(super) records: Vec<(Range<usize>, u64)>,
    drafts: Vec<Draft>,
    values: Vec<Raw>,
    lookups: Vec<Lookup>,
}

/// A record on its way.
#[derive(Debug, Default)]
struct Draft {
    scratch: Scratch,
    /// Its templates; `None` where it has to go the general way.
    shapes: Option<Shapes>,
    lookups: Range<usize>,
}

impl Batch {
    /// Has record `n` looked through.
    #[inline]
    pub(super) fn draft(
        &mut self,
        n: usize,
        record: &[u8],
        look: impl FnOnce(&mut Scan<'_>) -> Option<Shapes>,
    ) {
        if self.drafts.len() <= n {
            self.drafts.resize_with(n + 1, Draft::default);
        }
        let draft = &mut self.drafts[n];
        let (first, first_value) = (self.lookups.len(), self.values.len());
        draft.scratch.begin();
        draft.shapes = look(&mut Scan {
            record,
            scratch: &mut draft.scratch,
            values: &mut self.values,
            lookups: &mut self.lookups,
        });
        if draft.shapes.is_none() {
            self.lookups.truncate(first);
            self.values.truncate(first_value);
        }
        draft.lookups = first..self.lookups.len();
    }
}

impl Decoder {
    /// Looks up what the drafts of a batch have in them, and appends its records, which lie in `bytes`. Those that are
    /// not as expected are left to `general`.
    pub(super) fn complete(
        &mut self,
        batch: &mut Batch,
        bytes: &[u8],
        mut general: impl FnMut(&mut Self, &[u8], u64),
    ) {
        let Batch {
            records,
            drafts,
            values,
            lookups,
        } = batch;
        for lookup in lookups.iter_mut() {
            lookup.found = lookup.hash.and_then(|hash| match lookup.count {
                1 => self.values[lookup.memory as usize].get(hash),
                _ => self.runs[lookup.memory as usize].find(hash),
            });
        }
        for ((range, _), draft) in records.iter().zip(drafts.iter_mut()) {
            let record = &bytes[range.clone()];
            let shape = draft.shapes.and_then(|shapes| {
                let mut lookups = lookups[draft.lookups.clone()].iter();
                lookups.try_for_each(|lookup| {
                    let values = &values[lookup.first as usize..][..lookup.count as usize];
                    self.resolve(record, lookup, values, &mut draft.scratch)
                })?;
                match draft.scratch.styles {
                    0 => None,
                    styles => shapes[usize::from(styles & MINIMAL == 0)],
                }
            });
            if let Some(shape) = shape {
                draft.scratch.column(ColumnId::SHAPE, shape);
                let tuples = draft.scratch.cells.as_chunks().0;
                for (memory, tuple) in self.tuples.iter().zip(tuples) {
                    memory.prepare(tuple);
                }
            } else {
                draft.shapes = None;
            }
        }
        for ((range, position), draft) in records.drain(..).zip(drafts) {
            let record = &bytes[range];
            if draft.shapes.is_some() {
                self.append(&mut draft.scratch, record, position);
            } else {
                general(self, record, position);
            }
        }
        values.clear();
        lookups.clear();
        self.renew();
    }

    /// Starts memories anew that are full: what they hold hardly repeats.
    fn renew(&mut self) {
        if !std::mem::take(&mut self.is_full) {
            return;
        }
        for memory in &mut self.values {
            if memory.is_full() {
                *memory = Memory::new();
            }
        }
        for run in &mut self.runs {
            if run.is_full() {
                *run = Run::new();
            }
        }
    }

    /// Puts what was looked up where it belongs; `None` where only the general way can tell what it means.
    #[inline]
    fn resolve(
        &mut self,
        record: &[u8],
        lookup: &Lookup,
        values: &[Raw],
        scratch: &mut Scratch,
    ) -> Option<()> {
        if let [value] = values {
            let (ordinal, styles) = match lookup.found {
                Some(known) => (known.number(), known.styles()),
                None => self.learn(record, value, lookup.hash)?,
            };
            value.put(ordinal, scratch);
            scratch.styles &= styles;
            return Some(());
        }
        let run = &self.runs[lookup.memory as usize];
        let found = lookup
            .found
            .or_else(|| lookup.hash.and_then(|hash| run.again(hash)));
        if let Some(known) = found {
            scratch.styles &= known.styles();
            for (value, ordinal) in values.iter().zip(run.meaning(known)) {
                scratch.cells[value.what.cell() % scratch.cells.len()] = *ordinal;
            }
            return Some(());
        }
        self.learn_run(record, lookup, values, scratch)
    }

    /// Reads a run value by value and remembers what it means.
    #[cold]
    fn learn_run(
        &mut self,
        record: &[u8],
        lookup: &Lookup,
        values: &[Raw],
        scratch: &mut Scratch,
    ) -> Option<()> {
        let mut meaning = [MISSING; MAX_VALUES];
        let mut all = ANY;
        for (value, meaning) in values.iter().zip(&mut meaning) {
            let hash = self.hasher.hash(value.of(record));
            let (ordinal, styles) = self.learn(record, value, hash)?;
            value.put(ordinal, scratch);
            *meaning = ordinal;
            all &= styles;
        }
        scratch.styles &= all;
        if let Some(hash) = lookup.hash {
            let run = &mut self.runs[lookup.memory as usize];
            run.learn(hash, meaning, all);
            self.is_full |= run.is_full();
        }
        Some(())
    }

    /// The ordinal of a value that was not known when it was looked up.
    #[cold]
    fn learn(
        &mut self,
        record: &[u8],
        value: &Raw,
        hash: Option<Hash>,
    ) -> Option<(Ordinal, Styles)> {
        let memory = value.what.memory();
        // Another record of the batch may have had it first.
        if let Some(known) = hash.and_then(|hash| self.memory(memory).get(hash)) {
            return Some((known.number(), known.styles()));
        }
        let what = value.what;
        let (ordinal, styles) = self.work_out(what.field(), what.form(), value.of(record))?;
        if let (Some(hash), Some(known)) = (hash, Known::new(ordinal, styles)) {
            let memory = &mut self.values[memory];
            memory.insert(hash, known);
            self.is_full |= memory.is_full();
        }
        Some((ordinal, styles))
    }

    fn work_out(&self, field: FieldId, form: Form, raw: &[u8]) -> Option<(Ordinal, Styles)> {
        let raw_text = std::str::from_utf8(raw).ok()?;
        match form {
            Form::Text => {}
            Form::Cell | Form::Doubled if raw.contains(&0) => return None,
            Form::Cell => return Some((self.interner.value(field, raw_text), ANY)),
            Form::Doubled => {
                let text = raw_text.replace("\"\"", "\"");
                return Some((self.interner.value(field, &text), ANY));
            }
            Form::Literal => {
                // Numbers and words only; anything nested is left to the general way.
                let plain = raw_text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
                let valid =
                    plain && serde_json::from_str::<serde::de::IgnoredAny>(raw_text).is_ok();
                return valid.then(|| (self.interner.value(field, raw_text), ANY));
            }
        }
        let plain = raw.iter().all(|b| *b >= b' ' && *b != b'\\' && *b < 0x80);
        if plain {
            return Some((self.interner.value(field, raw_text), ANY));
        }
        if field == id::ADDRESS && raw.contains(&b'\\') {
            return None; // Its port may be behind an escape.
        }
        let text: String = serde_json::from_str(&format!("\"{raw_text}\"")).ok()?;
        Some((self.interner.value(field, &text), styles_of(&text, raw)))
    }

    pub(super) fn memory(&mut self, at: usize) -> &mut Memory {
        if self.values.len() <= at {
            self.values.resize_with(at + 1, Memory::new);
        }
        &mut self.values[at]
    }
}
