//! The columns of the event list: which there are, which are shown, how wide, and which go first when space is
//! short.

use std::sync::Arc;

use crate::model::{CATALOGUE, Row};

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

/// A column with looks of its own; any other field can be one as well.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The field it stands for.
    name: &'static str,
    title: &'static str,
    content: Content,
    /// Fields whose values it needs.
    fields: &'static [&'static str],
    least: u16,
    ideal: u16,
    rank: u8,
}

/// The usual columns in the order in which they stand.
const KNOWN: &[Known] = &[
    known(("time", "TIME"), Content::Time, &[], (8, 12), 0),
    known(
        ("action", "ACTION"),
        Content::Action,
        &["action"],
        (9, 16),
        1,
    ),
    known(
        ("http_response_status", "ST"),
        Content::Status,
        &["http_response_status"],
        (3, 3),
        0,
    ),
    known(("user", "USER"), Content::User, &["user"], (11, 22), 2),
    known(
        ("image", "REPO:TAG"),
        Content::Image,
        &["namespace_repo", "tag"],
        (16, 34),
        1,
    ),
    known(("ip", "CLIENT IP"), Content::Plain, &["ip"], (15, 16), 3),
    known(
        ("client", "CLIENT"),
        Content::Plain,
        &["client"],
        (8, 10),
        4,
    ),
    known(
        ("access_credential_type", "CREDENTIAL"),
        Content::Plain,
        &["access_credential_type"],
        (10, 14),
        6,
    ),
    known(
        ("network_type", "NETWORK"),
        Content::Plain,
        &["network_type"],
        (8, 8),
        7,
    ),
    known(
        ("instance_id", "INSTANCE"),
        Content::Plain,
        &["instance_id"],
        (12, 22),
        5,
    ),
];

const fn known(
    (name, title): (&'static str, &'static str),
    content: Content,
    fields: &'static [&'static str],
    cells: (u16, u16),
    rank: u8,
) -> Known {
    Known {
        name,
        title,
        content,
        fields,
        least: cells.0,
        ideal: cells.1,
        rank,
    }
}

/// Cells of a field without looks of its own: at least, and at best.
const PLAIN: (u16, u16) = (8, 20);

/// A column of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field it stands for.
    pub name: Arc<str>,
    pub title: String,
    pub content: Content,
    /// The first field whose value it shows.
    pub field: Arc<str>,
    /// Cells it takes at least and would like to have.
    pub least: u16,
    pub ideal: u16,
    /// The highest goes first when space is short.
    pub rank: u8,
}

/// A column on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    pub column: &'a Column,
    pub x: u16,
    pub width: u16,
}

/// The columns that are shown, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    columns: Vec<Column>,
    /// Fields that rows carry beside those of the usual columns.
    extra: Vec<Arc<str>>,
}

impl Default for Columns {
    fn default() -> Self {
        let column = |known: &Known| Column::of(known, known.rank);
        Self {
            columns: KNOWN.iter().map(column).collect(),
            extra: Vec::new(),
        }
    }
}

impl Column {
    fn of(known: &Known, rank: u8) -> Self {
        Self {
            name: known.name.into(),
            title: known.title.to_owned(),
            content: known.content,
            field: known.fields.first().copied().unwrap_or_default().into(),
            least: known.least,
            ideal: known.ideal,
            rank,
        }
    }
}

impl Columns {
    /// Columns of these fields, names resolved; the usual ones for none. The last goes first when space is
    /// short.
    pub fn of(names: &[Arc<str>]) -> Self {
        let mut columns: Vec<Column> = Vec::new();
        for (at, name) in (0..).zip(names) {
            if columns.iter().any(|column| column.name == *name) {
                continue;
            }
            columns.push(match KNOWN.iter().find(|known| known.name == &**name) {
                Some(known) => Column::of(known, at),
                None => Column {
                    name: name.clone(),
                    title: title(name),
                    content: Content::Plain,
                    field: name.clone(),
                    least: PLAIN.0,
                    ideal: PLAIN.1,
                    rank: at,
                },
            });
        }
        if columns.is_empty() {
            return Self::default();
        }
        let plain = columns.iter().map(|column| &column.field);
        let extra = plain.filter(|field| !field.is_empty() && index_of(field).is_none());
        Self {
            extra: extra.cloned().collect(),
            columns,
        }
    }

    /// The fields the columns stand for.
    pub fn names(&self) -> Vec<Arc<str>> {
        self.columns
            .iter()
            .map(|column| column.name.clone())
            .collect()
    }

