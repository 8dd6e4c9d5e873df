//! Help screen: its content for the current context, and its commands.

use super::Run::{Do, Try};
use super::{Command, Context, Outcome, Run, Scope, Task, all, execute, find, page, row};
use crate::app::App;
use crate::overlays::{Entry, Help, Overlay, Section};

const HERE: Scope = Scope::Overlay("help", "Help");

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("help.run", "run", Task::Look, HERE, Try(run),
        "Run the selected command"),
    row("help.find", "find", Task::Find, HERE, Do(start_find),
        "Find rows by words"),
];

/// Opens help over the current screen. If help is open, switches between the page and the list of all commands.
pub(super) fn open(cx: &mut Context<'_>) {
    let below = match cx.app.overlay.take() {
        Some(Overlay::Help(mut help)) => {
            help.turn();
            cx.app.overlay = Some(help.into());
            return;
        }
        below => below.map(Box::new),
    };
    let help = help(cx.app, below);
    cx.app.open(help);
}

fn start_find(cx: &mut Context<'_>) {
    if let Some(Overlay::Help(help)) = &mut cx.app.overlay {
        help.start_find();
    }
}

/// Closes help and runs the command under the cursor.
fn run(cx: &mut Context<'_>) -> Outcome {
    let Some(Overlay::Help(help)) = &cx.app.overlay else {
        return Err("help is not open: app.help opens it".into());
    };
    let name = help.chosen()?;
    let command = find(name).ok_or_else(|| format!("{name}: no such command"))?;
    if let Scope::Overlay(scope, title) = command.scope
        && !help
            .below
            .as_ref()
            .is_some_and(|below| below.panel().spec().scopes.contains(&scope))
    {
        return Err(format!("{name}: works in {title} only"));
    }
    if let Scope::Pane(pane) = command.scope
        && help.below.is_some()
    {
        return Err(format!("{name}: works in the {} only", pane.scope()));
    }
    let below = match cx.app.overlay.take() {
        Some(Overlay::Help(help)) => help.below,
        _ => None,
    };
    cx.app.uncover(below);
    execute(cx, command, None)
}

/// Moves to the row at the left or right. Returns false if help is not open.
pub(super) fn across(app: &mut App, by: isize) -> bool {
    match app.overlay.take() {
        Some(Overlay::Help(mut help)) => {
            help.across(&app.scene(), by);
            app.overlay = Some(help.into());
            true
        }
        other => {
            app.overlay = other;
            false
        }
    }
}

/// Builds help for the overlay `below`, or for the focused pane: the page, and the list of all commands.
fn help(app: &App, below: Option<Box<Overlay>>) -> Help {
    let (places, scopes, name) = match &below {
        Some(below) => {
            let spec = below.panel().spec();
            (page::places(below), spec.scopes.to_vec(), spec.title)
        }
        None => {
            let (scopes, pane) = (app.scopes(), app.screen.focus.scope());
            let mut places = vec![pane, "panes"];
            places.extend(scopes.first().filter(|scope| **scope != pane));
            (places, scopes, pane)
        }
    };
    let mut sections = page(app, &places, &scopes);
    let language = places.contains(&"filter") || places.contains(&"search");
    if language {
        sections.push(Section {
            title: "Filter language".to_owned(),
            entries: page::LANGUAGE.iter().map(form).collect(),
        });
    }
    let signs = !language && !places.contains(&"prompts") && !places.contains(&"start");
    let list = whole(app, below.as_ref().map(|_| &*scopes));
    Help::new(&name.to_uppercase(), sections, list, signs, below)
}

