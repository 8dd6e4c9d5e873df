//! The templates a decoder has met, as a tree of literals: after each value only the few continuations
//! that have been seen before are tried, the most recent first.

use super::slots::Target;
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
pub(super) struct Edge {
    literal: Box<[u8]>,
    pub(super) slot: Slot,
    pub(super) target: Target,
    next: u32,
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
    /// The continuation of `rest` at a node: the edge, the node behind it, and the bytes after its literal.
    #[inline]
    pub(super) fn step<'r>(
        &mut self,
        node: u32,
        rest: &'r [u8],
    ) -> Option<(Slot, Target, u32, &'r [u8])> {
        let edges = &mut self.nodes[node as usize].edges;
        let at = edges
            .iter()
            .position(|edge| rest.starts_with(&edge.literal))?;
        if at > 0 {
            edges.swap(0, at);
        }
        let edge = &edges[0];
        Some((
            edge.slot,
            edge.target,
            edge.next,
            &rest[edge.literal.len()..],
        ))
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
        for part in &shape.parts {
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
                    let target = Target::of(part.field);
                    self.nodes[node].edges.push(Edge {
                        literal,
                        slot: part.slot,
                        target,
                        next: next as u32,
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
