//! Application commands: quit, suspend, help, palette.

use super::Run::{Do, Try};
use super::Scope::Always;
use super::unless::never;
use super::{Command, Context, Outcome, Task, help, listing, row};
use crate::app::Effect;
use crate::app::layout::PaneId;
use crate::config::Shape;
use crate::engine::SourceAction;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("app.back", "back", Task::Move, Always, Do(back),
        "Close, go back or stop loading; never quits")
            .also("escape close cancel"),
    row("app.quit", "quit", Task::View, Always, Try(quit),
        "Close the top view, or quit")
            .also("exit leave bye close"),
    row("app.quit-now", "quit now", Task::View, Always, Do(leave),
        "Quit immediately")
            .also("exit leave kill abort"),
    row("app.cancel", "cancel", Task::View, Always, Do(cancel),
        "Cancel running work; press twice to quit")
            .also("abort interrupt"),
    row("app.suspend", "suspend", Task::View, Always, Do(|cx| cx.effects.push(Effect::Suspend)),
        "Suspend to the shell (fg resumes)")
            .also("background shell job"),
    row("app.redraw", "redraw", Task::View, Always, Do(|cx| cx.effects.push(Effect::Redraw)),
        "Redraw the screen")
            .also("refresh repaint clean reload"),
    row("app.help", "help", Task::View, Always, Do(help::open),
        "Show keys and commands")
            .also("keys shortcuts bindings manual ?"),
    row("app.palette", "commands", Task::Find, Always, Do(palette),
        "Open the command palette")
            .also("run menu action"),
    row("app.session.about", "about", Task::View, Always, Do(|cx| cx.app.open(cx.app.session.about.clone())),
        "Show version, build and file locations")
            .also("version build config paths").unless(never),
    row("mouse.toggle", "mouse", Task::View, Always, Do(|cx| cx.effects.push(Effect::ToggleMouse)),
        "Toggle mouse support")
            .also("click pointer wheel"),
];

/// Moves back one level. Returns false if already at the outermost.
fn step_back(cx: &mut Context<'_>) -> bool {
    let app = &mut *cx.app;
    if app.close() || app.panes.histogram.clear_selection() || unselect(app) {
        return true;
    }
    if app.screen.focus == PaneId::Facets && app.panes.facets.clear_find() {
        return true;
    }
    if app.screen.focus == PaneId::List && (app.leave_context() || app.come_back()) {
        return true;
    }
    if app.screen.shape.maximised {
        let shape = Shape {
            maximised: false,
            ..app.screen.shape
        };
        app.set_shape(shape, cx.effects);
        return true;
    }
    if app.screen.focus != PaneId::List {
        app.screen.focus = PaneId::List;
        return true;
    }
    false
}

/// Clears the selection of the list, if the list has the focus. Returns false if there was none.
fn unselect(app: &mut crate::app::App) -> bool {
    app.screen.focus == PaneId::List && app.panes.list.unselect()
}

fn back(cx: &mut Context<'_>) {
    // The status line shows slow work independent of the focus: it is stopped first.
    let first = cx.app.is_stopped_first() && stop(cx);
    if !first && !step_back(cx) && !stop(cx) {
        cx.app.tell("nothing to close: q quits");
    }
}

/// Stops the work in progress. Returns false if there is none.
fn stop(cx: &mut Context<'_>) -> bool {
    if cx.app.stop_seeking() {
        cx.app.tell("search stopped");
    } else if cx.app.stop_asking() || cx.app.stop_writing(cx.effects) {
        return true;
    } else if cx.app.status.is_loading() {
        let sources = cx.app.status.sources.iter().enumerate();
        let busy = sources.filter(|(_, source)| source.state.is_busy());
        let busy = busy.map(|(at, _)| at).collect();
        cx.effects.push(Effect::Sources(busy, SourceAction::Stop));
        cx.app.tell("loading stopped; loaded events are kept");
    } else {
        return false;
    }
    true
}

fn quit(cx: &mut Context<'_>) -> Outcome {
    if step_back(cx) {
        return Ok(());
    }
    if cx.app.is_writing() {
        return Err("export in progress: esc stops it, Q quits anyway".into());
    }
    leave(cx);
    Ok(())
}

fn palette(cx: &mut Context<'_>) {
    let palette = listing::palette(cx.app);
    cx.app.open(palette);
}

fn leave(cx: &mut Context<'_>) {
    cx.effects.push(Effect::Quit);
}

fn cancel(cx: &mut Context<'_>) {
    if !stop(cx) {
        cx.app.close();
        cx.app.tell("press Ctrl-C again to quit");
    }
    cx.app.keyboard.leaving = true;
}
