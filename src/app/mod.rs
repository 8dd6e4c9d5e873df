//! The explorer as a value: what it knows, what changes it, what it asks of the outside.
//!
//! [`crate::input::update`] takes a [`Message`] and gives [`Effect`]s; it never blocks, and nothing here knows a
//! terminal, a thread or a clock. Drawing reads an [`App`] and changes nothing. Panes and overlays keep
//! their own state in their own folders; the commands that change them are rows of [`crate::command`].

mod clock;
pub mod context;
mod drill_down;
pub mod export;
pub mod filters;
mod first_seen;
mod keyboard;
pub mod layout;
mod masking;
mod message;
mod overlay;
mod panes;
mod progress;
pub mod refine;
mod report;
pub mod request;
mod results;
mod screen;
mod session;
pub mod time_input;
pub mod view_state;
pub mod views;

use std::ffi::OsString;
use std::sync::Arc;

pub use clock::{Clock, Times};
pub use keyboard::{Keyboard, Prompts};
pub use message::{Effect, Message, Pointer};
pub use panes::{Panes, View};
pub use results::{Counts, Results};
pub use screen::Screen;
pub use session::Session;

use crate::config::{Marked, Shape};
use crate::engine::{Sort, SourceState, Status};
use crate::keymap::Keymap;
use crate::model::CATALOGUE;
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::overlays::{About, Overlay, Start, StartScreen};
use crate::panes::list::columns::Columns;
use crate::query::{Filter, TimeRange};
use crate::widgets::History;
use filters::Filters;
use layout::{PaneId, SIZE_CLASSES};
use masking::Masking;
use request::Asking;

/// What the explorer starts with.
#[derive(Debug)]
pub struct Options {
    pub filter: Filter,
    /// The clock times are shown by, and the one of the machine.
    pub zone: Zone,
    pub local: Zone,
    pub keymap: Keymap,
    /// Lines of the filter prompt from earlier sessions, oldest first.
    pub history: Vec<String>,
    /// The words that start the program on the same sources.
    pub program: Vec<OsString>,
    /// The words of the options that say how the sources are read.
    pub reading: Vec<String>,
    /// Fields of the facets, in their order; none for the usual ones.
    pub facets: Vec<String>,
    /// What the start screen offers, and whether the explorer begins with it.
    pub start: Start,
    /// What is told of the program.
    pub about: About,
    /// Marks from earlier sessions.
    pub marks: Vec<Marked>,
    /// The columns of the list by class of size.
    pub columns_of: [Columns; SIZE_CLASSES],
    /// What was changed about the layout by class of size.
    pub shape_of: [Shape; SIZE_CLASSES],
    /// Fields of the list's columns on a screen of any size, in their order; none for those above.
    pub columns: Vec<String>,
    /// The time range of the filter in the words it was given in.
    pub range: Option<(TimeRange, String)>,
    /// What is to be said at the start.
    pub notice: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            filter: Filter::default(),
            zone: Zone::Utc,
            local: Zone::Utc,
            keymap: Keymap::builtin(),
            history: Vec::new(),
            program: vec!["regtrail".into()],
            reading: Vec::new(),
            facets: Vec::new(),
            start: Start::default(),
            about: About::default(),
            marks: Vec::new(),
            columns_of: Default::default(),
            shape_of: Default::default(),
            columns: Vec::new(),
            range: None,
            notice: None,
        }
    }
}

/// The whole state of the explorer.
#[derive(Debug)]
pub struct App {
    pub screen: Screen,
    pub clock: Clock,
    pub status: Arc<Status>,
    pub results: Results,
    pub filters: Filters,
    pub panes: Panes,
    pub view: View,
    pub overlay: Option<Overlay>,
    pub keyboard: Keyboard,
    pub prompts: Prompts,
    pub session: Session,
    /// What is hidden on a screen that is shared.
    pub masking: Masking,
    asking: Asking,
    output: export::Output,
}

