//! Messages to the writer: deliveries of the sources, and results of the decoders.

use std::sync::Arc;

use crate::decode::{Flaw, Oddities};
use crate::index::{Interner, Segment};
use crate::model::Remarks;
use crate::source::Delivery;

/// Message to the writer.
#[derive(Debug)]
pub(super) enum ToWriter {
    Source {
        source: u32,
        name: Arc<str>,
    },
    Decoded(Box<Decoded>),
    /// Report of a source on itself, effective after the tasks it had sent by then: neither records nor files to open.
    Says {
        source: u32,
        delivery: Delivery,
        tasks: u64,
    },
    /// End of a source that sent this many tasks.
    Ended {
        source: u32,
        tasks: u64,
        error: Option<String>,
        stopped: bool,
    },
}

impl ToWriter {
    /// Returns true if it may change more than the status of the source.
    pub(super) fn is_of_data(&self) -> bool {
        use Delivery::{Behind, Parts, Polled};
        let Self::Says { delivery, .. } = self else {
            return true;
        };
        !matches!(delivery, Behind(_) | Polled | Parts(_))
    }
}

/// A decoded task.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) source: u32,
    pub(super) seq: u64,
    pub(super) bytes: u64,
    /// The dictionaries the ordinals in the segments refer to.
    pub(super) interner: Arc<Interner>,
    pub(super) segments: Vec<Segment>,
    /// Flaws with their line number from 0: within the source, or within the range if the task was one.
    pub(super) flaws: Vec<(Option<u64>, Flaw)>,
    /// Number of flaws that were only counted.
    pub(super) more_flaws: u64,
    pub(super) remarks: Remarks,
    /// Start of the range and its number of lines.
    pub(super) lines_of_range: Option<(u64, u64)>,
    pub(super) odd: Oddities,
    pub(super) failed: Option<String>,
}

impl Decoded {
    /// Keeps a flaw, or only counts it if there are many.
    pub(super) fn flaw(&mut self, line: Option<u64>, flaw: Flaw) {
        let kept = self.flaws.iter().map(|(_, flaw)| flaw);
        if Flaw::is_kept(flaw.kind, kept) {
            self.flaws.push((line, flaw));
        } else {
            self.more_flaws += 1;
        }
    }
}
