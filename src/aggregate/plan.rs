//! A filter prepared for matching segments.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::arrivals::Arrivals;
use super::condition::{Condition, PickSet};
use super::predicate::{Predicate, Ready};
use super::row_set::RowSet;
use crate::index::{ColumnId, Segment, Snapshot, Vocabulary};
use crate::model::name;
use crate::query::{Chip, Comparison, Filter, Node, Number, Pick, Test, TestOp, TimeRange};

/// A filter prepared for one snapshot. All parts must hold.
#[derive(Debug, Default)]
pub struct Plan {
    pub parts: Vec<Part>,
}

/// One chip of the filter.
#[derive(Debug)]
pub struct Part {
    pub chip: Chip,
    tree: Tree,
}

#[derive(Debug)]
enum Tree {
    All,
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Not(Box<Tree>),
    Leaf(Ready),
    Later(Arc<Arrivals>),
}

/// Makes plans, and caches the predicates of earlier plans.
#[derive(Debug, Default)]
pub struct Planner {
    leaves: HashMap<Key, Remembered>,
    plans: u64,
}

/// Cache key of a predicate: the condition itself. For conditions on one column joined into one, that is their `And` or
/// `Or`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Node(Node),
    Pick(Pick),
    Range(TimeRange),
}

#[derive(Debug)]
struct Remembered {
    leaf: Arc<Predicate>,
    /// Number of the last plan that used it.
    used: u64,
}

/// Number of conditions cached beyond those in use. At ten million events each takes up to 1.3 MB.
const REMEMBERED: usize = 64;

impl Part {
    /// Creates the condition that events arrived after a start.
    pub fn later(later: Arc<Arrivals>) -> Self {
        Self {
            chip: Chip::Range,
            tree: Tree::Later(later),
        }
    }

    /// Returns the rows of a segment for which this part holds.
    pub fn rows(&self, segment: &Segment, vocabulary: &Vocabulary) -> RowSet {
        self.tree.rows(segment, vocabulary)
    }

    /// Returns the column of this part and its matching ordinals, if the part depends on one column only.
    pub(super) fn set(&self) -> Option<(ColumnId, &[bool])> {
        self.tree.set()
    }

    /// Returns true if the part is known at little cost to hold for every row of a segment that has been matched.
    pub(super) fn is_all(&self, segment: &Segment, vocabulary: &Vocabulary) -> bool {
        match &self.tree {
            Tree::All => true,
            Tree::Leaf(ready) => matches!(ready.rows(segment, vocabulary), RowSet::All),
            _ => false,
        }
    }
}

impl Tree {
    fn set(&self) -> Option<(ColumnId, &[bool])> {
        match self {
            Self::Leaf(ready) => ready.set(),
            _ => None,
        }
    }

    fn rows(&self, segment: &Segment, vocabulary: &Vocabulary) -> RowSet {
        match self {
            Self::All => RowSet::All,
            Self::And(parts) => {
                let mut rows = RowSet::All;
                for part in parts {
                    if matches!(rows, RowSet::None) {
                        break;
                    }
                    rows = rows.and(part.rows(segment, vocabulary));
                }
                rows
            }
            Self::Or(parts) => {
                let mut rows = RowSet::None;
                for part in parts {
                    if matches!(rows, RowSet::All) {
                        break;
                    }
                    rows = rows.or(part.rows(segment, vocabulary));
                }
                rows
            }
            Self::Not(inner) => inner.rows(segment, vocabulary).negate(),
            Self::Leaf(ready) => ready.rows(segment, vocabulary),
            Self::Later(later) => later.rows(segment),
        }
    }
}

impl Planner {
    pub fn plan(&mut self, filter: &Filter, snapshot: &Snapshot) -> Plan {
        self.plan_of(filter, filter.chips(), snapshot)
    }

    /// Makes a plan with one part per term of the typed query, to show the cost of each term.
    pub fn plan_by_term(&mut self, filter: &Filter, snapshot: &Snapshot) -> Plan {
        self.plan_of(filter, filter.terms(), snapshot)
    }

    fn plan_of(&mut self, filter: &Filter, chips: Vec<Chip>, snapshot: &Snapshot) -> Plan {
        self.plans += 1;
        let vocabulary = &snapshot.vocabulary;
        let mut parts = Vec::new();
        for chip in chips {
            let tree = match &chip {
                Chip::Text => self.tree(&filter.query, vocabulary),
                Chip::Term(at) => match filter.term(*at) {
                    Some(term) => self.tree(term, vocabulary),
                    None => Tree::All,
                },
                Chip::Picks(field) => match filter.pick(field) {
                    Some(pick) => self.leaf(Key::Pick(pick.clone()), vocabulary, || {
                        Condition::Pick(PickSet::from(pick))
                    }),
                    None => Tree::All,
                },
                Chip::Range => self.leaf(Key::Range(filter.range), vocabulary, || {
                    Condition::Range(filter.range)
                }),
            };
            parts.push(Part { chip, tree });
        }
        Plan { parts }
    }

    /// Makes a part of a single query.
    pub fn part(&mut self, query: &Node, snapshot: &Snapshot) -> Part {
        Part {
            chip: Chip::Text,
            tree: self.tree(query, &snapshot.vocabulary),
        }
    }

    fn tree(&mut self, node: &Node, vocabulary: &Vocabulary) -> Tree {
        match node {
            Node::All => Tree::All,
            Node::And(parts) => single(self.joined(parts, vocabulary, true), Tree::And),
            Node::Or(parts) => single(self.joined(parts, vocabulary, false), Tree::Or),
            Node::Not(inner) => {
                let tree = self.tree(inner, vocabulary);
                match tree.set() {
                    Some((column, set)) => {
                        let set = set.iter().map(|passes| !passes).collect();
                        self.join(node.clone(), column, set)
                    }
                    None => Tree::Not(Box::new(tree)),
                }
            }
            Node::Test(test) => self.leaf(Key::Node(node.clone()), vocabulary, || {
                Condition::Test(test.clone())
            }),
        }
    }

