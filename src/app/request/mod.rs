//! When to ask the engine, and for what.
//!
//! A newer question makes the engine drop older ones unanswered, so a question carries along whatever the
//! one before it has not been answered. Questions a person caused go out at once. Questions caused by new
//! data wait for the answer before them, and while loading also for a moment, so that answering does not
//! starve loading.

mod schedule;
mod seek;

use std::sync::Arc;

pub use seek::Use;

use super::progress::SLOW;
use super::{App, Effect};
use crate::engine::{
    Anchor, Answer, Ask, FacetWant, GapsWant, HitsWant, RangeWant, SeekWant, Wants, WindowWant,
};
use crate::model::EventId;
use crate::model::time::Nanos;
pub use crate::overlays::Topics;
use crate::panes::facets::TreeWant;

/// A question that has not been answered in full.
#[derive(Clone, Copy, Debug)]
struct Pending {
    parts: Topics,
    since: Nanos,
    /// New data caused it: nobody waits for it.
    quiet: bool,
    /// Segments looked at, and how many there are; as of the newest part of the answer.
    looked_at: (usize, usize),
}

#[derive(Debug, Default)]
pub struct Asking {
    /// Number of the newest question; the first one is 1.
    last: u64,
    needed: Topics,
    open: Option<Pending>,
    /// The newest question that was answered in full.
    settled: u64,
    /// The first question with the present filter, and the first with the present way of the list.
    filter_from: u64,
    window_from: u64,
    anchor: Option<Anchor>,
    facets: Vec<FacetWant>,
    /// What is asked for beside the filter for unfolded values, and from which place on.
    trees: Vec<TreeWant>,
    trees_from: usize,
    seek: Option<SeekWant>,
    range: Option<(RangeWant, Use)>,
    /// The event that is gone to because a value is first seen in it.
    first: Option<EventId>,
    /// The event whose place among the hits was asked for.
    hits_at: Option<EventId>,
    /// The list was asked for with what is first seen.
    firsts: bool,
    /// Generation of the data the pauses were computed on.
    gaps_of: u64,
    /// Generation of the data the newest answer was computed on.
    generation: u64,
    /// When data last caused a question, and how long its answer took.
    refreshed: Nanos,
    cost: Nanos,
}

impl App {
    /// Notes that something must be asked; it goes out at the end of the update.
    pub fn need(&mut self, parts: Topics) {
        self.asking.needed |= parts;
        if parts.has(Topics::WINDOW) {
            self.asking.window_from = self.asking.last + 1;
        }
    }

    /// Everything shown depends on another filter from here on.
    pub(super) fn need_all(&mut self) {
        self.need(Topics::VIEW | self.over());
        if !self.filters.is_aside() {
            self.view.context = None;
        }
        self.asking.filter_from = self.asking.last + 1;
        self.asking.facets.clear();
        self.asking.trees.clear();
        self.results.dropped.clear();
        self.place_gaps();
    }

    /// What an overlay shows that depends on the filter and on the data.
    pub(crate) fn over(&self) -> Topics {
        let over = self.overlay.as_ref().map(|over| over.panel().topics());
        let hits = self.prompts.search.as_ref().map(|_| Topics::HITS);
        over.unwrap_or_default() | hits.unwrap_or_default()
    }

    /// Asks what is needed. The last step of every update.
    pub(crate) fn ask(&mut self, effects: &mut Vec<Effect>) {
        let layout = self.screen.layout();
        let filter = Arc::clone(self.filters.effective());
        let (facets, trees) = if layout.facets.is_some() {
            self.panes.facets.forget_strays(&filter);
            (
                self.panes.facets.wants(&filter),
                self.panes.facets.trees(&filter),
            )
        } else {
            Default::default()
        };
        self.notice_wishes(&facets, &trees, effects);
        let wanted = !self.asking.needed.is_empty();
        self.notice(&layout);
        let focused = self.panes.list.focused().map(|row| row.id);
        if self.asking.needed.is_empty() || self.status.generation == 0 {
            return;
        }
        let open = self
            .asking
            .open
            .map_or(Topics::default(), |open| open.parts);
        let parts = std::mem::take(&mut self.asking.needed) | open;
        self.asking.last += 1;
        // What a person waits for is waited for since it was first asked.
        let before = self.asking.open.filter(|open| !open.quiet);
        self.asking.open = Some(Pending {
            parts,
            since: before.map_or(self.clock.now, |open| open.since),
            quiet: before.is_none() && !wanted,
            looked_at: (0, 0),
        });
        let mut wants = Wants {
            explain: parts.has(Topics::EXPLAIN),
            defects: parts.has(Topics::DEFECTS),
            gaps: parts.has(Topics::GAPS).then_some(GapsWant {
                newer_than: self.asking.gaps_of,
            }),
            range: self.range_want().filter(|_| parts.has(Topics::RANGE)),
            ..Wants::default()
        };
        if parts.has(Topics::WINDOW) {
            let fetch = self.panes.list.fetch();
            self.asking.anchor = Some(fetch.anchor);
            self.asking.firsts = !self.status.is_loading();
            wants.window = Some(WindowWant {
                anchor: fetch.anchor,
                before: fetch.before,
                after: fetch.after,
                columns: self.panes.list.columns().fields(),
                order: self.view.sort.clone(),
                firsts: self.asking.firsts,
                also: self.panes.list.selected(),
            });
        }
        if parts.has(Topics::FACETS) {
            self.asking.facets.clone_from(&facets);
            wants.facets = facets;
        }
        if parts.has(Topics::HISTOGRAM) && layout.histogram.is_some() {
            wants.histogram = Some(self.panes.histogram.want(self.clock.zone));
        }
        if parts.has(Topics::DETAIL) {
            self.panes.detail.asked = focused;
            wants.detail = focused;
        }
        if parts.has(Topics::HITS) {
            self.asking.hits_at = focused;
            wants.hits = self.prompts.search.as_ref().map(|(_, query)| HitsWant {
                query: Arc::clone(query),
                at: focused,
            });
        }
        if parts.has(Topics::SEEK) {
            wants.seek.clone_from(&self.asking.seek);
        }
        // Taken out, since it sees the rest.
        if let Some(mut overlay) = self.overlay.take() {
            let panel = overlay.panel_mut();
            if parts.has(panel.topics()) {
                panel.want(self.asking.last, &self.scene(), &mut wants);
            }
            self.overlay = Some(overlay);
        }
        if parts.has(Topics::FACETS) {
            self.asking.trees_from = wants.beside.len();
            wants
                .beside
                .extend(trees.iter().map(|tree| tree.want.clone()));
            self.asking.trees = trees;
        }
        effects.push(Effect::Ask(Box::new(Ask {
            frozen: self.view.paused,
            ..Ask::new(self.asking.last, filter, wants)
        })));
    }

