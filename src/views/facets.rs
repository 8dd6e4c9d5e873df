//! Drawing of the facet column.

use crate::app::App;
use crate::app::layout::PaneId;
use crate::engine::FacetOrder;
use crate::model::Value;
use crate::panes::facets::{Facet, Line};
use crate::query::PickState;
use crate::theme::Role;
use crate::widgets::chips::value_text;
use crate::widgets::{Canvas, text};

/// Maximum width: beyond it, counts would be too far from their values.
const WIDEST: u16 = 100;

pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>) {
    canvas.clear();
    let rule = super::rule_beside(app, PaneId::Facets);
    let bar = canvas.width().min(WIDEST).saturating_sub(1);
    for y in 0..canvas.height() {
        canvas.text(bar, y, canvas.glyphs().vline, rule);
    }
    let lines = app.panes.facets.lines();
    let (top, cursor) = app.panes.facets.view();
    let height = canvas.height();
    let mut column = canvas.inset(0, 0, bar, height);
    for (y, (at, line)) in (0..height).zip(lines.iter().enumerate().skip(top)) {
        let focused = at == cursor && app.screen.focus == PaneId::Facets;
        draw_line(app, *line, y, &mut column);
        if focused {
            column.text(0, y, column.glyphs().cursor, Role::Text);
            column.tint(0, y, bar, Role::Cursor);
        }
    }
}

fn draw_line(app: &App, line: Line, y: u16, canvas: &mut Canvas<'_>) {
    let facet = |at: usize| app.panes.facets.facets.get(at);
    let inner = |at| facet(at)?.inner.as_ref();
    let most = |at| facet(at).map_or(0, largest);
    match line {
        Line::Head(at) => {
            if let Some(facet) = facet(at) {
                head(app, at, facet, y, canvas);
            }
        }
        Line::Value(at, index) => {
            if let (Some(facet), Some(entry)) = (facet(at), app.panes.facets.entry(at, index)) {
                let row = Row {
                    fold: facet
                        .unfolds(&entry.value)
                        .then(|| facet.is_unfolded(&entry.value)),
                    ..Row::of(&facet.field, &entry.value, entry.count, most(at))
                };
                value(app, &row, y, canvas);
            }
        }
        Line::Inner(at, index, inside) => {
            if let (Some(inner), Some(entry)) =
                (inner(at), app.panes.facets.inner_entry(at, index, inside))
            {
                let row = Row {
                    indent: 2,
                    ..Row::of(&inner.field, &entry.value, entry.count, most(at))
                };
                value(app, &row, y, canvas);
            }
        }
        Line::Stray(at, picked) => {
            if let Some(inner) = inner(at)
                && let Some(entry) = inner.picked.get(picked)
            {
                let row = Row::of(&inner.field, &entry.value, entry.count, most(at));
                value(app, &row, y, canvas);
            }
        }
        Line::InnerMore(at, index) => {
            let more = text::grouped(app.panes.facets.inner_more(at, index));
            let ellipsis = canvas.glyphs().ellipsis;
            canvas.text(5, y, &format!("{ellipsis} {more} more"), Role::Dim);
        }
        Line::Missing(at) => {
            if let Some(facet) = facet(at) {
                let missing = facet.table.as_ref().map_or(0, |table| table.missing);
                let row = Row::of(&facet.field, &None, missing, most(at));
                value(app, &row, y, canvas);
            }
        }
        Line::Nothing(_) => {
            canvas.text(3, y, "no matching values", Role::Dim);
        }
        Line::More(at) => {
            if let Some(table) = facet(at).and_then(|facet| facet.table.as_ref()) {
                let listed = listed(app, at).saturating_sub(table.kept as u64);
                let more = table.found.saturating_sub(listed);
                let ellipsis = canvas.glyphs().ellipsis;
                canvas.text(
                    3,
                    y,
                    &format!("{ellipsis} {} more", text::grouped(more)),
                    Role::Dim,
                );
            }
        }
    }
}

/// Largest count of a facet, to which the bars of its values are scaled.
fn largest(facet: &Facet) -> u64 {
    let counts = facet.table.iter().flat_map(|table| {
        let values = table.values.iter().map(|entry| entry.count);
        values.chain([table.missing])
    });
    counts.max().unwrap_or(0)
}

/// Number of values of a facet that have a line.
fn listed(app: &App, at: usize) -> u64 {
    app.panes
        .facets
        .lines()
        .iter()
        .filter(|line| matches!(line, Line::Value(of, _) if *of == at))
        .count() as u64
}

