//! When to ask the engine, and for what.
//!
//! A newer question makes the engine drop older ones unanswered, so a question carries along whatever the
//! one before it has not been answered. Questions a person caused go out at once. Questions caused by new
//! data wait for the answer before them, and while loading also for a moment, so that answering does not
//! starve loading.

use std::ops::{BitOr, BitOrAssign};
use std::sync::Arc;

use super::{App, Effect};
use crate::engine::{Anchor, Answer, Ask, FacetWant, SeekWant, Wants, Window, WindowWant};
use crate::model::time::{Nanos, SECOND};
use crate::overlays::{self, Overlay};

/// Parts of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Parts(u16);

impl Parts {
    pub const WINDOW: Self = Self(1);
    pub const FACETS: Self = Self(2);
    pub const HISTOGRAM: Self = Self(4);
    pub const DETAIL: Self = Self(8);
    pub const SEEK: Self = Self(16);
    pub const EXPLAIN: Self = Self(32);
    pub const DEFECTS: Self = Self(64);
    pub const GROUP: Self = Self(128);
    /// What is typed into the filter prompt: its count, and values that could follow.
    pub const PREVIEW: Self = Self(256);
    /// What the index takes in memory.
    pub const USAGE: Self = Self(512);
    /// What depends on the filter and on the data.
    pub const VIEW: Self = Self(1 | 2 | 4);

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Parts {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Parts {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// A question that has not been answered in full.
#[derive(Clone, Copy, Debug)]
struct Open {
    parts: Parts,
    since: Nanos,
}

#[derive(Debug, Default)]
pub struct Asking {
    /// Number of the newest question; the first one is 1.
    last: u64,
    needed: Parts,
    open: Option<Open>,
    /// The newest question that was answered in full.
    settled: u64,
    /// The first question with the present filter, and the first with the present way of the list.
    filter_from: u64,
    window_from: u64,
    anchor: Option<Anchor>,
    facets: Vec<FacetWant>,
    seek: Option<SeekWant>,
    /// Generation of the data the newest answer was computed on.
    generation: u64,
    /// When data last caused a question, and how long its answer took.
    refreshed: Nanos,
    cost: Nanos,
}

impl App {
    /// Notes that something must be asked; it goes out at the end of the update.
    pub fn need(&mut self, parts: Parts) {
        self.asking.needed |= parts;
        if parts.has(Parts::WINDOW) {
            self.asking.window_from = self.asking.last + 1;
        }
    }

    /// Everything shown depends on another filter from here on.
    pub(super) fn need_all(&mut self) {
        self.need(Parts::VIEW | self.over());
        self.asking.filter_from = self.asking.last + 1;
        self.asking.facets.clear();
        self.dropped.clear();
    }

    /// Looks for an event by a query; the list goes there when it is found.
    pub fn seek(&mut self, seek: SeekWant) {
        self.asking.seek = Some(seek);
        self.need(Parts::SEEK);
    }

    /// When [`super::Message::Clock`] is wanted next, if nothing else happens before.
    pub fn deadline(&self) -> Option<Nanos> {
        let refresh = (self.is_outdated() && self.asking.open.is_none())
            .then(|| self.asking.refreshed + self.pause());
        let preview = overlays::preview_due(self);
        let tick = self
            .is_ticking()
            .then(|| (self.clock.div_euclid(SECOND) + 1) * SECOND);
        [refresh, preview, tick].into_iter().flatten().min()
    }

    /// What an overlay shows that depends on the filter and on the data.
    fn over(&self) -> Parts {
        match &self.overlay {
            Some(Overlay::Group(_)) => Parts::GROUP,
            Some(Overlay::Stats(_)) => Parts::USAGE,
            Some(Overlay::Prompt(prompt)) if prompt.is_previewed() => Parts::PREVIEW,
            _ => Parts::default(),
        }
    }

    fn is_outdated(&self) -> bool {
        self.status.generation > self.asking.generation && !self.paused
    }

    /// Least time between questions that data causes.
    fn pause(&self) -> Nanos {
        let least = if self.status.is_loading() {
            SECOND / 10
        } else {
            SECOND / 40
        };
        (self.asking.cost * 3).clamp(least, SECOND)
    }

    /// Asks what is needed. The last step of every update.
    pub(super) fn ask(&mut self, effects: &mut Vec<Effect>) {
        let layout = self.layout();
        let facets = if layout.facets.is_some() {
            self.facets.wants()
        } else {
            Vec::new()
        };
        if facets.iter().any(|want| !self.asking.facets.contains(want)) {
            self.asking.needed |= Parts::FACETS;
        }
        if overlays::preview_due(self).is_some_and(|due| due <= self.clock) {
            match overlays::preview_asked(self) {
                Some(load) => effects.push(load),
                None => self.asking.needed |= Parts::PREVIEW,
            }
        }
        let focused = self.list.focused().map(|row| row.id);
        if layout.detail.is_some() && focused.is_some() && focused != self.detail.asked {
            self.asking.needed |= Parts::DETAIL;
        }
        let due = self.clock >= self.asking.refreshed + self.pause();
        if self.is_outdated() && self.asking.open.is_none() && due {
            self.asking.needed |= Parts::VIEW | self.over();
            self.asking.refreshed = self.clock;
            self.asking.generation = self.status.generation;
        }
        if self.asking.needed.is_empty() || self.status.generation == 0 {
            return;
        }
        let open = self.asking.open.map_or(Parts::default(), |open| open.parts);
        let parts = std::mem::take(&mut self.asking.needed) | open;
        self.asking.last += 1;
        self.asking.open = Some(Open {
            parts,
            since: self.clock,
        });
        let mut wants = Wants {
            explain: parts.has(Parts::EXPLAIN),
            defects: parts.has(Parts::DEFECTS),
            usage: parts.has(Parts::USAGE),
            ..Wants::default()
        };
        if parts.has(Parts::WINDOW) {
            let fetch = self.list.fetch();
            self.asking.anchor = Some(fetch.anchor);
            let (before, after) = (fetch.before, fetch.after);
            wants.window = Some(WindowWant {
                anchor: fetch.anchor,
                before,
                after,
                columns: self.list.columns().fields(),
            });
        }
        if parts.has(Parts::FACETS) {
            self.asking.facets.clone_from(&facets);
            wants.facets = facets;
        }
        if parts.has(Parts::HISTOGRAM) && layout.histogram.is_some() {
            wants.histogram = Some(self.histogram.want());
        }
        if parts.has(Parts::DETAIL) {
            self.detail.asked = focused;
            wants.detail = focused;
        }
        if parts.has(Parts::SEEK) {
            wants.seek.clone_from(&self.asking.seek);
        }
        match &self.overlay {
            Some(Overlay::Group(group)) if parts.has(Parts::GROUP) => {
                wants.group = Some(group.want());
            }
            Some(Overlay::Prompt(_)) if parts.has(Parts::PREVIEW) => {
                wants.beside = overlays::preview_wants(self, self.asking.last);
            }
            _ => {}
        }
        let filter = Arc::clone(self.filters.effective());
        effects.push(Effect::Ask(Box::new(Ask {
            id: self.asking.last,
            filter,
            wants,
            frozen: self.paused,
        })));
    }

    /// Takes in an answer. Parts that a newer question asks differently are left aside.
    pub(super) fn answered(&mut self, mut answer: Answer) {
        if answer.id < self.asking.filter_from {
            return;
        }
        let asked = self.asking.open.map_or(Parts::default(), |open| open.parts);
        if answer.complete && answer.id == self.asking.last {
            self.asking.cost = self.asking.open.map_or(0, |open| self.clock - open.since);
            self.asking.open = None;
        }
        if let Some(detail) = answer.detail.take() {
            self.names.learn(&detail);
            self.detail.arrive(detail);
        }
        overlays::preview_arrived(self, &answer);
        if let (true, Some(table), Some(Overlay::Group(group))) =
            (answer.complete, answer.group.take(), &mut self.overlay)
        {
            group.arrive(table);
        }
        if answer.complete {
            self.asking.settled = answer.id;
            self.concluded(&answer, asked);
        } else if self.is_settled() && !self.list.is_going() {
            // What is shown is whole; counts that start anew from nothing would say less.
            return;
        }
        self.counts.take(&answer);
        if let (Some(window), Some(anchor)) = (answer.window, self.asking.anchor)
            && answer.id >= self.asking.window_from
            && (answer.complete || is_sure(&window, anchor))
        {
            self.list.arrive(window, anchor);
        }
        for table in answer.facets {
            self.facets.arrive(table);
        }
        // Without matches there is no histogram, which is not the same as one that was not asked for.
        if answer.histogram.is_some() || (answer.complete && asked.has(Parts::HISTOGRAM)) {
            self.histogram.data = answer.histogram;
        }
        if let Some(defects) = answer.defects {
            self.defects = defects;
        }
        if let (Some(usage), Some(Overlay::Stats(stats))) = (answer.usage, &mut self.overlay) {
            stats.usage = Some(usage);
        }
    }

    /// Whether what is shown was computed over everything, by the present filter.
    fn is_settled(&self) -> bool {
        self.asking.settled > 0 && self.asking.settled >= self.asking.filter_from
    }

    /// Takes in what only a whole answer knows: where the nearest hit is, and what an empty result is for.
    fn concluded(&mut self, answer: &Answer, asked: Parts) {
        if let Some(found) = answer.seek {
            let forward = self.asking.seek.take().is_none_or(|seek| seek.forward);
            match found {
                Some(id) => self.go(Anchor::Event { id, by: 0 }),
                None if forward => self.tell("no match after this event"),
                None => self.tell("no match before this event"),
            }
        }
        if asked.has(Parts::EXPLAIN) {
            self.dropped.clone_from(&answer.dropped);
        } else if answer.matched == 0 && answer.total > 0 && !self.filters.effective().is_all() {
            self.asking.needed |= Parts::EXPLAIN;
        }
    }

    /// Parts of the newest question that are not answered yet.
    pub fn is_waiting_for(&self, parts: Parts) -> bool {
        self.asking.open.is_some_and(|open| open.parts.has(parts)) || self.asking.needed.has(parts)
    }

    /// Goes to an event or a time, wherever it lies.
    pub fn go(&mut self, anchor: Anchor) {
        self.list.go(anchor);
        self.need(Parts::WINDOW);
    }

    /// Stops waiting for a search. Says whether there was one.
    pub fn stop_seeking(&mut self) -> bool {
        let seeking = self.asking.seek.take().is_some();
        if let Some(open) = &mut self.asking.open {
            open.parts = open.parts.without(Parts::SEEK);
        }
        seeking
    }
}

/// Whether a window of an answer that is not complete is the right one: the newest events are looked at
/// first, and an event that is there is the one meant. Anything else may be a stand-in for what comes later.
fn is_sure(window: &Window, anchor: Anchor) -> bool {
    match anchor {
        Anchor::Newest => true,
        Anchor::Event { id, by: 0 } => window.rows.iter().any(|row| row.id == id),
        Anchor::Event { .. } | Anchor::Oldest | Anchor::Time(_) => false,
    }
}
