//! The columns of the event list: which there are, how wide, and which go first when space is short.

use std::sync::Arc;

use crate::model::Row;

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Time,
    Action,
    Status,
    /// Repository and tag; two values.
    Image,
    /// The user without what the names of most users begin with.
    User,
    /// The value as it is.
    Plain,
}

/// A row of the table of columns.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub title: &'static str,
    pub content: Content,
    /// Fields whose values it needs.
    pub fields: &'static [&'static str],
    /// Cells it takes at least and would like to have.
    pub least: u16,
    pub ideal: u16,
    /// The highest goes first when space is short.
    pub rank: u8,
}

/// All columns in the order in which they stand.
pub const COLUMNS: &[Column] = &[
    column("TIME", Content::Time, &[], (8, 12), 0),
    column("ACTION", Content::Action, &["action"], (9, 16), 1),
    column("ST", Content::Status, &["http_response_status"], (3, 3), 0),
    column("USER", Content::User, &["user"], (11, 22), 2),
    column("REPO:TAG", Content::Image, &["namespace_repo", "tag"], (16, 34), 1),
    column("CLIENT IP", Content::Plain, &["ip"], (13, 16), 3),
    column("CLIENT", Content::Plain, &["client"], (8, 10), 4),
    column("CREDENTIAL", Content::Plain, &["access_credential_type"], (10, 14), 6),
    column("NETWORK", Content::Plain, &["network_type"], (8, 8), 7),
    column("INSTANCE", Content::Plain, &["instance_id"], (12, 22), 5),
];

const fn column(
    title: &'static str,
    content: Content,
    fields: &'static [&'static str],
    cells: (u16, u16),
    rank: u8,
) -> Column {
    Column { title, content, fields, least: cells.0, ideal: cells.1, rank }
}

/// A column on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    pub column: &'static Column,
    pub x: u16,
    pub width: u16,
}

/// The names of all fields a row of the list carries, in the order of the values.
pub fn fields() -> Vec<Arc<str>> {
    COLUMNS.iter().flat_map(|column| column.fields).map(|field| Arc::from(*field)).collect()
}

/// The value a row carries for a field.
pub fn value<'a>(row: &'a Row, field: &str) -> Option<&'a str> {
    row.values.get(index_of(field)?)?.as_deref()
}

/// Where a field's value stands in a row.
pub fn index_of(field: &str) -> Option<usize> {
    COLUMNS.iter().flat_map(|column| column.fields).position(|name| *name == field)
}

/// Places the columns that fit into `width` cells. Columns go by rank, then what is left over widens the
/// ones that would like more, and the rest goes to the image. `skip` columns after the first are left out, to
/// make room for those at the end.
pub fn place(width: u16, skip: usize) -> Vec<Placed> {
    let mut chosen: Vec<&Column> = Vec::new();
    let kept = COLUMNS.iter().enumerate().filter(|(at, _)| *at == 0 || *at > skip);
    let mut by_rank: Vec<&'static Column> = kept.map(|(_, column)| column).collect();
    by_rank.sort_by_key(|column| column.rank);
    let mut used = 0;
    for column in by_rank {
        if used + column.least < width {
            used += column.least + 1;
            chosen.push(column);
        } else {
            break;
        }
    }
    let mut left = width.saturating_sub(used);
    let mut placed = Vec::new();
    for column in COLUMNS.iter().filter(|column| chosen.iter().any(|c| c.title == column.title)) {
        placed.push(Placed { column, x: 0, width: column.least });
    }
    let mut order: Vec<usize> = (0..placed.len()).collect();
    order.sort_by_key(|&index| placed[index].column.rank);
    for &index in &order {
        let Placed { column, width, .. } = &mut placed[index];
        let more = (column.ideal - column.least).min(left);
        *width += more;
        left -= more;
    }
    if let Some(image) = placed.iter_mut().find(|p| p.column.content == Content::Image) {
        let more = left.min(30);
        image.width += more;
    }
    let mut x = 0;
    for column in &mut placed {
        column.x = x;
        x += column.width + 1;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_never_overlap_or_pass_the_edge() {
        for width in 0..400 {
            let placed = place(width, 0);
            for pair in placed.windows(2) {
                assert!(pair[0].x + pair[0].width < pair[1].x);
            }
            assert!(placed.last().is_none_or(|last| last.x + last.width <= width));
        }
    }

    #[test]
    fn what_matters_most_stays_longest() {
        let titles = |width| place(width, 0).iter().map(|p| p.column.title).collect::<Vec<_>>();
        assert_eq!(titles(76), ["TIME", "ACTION", "ST", "USER", "REPO:TAG", "CLIENT IP", "CLIENT"]);
        assert_eq!(titles(50), ["TIME", "ACTION", "ST", "USER", "REPO:TAG"]);
        assert_eq!(titles(140).len(), COLUMNS.len());
    }
}
