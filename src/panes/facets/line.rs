//! The lines of the column of facets, and what each stands for.

use super::FacetsState;
use super::tree::Inner;
use crate::model::Value;

/// A line of the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Heading of a facet.
    Head(usize),
    /// A value of a facet, by its index in the table; `None` for "missing".
    Value(usize, usize),
    /// The events without the field.
    Missing(usize),
    /// What is not listed.
    More(usize),
    /// Instead of values where none is as sought.
    Nothing(usize),
    /// A value inside of a value: facet, value, and place inside of it.
    Inner(usize, usize, usize),
    /// What is not listed inside of a value.
    InnerMore(usize, usize),
    /// A picked inner value whose outer value is folded, by its place among the picked ones.
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
                // Room for what will come, so that the column does not jump when it does.
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

    /// What a line stands for, apart from every other line of its facet.
    pub(super) fn named(&self, line: Line) -> Option<(Value, Option<Value>)> {
        let outer = match line {
            Line::Inner(at, index, _) => self.entry(at, index).map(|entry| entry.value.clone()),
            _ => None,
        };
        Some((self.value_of(line)?, outer))
    }

    /// The value a line stands for.
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

/// The facet a line belongs to.
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
