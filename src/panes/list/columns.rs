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
    column(
        "REPO:TAG",
        Content::Image,
        &["namespace_repo", "tag"],
        (16, 34),
        1,
    ),
    column("CLIENT IP", Content::Plain, &["ip"], (15, 16), 3),
    column("CLIENT", Content::Plain, &["client"], (8, 10), 4),
    column(
        "CREDENTIAL",
        Content::Plain,
        &["access_credential_type"],
        (10, 14),
        6,
    ),
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
    Column {
        title,
        content,
        fields,
        least: cells.0,
        ideal: cells.1,
        rank,
    }
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
    COLUMNS
        .iter()
        .flat_map(|column| column.fields)
        .map(|field| Arc::from(*field))
        .collect()
}

/// The value a row carries for a field.
pub fn value<'a>(row: &'a Row, field: &str) -> Option<&'a str> {
    row.values.get(index_of(field)?)?.as_deref()
}

/// Where a field's value stands in a row.
pub fn index_of(field: &str) -> Option<usize> {
    COLUMNS
        .iter()
        .flat_map(|column| column.fields)
        .position(|name| *name == field)
}

/// Cells the image gets before other columns grow, and before columns of low rank come in.
const IMAGE: u16 = 24;

/// Cells the user gets before the image grows further.
const USER: u16 = 16;

/// The rank from which columns come in only when all others have what they would like.
const EXTRA: u8 = 4;

/// Places the columns that fit into `width` cells. `skip` columns after the first are left out, to make room
/// for those at the end.
pub fn place(width: u16, skip: usize) -> Vec<Placed> {
    let kept = COLUMNS
        .iter()
        .enumerate()
        .filter(|(at, _)| *at == 0 || *at > skip);
    let mut by_rank: Vec<&'static Column> = kept.map(|(_, column)| column).collect();
    by_rank.sort_by_key(|column| column.rank);
    let mut chosen: Vec<&Column> = Vec::new();
    for column in by_rank {
        let cells = |c: &&Column| {
            1 + if column.rank >= EXTRA {
                c.ideal
            } else {
                c.least
            }
        };
        let used: u16 = chosen.iter().map(cells).sum();
        if used + column.least > width {
            break;
        }
        chosen.push(column);
    }
    let shown = COLUMNS
        .iter()
        .filter(|column| chosen.iter().any(|c| c.title == column.title));
    let mut placed: Vec<Placed> = shown
        .map(|column| Placed {
            column,
            x: 0,
            width: column.least,
        })
        .collect();
    let used: u16 = placed.iter().map(|p| p.width + 1).sum();
    grow(&mut placed, (width + 1).saturating_sub(used));
    let mut x = 0;
    for column in &mut placed {
        column.x = x;
        x += column.width + 1;
    }
    placed
}

/// Gives the cells that are left to the columns that can use them. A clock and an action grow at once or not
/// at all: a part of a fraction, or of a name that has a short form, says nothing.
fn grow(placed: &mut [Placed], mut left: u16) {
    let mut give = |content: Content, to: u16, whole: bool| {
        for p in placed.iter_mut().filter(|p| p.column.content == content) {
            let wanted = to.saturating_sub(p.width);
            let more = if whole && wanted > left {
                0
            } else {
                wanted.min(left)
            };
            p.width += more;
            left -= more;
        }
    };
    give(Content::Image, IMAGE, false);
    for column in COLUMNS
        .iter()
        .filter(|c| matches!(c.content, Content::Time | Content::Action))
    {
        give(column.content, column.ideal, true);
    }
    give(Content::User, USER, false);
    for content in [Content::Image, Content::User] {
        let ideal = COLUMNS
            .iter()
            .find(|c| c.content == content)
            .map_or(0, |c| c.ideal);
        give(content, ideal, false);
    }
    for p in placed.iter_mut() {
        let more = p.column.ideal.saturating_sub(p.width).min(left);
        p.width += more;
        left -= more;
    }
    if let Some(image) = placed
        .iter_mut()
        .find(|p| p.column.content == Content::Image)
    {
        image.width += left.min(30);
    }
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
            assert!(
                placed
                    .last()
                    .is_none_or(|last| last.x + last.width <= width)
            );
        }
    }

    #[test]
    fn what_matters_most_stays_longest() {
        let titles = |width| {
            place(width, 0)
                .iter()
                .map(|p| p.column.title)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            titles(77),
            ["TIME", "ACTION", "ST", "USER", "REPO:TAG", "CLIENT IP"]
        );
        assert_eq!(titles(52), ["TIME", "ACTION", "ST", "USER", "REPO:TAG"]);
        assert_eq!(titles(190).len(), COLUMNS.len());
    }
}
