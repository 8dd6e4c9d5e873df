//! Group table: the matches grouped by one or more fields. One row per combination of values, with its count, failures,
//! and times of its first and last event.

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::{CLOSE, Panel, Scene, Spec, Topics, frame};
use crate::engine::{Answer, Group, GroupOrder, GroupTable, GroupWant, MOST_GROUPS, USERS, Wants};
use crate::model::Value;
use crate::model::time::Nanos;
use crate::query::PickState;
use crate::theme::Role;
use crate::widgets::chips::{field_name, value_text};
use crate::widgets::{Canvas, ListCursor, Look, text};

/// Maximum number of rows requested; the total is shown in any case.
const ROWS: usize = 1_000;

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
    cursor: ListCursor,
    table: Option<GroupTable>,
}

impl GroupView {
    pub fn new(field: &str) -> Self {
        Self {
            fields: vec![field.into()],
            facet: false,
            order: GroupOrder::Count,
            ascending: false,
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
        self.cursor = ListCursor::default();
    }

    /// Switches to the next sort order and returns its name.
    pub fn sort(&mut self) -> &'static str {
        let at = ORDERS.iter().position(|(order, ..)| *order == self.order);
        let (order, name, ascending) = ORDERS[at.map_or(0, |at| (at + 1) % ORDERS.len())];
        (self.order, self.ascending, self.cursor) = (order, ascending, ListCursor::default());
        name
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
            self.cursor.step(0, table.rows.len());
        }
        self.table = Some(table);
    }

    /// Group under the cursor.
    pub fn focused(&self) -> Option<&Group> {
        self.table.as_ref()?.rows.get(self.cursor.at)
    }

    /// Heading of the column that depends on the sort order.
    fn third(&self) -> &'static str {
        match self.order {
            GroupOrder::Users => "USERS",
            GroupOrder::Admitted => "403→2XX",
            _ => "FAILED",
        }
    }

    fn heading(&self) -> String {
        let fields: Vec<&str> = self.fields.iter().map(|name| field_name(name)).collect();
        let order = ORDERS.iter().find(|(order, ..)| *order == self.order);
        let order = order.map_or("", |(_, name, _)| name);
        let reversed = ORDERS
            .iter()
            .any(|(order, _, ascending)| *order == self.order && *ascending != self.ascending);
        let way = if reversed { ", reversed" } else { "" };
        let many = match &self.table {
            Some(table) if table.total > table.rows.len() as u64 => format!(
                "{} of {}",
                text::grouped(table.rows.len() as u64),
                text::grouped(table.total)
            ),
            Some(table) if table.is_over => {
                format!("more than {}", text::grouped(MOST_GROUPS as u64))
            }
            Some(table) => text::grouped(table.total),
            None => "counting".into(),
        };
        let what = if self.facet { "FACET" } else { "GROUP" };
        let reported = self.table.as_ref().and_then(|table| match self.order {
            GroupOrder::Users => Some(format!(
                ", {} with a single user",
                text::grouped(table.single)
            )),
            GroupOrder::Admitted => Some(format!(": {}", text::grouped(table.admitted))),
            _ => None,
        });
        let reported = reported.unwrap_or_default();
        format!(
            "{what} {}  {many} · by {order}{reported}{way}",
            fields.join(" × ")
        )
    }
}

/// Right edges of the number and time columns; `values` is the width left for the values.
struct Columns {
    values: u16,
    count: u16,
    share: Option<u16>,
    failed: u16,
    first: u16,
    last: u16,
    /// Left edge of the sparkline.
    spark: Option<u16>,
    /// Show times with year and seconds.
    long: bool,
}

fn columns(width: u16) -> Columns {
    let long = width >= 124;
    let time = if long { 19 } else { 11 };
    let wide = width >= 96;
    let spark = wide.then(|| width.saturating_sub(BINS as u16));
    let last = spark.map_or(width, |start| start.saturating_sub(2));
    let first = last.saturating_sub(time + 2);
    let failed = first.saturating_sub(time + 2);
    let share = (width >= 88).then(|| failed.saturating_sub(10));
    let count = share
        .unwrap_or(failed)
        .saturating_sub(if share.is_some() { 8 } else { 9 });
    Columns {
        values: count.saturating_sub(11),
        count,
        share,
        failed,
        first,
        last,
        spark,
        long,
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
                ("group.by", "add field"),
                ("group.sort", "sort"),
                ("group.reverse", "reverse"),
                CLOSE,
            ],
        }
    }

    fn topics(&self) -> Topics {
        Topics::GROUP
    }

    /// Value of the first field of the row.
    fn value(&self) -> Option<(Arc<str>, Value)> {
        let value = self.focused()?.key.first()?.clone();
        Some((self.fields.first()?.clone(), value))
    }

    fn want(&mut self, _id: u64, _scene: &Scene<'_>, wants: &mut Wants) {
        wants.group = Some(GroupWant {
            fields: self.fields.clone(),
            order: self.order,
            ascending: self.ascending,
            limit: ROWS,
            bins: BINS,
            facet: self.facet,
        });
    }

    fn arrive(&mut self, answer: &mut Answer) {
        if let Some(table) = answer.group.take_if(|_| answer.complete) {
            self.take(table);
        }
    }

    fn cursor(&mut self, _scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = self.table.as_ref().map_or(0, |table| table.rows.len());
        Some((&mut self.cursor, places))
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let mut canvas = frame::draw(&self.heading(), look, buf);
        let at = columns(canvas.width());
        for (name, field) in self.fields.iter().enumerate() {
            let (x, room) = value_cell(&at, name, self.fields.len());
            let title = field_name(field).to_uppercase();
            canvas.text(x, 0, &text::clip(&title, room), Role::Header);
        }
        let heads = [
            (Some(at.count), "COUNT"),
            (at.share, "SHARE"),
            (Some(at.failed), self.third()),
            (Some(at.first), "FIRST"),
            (Some(at.last), "LAST"),
        ];
        for (end, head) in heads {
            if let Some(end) = end {
                canvas.text_before(end, 0, head, Role::Header);
            }
        }
        if let Some(start) = at.spark {
            canvas.text(start, 0, "OVER TIME", Role::Header);
        }
        let Some(table) = &self.table else {
            canvas.text(0, 1, "counting", Role::Loading);
            return None;
        };
        if table.is_over {
            let why = "Too many groups: narrow the filter or group by fields with fewer values.";
            canvas.text(0, 1, why, Role::Dim);
        } else if table.rows.is_empty() {
            canvas.text(0, 1, "No events.", Role::Dim);
        }
        // If all rows of a facet are loaded, shares are relative to their sum.
        let total = if self.facet && table.total == table.rows.len() as u64 {
            table.rows.iter().map(|row| row.count).sum()
        } else {
            scene.matched
        };
        let rows = usize::from(canvas.height().saturating_sub(1));
        let top = self.cursor.top(rows);
        let lines = table.rows.iter().enumerate().skip(top).take(rows);
        for (y, (index, row)) in (1..).zip(lines) {
            let state = match (&*self.fields, &*row.key) {
                ([field], [value]) => scene.filter.state(field, value),
                _ => PickState::None,
            };
            pick(state, y, &mut canvas);
            line(scene, (row, total, self.order), &at, y, &mut canvas);
            if index == self.cursor.at {
                canvas.cursor_row(y);
            }
        }
        None
    }
}

