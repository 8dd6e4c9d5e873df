//! Columns of the event list: fields, order, widths, and the order in which they are dropped if space is short.

use std::sync::Arc;

use crate::model::{CATALOGUE, Row, name};

/// Content of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Time,
    Action,
    Status,
    /// Repository and tag: two values.
    Image,
    /// User name without the prefix that most user names share.
    User,
    /// Value as it is.
    Plain,
}

/// Column of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Field that is shown and sorted by: `time`, `image` and so on.
    pub field: Arc<str>,
    pub title: String,
    pub content: Content,
    /// Minimum width in cells; `ideal` is the preferred one.
    pub least: u16,
    pub ideal: u16,
    /// Priority: the highest rank is dropped first if space is short.
    pub rank: u8,
    /// Width set by the user, overriding the preferred one.
    pub given: Option<u16>,
}

/// Field, title, content, minimum and ideal width, rank.
type Usual = (&'static str, &'static str, Content, (u16, u16), u8);

/// Default columns in display order.
const USUAL: [Usual; 10] = [
    (name::TIME, "TIME", Content::Time, (8, 12), 0),
    (name::ACTION, "ACTION", Content::Action, (9, 16), 1),
    (name::STATUS, "ST", Content::Status, (3, 3), 0),
    (name::USER, "USER", Content::User, (11, 22), 2),
    (name::IMAGE, "REPO:TAG", Content::Image, (16, 34), 1),
    (name::IP, "CLIENT IP", Content::Plain, (15, 16), 3),
    (name::CLIENT, "CLIENT", Content::Plain, (8, 10), 4),
    (name::CREDENTIAL, "CREDENTIAL", Content::Plain, (10, 14), 6),
    (name::NETWORK, "NETWORK", Content::Plain, (8, 8), 7),
    (name::INSTANCE, "INSTANCE", Content::Plain, (12, 22), 5),
];

/// Fields whose values every row has, independent of the columns: commands, marks and the line below the list use them.
const CARRIED: [&str; 11] = [
    name::ACTION,
    name::STATUS,
    name::USER,
    name::NAMESPACE_REPO,
    name::TAG,
    name::IP,
    name::CLIENT,
    name::CREDENTIAL,
    name::NETWORK,
    name::INSTANCE,
    name::REQUEST_ID,
];

/// Minimum and maximum width that the user can set.
const GIVEN: (u16, u16) = (3, 120);

/// Columns in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    shown: Vec<Column>,
    /// Fields that rows have in addition to `CARRIED`. Only grows, so that values of loaded rows keep their positions.
    extra: Vec<Arc<str>>,
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            shown: USUAL.iter().map(usual).collect(),
            extra: Vec::new(),
        }
    }
}

fn usual((field, title, content, (least, ideal), rank): &Usual) -> Column {
    Column {
        field: (*field).into(),
        title: (*title).to_owned(),
        content: *content,
        least: *least,
        ideal: *ideal,
        rank: *rank,
        given: None,
    }
}

/// Column of a field. Columns requested by name are kept longer than most default ones.
pub fn column(field: &str) -> Column {
    if let Some(row) = USUAL.iter().find(|row| row.0 == field) {
        let column = usual(row);
        return Column {
            rank: column.rank.min(3),
            ..column
        };
    }
    let info = CATALOGUE.find(field).and_then(|id| CATALOGUE.get(id));
    let title = info.map_or(field, |info| &info.title);
    Column {
        field: field.into(),
        title: title.to_uppercase(),
        content: Content::Plain,
        least: 8,
        ideal: 20,
        rank: 3,
        given: None,
    }
}

impl Columns {
    /// Columns of the given fields, with resolved names; the defaults if empty. The last one is dropped first if space
    /// is short.
    pub fn of(names: &[Arc<str>]) -> Self {
        let mut columns = Self {
            shown: Vec::new(),
            extra: Vec::new(),
        };
        for name in names {
            columns.add(name);
        }
        for (rank, column) in (0..).zip(&mut columns.shown) {
            column.rank = rank;
        }
        if columns.shown.is_empty() {
            columns.shown = Self::default().shown;
        }
        columns
    }

