//! Time buckets aligned to the displayed clock: they start at its full hours, midnights and Mondays.

use chrono::DateTime;

use crate::model::time::{Nanos, SECOND};
use crate::model::zone::Zone;

/// Bucket widths that are easy to read, in seconds.
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

/// Finer bucket widths, in nanoseconds, for spans of a few seconds.
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

const WEEK: i128 = 604_800 * SECOND as i128;

/// The first Monday after the start of 1970.
const MONDAY: i128 = 4 * 86_400 * SECOND as i128;

/// Clock changes are multiples of this; narrower buckets need no adjustment.
const SHIFT: i64 = 1800 * SECOND;

/// Consecutive buckets over a span of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bins {
    pub start: Nanos,
    /// Width of a bucket. If the clock changes within the span, some buckets are wider or narrower.
    pub step: i64,
    pub count: usize,
    /// Start of each bucket, and end of the last one. Empty if all have the same width.
    edges: Vec<Nanos>,
}

impl Bins {
    /// Creates buckets of one width.
    pub fn even(start: Nanos, step: i64, count: usize) -> Self {
        Self {
            start,
            step,
            count,
            edges: Vec::new(),
        }
    }

    pub fn is_even(&self) -> bool {
        self.edges.is_empty()
    }

    /// Returns the start of a bucket. The index after the last bucket returns its end.
    pub fn start_of(&self, bin: usize) -> Nanos {
        match self.edges.get(bin) {
            Some(edge) => *edge,
            None => {
                let after = i128::from(self.step) * bin as i128;
                clamp(i128::from(self.start) + after)
            }
        }
    }

    /// Returns the bucket of a time, clamped to the first or last bucket.
    pub fn bin_at(&self, time: Nanos) -> usize {
        let last = self.count.saturating_sub(1);
        let bin = if self.is_even() {
            let after = i128::from(time) - i128::from(self.start);
            (after.max(0) / i128::from(self.step.max(1))).min(last as i128) as usize
        } else {
            self.edges
                .partition_point(|edge| *edge <= time)
                .saturating_sub(1)
        };
        bin.min(last)
    }

    /// Creates buckets of one width over a span, both ends included. Returns `None` if that takes more than `most`.
    pub fn of_step(
        (oldest, newest): (Nanos, Nanos),
        step: i64,
        most: usize,
        zone: Zone,
    ) -> Option<Self> {
        let offset = i128::from(zone.offset(oldest, 0)) * i128::from(SECOND);
        let wide = i128::from(step);
        let first = if wide % WEEK == 0 { MONDAY } else { 0 };
        let local = (i128::from(oldest) + offset - first).div_euclid(wide) * wide + first;
        let start = local - offset;
        let count = (i128::from(newest) - start).div_euclid(wide) + 1;
        // A clock change can add or remove a bucket.
        if count > most as i128 + 2 {
            return None;
        }
        let even = Self::even(clamp(start), step, count as usize);
        let bins = match zone {
            Zone::Place(_) if step >= SHIFT => even.with_clocks_set(local, newest, zone),
            _ => even,
        };
        (bins.count <= most).then_some(bins)
    }

    /// Chooses the narrowest round width that covers a span, both ends included, with at most `most` buckets.
    pub fn fit(span: (Nanos, Nanos), most: usize, zone: Zone) -> Self {
        let steps = FINE.into_iter().chain(STEPS.iter().map(|s| s * SECOND));
        let mut found = steps.filter_map(|step| Self::of_step(span, step, most, zone));
        found.next().unwrap_or_else(|| {
            let widest = STEPS[STEPS.len() - 1] * SECOND;
            Self::of_step(span, widest, usize::MAX - 2, zone).unwrap_or_default()
        })
    }

    /// Adjusts the buckets to clock changes within the span. Each starts at its place on the clock, the first at
    /// `local`.
    fn with_clocks_set(self, local: i128, newest: Nanos, zone: Zone) -> Self {
        let offset = |time: Nanos| i64::from(zone.offset(time, 0)) * SECOND;
        let first = offset(self.start);
        let moved = |bin: usize| (offset(self.start_of(bin)) - first) % self.step != 0;
        if !(0..=self.count).any(moved) {
            return self;
        }
        let mut edges: Vec<Nanos> = Vec::with_capacity(self.count + 2);
        let mut local = local;
        while edges.last().is_none_or(|last| *last <= newest) {
            let edge = instant(local, zone);
            // A skipped hour has no bucket.
            if edges.last().is_none_or(|last| *last < edge) {
                edges.push(edge);
            } else if edge == Nanos::MAX {
                break;
            }
            local += i128::from(self.step);
        }
        Self {
            start: edges[0],
            step: self.step,
            count: (edges.len() - 1).max(1),
            edges,
        }
    }
}

/// Converts a local clock time in nanoseconds to an instant.
fn instant(local: i128, zone: Zone) -> Nanos {
    let seconds = local.div_euclid(i128::from(SECOND)) as i64;
    DateTime::from_timestamp(seconds, 0)
        .map_or(Nanos::MAX, |civil| zone.instant(civil.naive_utc(), 0))
}

