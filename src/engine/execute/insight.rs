//! Changes in a window of time: the window and the parts of the baseline are each counted like any other filter, and
//! then compared. And the history of an image, from the matches of a filter for it.

use std::sync::Arc;

use super::Execution;
use crate::aggregate::{self, Change, Changed, FacetCounts};
use crate::engine::insight::{LineageTable, News, NewsTable, NewsWant};
use crate::engine::request::{FacetOrder, FacetWant, Wants};
use crate::index::Snapshot;
use crate::query::{Filter, TimeRange};

/// The filters to execute, with the fields to count: first for changes, then for the history of an image.
pub(super) fn filters(wants: &Wants) -> Vec<(Filter, Vec<FacetWant>)> {
    let news = wants.news.iter().flat_map(parts);
    let lineage = wants.lineage.iter();
    let lineage = lineage.map(|want| ((*want.filter).clone(), Vec::new()));
    news.chain(lineage).collect()
}

/// The window, then the parts of the baseline, oldest first.
fn parts(want: &NewsWant) -> Vec<(Filter, Vec<FacetWant>)> {
    let facet = |field: &Arc<str>| FacetWant {
        field: field.clone(),
        order: FacetOrder::Count,
        limit: 0,
        find: None,
    };
    let facets: Vec<FacetWant> = want.fields.iter().map(facet).collect();
    let part = |range: TimeRange| {
        let filter = Filter {
            range,
            ..(*want.filter).clone()
        };
        (filter, facets.clone())
    };
    let since = want.window.since;
    let length = since.saturating_sub(want.from).max(0) / aggregate::PARTS as i64;
    let cut = |at: usize| want.from + length * at as i64;
    // The first part has no start.
    let baseline = (0..aggregate::PARTS).map(|at| TimeRange {
        since: (at > 0).then(|| cut(at)),
        until: Some(if at + 1 == aggregate::PARTS {
            since
        } else {
            cut(at + 1)
        }),
    });
    let window = TimeRange {
        since: Some(since),
        until: want.window.until,
    };
    [window].into_iter().chain(baseline).map(part).collect()
}

/// Returns the changes, once all segments are processed.
pub(super) fn news(open: &Execution, wants: &Wants) -> Option<News> {
    let want = wants.news.as_ref().filter(|_| open.most_left() == 0)?;
    let parts = open.side.get(wants.side.len()..)?;
    let (window, parts) = parts.split_first()?;
    Some(compared(open, window, parts.get(..aggregate::PARTS)?, want))
}

fn compared(open: &Execution, window: &Execution, baseline: &[Execution], want: &NewsWant) -> News {
    let snapshot: &Snapshot = &open.snapshot;
    let Some((oldest, newest)) = snapshot.span() else {
        return News::default();
    };
    let count = |open: &Execution| {
        aggregate::facet_counts(
            snapshot,
            &open.plan,
            &open.matches,
            &want.fields,
            &open.sums,
        )
    };
    let now = count(window);
    // By field, then by part.
    let mut before: Vec<Vec<FacetCounts>> = want.fields.iter().map(|_| Vec::new()).collect();
    for part in baseline {
        for (parts, counts) in before.iter_mut().zip(count(part)) {
            parts.push(counts);
        }
    }
    let since = want.window.since;
    let until = want.window.until.unwrap_or(newest).min(newest);
    let scale =
        until.saturating_sub(since).max(1) as f64 / since.saturating_sub(oldest).max(1) as f64;
    let of_fields = want.fields.iter().zip(now.iter().zip(&before));
    let weighed = |fields: Vec<Arc<str>>, mut changed: Vec<Changed>| {
        aggregate::weigh(
            snapshot,
            &window.matches,
            &open.failed,
            &fields,
            &mut changed,
        );
        table(fields, changed, want.limit)
    };
    let of_fields = of_fields.map(|(field, (now, before))| {
        let changed = aggregate::changes(snapshot, now, before, scale);
        weighed(vec![field.clone()], changed)
    });
    let matches: Vec<_> = baseline.iter().map(|open| &open.matches).collect();
    let counts = |name: &Arc<str>| {
        let at = want.fields.iter().position(|field| field == name);
        at.map_or(&[][..], |at| &before[at])
    };
    let of_pairs = want.pairs.iter().map(|pair| {
        let known = pair.each_ref().map(counts);
        let changed = aggregate::new_pairs(snapshot, &window.matches, &matches, pair, known);
        weighed(pair.to_vec(), changed)
    });
    let total: u64 = matches.iter().map(|matches| matches.matched).sum();
    News {
        now: window.matches.matched,
        before: total,
        usual: total as f64 * scale,
        tables: of_fields.chain(of_pairs).collect(),
    }
}

fn table(fields: Vec<Arc<str>>, mut rows: Vec<Changed>, limit: usize) -> NewsTable {
    let mut all = [0u64; 3];
    rows.retain(|row| {
        let seen = &mut all[match row.change {
            Change::New => 0,
            Change::Surged => 1,
            Change::Gone => 2,
        }];
        *seen += 1;
        *seen <= limit as u64
    });
    NewsTable {
        fields,
        rows,
        more: all.map(|seen| seen.saturating_sub(limit as u64)),
    }
}

/// Returns the history of an image, once all segments are processed.
pub(super) fn lineage(open: &Execution, wants: &Wants) -> Option<LineageTable> {
    let want = wants.lineage.as_ref().filter(|_| open.most_left() == 0)?;
    let matches = &open.side.last()?.matches;
    let mut lineage = aggregate::lineage(&open.snapshot, matches, &open.failed);
    let more = lineage.keep_newest(want.limit) as u64;
    Some(LineageTable { lineage, more })
}