/// Rows of the page for any of these places, with the keys bound in these scopes.
fn page(app: &App, places: &[&str], scopes: &[&str]) -> Vec<Section> {
    let here = |at: &str| at.split(' ').any(|word| places.contains(&word));
    let section = |(task, rows): &(Task, &[(&'static str, &'static str, &'static str)])| {
        let rows = rows.iter().filter(|(at, ..)| here(at));
        let entries: Vec<Entry> = rows
            .filter_map(|(_, words, does)| line(app, words, does, scopes))
            .collect();
        (!entries.is_empty()).then(|| Section {
            title: task.title().to_owned(),
            entries,
        })
    };
    page::ROWS.iter().filter_map(section).collect()
}

/// Row of the page; `None` if none of its commands has a key.
fn line(app: &App, words: &str, does: &str, scopes: &[&str]) -> Option<Entry> {
    let mut keys = Vec::new();
    let (mut run, mut letter) = (None, false);
    for word in words.split(' ') {
        let Some(command) = find(word) else {
            keys.push(word.to_owned());
            continue;
        };
        let Some(key) = shown_key(app, command, scopes) else {
            continue;
        };
        run = run.or(Some(command));
        letter |= matches!(command.run, Run::Field(_));
        keys.push(key);
    }
    let first = keys.first()?.clone();
    let apart = if keys.iter().any(|key| key.contains(' ')) {
        "  "
    } else {
        " "
    };
    let more = if letter { " …" } else { "" };
    Some(Entry {
        keys: keys.join(apart) + more,
        doc: does.to_owned(),
        name: "",
        does: match run.map(|command| (command.run, command.name)) {
            Some((Run::Do(_) | Run::Try(_) | Run::Field(_), name)) => Ok(name),
            Some((Run::Number(_), _)) | None => Err(format!("press {first}")),
        },
    })
}

/// Key to show for a command: esc if bound, or else the shortest. For a command with a field argument, the key its
/// sequences start with; for one with a number, the first and the last key.
pub fn shown_key(app: &App, command: &Command, scopes: &[&str]) -> Option<String> {
    let keys = app.keyboard.keymap.keys_for(command.name, scopes);
    let key = keys.iter().min_by_key(|key| (*key != "esc", key.len()))?;
    Some(match (command.run, keys.first().zip(keys.last())) {
        (Run::Field(_), _) => key.split(' ').next().unwrap_or(key).to_owned(),
        (Run::Number(_), Some((first, last))) if first != last => format!("{first}-{last}"),
        _ => key.clone(),
    })
}

fn form((form, finds): &(&'static str, &'static str)) -> Entry {
    Entry {
        keys: (*form).to_owned(),
        doc: (*finds).to_owned(),
        name: "",
        does: Err("type it into the filter or the search".to_owned()),
    }
}

/// All commands: those of the focused pane, or of the overlay with these scopes; then the global ones by task; then
/// those of each other overlay.
fn whole(app: &App, over: Option<&[&str]>) -> Vec<Section> {
    let focus = app.screen.focus;
    let scopes = [focus.scope(), "global"];
    let of = |scope: Scope| all().filter(move |command| command.scope == scope);
    // Frequent commands have short keys: single keys first, then sequences, then commands without keys.
    let mut here: Vec<&Command> = of(Scope::Pane(focus)).collect();
    here.sort_by_key(|command| shortest(app, command, &scopes));
    let mut sections = Vec::new();
    if over.is_none() {
        sections.push(Section {
            title: format!("This pane ({})", focus.scope()),
            entries: here.into_iter().map(|c| entry(app, c, &scopes)).collect(),
        });
    }
    for task in Task::ALL {
        let is_global = |command: &&Command| matches!(command.scope, Scope::Global | Scope::Always);
        let commands = all()
            .filter(is_global)
            .filter(|command| command.task == task);
        sections.push(Section {
            title: format!("Everywhere: {}", task.title()),
            entries: commands.map(|c| entry(app, c, &scopes)).collect(),
        });
    }
    let mut own = None;
    for command in all() {
        let Scope::Overlay(scope, title) = command.scope else {
            continue;
        };
        if over.is_some_and(|scopes| scopes.contains(&scope)) {
            own = Some(title);
        }
        let entry = entry(app, command, &[scope, "overlay", "global"]);
        match sections.last_mut() {
            Some(last) if last.title == title => last.entries.push(entry),
            _ => sections.push(Section {
                title: title.to_owned(),
                entries: vec![entry],
            }),
        }
    }
    if let Some(at) = own.and_then(|own| sections.iter().position(|of| of.title == own)) {
        let own = sections.remove(at);
        sections.insert(0, own);
    }
    sections
}

/// Maximum number of keys shown per command in the list.
const MOST: usize = 4;

fn entry(app: &App, command: &Command, scopes: &[&str]) -> Entry {
    let keys = app.keyboard.keymap.keys_for(command.name, scopes);
    let more = if keys.len() > MOST { "  …" } else { "" };
    Entry {
        keys: keys[..keys.len().min(MOST)].join("  ") + more,
        doc: command.doc.to_owned(),
        name: command.name,
        does: match (command.run, keys.first()) {
            (Run::Number(_), Some(key)) => Err(format!("press {key}")),
            (Run::Number(_), None) => Err(format!("{} needs a number", command.name)),
            _ => Ok(command.name),
        },
    }
}

/// Length of the shortest key sequence for a command; `usize::MAX` if it has none.
fn shortest(app: &App, command: &Command, scopes: &[&str]) -> usize {
    let keys = app.keyboard.keymap.keys_for(command.name, scopes);
    let lengths = keys.iter().map(|keys| keys.split(' ').count());
    lengths.min().unwrap_or(usize::MAX)
}
