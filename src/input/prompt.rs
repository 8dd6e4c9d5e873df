//! Keys in a prompt, and the actions on its text.

use std::sync::Arc;

use super::readline;
use crate::app::export::{format_of, picture_of};
use crate::app::layout::PaneId;
use crate::app::request::Topics;
use crate::app::{App, Effect, time_input};
use crate::config::ViewsWork;
use crate::engine::{SeekTarget, SeekWant};
use crate::keymap::{Key, KeyCode};
use crate::overlays::query_input::{self, Problem};
use crate::overlays::{
    Listing, MarkList, Overlay, Prompt, PromptKind, Purpose, ViewsScreen, Wanted, Written,
};
use crate::query::{Node, TimeRange, Typed};
use crate::widgets::EditOp;

pub(super) fn key(app: &mut App, key: Key, effects: &mut Vec<Effect>) {
    let Some(mut prompt) = app.take_prompt() else {
        return;
    };
    match key.code {
        KeyCode::Enter if prompt.preview.is_choosing() => complete(app, &mut prompt),
        KeyCode::Enter | KeyCode::Tab if chosen(&prompt).is_some() => {
            let text = chosen(&prompt).unwrap_or_default().to_owned();
            prompt.edit.set(&text);
            changed(app, &mut prompt);
            // A directory that is chosen shows its files first.
            let is_open = prompt.kind == PromptKind::Open && text.ends_with('/');
            if key.code == KeyCode::Enter && !is_open {
                return accept(app, prompt, effects);
            }
        }
        KeyCode::Enter => return accept(app, prompt, effects),
        KeyCode::Tab => complete(app, &mut prompt),
        KeyCode::Down | KeyCode::Up if prompt.kind == PromptKind::Time => {
            prompt.presets.step(key.code == KeyCode::Down);
        }
        KeyCode::Down | KeyCode::Up if prompt.kind == PromptKind::Open => {
            prompt.paths.step(key.code == KeyCode::Down);
        }
        KeyCode::Down if prompt.preview.step(true) => {}
        KeyCode::Up if prompt.preview.is_choosing() => {
            prompt.preview.step(false);
        }
        KeyCode::Up => recall(app, &mut prompt, true),
        KeyCode::Down => recall(app, &mut prompt, false),
        _ => {
            if readline::operation(key).is_some_and(|op| prompt.edit.apply(op)) {
                changed(app, &mut prompt);
            }
        }
    }
    list(&mut prompt, effects);
    app.overlay = Some(prompt.into());
}

/// Text of the selected range or source.
fn chosen(prompt: &Prompt) -> Option<&str> {
    prompt.presets.chosen().or(prompt.paths.chosen())
}

/// Requests the files of the typed directory, if they are not known.
fn list(prompt: &mut Prompt, effects: &mut Vec<Effect>) {
    if prompt.kind == PromptKind::Open {
        let directory = prompt.paths.wanted(prompt.edit.text());
        effects.extend(directory.map(Effect::List));
    }
}

/// Takes the files of a directory, if the prompt for a source is open.
pub(super) fn listed(app: &mut App, listing: Listing) {
    let now = app.clock.now;
    if let Some(Overlay::Prompt(prompt)) = &mut app.overlay
        && prompt.kind == PromptKind::Open
    {
        let Prompt { paths, edit, .. } = prompt;
        paths.arrive(listing, edit.text(), now);
    }
}

pub(super) fn edit(app: &mut App, op: EditOp) {
    let Some(mut prompt) = app.take_prompt() else {
        return;
    };
    if prompt.edit.apply(op) {
        changed(app, &mut prompt);
    }
    app.overlay = Some(prompt.into());
}

/// Completes a name or a value: in a filter with the choice under the cursor or the best one; in a search as far as it
/// is unambiguous (the status line lists several choices).
fn complete(app: &mut App, prompt: &mut Prompt) {
    match prompt.kind {
        PromptKind::Filter => {
            if prompt.preview.pick(&mut prompt.edit, &app.session.names) {
                changed(app, prompt);
            } else {
                let Prompt { preview, edit, .. } = prompt;
                preview.changed(edit, &app.session.names, app.clock.now, true);
            }
            return;
        }
        PromptKind::Search => {}
        PromptKind::Write(what) => return turn(app, prompt, what),
        PromptKind::Open => {
            if let Some(text) = prompt.paths.complete(prompt.edit.text()) {
                prompt.edit.set(&text);
                changed(app, prompt);
            }
            return;
        }
        _ => return,
    }
    let values = |field: &str| app.panes.facets.known_values(field);
    let choices = query_input::complete(&mut prompt.edit, &app.session.names, &values);
    changed(app, prompt);
    if choices.len() > 1 {
        app.tell(choices.join("  "));
    }
}

