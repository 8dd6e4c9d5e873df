//! The lines of the list: events, and between them the days, the pauses and what happened to sources.

use super::gaps::gaps;
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
    /// A pause longer than usual before an event, by index, in nanoseconds.
    Gap(usize, Nanos),
}

/// Rows with a line before each first event of a day, the pauses, and the marks; rows alone where they are in
/// another order than that of time.
pub(super) fn lines(window: &Window, zone: Zone, sorted: bool) -> Vec<Line> {
    if sorted {
        return (0..window.rows.len()).map(Line::Row).collect();
    }
    let mut lines = Vec::new();
    let mut day: Option<Day> = None;
    let mut marks = window.marks.iter().enumerate().peekable();
    let mut gaps = gaps(window).into_iter().peekable();
    for (index, row) in window.rows.iter().enumerate() {
        while let Some((mark, _)) = marks.next_if(|(_, (before, _))| *before <= index) {
            lines.push(Line::Mark(mark));
        }
        if let Some((_, pause)) = gaps.next_if(|(before, _)| *before == index) {
            lines.push(Line::Gap(index, pause));
        }
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

/// The row after the next pause past a row (before it).
pub(super) fn next_gap(lines: &[Line], cursor: usize, forward: bool) -> Option<usize> {
    let gap = |line: &Line| match *line {
        Line::Gap(index, _) if forward && index > cursor => Some(index),
        Line::Gap(index, _) if !forward && index < cursor => Some(index),
        _ => None,
    };
    if forward {
        lines.iter().find_map(gap)
    } else {
        lines.iter().rev().find_map(gap)
    }
}
