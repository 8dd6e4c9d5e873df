//! Parts of the newest answers that no pane owns.

use std::sync::Arc;

use super::request::NearValue;
use crate::engine::{Answer, Dropped, Gap, Hits};
use crate::model::Defect;
use crate::model::time::Nanos;

#[derive(Debug, Default)]
pub struct Results {
    pub counts: Counts,
    /// Number of matches an empty result would have without each chip.
    pub dropped: Vec<Dropped>,
    /// Values of the data near the words of a filter without matches.
    pub near: Vec<NearValue>,
    pub defects: Vec<Arc<Defect>>,
    /// Generation of the data for which defects were last requested.
    pub(crate) defects_of: u64,
    /// Gaps that are longer than usual, of all instances; `None` until they are computed.
    pub gaps: Option<Arc<Vec<Gap>>>,
    /// Number of search matches, and the position of the cursor among them.
    pub hits: Option<Hits>,
}

/// Numbers of the newest answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub total: u64,
    pub matched: u64,
    pub span: Option<(Nanos, Nanos)>,
    /// False if further parts of the same answer follow.
    pub complete: bool,
    /// True once any answer has arrived.
    pub known: bool,
}

impl Counts {
    pub(super) fn take(&mut self, answer: &Answer) {
        *self = Self {
            total: answer.total,
            matched: answer.matched,
            span: answer.span,
            complete: answer.complete,
            known: true,
        };
    }
}
