//! The fast way: records whose templates are known, read by what is expected of them, some at a time.
//!
//! Nothing is parsed here: literals are compared, values looked up by a hash of their raw bytes. The memories
//! are far larger than the processor's caches, so each step is done for a whole batch: the first says where
//! the values are and asks for their places in memory, the next looks there, and so on; what was asked for has
//! come by then. Whatever is not as expected is left to the general way, which starts the record anew.

use std::ops::Range;

use super::memories::Memories;
use super::raw::{Lookup, Raw};
use super::scratch::Scratch;
use super::template_match::Scan;
use super::templates::TemplateIds;
use super::value_cache::MINIMAL;
use crate::index::ColumnId;

/// Records of a batch at most.
pub(super) const BATCH: usize = 24;

/// Records that are decoded together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Where each record lies in the bytes at hand, and in the source.
    pub(super) records: Vec<(Range<usize>, u64)>,
    pub(super) drafts: Vec<Draft>,
    values: Vec<Raw>,
    lookups: Vec<Lookup>,
}

/// A record on its way.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) scratch: Scratch,
    /// Its templates; `None` where it has to go the general way.
    pub(super) shapes: Option<TemplateIds>,
    lookups: Range<usize>,
}

impl Batch {
    /// Has record `n` looked through.
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

    /// Looks up what the drafts have in them; the records lie in `bytes`. Those that are not as expected lose their shapes.
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
