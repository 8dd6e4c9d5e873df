//! Due requests and their reasons, waiting, and the ways to stop waiting.

use super::{SLOW, Topics};
use crate::app::layout::Layout;
use crate::app::{App, Effect, Times};
use crate::engine::{Answer, FacetWant};
use crate::model::time::{Nanos, SECOND};
use crate::overlays::{Overlay, Purpose};
use crate::panes::facets::TreeWant;

/// Refresh interval of relative times.
const AGES: Nanos = 10 * SECOND;

/// Refresh interval of facets and histogram while a log is followed.
const SURVEY: Nanos = SECOND / 2;

/// Refresh interval of a list that few events come to. An event after a pause is shown at once.
const CALM: Nanos = SECOND / 4;

/// Events per second from which the list is refreshed as often as possible.
const BUSY: u64 = 1_000;

impl App {
    /// Time at which the next [`crate::app::Message::Clock`] is needed, if nothing else happens before.
    pub fn deadline(&self) -> Option<Nanos> {
        let is_free = self.asking.open.is_none();
        let refresh = (self.is_outdated() && is_free).then(|| self.asking.refreshed + self.pause());
        let survey = (self.is_survey_outdated() && is_free)
            .then(|| self.asking.surveyed + self.survey_pause());
        let preview = self.preview_due();
        let slow = self.waited_for().map(|(_, since)| since + SLOW);
        let slow = slow.filter(|due| self.clock.now < *due);
        let lists = self.lists_from().map(|since| since + SLOW);
        let lists = lists.filter(|due| self.clock.now < *due);
        let file = self.slow_writing_from();
        let file = file.filter(|due| self.clock.now < *due);
        let ages = (self.clock.times == Times::Ages).then_some(self.clock.now + AGES);
        let tick = self
            .is_live()
            .then(|| (self.clock.now.div_euclid(SECOND) + 1) * SECOND);
        let notice = self.keyboard.notice_due();
        [
            refresh, survey, preview, slow, lists, file, ages, tick, notice,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Topics that the user waits for, and since when.
    pub(in crate::app) fn waited_for(&self) -> Option<(Topics, Nanos)> {
        let open = self.asking.open.filter(|open| !open.quiet)?;
        Some((open.parts, open.since))
    }

    /// Returns true if the user waits for this answer: it belongs to a request made by a key, or is the first one with
    /// events.
    pub fn is_awaited(&self, answer: &Answer) -> bool {
        let is_asked = answer.id == self.asking.last && self.waited_for().is_some();
        answer.total > 0 && (is_asked || self.results.counts.total == 0)
    }

    /// Progress of the open request in percent; `None` if unknown.
    pub(in crate::app) fn percent(&self) -> Option<usize> {
        let (done, all) = self.asking.open?.looked_at;
        (done * 100).checked_div(all)
    }

    /// Applies the progress of a request's last pass.
    pub(crate) fn passing(&mut self, id: u64, looked_at: (usize, usize)) {
        if id == self.asking.last
            && let Some(open) = &mut self.asking.open
        {
            open.looked_at = looked_at;
        }
    }

    fn is_outdated(&self) -> bool {
        self.status.generation > self.asking.generation && !self.view.paused
    }

    /// Returns true if facets and histogram lack events that were loaded.
    fn is_survey_outdated(&self) -> bool {
        self.status.generation > self.asking.surveyed_of && !self.view.paused
    }

    /// Returns true if an answer with newer data is due, which the screen is drawn with.
    pub fn expects_data(&self) -> bool {
        let is_open = self.asking.open.is_some();
        !self.status.is_loading() && (is_open || self.is_outdated())
    }

    /// Minimum time between requests that data causes.
    fn pause(&self) -> Nanos {
        if self.results.counts.total == 0 {
            return 0; // The screen is empty: the first events are urgent.
        }
        let rate: u64 = self.status.sources.iter().map(|source| source.rate).sum();
        let least = match () {
            () if self.status.is_loading() => SECOND / 10,
            () if rate < BUSY => CALM,
            () => SECOND / 40,
        };
        (self.asking.cost * 3).clamp(least, SECOND)
    }

    /// Minimum time between requests for facets and histogram that data causes: their numbers change little while a
    /// log is followed.
    fn survey_pause(&self) -> Nanos {
        if self.results.counts.total == 0 || self.status.is_loading() {
            self.pause()
        } else {
            self.pause().max(SURVEY)
        }
    }

    /// Marks the topics that the user's last action needs.
    pub(super) fn notice_wishes(
        &mut self,
        facets: &[FacetWant],
        trees: &[TreeWant],
        effects: &mut Vec<Effect>,
    ) {
        if facets.iter().any(|want| !self.asking.facets.contains(want))
            || trees.iter().any(|want| !self.asking.trees.contains(want))
        {
            self.asking.needed |= Topics::FACETS;
        }
        if self.preview_due().is_some_and(|due| due <= self.clock.now)
            && let Some(Overlay::Prompt(prompt)) = &mut self.overlay
        {
            match prompt.asking(&self.session.names) {
                Some(query) => effects.push(Effect::Load {
                    query,
                    purpose: Purpose::Preview(prompt.edit.text().to_owned()),
                }),
                None => self.asking.needed |= Topics::PREVIEW,
            }
        }
    }

    /// Time at which to request a preview of the text in the prompt, if it needs one.
    fn preview_due(&self) -> Option<Nanos> {
        match &self.overlay {
            Some(Overlay::Prompt(prompt)) => prompt.due(),
            _ => None,
        }
    }

    /// Marks the topics that the current state needs.
    pub(super) fn notice(&mut self, layout: &Layout) {
        let focused = self.panes.list.focused().map(|row| row.id);
        if layout.detail.is_some() && focused.is_some() && focused != self.panes.detail.asked {
            self.asking.needed |= Topics::DETAIL;
        }
        if self.prompts.search.is_some() && focused != self.asking.hits_at {
            self.asking.needed |= Topics::HITS;
        }
        if self.asking.open.is_none() {
            self.notice_data();
        }
        // Data that is not loaded yet would look like a gap.
        if self.results.gaps.is_none()
            && !self.status.is_loading()
            && !self.is_waiting_for(Topics::GAPS)
        {
            self.asking.needed |= Topics::GAPS;
        }
        // First-seen values are unknown while loading: later data may be older.
        if !self.asking.firsts && !self.status.is_loading() && !self.is_waiting_for(Topics::WINDOW)
        {
            self.asking.needed |= Topics::WINDOW;
        }
    }

    /// Marks the topics that newer data changes, if it is time for them: the list soon, the rest less often.
    fn notice_data(&mut self) {
        let now = self.clock.now;
        if self.is_survey_outdated() && now >= self.asking.surveyed + self.survey_pause() {
            self.asking.needed |= Topics::VIEW | self.over();
            if self.results.gaps.is_some() {
                self.asking.needed |= Topics::GAPS;
            }
            self.asking.surveyed = now;
            self.asking.surveyed_of = self.status.generation;
        } else if self.is_outdated() && now >= self.asking.refreshed + self.pause() {
            self.asking.needed |= Topics::WINDOW;
        } else {
            return;
        }
        self.asking.refreshed = now;
        self.asking.generation = self.status.generation;
    }

    /// Returns true while parts of the newest request are unanswered or still to be requested.
    pub fn is_waiting_for(&self, parts: Topics) -> bool {
        self.asking.open.is_some_and(|open| open.parts.has(parts)) || self.asking.needed.has(parts)
    }

    /// Stops a search for an event. Returns false if there was none.
    pub fn stop_seeking(&mut self) -> bool {
        let seeking = self.asking.seek.take().is_some();
        if let Some(open) = &mut self.asking.open {
            open.parts = open.parts.without(Topics::SEEK);
        }
        if seeking {
            // A newer request makes the engine drop the search.
            self.need(Topics::WINDOW);
        }
        seeking
    }

    /// Stops waiting for everything but the list; the engine drops the open request.
    pub(in crate::app) fn abandon(&mut self) {
        self.asking.open = None;
        self.asking.seek = None;
        self.asking.range = None;
        self.need(Topics::WINDOW);
    }
}
