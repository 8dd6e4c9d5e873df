//! Screen state: size, focus, and the layout stored for each size class.

use super::layout::{self, Layout, PaneId, SIZE_CLASSES, Wish};
use crate::config::Shape;
use crate::model::time::{Nanos, SECOND};
use crate::panes::list::columns::Columns;

/// Maximum time between the clicks of a double click.
const DOUBLE: Nanos = 2 * SECOND / 5;

/// Size, focus and layout.
#[derive(Debug)]
pub struct Screen {
    /// Columns and rows.
    pub size: (u16, u16),
    pub focus: PaneId,
    /// Layout changes for the current size class.
    pub shape: Shape,
    /// Time and cell of the last click.
    clicked: Option<(Nanos, (u16, u16))>,
    /// Rows of hints above the status line.
    pub(super) strip: u16,
    /// List columns per size class; outdated for the current class, whose columns are in the list.
    columns_of: [Columns; SIZE_CLASSES],
    /// Layout changes per size class.
    shape_of: [Shape; SIZE_CLASSES],
}

impl Screen {
    pub(super) fn new(
        columns_of: [Columns; SIZE_CLASSES],
        shape_of: [Shape; SIZE_CLASSES],
    ) -> Self {
        Self {
            size: (0, 0),
            focus: PaneId::List,
            shape: shape_of[0],
            clicked: None,
            strip: 0,
            columns_of,
            shape_of,
        }
    }

    /// Areas of the panes; all empty on a screen that is too small.
    pub fn layout(&self) -> Layout {
        layout::layout(self.size, self.wish()).unwrap_or_default()
    }

    /// Layout requested by the user.
    pub fn wish(&self) -> Wish {
        Wish {
            focus: self.focus,
            shape: self.shape,
            strip: self.strip,
        }
    }

    /// Notes a click on a cell. Returns true if it is the second of a double click.
    pub(crate) fn click(&mut self, cell: (u16, u16), now: Nanos) -> bool {
        let last = self.clicked.take();
        let is_double = last.is_some_and(|(at, on)| on == cell && now - at <= DOUBLE);
        // A third click is a first one.
        self.clicked = (!is_double).then_some((now, cell));
        is_double
    }

    /// Size class of the screen.
    pub fn class(&self) -> usize {
        layout::size_class(self.size.0)
    }

    /// Applies a new size. If the size class changes, stores the current `columns` for the old class and returns those
    /// of the new one.
    pub(super) fn resize(
        &mut self,
        size: (u16, u16),
        columns: impl FnOnce() -> Columns,
    ) -> Option<Columns> {
        let before = self.class();
        self.size = size;
        let now = self.class();
        if now == before {
            return None;
        }
        self.columns_of[before] = columns();
        self.shape_of[before] = self.shape;
        self.shape = self.shape_of[now];
        Some(self.columns_of[now].clone())
    }
}
