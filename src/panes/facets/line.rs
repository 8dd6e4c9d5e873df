//! Lines of the facet column and the values they represent.

use super::FacetsState;
use super::tree::Inner;
use crate::model::Value;

/// Line of the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Heading of a facet.
    Head(usize),
    /// Value of a facet, by its index in the table.
    Value(usize, usize),
    /// Events without the field.
    Missing(usize),
    /// Values that are not listed.
    More(usize),
    /// Shown in place of values if none matches the text to find.
    Nothing(usize),
    /// Nested value: facet, outer value, and index within it.
    Inner(usize, usize, usize),
    /// Nested values that are not listed.
    InnerMore(usize, usize),
    /// Picked nested value whose outer value is collapsed, by its index among the picked ones.
    Stray(usize, usize),
}

impl FacetsState {
    /// Lines of the whole column.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (at, facet) in self.facets.iter().enumerate() {
            lines.push(Line::Head(at));
            if facet.collapsed {
                continue;
            }
            let Some(table) = &facet.table else {
                // Reserves room for the values, so that the column does not jump when they arrive.
                continue;
            };
            let shown = self.shown(at);
            let strays = facet.inner.iter().flat_map(Inner::strays);
            lines.extend(strays.map(|picked| Line::Stray(at, picked)));
            let found = table.values.len() - table.kept;
            for value in 0..found.min(shown) {
                lines.push(Line::Value(at, value));
                self.inner_lines(at, value, &mut lines);
            }
            if table.missing > 0
                && facet.find.is_none()
                && !table.values.iter().any(|v| v.value.is_none())
            {
                lines.push(Line::Missing(at));
            }
            if table.found > shown as u64 {
                lines.push(Line::More(at));
            }
            if facet.find.is_some() && found == 0 {
                lines.push(Line::Nothing(at));
            }
            lines.extend((found..table.values.len()).map(|kept| Line::Value(at, kept)));
        }
        lines
    }

    /// Value that identifies a line within its facet.
    pub(super) fn named(&self, line: Line) -> Option<(Value, Option<Value>)> {
        let outer = match line {
            Line::Inner(at, index, _) => self.entry(at, index).map(|entry| entry.value.clone()),
            _ => None,
        };
        Some((self.value_of(line)?, outer))
    }

    /// Value of a line.
    pub fn value_of(&self, line: Line) -> Option<Value> {
        match line {
            Line::Value(at, index) => self.entry(at, index).map(|entry| entry.value.clone()),
            Line::Missing(_) => Some(None),
            Line::Inner(at, index, inner) => {
                let entry = self.inner_entry(at, index, inner);
                entry.map(|entry| entry.value.clone())
            }
            Line::Stray(at, picked) => {
                let inner = self.facets.get(at)?.inner.as_ref()?;
                inner.picked.get(picked).map(|entry| entry.value.clone())
            }
            Line::Head(_) | Line::More(_) | Line::Nothing(_) | Line::InnerMore(..) => None,
        }
    }
}

/// Facet of a line.
pub(super) fn facet_of(line: Line) -> usize {
    match line {
        Line::Head(at)
        | Line::Value(at, _)
        | Line::Missing(at)
        | Line::More(at)
        | Line::Nothing(at)
        | Line::Inner(at, ..)
        | Line::InnerMore(at, _)
        | Line::Stray(at, _) => at,
    }
}

pub(super) fn is_value(line: Line) -> bool {
    matches!(
        line,
        Line::Value(..) | Line::Missing(_) | Line::Inner(..) | Line::Stray(..)
    )
}
