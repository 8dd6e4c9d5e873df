//! The filter language: text to tree, tree to text, one value against one test.
//!
//! A superset of Simple Log Service search. This module knows names and values, not how events are
//! stored: `index` and `aggregate` ask [`Test::matches`] for each distinct value and combine the answers.

pub mod ast;
mod filter;

pub use ast::{Node, Test, TestOp};
pub use filter::{Chip, Filter, Pick, PickState, TimeRange};
