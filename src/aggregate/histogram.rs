//! Matches over time.

use rayon::prelude::*;

use super::bins::Bins;
use super::matches::Matches;
use super::plan::Part;
use crate::index::Snapshot;
use crate::model::time::Nanos;

/// Counts per bucket: all matches, and those for which `failed` holds.
pub fn histogram(
    snapshot: &Snapshot,
    matches: &Matches,
    bins: &Bins,
    failed: &Part,
) -> (Vec<u64>, Vec<u64>) {
    let empty = || (vec![0u64; bins.count], vec![0u64; bins.count]);
    let one = |(mut all, mut bad): (Vec<u64>, Vec<u64>), at: usize| {
        let segment = &snapshot.segments[at];
        let rows = matches.rows(at, None);
        let Some((first, last)) = segment.span().filter(|_| rows.count(segment.rows) > 0) else {
            return (all, bad);
        };
        let failing = rows.clone().and(failed.rows(segment, &snapshot.vocabulary));
        // Rows are in order of time, so each bucket is a range of rows.
        let mut from = segment.lower_bound(bins.start.max(first));
        for bin in bins.bin_at(first)..=bins.bin_at(last) {
            let to = match bins.start_of(bin + 1) {
                Nanos::MAX => segment.rows,
                end => segment.lower_bound(end),
            };
            all[bin] += rows.count_range(from, to) as u64;
            bad[bin] += failing.count_range(from, to) as u64;
            from = to;
        }
        (all, bad)
    };
    (0..snapshot.segments.len())
        .into_par_iter()
        .fold(empty, one)
        .reduce(empty, |mut a, b| {
            a.0.iter_mut().zip(b.0).for_each(|(a, b)| *a += b);
            a.1.iter_mut().zip(b.1).for_each(|(a, b)| *a += b);
            a
        })
}