    /// Prepares conditions of which all or any must hold. Those on one column are joined, so that its codes are scanned
    /// once.
    fn joined(&mut self, parts: &[Node], vocabulary: &Vocabulary, all: bool) -> Vec<Tree> {
        let mut trees: Vec<(Tree, Vec<&Node>)> = Vec::new();
        for node in parts {
            let tree = self.tree(node, vocabulary);
            let column = tree.set().map(|(column, _)| column);
            let same = |tree: &Tree| column.is_some() && tree.set().map(|(of, _)| of) == column;
            match trees.iter_mut().find(|(other, _)| same(other)) {
                None => trees.push((tree, vec![node])),
                Some((other, nodes)) => {
                    nodes.push(node);
                    let (Some((column, a)), Some((_, b))) = (other.set(), tree.set()) else {
                        unreachable!("both have a set")
                    };
                    let both = a
                        .iter()
                        .zip(b)
                        .map(|(a, b)| if all { a & b } else { a | b });
                    let both = both.collect();
                    let nodes = nodes.iter().copied().cloned().collect();
                    let node = if all {
                        Node::And(nodes)
                    } else {
                        Node::Or(nodes)
                    };
                    *other = self.join(node, column, both);
                }
            }
        }
        trees.into_iter().map(|(tree, _)| tree).collect()
    }

    fn join(&mut self, node: Node, column: ColumnId, set: Vec<bool>) -> Tree {
        let leaf = self.remember(Key::Node(node), || Condition::Joined);
        Tree::Leaf(leaf.joined(column, set))
    }

    fn leaf(
        &mut self,
        key: Key,
        vocabulary: &Vocabulary,
        condition: impl FnOnce() -> Condition,
    ) -> Tree {
        Tree::Leaf(self.remember(key, condition).ready(vocabulary))
    }

    fn remember(&mut self, key: Key, condition: impl FnOnce() -> Condition) -> Arc<Predicate> {
        let used = self.plans;
        let leaf = match self.leaves.remove(&key) {
            Some(remembered) => remembered.leaf,
            None => Arc::new(Predicate::new(condition())),
        };
        // Stored under the current key, so that a reloaded watchlist is compared with its old version only once.
        let remembered = Remembered {
            leaf: leaf.clone(),
            used,
        };
        self.leaves.insert(key, remembered);
        leaf
    }

    /// Evicts conditions that have not been used for long, and results of segments that are gone.
    pub fn tidy(&mut self, snapshot: &Snapshot) {
        if self.leaves.len() > REMEMBERED {
            let mut ages: Vec<u64> = self.leaves.values().map(|r| r.used).collect();
            ages.sort_unstable();
            let oldest = ages[ages.len() - REMEMBERED];
            self.leaves.retain(|_, r| r.used >= oldest);
        }
        let numbers: HashSet<u64> = snapshot.segments.iter().map(|s| s.number).collect();
        self.leaves.values().for_each(|r| r.leaf.retain(&numbers));
    }
}

/// Unwraps a list of one member.
fn single(mut trees: Vec<Tree>, of: impl FnOnce(Vec<Tree>) -> Tree) -> Tree {
    match trees.pop() {
        Some(only) if trees.is_empty() => only,
        last => of(trees.into_iter().chain(last).collect()),
    }
}

/// The condition "failed": a status of 400 or more.
pub fn failed() -> Node {
    let status = Number::parse("400").expect("400 is a number");
    Node::Test(Test::new(
        name::STATUS,
        TestOp::Compare(Comparison::GreaterOrEqual, status),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Interner, Publisher};
    use crate::query::{CatalogueNames, parse};

    /// Plans a newly parsed query and returns the number of cached conditions.
    fn typed(planner: &mut Planner, text: &str, list: &str) -> usize {
        let mut query = parse(text, &CatalogueNames::default()).expect("reads");
        query.load(&mut |_| Ok(list.into())).expect("reads");
        let filter = Filter {
            query,
            ..Filter::default()
        };
        let interner = Interner::default();
        let snapshot = Snapshot {
            vocabulary: interner.publish(&mut Publisher::default()),
            ..Snapshot::default()
        };
        planner.plan(&filter, &snapshot);
        planner.leaves.len()
    }

    #[test]
    fn a_condition_that_is_typed_again_is_remembered() {
        for text in [
            r#"user in ("a", "b", "c", "d", "e", "f", "g", "h")"#,
            r#"ip in ("10.0.0.1", "10.0.0.2", "192.0.2.0/24")"#,
            "not status>=400.5",
            "action =~ /x+/",
            r#"agent ~ "x""#,
            r#"agent:#"a b""#,
            "user in @known",
            "ip:10.0.*",
        ] {
            let mut planner = Planner::default();
            let first = typed(&mut planner, text, "10.0.0.1\n");
            assert!(first > 0, "{text}");
            assert_eq!(typed(&mut planner, text, "10.0.0.1\n"), first, "{text}");
        }
    }

    #[test]
    fn a_watchlist_that_has_changed_is_another_condition() {
        let mut planner = Planner::default();
        assert_eq!(typed(&mut planner, "user in @known", "10.0.0.1\n"), 1);
        assert_eq!(typed(&mut planner, "user in @known", "10.0.0.2\n"), 2);
        assert_eq!(typed(&mut planner, "user in @other", "10.0.0.2\n"), 3);
    }
}
