//! A line of text asked of the person: a filter, a search, a time range, values of a facet to find.

use ratatui::buffer::Buffer;

use super::preview::Preview;
use super::query_input::Problem;
use super::{Hint, Overlay, Panel, Scene, Spec, Topics, prompt_view};
use crate::config::View;
use crate::engine::{Answer, Wants};
use crate::widgets::{LineEdit, Look};

/// What the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptKind {
    Filter,
    Search,
    Time,
    /// Values of a facet, by its place.
    Find(usize),
    /// A name for the present view, and another one for the saved view under the cursor.
    SaveView,
    RenameView,
    /// A source to open.
    Open,
    /// A note on an event.
    Note,
    /// A field of the detail to find.
    Field,
    /// The fields of the list's columns.
    Columns,
    /// The name of a file, and what is to stand in it.
    Write(Written),
}

/// What of the view is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// All events the filter and the range let through.
    All,
    /// The marked events, with their notes.
    Marked,
    /// A report on what is shown.
    Report,
    /// A picture of the screen.
    Screen,
}

/// What a query is wanted for whose watchlists have to be read first.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    /// To be the typed filter, with its text.
    Filter(String),
    /// To be the search, with its text.
    Search(String),
    /// To be counted while it is typed.
    Preview(String),
    /// To be the filter of a saved view, by the view's name.
    View(String, Box<View>),
}

#[derive(Clone, Debug)]
pub struct Prompt {
    pub kind: PromptKind,
    pub edit: LineEdit,
    /// Why the text cannot be used as it stands.
    pub problem: Option<Problem>,
    /// What is known of a filter that is being typed.
    pub preview: Preview,
    /// It was told that there is a file of this name: enter replaces it.
    pub replaces: bool,
    /// What lay on top before, where it comes back.
    pub below: Option<Box<Overlay>>,
}

impl Prompt {
    pub fn new(kind: PromptKind, text: &str) -> Self {
        Self {
            kind,
            edit: LineEdit::new(text),
            problem: None,
            replaces: false,
            below: None,
            preview: if kind == PromptKind::Filter {
                Preview::new()
            } else {
                Preview::default()
            },
        }
    }

    /// Whether what is typed is counted meanwhile.
    pub fn is_previewed(&self) -> bool {
        self.kind == PromptKind::Filter
    }
}

const APPLY: &[Hint] = &[("enter", "apply"), ("app.back", "cancel")];
const COMPLETE: &[Hint] = &[
    ("enter", "apply"),
    ("app.back", "cancel"),
    ("tab", "complete"),
    ("down", "choose"),
    ("up", "history"),
    ("app.help", "help"),
];
const FIND: &[Hint] = &[("enter", "apply"), ("app.back", "clear")];
const WRITE: &[Hint] = &[
    ("enter", "export"),
    ("tab", "all/marked/report/screen"),
    ("app.back", "cancel"),
];

impl Panel for Prompt {
    fn spec(&self) -> Spec {
        let (title, hints) = match self.kind {
            PromptKind::Filter => ("FILTER", COMPLETE),
            PromptKind::Search => ("SEARCH", COMPLETE),
            PromptKind::Columns => ("COLUMNS", COMPLETE),
            PromptKind::Time => ("TIME", APPLY),
            PromptKind::SaveView => ("SAVE VIEW AS", APPLY),
            PromptKind::RenameView => ("RENAME VIEW TO", APPLY),
            PromptKind::Open => ("OPEN", APPLY),
            PromptKind::Note => ("NOTE", APPLY),
            PromptKind::Field => ("FIND FIELD", APPLY),
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
        if self.is_previewed() {
            Topics::PREVIEW
        } else {
            Topics::default()
        }
    }

    fn want(&mut self, id: u64, scene: &Scene<'_>, wants: &mut Wants) {
        let text = self.edit.text();
        wants.side = self.preview.want(id, text, scene);
    }

    fn arrive(&mut self, answer: &mut Answer) {
        self.preview.arrive(answer);
    }

    fn draw(&self, scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        if let Some(below) = &self.below {
            below.panel().draw(scene, look, buf);
        }
        prompt_view::draw(scene, self, look, buf)
    }
}
