//! Status line: the newest notice, or else key hints for the focused pane or overlay, made from the command table and
//! the key map.

use crate::app::App;
use crate::app::layout::PaneId;
use crate::command::{self, Command};
use crate::keymap::{Key, Resolution};
use crate::panes::{detail, facets, histogram, list};
use crate::theme::Role;
use crate::widgets::chips::field_name;
use crate::widgets::{Canvas, text};

pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>) {
    let mode = app.overlay.as_ref().map_or_else(
        || {
            let pane = app.screen.focus.scope().to_uppercase();
            let alone = if app.screen.shape.maximised {
                " MAXIMISED"
            } else {
                ""
            };
            // Way back by escape, before the current pane.
            let from = app.set_out_from().map(|title| format!("{title} › "));
            from.unwrap_or_default() + &pane + alone
        },
        |overlay| overlay.panel().spec().title.to_owned(),
    );
    let mut end = canvas.text_before(canvas.width().saturating_sub(1), 0, &mode, Role::Dim);
    if let Some(count) = app.keyboard.count {
        end = canvas.text_before(end.saturating_sub(2), 0, &count.to_string(), Role::Prompt);
    }
    if let Some((first, last)) = app.panes.list.selection() {
        let selected = format!("{} selected", text::grouped(last - first + 1));
        end = canvas.text_before(end.saturating_sub(2), 0, &selected, Role::Selection);
    }
    if let Some(work) = app.slow_work() {
        let text = format!("{work} · esc stops  ");
        end = canvas.text_before(end, 0, &text, Role::Loading);
    } else if let Some(hits) = hits(app) {
        end = canvas.text_before(end.saturating_sub(2), 0, &hits, Role::Match);
    }
    let mut line = canvas.inset(1, 0, end.saturating_sub(2), 1);
    if let Some(notice) = &app.keyboard.notice {
        line.text(0, 0, notice, Role::Message);
    } else {
        draw_hints(app, &mut line);
    }
}

/// Formats `3/120`: the cursor is on the third of 120 matches of the search.
fn hits(app: &App) -> Option<String> {
    let (_, hits) = app.prompts.search.as_ref().zip(app.results.hits)?;
    let about = if app.is_provisional() { "~" } else { "" };
    let total = format!("{about}{}", text::grouped(hits.total));
    Some(match hits.rank {
        Some(rank) => format!("match {}/{total}", text::grouped(rank + 1)),
        None if hits.total == 1 => format!("{total} match"),
        None => format!("{total} matches"),
    })
}

/// Key hints for the focused pane or overlay, the most useful first.
fn hints(app: &App) -> Vec<(String, &'static str)> {
    let names = match (&app.overlay, app.screen.focus) {
        (Some(overlay), _) => {
            let keys_of = |keys: &str| {
                let keys = keys.split(' ').filter_map(|key| key_of(app, key));
                keys.collect::<Vec<_>>().join(" ")
            };
            let hints = overlay.panel().spec().hints.iter();
            return hints.map(|(keys, does)| (keys_of(keys), *does)).collect();
        }
        (_, PaneId::List) if app.panes.list.selected().is_some() => list::SELECTION_HINTS,
        (_, PaneId::List) => list::HINTS,
        (_, PaneId::Facets) => facets::HINTS,
        (_, PaneId::Histogram) => histogram::HINTS,
        (_, PaneId::Detail) => detail::HINTS,
    };
    let scopes = app.scopes();
    let hint = |command: &Command| {
        let keys = app.keyboard.keymap.keys_for(command.name, &scopes);
        let first = keys.first()?;
        // A command with a number has one key for each: show the first and the last.
        let shown = match (command.run, keys.last()) {
            (command::Run::Number(_), Some(last)) if keys.len() > 1 => format!("{first}-{last}"),
            _ => first.clone(),
        };
        Some((shown, command.hint))
    };
    let commands = names.iter().filter_map(|name| command::find(name));
    commands.filter_map(hint).collect()
}

fn draw_hints(app: &App, line: &mut Canvas<'_>) {
    let mut x = 0;
    for (keys, does) in hints(app).iter().filter(|(keys, _)| !keys.is_empty()) {
        let wide = text::width(keys) + 1 + text::width(does);
        if usize::from(x) + wide > usize::from(line.width()) {
            return;
        }
        x = line.text(x, 0, keys, Role::HintKey);
        x = line.text(x + 1, 0, does, Role::HintText) + 2;
    }
}

