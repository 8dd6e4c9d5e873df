//! The neighbours of an event: everything around it, or what the same user, repository or address did. The
//! filter waits meanwhile, and closing the context leads back to the very place.

use super::App;
use super::layout::PaneId;
use crate::model::{EventId, Row, name};
use crate::panes::list::columns;
use crate::query::{Filter, PickState};

/// Whose events are shown around the one it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    All,
    User,
    Repository,
    Address,
}

impl Around {
    const ORDER: [Self; 4] = [Self::All, Self::User, Self::Repository, Self::Address];

    /// The field whose value the events share.
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

/// An open context, and the way back.
#[derive(Clone, Debug)]
pub struct Context {
    pub around: Around,
    /// The event it is about.
    pub row: Row,
    /// Screen row of the event, whether the newest event was followed, and what had the keys.
    at: usize,
    follow: bool,
    focus: PaneId,
}

impl Context {
    pub fn origin(&self) -> EventId {
        self.row.id
    }

    /// The value that all events share; `None` for all events.
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
    /// Opens the context of the event under the cursor, or goes on to the next kind of neighbours. Says
    /// whether there is an event.
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
        // Whatever the cursor was on meanwhile: the neighbours are those of the event it is about.
        self.panes.list.go_back(next.origin(), next.at);
        self.view.context = Some(next);
        self.need_all();
        true
    }

    /// Closes the context: the filter, the event and its place on the screen are as before. Says whether one
    /// was open.
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
