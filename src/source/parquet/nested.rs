//! Assembly of nested columns: structs, lists and maps become JSON, as in JSON logs.
//!
//! A Parquet file contains only the leaves of such a column, and with each value two levels: the number of its
//! ancestors that are present, and the list around it that it continues.

use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::schema::types::Type;

use super::cells::Cells;
use crate::index::template::escape;

/// Maximum depth of nested columns.
const DEPTH: usize = 32;

/// Column, or part of one.
#[derive(Debug)]
pub(super) struct Node {
    /// Range of its leaves among all leaves of the file.
    pub(super) leaves: std::ops::Range<usize>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Leaf,
    /// Present if the definition level is above this one.
    Optional(i16, Box<Node>),
    /// Members, each with the text before it except for the comma.
    Struct(Vec<(Vec<u8>, Node)>),
    /// Has an element if the definition level is above the first number; further elements follow while the repetition
    /// level is above the second.
    List(i16, i16, Box<Node>),
    Map(i16, i16, Box<(Node, Node)>),
}

/// Position of the walk through the schema.
#[derive(Clone, Copy)]
struct Levels {
    definition: i16,
    repetition: i16,
    depth: usize,
}

impl Levels {
    fn deeper(self, definition: i16, repetition: i16) -> Self {
        Self {
            definition: self.definition + definition,
            repetition: self.repetition + repetition,
            depth: self.depth + 1,
        }
    }
}

impl Node {
    /// Node for a column of the file, counting its leaves in `leaf`; `None` if the column is not supported.
    pub(super) fn of(column: &Type, leaf: &mut usize) -> Option<Self> {
        let first = *leaf;
        let levels = Levels {
            definition: 0,
            repetition: 0,
            depth: 0,
        };
        let node = Self::field(column, levels, leaf);
        // Count all leaves of a skipped column too.
        *leaf = first + leaves(column);
        node
    }

    fn field(field: &Type, levels: Levels, leaf: &mut usize) -> Option<Self> {
        let start = *leaf;
        let kind = match field.get_basic_info().repetition() {
            Repetition::REQUIRED => return Self::inside(field, levels, leaf),
            Repetition::OPTIONAL => {
                let inside = Self::inside(field, levels.deeper(1, 0), leaf)?;
                Kind::Optional(levels.definition, Box::new(inside))
            }
            Repetition::REPEATED => {
                Self::list(levels, Self::inside(field, levels.deeper(1, 1), leaf)?)
            }
        };
        Some(Self {
            leaves: start..*leaf,
            kind,
        })
    }

    fn list(levels: Levels, element: Node) -> Kind {
        Kind::List(levels.definition, levels.repetition, Box::new(element))
    }

    /// Node for a field, given that it is present.
    fn inside(field: &Type, levels: Levels, leaf: &mut usize) -> Option<Self> {
        let start = *leaf;
        if levels.depth > DEPTH {
            return None;
        }
        if field.is_primitive() {
            *leaf += 1;
            return Some(Self {
                leaves: start..*leaf,
                kind: Kind::Leaf,
            });
        }
        let info = field.get_basic_info();
        let repeated = match field.get_fields() {
            [only] if only.get_basic_info().repetition() == Repetition::REPEATED => Some(only),
            _ => None,
        };
        let is_list = matches!(info.logical_type_ref(), Some(LogicalType::List))
            || info.converted_type() == ConvertedType::LIST;
        let is_map = matches!(info.logical_type_ref(), Some(LogicalType::Map))
            || matches!(
                info.converted_type(),
                ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE
            );
        let kind = match repeated {
            Some(repeated) if is_list => {
                let below = levels.deeper(1, 1);
                let element = if is_element(repeated, field.name()) {
                    Self::inside(repeated, below, leaf)?
                } else {
                    Self::field(&repeated.get_fields()[0], below, leaf)?
                };
                Self::list(levels, element)
            }
            Some(entry) if is_map && !entry.is_primitive() => {
                let below = levels.deeper(1, 1);
                match entry.get_fields() {
                    [key] => Self::list(levels, Self::field(key, below, leaf)?),
                    [key, value] => {
                        let key = Self::field(key, below, leaf)?;
                        let value = Self::field(value, below, leaf)?;
                        let pair = Box::new((key, value));
                        Kind::Map(levels.definition, levels.repetition, pair)
                    }
                    _ => return None,
                }
            }
            _ => Kind::Struct(
                field
                    .get_fields()
                    .iter()
                    .map(|member| {
                        let mut literal = b"\"".to_vec();
                        escape(member.name(), false, &mut literal);
                        literal.extend_from_slice(b"\":");
                        Some((literal, Self::field(member, levels.deeper(0, 0), leaf)?))
                    })
                    .collect::<Option<Vec<_>>>()?,
            ),
        };
        // Without a leaf, nothing shows the presence of the node.
        (start < *leaf).then_some(Self {
            leaves: start..*leaf,
            kind,
        })
    }

