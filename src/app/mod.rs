//! The explorer as a value: what it knows, what changes it, what it asks of the outside.
//!
//! [`crate::input::update`] takes a [`Message`] and gives [`Effect`]s; it never blocks, and nothing here knows a
//! terminal, a thread or a clock. Drawing reads an [`App`] and changes nothing. Panes and overlays keep
//! their own state in their own folders; the commands that change them are rows of [`crate::command`].

pub mod asking;
pub mod context;
pub mod filters;
mod firsts;
pub mod layout;
pub mod looks;
mod masking;
mod message;
mod overlay;
pub mod refine;
mod report;
pub mod times;
mod trail;
pub mod views;
mod waiting;
pub mod writing;

use std::ffi::OsString;
use std::sync::Arc;

pub use message::{Effect, Message, Pointer};

use crate::config::{Marked, Shape};
use crate::engine::{Answer, Dropped, Gap, Hits, Sort, SourceState, Status};
use crate::keymap::{Key, Keymap};
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::model::{CATALOGUE, Defect};
use crate::overlays::marks::Marks;
use crate::overlays::names::Names;
use crate::overlays::{About, Overlay, Purpose, Start, StartScreen, ViewList};
use crate::panes::detail::DetailState;
use crate::panes::facets::FacetsState;
use crate::panes::histogram::HistogramState;
use crate::panes::list::ListState;
use crate::panes::list::columns::Columns;
use crate::query::{Filter, Node, TimeRange};
use crate::widgets::History;
use asking::Asking;
use context::Context;
use filters::Filters;
use layout::{Layout, PaneId, SIZE_CLASSES, Wish};
use masking::Masking;
use trail::Trail;

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
    pub size: (u16, u16),
    /// The present time, as of the newest [`Message::Clock`].
    pub clock: Nanos,
    pub status: Arc<Status>,
    pub counts: Counts,
    pub filters: Filters,
    pub zone: Zone,
    pub local: Zone,
    pub times: Times,
    pub focus: PaneId,
    /// What a person changed about the layout, on screens of the present class of size.
    pub shape: Shape,
    /// The view stands still while events come in.
    pub paused: bool,
    pub list: ListState,
    pub facets: FacetsState,
    pub histogram: HistogramState,
    pub detail: DetailState,
    pub overlay: Option<Overlay>,
    /// What the start screen offers.
    pub start: Start,
    pub about: About,
    /// What was last worth saying; goes with the next key.
    pub notice: Option<String>,
    /// The words that start the program on the same sources.
    pub program: Vec<OsString>,
    /// The words of the options that say how the sources are read.
    pub reading: Vec<String>,
    pub keymap: Keymap,
    /// The count that is being typed for the next movement.
    pub count: Option<u64>,
    /// Keys of a sequence that is not complete.
    pub pending: Vec<Key>,
    /// What an empty result would become without each chip.
    pub dropped: Vec<Dropped>,
    pub defects: Vec<Arc<Defect>>,
    /// Pauses of all instances that are longer than usual; `None` before they were looked for.
    pub gaps: Option<Arc<Vec<Gap>>>,
    pub names: Names,
    /// The saved views, as listed last.
    pub views: ViewList,
    pub marks: Marks,
    /// The event whose neighbours are shown.
    pub context: Option<Context>,
    /// The way back from the events of a line of an overlay.
    trail: Option<Trail>,
    /// The columns of the list on screens of each class of size; those in use are the list's own.
    columns_of: [Columns; SIZE_CLASSES],
    /// The same for what was changed about the layout.
    shape_of: [Shape; SIZE_CLASSES],
    /// Another order of the list than that of time.
    pub sort: Option<Sort>,
    /// Ranges that were typed, with the words, the newest last.
    pub ranges_typed: Vec<(TimeRange, String)>,
    /// What was searched for last, as typed and parsed.
    pub search: Option<(String, Arc<Node>)>,
    /// How many events the search hits, and where among them the cursor is.
    pub hits: Option<Hits>,
    pub filter_history: History,
    /// A line of the filter prompt that is not remembered yet.
    pub entered: Option<String>,
    pub search_history: History,
    asking: Asking,
    /// What is hidden on a screen that is shared.
    pub masking: Masking,
    output: writing::Output,
    /// What watchlists are being read for, and since when.
    reading_lists: Option<(Purpose, Nanos)>,
    /// The key that quits when pressed twice was pressed last.
    pub leaving: bool,
    /// Generation the defects were last asked at.
    pub(crate) defects_of: u64,
}

/// How the list tells when an event was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// By the clock in use.
    #[default]
    Clock,
    /// By how long ago that is.
    Ages,
}

