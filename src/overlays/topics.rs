//! The parts of an answer, as a set: what is needed, what was asked, what is waited for.

use std::ops::{BitOr, BitOrAssign};

/// Parts of an answer.
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
    /// What is typed into the filter prompt: its count, and values that could follow.
    pub const PREVIEW: Self = Self(256);
    /// The pauses of instances; they depend on the data alone.
    pub const GAPS: Self = Self(512);
    /// How many events the search hits.
    pub const HITS: Self = Self(1024);
    /// What the index takes in memory.
    pub const USAGE: Self = Self(2048);
    /// Events wherever they are, by their keys.
    pub const RECORDS: Self = Self(4096);
    /// The events of a selection.
    pub const RANGE: Self = Self(8192);
    /// What is known of a user.
    pub const CARD: Self = Self(16384);
    /// What is new in a window of time.
    pub const NEWS: Self = Self(32_768);
    /// What became of an image.
    pub const LINEAGE: Self = Self(65_536);
    /// What depends on the filter and on the data.
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
