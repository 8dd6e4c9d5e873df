//! A line of text asked of the person: a filter, a search, a time range, values of a facet to find.

use std::sync::Arc;

use super::preview::Preview;
use super::{Overlay, editing, write};
use crate::app::asking::Parts;
use crate::app::layout::PaneId;
use crate::app::times;
use crate::app::writing::Written;
use crate::app::{App, Effect, Purpose, Wanted};
use crate::config::ViewsWork;
use crate::engine::{SeekWant, Sought};
use crate::keymap::{Key, KeyCode};
use crate::overlays::names::{self, Problem};
use crate::query::Node;
use crate::widgets::{EditOp, LineEdit};

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
}

impl PromptKind {
    pub fn title(self) -> &'static str {
        match self {
            Self::Filter => "FILTER",
            Self::Search => "SEARCH",
            Self::Time => "TIME",
            Self::Find(_) => "FIND",
            Self::SaveView => "SAVE VIEW AS",
            Self::RenameView => "RENAME VIEW TO",
            Self::Open => "OPEN",
            Self::Note => "NOTE",
            Self::Field => "FIND FIELD",
            Self::Columns => "COLUMNS",
            Self::Write(_) => "WRITE",
        }
    }
}

impl Prompt {
    pub fn new(kind: PromptKind, text: &str) -> Self {
        Self {
            kind,
            edit: LineEdit::new(text),
            problem: None,
            replaces: false,
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

/// The open prompt; taken out and put back so that the rest of the state can be changed beside it.
pub(super) fn take(app: &mut App) -> Option<Prompt> {
    match app.overlay.take() {
        Some(Overlay::Prompt(prompt)) => Some(prompt),
        other => {
            app.overlay = other;
            None
        }
    }
}

pub(super) fn key(app: &mut App, key: Key, effects: &mut Vec<Effect>) {
    let Some(mut prompt) = take(app) else {
        return;
    };
    match key.code {
        KeyCode::Enter if prompt.preview.is_choosing() => complete(app, &mut prompt),
        KeyCode::Enter => return accept(app, prompt, effects),
        KeyCode::Tab => complete(app, &mut prompt),
        KeyCode::Down if prompt.preview.step(true) => {}
        KeyCode::Up if prompt.preview.is_choosing() => {
            prompt.preview.step(false);
        }
        KeyCode::Up => recall(app, &mut prompt, true),
        KeyCode::Down => recall(app, &mut prompt, false),
        _ => {
            if editing::operation(key).is_some_and(|op| prompt.edit.apply(op)) {
                changed(app, &mut prompt);
            }
        }
    }
    app.overlay = Some(Overlay::Prompt(prompt));
}

pub(super) fn paste(app: &mut App, text: &str) {
    let Some(mut prompt) = take(app) else {
        return;
    };
    if prompt.edit.apply(EditOp::Paste(text.to_owned())) {
        changed(app, &mut prompt);
    }
    app.overlay = Some(Overlay::Prompt(prompt));
}

/// Completes a name or a value: in a filter by the choice under the cursor or the best one, in a search as
/// far as it is certain (where several fit, the bottom line names them).
fn complete(app: &mut App, prompt: &mut Prompt) {
    match prompt.kind {
        PromptKind::Filter => {
            if prompt.preview.pick(&mut prompt.edit, &app.names) {
                changed(app, prompt);
            } else {
                let Prompt { preview, edit, .. } = prompt;
                preview.changed(edit, &app.names, app.clock, true);
            }
            return;
        }
        PromptKind::Search => {}
        PromptKind::Write(_) => return write::turn(app, prompt),
        _ => return,
    }
    let values = |field: &str| app.facets.known_values(field);
    let choices = names::complete(&mut prompt.edit, &app.names, &values);
    changed(app, prompt);
    if choices.len() > 1 {
        app.tell(choices.join("  "));
    }
}

fn recall(app: &mut App, prompt: &mut Prompt, back: bool) {
    let history = match prompt.kind {
        PromptKind::Filter => &mut app.filter_history,
        PromptKind::Search => &mut app.search_history,
        _ => return,
    };
    let entry = if back {
        history.previous(prompt.edit.text())
    } else {
        history.next()
    };
    if let Some(entry) = entry.map(str::to_owned) {
        prompt.edit.set(&entry);
        changed(app, prompt);
        // The arrows go on through the history.
        prompt.preview.close();
    }
}

/// The text is another one: what can be said of it at once is said.
fn changed(app: &mut App, prompt: &mut Prompt) {
    if prompt.is_previewed() {
        let Prompt { preview, edit, .. } = &mut *prompt;
        preview.changed(edit, &app.names, app.clock, false);
    }
    let text = prompt.edit.text();
    prompt.problem = match prompt.kind {
        PromptKind::Filter => names::parse(text, &app.names).err(),
        PromptKind::Search => names::search(text, &app.names).err(),
        PromptKind::Time => times::range(text, app).err(),
        PromptKind::Find(at) => {
            app.facets.set_find(at, Some(text.to_owned()));
            None
        }
        PromptKind::Columns => names::columns(text, &app.names).err(),
        PromptKind::Field => {
            app.detail.find = Some(text.to_owned());
            let found = text.is_empty() || app.detail.seek(true, false);
            (!found).then(|| Problem {
                at: 0,
                text: "no field has that in its name or value".into(),
                slip: false,
            })
        }
        PromptKind::Write(_) => {
            prompt.replaces = false;
            None
        }
        PromptKind::SaveView | PromptKind::RenameView | PromptKind::Open | PromptKind::Note => None,
    };
    if prompt.problem.is_some() {
        prompt.preview.count = None;
    }
}

fn accept(app: &mut App, mut prompt: Prompt, effects: &mut Vec<Effect>) {
    let text = prompt.edit.text().trim().to_owned();
    match prompt.kind {
        PromptKind::Filter | PromptKind::Search => match read(prompt.kind, &text, app) {
            Ok(query) => {
                let purpose = match prompt.kind {
                    PromptKind::Filter => Purpose::Filter(text),
                    _ => Purpose::Search(text),
                };
                if !query.wants_files() {
                    return take_over(app, query, purpose);
                }
                // The prompt stays open until the files are read, and says so if they cannot be.
                effects.push(Effect::Load { query, purpose });
            }
            Err(problem) => prompt.problem = Some(problem),
        },
        PromptKind::Time => match times::range(&text, app) {
            Ok(range) => {
                app.ranges_typed.push((range, text));
                return app.set_range(range);
            }
            Err(problem) => prompt.problem = Some(problem),
        },
        PromptKind::Find(at) => {
            app.facets
                .set_find(at, Some(text).filter(|text| !text.is_empty()));
            app.facets.focus(at);
            return app.focus(PaneId::Facets);
        }
        PromptKind::Field => {
            app.detail.find = Some(text).filter(|text| !text.is_empty());
            return;
        }
        PromptKind::Columns => match names::columns(&text, &app.names) {
            Ok(names) => {
                app.set_columns(&names);
                let (class, columns) = (app.size_class(), app.list.columns().chosen());
                effects.push(Effect::Columns { class, columns });
                return;
            }
            Err(problem) => prompt.problem = Some(problem),
        },
        PromptKind::Write(_) => write::accept(app, &mut prompt, effects),
        PromptKind::SaveView | PromptKind::RenameView | PromptKind::Open if text.is_empty() => {}
        PromptKind::Open => {
            effects.push(Effect::Open(Wanted::Sources(vec![text.into()])));
            // What is wrong with the first source is told on the start screen.
            app.overlay = app.start.alone.then_some(Overlay::Start(0));
            return;
        }
        PromptKind::Note => {
            let from_list = app.marks.noting.as_ref().is_some_and(|(_, from)| *from);
            effects.extend(app.marks.end_note(&text).map(Effect::Marks));
            app.tell(if text.is_empty() {
                "marked, without a note"
            } else {
                "noted"
            });
            app.overlay = from_list.then_some(Overlay::Marks);
            return;
        }
        PromptKind::SaveView => {
            let view = app.view();
            return effects.push(Effect::Views(ViewsWork::Save { name: text, view }));
        }
        PromptKind::RenameView => {
            app.overlay = Some(Overlay::Views);
            if let Some(saved) = app.views.focused() {
                let from = saved.name.clone();
                effects.push(Effect::Views(ViewsWork::Rename { from, to: text }));
            }
            return;
        }
    }
    app.overlay = Some(Overlay::Prompt(prompt));
}

fn read(kind: PromptKind, text: &str, app: &App) -> Result<Node, Problem> {
    match kind {
        PromptKind::Search => names::search(text, &app.names),
        _ => names::parse(text, &app.names),
    }
}

/// A query that was typed comes into force.
fn take_over(app: &mut App, query: Node, purpose: Purpose) {
    match purpose {
        Purpose::Filter(text) => {
            if app.filter_history.push(&text) {
                app.entered = Some(text.clone());
            }
            app.refine(|filter| {
                filter.text = if query == Node::All {
                    String::new()
                } else {
                    text
                };
                filter.query = query;
            });
        }
        Purpose::Search(_) if query == Node::All => app.search = None,
        Purpose::Search(text) => {
            app.search_history.push(&text);
            search(app, text, query);
        }
        Purpose::Preview(_) | Purpose::View(..) => {}
    }
}

/// The watchlists of a query that was typed were read, or one could not be. A text that has changed since is
/// another question.
pub fn loaded(app: &mut App, query: Result<Node, String>, purpose: &Purpose) {
    let Some(mut prompt) = take(app) else {
        return;
    };
    let typed = match purpose {
        Purpose::Filter(text) | Purpose::Search(text) => prompt.edit.text().trim() == text,
        Purpose::Preview(text) => prompt.edit.text() == text,
        Purpose::View(..) => false,
    };
    match query {
        _ if !typed => {}
        Ok(query) if matches!(purpose, Purpose::Preview(_)) => {
            let text = prompt.edit.text().to_owned();
            prompt.preview.loaded(text, query, app.clock);
        }
        Ok(query) => return take_over(app, query, purpose.clone()),
        Err(text) => {
            let at = prompt.edit.text().find('@').unwrap_or(0);
            prompt.problem = Some(Problem {
                at,
                text,
                slip: false,
            });
            prompt.preview.count = None;
        }
    }
    app.overlay = Some(Overlay::Prompt(prompt));
}

/// Goes to the nearest event before the cursor that matches, as `/` does in a pager that stands at its end.
fn search(app: &mut App, text: String, query: Node) {
    let query = Arc::new(query);
    app.search = Some((text, Arc::clone(&query)));
    app.hits = None;
    app.need(Parts::HITS);
    let Some(row) = app.list.focused() else {
        return app.tell("no events to search");
    };
    let from = row.id;
    let forward = !app.list.is_following();
    app.seek(SeekWant {
        from,
        forward,
        what: Sought::Query(query),
    });
}

/// Brings back what a prompt was opened over.
pub(super) fn put_back(app: &mut App, kind: PromptKind) {
    let noting = app.marks.noting.take().filter(|_| kind == PromptKind::Note);
    app.overlay = noting
        .filter(|(_, from_list)| *from_list)
        .map(|_| Overlay::Marks);
}

/// The prompt was closed without Enter.
pub(super) fn cancelled(app: &mut App, prompt: &Prompt) {
    if let PromptKind::Find(at) = prompt.kind {
        app.facets.set_find(at, None);
    }
    if prompt.kind == PromptKind::Field {
        app.detail.find = None;
    }
    app.filter_history.reset();
    app.search_history.reset();
}
