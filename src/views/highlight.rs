//! Highlighting of matches of the search or the typed filter in displayed values.

use crate::app::App;
use crate::query::Node;
use crate::theme::Role;
use crate::widgets::{Canvas, text};

/// Highlights the matches in `shown`, the possibly shortened display of `value` at a position.
pub(super) fn mark(
    app: &App,
    field: &str,
    value: &str,
    shown: &str,
    (x, y): (u16, u16),
    canvas: &mut Canvas<'_>,
) {
    let search = app.prompts.search.as_ref().map(|(_, query)| &**query);
    let filter = Some(&app.filters.effective().query);
    for query in [filter, search].into_iter().flatten() {
        if *query != Node::All && !value.is_empty() {
            mark_query(query, (field, value), shown, (x, y), canvas);
        }
    }
}

fn mark_query(
    query: &Node,
    (field, value): (&str, &str),
    shown: &str,
    (x, y): (u16, u16),
    canvas: &mut Canvas<'_>,
) {
    let hits = query.hits(field, value);
    if hits.is_empty() {
        return;
    }
    let is_whole = hits.contains(&(0..value.len()));
    let found: Vec<(usize, usize)> = hits
        .iter()
        .filter_map(|hit| {
            let text = &value[hit.clone()];
            let start = shown.find(text)?;
            Some((start, start + text.len()))
        })
        .collect();
    let runs = match (is_whole, found.is_empty()) {
        // If the match is in the part that was cut, highlight the ellipsis.
        (false, true) => cut(shown, canvas.glyphs().ellipsis),
        (true, true) => vec![(0, shown.len())],
        (_, false) => found,
    };
    for (start, end) in runs {
        let from = x + text::width(&shown[..start]) as u16;
        let cells = text::width(&shown[start..end]) as u16;
        canvas.tint(from, y, cells, Role::Match);
    }
}

fn cut(shown: &str, ellipsis: &str) -> Vec<(usize, usize)> {
    let at = shown.find('…').map(|at| (at, at + '…'.len_utf8()));
    let plain = || shown.find(ellipsis).map(|at| (at, at + ellipsis.len()));
    at.or_else(plain).into_iter().collect()
}
