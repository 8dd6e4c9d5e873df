//! Matches over time.

use rayon::prelude::*;

use super::matches::Matches;
use super::plan::Part;
use crate::index::Snapshot;
use crate::model::time::{Nanos, SECOND};

/// Widths of a bin that people can read off, in seconds.
const STEPS: [i64; 26] = [
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10_800,
    14_400,
    21_600,
    43_200,
    86_400,
    172_800,
    604_800,
    1_209_600,
    2_592_000,
    7_776_000,
    31_536_000,
    315_360_000,
];

/// Finer widths, in nanoseconds: for spans of a few seconds.
const FINE: [i64; 9] = [
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    20_000_000,
    50_000_000,
    100_000_000,
    200_000_000,
    500_000_000,
];

/// Start of the first bin and the narrowest round width with which a span (both ends included) takes at most
/// `bins` bins. Bins start at multiples of the width.
pub fn fit((oldest, newest): (Nanos, Nanos), bins: usize) -> (Nanos, i64) {
    let steps = FINE.iter().copied().chain(STEPS.iter().map(|s| s * SECOND));
    let mut last = SECOND;
    for step in steps {
        last = step;
        if bins_in(oldest, newest, step) <= bins as i64 {
            break;
        }
    }
    (oldest.div_euclid(last) * last, last)
}

fn bins_in(oldest: Nanos, newest: Nanos, step: i64) -> i64 {
    newest.div_euclid(step) - oldest.div_euclid(step) + 1
}

/// Bins of a given width over a span. `None` where that would be more than `most`.
pub fn with_step(
    (oldest, newest): (Nanos, Nanos),
    step: i64,
    most: usize,
) -> Option<(Nanos, usize)> {
    let bins = bins_in(oldest, newest, step);
    (bins <= most as i64).then(|| (oldest.div_euclid(step) * step, bins as usize))
}

/// Counts per bin: of all matches, and of those for which `failed` holds.
pub fn histogram(
    snapshot: &Snapshot,
    matches: &Matches,
    (start, step): (Nanos, i64),
    bins: usize,
    failed: &Part,
) -> (Vec<u64>, Vec<u64>) {
    let empty = || (vec![0u64; bins], vec![0u64; bins]);
    let one = |(mut all, mut bad): (Vec<u64>, Vec<u64>), at: usize| {
        let segment = &snapshot.segments[at];
        let rows = matches.rows(at, None);
        let Some((first, last)) = segment.span().filter(|_| rows.count(segment.rows) > 0) else {
            return (all, bad);
        };
        let failing = rows.clone().and(failed.rows(segment, &snapshot.vocabulary));
        // Rows are in order of time: each bin is a range of rows.
        let bin_of = |time: Nanos| {
            time.saturating_sub(start)
                .div_euclid(step)
                .clamp(0, bins as i64 - 1) as usize
        };
        let mut from = segment.lower_bound(start.max(first));
        for bin in bin_of(first)..=bin_of(last) {
            let end = start.checked_add(step.saturating_mul(bin as i64 + 1));
            let to = end.map_or(segment.rows, |end| segment.lower_bound(end));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_round_and_cover_the_span() {
        for (span, bins) in [
            (0, 1),
            (59, 60),
            (86_399, 100),
            (86_400 * 365, 80),
            (3, 120),
        ] {
            let (oldest, newest) = (
                1_712_912_310 * SECOND + 5,
                (1_712_912_310 + span) * SECOND + 5,
            );
            let (start, step) = fit((oldest, newest), bins);
            assert!(start <= oldest && start % step == 0, "{span}");
            assert!(
                bins_in(start, newest, step) <= bins as i64,
                "{span}: {step}"
            );
        }
        assert_eq!(fit((0, 86_399 * SECOND), 100).1, 900 * SECOND);
    }
}
