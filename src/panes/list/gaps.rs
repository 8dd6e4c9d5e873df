//! Pauses in the list that are longer than usual: found by the spacing of the rows around them.

use crate::engine::Window;
use crate::model::time::{Nanos, SECOND};

/// How many times longer than the usual spacing a pause must be, and how long at least.
const FACTOR: i64 = 8;
const LEAST: Nanos = 30 * SECOND;

/// With fewer rows nothing is usual.
const FEWEST: usize = 12;

/// Indices of the rows that come after a pause, with its length.
pub(super) fn gaps(window: &Window) -> Vec<(usize, Nanos)> {
    let rows = &window.rows;
    let pauses: Vec<(usize, Nanos)> = (1..rows.len())
        .filter_map(|at| Some((at, rows[at].time?.checked_sub(rows[at - 1].time?)?)))
        .collect();
    if pauses.len() < FEWEST {
        return Vec::new();
    }
    let mut sorted: Vec<Nanos> = pauses.iter().map(|(_, pause)| *pause).collect();
    sorted.sort_unstable();
    // Nine pauses out of ten are no longer. In powers of two, so that the bound does not waver from window
    // to window.
    let usual = sorted[sorted.len() * 9 / 10].max(1) as u64;
    let usual = usual
        .checked_next_power_of_two()
        .map_or(i64::MAX, |n| n as i64);
    let bound = usual.saturating_mul(FACTOR).max(LEAST);
    let is_gap = |(_, pause): &(usize, Nanos)| *pause > bound;
    pauses.into_iter().filter(is_gap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EventId, Row};

    fn window(seconds: impl IntoIterator<Item = i64>) -> Window {
        let row = |(at, second): (usize, i64)| Row {
            id: EventId(at as u64),
            time: Some(second * SECOND),
            offset: 0,
            values: Vec::new(),
        };
        Window {
            rows: seconds.into_iter().enumerate().map(row).collect(),
            ..Window::default()
        }
    }

    #[test]
    fn only_what_is_unusual_is_a_gap() {
        let busy = (0..30).map(|n| if n < 20 { n } else { n + 247 });
        assert_eq!(gaps(&window(busy)), [(20, 248 * SECOND)]);
        let calm = (0..30).map(|n| n * 3_600);
        assert!(gaps(&window(calm)).is_empty(), "an hour is usual here");
        let short = (0..30).map(|n| if n < 20 { n } else { n + 15 });
        assert!(
            gaps(&window(short)).is_empty(),
            "a quarter of a minute is no gap"
        );
        assert!(
            gaps(&window([0, 1, 900])).is_empty(),
            "nothing is usual yet"
        );
    }
}
