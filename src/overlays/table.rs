//! Content of an overlay as a table, for copies and exports. An overlay with rows implements [`super::Panel::table`];
//! copying and exporting them is the same for all overlays.

use crate::engine::GroupWant;
use crate::export::{self, Cell, Sheet};
use crate::model::time::Nanos;
use crate::model::zone::Zone;

/// Rows of an overlay.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Printed above the table by formats for people.
    pub title: String,
    /// True if the rows depend on the filter, which is then part of the title.
    pub filtered: bool,
    pub headings: Vec<String>,
    /// Rows that are loaded, one cell per heading.
    pub rows: Vec<Vec<Cell>>,
    /// Index of the row under the cursor.
    pub at: Option<usize>,
    /// Request for all rows, if only some of them are loaded.
    pub whole: Option<GroupWant>,
}

impl Table {
    pub(super) fn new(title: impl Into<String>, headings: &[&str]) -> Self {
        Self {
            title: title.into(),
            headings: headings.iter().map(|&heading| heading.to_owned()).collect(),
            ..Self::default()
        }
    }

    /// Returns the row under the cursor as one line, with tabs between its cells.
    pub fn row(&self) -> Option<String> {
        self.rows.get(self.at?).map(|row| export::tabbed(row))
    }

    pub fn sheet(self) -> Sheet<'static> {
        Sheet::whole(self.title, self.headings, self.rows).for_spreadsheet()
    }
}

/// Text as a cell.
pub(super) fn text(text: impl AsRef<str>) -> Cell {
    Cell::from(Some(text.as_ref()))
}

/// Time of an event with the precision of the log as a cell.
pub(super) fn instant(time: Option<Nanos>, zone: Zone, own: i32) -> Cell {
    time.map_or(Cell::Missing, |time| text(zone.rfc3339(time, own)))
}