/// Column and width of the value of one field out of `of`.
fn value_cell(at: &Columns, index: usize, of: usize) -> (u16, usize) {
    let each = at.values.saturating_sub(2) / (of as u16).max(1);
    (2 + index as u16 * each, usize::from(each.saturating_sub(1)))
}

/// Draws the sign of a row's pick state.
fn pick(state: PickState, y: u16, canvas: &mut Canvas<'_>) {
    let (sign, role) = match state {
        PickState::Include => (canvas.glyphs().include, Role::FacetInclude),
        PickState::Exclude => (canvas.glyphs().exclude, Role::FacetExclude),
        PickState::None => return,
    };
    canvas.text(1, y, sign, role);
}

/// Draws counts over time as a sparkline, scaled to their maximum.
fn spark(counts: &[u64], x: u16, y: u16, canvas: &mut Canvas<'_>) {
    let peak = counts.iter().copied().max().unwrap_or(0);
    for (x, count) in (x..).zip(counts) {
        let glyph = canvas.glyphs().bar(*count, peak);
        canvas.text(x, y, glyph, Role::Bar);
    }
}

/// Text of the column that depends on the sort order.
fn third(order: GroupOrder, row: &Group) -> (String, Role) {
    let some = |n: u64, role| (text::grouped(n), if n > 0 { role } else { Role::Dim });
    match order {
        GroupOrder::Users if row.users >= USERS => (format!("{USERS}+"), Role::Dim),
        GroupOrder::Users => (row.users.to_string(), Role::Text),
        GroupOrder::Admitted if row.admitted => (
            format!("{} → yes", text::grouped(row.forbidden)),
            Role::StatusDenied,
        ),
        GroupOrder::Admitted => some(row.forbidden, Role::Text),
        _ => some(row.failed, Role::StatusFailed),
    }
}

fn line(
    scene: &Scene<'_>,
    (row, total, order): (&Group, u64, GroupOrder),
    at: &Columns,
    y: u16,
    canvas: &mut Canvas<'_>,
) {
    for (index, value) in row.key.iter().enumerate() {
        let (x, room) = value_cell(at, index, row.key.len());
        let named = value.as_deref().is_none_or(str::is_empty);
        let role = if named { Role::FieldEmpty } else { Role::Text };
        canvas.text(x, y, &text::clip_middle(&value_text(value), room), role);
    }
    let about = if scene.provisional { "~" } else { "" };
    let count = format!("{about}{}", text::grouped(row.count));
    canvas.text_before(at.count, y, &count, Role::Count);
    if let Some(start) = at.spark {
        spark(&row.over_time, start, y, canvas);
    }
    if let Some(end) = at.share
        && total > 0
    {
        let share = row.count as f64 * 100.0 / total as f64;
        canvas.text_before(end, y, &format!("{share:.1}%"), Role::Dim);
    }
    let (third, role) = third(order, row);
    canvas.text_before(at.failed, y, &third, role);
    for (end, time) in [(at.first, row.first), (at.last, row.last)] {
        canvas.text_before(end, y, &when(scene, time, at.long), Role::Text);
    }
}

fn when(scene: &Scene<'_>, time: Option<Nanos>, long: bool) -> String {
    match time {
        None => "no time".into(),
        Some(time) if long => {
            format!(
                "{} {}",
                scene.zone.date_only(time),
                scene.zone.clock(time, 0, 0)
            )
        }
        // Month, day, hour and minute.
        Some(time) => scene.zone.minute(time).chars().skip(5).collect(),
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

    #[test]
    fn every_column_has_room_on_narrow_and_wide_screens() {
        for width in [56, 76, 87, 88, 95, 96, 112, 123, 124, 196] {
            let at = columns(width);
            assert!(
                at.values >= 10 && (width < 76 || at.values > 22),
                "{width}: {}",
                at.values
            );
            assert!(at.values < at.count && at.count < at.failed && at.failed < at.first);
        }
    }
}
