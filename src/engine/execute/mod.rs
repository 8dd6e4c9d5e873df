//! Executes one request on one snapshot, in steps.
//!
//! # Caches kept between requests
//!
//! Everything but the matcher and the memory for counts is dropped with the epoch whose ordinals it refers to.
//!
//! | cache | content | key | invalidated when | limit |
//! |---|---|---|---|---|
//! | `planner` | ordinals that pass a condition, rows of each segment | the condition by value, then the number of the segment | never; the rows of a segment are dropped with it | 64 conditions in addition to those in use |
//! | `past` | matches and counts of each segment under a filter | the filter, its partition into parts, the parts left out in turn, the start after which events count | a segment is removed or new: that one is subtracted or added | the last request and the one before |
//! | `sorted` | the order of the list by a field | filter, field and direction | the snapshot differs and the order is older than 20 times its cost | one order |
//! | `gaps` | stretches of events of each segment; the gaps | the number of the segment; the generation | a segment is removed; the snapshot differs | the content of the snapshot |
//! | `firsts` | the first event of each value | the ordinal of the value | events are evicted: then everything is searched again | five fields |
//! | `memory` | empty lists with capacity for counts | their capacity | never: they hold nothing | 40 lists |

mod execution;
mod facets;
mod full_scan;
mod group;
mod insight;

use std::sync::Arc;

pub(super) use execution::Execution;
use facets::Matcher;
pub(super) use group::sort_groups;

use super::request::{
    Answer, Arrivals, Ask, Detail, DetailField, Dropped, FacetWant, Gap, Histogram, Hits,
    SeekTarget, SeekWant, SideQuery, SideQueryWant, Wants, Window, WindowWant,
};
use super::sort_cache::SortCache;
use super::window::{firsts, sorted_window, window};
use crate::aggregate::{self, Bins, Matches, Part, Planner, UNWATCHED, Without};
use crate::index::{Snapshot, Usage};
use crate::model::{Defect, EventId, Value};
use crate::query::Filter;

/// Executes requests and caches intermediate results for later ones.
#[derive(Debug, Default)]
pub(super) struct Executor {
    planner: Planner,
    /// Epoch of the ordinals that the planner caches.
    epoch: u64,
    matcher: Matcher,
    gaps: aggregate::Gaps,
    firsts: aggregate::FirstSeen,
    sorted: SortCache,
    /// Executions of the last requests, the newest last.
    past: Vec<Execution>,
    memory: aggregate::Memory,
}

/// Filters whose matches and counts are cached: that of the last request, and that of the one before, for undoing a
/// change. At ten million events each takes up to 1.3 MB per part.
const PAST: usize = 2;

impl Executor {
    pub(super) fn begin(&mut self, snapshot: &Arc<Snapshot>, ask: &Ask) -> Execution {
        if self.epoch != snapshot.epoch {
            self.epoch = snapshot.epoch;
            self.planner = Planner::default();
            self.gaps = aggregate::Gaps::default();
            self.firsts = aggregate::FirstSeen::default();
            self.sorted = SortCache::default();
            self.past.clear();
        }
        self.past.iter_mut().for_each(|past| past.carry(snapshot));
        let (wants, later) = (&ask.wants, ask.later.as_ref());
        let facet = wants.group.as_ref().is_some_and(|want| want.facet);
        let each = wants.explain || facet || !wants.facets.is_empty();
        let mut open = self.open(
            snapshot,
            &ask.filter,
            later,
            &wants.facets,
            each,
            wants.explain,
        );
        let seek = wants.seek.as_ref();
        open.seek = seek.and_then(|seek| match &seek.what {
            SeekTarget::Query(query) => Some(self.planner.part(query, snapshot)),
            SeekTarget::FirstSeen => None,
        });
        let hits = wants.hits.as_ref();
        open.hits = hits.map(|hits| self.planner.part(&hits.query, snapshot));
        let other = |want: &SideQueryWant| {
            let each = !want.facets.is_empty();
            self.open(snapshot, &want.filter, later, &want.facets, each, false)
        };
        open.side = wants.side.iter().map(other).collect();
        // After the requested side queries.
        let leads = insight::filters(wants).into_iter();
        let leads = leads
            .map(|(filter, fields)| self.open(snapshot, &filter, later, &fields, false, false));
        open.side.extend(leads);
        open
    }

