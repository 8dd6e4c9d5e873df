//! How things are shown: following, holding, the clock, the columns, and the list of defects.

use std::fmt::Write as _;

use super::{Command, Context, Outcome, Scope, row};
use crate::app::asking::Parts;
use crate::app::chips::field_name;
use crate::app::layout::PaneId;
use crate::app::{Effect, Times};
use crate::model::zone::Zone;
use crate::overlays::{Overlay, Prompt, PromptKind, Scroll, StatsView};
use crate::query::{shell, to_jq, to_sls};

pub(super) const COMMANDS: &[Command] = &[
    row(
        "view.follow",
        "follow",
        "Follow the newest event, or hold the view",
        Scope::Global,
        |cx, _| {
            let follow = !cx.app.list.is_following();
            cx.app.set_follow(follow);
            Outcome::Done
        },
    ),
    row(
        "view.pause",
        "pause",
        "Hold view and counts while receiving goes on",
        Scope::Global,
        |cx, _| {
            let app = &mut *cx.app;
            app.paused = !app.paused;
            app.tell(if app.paused {
                "view and counts stand still; events are received and wait"
            } else {
                "the view goes on"
            });
            Outcome::Done
        },
    ),
    row(
        "view.zone",
        "zone",
        "Times by UTC, by this machine's zone, by the record's own, by how long ago",
        Scope::Global,
        |cx, _| {
            let app = &mut *cx.app;
            (app.zone, app.times) = match (app.zone, app.times) {
                (_, Times::Ages) => (Zone::Utc, Times::Clock),
                (Zone::Utc, _) if app.local != Zone::Utc => (app.local, Times::Clock),
                (Zone::Utc | Zone::Place(_), _) => (Zone::Record, Times::Clock),
                (Zone::Record, _) => (app.local, Times::Ages),
            };
            app.list.set_zone(app.zone);
            Outcome::Done
        },
    ),
    row(
        "view.mask",
        "mask",
        "Users, addresses and accounts by pseudonyms, on the screen and in what is copied, or by their names again",
        Scope::Global,
        |cx, _| {
            let on = !cx.app.masking.on;
            cx.app.masking.on = on;
            cx.app.tell(if on {
                "users, addresses, accounts masked, here and in copies"
            } else {
                "nothing is masked"
            });
            Outcome::Done
        },
    ),
    row(
        "list.columns",
        "columns",
        "Type which columns the list has: names of fields in their order; none for the usual ones",
        Scope::Pane(PaneId::List),
        |cx, _| {
            let names = cx.app.list.columns().names();
            let names: Vec<&str> = names.iter().map(|name| field_name(name)).collect();
            let prompt = Prompt::new(PromptKind::Columns, &names.join(", "));
            cx.app.overlay = Some(Overlay::Prompt(prompt));
            Outcome::Done
        },
    ),
    row(
        "view.copy-command",
        "copy command",
        "Copy this view as a command line of this program",
        Scope::Global,
        |cx, _| {
            let text = shell(&cx.app.command_line());
            copy(cx, text, "the command line", &[])
        },
    ),
    row(
        "view.copy-sls",
        "copy SLS",
        "Copy this view as a search for Simple Log Service, with from and to",
        Scope::Global,
        |cx, _| {
            let sls = to_sls(cx.app.filters.current());
            let mut text = sls.query;
            for (name, time) in [("from", sls.from), ("to", sls.to)] {
                if let Some(time) = time {
                    let _ = write!(text, "\n{name}={time}");
                }
            }
            copy(cx, text, "the SLS query", &sls.left_out)
        },
    ),
    row(
        "view.copy-jq",
        "copy jq",
        "Copy this view as a filter for jq",
        Scope::Global,
        |cx, _| {
            let jq = to_jq(cx.app.filters.current());
            let text = shell(["jq", "-c", &jq.program]);
            copy(cx, text, "the jq filter", &jq.left_out)
        },
    ),
    row(
        "defects.show",
        "defects",
        "Rejected records: which could not be read, and why",
        Scope::Global,
        |cx, _| {
            cx.app.overlay = Some(Overlay::Defects(Scroll::default()));
            cx.app.need(Parts::DEFECTS);
            Outcome::Done
        },
    ),
    row(
        "stats.show",
        "stats",
        "What the events take in memory, column by column, and how fast they were loaded",
        Scope::Global,
        |cx, _| {
            cx.app.overlay = Some(Overlay::Stats(StatsView::default()));
            cx.app.need(Parts::USAGE);
            Outcome::Done
        },
    ),
];

/// Copies a text and says which conditions it lacks.
fn copy(cx: &mut Context<'_>, text: String, what: &str, left_out: &[String]) -> Outcome {
    let mut what = what.to_owned();
    if !left_out.is_empty() {
        let _ = write!(what, " without {}", left_out.join(", "));
    }
    cx.effects.push(Effect::Copy { text, what });
    Outcome::Done
}