    /// Columns as stored by [`Self::chosen`].
    pub fn chosen_before(chosen: &[(String, Option<u16>)]) -> Self {
        let mut columns = Self {
            shown: Vec::new(),
            extra: Vec::new(),
        };
        for (field, given) in chosen {
            columns.add(field);
            if let Some(column) = columns.shown.last_mut() {
                column.given = given.map(|cells| cells.clamp(GIVEN.0, GIVEN.1));
            }
        }
        columns
    }

    /// Fields of the columns.
    pub fn names(&self) -> Vec<Arc<str>> {
        self.shown
            .iter()
            .map(|column| column.field.clone())
            .collect()
    }

    pub fn len(&self) -> usize {
        self.shown.len()
    }

    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Adopts the values of the rows of `other`, at the same positions, and adds its own after them.
    pub fn carry_what(&mut self, other: &Self) {
        let mut extra = other.extra.clone();
        extra.extend(
            self.extra
                .iter()
                .filter(|field| !other.extra.contains(field))
                .cloned(),
        );
        self.extra = extra;
    }

    /// Columns as stored: fields, with widths if the user set them.
    pub fn chosen(&self) -> Vec<(String, Option<u16>)> {
        let chosen = |column: &Column| (column.field.to_string(), column.given);
        self.shown.iter().map(chosen).collect()
    }

    pub fn shown(&self) -> &[Column] {
        &self.shown
    }

    pub fn is_shown(&self, field: &str) -> bool {
        self.shown.iter().any(|column| *column.field == *field)
    }

    fn add(&mut self, field: &str) {
        if self.is_shown(field) {
            return;
        }
        let column = column(field);
        let carried = !matches!(column.content, Content::Plain) || CARRIED.contains(&field);
        if !carried && !self.extra.contains(&column.field) {
            self.extra.push(column.field.clone());
        }
        self.shown.push(column);
    }

    /// Adds the column of a field at the end, or removes it. The only column left is not removed.
    pub fn toggle(&mut self, field: &str) {
        if !self.is_shown(field) {
            self.add(field);
        } else if self.shown.len() > 1 {
            self.shown.retain(|column| *column.field != *field);
        }
    }

    /// Moves a column by `by` positions. Returns its new position.
    pub fn shift(&mut self, at: usize, by: isize) -> usize {
        let to = at
            .saturating_add_signed(by)
            .min(self.shown.len().saturating_sub(1));
        if at < self.shown.len() {
            let column = self.shown.remove(at);
            self.shown.insert(to, column);
        }
        to
    }

    /// Changes the width of a column, starting from its current width on the screen.
    pub fn widen(&mut self, at: usize, now: u16, by: i16) {
        if let Some(column) = self.shown.get_mut(at) {
            let cells = now.saturating_add_signed(by);
            column.given = Some(cells.clamp(GIVEN.0, GIVEN.1));
        }
    }

    /// Names of all fields in a row of the list, in the order of the values.
    pub fn fields(&self) -> Vec<Arc<str>> {
        let carried = CARRIED.iter().map(|field| Arc::from(*field));
        carried.chain(self.extra.iter().cloned()).collect()
    }

    /// Position of a field's value in a row.
    pub fn index_of(&self, field: &str) -> Option<usize> {
        let extra = || {
            let at = self.extra.iter().position(|name| **name == *field)?;
            Some(CARRIED.len() + at)
        };
        carried(field).or_else(extra)
    }

    /// Value of a field in a row.
    pub fn value<'a>(&self, row: &'a Row, field: &str) -> Option<&'a str> {
        row.values.get(self.index_of(field)?)?.as_deref()
    }
}

fn carried(field: &str) -> Option<usize> {
    CARRIED.iter().position(|name| *name == field)
}

/// Value of one of the fields that every row has.
pub fn value<'a>(row: &'a Row, field: &str) -> Option<&'a str> {
    row.values.get(carried(field)?)?.as_deref()
}

/// Column with its position on the screen.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    pub column: &'a Column,
    pub x: u16,
    pub width: u16,
}

/// Width of the image before other columns grow, and before columns of low priority are added.
const IMAGE: u16 = 24;

/// Width of the user before time and action grow, and before the image grows further.
const USER: u16 = 18;

/// Rank from which columns are added only if all others have their ideal width.
const EXTRA: u8 = 4;

/// Returns true if a column stays while the others are scrolled: when something happened, and what, is never lost. So
/// is the first column.
pub fn is_pinned(at: usize, column: &Column) -> bool {
    at == 0 || matches!(column.content, Content::Time | Content::Action)
}

