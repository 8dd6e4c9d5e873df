//! State of the facets: fields, tables of values, the focused value, and the lines of the column.

use std::sync::Arc;

use super::facet::{FIELDS, Facet};
use super::line::{Line, facet_of, is_value};
use crate::engine::{FacetOrder, FacetTable, FacetValue, FacetWant};
use crate::model::{CATALOGUE, Value};
use crate::query::Filter;

/// Number of values shown initially, on low and on tall screens.
const FEW: (usize, usize) = (5, 8);

/// Number of values that "more" adds.
const MORE: usize = 25;

#[derive(Debug)]
pub struct FacetsState {
    pub facets: Vec<Facet>,
    /// Index of the focused line among all lines.
    cursor: usize,
    /// First visible line.
    top: usize,
    height: usize,
    /// The column is a drawer; the focused facet has all its room.
    drawer: bool,
    roomy: Option<usize>,
}

impl FacetsState {
    pub fn new() -> Self {
        Self::of(FIELDS.iter().copied())
    }

    /// Facets of these fields; at least one is required.
    pub fn of<'a>(fields: impl IntoIterator<Item = &'a str>) -> Self {
        let facets = fields.into_iter().map(Facet::new).collect();
        Self {
            facets,
            cursor: 1,
            top: 0,
            height: 1,
            drawer: false,
            roomy: None,
        }
    }

    /// First visible line, and the focused line.
    pub fn view(&self) -> (usize, usize) {
        (self.top, self.cursor)
    }

    pub fn resize(&mut self, height: usize, drawer: bool) {
        self.height = height.max(1);
        self.drawer = drawer;
        if !drawer {
            self.roomy = None;
        } else if self.roomy.is_none() {
            // The facet was focused just now, which turned the column into a drawer.
            self.reveal(self.focused());
        }
        self.place(&self.lines());
    }

    /// Facets to request for a filter: those in view or close to it.
    pub fn wants(&self, filter: &Filter) -> Vec<FacetWant> {
        let near = self.near().into_iter();
        let own = near.filter(|&at| !self.is_side(at, filter));
        own.map(|at| self.want(at)).collect()
    }

    /// Facets in view or close to it.
    pub(super) fn near(&self) -> Vec<usize> {
        let lines = self.lines();
        let near = self.top.saturating_sub(self.height)..self.top + self.height * 2;
        let seen = |at: usize| {
            let of = |line: &&Line| facet_of(**line) == at;
            lines
                .iter()
                .take(near.end)
                .skip(near.start)
                .any(|line| of(&line))
        };
        let wanted = (0..self.facets.len()).filter(|&at| !self.facets[at].collapsed && seen(at));
        wanted.collect()
    }

    pub(super) fn want(&self, at: usize) -> FacetWant {
        let facet = &self.facets[at];
        FacetWant {
            field: facet.field.clone(),
            order: facet.order,
            limit: self.shown(at).max(FEW.1),
            find: facet.find.clone().filter(|find| !find.is_empty()),
        }
    }

    /// Applies a table of values.
    pub fn arrive(&mut self, table: FacetTable) {
        let Some(at) = self
            .facets
            .iter()
            .position(|facet| facet.field == table.field)
        else {
            return;
        };
        let mut first = false;
        let line = self.focused_line();
        self.keeping_cursor(|state| first = state.facets[at].table.replace(table).is_none());
        // A cursor that waits on the heading of a facet moves to its first value.
        let lines = self.lines();
        if first
            && line == Some(Line::Head(at))
            && lines.get(self.cursor + 1).is_some_and(|&l| is_value(l))
        {
            self.cursor += 1;
        }
        if first && self.focused() == at {
            self.reveal(at);
        }
        self.place(&lines);
    }

    /// Changes the tables and keeps the cursor on its value, so that a click never hits another value than the one
    /// intended.
    pub(super) fn keeping_cursor(&mut self, change: impl FnOnce(&mut Self)) {
        let line = self.focused_line();
        let value = line.and_then(|line| self.named(line));
        let row = self.cursor.saturating_sub(self.top);
        change(self);
        let lines = self.lines();
        if let Some(line) = line {
            let same = lines.iter().position(|&l| {
                facet_of(l) == facet_of(line)
                    && self.named(l) == value
                    && is_value(l) == is_value(line)
            });
            let head = lines
                .iter()
                .position(|&l| l == Line::Head(facet_of(line)))
                .unwrap_or(0);
            let index = self.cursor.min(lines.len().saturating_sub(1));
            let near = if lines
                .get(index)
                .is_some_and(|&l| facet_of(l) == facet_of(line))
            {
                index
            } else {
                head
            };
            self.cursor = same.unwrap_or(near);
            // Lines that arrive above it do not push it out of a drawer.
            if self.drawer {
                self.top = self.cursor.saturating_sub(row);
            }
        }
        self.place(&lines);
    }

    pub(super) fn focused_line(&self) -> Option<Line> {
        self.lines().get(self.cursor).copied()
    }

    pub(super) fn go_to(&mut self, line: usize) {
        self.cursor = line;
        self.place(&self.lines());
    }

    /// Facet fields in display order.
    pub fn fields(&self) -> impl Iterator<Item = &Arc<str>> {
        self.facets.iter().map(|facet| &facet.field)
    }

    pub fn focused(&self) -> usize {
        self.lines()
            .get(self.cursor)
            .map_or(0, |&line| facet_of(line))
    }

    /// Field and value under the cursor.
    pub fn focused_value(&self) -> Option<(Arc<str>, Value)> {
        let line = *self.lines().get(self.cursor)?;
        let value = self.value_of(line)?;
        let facet = &self.facets[facet_of(line)];
        let field = match (line, &facet.inner) {
            (Line::Inner(..) | Line::Stray(..), Some(inner)) => &inner.field,
            _ => &facet.field,
        };
        Some((field.clone(), value))
    }

    pub fn is_on_more(&self) -> bool {
        matches!(self.lines().get(self.cursor), Some(Line::More(_)))
    }

    /// Shows more values of the focused facet.
    pub fn more(&mut self) {
        let at = self.focused();
        self.facets[at].more += MORE;
    }

    pub fn step(&mut self, by: i64) {
        let lines = self.lines();
        let last = lines.len() as i64 - 1;
        self.cursor = (self.cursor as i64 + by).clamp(0, last.max(0)) as usize;
        self.place(&lines);
    }

    /// Moves the cursor to a visible line. Returns true for a value or a "more" line, false for a heading; `None` if
    /// there is no line.
    pub fn point(&mut self, line: usize) -> Option<bool> {
        let lines = self.lines();
        let at = self.top + line;
        let found = *lines.get(at)?;
        self.cursor = at;
        self.place(&lines);
        Some(!matches!(found, Line::Head(_)))
    }

    pub fn page(&self) -> usize {
        self.height
    }

    /// Focuses and expands a facet by its index, from 0.
    pub fn focus(&mut self, at: usize) -> bool {
        let Some(facet) = self.facets.get_mut(at) else {
            return false;
        };
        facet.collapsed = false;
        let lines = self.lines();
        let head = lines
            .iter()
            .position(|&line| line == Line::Head(at))
            .unwrap_or(0);
        self.cursor = head;
        if lines
            .get(head + 1)
            .is_some_and(|&line| facet_of(line) == at)
        {
            self.cursor += 1;
        }
        self.roomy = None;
        self.reveal(at);
        self.place(&lines);
        true
    }

    /// Scrolls a facet into view, completely if it fits. In a drawer, it gets all the room.
    fn reveal(&mut self, at: usize) {
        self.roomy = self.drawer.then_some(at);
        let lines = self.lines();
        let first = lines.iter().position(|&line| facet_of(line) == at);
        let last = lines.iter().rposition(|&line| facet_of(line) == at);
        let (Some(head), Some(end)) = (first, last) else {
            return;
        };
        if end >= self.top + self.height {
            self.top = (end + 1).saturating_sub(self.height).min(head);
        }
        self.top = if self.drawer {
            head
        } else {
            self.top.min(head)
        };
    }

    pub fn collapse(&mut self, collapsed: bool) {
        let at = self.focused();
        self.facets[at].collapsed = collapsed;
        if collapsed {
            self.facets[at].more = 0;
            let lines = self.lines();
            self.cursor = lines
                .iter()
                .position(|&line| line == Line::Head(at))
                .unwrap_or(0);
            self.place(&lines);
        }
    }

    /// Removes the focused facet from the column; the last one stays.
    pub fn hide(&mut self) -> bool {
        let at = self.focused();
        if self.facets.len() < 2 {
            return false;
        }
        self.facets.remove(at);
        self.focus(at.min(self.facets.len() - 1))
    }

    /// Focuses the facet of a field; inserts it after the focused one if the column does not have it.
    pub fn show(&mut self, field: &str) {
        let place = self.facets.iter().position(|facet| &*facet.field == field);
        let at = place.unwrap_or_else(|| {
            let at = (self.focused() + 1).min(self.facets.len());
            self.facets.insert(at, Facet::new(field));
            at
        });
        self.focus(at);
    }

    pub fn toggle_order(&mut self) {
        let at = self.focused();
        let facet = &mut self.facets[at];
        facet.order = match facet.order {
            FacetOrder::Count => FacetOrder::Name,
            FacetOrder::Name => FacetOrder::First,
            FacetOrder::First => FacetOrder::Last,
            _ => FacetOrder::Count,
        };
    }

    pub fn set_find(&mut self, at: usize, find: Option<String>) {
        if let Some(facet) = self.facets.get_mut(at) {
            facet.find = find;
            facet.more = 0;
        }
    }

    /// Clears the text to find in the focused facet. Returns false if there is none.
    pub fn clear_find(&mut self) -> bool {
        let at = self.focused();
        let found = self.facets[at].find.take().is_some();
        if found {
            self.focus(at);
        }
        found
    }

    pub fn entry(&self, at: usize, index: usize) -> Option<&FacetValue> {
        self.facets.get(at)?.table.as_ref()?.values.get(index)
    }

    /// Known values of a field: those last counted, and the documented ones.
    pub fn known_values(&self, field: &str) -> Vec<Arc<str>> {
        let facet = self.facets.iter().find(|facet| &*facet.field == field);
        let table = facet.and_then(|facet| facet.table.as_ref());
        let counted = table
            .into_iter()
            .flat_map(|table| &table.values)
            .filter_map(|entry| entry.value.clone());
        let info = CATALOGUE.find(field).and_then(|id| CATALOGUE.get(id));
        let documented = info
            .into_iter()
            .flat_map(|info| &info.values)
            .map(|value| Arc::from(value.as_str()));
        counted.chain(documented).collect()
    }

    /// Number of values to show of a facet.
    pub(super) fn shown(&self, at: usize) -> usize {
        let facet = &self.facets[at];
        let few = if self.height >= 45 { FEW.1 } else { FEW.0 };
        // Two lines are for the heading and for "more".
        let room = if facet.find.is_some() || self.roomy == Some(at) {
            self.height.saturating_sub(2)
        } else {
            0
        };
        few.max(room) + facet.more
    }

    fn place(&mut self, lines: &[Line]) {
        self.cursor = self.cursor.min(lines.len().saturating_sub(1));
        // A cursor on the first value keeps the heading above it visible.
        let head = self.cursor
            - usize::from(
                self.cursor > 0 && matches!(lines.get(self.cursor - 1), Some(Line::Head(_))),
            );
        self.top = self.top.min(head);
        if self.cursor >= self.top + self.height {
            self.top = self.cursor + 1 - self.height;
        }
    }
}

