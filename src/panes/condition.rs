//! Texts for the state of a source: reason of a failure, time of the next retry, rate, lag and idle time.

use crate::engine::{SourceState, SourceStatus};
use crate::model::time::Nanos;
use crate::widgets::text;

/// State of a pipe without a writer.
pub const AWAITS: &str = "waiting for a writer";

/// State of a file that does not exist.
pub const RETURNS: &str = "waiting for it to return";

/// Last component of a path; any other name as it is.
pub fn base(name: &str) -> &str {
    if name.contains("://") {
        name
    } else {
        name.rsplit('/')
            .find(|part| !part.is_empty())
            .unwrap_or(name)
    }
}

/// Text for the time of the next connection attempt.
pub fn reconnecting(source: &SourceStatus, clock: Nanos) -> String {
    match source.retry_in(clock) {
        None | Some(0) => "reconnecting now".into(),
        Some(seconds) => format!("reconnecting in {seconds} s"),
    }
}

/// Reason of a failure, without the name of the source in front; `None` if the source has not failed.
pub fn reason(source: &SourceStatus) -> Option<&str> {
    let SourceState::Failed { why } = &source.state else {
        return None;
    };
    let bare = why
        .strip_prefix(&*source.name)
        .and_then(|rest| rest.strip_prefix(": "));
    Some(bare.unwrap_or(why))
}

/// Formats a rate in the smallest unit that results in at least 1.
pub fn usually(a_second: f64) -> Option<String> {
    let units = [(1.0, "s"), (60.0, "min"), (3600.0, "h"), (86_400.0, "d")];
    let unit = |(seconds, name): &(f64, &str)| {
        let number = (a_second * seconds).round();
        (number >= 1.0).then(|| format!("{}/{name}", text::short(number as u64)))
    };
    units.iter().find_map(unit)
}

/// Time since a live source last delivered an event.
pub fn idle(source: &SourceStatus, clock: Nanos) -> Option<Nanos> {
    let last = source.received.unwrap_or(0).max(source.since);
    (source.state == SourceState::Live).then(|| (clock - last).max(0))
}

/// Time from the newest event to now, if that event arrived while the source was live: loaded data may be old without
/// being late.
pub fn lag(source: &SourceStatus, clock: Nanos) -> Option<Nanos> {
    let came = source.received? >= source.since && source.usual > 0.0;
    came.then(|| (clock - source.newest.unwrap_or(clock)).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::SECOND;

    fn live() -> SourceStatus {
        SourceStatus {
            state: SourceState::Live,
            since: 100 * SECOND,
            ..SourceStatus::new("log".into())
        }
    }

    #[test]
    fn rates_are_told_in_the_unit_that_fits() {
        let reported = |rate: f64| usually(rate).unwrap_or_default();
        assert_eq!(reported(14.2), "14/s");
        assert_eq!(reported(0.05), "3/min");
        assert_eq!(reported(0.0001), "9/d");
        assert_eq!(reported(0.0), "");
    }

    #[test]
    fn what_was_loaded_long_ago_is_no_lag_and_silence_counts_from_the_start() {
        let mut source = live();
        source.newest = Some(3 * SECOND);
        source.received = Some(99 * SECOND);
        assert_eq!(lag(&source, 130 * SECOND), None);
        assert_eq!(idle(&source, 130 * SECOND), Some(30 * SECOND));
        source.received = Some(125 * SECOND);
        source.newest = Some(123 * SECOND);
        source.usual = 1.0;
        assert_eq!(lag(&source, 130 * SECOND), Some(7 * SECOND));
        assert_eq!(idle(&source, 130 * SECOND), Some(5 * SECOND));
        assert_eq!(
            lag(&source, 120 * SECOND),
            Some(0),
            "a clock that is behind"
        );
    }
}
