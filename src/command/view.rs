//! How things are shown: following, holding, the clock, the columns, and the list of defects.

use std::fmt::Write as _;

use super::Run::Plain;
use super::Scope::{Global, Pane};
use super::{Command, Context, Outcome, row};
use crate::app::asking::Parts;
use crate::app::chips::field_name;
use crate::app::layout::PaneId;
use crate::app::{Effect, Times};
use crate::model::zone::Zone;
use crate::overlays::{Overlay, Prompt, PromptKind, Scroll, StatsView};
use crate::query::{shell, to_jq, to_sls};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("view.follow", "follow", Global, Plain(follow),
        "Follow the newest event, or hold the view"),
    row("view.pause", "pause", Global, Plain(pause),
        "Hold view and counts while receiving goes on"),
    row("view.zone", "zone", Global, Plain(zone),
        "Times by UTC, by this machine's zone, by the record's own, by how long ago"),
    row("view.mask", "mask", Global, Plain(mask),
        "Users, addresses and accounts by pseudonyms, on the screen and in what is copied, or by their names again"),
    row("list.columns", "columns", Pane(PaneId::List), Plain(columns),
        "Type which columns the list has: names of fields in their order; none for the usual ones"),
    row("view.copy-command", "copy command", Global, Plain(copy_command),
        "Copy this view as a command line of this program"),
    row("view.copy-sls", "copy SLS", Global, Plain(copy_sls),
        "Copy this view as a search for Simple Log Service, with from and to"),
    row("view.copy-jq", "copy jq", Global, Plain(copy_jq),
        "Copy this view as a filter for jq"),
    row("defects.show", "defects", Global, Plain(defects),
        "Rejected records: which could not be read, and why"),
    row("stats.show", "stats", Global, Plain(stats),
        "What the events take in memory, column by column, and how fast they were loaded"),
];

fn follow(cx: &mut Context<'_>) -> Outcome {
    let follow = !cx.app.list.is_following();
    cx.app.set_follow(follow);
    Outcome::Done
}

fn pause(cx: &mut Context<'_>) -> Outcome {
    let app = &mut *cx.app;
    app.paused = !app.paused;
    app.tell(if app.paused {
        "view and counts stand still; events are received and wait"
    } else {
        "the view goes on"
    });
    Outcome::Done
}

fn zone(cx: &mut Context<'_>) -> Outcome {
    let app = &mut *cx.app;
    (app.zone, app.times) = match (app.zone, app.times) {
        (_, Times::Ages) => (Zone::Utc, Times::Clock),
        (Zone::Utc, _) if app.local != Zone::Utc => (app.local, Times::Clock),
        (Zone::Utc | Zone::Place(_), _) => (Zone::Record, Times::Clock),
        (Zone::Record, _) => (app.local, Times::Ages),
    };
    app.list.set_zone(app.zone);
    Outcome::Done
}

fn mask(cx: &mut Context<'_>) -> Outcome {
    let on = !cx.app.masking.on;
    cx.app.masking.on = on;
    cx.app.tell(if on {
        "users, addresses, accounts masked, here and in copies"
    } else {
        "nothing is masked"
    });
    Outcome::Done
}

fn columns(cx: &mut Context<'_>) -> Outcome {
    let names = cx.app.list.columns().names();
    let names: Vec<&str> = names.iter().map(|name| field_name(name)).collect();
    let prompt = Prompt::new(PromptKind::Columns, &names.join(", "));
    cx.app.overlay = Some(Overlay::Prompt(prompt));
    Outcome::Done
}

fn copy_command(cx: &mut Context<'_>) -> Outcome {
    let text = shell(&cx.app.command_line());
    copy(cx, text, "the command line", &[])
}

fn copy_sls(cx: &mut Context<'_>) -> Outcome {
    let sls = to_sls(cx.app.filters.current());
    let mut text = sls.query;
    for (name, time) in [("from", sls.from), ("to", sls.to)] {
        if let Some(time) = time {
            let _ = write!(text, "\n{name}={time}");
        }
    }
    copy(cx, text, "the SLS query", &sls.left_out)
}

fn copy_jq(cx: &mut Context<'_>) -> Outcome {
    let jq = to_jq(cx.app.filters.current());
    let text = shell(["jq", "-c", &jq.program]);
    copy(cx, text, "the jq filter", &jq.left_out)
}

fn defects(cx: &mut Context<'_>) -> Outcome {
    cx.app.overlay = Some(Overlay::Defects(Scroll::default()));
    cx.app.need(Parts::DEFECTS);
    Outcome::Done
}

fn stats(cx: &mut Context<'_>) -> Outcome {
    cx.app.overlay = Some(Overlay::Stats(StatsView::default()));
    cx.app.need(Parts::USAGE);
    Outcome::Done
}

/// Copies a text and says which conditions it lacks.
fn copy(cx: &mut Context<'_>, text: String, what: &str, left_out: &[String]) -> Outcome {
    let mut what = what.to_owned();
    if !left_out.is_empty() {
        let _ = write!(what, " without {}", left_out.join(", "));
    }
    cx.effects.push(Effect::Copy { text, what });
    Outcome::Done
}