/// Key to show for a command. A word that is not a command is returned as a key. With `…` at the end of a command, the
/// key that starts its sequence: the strip of choices names the next ones.
fn key_of(app: &App, word: &str) -> Option<String> {
    if let Some(start) = word.strip_suffix('…') {
        let key = key_of(app, start)?;
        return key.split(' ').next().map(str::to_owned);
    }
    let Some(command) = command::find(word) else {
        return Some(word.to_owned());
    };
    command::shown_key(app, command, &app.scopes())
}

/// Keys that may follow, with what they run. Over an overlay only its own: no sequence of the panes works there.
fn pending(app: &App) -> Vec<(Key, String)> {
    let mut scopes = app.scopes();
    if app.overlay.is_some() {
        scopes.retain(|scope| *scope != "global");
    }
    match app.keyboard.keymap.resolve(&scopes, &app.keyboard.pending) {
        Resolution::Pending(next) => next,
        _ => Vec::new(),
    }
}

/// Keys that continue a sequence, with their effects; for fields with the value of the event under the cursor.
fn choices(app: &App) -> Vec<(String, String)> {
    let next = pending(app);
    let choice = |(key, binding): &(Key, String)| {
        let (name, argument) = binding.split_once(' ').unwrap_or((binding, ""));
        let command = command::find(name)?;
        if argument.is_empty() && matches!(command.run, command::Run::Field(_)) {
            return Some((key.to_string(), "any field …".to_owned()));
        }
        if argument.is_empty() {
            return Some((key.to_string(), command.hint.to_owned()));
        }
        let value = app
            .panes
            .list
            .focused()
            .and_then(|row| app.panes.list.columns().value(row, argument));
        let shown = match value.filter(|value| !value.is_empty()) {
            Some(value) => format!("{} {}", field_name(argument), text::clip_middle(value, 24)),
            None => field_name(argument).to_owned(),
        };
        Some((key.to_string(), shown))
    };
    next.iter().filter_map(choice).collect()
}

/// Height of the strip of choices above the status line.
const STRIP: u16 = 4;

/// Draws the keys that may follow in the rows above the status line. `canvas` is the screen without that line.
pub(super) fn draw_choices(app: &App, canvas: &mut Canvas<'_>) {
    if app.keyboard.pending.is_empty() {
        return;
    }
    let choices = choices(app);
    let widest = choices
        .iter()
        .map(|(key, does)| text::width(key) + 1 + text::width(does))
        .max()
        .unwrap_or(0);
    let columns = (usize::from(canvas.width().saturating_sub(1)) / (widest + 3)).max(1);
    let rows = (choices.len().div_ceil(columns) as u16).min(STRIP);
    let (width, top) = (canvas.width(), canvas.height().saturating_sub(rows + 1));
    let mut strip = canvas.inset(0, top, width, rows + 1);
    strip.clear();
    let pressed = Key::show_sequence(&app.keyboard.pending);
    let does = choices_title(app);
    strip.heading(0, &format!("{pressed} {does}"), "esc cancels", true);
    for (at, (key, does)) in choices.iter().enumerate() {
        let (column, row) = (at / usize::from(rows), (at % usize::from(rows)) as u16);
        let x = (1 + column * (widest + 3)) as u16;
        let x = strip.text(x, 1 + row, key, Role::HintKey);
        strip.text(x + 1, 1 + row, does, Role::Text);
    }
}

/// Title of the sequence: the words that the hints of all its commands start with.
fn choices_title(app: &App) -> &'static str {
    let next = pending(app);
    let name = |binding: &str| command::find(binding.split(' ').next().unwrap_or_default());
    let mut hints = next
        .iter()
        .filter_map(|(_, binding)| name(binding))
        .map(|command| command.hint);
    let Some(first) = hints.next() else {
        return "";
    };
    let same = |a: &'static str, b: &str| {
        let words = a.split(' ').zip(b.split(' ')).take_while(|(a, b)| a == b);
        let len: usize = words.map(|(word, _)| word.len() + 1).sum();
        &a[..len.saturating_sub(1)]
    };
    hints.fold(first, same)
}