    /// Appends the part of the next row for this node; false if there is none. `cells` are those of all leaves.
    pub(super) fn write(&self, cells: &mut [Cells], out: &mut Vec<u8>) -> bool {
        let first = self.leaves.start;
        match &self.kind {
            Kind::Leaf => return cells[first].write(out),
            Kind::Optional(level, inside) => {
                if cells[first].definition() > *level {
                    return inside.write(cells, out);
                }
                self.skip(cells);
                return false;
            }
            Kind::Struct(members) => {
                out.push(b'{');
                let start = out.len();
                for (literal, member) in members {
                    let before = out.len();
                    if before > start {
                        out.push(b',');
                    }
                    out.extend_from_slice(literal);
                    if !member.write(cells, out) {
                        out.truncate(before);
                    }
                }
                out.push(b'}');
            }
            Kind::List(definition, repetition, element) => {
                out.push(b'[');
                self.each((*definition, *repetition), cells, out, |cells, out| {
                    or_null(element, cells, out);
                });
                out.push(b']');
            }
            Kind::Map(definition, repetition, pair) => {
                let (key, value) = &**pair;
                out.push(b'{');
                self.each((*definition, *repetition), cells, out, |cells, out| {
                    let start = out.len();
                    or_null(key, cells, out);
                    if out.get(start) != Some(&b'"') {
                        // JSON names are strings.
                        let name = String::from_utf8_lossy(&out[start..]).into_owned();
                        out.truncate(start);
                        out.push(b'"');
                        escape(&name, false, out);
                        out.push(b'"');
                    }
                    out.push(b':');
                    or_null(value, cells, out);
                });
                out.push(b'}');
            }
        }
        true
    }

    /// Writes the elements of a list, separated by commas.
    fn each(
        &self,
        (definition, repetition): (i16, i16),
        cells: &mut [Cells],
        out: &mut Vec<u8>,
        mut element: impl FnMut(&mut [Cells], &mut Vec<u8>),
    ) {
        let first = self.leaves.start;
        if cells[first].definition() <= definition {
            self.skip(cells);
            return;
        }
        loop {
            element(cells, out);
            if cells[first].is_done() || cells[first].repetition() <= repetition {
                return;
            }
            out.push(b',');
        }
    }

    /// Skips an absent node: one position in each leaf.
    fn skip(&self, cells: &mut [Cells]) {
        for cells in &mut cells[self.leaves.clone()] {
            cells.skip();
        }
    }
}

fn or_null(node: &Node, cells: &mut [Cells], out: &mut Vec<u8>) {
    if !node.write(cells, out) {
        out.extend_from_slice(b"null");
    }
}

fn leaves(field: &Type) -> usize {
    if field.is_primitive() {
        return 1;
    }
    field.get_fields().iter().map(|field| leaves(field)).sum()
}

/// Returns true if the repeated field of a list is its element, as older writers have it, rather than a wrapper around
/// the element.
fn is_element(repeated: &Type, list: &str) -> bool {
    repeated.is_primitive()
        || repeated.get_fields().len() != 1
        || repeated.name() == "array"
        || repeated.name() == format!("{list}_tuple")
}
