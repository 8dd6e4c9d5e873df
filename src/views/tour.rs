//! Drawing of the hints of the demo above the status line: the explanation, and the task with the user's keys.

use crate::app::App;
use crate::app::tour::STEPS;
use crate::theme::Role;
use crate::widgets::{Canvas, text};

pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>) {
    let Some((at, step)) = app.tour() else {
        return;
    };
    canvas.clear();
    let number = if at < STEPS.len() {
        format!("{}/{}", at + 1, STEPS.len())
    } else {
        "end".to_owned()
    };
    let width = canvas.width();
    if canvas.height() < 2 {
        let room = ways(app, at, width, canvas);
        let mut line = canvas.inset(1, 0, room.saturating_sub(2), 1);
        let x = line.text(0, 0, &number, Role::TitleFocused);
        instruct(app, step.short, x + 1, 0, &mut line);
        return;
    }
    let room = ways(app, at, width, canvas);
    let x = canvas.text(1, 0, &format!("DEMO {number}"), Role::TitleFocused) + 2;
    let mut first = canvas.inset(x, 0, room.saturating_sub(x + 1), 1);
    first.text(0, 0, step.why, Role::Text);
    let mut second = canvas.inset(x, 1, width.saturating_sub(x + 1), 1);
    instruct(app, step.what, 0, 0, &mut second);
}

/// Draws the keys for the next step and for closing, right-aligned. Returns the column of their start.
fn ways(app: &App, at: usize, width: u16, canvas: &mut Canvas<'_>) -> u16 {
    let mut end = width.saturating_sub(1);
    let next = (at < STEPS.len()).then_some(("tour.next", "next"));
    for (command, does) in [Some(("tour.close", "close")), next].into_iter().flatten() {
        end = canvas
            .text_before(end, 0, does, Role::HintText)
            .saturating_sub(1);
        end = canvas.text_before(end, 0, &key(app, command), Role::HintKey);
        end = end.saturating_sub(2);
    }
    end
}

/// Draws a text, with keys in place of the names of commands.
fn instruct(app: &App, what: &str, mut x: u16, y: u16, canvas: &mut Canvas<'_>) {
    for (at, part) in what.split(['{', '}']).enumerate() {
        if at % 2 == 0 {
            x = canvas.text(x, y, part, Role::Text);
        } else {
            x = canvas.text(x, y, &key(app, part), Role::HintKey);
        }
    }
}

/// Key of a command in the pane where it is used, or else its name for the palette.
fn key(app: &App, command: &str) -> String {
    let keymap = &app.keyboard.keymap;
    let pane = if command.starts_with("facet.only") {
        "facets"
    } else {
        "list"
    };
    let keys = keymap.keys_for(command, &[pane, "global"]);
    let key = keys
        .into_iter()
        .min_by_key(|key| (key != "enter", text::width(key)));
    key.unwrap_or_else(|| format!(":{command}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tour::{END, TourStep};
    use crate::command;
    use crate::keymap::Keymap;
    use crate::source::demo::ADDRESS;

    /// All commands that a step names.
    fn commands(step: &TourStep) -> impl Iterator<Item = &'static str> {
        let texts = [step.what, step.short].into_iter();
        texts.flat_map(|text| text.split(['{', '}']).skip(1).step_by(2))
    }

    #[test]
    fn every_step_names_commands_that_have_keys_and_fits() {
        let keymap = Keymap::builtin();
        assert!(STEPS[1].what.contains(ADDRESS) && STEPS[1].short.contains(ADDRESS));
        for step in STEPS.iter().chain([&END]) {
            for name in commands(step) {
                let plain = name.split(' ').next().unwrap_or_default();
                assert!(command::find(plain).is_some(), "{name}");
                let has_key = |pane| !keymap.keys_for(name, &[pane, "global"]).is_empty();
                assert!(has_key("list") || has_key("facets"), "{name}");
            }
            assert!(text::width(step.why) <= 78, "{}", step.why);
        }
    }
}
