//! The tree of a parsed query, and the matching of one value against one test.

use std::sync::Arc;

use super::time_words;
use super::{
    AddressPattern, Comparison, Entries, Interval, List, Network, Number, Pattern, Phrase,
    Substring, TimeRange, ValueSet, Watchlist, WatchlistError, Words,
};

/// A query as a tree. `All` is the empty query.
///
/// The parser returns normal form, as do [`Node::and`], [`Node::or`] and [`Node::negate`]: `And` and `Or` have at least
/// two parts, none of them of the same variant or `All`, and a `Not` never contains a `Not`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub enum Node {
    #[default]
    All,
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Test(Test),
}

impl Node {
    /// Joins the parts by AND.
    pub fn and(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::All => {}
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() < 2 {
            flat.pop().unwrap_or_default()
        } else {
            Self::And(flat)
        }
    }

    /// Joins the parts by OR. Without parts, the result matches nothing.
    pub fn or(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::All => return Self::All,
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() < 2 {
            flat.pop().unwrap_or_else(|| Self::All.negate())
        } else {
            Self::Or(flat)
        }
    }

    /// Negates the query.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Returns all tests of the tree, from left to right.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Self::All => Vec::new(),
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::tests).collect(),
            Self::Not(inner) => inner.tests(),
            Self::Test(test) => vec![test],
        }
    }

    /// Returns true if [`Self::load`] still has to fill a watchlist of the tree.
    pub fn wants_files(&self) -> bool {
        self.tests()
            .iter()
            .any(|test| matches!(&test.op, TestOp::InFile(list) if list.set.is_none()))
    }

    /// Fills every watchlist from the text that `read` returns for its path (see [`ValueSet::parse`]). Stops at the
    /// first that cannot be read.
    pub fn load(
        &mut self,
        read: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<(), WatchlistError> {
        match self {
            Self::Test(Test {
                field,
                op: TestOp::InFile(list),
            }) => {
                let kind = Entries::of(field.as_deref().unwrap_or_default());
                let failed = |(line, reason)| WatchlistError {
                    path: list.path.clone(),
                    line,
                    reason,
                };
                let text = read(&list.path).map_err(|reason| failed((None, reason)))?;
                let set = ValueSet::parse(&text, kind).map_err(failed)?;
                list.set = Some(Arc::new(set));
                Ok(())
            }
            Self::And(parts) | Self::Or(parts) => {
                parts.iter_mut().try_for_each(|part| part.load(read))
            }
            Self::Not(inner) => inner.load(read),
            Self::All | Self::Test(_) => Ok(()),
        }
    }
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Test {
    /// Name of the field as in the catalogue or the data, with aliases resolved. `None` means the values of all logged
    /// and unknown fields, without derived ones.
    pub field: Option<Arc<str>>,
    pub op: TestOp,
}

/// Condition on a value. A missing field passes only `NotExact`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TestOp {
    /// `field:*`: the field is present.
    Exists,
    /// `field:""`: present and empty.
    Empty,
    /// `field:value`: the words of the value include all of these. Without a field, one word.
    Words(Words),
    /// `field:#"…"`: the words in this order, with exactly this text between them.
    Phrase(Phrase),
    /// `field >= 1`, and `field:1` on numeric fields: by value. A value that is not a number fails.
    Compare(Comparison, Number),
    /// `field in [1 2)`.
    Within(Interval),
    /// `field == "…"`: equal byte for byte.
    Exact(Arc<str>),
    /// `field != "…"`: missing, or different.
    NotExact(Arc<str>),
    /// `field ~ "…"`.
    Substring(Substring),
    /// `field =~ /…/`.
    Regex(Pattern),
    /// `field in 10.0.0.0/8`, and `ip:10.0.0.1`.
    InNetwork(Network),
    /// `ip:10.0.*`.
    Address(AddressPattern),
    /// `field in ("…", "…")`.
    InList(List),
    /// `field in @path`.
    InFile(Watchlist),
    /// `time >= …`, `time in [… …)`. Compares the event's own time, so it also holds for events with a time from
    /// `__time__`. At least one end is set.
    Time(TimeRange),
}

impl Test {
    pub fn new(field: &str, op: TestOp) -> Self {
        Self {
            field: Some(field.into()),
            op,
        }
    }

    /// Returns true if a present value passes. Pure and independent of the event. `Time` parses the value as RFC 3339;
    /// callers that have the event's time as a number use [`TimeRange::contains`] instead.
    pub fn matches(&self, value: &str) -> bool {
        match &self.op {
            TestOp::Exists => true,
            TestOp::Empty => value.is_empty(),
            TestOp::Words(words) => words.matches(value),
            TestOp::Phrase(phrase) => phrase.matches(value),
            TestOp::Compare(how, number) => {
                Number::parse(value).is_some_and(|n| how.holds(n.order(*number)))
            }
            TestOp::Within(span) => Number::parse(value).is_some_and(|n| span.contains(n)),
            TestOp::Exact(text) => value == &**text,
            TestOp::NotExact(text) => value != &**text,
            TestOp::Substring(text) => text.matches(value),
            TestOp::Regex(pattern) => pattern.matches(value),
            TestOp::InNetwork(net) => net.matches(value),
            TestOp::Address(pattern) => pattern.matches(value),
            TestOp::InList(list) => list.matches(value),
            TestOp::InFile(list) => list.matches(value),
            TestOp::Time(range) => {
                time_words::rfc3339(value).is_some_and(|time| range.contains(time))
            }
        }
    }

    /// Returns true if an event without the field passes.
    pub fn matches_missing(&self) -> bool {
        matches!(self.op, TestOp::NotExact(_))
    }
}
