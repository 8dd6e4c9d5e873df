//! The lines of the list: events, and between them the days, the pauses and what happened to sources.

use crate::engine::Window;
use crate::model::time::Nanos;
use crate::model::zone::{Day, Zone};

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// An event, by its index in the window.
    Row(usize),
    /// The first event after this line, by index, is on another day than the one before.
    Day(usize),
    /// A mark, by its index among the marks of the window.
    Mark(usize),
    /// A pause of an instance that is longer than usual ends with an event, by index; the pause by its index
    /// among the gaps.
    Gap(usize, usize),
}

/// Rows with a line before each first event of a day, the pauses, and the marks; rows alone where they are in
/// another order than that of time.
///
/// `gap` gives the longest pause that ends after one time and not after another.
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