    /// Takes in an answer. Parts that a newer question asks differently are left aside.
    pub(crate) fn answered(&mut self, mut answer: Answer, effects: &mut Vec<Effect>) {
        if answer.id < self.asking.filter_from {
            return;
        }
        self.learn_secrets(&answer);
        let asked = self
            .asking
            .open
            .map_or(Topics::default(), |open| open.parts);
        if answer.id == self.asking.last
            && let Some(open) = &mut self.asking.open
        {
            open.looked_at = answer.looked_at;
        }
        if answer.complete && answer.id == self.asking.last {
            self.asking.cost = self
                .asking
                .open
                .map_or(0, |open| self.clock.now - open.since);
            self.asking.open = None;
        }
        if let Some(detail) = answer.detail.take() {
            self.session.names.learn(&detail);
            self.panes.detail.arrive(detail);
        }
        if let Some(overlay) = &mut self.overlay {
            overlay.panel_mut().arrive(&mut answer);
        }
        if answer.complete {
            self.asking.settled = answer.id;
            self.concluded(&answer, asked);
            if let Some(range) = answer.range.take() {
                self.selected(&range, effects);
            }
        } else if self.is_settled() && !self.panes.list.is_going() {
            // What is shown is whole; counts that start anew from nothing would say less.
            return;
        }
        self.results.counts.take(&answer);
        if let (Some(window), Some(anchor)) = (answer.window, self.asking.anchor)
            && answer.id >= self.asking.window_from
        {
            self.arrived(window, anchor, answer.complete);
        }
        for table in answer.facets {
            self.panes.facets.arrive(table);
        }
        if answer.id == self.asking.last {
            let filter = Arc::clone(self.filters.effective());
            let beside = answer.beside.into_iter().skip(self.asking.trees_from);
            for (want, part) in self.asking.trees.iter().zip(beside) {
                for table in part.facets {
                    self.panes.facets.arrive_tree(want, table, &filter);
                }
            }
        }
        // Without matches there is no histogram, which is not the same as one that was not asked for.
        if answer.histogram.is_some() || (answer.complete && asked.has(Topics::HISTOGRAM)) {
            self.panes.histogram.data = answer.histogram;
        }
        if answer.hits.is_some() {
            self.results.hits = answer.hits;
        }
        if let Some(gaps) = answer.gaps {
            self.results.gaps = Some(gaps);
            self.asking.gaps_of = answer.generation;
            self.place_gaps();
        }
        if let Some(defects) = answer.defects {
            self.results.defects = defects;
        }
    }

    /// Remembers what of an answer is hidden on a screen that is shared.
    fn learn_secrets(&mut self, answer: &Answer) {
        let columns = self.panes.list.columns().fields();
        let are_its_own = answer.id >= self.asking.window_from;
        self.masking
            .learn_answer(answer, are_its_own.then_some(&columns));
        // A selection is copied as soon as it comes, and never shown: nothing to be learned while nothing is hidden.
        if let (Some(range), Some(want)) = (&answer.range, self.range_want())
            && self.masking.on
        {
            self.masking.learn_range(range, &want.columns);
        }
    }

    /// Whether what is shown was computed over everything, by the present filter.
    pub(super) fn is_settled(&self) -> bool {
        self.asking.settled > 0 && self.asking.settled >= self.asking.filter_from
    }

    /// Takes in what only a whole answer knows: where the nearest hit is, and what an empty result is for.
    fn concluded(&mut self, answer: &Answer, asked: Topics) {
        if let Some(found) = answer.seek {
            self.sought(found);
        }
        if asked.has(Topics::EXPLAIN) {
            self.results.dropped.clone_from(&answer.dropped);
        } else if answer.matched == 0 && answer.total > 0 && !self.filters.effective().is_all() {
            self.asking.needed |= Topics::EXPLAIN;
        }
    }
}
