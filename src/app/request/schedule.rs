//! What is due to be asked and why, what is waited for, and how waiting ends.

use super::{SLOW, Topics};
use crate::app::layout::Layout;
use crate::app::{App, Effect, Times};
use crate::engine::{Answer, FacetWant};
use crate::model::time::{Nanos, SECOND};
use crate::overlays::{Overlay, Purpose};
use crate::panes::facets::TreeWant;

/// How often ages are told anew.
const AGES: Nanos = 10 * SECOND;

impl App {
    /// When [`crate::app::Message::Clock`] is wanted next, if nothing else happens before.
    pub fn deadline(&self) -> Option<Nanos> {
        let refresh = (self.is_outdated() && self.asking.open.is_none())
            .then(|| self.asking.refreshed + self.pause());
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
        [refresh, preview, slow, lists, file, ages, tick]
            .into_iter()
            .flatten()
            .min()
    }

    /// What a person waits for, and since when.
    pub(in crate::app) fn waited_for(&self) -> Option<(Topics, Nanos)> {
        let open = self.asking.open.filter(|open| !open.quiet)?;
        Some((open.parts, open.since))
    }

    /// Whether an answer is one that a person waits for: to what was asked by a key, or the first that has events.
    pub fn is_awaited(&self, answer: &Answer) -> bool {
        let is_asked = answer.id == self.asking.last && self.waited_for().is_some();
        answer.total > 0 && (is_asked || self.results.counts.total == 0)
    }

    /// How much of the open question is answered; `None` while that is not known.
    pub(in crate::app) fn percent(&self) -> Option<usize> {
        let (done, all) = self.asking.open?.looked_at;
        (done * 100).checked_div(all)
    }

    /// Takes in how far the last pass of a question is.
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

    /// Least time between questions that data causes.
    fn pause(&self) -> Nanos {
        if self.results.counts.total == 0 {
            return 0; // The screen is empty: the first events are waited for.
        }
        let least = if self.status.is_loading() {
            SECOND / 10
        } else {
            SECOND / 40
        };
        (self.asking.cost * 3).clamp(least, SECOND)
    }

    /// Notes what must be asked because of what a person did.
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
            let text = prompt.edit.text();
            match prompt.preview.asking(text, &self.session.names) {
                Some(query) => effects.push(Effect::Load {
                    query,
                    purpose: Purpose::Preview(text.to_owned()),
                }),
                None => self.asking.needed |= Topics::PREVIEW,
            }
        }
    }

    /// When to ask about the text of the prompt, if there is something to ask.
    fn preview_due(&self) -> Option<Nanos> {
        match &self.overlay {
            Some(Overlay::Prompt(prompt)) => prompt.preview.due(),
            _ => None,
        }
    }

    /// Notes what must be asked because of how things are by now.
    pub(super) fn notice(&mut self, layout: &Layout) {
        let focused = self.panes.list.focused().map(|row| row.id);
        if layout.detail.is_some() && focused.is_some() && focused != self.panes.detail.asked {
            self.asking.needed |= Topics::DETAIL;
        }
        if self.prompts.search.is_some() && focused != self.asking.hits_at {
            self.asking.needed |= Topics::HITS;
        }
        let due = self.clock.now >= self.asking.refreshed + self.pause();
        if self.is_outdated() && self.asking.open.is_none() && due {
            self.asking.needed |= Topics::VIEW | self.over();
            if self.results.gaps.is_some() {
                self.asking.needed |= Topics::GAPS;
            }
            self.asking.refreshed = self.clock.now;
            self.asking.generation = self.status.generation;
        }
        // What is not loaded yet would look like a pause.
        if self.results.gaps.is_none()
            && !self.status.is_loading()
            && !self.is_waiting_for(Topics::GAPS)
        {
            self.asking.needed |= Topics::GAPS;
        }
        // Nor is it known what is first seen: what comes later may be older.
        if !self.asking.firsts && !self.status.is_loading() && !self.is_waiting_for(Topics::WINDOW)
        {
            self.asking.needed |= Topics::WINDOW;
        }
    }

    /// Parts of the newest question that are not answered yet.
    pub fn is_waiting_for(&self, parts: Topics) -> bool {
        self.asking.open.is_some_and(|open| open.parts.has(parts)) || self.asking.needed.has(parts)
    }

    /// Stops waiting for a search. Says whether there was one.
    pub fn stop_seeking(&mut self) -> bool {
        let seeking = self.asking.seek.take().is_some();
        if let Some(open) = &mut self.asking.open {
            open.parts = open.parts.without(Topics::SEEK);
        }
        if seeking {
            // A newer question makes the engine drop what it was at.
            self.need(Topics::WINDOW);
        }
        seeking
    }

    /// Stops waiting for anything but the list; the engine drops what it was at.
    pub(in crate::app) fn abandon(&mut self) {
        self.asking.open = None;
        self.asking.seek = None;
        self.asking.range = None;
        self.need(Topics::WINDOW);
    }
}
