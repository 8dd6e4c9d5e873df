//! The templates a decoder has met, as a tree of literals: after each value only the few continuations
//! that have been seen before are tried, the most recent first.

use super::cache::same;
use super::scan::Quotes;
use super::slots::{Kind, NO_CELL, Target};
use crate::index::Ordinal;
use crate::index::shape::{Shape, Slot};

/// A tree of templates. Literals lie end to end and edges in the order in which records were met, so that a
/// record is followed through memory from front to back.
#[derive(Debug)]
pub(super) struct Templates {
    /// Edge 0 has no literal: it is the start of a record.
    edges: Vec<Edge>,
    literals: Vec<u8>,
    ends: Vec<End>,
}

/// A literal and the slot after it; what follows the value are its children.
#[derive(Clone, Copy, Debug)]
struct Edge {
    start: u32,
    len: u32,
    /// Quotes in the literal that are not escaped.
    quotes: u16,
    slot: Slot,
    /// The value's place among the cells of a record, or [`NO_CELL`].
    cell: u8,
    target: Target,
    /// The kind of run the value can be part of.
    kind: Option<Kind>,
    /// The child that was taken last, the edge that was taken before this one from the same place, and an end of
    /// records here; 0 for none.
    child: u32,
    sibling: u32,
    end: u32,
}

/// One step through a template.
#[derive(Debug)]
pub(super) struct Step<'r> {
    pub(super) slot: Slot,
    pub(super) cell: u8,
    pub(super) target: Target,
    pub(super) next: u32,
    /// The bytes after the literal: the value and what follows.
    pub(super) value: &'r [u8],
    /// Quotes in the literal.
    pub(super) quotes: usize,
    /// The kind of run the value can be part of.
    pub(super) kind: Option<Kind>,
}

/// The rest of a record after its last value.
#[derive(Debug)]
struct End {
    tail: Box<[u8]>,
    shapes: Shapes,
    /// Another end at the same place, 0 for none.
    sibling: u32,
}

/// Number of the template with the fewest escapes, and with ASCII only; `None` where none is known.
pub(super) type Shapes = [Option<Ordinal>; 2];

/// Edges that are remembered. A log of few writers needs some hundred.
const MAX_EDGES: usize = 1 << 16;

/// Bytes of literals that are remembered.
const MAX_BYTES: usize = 1 << 24;

/// Continuations tried at one place; where there are more, prediction is hopeless.
const MAX_CHILDREN: usize = 32;

impl Default for Templates {
    fn default() -> Self {
        let start = Edge {
            start: 0,
            len: 0,
            quotes: 0,
            slot: Slot::Text,
            cell: NO_CELL,
            target: Target::Time,
            kind: None,
            child: 0,
            sibling: 0,
            end: 0,
        };
        let none = End {
            tail: Box::default(),
            shapes: [None; 2],
            sibling: 0,
        };
        Self {
            edges: vec![start],
            literals: Vec::new(),
            ends: vec![none],
        }
    }
}

impl Templates {
    /// The continuation of `rest` behind an edge.
    #[inline]
    pub(super) fn step<'r>(&mut self, node: u32, rest: &'r [u8]) -> Option<Step<'r>> {
        let first = self.edges[node as usize].child;
        let (mut at, mut before) = (first, 0);
        loop {
            if at == 0 {
                return None;
            }
            let edge = &self.edges[at as usize];
            let literal = &self.literals[edge.start as usize..][..edge.len as usize];
            if rest
                .get(..literal.len())
                .is_some_and(|start| same(start, literal))
            {
                break;
            }
            (before, at) = (at, edge.sibling);
        }
        if before != 0 {
            self.edges[before as usize].sibling = self.edges[at as usize].sibling;
            self.edges[at as usize].sibling = first;
            self.edges[node as usize].child = at;
        }
        let edge = &self.edges[at as usize];
        Some(Step {
            slot: edge.slot,
            cell: edge.cell,
            target: edge.target,
            next: at,
            value: &rest[edge.len as usize..],
            quotes: edge.quotes.into(),
            kind: edge.kind,
        })
    }

    /// The templates that end with `rest` behind an edge.
    #[inline]
    pub(super) fn end(&self, node: u32, rest: &[u8]) -> Option<Shapes> {
        let at = self.end_at(node, rest)?;
        Some(self.ends[at].shapes)
    }

    fn end_at(&self, node: u32, rest: &[u8]) -> Option<usize> {
        let mut at = self.edges[node as usize].end as usize;
        while at != 0 {
            if *self.ends[at].tail == *rest {
                return Some(at);
            }
            at = self.ends[at].sibling as usize;
        }
        None
    }

    /// Remembers a template.
    pub(super) fn insert(&mut self, shape: &Shape, number: Ordinal) {
        let literals: usize = shape.parts.iter().map(|part| part.literal.len()).sum();
        if self.edges.len() + shape.parts.len() > MAX_EDGES
            || self.literals.len() + literals > MAX_BYTES
        {
            return;
        }
        let mut node = 0u32;
        for part in &shape.parts {
            let mut children = 0;
            let mut at = self.edges[node as usize].child;
            while at != 0 {
                let edge = &self.edges[at as usize];
                let literal = &self.literals[edge.start as usize..][..edge.len as usize];
                if *literal == *part.literal && edge.slot == part.slot {
                    break;
                }
                children += 1;
                at = edge.sibling;
            }
            if at == 0 {
                let mut quotes = Quotes::default();
                quotes.find(&part.literal);
                let Ok(quotes) = u16::try_from(quotes.len()) else {
                    return;
                };
                if children >= MAX_CHILDREN {
                    return;
                }
                let target = Target::of(part.field);
                at = self.edges.len() as u32;
                self.edges.push(Edge {
                    start: self.literals.len() as u32,
                    len: part.literal.len() as u32,
                    quotes,
                    slot: part.slot,
                    cell: target.cell(),
                    target,
                    kind: target.kind().filter(|_| part.slot == Slot::Text),
                    child: 0,
                    sibling: self.edges[node as usize].child,
                    end: 0,
                });
                self.literals.extend_from_slice(&part.literal);
                self.edges[node as usize].child = at;
            }
            node = at;
        }
        let at = self.end_at(node, &shape.tail).unwrap_or_else(|| {
            self.ends.push(End {
                tail: shape.tail.clone(),
                shapes: [None; 2],
                sibling: self.edges[node as usize].end,
            });
            self.edges[node as usize].end = (self.ends.len() - 1) as u32;
            self.ends.len() - 1
        });
        self.ends[at].shapes[usize::from(shape.ascii)] = Some(number);
    }
}
