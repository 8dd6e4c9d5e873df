//! The templates a decoder has met, as a tree of literals: after each value only the few continuations
//! that have been seen before are tried, the most recent first.

use super::cache::same;
use super::runs::Run;
use super::scan::quotes;
use super::slots::{Kind, Target};
use crate::index::Ordinal;
use crate::index::shape::{Shape, Slot};

/// A tree of templates. Node 0 is the start of a record.
#[derive(Debug)]
pub(super) struct Templates {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    edges: Vec<Edge>,
    ends: Vec<End>,
}

/// A literal and the slot after it.
#[derive(Debug)]
struct Edge {
    literal: Box<[u8]>,
    /// Quotes in it that are not escaped.
    quotes: u32,
    slot: Slot,
    target: Target,
    next: u32,
    /// The kind of run the value can be part of, and the run where one may start.
    kind: Option<Kind>,
    run: Option<Box<Run>>,
}

/// One step through a template.
#[derive(Debug)]
pub(super) struct Step<'r> {
    pub(super) slot: Slot,
    pub(super) target: Target,
    pub(super) next: u32,
    /// The bytes after the literal: the value and what follows.
    pub(super) value: &'r [u8],
    /// Quotes in the literal.
    pub(super) quotes: usize,
    /// The kind of run the value can be part of, and whether one may start here.
    pub(super) kind: Option<Kind>,
    pub(super) has_run: bool,
}

/// The rest of a record after its last value.
#[derive(Debug)]
struct End {
    tail: Box<[u8]>,
    /// Number of the template with the fewest escapes, and with ASCII only.
    shapes: [Option<Ordinal>; 2],
}

/// Nodes that are remembered. A log of few writers needs some hundred.
const MAX_NODES: usize = 1 << 16;

/// Continuations tried at one place; where there are more, prediction is hopeless.
const MAX_EDGES: usize = 32;

impl Default for Templates {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
        }
    }
}

impl Templates {
    /// The continuation of `rest` at a node.
    #[inline]
    pub(super) fn step<'r>(&mut self, node: u32, rest: &'r [u8]) -> Option<Step<'r>> {
        let edges = &mut self.nodes[node as usize].edges;
        let follows = |edge: &Edge| {
            rest.get(..edge.literal.len())
                .is_some_and(|start| same(start, &edge.literal))
        };
        let at = edges.iter().position(follows)?;
        if at > 0 {
            edges.swap(0, at);
        }
        let edge = &edges[0];
        Some(Step {
            slot: edge.slot,
            target: edge.target,
            next: edge.next,
            value: &rest[edge.literal.len()..],
            quotes: edge.quotes as usize,
            kind: edge.kind,
            has_run: edge.run.is_some(),
        })
    }

    /// The run at the edge that was just stepped over from a node.
    #[inline]
    pub(super) fn run(&mut self, node: u32) -> Option<&mut Run> {
        let edge = self.nodes[node as usize].edges.first_mut()?;
        if edge.run.as_ref().is_some_and(|run| run.is_hopeless()) {
            edge.run = None;
        }
        edge.run.as_deref_mut()
    }

    /// The template that ends with `rest` at a node, `None` where none is known in that way of escaping.
    #[inline]
    pub(super) fn end(&self, node: u32, rest: &[u8], ascii: bool) -> Option<Ordinal> {
        let end = self.nodes[node as usize]
            .ends
            .iter()
            .find(|end| *end.tail == *rest)?;
        end.shapes[usize::from(ascii)]
    }

    /// Remembers a template.
    pub(super) fn insert(&mut self, shape: &Shape, number: Ordinal) {
        if self.nodes.len() + shape.parts.len() > MAX_NODES {
            return;
        }
        let mut node = 0;
        let mut before = None;
        let mut found = Vec::new();
        for part in &shape.parts {
            let target = Target::of(part.field);
            let kind = target.kind().filter(|_| part.slot == Slot::Text);
            let starts_run = kind.is_some() && kind != before;
            before = kind;
            let edges = &self.nodes[node].edges;
            let known = edges
                .iter()
                .find(|e| e.literal == part.literal && e.slot == part.slot);
            node = match known {
                Some(edge) => edge.next as usize,
                None if edges.len() >= MAX_EDGES => return,
                None => {
                    let next = self.nodes.len();
                    self.nodes.push(Node::default());
                    let literal = part.literal.clone();
                    quotes(&literal, &mut found);
                    self.nodes[node].edges.push(Edge {
                        literal,
                        quotes: found.len() as u32,
                        slot: part.slot,
                        target,
                        next: next as u32,
                        kind,
                        run: starts_run.then(|| Box::new(Run::new())),
                    });
                    next
                }
            };
        }
        let ends = &mut self.nodes[node].ends;
        let at = ends
            .iter()
            .position(|end| end.tail == shape.tail)
            .unwrap_or_else(|| {
                ends.push(End {
                    tail: shape.tail.clone(),
                    shapes: [None; 2],
                });
                ends.len() - 1
            });
        ends[at].shapes[usize::from(shape.ascii)] = Some(number);
    }
}
