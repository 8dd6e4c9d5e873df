//! Box with the keys that may follow an incomplete sequence.

use crate::app::App;
use crate::command;
use crate::keymap::{Key, Resolution};
use crate::theme::Role;
use crate::widgets::chips::field_name;
use crate::widgets::{Canvas, text};

/// Keys that may follow, with the bindings they lead to.
fn next(app: &App) -> Vec<(Key, String)> {
    let keymap = &app.keyboard.keymap;
    match keymap.resolve(&app.scopes(), &app.keyboard.pending) {
        Resolution::Pending(next) => next,
        _ => Vec::new(),
    }
}

/// Keys that may follow, with their effects; for fields with the value of the event under the cursor.
fn choices(app: &App, next: &[(Key, String)]) -> Vec<(String, String)> {
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

/// Title of the sequence: the words that the labels of all its commands start with, or else the most frequent label, or
/// else the task of its first command.
fn title(next: &[(Key, String)]) -> String {
    let name = |binding: &str| command::find(binding.split(' ').next().unwrap_or_default());
    let commands: Vec<_> = next.iter().filter_map(|(_, to)| name(to)).collect();
    let Some(first) = commands.first() else {
        return String::new();
    };
    let same = |a: &'static str, b: &str| {
        let words = a.split(' ').zip(b.split(' ')).take_while(|(a, b)| a == b);
        let len: usize = words.map(|(word, _)| word.len() + 1).sum();
        &a[..len.saturating_sub(1)]
    };
    let hints = || commands.iter().map(|command| command.hint);
    let common = hints().fold(first.hint, same);
    if !common.is_empty() {
        return common.to_owned();
    }
    let count = |hint: &str| hints().filter(|other| *other == hint).count();
    match hints().max_by_key(|hint| count(hint)) {
        Some(most) if count(most) * 2 > commands.len() => most.to_owned(),
        _ => first.task.title().to_lowercase(),
    }
}

/// Number of columns and width of each, so that all choices are visible in at most `rows` rows. Narrower columns cut
/// long texts.
fn arrange(widest: usize, count: usize, width: usize, rows: usize) -> (usize, usize) {
    let fitting = (width / (widest + GAP)).clamp(1, count.max(1));
    let columns = fitting.max(count.div_ceil(rows.max(1)));
    (columns, (width / columns).saturating_sub(GAP).min(widest))
}

/// Blanks between columns.
const GAP: usize = 3;

/// Draws the box in the rows above the status line. `canvas` is the screen without that line.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>) {
    if app.keyboard.pending.is_empty() {
        return;
    }
    let next = next(app);
    let choices = choices(app, &next);
    if choices.is_empty() {
        return;
    }
    let wide = |(key, does): &(String, String)| text::width(key) + 1 + text::width(does);
    let widest = choices.iter().map(wide).max().unwrap_or(0);
    let inner = usize::from(canvas.width().saturating_sub(4));
    let most = usize::from(canvas.height().saturating_sub(2));
    let (columns, column) = arrange(widest, choices.len(), inner + GAP, most);
    let rows = choices.len().div_ceil(columns);
    let high = (rows + 2).min(usize::from(canvas.height())) as u16;
    let (width, top) = (canvas.width(), canvas.height() - high);
    let mut strip = canvas.inset(0, top, width, high);
    let pressed = Key::show_sequence(&app.keyboard.pending);
    strip.frame(&format!("{pressed} {}", title(&next)));
    for (at, (key, does)) in choices.iter().enumerate() {
        let x = (2 + at / rows * (column + GAP)) as u16;
        let (y, room) = (
            (1 + at % rows) as u16,
            column.saturating_sub(text::width(key) + 1),
        );
        let x = strip.text(x, y, key, Role::HintKey);
        strip.text(x + 1, y, &text::clip(does, room), Role::Text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Options;

    #[test]
    fn every_choice_has_a_place_on_every_screen() {
        for (width, rows) in [(56, 11), (76, 20), (116, 32), (196, 56)] {
            for count in 1..30 {
                for widest in [3, 20, 37, 90] {
                    let (columns, column) = arrange(widest, count, width + GAP, rows);
                    assert!(count.div_ceil(columns) <= rows);
                    assert!(columns * (column + GAP) <= width + GAP, "{count} {widest}");
                    assert!(column >= 3, "{width}: {count} {widest}");
                }
            }
        }
    }

    #[test]
    fn every_sequence_has_a_title() {
        let mut app = App::new(Options::default());
        for (keys, expect) in [
            ("-", "exclude"),
            ("s", "sort"),
            ("]", "next"),
            ("Y", "copy"),
            ("ctrl-w", "view"),
        ] {
            app.keyboard.pending = vec![keys.parse().expect("a key")];
            assert_eq!(title(&next(&app)), expect, "{keys}");
        }
    }
}
