//! Drawing of the group table.

use ratatui::buffer::Buffer;

use super::{BINS, GroupView, More, ORDERS};
use crate::engine::{Group, GroupOrder, MOST_GROUPS, USERS};
use crate::model::time::Nanos;
use crate::overlays::{Scene, frame};
use crate::query::PickState;
use crate::theme::Role;
use crate::widgets::chips::{field_name, value_text};
use crate::widgets::{Canvas, Look, text};

/// Heading of the column that depends on the sort order.
fn third_heading(order: GroupOrder) -> &'static str {
    match order {
        GroupOrder::Users => "USERS",
        GroupOrder::Admitted => "403→2XX",
        _ => "FAILED",
    }
}

/// Title of the box: fields, number of rows and sort order.
fn heading(view: &GroupView) -> String {
    let fields: Vec<&str> = view.fields.iter().map(|name| field_name(name)).collect();
    let order = ORDERS.iter().find(|(order, ..)| *order == view.order);
    let (name, way) = order.map_or(("", ""), |(_, name, ascending)| {
        let way = if *ascending == view.ascending {
            ""
        } else {
            ", reversed"
        };
        (name, way)
    });
    let many = match &view.table {
        Some(table) if view.more() > 0 => format!(
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
    let what = if view.facet { "FACET" } else { "GROUP" };
    let reported = view.table.as_ref().and_then(|table| match view.order {
        GroupOrder::Users => Some(format!(
            ", {} with a single user",
            text::grouped(table.single)
        )),
        GroupOrder::Admitted => Some(format!(": {}", text::grouped(table.admitted))),
        _ => None,
    });
    let reported = reported.unwrap_or_default();
    format!(
        "{what} {}  {many} · by {name}{reported}{way}",
        fields.join(" × ")
    )
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

/// Draws the table in a box as high as its rows need.
pub(super) fn draw(scene: &Scene<'_>, view: &GroupView, look: &Look<'_>, buf: &mut Buffer) {
    // The headings, and at least one line.
    let lines = 1 + view.places().max(1);
    let mut canvas = frame::draw_fitting(lines, &heading(view), look, buf);
    let at = columns(canvas.width());
    headings(view, &at, &mut canvas);
    let Some(table) = &view.table else {
        canvas.text(0, 1, "counting", Role::Loading);
        return;
    };
    if table.is_over {
        let why = "Too many groups: narrow the filter or group by fields with fewer values.";
        canvas.text(0, 1, why, Role::Dim);
    } else if table.rows.is_empty() {
        canvas.text(0, 1, "No events.", Role::Dim);
    }
    // If all rows of a facet are loaded, shares are relative to their sum.
    let total = if view.facet && view.more() == 0 {
        table.rows.iter().map(|row| row.count).sum()
    } else {
        scene.matched
    };
    let rows = usize::from(canvas.height().saturating_sub(1));
    let top = view.cursor.top(rows);
    for (y, index) in (1..).zip((top..view.places()).take(rows)) {
        match table.rows.get(index) {
            Some(row) => {
                let state = match (&*view.fields, &*row.key) {
                    ([field], [value]) => scene.filter.state(field, value),
                    _ => PickState::None,
                };
                pick(state, y, &mut canvas);
                line(scene, (row, total, view.order), &at, y, &mut canvas);
            }
            None => {
                canvas.text(2, y, &more_text(view), Role::Dim);
            }
        }
        if index == view.cursor.at {
            canvas.cursor_row(y);
        }
    }
}

/// Text of the line below the rows that are loaded.
fn more_text(view: &GroupView) -> String {
    let more = text::grouped(view.more());
    match view.state() {
        More::Loading => format!("… {more} more, loading"),
        More::Loads(next) => format!("… {more} more: enter loads {}", text::grouped(next)),
        More::TooMany => format!("… {more} more, too many to list: an export has all"),
    }
}

/// Draws the headings; an arrow marks the column of the sort order.
fn headings(view: &GroupView, at: &Columns, canvas: &mut Canvas<'_>) {
    let arrow = if view.ascending {
        canvas.glyphs().up
    } else {
        canvas.glyphs().down
    };
    let marked = |text: &str, orders: &[GroupOrder]| {
        if orders.contains(&view.order) {
            (format!("{text}{arrow}"), Role::TitleFocused)
        } else {
            (text.to_owned(), Role::Header)
        }
    };
    for (name, field) in view.fields.iter().enumerate() {
        let (x, room) = value_cell(at, name, view.fields.len());
        let title =
            text::clip(&field_name(field).to_uppercase(), room.saturating_sub(1)).into_owned();
        // Values are sorted by the first field first.
        let orders: &[GroupOrder] = if name == 0 { &[GroupOrder::Key] } else { &[] };
        let (title, role) = marked(&title, orders);
        canvas.text(x, 0, &title, role);
    }
    let third = [GroupOrder::Failed, GroupOrder::Users, GroupOrder::Admitted];
    let heads: [(Option<u16>, &str, &[GroupOrder]); 5] = [
        (Some(at.count), "COUNT", &[GroupOrder::Count]),
        (at.share, "SHARE", &[]),
        (Some(at.failed), third_heading(view.order), &third),
        (Some(at.first), "FIRST", &[GroupOrder::First]),
        (Some(at.last), "LAST", &[GroupOrder::Last]),
    ];
    for (end, head, orders) in heads {
        if let Some(end) = end {
            let (head, role) = marked(head, orders);
            canvas.text_before(end, 0, &head, role);
        }
    }
    if let Some(start) = at.spark {
        canvas.text(start, 0, "OVER TIME", Role::Header);
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