    /// Starts the execution of a filter, or resumes it. With `each`, every part of the filter is also left out in turn;
    /// with `terms`, each term of the typed query is a part.
    fn open(
        &mut self,
        snapshot: &Arc<Snapshot>,
        filter: &Filter,
        later: Option<&Arc<Arrivals>>,
        facets: &[FacetWant],
        each: bool,
        terms: bool,
    ) -> Execution {
        let mut plan = if terms {
            self.planner.plan_by_term(filter, snapshot)
        } else {
            self.planner.plan(filter, snapshot)
        };
        plan.parts.extend(later.cloned().map(Part::later));
        let without = if each {
            Without::EachPart
        } else {
            Without::Nothing
        };
        let failed = self.planner.part(&aggregate::failed(), snapshot);
        let key = execution::Key {
            filter: filter.clone(),
            terms,
            without,
            later: later.cloned(),
        };
        let known = self.past.iter().position(|past| *past.key() == key);
        let mut open = match known {
            // Made for the current snapshot, as the plan is: newer segments have values that older sets lack.
            Some(at) => {
                let mut past = self.past.remove(at);
                past.failed = failed;
                past
            }
            None => Execution::new(key, snapshot.clone(), failed),
        };
        let fields: Vec<Arc<str>> = facets.iter().map(|want| want.field.clone()).collect();
        open.go_on(plan, &fields, &mut self.memory);
        open
    }

    /// Caches an execution, finished or not.
    pub(super) fn close(&mut self, mut open: Execution) {
        let newest = open.side.len() + 1;
        self.past.append(&mut open.side);
        self.past.push(open);
        let older = self.past.len().saturating_sub(PAST.max(newest));
        let older = self.past.drain(..older);
        older.for_each(|open| open.end(&mut self.memory));
    }

    /// Assembles the response from the results so far.
    pub(super) fn answer(
        &self,
        open: &Execution,
        ask: &Ask,
        defects: Option<&[Arc<Defect>]>,
    ) -> Answer {
        let Execution {
            snapshot,
            plan,
            matches,
            ..
        } = open;
        let wants = &ask.wants;
        let explain = wants.explain && matches.matched == 0;
        let dropped = |(at, part): (usize, &Part)| Dropped {
            chip: part.chip.clone(),
            matched: matches.matched_without(snapshot, at),
        };
        Answer {
            id: ask.id,
            generation: snapshot.generation,
            total: snapshot.events,
            matched: matches.matched,
            complete: open.most_left() == 0,
            looked_at: (
                snapshot.segments.len() - open.most_left(),
                snapshot.segments.len(),
            ),
            span: matches.span,
            window: wants
                .window
                .as_ref()
                .and_then(|want| self.window(open, ask, want)),
            facets: self.facets(open, &ask.filter, &wants.facets),
            histogram: wants
                .histogram
                .as_ref()
                .and_then(|want| histogram(open, want)),
            detail: wants
                .detail
                .and_then(|event| detail(snapshot, matches, event)),
            range: None,
            seek: wants.seek.as_ref().map(|seek| match &open.seek {
                Some(part) => {
                    let narrowed = matches.narrowed(snapshot, part);
                    aggregate::seek(snapshot, &narrowed, seek.from, seek.forward)
                }
                None => self.firsts.seek(snapshot, matches, seek.from, seek.forward),
            }),
            dropped: if explain {
                plan.parts.iter().enumerate().map(dropped).collect()
            } else {
                Vec::new()
            },
            defects: defects.map(<[_]>::to_vec),
            usage: wants.usage.then(|| Arc::new(Usage::of(snapshot))),
            group: None,
            gaps: None,
            hits: open
                .hits
                .as_ref()
                .zip(wants.hits.as_ref())
                .and_then(|(part, want)| open.left.is_empty().then(|| hits(open, part, want.at))),
            side: wants
                .side
                .iter()
                .zip(&open.side)
                .map(|(want, open)| self.side(open, want))
                .collect(),
            news: insight::news(open, wants),
            lineage: insight::lineage(open, wants),
            records: if open.left.is_empty() {
                let found = |key| aggregate::find(snapshot, key);
                let records = wants.records.iter();
                records
                    .map(|key| detail(snapshot, matches, snapshot.id(found(key)?)))
                    .collect()
            } else {
                Vec::new()
            },
        }
    }

