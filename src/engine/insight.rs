//! Questions that go beyond a filter, with their answers: what is new in a window of time, and what became of an
//! image. They are asked by [`super::Wants`] like any other part of an answer.

use std::sync::Arc;

pub use crate::aggregate::{Change, Changed, Lineage, Pulls, Step, StepKind};
use crate::model::time::Nanos;
use crate::query::Filter;

/// What is new in a window of time, by the values of some fields, against everything before the window
/// ([`crate::aggregate::changes`] says by which rules).
#[derive(Clone, Debug, PartialEq)]
pub struct NewsWant {
    /// Which events are compared; without picks, whose own fields would ignore them, and without a range.
    pub filter: Arc<Filter>,
    pub window: Span,
    /// From when on the baseline is cut into equal parts.
    pub from: Nanos,
    pub fields: Vec<Arc<str>>,
    /// Pairs of these fields.
    pub pairs: Vec<[Arc<str>; 2]>,
    /// How many values at most of each change of a field.
    pub limit: usize,
}

/// A span of time that has a beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub since: Nanos,
    /// The first instant that does not belong to it any more.
    pub until: Option<Nanos>,
}

/// The answer to a [`NewsWant`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct News {
    /// Events in the window and before it.
    pub now: u64,
    pub before: u64,
    /// Events there would be in the window at the rate of before.
    pub usual: f64,
    /// One for each field, then one for each pair.
    pub tables: Vec<NewsTable>,
}

/// What is new of a field, or of a pair of fields.
#[derive(Clone, Debug, PartialEq)]
pub struct NewsTable {
    pub fields: Vec<Arc<str>>,
    /// The new values, the surged ones, the gone ones, the weightiest of each first.
    pub rows: Vec<Changed>,
    /// How many new, surged and gone ones there are beside those.
    pub more: [u64; 3],
}

/// What became of the tags of a repository ([`crate::aggregate::lineage`]).
#[derive(Clone, Debug, PartialEq)]
pub struct LineageWant {
    /// Chooses the repository, and the tag where only one is of interest.
    pub filter: Arc<Filter>,
    /// How many of the newest steps at most.
    pub limit: usize,
}

/// The answer to a [`LineageWant`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineageTable {
    pub lineage: Lineage,
    /// How many older steps there are beside those.
    pub more: u64,
}
