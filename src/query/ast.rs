//! The tree of a parsed query, and one value held against one test.

use std::sync::Arc;

use super::time_words;
use super::{
    AddressPattern, Comparison, Entries, Interval, List, Network, Number, Pattern, Phrase,
    Substring, TimeRange, ValueSet, Watchlist, WatchlistError, Words,
};

/// A query as a tree. `All` is the empty query.
///
/// The parser gives normal form, as do [`Node::and`], [`Node::or`] and [`Node::negate`]: `And` and `Or` have at
/// least two parts, none of them of their own kind or `All`, and `Not` never stands under `Not`.
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
    /// All of the parts.
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

    /// Any of the parts; of no parts at all, nothing.
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

    /// Everything but this.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// All tests of the tree, from left to right.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Self::All => Vec::new(),
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::tests).collect(),
            Self::Not(inner) => inner.tests(),
            Self::Test(test) => vec![test],
        }
    }

    /// Whether a watchlist of the tree still has to be filled by [`Self::load`].
    pub fn wants_files(&self) -> bool {
        self.tests()
            .iter()
            .any(|test| matches!(&test.op, TestOp::InFile(list) if list.set.is_none()))
    }

    /// Fills every watchlist from the text that `read` returns for its path (see [`ValueSet::parse`]).
    /// Stops at the first that cannot be read.
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
    /// Name of the field as in the catalogue or the data, aliases already resolved; `None` = the values of
    /// all logged and unknown fields (derived ones are left out).
    pub field: Option<Arc<str>>,
    pub op: TestOp,
}

/// What a value is held against. A missing field passes `NotExact` alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TestOp {
    /// `field:*`: the field is present.
    Exists,
    /// `field:""`: present and empty.
    Empty,
    /// `field:value`: all the words are among the words of the value. Without a field, one word.
    Words(Words),
    /// `field:#"…"`: the words in this order, with exactly this between them.
    Phrase(Phrase),
    /// `field >= 1`, and `field:1` on numeric fields: by value; what is no number fails.
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
    /// `time >= …`, `time in [… …)`: the event's own time, so that it holds for events whose time came from
    /// `__time__` as well. At least one end is set.
    Time(TimeRange),
}

impl Test {
    pub fn new(field: &str, op: TestOp) -> Self {
        Self {
            field: Some(field.into()),
            op,
        }
    }

    /// Whether a present value passes. Pure and independent of the event it stands in. `Time` reads the value
    /// as RFC 3339; who has the event's time as a number asks [`TimeRange::contains`] instead.
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

    /// Whether an event without the field passes.
    pub fn matches_missing(&self) -> bool {
        matches!(self.op, TestOp::NotExact(_))
    }
}
