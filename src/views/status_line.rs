//! Status line: the newest notice, or else key hints for the focused pane or overlay, made from the command table and
//! the key map.

use crate::app::App;
use crate::app::layout::PaneId;
use crate::command::{self, Command};
use crate::panes::{detail, facets, histogram, list};
use crate::theme::Role;
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
    // An unsuccessful search was reported; it needs no place on every screen after it.
    if hits.total == 0 {
        return None;
    }
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
    if !app.keyboard.pending.is_empty() {
        return vec![("esc".to_owned(), "cancel")];
    }
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

/// Draws the hints that fit, in order. In the panes, the keys for help and for quitting always keep their room.
fn draw_hints(app: &App, line: &mut Canvas<'_>) {
    let mut hints = hints(app);
    hints.retain(|(keys, _)| !keys.is_empty());
    let wide = |(keys, does): &(String, &str)| text::width(keys) + 1 + text::width(does) + 2;
    let is_kept = |(_, does): &(String, &str)| app.overlay.is_none() && KEPT.contains(does);
    let mut kept: usize = hints.iter().filter(|hint| is_kept(hint)).map(wide).sum();
    let (room, mut used) = (usize::from(line.width()) + 2, 0);
    let mut x = 0;
    for hint in &hints {
        if is_kept(hint) {
            kept -= wide(hint);
        }
        // A hint that has no room is left out with those after it, except the kept ones.
        if used + wide(hint) + kept > room {
            used = room.saturating_sub(kept).max(used);
            continue;
        }
        used += wide(hint);
        let (keys, does) = hint;
        x = line.text(x, 0, keys, Role::HintKey);
        x = line.text(x + 1, 0, does, Role::HintText) + 2;
    }
}

/// Labels of the hints that stay on a narrow screen.
const KEPT: [&str; 2] = ["help", "quit"];

/// Key to show for a command. A word that is not a command is returned as a key. With `…` at the end of a command, the
/// key that starts its sequence: the box of choices names the next ones.
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
