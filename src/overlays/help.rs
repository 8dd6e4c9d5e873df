//! Help: the keys of the focused pane first, then those that work everywhere. Made from the command table and
//! the key map.

use ratatui::buffer::Buffer;

use super::{Scroll, frame};
use crate::app::App;
use crate::command::{self, Command, Scope};
use crate::panes::Look;
use crate::theme::Role;
use crate::widgets::text;

/// A line of help.
#[derive(Clone, Debug)]
pub(super) enum Line {
    Title(String),
    Row {
        keys: String,
        command: &'static Command,
    },
    Blank,
}

pub(super) fn lines(app: &App) -> Vec<Line> {
    let focus = app.focus;
    let mut lines = vec![Line::Title(format!("In the {}", focus.scope()))];
    let scopes = [focus.scope(), "global"];
    let keys = |command: &Command| {
        let keys = app.keymap.keys_for(command.name, &scopes);
        let shown = keys.iter().take(4).cloned().collect::<Vec<_>>().join("  ");
        if keys.len() > 4 {
            format!("{shown}  …")
        } else {
            shown
        }
    };
    let row = |command: &'static Command| Line::Row {
        keys: keys(command),
        command,
    };
    let here = |command: &&Command| command.scope == Scope::Pane(focus);
    lines.extend(command::all().filter(here).map(row));
    lines.push(Line::Blank);
    lines.push(Line::Title("Everywhere".into()));
    let global = |command: &&Command| command.scope == Scope::Global;
    lines.extend(command::all().filter(global).map(row));
    lines
}

pub(super) fn draw(app: &App, scroll: Scroll, look: &Look<'_>, buf: &mut Buffer) {
    let mut canvas = frame::draw("HELP", look, buf);
    let lines = lines(app);
    let width = canvas.width();
    let name = if width >= 90 { 24 } else { 0 };
    for (y, line) in (0..canvas.height()).zip(lines.iter().skip(scroll.top)) {
        match line {
            Line::Title(title) => {
                canvas.text(0, y, title, Role::TitleFocused);
            }
            Line::Row { keys, command } => {
                canvas.text(1, y, &text::clip(keys, 18), Role::HintKey);
                canvas
                    .inset(0, 0, width - name, y + 1)
                    .text(21, y, command.doc, Role::Overlay);
                if name > 0 {
                    canvas.text(width - name + 1, y, command.name, Role::Dim);
                }
            }
            Line::Blank => {}
        }
    }
}
