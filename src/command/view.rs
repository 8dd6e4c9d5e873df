//! Display settings: follow mode, pause, time zone, columns, list of rejected records.

use std::fmt::Write as _;

use super::Run::Do;
use super::Scope::{Always, Global, Pane};
use super::{Command, Context, Task, row};
use crate::app::layout::PaneId;
use crate::app::request::Topics;
use crate::app::{Effect, Times};
use crate::model::zone::Zone;
use crate::overlays::{Defects, PromptKind, StatsView};
use crate::query::{shell, to_jq, to_sls};
use crate::widgets::chips::field_name;

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("view.follow", "follow", Task::View, Global, Do(|cx| cx.app.set_follow(!cx.app.panes.list.is_following())),
        "Toggle follow (jump to the newest event)")
            .also("tail live newest latest stream"),
    row("view.pause", "pause", Task::View, Global, Do(pause),
        "Pause or resume the view (loading continues)")
            .also("freeze stop hold resume"),
    row("view.zone", "zone", Task::View, Global, Do(zone),
        "Cycle times: UTC, local, as recorded, relative")
            .also("timezone utc local clock"),
    row("view.mask", "mask", Task::View, Always, Do(mask),
        "Toggle masking of users, addresses and accounts")
            .also("anonymise anonymize privacy hide redact share"),
    row("view.theme", "theme", Task::View, Always, Do(|cx| cx.effects.push(Effect::NextTheme)),
        "Switch to the next theme (for this session)")
            .also("colour color dark light contrast appearance style"),
    row("list.columns", "columns", Task::View, Pane(PaneId::List), Do(columns),
        "Type the names of the list's columns")
            .also("fields headers"),
    row("view.copy-command", "copy command", Task::Copy, Global, Do(copy_command),
        "Copy this view as a command line")
            .also("share link cli yank query"),
    row("view.copy-sls", "copy SLS", Task::Copy, Global, Do(copy_sls),
        "Copy this view as an SLS query")
            .also("share aliyun yank query"),
    row("view.copy-jq", "copy jq", Task::Copy, Global, Do(copy_jq),
        "Copy this view as a jq command")
            .also("share yank query"),
    row("rejected.show", "rejected", Task::Look, Global, Do(defects),
        "Show rejected records and the reasons")
            .also("errors broken invalid bad lines"),
    row("stats.show", "stats", Task::Look, Global, Do(|cx| cx.app.open(StatsView::default())),
        "Show memory usage by column")
            .also("memory size usage performance"),
];

fn pause(cx: &mut Context<'_>) {
    let app = &mut *cx.app;
    app.view.paused = !app.view.paused;
    app.tell(if app.view.paused {
        "view and counts paused; events keep loading"
    } else {
        "view resumed"
    });
}

fn zone(cx: &mut Context<'_>) {
    let app = &mut *cx.app;
    (app.clock.zone, app.clock.times) = match (app.clock.zone, app.clock.times) {
        (_, Times::Ages) => (Zone::Utc, Times::Clock),
        (Zone::Utc, _) if app.clock.local != Zone::Utc => (app.clock.local, Times::Clock),
        (Zone::Utc | Zone::Fixed(_) | Zone::Place(_), _) => (Zone::Record, Times::Clock),
        (Zone::Record, _) => (app.clock.local, Times::Ages),
    };
    app.panes.list.set_zone(app.clock.zone);
}

fn mask(cx: &mut Context<'_>) {
    let on = !cx.app.masking.on;
    cx.app.masking.on = on;
    cx.app.tell(if on {
        "users, addresses and accounts masked, also in copies"
    } else {
        "masking off"
    });
}

fn columns(cx: &mut Context<'_>) {
    let names = cx.app.panes.list.columns().names();
    let names: Vec<&str> = names.iter().map(|name| field_name(name)).collect();
    cx.prompt(PromptKind::Columns, &names.join(", "));
}

fn copy_command(cx: &mut Context<'_>) {
    let text = shell(&cx.app.command_line());
    copy(cx, text, "the command line", &[]);
}

fn copy_sls(cx: &mut Context<'_>) {
    let sls = to_sls(cx.app.filters.current());
    let mut text = sls.query;
    for (name, time) in [("from", sls.from), ("to", sls.to)] {
        if let Some(time) = time {
            let _ = write!(text, "\n{name}={time}");
        }
    }
    copy(cx, text, "the SLS query", &sls.left_out);
}

fn copy_jq(cx: &mut Context<'_>) {
    let jq = to_jq(cx.app.filters.current());
    let text = shell(["jq", "-c", &jq.program]);
    copy(cx, text, "the jq filter", &jq.left_out);
}

fn defects(cx: &mut Context<'_>) {
    cx.app.open(Defects::default());
    cx.app.need(Topics::DEFECTS);
}

/// Copies a text and reports the conditions that it cannot express.
fn copy(cx: &mut Context<'_>, text: String, what: &str, left_out: &[String]) {
    let mut what = what.to_owned();
    if !left_out.is_empty() {
        let _ = write!(what, " without {}", left_out.join(", "));
    }
    cx.copy(text, what);
}
