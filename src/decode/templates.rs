//! The templates a decoder has met, as a tree of literals: after each value only the few continuations
//! that have been seen before are tried, the most recent first.

use super::cache::same;
use super::runs::Run;
use super::scan::quotes;
use super::slots::{Kind, Target};
use crate::index::Ordinal;
use crate::index::shape::{Part, Shape, Slot};
use crate::model::FieldId;

/// A tree of templates. Node 0 is the start of a record.
#[derive(Debug)]
pub(super) struct Templates {
    nodes: Vec<Node>,
    /// Runs by their first field.
    runs: Vec<(FieldId, Run)>,
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
    run: Option<u16>,
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
    pub(super) run: Option<u16>,
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
            runs: Vec::new(),
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
            run: edge.run,
        })
    }

    /// A run by number; `None` where looking for it has not paid.
    #[inline]
    pub(super) fn run(&mut self, number: u16) -> Option<&mut Run> {
        let (_, run) = self.runs.get_mut(usize::from(number))?;
        (!run.is_hopeless()).then_some(run)
    }

    /// Number of the run that starts with a field.
    fn run_of(&mut self, field: FieldId) -> u16 {
        let known = self.runs.iter().position(|(first, _)| *first == field);
        let number = known.unwrap_or_else(|| {
            self.runs.push((field, Run::new()));
            self.runs.len() - 1
        });
        number as u16
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
        let kind_of = |part: &Part| {
            Target::of(part.field)
                .kind()
                .filter(|_| part.slot == Slot::Text)
        };
        for (at, part) in shape.parts.iter().enumerate() {
            let target = Target::of(part.field);
            let kind = kind_of(part);
            // At least two values of a kind side by side.
            let goes_on = kind == shape.parts.get(at + 1).and_then(kind_of);
            let starts_run = kind.is_some() && kind != before && goes_on;
            let run = starts_run.then(|| self.run_of(part.field));
            before = kind;
            let edges = &mut self.nodes[node].edges;
            let count = edges.len();
            let known = edges
                .iter_mut()
                .find(|e| e.literal == part.literal && e.slot == part.slot);
            node = match known {
                Some(edge) => {
                    edge.run = edge.run.or(run);
                    edge.next as usize
                }
                None if count >= MAX_EDGES => return,
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
                        run,
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
