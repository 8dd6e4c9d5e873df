//! The filter language: parsing, formatting, and matching of values.
//!
//! A superset of Simple Log Service search. This module knows names and values, but not the storage of events: `index`
//! and `aggregate` call [`Test::matches`] for each distinct value and combine the results. [`parser`] documents the
//! grammar, [`TestOp`] the meaning of each condition.

mod address;
pub mod ast;
pub mod complete;
mod distance;
pub mod edit;
mod entries;
mod error;
mod filter;
mod format;
pub mod help;
mod hits;
mod lexer;
mod names;
mod number;
pub mod parser;
mod pattern;
pub mod picks;
mod range;
mod range_terms;
mod set;
mod shown;
pub mod time_words;
mod to_command;
mod to_jq;
mod to_sls;
mod wanted;
mod words;

pub use address::{AddressPattern, Addresses};
pub use ast::{Node, Test, TestOp};
pub use complete::{Completion, CompletionKind, OPERATORS, complete};
pub use distance::distance;
pub use entries::Entries;
pub use error::QueryError;
pub use filter::{Chip, Filter, Pick, PickState};
pub use format::format;
pub use names::{CatalogueNames, Names, nearest, typo};
pub use number::{Comparison, Interval, Number};
pub use parser::{as_shown, has_lookalikes, parse};
pub use pattern::{Pattern, Phrase, Substring};
pub use range::TimeRange;
pub use range_terms::{Typed, split_range};
pub use set::{List, Network, ValueSet, Watchlist, WatchlistError};
pub use to_command::{PICKS, shell, to_command};
pub use to_jq::{JqFilter, to_jq};
pub use to_sls::{Indexed, MAX_CONDITIONS, SlsQuery, to_sls, to_sls_within};
pub use wanted::{WORD_FIELDS, Wanted};
pub use words::{Word, Words, delimiters, tokens};
