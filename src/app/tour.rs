//! Hints of the demo: five steps through the incident in its history. A step ends once the user has done its task, or
//! by a key.

use super::{App, Effect};
use crate::model::name;
use crate::overlays::{Overlay, PromptKind, Wanted, Written};
use crate::query::Filter;
use crate::source::{Spec, demo};

/// Step: an explanation and a task. `{command}` is replaced by the key of a command.
#[derive(Clone, Copy, Debug)]
pub struct TourStep {
    pub why: &'static str,
    /// Task, for wide screens; `short` is its form in at most 54 cells.
    pub what: &'static str,
    pub short: &'static str,
    done: fn(&App) -> bool,
}

/// Steps in order, followed by [`END`].
pub const STEPS: [TourStep; 5] = [
    TourStep {
        why: "This history holds an incident. It begins with wrong passwords: status 401.",
        what: "Press {filter.edit}, type status:401 and press enter.",
        short: "Find failed logins: {filter.edit} status:401 enter",
        done: |app| names_status(app.filters.current()),
    },
    TourStep {
        why: "One address has far more of these than any other, and it is new.",
        what: "Press {facet.focus 6} for client addresses, go to 203.0.113.66 and press {facet.only} to see only its events.",
        short: "Who? {facet.focus 6}, go to 203.0.113.66, {facet.only}",
        done: |app| is_stranger(app.filters.current()),
    },
    TourStep {
        why: "It guessed the password of ci-deploy@acme. See what it pushed with it.",
        what: "Press {filter.edit}, then ctrl-u, type operation:push status:201 and press enter.",
        short: "Its push: {filter.edit} ctrl-u operation:push status:201",
        done: |app| {
            let filter = app.filters.current();
            is_stranger(filter) && filter.text.contains("push")
        },
    },
    TourStep {
        why: "It pushed a tag of payment/payment-gateway again, which production had in use.",
        what: "Press {list.focus} for the list and {image.history} for the history of this image: its pushes, and who pulled them.",
        short: "An overwritten tag: {list.focus} {image.history} shows its history",
        done: |app| matches!(app.overlay, Some(Overlay::Lineage(_))),
    },
    TourStep {
        why: "That is enough for a report to colleagues.",
        what: "Press esc to close the history, {view.write} to export, and tab until the report is chosen.",
        short: "Report it: esc, {view.write}, tab to the report, enter",
        done: |app| matches!(&app.overlay, Some(Overlay::Prompt(prompt)) if prompt.kind == PromptKind::Write(Written::Report)),
    },
];

/// Text after the last step.
pub const END: TourStep = TourStep {
    why: "That was it: a leaked password, an overwritten image, deleted tags to hide it.",
    what: "Press {app.help} for the keys of each pane, {app.palette} for all commands.",
    short: "Done. {app.help} shows the keys, {app.palette} all commands",
    done: |_| false,
};

/// Minimum height of a screen with hints, and the minimum size for hints in two rows.
const LEAST: u16 = 24;
const TALL: (u16, u16) = (100, 30);

/// State of the hints.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tour {
    /// The source is the demo with an incident.
    pub demo: bool,
    /// Closed by the user, in this session or an earlier one.
    pub closed: bool,
    at: usize,
}

impl Tour {
    /// Returns true if the hints are for these sources: a demo with a clear incident.
    pub fn fits(specs: &[Spec]) -> bool {
        matches!(*specs, [Spec::Demo { events, .. }] if events >= demo::PLAIN_INCIDENT)
    }

    pub fn new(demo: bool, closed: bool) -> Self {
        Self {
            demo,
            closed,
            at: 0,
        }
    }
}

fn names_status(filter: &Filter) -> bool {
    let picked = filter.pick(name::STATUS).is_some_and(|pick| {
        let values = pick.include.iter().flatten();
        values.into_iter().any(|value| &**value == "401")
    });
    picked || filter.text.contains("401")
}

/// Returns true if the filter names the address of the incident, in a pick or in its text.
fn is_stranger(filter: &Filter) -> bool {
    let address = demo::ADDRESS;
    let picked = filter.pick(name::IP).is_some_and(|pick| {
        let mut values = pick.include.iter().flatten();
        values.any(|value| &**value == address)
    });
    picked || filter.text.contains(address)
}

impl App {
    /// Current step with its index; `None` if the source is not the demo, or the hints are closed.
    pub fn tour(&self) -> Option<(usize, &'static TourStep)> {
        let tour = self.session.tour;
        let is_alone = matches!(&*self.status.sources, [source] if &*source.name == "demo");
        let is_demo = tour.demo && is_alone;
        (is_demo && !tour.closed).then(|| (tour.at, STEPS.get(tour.at).unwrap_or(&END)))
    }

    /// Rows of the hints above the status line.
    pub(super) fn tour_rows(&self) -> u16 {
        let (width, height) = self.screen.size;
        match self.tour() {
            Some(_) if width >= TALL.0 && height >= TALL.1 => 2,
            Some(_) if height >= LEAST => 1,
            _ => 0,
        }
    }

    /// Moves to the next step. Returns false if no hints are shown.
    pub fn next_hint(&mut self, effects: &mut Vec<Effect>) -> bool {
        let Some((at, _)) = self.tour() else {
            return false;
        };
        if at < STEPS.len() {
            self.session.tour.at += 1;
            // After the last step, the next session starts without hints.
            if self.session.tour.at == STEPS.len() {
                effects.push(Effect::HintsClosed);
            }
        } else {
            self.session.tour.closed = true;
        }
        true
    }

    /// Closes the hints for this session and later ones. Returns false if no hints are shown.
    pub fn close_hints(&mut self, effects: &mut Vec<Effect>) -> bool {
        let shown = self.tour().is_some();
        if shown {
            self.session.tour.closed = true;
            effects.push(Effect::HintsClosed);
        }
        shown
    }

    /// Restarts the hints. Returns false if the source is not the demo.
    pub fn show_again(&mut self) -> bool {
        self.session.tour = Tour::new(self.session.tour.demo, false);
        self.tour().is_some()
    }

    /// Moves to the next step if the task of the current one is done, and detects that the demo is opened. Runs on
    /// every update.
    pub(crate) fn walk_tour(&mut self, effects: &mut Vec<Effect>) {
        for effect in &*effects {
            self.session.tour.demo |= matches!(effect, Effect::Open(Wanted::Demo));
        }
        if self.tour().is_some_and(|(_, step)| (step.done)(self)) {
            self.next_hint(effects);
        }
        self.screen.strip = self.tour_rows();
    }
}
