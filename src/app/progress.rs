//! Progress of long work, stopping it, and jumps in the list.

use super::layout::PaneId;
use super::request::Topics;
use super::{App, Effect, Times};
use crate::engine::{Anchor, Gap};
use crate::model::time::{Nanos, SECOND};
use crate::model::{EventKey, name};
use crate::overlays::{Overlay, PromptKind, Purpose};

/// Work that takes longer shows its progress and can be stopped.
pub(super) const SLOW: Nanos = SECOND / 5;

impl App {
    /// Name and progress of the work that the user has waited for longer than `SLOW`.
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

    /// Returns true if the screen changes with the clock alone.
    pub fn is_ticking(&self) -> bool {
        self.is_live() || self.clock.times == Times::Ages || self.slow_work().is_some()
    }

    /// Returns true if escape stops slow work before it closes anything. Work for a prompt is excluded: it ends when
    /// the prompt closes.
    pub fn is_stopped_first(&self) -> bool {
        let is_view = matches!(self.session.reading_lists, Some((Purpose::View(..), _)));
        let closed = matches!(self.overlay, None | Some(Overlay::Group(_)));
        self.slow_work().is_some() && (closed || is_view)
    }

    /// Notes the purpose for which watchlists are being read.
    pub(crate) fn note_lists(&mut self, effects: &[Effect]) {
        for effect in effects {
            // Reads for a preview are not waited for.
            if let Effect::Load { purpose, .. } = effect
                && !matches!(purpose, Purpose::Preview(_))
            {
                self.session.reading_lists = Some((purpose.clone(), self.clock.now));
            }
        }
    }

    /// Time since when the user has waited for watchlists. A closed prompt needs none.
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

    /// Stops waiting for watchlists; their content is ignored on arrival. Returns false if nothing was waiting.
    fn stop_lists(&mut self) -> bool {
        let waited = self.lists_from().is_some();
        self.session.reading_lists = None;
        if waited {
            self.tell("stopped: watchlist not read");
        }
        waited
    }

    /// Returns true if a query whose watchlists were read is still wanted.
    pub(super) fn wants_lists(&mut self, purpose: &Purpose) -> bool {
        let same = matches!(&self.session.reading_lists, Some((wanted, _)) if wanted == purpose);
        if same {
            self.session.reading_lists = None;
        }
        same || !matches!(purpose, Purpose::View(..))
    }

    /// Stops a slow request and restores the state before it: time order, no table, or the previous filter. Returns
    /// false if there is nothing to stop.
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
        let reported = if !self.is_settled() {
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
        self.tell(reported);
        true
    }

    /// Shows the gaps of the instances that the filter keeps.
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

    /// Moves to an event or a time, loaded in the window or not.
    pub fn go(&mut self, anchor: Anchor) {
        self.panes.list.go(anchor);
        self.need(Topics::WINDOW);
    }

    /// Moves to an event by its key, independent of the source it was read from.
    pub fn go_to(&mut self, key: EventKey) {
        self.panes.list.go_to_event(key);
        self.need(Topics::WINDOW);
    }
}
