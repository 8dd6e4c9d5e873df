//! Group table: the matches grouped by one or more fields. One row per combination of values, with its count, failures,
//! and times of its first and last event.

mod view;

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::{CLOSE, COPY, EXPORT, Panel, Scene, Spec, Table, Topics};
use crate::engine::{Answer, Group, GroupOrder, GroupTable, GroupWant, Wants};
use crate::export::groups;
use crate::model::Value;
use crate::widgets::chips::field_name;
use crate::widgets::{ListCursor, Look, text};

/// Number of rows requested at first. Each request for more asks for [`STEP`] times as many, up to `MOST`; the total is
/// shown in any case, and an export has all rows.
const ROWS: usize = 1_000;
const STEP: usize = 10;
const MOST: usize = 100_000;

/// Number of time bins for the sparkline of each row.
const BINS: usize = 16;

/// Sort orders in cycle order, with name and default direction (true: ascending).
const ORDERS: [(GroupOrder, &str, bool); 7] = [
    (GroupOrder::Count, "count", false),
    (GroupOrder::Failed, "failures", false),
    (GroupOrder::Users, "users", true),
    (GroupOrder::Admitted, "403 then 2xx", false),
    (GroupOrder::First, "first seen", false),
    (GroupOrder::Last, "last seen", false),
    (GroupOrder::Key, "value", true),
];

/// Open table.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupView {
    fields: Vec<Arc<str>>,
    /// The table shows a complete facet, so the facet's own picks are ignored.
    facet: bool,
    order: GroupOrder,
    ascending: bool,
    /// Number of rows requested.
    limit: usize,
    cursor: ListCursor,
    table: Option<GroupTable>,
}

/// State of the rows that are not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum More {
    Loading,
    /// Enter loads so many more.
    Loads(u64),
    TooMany,
}

impl GroupView {
    pub fn new(field: &str) -> Self {
        Self {
            fields: vec![field.into()],
            facet: false,
            order: GroupOrder::Count,
            ascending: false,
            limit: ROWS,
            cursor: ListCursor::default(),
            table: None,
        }
    }

    /// Table of a facet.
    pub fn facet(field: &str) -> Self {
        Self {
            facet: true,
            ..Self::new(field)
        }
    }

    /// Copy of the view, without results.
    #[must_use]
    pub fn question(&self) -> Self {
        Self {
            limit: ROWS,
            cursor: ListCursor::default(),
            table: None,
            ..self.clone()
        }
    }

    pub fn fields(&self) -> &[Arc<str>] {
        &self.fields
    }

    /// Adds a field, or removes it if the table is grouped by it; the only field left is not removed.
    pub fn toggle(&mut self, field: &str) {
        match self.fields.iter().position(|name| &**name == field) {
            Some(at) if self.fields.len() > 1 => {
                self.fields.remove(at);
            }
            Some(_) => return,
            None => self.fields.push(field.into()),
        }
        self.facet = false;
        self.table = None;
        self.limit = ROWS;
        self.cursor = ListCursor::default();
    }

    /// Switches to the next sort order and returns its name.
    pub fn sort_next(&mut self) -> &'static str {
        let at = ORDERS.iter().position(|(order, ..)| *order == self.order);
        let (order, ..) = ORDERS[at.map_or(0, |at| (at + 1) % ORDERS.len())];
        self.sort(order)
    }

    /// Sorts by `order`, or reverses it if the table is sorted by it. Returns its name.
    pub fn sort(&mut self, order: GroupOrder) -> &'static str {
        let known = ORDERS.iter().find(|(known, ..)| *known == order);
        let (_, name, ascending) = known.expect("orders of commands are listed");
        if self.order == order {
            self.reverse();
        } else {
            (self.order, self.ascending, self.cursor) = (order, *ascending, ListCursor::default());
        }
        name
    }

    /// Number of rows that are not loaded.
    fn more(&self) -> u64 {
        let table = self.table.as_ref();
        table.map_or(0, |table| {
            table.total.saturating_sub(table.rows.len() as u64)
        })
    }

    /// Number of positions of the cursor: the rows, and a line for those that are not loaded.
    fn places(&self) -> usize {
        let rows = self.table.as_ref().map_or(0, |table| table.rows.len());
        rows + usize::from(self.more() > 0)
    }

    fn state(&self) -> More {
        let rows = self.table.as_ref().map_or(0, |table| table.rows.len());
        let next = (self.limit * STEP).min(MOST);
        if self.limit > rows {
            More::Loading
        } else if next > self.limit {
            More::Loads(self.more().min((next - rows) as u64))
        } else {
            More::TooMany
        }
    }

    /// Requests more rows if the cursor is on the line below them. Returns false if it is elsewhere.
    pub fn load_more(&mut self) -> bool {
        let is_there = self.more() > 0 && self.cursor.at + 1 == self.places();
        if is_there && matches!(self.state(), More::Loads(_)) {
            self.limit = (self.limit * STEP).min(MOST);
        }
        is_there
    }

    /// Request for the first rows.
    fn asks(&self, limit: usize, bins: usize) -> GroupWant {
        GroupWant {
            fields: self.fields.clone(),
            order: self.order,
            ascending: self.ascending,
            limit,
            bins,
            facet: self.facet,
        }
    }

    pub fn reverse(&mut self) {
        self.ascending = !self.ascending;
        self.cursor = ListCursor::default();
    }

    /// Applies a table. The cursor stays on its row, wherever it moves; on the first row, it stays at the top.
    fn take(&mut self, table: GroupTable) {
        if table.fields != self.fields {
            return;
        }
        let key = self.focused().map(|row| row.key.clone());
        let same = key.and_then(|key| table.rows.iter().position(|row| row.key == key));
        if self.cursor.at > 0 {
            self.cursor.at = same.unwrap_or(self.cursor.at);
        }
        self.table = Some(table);
        self.cursor.step(0, self.places());
    }

    /// Group under the cursor.
    pub fn focused(&self) -> Option<&Group> {
        self.table.as_ref()?.rows.get(self.cursor.at)
    }
}