impl Default for FacetsState {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(field: &str, values: &[(&str, u64)]) -> FacetTable {
        let values: Vec<FacetValue> = values
            .iter()
            .map(|(value, count)| FacetValue {
                value: Some((*value).into()),
                count: *count,
            })
            .collect();
        let distinct = values.len() as u64;
        FacetTable {
            field: field.into(),
            distinct,
            missing: 0,
            found: distinct,
            values,
            kept: 0,
        }
    }

    #[test]
    fn the_cursor_stays_on_its_value_when_counts_reorder_the_others() {
        let mut state = FacetsState::new();
        state.resize(20, false);
        state.arrive(table("instance_id", &[("a", 3), ("b", 2)]));
        state.focus(0);
        state.step(1);
        state.arrive(table("instance_id", &[("c", 9), ("a", 3), ("b", 2)]));
        assert_eq!(
            state.focused_value(),
            Some(("instance_id".into(), Some("b".into())))
        );
    }

    #[test]
    fn finding_nothing_is_said_and_not_an_empty_facet() {
        let mut state = FacetsState::new();
        state.resize(20, false);
        state.set_find(0, Some("zz".into()));
        state.arrive(table("instance_id", &[]));
        assert_eq!(state.lines()[..2], [Line::Head(0), Line::Nothing(0)]);
        // Picked values stay in view all the same.
        let mut picked = table("instance_id", &[("a", 3)]);
        (picked.found, picked.kept) = (0, 1);
        state.arrive(picked);
        assert_eq!(
            state.lines()[..3],
            [Line::Head(0), Line::Nothing(0), Line::Value(0, 0)]
        );
        state.set_find(0, None);
        state.arrive(table("instance_id", &[]));
        assert_eq!(state.lines()[..2], [Line::Head(0), Line::Head(1)]);
    }

