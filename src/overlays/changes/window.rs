//! Windows of time to compare with what was before.

use crate::engine::Span;
use crate::model::time::{Nanos, SECOND};
use crate::query::Filter;

const HOUR: Nanos = 3600 * SECOND;

/// Windows to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The last hours of the log.
    Hour,
    SixHours,
    Day,
    /// The time range of the filter.
    Range,
}

impl Window {
    /// Name in the title.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Hour => "last hour of data",
            Self::SixHours => "last 6 hours of data",
            Self::Day => "last day of data",
            Self::Range => "time range",
        }
    }

    /// Length; `None` for that of the filter's range.
    fn length(self) -> Option<Nanos> {
        match self {
            Self::Hour => Some(HOUR),
            Self::SixHours => Some(6 * HOUR),
            Self::Day => Some(24 * HOUR),
            Self::Range => None,
        }
    }

    /// Window of a log without a chosen one: six hours if the log is at least twice as long, so that an incident of
    /// some hours ago is in it; otherwise an hour.
    pub(super) fn of_log(oldest: Nanos, newest: Nanos) -> Self {
        if newest.saturating_sub(oldest) >= 12 * HOUR {
            Self::SixHours
        } else {
            Self::Hour
        }
    }

    /// Returns the span of the window.
    pub(super) fn span(self, filter: &Filter, newest: Nanos) -> Result<Span, String> {
        let range = filter.range;
        match (self.length(), range.since) {
            (Some(length), _) => Ok(Span {
                since: newest.saturating_sub(length),
                until: None,
            }),
            (None, Some(since)) => Ok(Span {
                since,
                until: range.until,
            }),
            (None, None) if range.is_all() => {
                Err("the filter has no time range: close this and press t to set one".into())
            }
            (None, None) => Err("no baseline: the time range has no start".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_of_some_hours_ago_is_in_the_window_of_a_log_of_a_day() {
        assert_eq!(Window::of_log(0, 24 * HOUR), Window::SixHours);
        // Half of the log and more would leave too little to compare with.
        assert_eq!(Window::of_log(0, 11 * HOUR), Window::Hour);
        let span = Window::SixHours.span(&Filter::default(), 24 * HOUR);
        assert_eq!(span.map(|span| span.since), Ok(18 * HOUR));
    }

    #[test]
    fn the_time_range_is_a_window_if_it_has_a_start() {
        let mut filter = Filter::default();
        assert!(Window::Range.span(&filter, HOUR).is_err());
        filter.range.until = Some(HOUR);
        assert!(Window::Range.span(&filter, HOUR).is_err());
        filter.range.since = Some(5);
        let span = Window::Range.span(&filter, HOUR).expect("a start");
        assert_eq!((span.since, span.until), (5, Some(HOUR)));
    }
}
