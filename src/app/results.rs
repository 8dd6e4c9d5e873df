//! What the engine's newest answers say, beside what the panes keep for themselves.

use std::sync::Arc;

use crate::engine::{Answer, Dropped, Gap, Hits};
use crate::model::Defect;
use crate::model::time::Nanos;

/// Parts of the newest answers that no pane owns.
#[derive(Debug, Default)]
pub struct Results {
    pub counts: Counts,
    /// What an empty result would become without each chip.
    pub dropped: Vec<Dropped>,
    pub defects: Vec<Arc<Defect>>,
    /// Generation the defects were last asked at.
    pub(crate) defects_of: u64,
    /// Pauses of all instances that are longer than usual; `None` before they were looked for.
    pub gaps: Option<Arc<Vec<Gap>>>,
    /// How many events the search hits, and where among them the cursor is.
    pub hits: Option<Hits>,
}

/// Numbers of the newest answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub total: u64,
    pub matched: u64,
    pub span: Option<(Nanos, Nanos)>,
    /// False while more of the same answer is to come.
    pub complete: bool,
    /// An answer has come at all.
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