    pub fn len(&self) -> usize {
        self.columns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The names of all fields a row of the list carries, in the order of the values: always those of the usual
    /// columns, then what else is shown.
    pub fn fields(&self) -> Vec<Arc<str>> {
        let usual = carried().map(Arc::from);
        usual.chain(self.extra.iter().cloned()).collect()
    }

    /// The value a row carries for a field.
    pub fn value<'a>(&self, row: &'a Row, field: &str) -> Option<&'a str> {
        let extra = || {
            let at = self.extra.iter().position(|name| &**name == field)?;
            Some(carried().count() + at)
        };
        row.values.get(index_of(field).or_else(extra)?)?.as_deref()
    }

    /// Places the columns that fit into `width` cells. `skip` columns after the first are left out, to make
    /// room for those at the end.
    pub fn place(&self, width: u16, skip: usize) -> Vec<Placed<'_>> {
        let kept = self.columns.iter().enumerate();
        let kept = kept.filter(|(at, _)| *at == 0 || *at > skip);
        let mut by_rank: Vec<(usize, &Column)> = kept.collect();
        by_rank.sort_by_key(|(_, column)| column.rank);
        let mut chosen: Vec<(usize, &Column)> = Vec::new();
        for (at, column) in by_rank {
            let cells = |(_, c): &(usize, &Column)| {
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
            chosen.push((at, column));
        }
        chosen.sort_by_key(|(at, _)| *at);
        let placed = chosen.into_iter().map(|(_, column)| Placed {
            column,
            x: 0,
            width: column.least,
        });
        let mut placed: Vec<Placed<'_>> = placed.collect();
        let used: u16 = placed.iter().map(|p| p.width + 1).sum();
        grow(&mut placed, (width + 1).saturating_sub(used));
        let mut x = 0;
        for column in &mut placed {
            column.x = x;
            x += column.width + 1;
        }
        placed
    }
}

fn title(name: &str) -> String {
    let info = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id));
    info.map_or(name, |info| &info.title).to_uppercase()
}

/// Fields of the usual columns.
fn carried() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().flat_map(|known| known.fields.iter().copied())
}

/// The value a row carries for a field of the usual columns.
pub fn value<'a>(row: &'a Row, field: &str) -> Option<&'a str> {
    row.values.get(index_of(field)?)?.as_deref()
}

/// Where the value of a field of the usual columns stands in a row.
pub fn index_of(field: &str) -> Option<usize> {
    carried().position(|name| name == field)
}

/// How many values a row carries for the usual columns.
pub(super) fn usual_values() -> usize {
    carried().count()
}

/// Cells the image gets before other columns grow, and before columns of low rank come in.
const IMAGE: u16 = 24;

/// Cells the user gets before the image grows further.
const USER: u16 = 16;

/// The rank from which columns come in only when all others have what they would like.
const EXTRA: u8 = 4;

/// Gives the cells that are left to the columns that can use them. A clock and an action grow at once or not
/// at all: a part of a fraction, or of a name that has a short form, says nothing.
fn grow(placed: &mut [Placed<'_>], mut left: u16) {
    let mut give = |content: Content, to: Option<u16>, whole: bool| {
        for p in placed.iter_mut().filter(|p| p.column.content == content) {
            let wanted = to.unwrap_or(p.column.ideal).saturating_sub(p.width);
            let more = if whole && wanted > left {
                0
            } else {
                wanted.min(left)
            };
            p.width += more;
            left -= more;
        }
    };
    give(Content::Image, Some(IMAGE), false);
    give(Content::Time, None, true);
    give(Content::Action, None, true);
    give(Content::User, Some(USER), false);
    give(Content::Image, None, false);
    give(Content::User, None, false);
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
            let columns = Columns::default();
            let placed = columns.place(width, 0);
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
            let placed = Columns::default();
            let placed = placed.place(width, 0);
            placed
                .iter()
                .map(|p| p.column.title.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            titles(77),
            ["TIME", "ACTION", "ST", "USER", "REPO:TAG", "CLIENT IP"]
        );
        assert_eq!(titles(52), ["TIME", "ACTION", "ST", "USER", "REPO:TAG"]);
        assert_eq!(titles(190).len(), KNOWN.len());
    }

    #[test]
    fn any_field_can_be_a_column_and_the_last_goes_first() {
        let names: Vec<Arc<str>> = ["ip", "odd", "time", "odd"].map(Arc::from).to_vec();
        let columns = Columns::of(&names);
        let titles = |width| {
            let placed = columns.place(width, 0);
            placed
                .iter()
                .map(|p| p.column.title.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(titles(80), ["CLIENT IP", "ODD", "TIME"]);
        assert_eq!(titles(30), ["CLIENT IP", "ODD"]);
        let mut values = vec![None; usual_values()];
        values.push(Some("x".into()));
        let row = Row {
            id: crate::model::EventId(1),
            time: None,
            offset: 0,
            values,
        };
        assert_eq!(columns.fields().last().map(|name| &**name), Some("odd"));
        assert_eq!(columns.value(&row, "odd"), Some("x"));
        assert_eq!(columns.value(&row, "tag"), None);
        assert_eq!(Columns::of(&[]), Columns::default());
    }
}