    fn side(&self, open: &Execution, want: &SideQueryWant) -> SideQuery {
        let facets = self.facets(open, &want.filter, &want.facets);
        let times = want.seen && open.most_left() == 0;
        let seen = facets.iter().filter(|_| times).map(|table| {
            let values = table.values.iter().map(|entry| entry.value.clone());
            let values: Vec<Value> = values.collect();
            let (snapshot, plan, matches) = (&open.snapshot, &open.plan, &open.matches);
            aggregate::seen(snapshot, plan, matches, &table.field, &values)
        });
        SideQuery {
            matched: open.matches.matched,
            span: open.matches.span,
            histogram: want
                .histogram
                .as_ref()
                .and_then(|want| histogram(open, want)),
            seen: seen.collect(),
            facets,
        }
    }

    /// Returns the window; in another order than by time only once all segments are processed.
    fn window(&self, open: &Execution, ask: &Ask, want: &WindowWant) -> Option<Window> {
        let snapshot = &open.snapshot;
        let mut window = match &want.order {
            None => window(snapshot, &open.matches, want),
            Some(sort) if open.left.is_empty() => {
                let (matches, filter) = (&open.matches, &ask.filter);
                let sorted = self
                    .sorted
                    .get(snapshot, matches, filter, sort, UNWATCHED)?;
                sorted_window(snapshot, &open.matches, want, &sorted)
            }
            Some(_) => return None,
        };
        if want.firsts && self.firsts.knows(snapshot) {
            window.firsts = firsts(snapshot, &self.firsts, &window.rows);
        }
        Some(window)
    }

    /// Returns the gaps of instances, computed once per snapshot.
    pub(super) fn gaps(&mut self, snapshot: &Snapshot) -> Arc<Vec<Gap>> {
        self.gaps.find(snapshot)
    }

    /// Finds the events in which values are first seen, if the request needs them.
    pub(super) fn look_for_firsts(&mut self, snapshot: &Snapshot, wants: &Wants) {
        let needle = |seek: &SeekWant| seek.what == SeekTarget::FirstSeen;
        if wants.window.as_ref().is_some_and(|want| want.firsts)
            || wants.seek.as_ref().is_some_and(needle)
        {
            self.firsts.look(snapshot);
        }
    }

    pub(super) fn tidy(&mut self, snapshot: &Snapshot) {
        self.planner.tidy(snapshot);
    }
}

fn hits(open: &Execution, part: &Part, at: Option<EventId>) -> Hits {
    let Execution {
        snapshot, matches, ..
    } = open;
    let narrowed = matches.narrowed(snapshot, part);
    let place = at.and_then(|event| snapshot.find(event));
    Hits {
        total: narrowed.matched,
        rank: place.and_then(|place| aggregate::rank_of(snapshot, &narrowed, place)),
    }
}

fn histogram(open: &Execution, want: &super::request::HistogramWant) -> Option<Histogram> {
    let (range, span) = (want.range.unwrap_or_default(), open.matches.span);
    let since = range.since.or(span.map(|span| span.0))?;
    let until = range.until.map(|until| until - 1);
    let until = until.or(span.map(|span| span.1))?.max(since);
    let span = (since, until);
    let bins = match want.step {
        Some(step) => Bins::of_step(span, step, want.bins, want.zone),
        None => Some(Bins::fit(span, want.bins.max(1), want.zone)),
    };
    let Some(bins) = bins else {
        return Some(Histogram::default());
    };
    let (counts, failed) = aggregate::histogram(&open.snapshot, &open.matches, &bins, &open.failed);
    Some(Histogram {
        bins,
        counts,
        failed,
    })
}

fn detail(snapshot: &Snapshot, matches: &Matches, event: EventId) -> Option<Detail> {
    let place = snapshot.find(event)?;
    let segment = &snapshot.segments[place.segment];
    let mut raw = Vec::new();
    snapshot.record(place, &mut raw);
    let fields = aggregate::detail(snapshot, place)
        .into_iter()
        .map(|(name, value)| DetailField { name, value });
    Some(Detail {
        id: event,
        time: segment.time(place.row),
        offset: segment
            .spelled(&snapshot.vocabulary, place.row)
            .map_or(0, |(_, offset)| offset),
        rank: aggregate::rank_of(snapshot, matches, place),
        source: snapshot
            .sources
            .get(segment.source as usize)
            .cloned()
            .unwrap_or_else(|| "".into()),
        fields: fields.collect(),
        raw: String::from_utf8_lossy(&raw).into(),
    })
}
