//! The templates a decoder has seen, as a tree of literals: after each value only the few continuations seen before are
//! tried, most recently used first.

use super::raw::{Form, What};
use super::target::{Kind, Target};
use super::value_cache::same;
use crate::index::Ordinal;
use crate::index::template::{Slot, Template};

/// A tree of templates. Literals are concatenated, and edges are in the order in which records were read, so that
/// following a record walks memory from front to back.
#[derive(Debug)]
pub(super) struct Templates {
    /// Edge 0 has no literal: it is the start of a record.
    edges: Vec<Edge>,
    literals: Vec<u8>,
    ends: Vec<End>,
}

/// A literal and the slot after it; its children are the continuations after the value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// First bytes of the literal, and a mask of the bytes that count: most literals are not longer.
    head: [u64; 4],
    mask: [u64; 4],
    /// Start of the whole literal in `literals`.
    start: u32,
    pub(super) len: u32,
    pub(super) slot: Slot,
    pub(super) what: What,
    pub(super) target: Target,
    /// Kind of run that the value can be part of.
    pub(super) kind: Option<Kind>,
    /// The child used last, the edge with the same parent used before this one, and an end of records here; 0 for none.
    child: u32,
    sibling: u32,
    end: u32,
}

/// Number of bytes of a literal that its edge contains.
const HEAD: usize = 32;

impl Edge {
    #[inline]
    fn begins(&self, bytes: &[u8; HEAD]) -> bool {
        let (words, _) = bytes.as_chunks::<8>();
        let mut differs = 0;
        for ((word, head), mask) in words.iter().zip(self.head).zip(self.mask) {
            differs |= (u64::from_le_bytes(*word) ^ head) & mask;
        }
        differs == 0
    }
}

/// First bytes of a literal as words, and a mask of the bytes that exist.
fn head_of(literal: &[u8]) -> ([u64; 4], [u64; 4]) {
    let (mut head, mut mask) = ([0u64; 4], [0u64; 4]);
    for (at, byte) in literal.iter().take(HEAD).enumerate() {
        head[at / 8] |= u64::from(*byte) << (at % 8 * 8);
        mask[at / 8] |= 0xff << (at % 8 * 8);
    }
    (head, mask)
}

/// Rest of a record after its last value.
#[derive(Debug)]
struct End {
    tail: Box<[u8]>,
    shapes: TemplateIds,
    /// Another end at the same place, 0 for none.
    sibling: u32,
}

/// Number of the template with the fewest escapes, and of the ASCII-only one; `None` if unknown.
pub(super) type TemplateIds = [Option<Ordinal>; 2];

/// Maximum number of edges. A log with few writers needs some hundred.
const MAX_EDGES: usize = 1 << 16;

/// Maximum size of all literals, in bytes.
const MAX_BYTES: usize = 1 << 24;

/// Maximum number of continuations at one place; with more, prediction is hopeless.
const MAX_CHILDREN: usize = 32;

impl Default for Templates {
    fn default() -> Self {
        let start = Edge {
            head: [0; 4],
            mask: [0; 4],
            start: 0,
            len: 0,
            slot: Slot::Text,
            what: What::new(Target::Time, Form::Text),
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
    /// Finds the continuation after edge `node` that matches the record at `at`, and its number.
    #[inline]
    pub(super) fn step(&mut self, node: u32, record: &[u8], at: usize) -> Option<(u32, &Edge)> {
        let rest = record.get(at..)?;
        let first = self.edges[node as usize].child;
        let (mut number, mut before) = (first, 0);
        while number != 0 {
            let edge = &self.edges[number as usize];
            let fits = match rest.first_chunk() {
                Some(head) if edge.len as usize <= HEAD => edge.begins(head),
                _ => rest
                    .get(..edge.len as usize)
                    .is_some_and(|start| same(start, self.literal(edge))),
            };
            if fits {
                if before != 0 {
                    self.edges[before as usize].sibling = self.edges[number as usize].sibling;
                    self.edges[number as usize].sibling = first;
                    self.edges[node as usize].child = number;
                }
                return Some((number, &self.edges[number as usize]));
            }
            (before, number) = (number, edge.sibling);
        }
        None
    }

    fn literal(&self, edge: &Edge) -> &[u8] {
        &self.literals[edge.start as usize..][..edge.len as usize]
    }

    /// Finds the templates that end after edge `node` with the start of `rest`, and the length of that tail.
    #[inline]
    pub(super) fn end(&self, node: u32, rest: &[u8]) -> Option<(TemplateIds, usize)> {
        let at = self.end_at(node, |tail| rest.starts_with(tail))?;
        Some((self.ends[at].shapes, self.ends[at].tail.len()))
    }

    fn end_at(&self, node: u32, fits: impl Fn(&[u8]) -> bool) -> Option<usize> {
        let mut at = self.edges[node as usize].end as usize;
        while at != 0 {
            if fits(&self.ends[at].tail) {
                return Some(at);
            }
            at = self.ends[at].sibling as usize;
        }
        None
    }

    /// Adds a template, unless the limits are reached.
    pub(super) fn insert(&mut self, shape: &Template, number: Ordinal) {
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
                if *self.literal(edge) == *part.literal && edge.slot == part.slot {
                    break;
                }
                children += 1;
                at = edge.sibling;
            }
            if at == 0 {
                if children >= MAX_CHILDREN {
                    return;
                }
                let target = Target::of(part.field);
                at = self.edges.len() as u32;
                let (head, mask) = head_of(&part.literal);
                let form = match part.slot {
                    Slot::Text => Form::Text,
                    Slot::Literal => Form::Literal,
                };
                self.edges.push(Edge {
                    head,
                    mask,
                    start: self.literals.len() as u32,
                    len: part.literal.len() as u32,
                    slot: part.slot,
                    what: What::new(target, form),
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
        let known = self.end_at(node, |tail| *tail == *shape.tail);
        let at = known.unwrap_or_else(|| {
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
