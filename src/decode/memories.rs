//! Caches of a decoder: templates of records, and the meanings of values, runs and tuples by their bytes.

use std::sync::Arc;

use super::json::styles_of;
use super::raw::{Form, Lookup, Raw};
use super::scratch::Scratch;
use super::templates::Templates;
use super::time_cache::TimeReader;
use super::value_cache::{ANY, Hash, Hasher, Known, Memory, Styles, TupleMemory};
use super::value_run::{MAX_VALUES, Run};
use crate::index::{GROUPS, Interner, MISSING, Ordinal, WIDTH};
use crate::model::{FieldId, id};

/// All caches of a decoder. Their numbers are those of the interner, which all decoders share.
#[derive(Debug)]
pub(super) struct Memories {
    pub(super) interner: Arc<Interner>,
    pub(super) templates: Templates,
    pub(super) hasher: Hasher,
    pub(super) time: TimeReader,
    /// Indexed by [`super::raw::What::memory`].
    values: Vec<Memory>,
    /// Indexed by the first field of the run; runs of the current table follow those of JSON, see
    /// [`Memories::TABLE_RUNS`].
    pub(super) runs: Vec<Run>,
    tuples: [TupleMemory; GROUPS.len()],
    /// Set when a cache is full and must be reset.
    is_full: bool,
}

impl Memories {
    /// Index of the first run of tables. They are separate from those of JSON because their bytes do not contain the
    /// field names.
    pub(super) const TABLE_RUNS: usize = id::USER.0 as usize;

    pub(super) fn new(interner: Arc<Interner>) -> Self {
        let hasher = Hasher::new();
        Self {
            interner,
            templates: Templates::default(),
            hasher,
            time: TimeReader::default(),
            values: (0..id::USER.0).map(|_| Memory::new()).collect(),
            runs: (0..Self::TABLE_RUNS * 2).map(|_| Run::new()).collect(),
            tuples: std::array::from_fn(|_| TupleMemory::new(hasher)),
            is_full: false,
        }
    }

    /// Clears the runs of a table: in another table, equal bytes may belong to other columns.
    pub(super) fn forget_table(&mut self) {
        for run in &mut self.runs[Self::TABLE_RUNS..] {
            *run = Run::new();
        }
    }

    /// Prefetches the slots of a record's tuples.
    #[inline]
    pub(super) fn prepare_tuples(&self, scratch: &Scratch) {
        let tuples = scratch.cells.as_chunks().0;
        for (memory, tuple) in self.tuples.iter().zip(tuples) {
            memory.prepare(tuple);
        }
    }

    /// Ordinal of a tuple of a group of columns.
    #[inline]
    pub(super) fn tuple(&mut self, group: usize, tuple: &[Ordinal; WIDTH]) -> Ordinal {
        if let Some(ordinal) = self.tuples[group].get(tuple) {
            ordinal
        } else if *tuple == [MISSING; WIDTH] {
            MISSING
        } else {
            let ordinal = self.interner.tuple(group, tuple);
            self.tuples[group].insert(tuple, ordinal);
            ordinal
        }
    }

    /// Looks up a value or run in its cache.
    #[inline]
    pub(super) fn find(&mut self, lookup: &Lookup) -> Option<Known> {
        let hash = lookup.hash?;
        match lookup.count {
            1 => self.values[lookup.memory as usize].get(hash),
            _ => self.runs[lookup.memory as usize].find(hash),
        }
    }

    /// Replaces full caches by empty ones: their values hardly repeat.
    pub(super) fn renew(&mut self) {
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

    /// Stores the values of a lookup in the record; `None` if only the general path can read them.
    #[inline]
    pub(super) fn resolve(
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

    /// Reads a run value by value and caches its meaning.
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

    /// Ordinal of a value that was not in the cache at lookup.
    #[cold]
    fn learn(
        &mut self,
        record: &[u8],
        value: &Raw,
        hash: Option<Hash>,
    ) -> Option<(Ordinal, Styles)> {
        let memory = value.what.memory();
        // An earlier record of the batch may have added it.
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
                // Numbers and words only; nested values are left to the general path.
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
            return None; // The port may be behind an escape.
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
