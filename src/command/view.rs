//! How things are shown: following, holding, the clock, and the lists of sources and defects.

use super::{Command, Outcome, Scope, row};
use crate::app::asking::Parts;
use crate::model::zone::Zone;
use crate::overlays::{Overlay, Scroll};

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
            cx.app.paused = !cx.app.paused;
            Outcome::Done
        },
    ),
    row(
        "view.zone",
        "zone",
        "Times by UTC, by this machine's zone, by the record's own",
        Scope::Global,
        |cx, _| {
            let app = &mut *cx.app;
            app.zone = match app.zone {
                Zone::Utc if app.local != Zone::Utc => app.local,
                Zone::Utc | Zone::Place(_) => Zone::Record,
                Zone::Record => Zone::Utc,
            };
            app.list.set_zone(app.zone);
            Outcome::Done
        },
    ),
    row(
        "defects.show",
        "defects",
        "Records that could not be read, and why",
        Scope::Global,
        |cx, _| {
            cx.app.overlay = Some(Overlay::Defects(Scroll::default()));
            cx.app.need(Parts::DEFECTS);
            Outcome::Done
        },
    ),
    row(
        "sources.show",
        "sources",
        "Where events come from, and how each source is",
        Scope::Global,
        |cx, _| {
            cx.app.overlay = Some(Overlay::Sources(Scroll::default()));
            Outcome::Done
        },
    ),
];
