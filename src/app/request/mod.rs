//! Requests to the engine: when to send them, and for which parts.
//!
//! A newer request makes the engine drop older ones, so a request repeats the parts of the one before it that are still
//! unanswered. Requests that the user caused are sent at once. Requests caused by new data wait for the previous
//! answer, and while loading for some more time, so that answering does not starve loading.

mod nearest;
mod schedule;
mod seek;

use std::sync::Arc;

pub use nearest::{NearValue, line as near_line};
pub use seek::Use;

use super::progress::SLOW;
use super::{App, Effect};
use crate::engine::{
    Anchor, Answer, Ask, FacetWant, GapsWant, HitsWant, RangeWant, SeekWant, SideQueryWant, Wants,
    WindowWant,
};
use crate::model::EventId;
use crate::model::time::Nanos;
pub use crate::overlays::Topics;
use crate::panes::facets::TreeWant;
use crate::query::Filter;

/// Request that is not answered completely.
#[derive(Clone, Copy, Debug)]
struct Pending {
    parts: Topics,
    since: Nanos,
    /// Caused by new data: the user does not wait for it.
    quiet: bool,
    /// Segments processed so far and in total, as of the newest part of the answer.
    looked_at: (usize, usize),
}

#[derive(Debug, Default)]
pub struct Asking {
    /// Id of the newest request; the first is 1.
    last: u64,
    needed: Topics,
    open: Option<Pending>,
    /// Newest request that was answered completely.
    settled: u64,
    /// First request with the current filter; `window_from` is the first one with the current position and order of the
    /// list.
    filter_from: u64,
    window_from: u64,
    anchor: Option<Anchor>,
    facets: Vec<FacetWant>,
    /// Side queries for expanded facet values; `trees_from` is their first index in the request.
    trees: Vec<TreeWant>,
    trees_from: usize,
    /// Side queries for values near the words of a filter without matches, and their first index in the request.
    near: Vec<SideQueryWant>,
    near_from: usize,
    /// First request of the filter they were requested for, and whether data was still loading.
    near_of: Option<(u64, bool)>,
    seek: Option<SeekWant>,
    range: Option<(RangeWant, Use)>,
    /// Event the list moves to because one of its values is first seen.
    first: Option<EventId>,
    /// Event whose position among the matches was requested.
    hits_at: Option<EventId>,
    /// The list was requested with first-seen fields.
    firsts: bool,
    /// Generation of the data for which gaps were computed.
    gaps_of: u64,
    /// Generation of the data for which the newest answer was computed.
    generation: u64,
    /// Time of the last request that data caused; `cost` is the time its answer took.
    refreshed: Nanos,
    /// Time and generation of the last request for facets and histogram that data caused.
    surveyed: Nanos,
    surveyed_of: u64,
    cost: Nanos,
}

impl App {
    /// Marks parts as needed; the request is sent at the end of the update.
    pub fn need(&mut self, parts: Topics) {
        self.asking.needed |= parts;
        if parts.has(Topics::WINDOW) {
            self.asking.window_from = self.asking.last + 1;
        }
    }

    /// Marks everything shown as outdated, because the filter changed.
    pub(super) fn need_all(&mut self) {
        self.need(Topics::VIEW | self.over());
        if !self.filters.is_aside() {
            self.view.context = None;
        }
        self.asking.filter_from = self.asking.last + 1;
        self.asking.facets.clear();
        self.asking.trees.clear();
        self.results.dropped.clear();
        self.results.near.clear();
        self.place_gaps();
    }

    /// Topics of the overlay and of the search that depend on the filter and on the data.
    pub(crate) fn over(&self) -> Topics {
        let over = self.overlay.as_ref().map(|over| over.panel().topics());
        let hits = self.prompts.search.as_ref().map(|_| Topics::HITS);
        over.unwrap_or_default() | hits.unwrap_or_default()
    }

    /// Sends a request for the needed parts. Last step of every update.
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
        // The waiting time counts from the user's first unanswered request.
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
        // Taken out, since the scene borrows the rest of the state.
        if let Some(mut overlay) = self.overlay.take() {
            let panel = overlay.panel_mut();
            if parts.has(panel.topics()) {
                panel.want(self.asking.last, &self.scene(), &mut wants);
            }
            self.overlay = Some(overlay);
        }
        if parts.has(Topics::FACETS) {
            self.asking.trees_from = wants.side.len();
            wants
                .side
                .extend(trees.iter().map(|tree| tree.want.clone()));
            self.asking.trees = trees;
        }
        if parts.has(Topics::EXPLAIN) {
            self.want_near(&filter, open.has(Topics::EXPLAIN), &mut wants);
        }
        effects.push(Effect::Ask(Box::new(Ask {
            frozen: self.view.paused,
            ..Ask::new(self.asking.last, filter, wants)
        })));
    }

    /// Requests the values near the words of a filter without matches. They cost passes over all data, so they are
    /// requested once per filter, not with each event of a live log; `again` if the last request is unanswered.
    fn want_near(&mut self, filter: &Filter, again: bool, wants: &mut Wants) {
        let of = Some((self.asking.filter_from, self.status.is_loading()));
        let known = self.asking.near_of == of && !again;
        self.asking.near = if known {
            Vec::new()
        } else {
            nearest::wants(filter)
        };
        self.asking.near_of = of;
        self.asking.near_from = wants.side.len();
        wants.side.extend(self.asking.near.iter().cloned());
    }

    /// Applies an answer. Parts that a newer request asks for differently are ignored.
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
            // The screen shows complete results; counts that start at zero again would show less.
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
            let side = answer.side.into_iter().skip(self.asking.trees_from);
            for (want, part) in self.asking.trees.iter().zip(side) {
                for table in part.facets {
                    self.panes.facets.arrive_tree(want, table, &filter);
                }
            }
        }
        // No matches means no histogram, as opposed to a histogram that was not requested.
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

    /// Learns the values of an answer that masking hides.
    fn learn_secrets(&mut self, answer: &Answer) {
        let columns = self.panes.list.columns().fields();
        let are_its_own = answer.id >= self.asking.window_from;
        self.masking
            .learn_answer(answer, are_its_own.then_some(&columns));
        // A selection is copied on arrival and never shown: nothing to learn while masking is off.
        if let (Some(range), Some(want)) = (&answer.range, self.range_want())
            && self.masking.on
        {
            self.masking.learn_range(range, &want.columns);
        }
    }

    /// Returns true if the results shown are complete for the current filter.
    pub(super) fn is_settled(&self) -> bool {
        self.asking.settled > 0 && self.asking.settled >= self.asking.filter_from
    }

    /// Applies the parts that only a complete answer has: the event searched for, and the explanation of an empty
    /// result.
    fn concluded(&mut self, answer: &Answer, asked: Topics) {
        if let Some(found) = answer.seek {
            self.needle(found);
        }
        if asked.has(Topics::EXPLAIN) {
            self.results.dropped.clone_from(&answer.dropped);
            if answer.id == self.asking.last {
                let Asking {
                    near, near_from, ..
                } = &self.asking;
                if !near.is_empty() {
                    self.results.near = nearest::choose(answer, *near_from, near);
                }
            }
        } else if answer.matched == 0 && answer.total > 0 && !self.filters.effective().is_all() {
            self.asking.needed |= Topics::EXPLAIN;
        }
    }
}
