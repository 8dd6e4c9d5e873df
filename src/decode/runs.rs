//! Runs: neighbouring values that depend on each other, taken as one.
//!
//! The fields of an identity follow from the principal, the repository's from its name: a few thousand
//! combinations among millions of events. Where a template has such fields side by side, the bytes from the
//! first value to the end of the last are looked up as a whole, keys and quotes included, and give all the
//! ordinals at once. Equal bytes at the same place of a template mean the same, so nothing is guessed.

use super::cache::{ANY, Memory, Styles};
use super::slots::{Kind, Target};
use crate::index::Ordinal;

/// What is remembered of the runs that start with one field, whatever template they stand in.
#[derive(Debug)]
pub(super) struct Run {
    /// Numbers of values, the most recent first.
    lengths: Vec<u8>,
    known: Memory<u32>,
    meanings: Vec<Meaning>,
    misses: u32,
    hits: u32,
}

/// What a run's bytes mean.
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    pub(super) values: Box<[(Target, Ordinal)]>,
    pub(super) styles: Styles,
    /// Where the run leads: from the node before its first value to the node behind its last.
    steps: Vec<(u32, u32)>,
}

/// A run that was not known, being read value by value.
#[derive(Debug, Default)]
pub(super) struct Learning {
    pub(super) node: u32,
    pub(super) start: usize,
    pub(super) run: u16,
    pub(super) kind: Option<Kind>,
    pub(super) values: Vec<(Target, Ordinal)>,
    pub(super) styles: Styles,
}

impl Learning {
    pub(super) fn begin(&mut self, run: u16, node: u32, start: usize, kind: Option<Kind>) {
        self.run = run;
        self.node = node;
        self.start = start;
        self.kind = kind;
        self.values.clear();
        self.styles = ANY;
    }
}

/// Lengths tried at one edge.
const MAX_LENGTHS: usize = 3;

/// Templates in which one run is recognised.
const MAX_STEPS: usize = 24;

/// Values a run has at most.
const MAX_VALUES: usize = 16;

/// Misses after which a run must have paid for itself; else the fields are independent in this log.
const TRIAL: u32 = 1 << 14;

impl Run {
    pub(super) fn new() -> Self {
        Self {
            lengths: Vec::new(),
            known: Memory::new(),
            meanings: Vec::new(),
            misses: 0,
            hits: 0,
        }
    }

    /// Whether looking costs more than it brings.
    pub(super) fn is_hopeless(&self) -> bool {
        self.misses > TRIAL && self.hits < self.misses * 2
    }

    /// The meaning of a run whose first value starts at `start` of a record, behind a node of its template,
    /// and the node it leads to. `quotes` are the positions of the record's quotes from the first value's closing one on.
    #[inline]
    pub(super) fn find(
        &mut self,
        record: &[u8],
        start: usize,
        quotes: &[u32],
        node: u32,
    ) -> Option<(&Meaning, u32)> {
        for at in 0..self.lengths.len() {
            let length = usize::from(self.lengths[at]);
            // Four quotes a value: two of the key, two of its own.
            let Some(end) = quotes.get((length - 1) * 4) else {
                continue;
            };
            let known = self.known.get(&record[start..*end as usize]);
            let step = known.and_then(|meaning| {
                let steps = &self.meanings[meaning as usize].steps;
                Some((meaning, steps.iter().find(|(from, _)| *from == node)?.1))
            });
            if let Some((meaning, next)) = step {
                if at > 0 {
                    self.lengths.swap(0, at);
                }
                self.hits += 1;
                return Some((&self.meanings[meaning as usize], next));
            }
        }
        self.misses += 1;
        None
    }

    /// Remembers what a run's bytes mean, and that they lead from one node of a template to another.
    pub(super) fn learn(&mut self, bytes: &[u8], learned: &Learning, next: u32) {
        if !(2..=MAX_VALUES).contains(&learned.values.len()) {
            return;
        }
        let length = learned.values.len() as u8;
        if !self.lengths.contains(&length) {
            self.lengths.truncate(MAX_LENGTHS - 1);
            self.lengths.insert(0, length);
        }
        let step = (learned.node, next);
        if let Some(known) = self.known.get(bytes) {
            let steps = &mut self.meanings[known as usize].steps;
            if steps.len() < MAX_STEPS && !steps.contains(&step) {
                steps.push(step);
            }
            return;
        }
        if self.known.len() < self.meanings.len() {
            self.meanings.clear(); // The memory started anew.
        }
        self.known.insert(bytes, self.meanings.len() as u32);
        self.meanings.push(Meaning {
            values: learned.values.as_slice().into(),
            styles: learned.styles,
            steps: vec![step],
        });
    }
}
