//! Where the list is on its way to, and what is said of work that takes long.

use super::layout::PaneId;
use super::request::Topics;
use super::{App, Effect, Times};
use crate::engine::{Anchor, Gap};
use crate::model::time::{Nanos, SECOND};
use crate::model::{EventKey, name};
use crate::overlays::{Overlay, PromptKind, Purpose};

/// Work that takes longer is shown, and can be stopped.
pub(super) const SLOW: Nanos = SECOND / 5;

impl App {
    /// What a person has waited for long enough to be told, and how much of it is done.
    pub fn slow_work(&self) -> Option<String> {
        let slow = self
            .waited_for()
            .filter(|(_, since)| self.clock.now >= since + SLOW);
        let Some((parts, _)) = slow else {
            if (self.lists_from()).is_some_and(|since| self.clock.now >= since + SLOW) {
                return Some("reading the watchlist".into());
            }
            return self
                .slow_writing()
                .map(|percent| format!("exporting {percent}%"));
        };
        let finding = || {
            let focused = &self.panes.facets.facets[self.panes.facets.focused()];
            matches!(&self.overlay, Some(Overlay::Prompt(prompt)) if matches!(prompt.kind, PromptKind::Find(_)))
                || (self.screen.focus == PaneId::Facets
                    && focused.find.is_some()
                    && self.is_settled())
        };
        let what = match parts {
            parts if parts.has(Topics::SEEK) => "searching",
            parts if parts.has(Topics::RANGE) => self.using(),
            parts if parts.has(Topics::GROUP) => "grouping",
            parts if parts.has(Topics::WINDOW) && self.view.sort.is_some() => "sorting",
            parts if parts.has(Topics::FACETS) && finding() => "finding",
            _ => "counting",
        };
        Some(match self.percent() {
            Some(percent) => format!("{what} {percent}%"),
            None => what.to_owned(),
        })
    }

    /// Whether the screen changes by the passing of time alone.
    pub fn is_ticking(&self) -> bool {
        self.is_live() || self.clock.times == Times::Ages || self.slow_work().is_some()
    }

    /// Whether slow work is stopped before anything is closed: all but that for a prompt, which is closed with it.
    pub fn is_stopped_first(&self) -> bool {
        let is_view = matches!(self.session.reading_lists, Some((Purpose::View(..), _)));
        let closed = matches!(self.overlay, None | Some(Overlay::Group(_)));
        self.slow_work().is_some() && (closed || is_view)
    }

    /// Notes what watchlists are read for.
    pub(crate) fn note_lists(&mut self, effects: &[Effect]) {
        for effect in effects {
            // A count of what is being typed comes when it comes.
            if let Effect::Load { purpose, .. } = effect
                && !matches!(purpose, Purpose::Preview(_))
            {
                self.session.reading_lists = Some((purpose.clone(), self.clock.now));
            }
        }
    }

    /// Since when somebody waits for watchlists. A prompt that is closed wants none.
    pub(super) fn lists_from(&self) -> Option<Nanos> {
        let (purpose, since) = self.session.reading_lists.as_ref()?;
        let wanted = match (purpose, &self.overlay) {
            (Purpose::View(..), _) => true,
            (_, Some(Overlay::Prompt(prompt))) => {
                matches!(prompt.kind, PromptKind::Filter | PromptKind::Search)
            }
            _ => false,
        };
        wanted.then_some(*since)
    }

    /// Stops waiting for watchlists: what comes of them is left aside. Says whether anybody waited.
    fn stop_lists(&mut self) -> bool {
        let waited = self.lists_from().is_some();
        self.session.reading_lists = None;
        if waited {
            self.tell("stopped: watchlist not read");
        }
        waited
    }

    /// Whether a query whose watchlists were read is still wanted.
    pub(super) fn wants_lists(&mut self, purpose: &Purpose) -> bool {
        let same = matches!(&self.session.reading_lists, Some((wanted, _)) if wanted == purpose);
        if same {
            self.session.reading_lists = None;
        }
        same || !matches!(purpose, Purpose::View(..))
    }

    /// Stops a question that takes long, and goes back to what was before it: the order of time, no table, the
    /// filter before. Says whether there was anything to stop.
    pub fn stop_asking(&mut self) -> bool {
        if self.stop_lists() {
            return true;
        }
        let Some((parts, _)) = self
            .waited_for()
            .filter(|(_, since)| self.clock.now >= since + SLOW)
        else {
            return false;
        };
        let told = if !self.is_settled() {
            if self.filters.can_undo() {
                self.undo();
                "stopped: previous filter restored"
            } else {
                self.abandon();
                "stopped: counts are incomplete"
            }
        } else if parts.has(Topics::RANGE) {
            self.abandon();
            "stopped: nothing copied or marked"
        } else if parts.has(Topics::GROUP) {
            self.close();
            self.abandon();
            "stopped: table closed"
        } else if parts.has(Topics::WINDOW) && self.view.sort.is_some() {
            self.set_sort(None);
            "stopped: sorted by time again"
        } else {
            self.abandon();
            "stopped"
        };
        self.tell(told);
        true
    }

    /// Shows the pauses of the instances that the picks leave.
    pub(super) fn place_gaps(&mut self) {
        let filter = self.filters.effective();
        let pick = filter.pick(name::INSTANCE);
        let shown = |gap: &&Gap| {
            pick.is_none_or(|pick| {
                (pick.include.is_empty() || pick.include.contains(&gap.instance))
                    && !pick.exclude.contains(&gap.instance)
            })
        };
        let gaps = self.results.gaps.iter().flat_map(|gaps| gaps.iter());
        let gaps = gaps.filter(shown).cloned().collect();
        self.panes.list.set_gaps(gaps);
    }

    /// Goes to an event or a time, wherever it lies.
    pub fn go(&mut self, anchor: Anchor) {
        self.panes.list.go(anchor);
        self.need(Topics::WINDOW);
    }

    /// Goes to an event by what it is known by, whatever source it is in.
    pub fn go_to(&mut self, key: EventKey) {
        self.panes.list.go_to_event(key);
        self.need(Topics::WINDOW);
    }
}