/// Switches to the next kind of export; adapts the file extension if it is a known one.
fn turn(app: &App, prompt: &mut Prompt, what: Written) {
    // Only the picture of the screen is masked; other exports are not.
    if app.masking.on {
        return;
    }
    let kinds = prompt.kinds(&app.scene());
    let at = kinds.iter().position(|kind| *kind == what);
    let next = kinds[at.map_or(0, |at| (at + 1) % kinds.len())];
    prompt.kind = PromptKind::Write(next);
    let usual = app.name_of_file(next, prompt.below.as_deref());
    let typed = prompt.edit.text();
    let ending = |name: &str| match name.strip_suffix(REPORT) {
        Some(_) => Some(REPORT.to_owned()),
        None => {
            let picture = picture_of(name).map(|(_, ending)| ending);
            let known = format_of(name).map(|(_, ending)| ending).or(picture);
            known.ok().map(|ending| format!(".{ending}"))
        }
    };
    let is_sheet = |what| matches!(what, Written::Table | Written::All | Written::Marked);
    if !(is_sheet(what) && is_sheet(next))
        && let Some((old, new)) = ending(typed).zip(ending(&usual))
    {
        let stem = &typed[..typed.len() - old.len()];
        prompt.edit.set(&format!("{stem}{new}"));
    }
    prompt.problem = None;
    prompt.replaces = false;
}

/// Default suffix of report names.
const REPORT: &str = ".report.md";

fn recall(app: &mut App, prompt: &mut Prompt, back: bool) {
    let history = match prompt.kind {
        PromptKind::Filter => &mut app.prompts.filters,
        PromptKind::Search => &mut app.prompts.searches,
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
        // The arrow keys continue through the history.
        prompt.preview.close();
    }
}

/// Handles a changed text: updates everything that can be shown at once.
fn changed(app: &mut App, prompt: &mut Prompt) {
    if prompt.kind == PromptKind::Filter {
        let Prompt { preview, edit, .. } = &mut *prompt;
        preview.changed(edit, &app.session.names, app.clock.now, false);
    }
    let text = prompt.edit.text();
    prompt.problem = match prompt.kind {
        PromptKind::Filter => read(prompt.kind, text, app).err(),
        PromptKind::Search => query_input::search(text, &app.session.names).err(),
        PromptKind::Time => {
            let range = time_input::range(text, app);
            let is_empty = text.trim().is_empty();
            prompt
                .presets
                .changed(is_empty, range.as_ref().ok().copied(), app.clock.now);
            range.err()
        }
        PromptKind::Find(at) => {
            app.panes.facets.set_find(at, Some(text.to_owned()));
            None
        }
        PromptKind::Columns => query_input::columns(text, &app.session.names).err(),
        PromptKind::Field => {
            app.panes.detail.find = Some(text.to_owned());
            let found = text.is_empty() || app.panes.detail.seek(true, false);
            (!found).then(|| Problem::whole("no field name or value matches"))
        }
        PromptKind::Write(_) => {
            prompt.replaces = false;
            None
        }
        PromptKind::Open => {
            prompt.paths.changed(text, app.clock.now);
            None
        }
        PromptKind::SaveView | PromptKind::RenameView | PromptKind::Note => None,
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
                // The prompt stays open until the files are read, and shows an error if they cannot be.
                effects.push(Effect::Load { query, purpose });
            }
            Err(problem) => prompt.problem = Some(problem),
        },
        PromptKind::Time => match time_input::range(&text, app) {
            Ok(range) => {
                app.clock.typed.push((range, text));
                return app.set_range(range);
            }
            Err(problem) => prompt.problem = Some(problem),
        },
        PromptKind::Find(at) => {
            app.panes
                .facets
                .set_find(at, Some(text).filter(|text| !text.is_empty()));
            app.panes.facets.focus(at);
            return app.focus(PaneId::Facets);
        }
        PromptKind::Field => {
            app.panes.detail.find = Some(text).filter(|text| !text.is_empty());
            return;
        }
        PromptKind::Columns => match query_input::columns(&text, &app.session.names) {
            Ok(names) => {
                app.set_columns(&names);
                let (class, columns) = (app.screen.class(), app.panes.list.columns().chosen());
                effects.push(Effect::Columns { class, columns });
                return;
            }
            Err(problem) => prompt.problem = Some(problem),
        },
        PromptKind::Write(what) => {
            let replaces = std::mem::take(&mut prompt.replaces);
            let table = prompt.below.as_ref().filter(|_| what == Written::Table);
            let table = table.and_then(|below| below.panel().table(&app.scene()));
            let asked = app.write((what, table), &text, replaces, effects);
            prompt.problem = asked.err().map(Problem::whole);
        }
        PromptKind::SaveView | PromptKind::RenameView | PromptKind::Open if text.is_empty() => {}
        PromptKind::Open => {
            // The prompt stays open until the source is open, and shows an error if it cannot be opened.
            effects.push(Effect::Open(Wanted::Sources(vec![text.into()])));
        }
        PromptKind::Note => {
            let from_list = app
                .session
                .marks
                .noting
                .as_ref()
                .is_some_and(|(_, from)| *from);
            effects.extend(app.session.marks.end_note(&text).map(Effect::Marks));
            app.tell(if text.is_empty() {
                "marked, no note"
            } else {
                "note saved"
            });
            app.overlay = from_list.then(|| MarkList.into());
            return;
        }
        PromptKind::SaveView => {
            let view = app.view();
            return effects.push(Effect::Views(ViewsWork::Save { name: text, view }));
        }
        PromptKind::RenameView => {
            app.overlay = Some(ViewsScreen.into());
            if let Some(saved) = app.session.views.focused() {
                let from = saved.name.clone();
                effects.push(Effect::Views(ViewsWork::Rename { from, to: text }));
            }
            return;
        }
    }
    app.overlay = Some(prompt.into());
}

