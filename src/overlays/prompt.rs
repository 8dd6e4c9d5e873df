//! Prompt for a line of text: a filter, a search, a time range, a facet value.

use ratatui::buffer::Buffer;

use super::paths::Paths;
use super::presets::{Preset, Presets};
use super::preview::Preview;
use super::query_input::{Names, Problem};
use super::{Hint, Overlay, Panel, Scene, Spec, Start, Topics, prompt_view};
use crate::config::View;
use crate::engine::{Answer, Wants};
use crate::model::time::Nanos;
use crate::query::Node;
use crate::widgets::{LineEdit, Look};

/// Purpose of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptKind {
    Filter,
    Search,
    Time,
    /// Value of a facet, by the facet's position.
    Find(usize),
    /// Name for the current view, or a new name for the saved view under the cursor.
    SaveView,
    RenameView,
    /// Source to open.
    Open,
    /// Note for an event.
    Note,
    /// Field of the detail to find.
    Field,
    /// Fields of the list columns.
    Columns,
    /// File name of an export, with the kind of export.
    Write(Written),
}

/// Kind of export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Rows of the overlay below the prompt.
    Table,
    /// All events that match the filter and the range.
    All,
    /// Marked events, with their notes.
    Marked,
    /// Report on the current view.
    Report,
    /// Picture of the screen.
    Screen,
}

impl Written {
    /// Order of the kinds in the prompt. Marked events are last, so that the other ones are in the same place with and
    /// without marks.
    const ORDER: [Self; 5] = [
        Self::Table,
        Self::All,
        Self::Report,
        Self::Screen,
        Self::Marked,
    ];
}

/// Purpose of a query whose watchlists must be read first.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// Apply it as the typed filter; with its text.
    Filter(String),
    /// Search for it; with its text.
    Search(String),
    /// Count it while it is typed; with its text.
    Preview(String),
    /// Apply it as the filter of a saved view; with the name of the view.
    View(String, Box<View>),
}

#[derive(Clone, Debug)]
pub struct Prompt {
    pub kind: PromptKind,
    pub edit: LineEdit,
    /// Error in the text.
    pub problem: Option<Problem>,
    /// Preview of a typed filter.
    pub preview: Box<Preview>,
    /// Ranges of the time prompt.
    pub presets: Box<Presets>,
    /// Choices of the prompt for a source.
    pub paths: Box<Paths>,
    /// The prompt has reported that the file exists: Enter replaces it.
    pub replaces: bool,
    /// The overlay that was open before has rows to export.
    pub over_table: bool,
    /// Overlay that was open before; it is restored when the prompt closes.
    pub below: Option<Box<Overlay>>,
}

impl Prompt {
    pub fn new(kind: PromptKind, text: &str) -> Self {
        Self {
            kind,
            edit: LineEdit::new(text),
            problem: None,
            replaces: false,
            over_table: false,
            below: None,
            presets: Box::default(),
            paths: Box::default(),
            preview: Box::default(),
        }
    }

    /// Prompt for a filter. `recent` are earlier filters, newest first.
    pub fn filter(text: &str, recent: Vec<String>) -> Self {
        Self {
            preview: Preview::new(text, recent).into(),
            ..Self::new(PromptKind::Filter, text)
        }
    }

    /// Prompt for a time range, with ranges to choose from.
    pub fn time(presets: Vec<Preset>) -> Self {
        Self {
            presets: Presets::new(presets).into(),
            ..Self::new(PromptKind::Time, "")
        }
    }

    /// Prompt for a source to open, over the open overlay.
    pub fn source(start: &Start, below: Option<Box<Overlay>>) -> Self {
        Self {
            paths: Paths::new(start).into(),
            below,
            ..Self::new(PromptKind::Open, "")
        }
    }

    /// Time of the next request, if one is needed.
    pub fn due(&self) -> Option<Nanos> {
        self.preview.due().or(self.presets.due())
    }

    /// Clears the due time, as the request is about to be sent. If the text uses watchlists that are not loaded, returns
    /// its query: they must be read first.
    pub fn asking(&mut self, names: &Names) -> Option<Node> {
        match self.kind {
            PromptKind::Filter => self.preview.asking(self.edit.text(), names),
            _ => {
                self.presets.asking();
                None
            }
        }
    }

    /// Returns the kinds of export to choose from.
    pub fn kinds(&self, scene: &Scene<'_>) -> Vec<Written> {
        let fits = |kind: &Written| match kind {
            Written::Table => self.over_table,
            Written::Marked => !scene.marks.is_empty(),
            Written::All | Written::Report | Written::Screen => true,
        };
        Written::ORDER.into_iter().filter(fits).collect()
    }

    /// Returns true if matches are counted during typing.
    fn is_counted(&self) -> bool {
        matches!(self.kind, PromptKind::Filter | PromptKind::Time)
    }
}

const RANGE: &[Hint] = &[
    ("enter", "apply"),
    ("app.back", "cancel"),
    ("down up", "choose"),
    ("app.help", "help"),
];
const SAVE: &[Hint] = &[("enter", "save"), ("app.back", "cancel")];
const OPEN: &[Hint] = &[
    ("enter", "open"),
    ("app.back", "cancel"),
    ("tab", "complete"),
    ("down up", "choose"),
    ("app.help", "help"),
];
const COMPLETE: &[Hint] = &[
    ("enter", "apply"),
    ("app.back", "cancel"),
    ("tab", "complete"),
    ("down", "choose"),
    ("up", "history"),
    ("app.help", "help"),
];
const FIND: &[Hint] = &[("enter", "find"), ("app.back", "clear")];
const WRITE: &[Hint] = &[
    ("enter", "export"),
    ("tab", "next content"),
    ("app.back", "cancel"),
];

impl Panel for Prompt {
    fn spec(&self) -> Spec {
        let (title, hints) = match self.kind {
            PromptKind::Filter => ("FILTER", COMPLETE),
            PromptKind::Search => ("SEARCH", COMPLETE),
            PromptKind::Columns => ("COLUMNS", COMPLETE),
            PromptKind::Time => ("TIME", RANGE),
            PromptKind::SaveView => ("SAVE VIEW AS", SAVE),
            PromptKind::RenameView => ("RENAME VIEW TO", SAVE),
            PromptKind::Open => ("OPEN", OPEN),
            PromptKind::Note => ("NOTE", SAVE),
            PromptKind::Field => ("FIND FIELD", FIND),
            PromptKind::Find(_) => ("FIND", FIND),
            PromptKind::Write(_) => ("EXPORT", WRITE),
        };
        Spec {
            title,
            scopes: &["prompt"],
            hints,
        }
    }

    fn topics(&self) -> Topics {
        if self.is_counted() {
            Topics::PREVIEW
        } else {
            Topics::default()
        }
    }

    fn want(&mut self, id: u64, scene: &Scene<'_>, wants: &mut Wants) {
        let text = self.edit.text();
        wants.side = match self.kind {
            PromptKind::Time => self.presets.want(id, scene),
            _ => self.preview.want(id, text, scene),
        };
    }

    fn arrive(&mut self, answer: &mut Answer) {
        self.preview.arrive(answer);
        self.presets.arrive(answer);
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        if let Some(below) = &self.below {
            below.panel().draw(scene, look, buf);
        }
        prompt_view::draw(scene, self, look, buf)
    }
}