/// The columns for screens of each class: those of some fields by any of their names, or else those given.
fn columns_of(names: &[String], given: [Columns; SIZE_CLASSES]) -> [Columns; SIZE_CLASSES] {
    if names.is_empty() {
        return given;
    }
    let names: Vec<Arc<str>> = names.iter().map(|name| full_name(name).into()).collect();
    std::array::from_fn(|_| Columns::of(&names))
}

/// The name of a field by any of its names; a name that the catalogue does not know is one of the data.
pub(crate) fn full_name(name: &str) -> &str {
    let info = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id));
    info.map_or(name, |info| &info.name)
}

impl App {
    pub fn new(options: Options) -> Self {
        let columns_of = columns_of(&options.columns, options.columns_of);
        Self {
            panes: Panes::new(options.zone, &columns_of[0], &options.facets),
            screen: Screen::new(columns_of, options.shape_of),
            clock: Clock {
                now: 0,
                zone: options.zone,
                local: options.local,
                times: Times::default(),
                typed: options.range.into_iter().collect(),
            },
            status: Arc::default(),
            results: Results::default(),
            filters: Filters::new(options.filter),
            view: View::default(),
            overlay: options.start.alone.then(|| StartScreen::default().into()),
            keyboard: Keyboard {
                keymap: options.keymap,
                count: None,
                pending: Vec::new(),
                leaving: false,
                notice: options.notice,
            },
            prompts: Prompts {
                filters: History::new(options.history),
                entered: None,
                searches: History::new(Vec::new()),
                search: None,
            },
            session: Session::new(
                options.program,
                options.reading,
                options.start,
                options.about,
                options.marks,
            ),
            masking: Masking::default(),
            asking: Asking::default(),
            output: export::Output::default(),
        }
    }

    /// Changes the layout on screens of this class of size, for this session and those to come.
    pub fn set_shape(&mut self, shape: Shape, effects: &mut Vec<Effect>) {
        if self.screen.shape != shape {
            self.screen.shape = shape;
            let class = self.screen.class();
            effects.push(Effect::Shape { class, shape });
        }
    }

    /// Takes over a size of the screen, and the columns and the layout chosen for such.
    pub(crate) fn resize(&mut self, size: (u16, u16)) {
        let list = &mut self.panes.list;
        if let Some(columns) = self.screen.resize(size, || list.columns().clone()) {
            list.set_columns(columns);
            self.need(request::Topics::WINDOW);
        }
    }

    /// Puts the list in another order, from its beginning; back in that of time the event stays.
    pub fn set_sort(&mut self, sort: Option<Sort>) {
        if self.view.sort == sort {
            return;
        }
        self.panes.list.set_sorted(sort.is_some());
        if sort.is_some() {
            self.panes.list.go_to_start();
        }
        self.view.sort = sort;
        self.need(request::Topics::WINDOW);
    }

    /// The time of the event under the cursor, else the present.
    pub fn time_at_cursor(&self) -> Nanos {
        let row = self.panes.list.focused();
        row.and_then(|row| row.time).unwrap_or(self.clock.now)
    }

    /// Gives a pane the focus.
    pub fn focus(&mut self, pane: PaneId) {
        self.screen.focus = pane;
    }

    /// Says something on the bottom line until the next key.
    pub fn tell(&mut self, text: impl Into<String>) {
        self.keyboard.notice = Some(text.into());
    }

    /// Events that came in since the view was paused; also those that the filter hides.
    pub fn waiting(&self) -> u64 {
        self.status.events.saturating_sub(self.results.counts.total)
    }

    /// Whether a source says something that changes with the clock alone.
    fn is_live(&self) -> bool {
        let ticks =
            |state: &SourceState| matches!(state, SourceState::Live | SourceState::Retrying { .. });
        self.status
            .sources
            .iter()
            .any(|source| ticks(&source.state))
    }

    /// Whether numbers are still growing by loading, or of an answer that is not complete.
    pub fn is_provisional(&self) -> bool {
        !self.results.counts.complete || self.status.is_loading()
    }
}
