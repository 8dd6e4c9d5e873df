//! Neighbours of an event: all events around it, or those of the same user, repository or address. The filter is
//! suspended while the context is open; closing the context restores the filter and the position in the list.

use super::App;
use super::layout::PaneId;
use crate::model::{EventId, Row, name};
use crate::panes::list::columns;
use crate::query::{Filter, PickState};

/// Selection of the events shown around the origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    All,
    User,
    Repository,
    Address,
}

impl Around {
    const ORDER: [Self; 4] = [Self::All, Self::User, Self::Repository, Self::Address];

    /// Field whose value all these events share.
    fn field(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::User => Some(name::USER),
            Self::Repository => Some(name::NAMESPACE_REPO),
            Self::Address => Some(name::IP),
        }
    }

    fn next(self) -> Self {
        let at = Self::ORDER.iter().position(|around| *around == self);
        Self::ORDER[(at.unwrap_or(0) + 1) % Self::ORDER.len()]
    }
}

/// Open context, and the state to restore when it closes.
#[derive(Clone, Debug)]
pub struct Context {
    pub around: Around,
    /// Event the context was opened on.
    pub row: Row,
    /// Screen row of the event, follow mode and focus before the context was opened.
    at: usize,
    follow: bool,
    focus: PaneId,
}

impl Context {
    pub fn origin(&self) -> EventId {
        self.row.id
    }

    /// Value that all these events share; `None` for [`Around::All`].
    pub fn value(&self) -> Option<&str> {
        columns::value(&self.row, self.around.field()?)
    }

    fn filter(&self) -> Filter {
        let mut filter = Filter::default();
        if let Some(field) = self.around.field() {
            let value = self.value().map(Into::into);
            filter.set(field, &value, PickState::Include);
        }
        filter
    }
}

impl App {
    /// Opens the context of the event under the cursor, or switches to the next kind of neighbours. Returns false if
    /// there is no event.
    pub fn show_context(&mut self) -> bool {
        let next = match self.view.context.take() {
            Some(context) => Context {
                around: context.around.next(),
                ..context
            },
            None => {
                let Some(row) = self.panes.list.focused().cloned() else {
                    return false;
                };
                Context {
                    around: Around::All,
                    at: self.panes.list.cursor_line(),
                    follow: self.panes.list.is_following(),
                    focus: self.screen.focus,
                    row,
                }
            }
        };
        self.filters.set_aside(next.filter());
        self.panes.list.hold();
        // The cursor may have moved: the neighbours are always those of the origin.
        self.panes.list.go_back(next.origin(), next.at);
        self.view.context = Some(next);
        self.need_all();
        true
    }

    /// Closes the context and restores the filter, the event and its position on the screen. Returns false if none was
    /// open.
    pub fn leave_context(&mut self) -> bool {
        let Some(context) = self.view.context.take() else {
            return false;
        };
        self.filters.end_aside();
        self.screen.focus = context.focus;
        if context.follow {
            self.panes.list.set_follow(true);
        } else {
            self.panes.list.go_back(context.origin(), context.at);
        }
        self.need_all();
        true
    }
}
