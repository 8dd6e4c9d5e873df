//! First step of the fast path: follows a template through one record to find its values.

use super::json::{NULL, canonical_number};
use super::marks::Marks;
use super::memories::Memories;
use super::raw::{Form, Lookup, Raw};
use super::scratch::Scratch;
use super::target::Target;
use super::templates::{Edge, TemplateIds};
use super::value_run::MAX_VALUES;
use crate::index::template::Slot;
use crate::index::{ColumnId, Typed, parse_uuid};

/// Scan of one record.
pub(super) struct Scan<'a> {
    pub(super) record: &'a [u8],
    pub(super) scratch: &'a mut Scratch,
    pub(super) values: &'a mut Vec<Raw>,
    pub(super) lookups: &'a mut Vec<Lookup>,
}

impl Scan<'_> {
    /// Finds the values of the record at the start of the bytes and reads those that need no lookup. `marks` is the
    /// offset of the bytes in the text whose quotes are marked. Returns the matching templates and the end of the
    /// record; `None` if no known template matches.
    pub(super) fn record(
        &mut self,
        memories: &mut Memories,
        quotes: &mut Marks,
        marks: usize,
    ) -> Option<(TemplateIds, usize)> {
        let record = self.record;
        let (mut node, mut at) = (0, 0);
        let mut run = None;
        let mut first = self.values.len();
        while let Some((next, edge)) = memories.templates.step(node, record, at) {
            let &Edge {
                slot,
                what,
                target,
                kind,
                ..
            } = edge;
            let start = at + edge.len as usize;
            let end = match slot {
                Slot::Text => quotes.next(marks + start)? - marks,
                Slot::Literal => start + literal_end(&record[start..])?,
            };
            let continues = kind == run && self.values.len() - first < MAX_VALUES;
            if run.is_some() && !continues {
                self.close(memories, first, 0);
            }
            let value = Raw::new(what, start..end);
            if kind.is_none() {
                self.single(memories, target, value)?;
            } else {
                if !continues {
                    first = self.values.len();
                }
                self.values.push(value);
            }
            run = kind;
            at = end;
            node = next;
        }
        if run.is_some() {
            self.close(memories, first, 0);
        }
        let (shapes, tail) = memories.templates.end(node, &record[at..])?;
        Some((shapes, at + tail))
    }

    /// Reads a value that is not part of a run, or queues its lookup.
    #[inline]
    pub(super) fn single(
        &mut self,
        memories: &mut Memories,
        target: Target,
        mut value: Raw,
    ) -> Option<()> {
        let raw = value.of(self.record);
        let is_literal = value.what.form() == Form::Literal;
        if is_literal && raw == NULL {
            return Some(());
        }
        let record = &mut self.scratch.record;
        match target {
            Target::RequestId if !is_literal => {
                if let Some(uuid) = parse_uuid(raw) {
                    record.request_id = Typed::Value(uuid);
                    return Some(());
                }
            }
            Target::Address => {
                let start = value.start();
                let end = start + self.scratch.without_port(raw).len();
                value = Raw::new(value.what, start..end);
            }
            Target::LogTime => {
                record.log_time = Typed::Value(canonical_number(raw)?); // Anything else may be a date.
                return Some(());
            }
            Target::LogTimeNs => {
                if let Some(number) = canonical_number(raw) {
                    record.log_time_ns = Typed::Value(number);
                    return Some(());
                }
            }
            Target::Time => {
                let read = memories.time.read(raw, &memories.interner);
                let (nanos, spelling) = read.filter(|_| !is_literal)?;
                record.time = Some(nanos);
                self.scratch.column(ColumnId::SPELLING, spelling);
                return Some(());
            }
            _ => {}
        }
        self.values.push(value);
        self.look_up(memories, self.values.len() - 1);
        Some(())
    }

    /// Ends a run: queues one lookup for the values from `first` on, or one for each. `runs` is the index of the first
    /// run of their source type (JSON or table).
    #[inline]
    pub(super) fn close(&mut self, memories: &mut Memories, first: usize, runs: usize) {
        let [head, .., last] = &self.values[first..] else {
            self.look_up(memories, first);
            return;
        };
        let memory = runs + head.what.field().index();
        let run = &memories.runs[memory];
        if run.is_hopeless() {
            for at in first..self.values.len() {
                self.look_up(memories, at);
            }
            return;
        }
        let bytes = &self.record[head.start()..last.end()];
        let hash = memories.hasher.hash(bytes);
        if let Some(hash) = hash {
            run.prepare(hash);
        }
        self.lookups.push(Lookup {
            hash,
            found: None,
            memory: memory as u32,
            first: first as u32,
            count: (self.values.len() - first) as u32,
        });
    }

    #[inline]
    fn look_up(&mut self, memories: &mut Memories, at: usize) {
        let value = self.values[at];
        let memory = value.what.memory();
        let hash = memories.hasher.hash(value.of(self.record));
        if let Some(hash) = hash {
            memories.memory(memory).prepare(hash);
        }
        self.lookups.push(Lookup {
            hash,
            found: None,
            memory: memory as u32,
            first: at as u32,
            count: 1,
        });
    }
}

/// End of a number or word; `None` if a nested value starts.
#[inline]
fn literal_end(bytes: &[u8]) -> Option<usize> {
    let end = bytes
        .iter()
        .position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'))?;
    (end > 0).then_some(end)
}