impl Panel for GroupView {
    fn spec(&self) -> Spec {
        Spec {
            title: "GROUP",
            scopes: &["group", "overlay", "global"],
            hints: &[
                ("group.open", "show events"),
                ("group.include group.exclude", "pick"),
                ("group.sort…", "sort"),
                ("group.by", "add field"),
                EXPORT,
                COPY,
                CLOSE,
            ],
        }
    }

    fn topics(&self) -> Topics {
        Topics::GROUP
    }

    fn want(&mut self, _id: u64, _scene: &Scene<'_>, wants: &mut Wants) {
        wants.group = Some(self.asks(self.limit, BINS));
    }

    fn arrive(&mut self, answer: &mut Answer) {
        if let Some(table) = answer.group.take_if(|_| answer.complete) {
            self.take(table);
        }
    }

    fn cursor(&mut self, _scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = self.places();
        Some((&mut self.cursor, places))
    }

    /// Value of the first field of the row.
    fn value(&self) -> Option<(Arc<str>, Value)> {
        let value = self.focused()?.key.first()?.clone();
        Some((self.fields.first()?.clone(), value))
    }

    fn table(&self, scene: &Scene<'_>) -> Option<Table> {
        let known = self.table.as_ref()?;
        let fields: Vec<&str> = self.fields.iter().map(|name| field_name(name)).collect();
        let groups = known.rows.iter();
        Some(Table {
            title: format!(
                "{}: {} rows",
                fields.join(" × "),
                text::grouped(known.total)
            ),
            filtered: true,
            headings: groups::headings(&self.fields),
            rows: groups.map(|row| groups::cells(row, scene.zone)).collect(),
            at: Some(self.cursor.at),
            whole: (known.total > known.rows.len() as u64).then(|| self.asks(usize::MAX, 0)),
        })
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        view::draw(scene, self, look, buf);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(user: &str, count: u64) -> Group {
        Group {
            key: vec![Some(user.into())],
            count,
            failed: 0,
            users: 1,
            forbidden: 0,
            admitted: false,
            first: None,
            last: None,
            over_time: Vec::new(),
        }
    }

    fn table(rows: Vec<Group>) -> GroupTable {
        GroupTable {
            fields: vec!["user".into()],
            total: rows.len() as u64,
            single: 0,
            admitted: 0,
            rows,
            is_over: false,
        }
    }

    #[test]
    fn the_cursor_stays_on_its_row_when_counts_reorder_the_others() {
        let mut view = GroupView::new("user");
        view.take(table(vec![row("a", 3), row("b", 2)]));
        view.cursor.step(1, 2);
        view.take(table(vec![row("c", 9), row("a", 3), row("b", 2)]));
        assert_eq!(view.focused().map(|row| row.count), Some(2));
        view.cursor.step(-9, 2);
        view.take(table(vec![row("d", 10), row("c", 9)]));
        assert_eq!(view.focused().map(|row| row.count), Some(10));
    }

    #[test]
    fn a_field_comes_and_goes_and_the_last_one_stays() {
        let mut view = GroupView::new("user");
        view.toggle("action");
        assert_eq!(view.fields().len(), 2);
        view.take(table(vec![row("a", 3)]));
        assert!(view.focused().is_none(), "a table of other fields");
        view.toggle("user");
        view.toggle("action");
        assert_eq!(view.fields(), ["action".into()]);
    }
}
