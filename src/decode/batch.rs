//! Fast path: records of known templates, predicted and decoded in batches.
//!
//! Nothing is parsed here: literals are compared and values are looked up by a hash of their raw bytes. The caches are
//! far larger than the processor's, so each step runs over a whole batch: the first finds the values and prefetches
//! their cache slots, the next reads the slots, and so on; by then the prefetched lines have arrived. Any surprise
//! leaves the record to the general path, which reads it again from its start.

use std::ops::Range;

use super::memories::Memories;
use super::raw::{Lookup, Raw};
use super::scratch::Scratch;
use super::template_match::Scan;
use super::templates::TemplateIds;
use super::value_cache::MINIMAL;
use crate::index::ColumnId;

/// Maximum number of records in a batch.
pub(super) const BATCH: usize = 24;

#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Range of each record in the current bytes, and its position in the source.
    pub(super) records: Vec<(Range<usize>, u64)>,
    pub(super) drafts: Vec<Draft>,
    values: Vec<Raw>,
    lookups: Vec<Lookup>,
}

/// State of one record between the steps of a batch.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) scratch: Scratch,
    /// Templates of the record; `None` if it takes the general path.
    pub(super) shapes: Option<TemplateIds>,
    lookups: Range<usize>,
}

impl Batch {
    /// Scans record `n` with `look` and keeps the result as its draft.
    #[inline]
    pub(super) fn draft(
        &mut self,
        n: usize,
        record: &[u8],
        look: impl FnOnce(&mut Scan<'_>) -> Option<TemplateIds>,
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

    /// Resolves the lookups of all drafts; the records are ranges of `bytes`. A draft that turns out not to fit loses
    /// its templates.
    pub(super) fn look_up(&mut self, memories: &mut Memories, bytes: &[u8]) {
        let Self {
            records,
            drafts,
            values,
            lookups,
        } = self;
        for lookup in lookups.iter_mut() {
            lookup.found = memories.find(lookup);
        }
        for ((range, _), draft) in records.iter().zip(drafts) {
            let record = &bytes[range.clone()];
            let shape = draft.shapes.and_then(|shapes| {
                let mut lookups = lookups[draft.lookups.clone()].iter();
                lookups.try_for_each(|lookup| {
                    let values = &values[lookup.first as usize..][..lookup.count as usize];
                    memories.resolve(record, lookup, values, &mut draft.scratch)
                })?;
                match draft.scratch.styles {
                    0 => None,
                    styles => shapes[usize::from(styles & MINIMAL == 0)],
                }
            });
            if let Some(shape) = shape {
                draft.scratch.column(ColumnId::SHAPE, shape);
                memories.prepare_tuples(&draft.scratch);
            } else {
                draft.shapes = None;
            }
        }
        values.clear();
        lookups.clear();
    }
}
