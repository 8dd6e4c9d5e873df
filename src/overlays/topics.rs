//! Set of answer parts: needed, requested or awaited.

use std::ops::{BitOr, BitOrAssign};

/// Set of answer parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Topics(u32);

impl Topics {
    pub const WINDOW: Self = Self(1);
    pub const FACETS: Self = Self(2);
    pub const HISTOGRAM: Self = Self(4);
    pub const DETAIL: Self = Self(8);
    pub const SEEK: Self = Self(16);
    pub const EXPLAIN: Self = Self(32);
    pub const DEFECTS: Self = Self(64);
    pub const GROUP: Self = Self(128);
    /// Preview of the filter prompt: match count, and values for completion.
    pub const PREVIEW: Self = Self(256);
    /// Gaps of instances; they depend on the data alone.
    pub const GAPS: Self = Self(512);
    /// Number of search matches.
    pub const HITS: Self = Self(1024);
    /// Memory usage of the index.
    pub const USAGE: Self = Self(2048);
    /// Events by their keys, anywhere in the data.
    pub const RECORDS: Self = Self(4096);
    /// Events of a selection.
    pub const RANGE: Self = Self(8192);
    /// Card of a value.
    pub const CARD: Self = Self(16384);
    /// Changes in a time window.
    pub const NEWS: Self = Self(32_768);
    /// History of an image.
    pub const LINEAGE: Self = Self(65_536);
    /// Topics that depend on the filter and on the data.
    pub const VIEW: Self = Self(1 | 2 | 4);

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Topics {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Topics {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