/// Numbers of the newest answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub total: u64,
    pub matched: u64,
    pub span: Option<(Nanos, Nanos)>,
    /// False while more of the same answer is to come.
    pub complete: bool,
    /// An answer has come at all.
    pub known: bool,
}

impl Counts {
    fn take(&mut self, answer: &Answer) {
        *self = Self {
            total: answer.total,
            matched: answer.matched,
            span: answer.span,
            complete: answer.complete,
            known: true,
        };
    }
}

/// The facets of some fields by any of their names, or else the usual ones.
fn facets(names: &[String]) -> FacetsState {
    if names.is_empty() {
        return FacetsState::new();
    }
    FacetsState::of(names.iter().map(|name| full_name(name)))
}

/// The columns for screens of each class: those of some fields by any of their names, or else those given.
fn columns_of(names: &[String], given: [Columns; SIZE_CLASSES]) -> [Columns; SIZE_CLASSES] {
    if names.is_empty() {
        return given;
    }
    let names: Vec<Arc<str>> = names.iter().map(|name| full_name(name).into()).collect();
    std::array::from_fn(|_| Columns::of(&names))
}

fn list(zone: Zone, columns: &Columns) -> ListState {
    let mut list = ListState::new(zone);
    list.set_columns(columns.clone());
    list
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
            size: (0, 0),
            clock: 0,
            status: Arc::default(),
            counts: Counts::default(),
            filters: Filters::new(options.filter),
            zone: options.zone,
            local: options.local,
            times: Times::default(),
            focus: PaneId::List,
            shape: options.shape_of[0],
            paused: false,
            list: list(options.zone, &columns_of[0]),
            facets: facets(&options.facets),
            histogram: HistogramState::default(),
            detail: DetailState::default(),
            overlay: options.start.alone.then(|| StartScreen::default().into()),
            start: options.start,
            about: options.about,
            notice: options.notice,
            program: options.program,
            reading: options.reading,
            keymap: options.keymap,
            count: None,
            pending: Vec::new(),
            dropped: Vec::new(),
            defects: Vec::new(),
            gaps: None,
            names: Names::default(),
            views: ViewList::default(),
            marks: Marks::new(options.marks),
            context: None,
            trail: None,
            columns_of,
            shape_of: options.shape_of,
            sort: None,
            ranges_typed: options.range.into_iter().collect(),
            search: None,
            hits: None,
            filter_history: History::new(options.history),
            entered: None,
            search_history: History::new(Vec::new()),
            asking: Asking::default(),
            masking: Masking::default(),
            output: writing::Output::default(),
            reading_lists: None,
            leaving: false,
            defects_of: 0,
        }
    }

    /// Areas of the panes; all empty on a screen that is too small.
    pub fn layout(&self) -> Layout {
        layout::layout(self.size, self.wish()).unwrap_or_default()
    }

    /// What is asked of the layout.
    pub fn wish(&self) -> Wish {
        Wish {
            focus: self.focus,
            shape: self.shape,
        }
    }

    /// Changes the layout on screens of this class of size, for this session and those to come.
    pub fn set_shape(&mut self, shape: Shape, effects: &mut Vec<Effect>) {
        if self.shape != shape {
            self.shape = shape;
            let class = self.size_class();
            effects.push(Effect::Shape { class, shape });
        }
    }

    /// The class of the screen's size.
    pub fn size_class(&self) -> usize {
        layout::size_class(self.size.0)
    }

    /// Takes over a size of the screen, and the columns and the layout chosen for such.
    pub(crate) fn resize(&mut self, size: (u16, u16)) {
        let before = self.size_class();
        self.size = size;
        let now = self.size_class();
        if now != before {
            self.columns_of[before] = self.list.columns().clone();
            self.list.set_columns(self.columns_of[now].clone());
            self.shape_of[before] = self.shape;
            self.shape = self.shape_of[now];
            self.need(asking::Parts::WINDOW);
        }
    }

    /// Puts the list in another order, from its beginning; back in that of time the event stays.
    pub fn set_sort(&mut self, sort: Option<Sort>) {
        if self.sort == sort {
            return;
        }
        self.list.set_sorted(sort.is_some());
        if sort.is_some() {
            self.list.go_to_start();
        }
        self.sort = sort;
        self.need(asking::Parts::WINDOW);
    }

    /// Gives a pane the focus.
    pub fn focus(&mut self, pane: PaneId) {
        self.focus = pane;
    }

    /// Says something on the bottom line until the next key.
    pub fn tell(&mut self, text: impl Into<String>) {
        self.notice = Some(text.into());
    }

    /// Events that came in since the view was paused; also those that the filter hides.
    pub fn waiting(&self) -> u64 {
        self.status.events.saturating_sub(self.counts.total)
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
        !self.counts.complete || self.status.is_loading()
    }
}
