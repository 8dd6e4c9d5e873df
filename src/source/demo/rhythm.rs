//! Rhythm of the traffic: load over a day, activities by hour, and the clock that spreads a number of events over the
//! day.

use super::rng::{Rng, mix};
use crate::model::time::{Nanos, SECOND};

pub(super) const MINUTE: Nanos = 60 * SECOND;
pub(super) const HOUR: Nanos = 60 * MINUTE;
/// Offset of the times that the registry writes.
pub(super) const OFFSET: Nanos = 8 * HOUR;

/// Kind of activity; each is a function of `activity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Node,
    Rollout,
    Build,
    Person,
    Scan,
    Cleanup,
    Stray,
    Partner,
    Root,
}

const KINDS: [Kind; 9] = [
    Kind::Node,
    Kind::Rollout,
    Kind::Build,
    Kind::Person,
    Kind::Scan,
    Kind::Cleanup,
    Kind::Stray,
    Kind::Partner,
    Kind::Root,
];

/// Relative load by hour, on working days and at weekends.
const WORKDAY: [u32; 24] = [
    30, 42, 48, 38, 34, 30, 28, 34, 48, 78, 100, 104, 82, 84, 98, 104, 106, 102, 90, 74, 62, 54,
    44, 36,
];
const WEEKEND: [u32; 24] = [
    28, 40, 46, 36, 32, 28, 26, 26, 28, 32, 34, 36, 34, 34, 36, 36, 36, 34, 32, 32, 30, 30, 28, 28,
];
/// Relative number of people at work by hour.
const PEOPLE: [u32; 24] = [
    20, 10, 6, 4, 4, 6, 20, 80, 300, 900, 1600, 1700, 900, 1000, 1600, 1800, 1800, 1600, 1200, 800,
    600, 450, 200, 80,
];

/// Local hour and minute of the registry, and true at weekends.
fn local(time: Nanos) -> (usize, u32, bool) {
    let minutes = (time + OFFSET).div_euclid(MINUTE);
    let day = minutes.div_euclid(24 * 60);
    let of_day = minutes.rem_euclid(24 * 60);
    // Day 0 of the epoch was a Thursday.
    let weekend = matches!((day + 3).rem_euclid(7), 5 | 6);
    ((of_day / 60) as usize, (of_day % 60) as u32, weekend)
}

/// Draws the next activity for this time.
pub(super) fn kind(rng: &mut Rng, time: Nanos) -> Kind {
    let (hour, _, weekend) = local(time);
    let people = PEOPLE[hour] / if weekend { 6 } else { 1 };
    let busy = !weekend && (10..21).contains(&hour);
    let weights = [
        4800,
        if busy { 60 } else { 12 },
        if (1..4).contains(&hour) {
            2200
        } else if weekend {
            500
        } else {
            500 + people / 2
        },
        people,
        if (3..5).contains(&hour) { 600 } else { 40 },
        if hour == 5 { 140 } else { 6 },
        200 + people / 5,
        120,
        2,
    ];
    let mut at = rng.below(weights.iter().sum());
    for (kind, weight) in KINDS.into_iter().zip(weights) {
        if at < weight {
            return kind;
        }
        at -= weight;
    }
    Kind::Node
}

/// Load of the minute that begins at `time`.
fn load(seed: u64, time: Nanos) -> u64 {
    let (hour, minute, weekend) = local(time);
    let table = if weekend { &WEEKEND } else { &WORKDAY };
    let here = table[hour] * (60 - minute) + table[(hour + 1) % 24] * minute;
    // Noise of a fifth either way, new every five minutes.
    let noise = 80 + mix(seed, time.div_euclid(5 * MINUTE) as u64) % 41;
    u64::from(here) * noise
}

/// Conversion of progress into time.
#[derive(Clone, Debug)]
pub(super) enum Pace {
    /// `events` spread over a span by the load of its minutes.
    Span {
        start: Nanos,
        step: Nanos,
        events: u64,
        cumulative: Vec<u64>,
        at: usize,
    },
    /// A steady number of events a second.
    Live { start: Nanos, rate: u64 },
}

impl Pace {
    /// Pace for the 24 hours before `end`.
    pub(super) fn day(seed: u64, events: u64, end: Nanos) -> Self {
        let start = end - 24 * HOUR;
        let mut sum = 0;
        let cumulative = std::iter::once(0)
            .chain((0..24 * 60).map(|minute| {
                sum += load(seed, start + minute * MINUTE);
                sum
            }))
            .collect();
        Self::Span {
            start,
            step: MINUTE,
            events: events.max(1),
            cumulative,
            at: 0,
        }
    }

    /// Time at which `done` events have happened. `done` never decreases between calls.
    pub(super) fn time(&mut self, done: u64) -> Nanos {
        match self {
            Self::Live { start, rate } => {
                *start + (u128::from(done) * SECOND as u128 / u128::from(*rate)) as Nanos
            }
            Self::Span {
                start,
                step,
                events,
                cumulative,
                at,
            } => {
                let all = cumulative[cumulative.len() - 1];
                let target =
                    (u128::from(done.min(*events)) * u128::from(all) / u128::from(*events)) as u64;
                while *at + 2 < cumulative.len() && cumulative[*at + 1] <= target {
                    *at += 1;
                }
                let (low, high) = (cumulative[*at], cumulative[*at + 1]);
                let part =
                    u128::from(target - low) * (*step as u128) / u128::from((high - low).max(1));
                *start + *at as Nanos * *step + part as Nanos
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Friday 2024-04-12 16:58:30 +08:00.
    const FRIDAY: Nanos = 1_712_912_310 * SECOND;

    #[test]
    fn local_time_and_weekends() {
        assert_eq!(local(FRIDAY), (16, 58, false));
        assert_eq!(local(FRIDAY + 24 * HOUR), (16, 58, true));
        assert_eq!(local(FRIDAY + 48 * HOUR), (16, 58, true));
        assert_eq!(local(FRIDAY + 72 * HOUR), (16, 58, false));
    }

    #[test]
    fn pace_fills_its_span_and_follows_the_day() {
        let mut pace = Pace::day(1, 24_000, FRIDAY);
        assert_eq!(pace.time(0), FRIDAY - 24 * HOUR);
        let mut by_hour = [0; 24];
        let mut last = 0;
        for done in 0..24_000 {
            let time = pace.time(done);
            assert!(time >= last);
            last = time;
            by_hour[local(time).0] += 1;
        }
        assert_eq!(pace.time(24_000), FRIDAY);
        assert!(by_hour[16] > 2 * by_hour[5], "{by_hour:?}");
    }

    #[test]
    fn live_pace_is_steady() {
        let mut pace = Pace::Live {
            start: FRIDAY,
            rate: 20,
        };
        assert_eq!(pace.time(40), FRIDAY + 2 * SECOND);
    }
}
