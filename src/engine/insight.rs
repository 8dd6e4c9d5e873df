//! Requests that go beyond a filter, with their responses: changes in a window of time, and the history of an image.
//! They are part of [`super::Wants`], like any other part of a request.

use std::sync::Arc;

pub use crate::aggregate::{
    Change, Changed, Deeds, Lineage, NewValues, Pulls, Step, StepKind, Version,
};
use crate::model::time::Nanos;
use crate::query::Filter;

/// Request for the changes in a window of time: the values of some fields compared with everything before the window
/// (rules: [`crate::aggregate::changes`]).
#[derive(Clone, Debug, PartialEq)]
pub struct NewsWant {
    /// Selects the events to compare; without picks, whose own fields would ignore them, and without a range.
    pub filter: Arc<Filter>,
    pub window: Span,
    /// Start of the baseline, which is cut into equal parts.
    pub from: Nanos,
    pub fields: Vec<Arc<str>>,
    /// Pairs of fields to compare.
    pub pairs: Vec<[Arc<str>; 2]>,
    /// Most values per kind of change of a field.
    pub limit: usize,
}

/// A span of time with a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub since: Nanos,
    /// End, exclusive.
    pub until: Option<Nanos>,
}

/// Response to a [`NewsWant`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct News {
    /// Events in the window, and before it.
    pub now: u64,
    pub before: u64,
    /// Events expected in the window at the rate of the baseline.
    pub usual: f64,
    /// One table per field, then one per pair.
    pub tables: Vec<NewsTable>,
}

/// Changes of a field or of a pair of fields.
#[derive(Clone, Debug, PartialEq)]
pub struct NewsTable {
    pub fields: Vec<Arc<str>>,
    /// New values, spiking values, missing values; in each group the most significant first.
    pub rows: Vec<Changed>,
    /// Number of further new, spiking and missing values.
    pub more: [u64; 3],
}

/// Request for the history of the tags of a repository ([`crate::aggregate::lineage`]).
#[derive(Clone, Debug, PartialEq)]
pub struct LineageWant {
    /// Selects the repository, and optionally the tag.
    pub filter: Arc<Filter>,
    /// Most steps returned; the newest are kept.
    pub limit: usize,
}

/// Response to a [`LineageWant`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineageTable {
    pub lineage: Lineage,
    /// Number of further, older steps.
    pub more: u64,
}
