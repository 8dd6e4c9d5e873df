//! Interface of overlays, and the state of the explorer that they can read.

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::marks::Marks;
use super::query_input::Names;
use super::{Start, Table, Topics, ViewList, frame};
use crate::engine::{Answer, Sort, Status, Wants};
use crate::keymap::Keymap;
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::model::{Defect, Value};
use crate::panes::detail::DetailState;
use crate::panes::facets::FacetsState;
use crate::panes::list::ListState;
use crate::query::Filter;
use crate::widgets::{ListCursor, Look};

/// Command name, or keys of the line editor, with a label.
pub type Hint = (&'static str, &'static str);

pub(super) const CLOSE: Hint = ("app.back", "close");
pub(super) const CHOOSE: Hint = ("move.down move.up", "choose");
pub(super) const EXPORT: Hint = ("table.export", "export");
pub(super) const COPY: Hint = ("table.copy-row", "copy row");

/// Title, key map scopes and hints of an overlay.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    pub title: &'static str,
    /// Active scopes of the key map while the overlay is open, innermost first.
    pub scopes: &'static [&'static str],
    /// Hints for the status line, the most useful first.
    pub hints: &'static [Hint],
}

impl Spec {
    /// Spec of an overlay that only shows text.
    pub(super) const fn of_text(title: &'static str) -> Self {
        Self {
            title,
            scopes: &["overlay", "global"],
            hints: &[("move.down move.up", "scroll"), CLOSE],
        }
    }

    /// Returns true if unbound keys are text input.
    pub fn takes_text(&self) -> bool {
        self.scopes.contains(&"prompt")
    }
}

/// Interface between an open overlay and the rest of the screen.
pub trait Panel {
    fn spec(&self) -> Spec;

    /// Topics it shows that depend on the filter and on the data.
    fn topics(&self) -> Topics {
        Topics::default()
    }

    /// Adds its topics to the request with this id.
    fn want(&mut self, _id: u64, _scene: &Scene<'_>, _wants: &mut Wants) {}

    /// Reads its data from an answer, which may belong to another request.
    fn arrive(&mut self, _answer: &mut Answer) {}

    /// Cursor of the overlay, and the number of its positions.
    fn cursor(&mut self, _scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        None
    }

    /// Field and value under the cursor, for commands that work on any value.
    fn value(&self) -> Option<(Arc<str>, Value)> {
        None
    }

    /// Rows of a page of its cursor.
    fn page(&self, scene: &Scene<'_>) -> usize {
        scene.room().1
    }

    /// Returns its rows for a copy or an export; `None` if it is not a table.
    fn table(&self, _scene: &Scene<'_>) -> Option<Table> {
        None
    }

    /// Draws the overlay over the panes. Returns the cell of the text cursor, if any.
    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)>;
}

/// State of the explorer that overlays can read.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    pub size: (u16, u16),
    pub clock: Nanos,
    pub zone: Zone,
    pub status: &'a Status,
    /// Filter of the chips; `matched` is the number of matches of the filter in effect, and `provisional` is set while
    /// that number may still change.
    pub filter: &'a Arc<Filter>,
    pub matched: u64,
    pub provisional: bool,
    pub names: &'a Names,
    pub keymap: &'a Keymap,
    pub list: &'a ListState,
    /// Width of a list row in cells.
    pub list_width: u16,
    pub sort: Option<&'a Sort>,
    pub facets: &'a FacetsState,
    pub detail: &'a DetailState,
    pub defects: &'a [Arc<Defect>],
    pub marks: &'a Marks,
    pub views: &'a ViewList,
    pub start: &'a Start,
}

impl Scene<'_> {
    /// Width and height of the inside of an overlay.
    pub fn room(&self) -> (u16, usize) {
        let inner = frame::inner(self.size).unwrap_or_default();
        (inner.width, usize::from(inner.height).max(1))
    }

    /// Number of scroll positions for a text with that many lines.
    pub(super) fn tops(&self, lines: usize) -> usize {
        lines.saturating_sub(self.room().1) + 1
    }
}
