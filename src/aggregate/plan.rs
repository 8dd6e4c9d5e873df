//! A filter made ready to be held against segments.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::condition::{Condition, PickSet};
use super::leaf::{Leaf, Ready};
use super::rows::Rows;
use crate::index::{ColumnId, Segment, Snapshot, Vocabulary};
use crate::query::{Chip, Comparison, Filter, Node, Number, Test, TestOp};

/// A filter against one snapshot: all parts must hold.
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
}

/// Makes plans, and remembers what earlier plans worked out.
#[derive(Debug, Default)]
pub struct Planner {
    leaves: HashMap<String, Remembered>,
    plans: u64,
}

#[derive(Debug)]
struct Remembered {
    leaf: Arc<Leaf>,
    /// Number of the last plan that used it.
    used: u64,
}

/// Conditions that are remembered beyond those in use. At ten million events each takes up to 1.3 MB.
const REMEMBERED: usize = 64;

impl Part {
    /// The rows of a segment for which this part holds.
    pub fn rows(&self, segment: &Segment, vocabulary: &Vocabulary) -> Rows {
        self.tree.rows(segment, vocabulary)
    }

    /// The column this part is about and which of its ordinals pass, where it is about one only.
    pub(super) fn set(&self) -> Option<(ColumnId, &[bool])> {
        self.tree.set()
    }

    /// Whether it is known at little cost to hold for every row of a segment that has been looked at.
    pub(super) fn is_all(&self, segment: &Segment, vocabulary: &Vocabulary) -> bool {
        match &self.tree {
            Tree::All => true,
            Tree::Leaf(ready) => matches!(ready.rows(segment, vocabulary), Rows::All),
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

    fn rows(&self, segment: &Segment, vocabulary: &Vocabulary) -> Rows {
        match self {
            Self::All => Rows::All,
            Self::And(parts) => {
                let mut rows = Rows::All;
                for part in parts {
                    if matches!(rows, Rows::None) {
                        break;
                    }
                    rows = rows.and(part.rows(segment, vocabulary));
                }
                rows
            }
            Self::Or(parts) => {
                let mut rows = Rows::None;
                for part in parts {
                    if matches!(rows, Rows::All) {
                        break;
                    }
                    rows = rows.or(part.rows(segment, vocabulary));
                }
                rows
            }
            Self::Not(inner) => inner.rows(segment, vocabulary).negate(),
            Self::Leaf(ready) => ready.rows(segment, vocabulary),
        }
    }
}

impl Planner {
    pub fn plan(&mut self, filter: &Filter, snapshot: &Snapshot) -> Plan {
        self.plan_of(filter, filter.chips(), snapshot)
    }

    /// The same with a part for every term of the typed query, to tell what each of them costs.
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
                    Some(pick) => self.leaf(format!("{pick:?}"), vocabulary, || {
                        Condition::Pick(PickSet::from(pick))
                    }),
                    None => Tree::All,
                },
                Chip::Range => self.leaf(format!("{:?}", filter.range), vocabulary, || {
                    Condition::Range(filter.range)
                }),
            };
            parts.push(Part { chip, tree });
        }
        Plan { parts }
    }

    /// A query alone, as a part of its own.
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
                        self.join(format!("{node:?}"), column, set)
                    }
                    None => Tree::Not(Box::new(tree)),
                }
            }
            Node::Test(test) => self.leaf(format!("{test:?}"), vocabulary, || {
                Condition::Test(test.clone())
            }),
        }
    }

    /// Conditions of which all or any must hold. Those on the same column become one, so that its codes are
    /// looked through once.
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
                    let word = if all { "all" } else { "any" };
                    *other = self.join(format!("{word} {nodes:?}"), column, both);
                }
            }
        }
        trees.into_iter().map(|(tree, _)| tree).collect()
    }

    fn join(&mut self, key: String, column: ColumnId, set: Vec<bool>) -> Tree {
        let leaf = self.remember(key, || Condition::Joined);
        Tree::Leaf(leaf.joined(column, set))
    }

    fn leaf(
        &mut self,
        key: String,
        vocabulary: &Vocabulary,
        condition: impl FnOnce() -> Condition,
    ) -> Tree {
        Tree::Leaf(self.remember(key, condition).ready(vocabulary))
    }

    fn remember(&mut self, key: String, condition: impl FnOnce() -> Condition) -> Arc<Leaf> {
        let used = self.plans;
        let remembered = self.leaves.entry(key).or_insert_with(|| Remembered {
            leaf: Arc::new(Leaf::new(condition())),
            used,
        });
        remembered.used = used;
        remembered.leaf.clone()
    }

    /// Forgets what has not been used for long, and what concerns segments that are gone.
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

/// What has one member is that member.
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
        "http_response_status",
        TestOp::Compare(Comparison::GreaterOrEqual, status),
    ))
}
