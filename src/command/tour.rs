//! Commands for the hints of the demo.

use super::Run::Try;
use super::Scope::Always;
use super::unless::{no_demo, no_hints};
use super::{Command, Outcome, Task, row};

#[rustfmt::skip]
pub(super) const COMMANDS: &[Command] = &[
    row("tour.next", "next hint", Task::View, Always, Try(|cx| shown(cx.app.next_hint(cx.effects))),
        "Go to the next hint of the demo")
            .also("tutorial").unless(no_hints),
    row("tour.close", "close hints", Task::View, Always, Try(|cx| shown(cx.app.close_hints(cx.effects))),
        "Close the hints of the demo")
            .also("tutorial hide").unless(no_hints),
    row("tour.show", "show hints", Task::View, Always, Try(|cx| shown(cx.app.show_again())),
        "Show the hints of the demo from the beginning")
            .also("tutorial guide learn").unless(no_demo),
];

fn shown(are_shown: bool) -> Outcome {
    if !are_shown {
        return Err("no hints: they belong to `regtrail demo`; tour.show shows them there".into());
    }
    Ok(())
}