/// Draws `─ 4 USER /li ───── 19 ≠ ─`.
fn head(app: &App, at: usize, facet: &Facet, y: u16, canvas: &mut Canvas<'_>) {
    let number = if at < 9 {
        format!("{} ", at + 1)
    } else {
        String::new()
    };
    let mut title = format!("{number}{}", facet.title.to_uppercase());
    if let Some(find) = &facet.find {
        title = format!("{title} /{find}");
    }
    let order = match facet.order {
        FacetOrder::Name => "a-z ",
        FacetOrder::First => "first ",
        FacetOrder::Last => "last ",
        _ => "",
    };
    let right = facet.table.as_ref().map_or_else(String::new, |table| {
        let distinct = text::short(table.distinct);
        let glyph = canvas.glyphs().distinct;
        if facet.find.is_none() {
            return format!("{order}{distinct} {glyph}");
        }
        let found = text::short(table.found);
        let whole = format!("{order}{found} of {distinct} {glyph}");
        // The number of values found matters more than the total.
        let room = usize::from(canvas.width()).saturating_sub(text::width(&title) + 6);
        if text::width(&whole) <= room {
            whole
        } else {
            format!("{found} {glyph}")
        }
    });
    let focused = app.screen.focus == PaneId::Facets && app.panes.facets.focused() == at;
    canvas.heading(y, &title, &right, focused);
}

/// Value with its count.
struct Row<'a> {
    field: &'a str,
    value: &'a Value,
    count: u64,
    /// Largest count among the values it is listed with.
    most: u64,
    indent: u16,
    /// State of a value with nested values: true if expanded.
    fold: Option<bool>,
}

impl<'a> Row<'a> {
    fn of(field: &'a str, value: &'a Value, count: u64, most: u64) -> Self {
        Self {
            field,
            value,
            count,
            most,
            indent: 0,
            fold: None,
        }
    }
}

fn value(app: &App, row: &Row<'_>, y: u16, canvas: &mut Canvas<'_>) {
    let state = app.filters.current().state(row.field, row.value);
    let glyphs = canvas.glyphs();
    let (sign, role) = match state {
        PickState::Include => (glyphs.include, Role::FacetInclude),
        PickState::Exclude => (glyphs.exclude, Role::FacetExclude),
        PickState::None => (" ", Role::Text),
    };
    canvas.text(1 + row.indent, y, &format!("{sign} "), role);
    if let Some(unfolded) = row.fold {
        let glyph = if unfolded {
            glyphs.unfolded
        } else {
            glyphs.folded
        };
        canvas.text(2 + row.indent, y, glyph, Role::Dim);
    }
    let about = if app.is_provisional() { "~" } else { "" };
    let count = format!("{about}{}", text::grouped(row.count));
    let end = canvas.width().saturating_sub(1);
    let start = canvas.text_before(end, y, &count, Role::Count);
    let start = share(row, about, y, start, canvas);
    let shown = value_text(row.value);
    let named = row.value.as_deref().is_none_or(str::is_empty);
    let role = match state {
        PickState::None if named => Role::FieldEmpty,
        PickState::None => Role::of_value(row.field, &shown),
        _ => role,
    };
    let room = usize::from(start.saturating_sub(4 + row.indent));
    canvas.text(3 + row.indent, y, &text::clip_middle(&shown, room), role);
}

/// Draws a bar before the count that compares it with the largest count of the facet. Returns the cell where the bars of
/// the facet begin.
fn share(row: &Row<'_>, about: &str, y: u16, start: u16, canvas: &mut Canvas<'_>) -> u16 {
    let cells = (canvas.width().saturating_sub(16) / 6).clamp(0, SHARE);
    let digits = text::width(about) + text::width(&text::grouped(row.most));
    let used = digits as u16 + 1 + cells + 1;
    let Some(at) = canvas
        .width()
        .checked_sub(used)
        .filter(|_| cells > 0 && row.most > 0)
    else {
        return start;
    };
    // At least an eighth of a cell for any value.
    let eighths = (u128::from(row.count) * u128::from(cells) * 8).div_ceil(row.most.into()) as u16;
    let glyphs = canvas.glyphs();
    for cell in 0..cells {
        let filled = eighths.saturating_sub(cell * 8).min(8);
        canvas.text(
            at + cell,
            y,
            glyphs.shares[usize::from(filled)],
            Role::FacetShare,
        );
    }
    at
}

/// Maximum length of the bars, in cells.
const SHARE: u16 = 8;