fn read(kind: PromptKind, text: &str, app: &App) -> Result<Node, Problem> {
    match kind {
        PromptKind::Search => query_input::search(text, &app.session.names),
        _ => typed(text, app).map(|(query, _)| query),
    }
}

/// Parses a typed filter, with its time range apart.
fn typed(text: &str, app: &App) -> Result<(Node, Typed), Problem> {
    query_input::filter(text, &app.session.names, app.clock.now, app.clock.zone)
}

/// Applies a typed query.
fn take_over(app: &mut App, query: Node, purpose: Purpose) {
    match purpose {
        Purpose::Filter(text) => {
            if app.prompts.filters.push(&text) {
                app.prompts.entered = Some(text.clone());
            }
            let (rest, range) = match typed(&text, app) {
                Ok((_, typed)) => (typed.text, typed.range),
                Err(_) => (text, TimeRange::default()),
            };
            app.refine(|filter| {
                filter.text = if query == Node::All {
                    String::new()
                } else {
                    rest
                };
                filter.query = query;
                if !range.is_all() {
                    filter.range = range;
                }
            });
        }
        Purpose::Search(_) if query == Node::All => app.prompts.search = None,
        Purpose::Search(text) => {
            app.prompts.searches.push(&text);
            search(app, text, query);
        }
        Purpose::Preview(_) | Purpose::View(..) => {}
    }
}

/// Handles the result of reading the watchlists of a typed query. Ignored if the text has changed since.
pub(super) fn loaded(app: &mut App, query: Result<Node, String>, purpose: &Purpose) {
    let Some(mut prompt) = app.take_prompt() else {
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
            prompt.preview.loaded(text, query, app.clock.now);
        }
        Ok(query) => return take_over(app, query, purpose.clone()),
        Err(text) => {
            let at = prompt.edit.text().find('@').unwrap_or(0);
            prompt.problem = Some(Problem {
                at,
                text,
                typo: false,
            });
            prompt.preview.count = None;
        }
    }
    app.overlay = Some(prompt.into());
}

/// Moves to the nearest match before the cursor, like `/` in a pager at the end of a file.
fn search(app: &mut App, text: String, query: Node) {
    let query = Arc::new(query);
    app.prompts.search = Some((text, Arc::clone(&query)));
    app.results.hits = None;
    app.need(Topics::HITS);
    let Some(row) = app.panes.list.focused() else {
        return app.tell("no events to search");
    };
    let from = row.id;
    let forward = !app.panes.list.is_following();
    app.seek(SeekWant {
        from,
        forward,
        what: SeekTarget::Query(query),
    });
}
