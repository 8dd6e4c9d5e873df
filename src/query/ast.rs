//! The tree of a parsed query, and one value held against one test.

use std::sync::Arc;

/// A query as a tree. `All` is the empty query.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Node {
    #[default]
    All,
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Test(Test),
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Name of the field as in the catalogue or the data, aliases already resolved; `None` = the values of
    /// all logged and unknown fields (derived ones are left out).
    pub field: Option<Arc<str>>,
    pub op: TestOp,
}

/// What a value is held against.
#[derive(Clone, Debug, PartialEq)]
pub enum TestOp {
    /// `field:*`: the field is present.
    Exists,
    /// `field:""`: present and empty.
    Empty,
}

impl Test {
    /// Whether a present value passes. Pure and independent of the event it stands in.
    pub fn matches(&self, value: &str) -> bool {
        match &self.op {
            TestOp::Exists => true,
            TestOp::Empty => value.is_empty(),
        }
    }

    /// Whether an event without the field passes.
    pub fn matches_missing(&self) -> bool {
        false
    }
}
