//! The contract of an overlay, and what it sees of the explorer: plain values that stand below it.

use std::sync::Arc;

use ratatui::buffer::Buffer;

use super::marks::Marks;
use super::query_input::Names;
use super::{Start, Topics, ViewList, frame};
use crate::engine::{Answer, Sort, Status, Wants};
use crate::keymap::Keymap;
use crate::model::Defect;
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::panes::detail::DetailState;
use crate::panes::facets::FacetsState;
use crate::panes::list::ListState;
use crate::query::Filter;
use crate::widgets::{ListCursor, Look};

/// Commands by name, or keys that the line editor takes, and what they do.
pub type Hint = (&'static str, &'static str);

pub(super) const CLOSE: Hint = ("app.back", "close");
pub(super) const CHOOSE: Hint = ("move.down move.up", "choose");

/// What an overlay is called, which keys it has, and which of them the bottom line names.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    pub title: &'static str,
    /// Scopes of the key map that hold while the overlay is open, inner before outer.
    pub scopes: &'static [&'static str],
    /// The most useful first.
    pub hints: &'static [Hint],
}

impl Spec {
    /// Of a text that is only read.
    pub(super) const fn of_text(title: &'static str) -> Self {
        Self {
            title,
            scopes: &["overlay", "global"],
            hints: &[("move.down move.up", "scroll"), CLOSE],
        }
    }

    /// Whether keys are text unless they are bound.
    pub fn takes_text(&self) -> bool {
        self.scopes.contains(&"prompt")
    }
}

/// What an open overlay is to the rest of the screen.
pub trait Panel {
    fn spec(&self) -> Spec;

    /// What it shows that depends on the filter and on the data.
    fn topics(&self) -> Topics {
        Topics::default()
    }

    /// Asks for its topics in the question with this number.
    fn want(&mut self, _id: u64, _scene: &Scene<'_>, _wants: &mut Wants) {}

    /// Takes what it asked for out of an answer, which may be to another question.
    fn arrive(&mut self, _answer: &mut Answer) {}

    /// Its cursor, and how many places there are for it.
    fn cursor(&mut self, _scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        None
    }

    /// Draws it over the panes. Gives the cell of the text cursor, if there is one.
    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)>;
}

/// What overlays see of the explorer.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    pub size: (u16, u16),
    pub clock: Nanos,
    pub zone: Zone,
    pub status: &'a Status,
    /// The filter of the chips, how many events the one in force matches, and whether that number still grows.
    pub filter: &'a Arc<Filter>,
    pub matched: u64,
    pub provisional: bool,
    pub names: &'a Names,
    pub keymap: &'a Keymap,
    pub list: &'a ListState,
    /// Cells of a row of the list.
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
    /// Cells and rows of the inside of an overlay.
    pub fn room(&self) -> (u16, usize) {
        let inner = frame::inner(self.size).unwrap_or_default();
        (inner.width, usize::from(inner.height).max(1))
    }

    /// How far a text of so many lines can be scrolled, as places of a cursor.
    pub(super) fn tops(&self, lines: usize) -> usize {
        lines.saturating_sub(self.room().1) + 1
    }
}