    /// In a drawer, facets above had no values yet, and pushed the focused one out of view.
    #[test]
    fn values_that_come_in_above_do_not_move_what_is_looked_at() {
        let mut state = FacetsState::new();
        state.focus(3);
        state.resize(18, true);
        let values: Vec<(String, u64)> = (0..40).map(|n| (format!("v{n:02}"), 1)).collect();
        let values: Vec<(&str, u64)> = values.iter().map(|(v, n)| (v.as_str(), *n)).collect();
        state.arrive(table(FIELDS[3], &values));
        state.step(2);
        for field in &FIELDS[..3] {
            state.arrive(table(field, &values));
        }
        let (top, cursor) = state.view();
        assert_eq!((state.lines()[top], cursor - top), (Line::Head(3), 3));
    }

    #[test]
    fn facets_out_of_view_cost_nothing() {
        let mut state = FacetsState::new();
        state.resize(8, false);
        for field in FIELDS {
            state.arrive(table(field, &[("a", 1), ("b", 1), ("c", 1), ("d", 1)]));
        }
        assert!(state.wants(&Filter::default()).len() < 6);
        state.focus(15);
        assert!(
            state
                .wants(&Filter::default())
                .iter()
                .any(|want| &*want.field == FIELDS[15])
        );
    }

    #[test]
    fn facets_come_and_go_and_the_last_one_stays() {
        let mut state = FacetsState::of(["user", "action"]);
        state.resize(20, false);
        state.focus(0);
        state.show("odd");
        let fields = |state: &FacetsState| {
            let names = state.facets.iter().map(|facet| facet.field.to_string());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            (fields(&state).as_str(), state.focused()),
            ("user odd action", 1)
        );
        state.show("user");
        assert_eq!(state.focused(), 0);
        assert!(state.hide() && state.hide() && !state.hide());
        assert_eq!(fields(&state), "action");
    }

