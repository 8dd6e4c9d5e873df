//! The explorer as a value: its state, the messages that change it, and the effects it requests.
//!
//! [`crate::input::update`] consumes a [`Message`] and returns [`Effect`]s. It never blocks, and nothing here knows a
//! terminal, a thread or a clock. Drawing reads an [`App`] and changes nothing. Panes and overlays keep their state in
//! their own folders; the commands that change them are rows of [`crate::command`].

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
pub mod tour;
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
use tour::Tour;

/// Initial options of the explorer.
#[derive(Debug)]
pub struct Options {
    pub filter: Filter,
    /// Zone in which times are displayed; `local` is the zone of the machine.
    pub zone: Zone,
    pub local: Zone,
    pub keymap: Keymap,
    /// Filter prompt lines of earlier sessions, oldest first.
    pub history: Vec<String>,
    /// Words of the command line that opens the same sources.
    pub program: Vec<OsString>,
    /// Words of the options for reading the sources.
    pub reading: Vec<String>,
    /// Facet fields in display order; empty for the defaults.
    pub facets: Vec<String>,
    /// Content of the start screen, and a flag to begin with it.
    pub start: Start,
    /// Information about the program.
    pub about: About,
    /// Marks of earlier sessions.
    pub marks: Vec<Marked>,
    /// List columns per size class.
    pub columns_of: [Columns; SIZE_CLASSES],
    /// Layout changes per size class.
    pub shape_of: [Shape; SIZE_CLASSES],
    /// List columns for screens of every size, in display order; empty to use `columns_of`.
    pub columns: Vec<String>,
    /// Time range of the filter, with the text it was given as.
    pub range: Option<(TimeRange, String)>,
    /// Notice to show at the start.
    pub notice: Option<String>,
    /// State of the hints of the demo.
    pub tour: Tour,
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
            tour: Tour::default(),
        }
    }
}

/// Complete state of the explorer.
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
    /// Masking for shared screens.
    pub masking: Masking,
    asking: Asking,
    output: export::Output,
}

/// Columns per size class: `names` for every class, or `given` if `names` is empty. Any alias of a field is accepted.
fn columns_of(names: &[String], given: [Columns; SIZE_CLASSES]) -> [Columns; SIZE_CLASSES] {
    if names.is_empty() {
        return given;
    }
    let names: Vec<Arc<str>> = names.iter().map(|name| full_name(name).into()).collect();
    std::array::from_fn(|_| Columns::of(&names))
}

/// Resolves an alias to the name of its field; unknown names are returned as they are, as field names of the data.
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
                notice_ends: None,
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
                options.tour,
            ),
            masking: Masking::default(),
            asking: Asking::default(),
            output: export::Output::default(),
        }
    }

    /// Changes the layout for the current size class, in this session and later ones.
    pub fn set_shape(&mut self, shape: Shape, effects: &mut Vec<Effect>) {
        if self.screen.shape != shape {
            self.screen.shape = shape;
            let class = self.screen.class();
            effects.push(Effect::Shape { class, shape });
        }
    }

    /// Applies a new screen size, with the columns and the layout stored for its size class.
    pub(crate) fn resize(&mut self, size: (u16, u16)) {
        let list = &mut self.panes.list;
        if let Some(columns) = self.screen.resize(size, || list.columns().clone()) {
            list.set_columns(columns);
            self.need(request::Topics::WINDOW);
        }
    }

    /// Sorts the list by `sort` and moves to its beginning. Returning to time order keeps the event under the cursor.
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

    /// Time of the event under the cursor, or the current time.
    pub fn time_at_cursor(&self) -> Nanos {
        let row = self.panes.list.focused();
        row.and_then(|row| row.time).unwrap_or(self.clock.now)
    }

    /// Moves the focus to a pane.
    pub fn focus(&mut self, pane: PaneId) {
        self.screen.focus = pane;
    }

    /// Shows a notice on the status line until the next key, or for some seconds.
    pub fn tell(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.keyboard.notice_ends = Some(self.clock.now + keyboard::reading_time(&text));
        self.keyboard.notice = Some(text);
    }

    /// Number of events that arrived since the view was paused, including those that the filter hides.
    pub fn waiting(&self) -> u64 {
        self.status.events.saturating_sub(self.results.counts.total)
    }

    /// Number of events received so far, including evicted ones.
    fn received(&self) -> u64 {
        self.status.events + self.status.evicted.events
    }

    /// Number of events that arrived since the list stopped following, including those that the filter hides. Events
    /// that existed when the source was opened do not count.
    pub fn arrivals(&self) -> u64 {
        self.received().saturating_sub(self.view.received)
    }

    /// Starts the count of arrivals again while the list follows or the sources are loading.
    pub(crate) fn count_arrivals(&mut self) {
        if self.panes.list.is_following() || !self.status.is_live() || self.status.is_loading() {
            self.view.received = self.received();
        }
    }

    /// Returns true if the state of a source changes with the clock alone.
    fn is_live(&self) -> bool {
        let ticks =
            |state: &SourceState| matches!(state, SourceState::Live | SourceState::Retrying { .. });
        self.status
            .sources
            .iter()
            .any(|source| ticks(&source.state))
    }

    /// Returns true if numbers may still change, because data is loading or the answer is incomplete.
    pub fn is_provisional(&self) -> bool {
        !self.results.counts.complete || self.status.is_loading()
    }
}
