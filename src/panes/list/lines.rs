//! Lines of the list: events, and between them days, gaps and source events.

use crate::engine::Window;
use crate::model::time::Nanos;
use crate::model::zone::{Day, Zone};

/// Line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Event, by its index in the window.
    Row(usize),
    /// Start of a day: the event after this line, by index, is the first one of its day.
    Day(usize),
    /// Source event, by its index among the marks of the window.
    Mark(usize),
    /// End of a gap that is longer than usual for its instance: index of the event after it, and of the gap.
    Gap(usize, usize),
}

/// Builds the lines: rows, with a line before the first event of each day, gaps, and source events. Rows alone if the
/// list is not in time order.
///
/// `gap` returns the longest gap that ends after the first time and not after the second.
pub(super) fn lines(
    window: &Window,
    zone: Zone,
    sorted: bool,
    gap: impl Fn(Nanos, Nanos) -> Option<usize>,
) -> Vec<Line> {
    if sorted {
        return (0..window.rows.len()).map(Line::Row).collect();
    }
    let mut lines = Vec::new();
    let mut day: Option<Day> = None;
    let mut marks = window.marks.iter().enumerate().peekable();
    let mut last: Option<Nanos> = None;
    for (index, row) in window.rows.iter().enumerate() {
        while let Some((mark, _)) = marks.next_if(|(_, (before, _))| *before <= index) {
            lines.push(Line::Mark(mark));
        }
        if let Some(gap) = last.zip(row.time).and_then(|(a, b)| gap(a, b)) {
            lines.push(Line::Gap(index, gap));
        }
        last = row.time;
        let new = row.time.map(|time| zone.day(time, row.offset));
        if new.is_some() && new != day {
            lines.push(Line::Day(index));
            day = new;
        }
        lines.push(Line::Row(index));
    }
    lines.extend(marks.map(|(mark, _)| Line::Mark(mark)));
    lines
}