fn clamp(time: i128) -> Nanos {
    time.clamp(Nanos::MIN.into(), Nanos::MAX.into()) as Nanos
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: i64 = 86_400 * SECOND;

    fn zone(name: &str) -> Zone {
        Zone::parse(name, Zone::Utc).expect("a zone")
    }

    fn time(text: &str) -> Nanos {
        DateTime::parse_from_rfc3339(text)
            .expect("a time")
            .timestamp_nanos_opt()
            .expect("in range")
    }

    /// Returns the starts of the buckets in local time.
    fn starts(from: &str, to: &str, step: i64, zone: Zone) -> Vec<String> {
        let bins = Bins::of_step((time(from), time(to)), step, 1000, zone).expect("few");
        (0..bins.count)
            .map(|bin| zone.rfc3339(bins.start_of(bin), 0))
            .collect()
    }

    #[test]
    fn bins_are_round_and_cover_the_span() {
        for (span, most) in [
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
            let bins = Bins::fit((oldest, newest), most, Zone::Utc);
            let first = match bins.step {
                step if step % (7 * DAY) == 0 => 4 * DAY,
                _ => 0,
            };
            assert!(
                bins.start <= oldest && (bins.start - first) % bins.step == 0,
                "{span}"
            );
            assert!(
                bins.count <= most && bins.start_of(bins.count) > newest,
                "{span}"
            );
        }
        assert_eq!(
            Bins::fit((0, 86_399 * SECOND), 100, Zone::Utc).step,
            900 * SECOND
        );
    }

    #[test]
    fn days_begin_at_the_midnight_of_the_clock() {
        let shanghai = zone("Asia/Shanghai");
        assert_eq!(
            starts(
                "2024-04-11T16:30:00Z",
                "2024-04-12T23:00:00Z",
                DAY,
                shanghai
            ),
            ["2024-04-12T00:00:00+08:00", "2024-04-13T00:00:00+08:00"]
        );
        assert_eq!(
            starts(
                "2024-04-12T01:00:00Z",
                "2024-04-12T01:00:00Z",
                3600 * SECOND,
                zone("Asia/Kolkata")
            ),
            ["2024-04-12T06:00:00+05:30"]
        );
        assert_eq!(
            starts(
                "2024-04-12T01:00:00Z",
                "2024-04-12T01:00:00Z",
                7 * DAY,
                shanghai
            ),
            ["2024-04-08T00:00:00+08:00"]
        );
        assert_eq!(
            starts(
                "2024-04-12T01:00:00Z",
                "2024-04-12T01:00:00Z",
                7 * DAY,
                Zone::Utc
            ),
            ["2024-04-08T00:00:00Z"]
        );
    }

    #[test]
    fn days_have_23_or_25_hours_where_clocks_are_set() {
        let berlin = zone("Europe/Berlin");
        assert_eq!(
            starts(
                "2024-03-30T12:00:00+01:00",
                "2024-04-01T12:00:00+02:00",
                DAY,
                berlin
            ),
            [
                "2024-03-30T00:00:00+01:00",
                "2024-03-31T00:00:00+01:00",
                "2024-04-01T00:00:00+02:00"
            ]
        );
        assert_eq!(
            starts(
                "2024-10-27T00:30:00+02:00",
                "2024-10-27T11:00:00+01:00",
                6 * 3600 * SECOND,
                berlin
            ),
            ["2024-10-27T00:00:00+02:00", "2024-10-27T06:00:00+01:00"]
        );
        // Hour buckets stay aligned to hours.
        let hours = starts(
            "2024-10-27T02:30:00+02:00",
            "2024-10-27T03:30:00+01:00",
            3600 * SECOND,
            berlin,
        );
        assert_eq!(
            hours,
            [
                "2024-10-27T02:00:00+02:00",
                "2024-10-27T02:00:00+01:00",
                "2024-10-27T03:00:00+01:00"
            ]
        );
        // A skipped midnight.
        assert_eq!(
            starts(
                "2018-11-03T12:00:00-03:00",
                "2018-11-04T12:00:00-02:00",
                DAY,
                zone("America/Sao_Paulo")
            ),
            ["2018-11-03T00:00:00-03:00", "2018-11-04T01:00:00-02:00"]
        );
    }

    proptest! {
        #[test]
        fn every_time_of_the_span_is_in_its_bin(
            oldest in any::<i64>(), long in 0i64..400 * 86_400 * SECOND, at in 0.0f64..1.0, most in 1usize..200, place in 0usize..6,
        ) {
            let zone = zone(["UTC", "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "source"][place]);
            let newest = oldest.saturating_add(long);
            let bins = Bins::fit((oldest, newest), most, zone);
            let time = oldest + ((newest - oldest) as f64 * at) as i64;
            let time = time.clamp(oldest, newest);
            prop_assert!(bins.count >= 1 && bins.start <= oldest);
            let bin = bins.bin_at(time);
            prop_assert!(bins.start_of(bin) <= time);
            prop_assert!(time < bins.start_of(bin + 1) || bins.start_of(bin + 1) == Nanos::MAX);
            prop_assert!((0..bins.count).all(|bin| bins.start_of(bin) < bins.start_of(bin + 1)));
        }
    }
}