    /// If the values of a facet arrived after it was focused, only its heading was scrolled into view.
    #[test]
    fn a_facet_that_is_gone_to_in_a_drawer_has_all_of_its_room() {
        let values: Vec<(String, u64)> = (0..40).map(|n| (format!("v{n:02}"), 1)).collect();
        let values: Vec<(&str, u64)> = values.iter().map(|(v, n)| (v.as_str(), *n)).collect();
        let mut state = FacetsState::new();
        for field in &FIELDS[..3] {
            state.arrive(table(field, &values[..9]));
        }
        state.focus(3);
        state.resize(18, true);
        let wants = state.wants(&Filter::default());
        let user = wants.iter().find(|want| &*want.field == FIELDS[3]);
        assert!(user.is_some_and(|want| want.limit >= 16));
        state.arrive(table(FIELDS[3], &values));
        let (top, cursor) = state.view();
        assert_eq!(
            (state.lines()[top], cursor),
            (Line::Head(3), top + 1),
            "its heading first, the cursor on its first value"
        );
        assert_eq!(state.lines()[top + 17], Line::More(3));
        state.resize(18, false);
        assert_eq!(state.shown(3), FEW.0);
    }

    #[test]
    fn every_value_can_be_reached() {
        let mut state = FacetsState::new();
        state.resize(10, false);
        let values: Vec<(String, u64)> = (0..60).map(|n| (format!("v{n:02}"), 1)).collect();
        let values: Vec<(&str, u64)> = values.iter().map(|(v, n)| (v.as_str(), *n)).collect();
        state.arrive(table("instance_id", &values));
        state.focus(0);
        for _ in 0..10 {
            while !state.is_on_more() && state.focused() == 0 {
                state.step(1);
            }
            if state.is_on_more() {
                state.more();
            }
        }
        state.step(-1);
        assert_eq!(
            state.focused_value(),
            Some(("instance_id".into(), Some("v59".into())))
        );
    }
}