/// Maximum number of columns that can be scrolled away: the last one stays.
pub fn most_skipped(columns: &[Column]) -> usize {
    let pinned = |(at, column): &(usize, &Column)| is_pinned(*at, column);
    let pinned = columns.iter().enumerate().filter(pinned).count();
    columns.len().saturating_sub(pinned + 1)
}

/// Places the columns that fit into `width` cells. Pinned columns stay; `skip` of the others are left out to make room
/// for later ones.
pub fn place(columns: &[Column], width: u16, skip: usize) -> Vec<Placed<'_>> {
    let mut skip = skip;
    let kept = columns.iter().enumerate().filter(|(at, column)| {
        let stays = is_pinned(*at, column) || skip == 0;
        skip -= usize::from(!stays);
        stays
    });
    let mut by_rank: Vec<(usize, &Column)> = kept.collect();
    by_rank.sort_by_key(|(_, column)| column.rank);
    let mut chosen: Vec<(usize, &Column)> = Vec::new();
    for (at, column) in by_rank {
        let cells = |(_, c): &(usize, &Column)| {
            1 + if column.rank >= EXTRA {
                c.given.unwrap_or(c.ideal)
            } else {
                c.given.unwrap_or(c.least)
            }
        };
        let used: u16 = chosen.iter().map(cells).sum();
        if used + column.given.unwrap_or(column.least) > width {
            break;
        }
        chosen.push((at, column));
    }
    chosen.sort_by_key(|(at, _)| *at);
    let mut placed: Vec<Placed<'_>> = chosen
        .into_iter()
        .map(|(_, column)| Placed {
            column,
            x: 0,
            width: column.given.unwrap_or(column.least),
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

/// Distributes the remaining cells. Time and action grow to their ideal width or not at all: part of a fraction, or of
/// a name that has a short form, is useless.
fn grow(placed: &mut [Placed<'_>], mut left: u16) {
    let mut give = |content: Content, to: Option<u16>, whole: bool| {
        let free = |p: &&mut Placed<'_>| p.column.content == content && p.column.given.is_none();
        for p in placed.iter_mut().filter(free) {
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
    give(Content::User, Some(USER - 4), false);
    give(Content::Image, Some(IMAGE), false);
    give(Content::User, Some(USER), false);
    give(Content::Time, None, true);
    give(Content::Action, None, true);
    give(Content::Image, None, false);
    give(Content::User, None, false);
    give(Content::Plain, None, false);
    let image =
        |p: &&mut Placed<'_>| p.column.content == Content::Image && p.column.given.is_none();
    if let Some(image) = placed.iter_mut().find(image) {
        image.width += left.min(30);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_never_overlap_or_pass_the_edge() {
        let mut columns = Columns::default();
        columns.toggle("odd");
        columns.widen(1, 20, 10);
        for width in 0..400 {
            let placed = place(columns.shown(), width, 0);
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
        let columns = Columns::default();
        let titles = |width| {
            place(columns.shown(), width, 0)
                .iter()
                .map(|p| p.column.title.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            titles(77),
            ["TIME", "ACTION", "ST", "USER", "REPO:TAG", "CLIENT IP"]
        );
        assert_eq!(titles(52), ["TIME", "ACTION", "ST", "USER", "REPO:TAG"]);
        assert_eq!(titles(190).len(), USUAL.len());
    }

    #[test]
    fn values_keep_their_places_when_columns_come_and_go() {
        let mut columns = Columns::default();
        columns.toggle("odd");
        columns.toggle("http_request_host");
        let (odd, host) = (
            columns.index_of("odd"),
            columns.index_of("http_request_host"),
        );
        columns.toggle("odd");
        columns.shift(0, 3);
        assert_eq!(
            (
                columns.index_of("odd"),
                columns.index_of("http_request_host")
            ),
            (odd, host)
        );
        assert!(!columns.is_shown("odd") && columns.shown()[3].content == Content::Time);
        for field in ["action", "user", "ip", "client"] {
            columns.toggle(field);
        }
        let one = Columns::chosen_before(&[("ip".to_owned(), Some(900))]);
        assert_eq!((one.shown().len(), one.shown()[0].given), (1, Some(120)));
    }
}
