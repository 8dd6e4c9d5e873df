//! The ceiling of memory: which segments go when the index outgrows it, and when what only they needed goes too.

use std::sync::Arc;

use crate::index::{Evicted, Segment};

/// Keeps the index below a number of bytes.
#[derive(Debug, Default)]
pub(super) struct MemoryLimit {
    /// Bytes the index may take; `None`: as many as it likes.
    limit: Option<u64>,
    pub(super) let_go: Evicted,
    /// Events let go since the dictionaries last started anew.
    gone: u64,
}

/// Where there is no ceiling but what was printed is let go, dictionaries start anew as if this were the ceiling.
const UNLIMITED: u64 = 256 << 20;

/// Bytes of a block below a ceiling. About six blocks are held at a time by the reader, on the way and at the decoders,
/// which has to fit into what loading may take beside the index.
pub(super) fn block_below(limit: Option<u64>) -> u64 {
    limit.map_or(u64::MAX, |limit| (limit / 8).clamp(1 << 20, 8 << 20))
}

/// Below this share of the ceiling dictionaries are not worth starting anew.
const SHARE: u64 = 8;

impl MemoryLimit {
    pub(super) fn new(limit: Option<u64>) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    pub(super) fn limit(&self) -> Option<u64> {
        self.limit
    }

    pub(super) fn is_broken(&self, bytes: u64) -> bool {
        self.limit.is_some_and(|limit| bytes > limit)
    }

    /// The segment to let go: the one whose newest event is the oldest; those without times first. The last one stays,
    /// so that there is something to see under the smallest ceiling.
    pub(super) fn next(segments: &[Arc<Segment>]) -> Option<usize> {
        let newest = |at: &usize| segments[*at].span().map(|(_, newest)| newest);
        (0..segments.len())
            .min_by_key(newest)
            .filter(|_| segments.len() > 1)
    }

    pub(super) fn account(&mut self, segment: &Segment) {
        let rows = segment.rows as u64;
        self.gone += rows;
        self.let_go.events += rows;
        let newest = segment.span().map(|(_, newest)| newest);
        self.let_go.newest = self.let_go.newest.max(newest);
    }

    /// The same for what is gone because it was printed.
    pub(super) fn account_printed(&mut self, rows: u64) {
        self.gone += rows;
        self.let_go.printed += rows;
    }

    /// Whether it can pay to look how much the dictionaries hold.
    pub(super) fn may_want_anew(&self, events: u64) -> bool {
        self.gone > events && (self.limit.is_some() || self.let_go.printed > 0)
    }

    /// Whether the dictionaries hold so much that no event needs any more that carrying the rest over pays: at least
    /// as many events are gone as are held, so that each event is carried over about once.
    pub(super) fn wants_anew(&self, events: u64, dictionaries: u64) -> bool {
        let limit = self.limit.unwrap_or(UNLIMITED);
        self.may_want_anew(events) && dictionaries > limit / SHARE
    }

    pub(super) fn started_anew(&mut self) {
        self.gone = 0;
    }
}
