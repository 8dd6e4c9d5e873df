//! Drawing of the histogram: one row as a sparkline, several rows with a scale and an axis.

use std::fmt::Write as _;

use crate::app::App;
use crate::app::layout::PaneId;
use crate::engine::{Gap, Histogram};
use crate::model::time::{Nanos, SECOND};
use crate::model::zone::step_text;
use crate::panes::histogram::{HistogramState, SCALE};
use crate::theme::Role;
use crate::widgets::{Canvas, text};

pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>) {
    let state = &app.panes.histogram;
    let Some(data) = state.data.as_ref().filter(|data| !data.counts.is_empty()) else {
        canvas.text(1, 0, "no events to chart", Role::Dim);
        return;
    };
    let focused = app.screen.focus == PaneId::Histogram;
    let rows = if canvas.height() >= 3 {
        canvas.height() - 1
    } else {
        1
    };
    let peak = data.counts.iter().copied().max().unwrap_or(0);
    if rows == 1 {
        let at = app.clock.zone.clock(data.bins.start, 0, 0);
        let role = if focused {
            Role::TitleFocused
        } else {
            Role::Dim
        };
        canvas.text(1, 0, &at[..5], role);
        let failed: u64 = data.failed.iter().sum();
        let mut words = format!(
            "peak {} per {}",
            text::short(peak),
            step_text(data.bins.step)
        );
        if failed > 0 {
            let _ = write!(words, ", {} failed", text::short(failed));
        }
        canvas.text_before(canvas.width().saturating_sub(1), 0, &words, role);
    } else {
        let glyphs = canvas.glyphs();
        let peak = text::fit_right(&text::short(peak), usize::from(SCALE) - 2);
        canvas.text(0, 0, &format!("{peak}{}", glyphs.scale_top), Role::Dim);
        let zero = text::fit_right("0", usize::from(SCALE) - 2);
        canvas.text(
            0,
            rows - 1,
            &format!("{zero}{}", glyphs.scale_bottom),
            Role::Dim,
        );
    }
    let cells = state.cells();
    for bin in 0..data.counts.len() {
        let x = SCALE + bin as u16 * cells;
        bar(data, bin, rows, peak, &mut canvas.inset(x, 0, cells, rows));
    }
    gaps(app, data, rows, peak, canvas);
    quiet(data, cells, canvas);
    if (focused || state.is_dragging())
        && let Some((first, last)) = state.selection()
    {
        let x = SCALE + first as u16 * cells;
        for y in 0..rows {
            canvas.tint(x, y, (last - first + 1) as u16 * cells, Role::BarSelected);
        }
    }
    if canvas.height() >= 3 {
        axis(app, data, canvas);
    }
}

/// Writes the length of a pause that takes most of the histogram into it, with the key that zooms in: the rest is drawn
/// in a few cells.
fn quiet(data: &Histogram, cells: u16, canvas: &mut Canvas<'_>) {
    let Some((first, bins)) = longest_pause(&data.counts) else {
        return;
    };
    if bins * 2 < data.counts.len() {
        return;
    }
    let pause = data.bins.start_of(first + bins) - data.bins.start_of(first);
    let words = format!(
        " no events for {}; z zooms in ",
        text::duration(pause / SECOND)
    );
    let (x, room) = (SCALE + first as u16 * cells, bins as u16 * cells);
    let wide = text::width(&words) as u16;
    if let Some(free) = room.checked_sub(wide) {
        canvas.text(x + free / 2, 0, &words, Role::Dim);
    }
}

/// Returns the first bin and the length of the longest run of empty bins between two with events.
fn longest_pause(counts: &[u64]) -> Option<(usize, usize)> {
    let with_events = |at: &usize| counts[*at] > 0;
    let filled: Vec<usize> = (0..counts.len()).filter(with_events).collect();
    let pauses = filled
        .windows(2)
        .map(|pair| (pair[0] + 1, pair[1] - pair[0] - 1));
    pauses
        .max_by_key(|(_, bins)| *bins)
        .filter(|(_, bins)| *bins > 0)
}

/// Marks bins in which an instance had a gap, above their bar, or in place of a missing bar.
fn gaps(app: &App, data: &Histogram, rows: u16, peak: u64, canvas: &mut Canvas<'_>) {
    let cells = app.panes.histogram.cells();
    let steps = u64::from(rows) * 8;
    for (bin, count) in (0u16..).zip(&data.counts) {
        let start = data.bins.start_of(bin.into());
        let end = data.bins.start_of(usize::from(bin) + 1);
        if gap_in(app, start, end).is_none() {
            continue;
        }
        let high = (u128::from(*count) * u128::from(steps)).div_ceil(u128::from(peak.max(1)));
        let taken = (high as u64).div_ceil(8) as u16;
        if taken < rows {
            let x = SCALE + bin * cells;
            canvas.rule(
                x,
                rows - 1 - taken,
                x + cells,
                canvas.glyphs().gap,
                Role::Warning,
            );
        }
    }
}

/// Longest gap that covers at least half of a time range, or is inside it completely.
fn gap_in(app: &App, since: Nanos, until: Nanos) -> Option<&Gap> {
    let gaps = app.panes.list.gaps();
    let ended = gaps.partition_point(|gap| gap.until <= since);
    let overlap = |gap: &Gap| gap.until.min(until) - gap.from.max(since);
    let here = gaps[ended..].iter().filter(|gap| {
        overlap(gap) > 0
            && (overlap(gap) * 2 >= until - since || overlap(gap) == gap.until - gap.from)
    });
    here.max_by_key(|gap| gap.until - gap.from)
}

/// Draws one bin: matches from the bottom up, failures at the bottom in their own colour; without colours, with their
/// own sign.
fn bar(data: &Histogram, bin: usize, rows: u16, peak: u64, canvas: &mut Canvas<'_>) {
    let count = data.counts[bin];
    let failed = data.failed.get(bin).copied().unwrap_or(0);
    let steps = u64::from(rows) * 8;
    let height =
        |n: u64| (u128::from(n) * u128::from(steps)).div_ceil(u128::from(peak.max(1))) as u64;
    let (all, bad) = (height(count), height(failed));
    for y in 0..rows {
        let below = u64::from(rows - 1 - y) * 8;
        let level = |all: u64| all.saturating_sub(below).min(8) as usize;
        let (low, high) = (level(bad), level(all));
        if high > 0 && !canvas.bar(y, (low, high), (Role::BarFailed, Role::Bar)) && low >= 4 {
            canvas.rule(0, y, canvas.width(), FAILED, Role::BarFailed);
        }
    }
}

/// Sign for failures.
const FAILED: &str = "!";

fn axis(app: &App, data: &Histogram, canvas: &mut Canvas<'_>) {
    let y = canvas.height() - 1;
    let focused = app.screen.focus == PaneId::Histogram || app.panes.histogram.is_dragging();
    // The length of a single bin says nothing.
    let per = if data.counts.len() > 1 {
        format!("per {}", step_text(data.bins.step))
    } else {
        "at".into()
    };
    let mut x = canvas.text(1, y, &per, Role::Dim) + 2;
    if focused && let Some(words) = selected(app) {
        canvas.text(x, y, &words, Role::TitleFocused);
        return;
    }
    let failed: u64 = data.failed.iter().sum();
    if failed > 0 {
        x = canvas.text(
            x,
            y,
            &format!("{FAILED} {} failed", text::short(failed)),
            Role::BarFailed,
        ) + 2;
    }
    labels(app, data, x, canvas);
}

/// Range and counts of the cursor or the selection.
fn selected(app: &App) -> Option<String> {
    let state: &HistogramState = &app.panes.histogram;
    let data = state.data.as_ref()?;
    let (first, last) = state.selection()?;
    let range = state.range()?;
    let sum = |counts: &[u64]| {
        counts
            .iter()
            .skip(first)
            .take(last - first + 1)
            .sum::<u64>()
    };
    let digits = if data.bins.step % SECOND == 0 { 0 } else { 3 };
    let (since, until) = (range.since?, range.until?);
    let day = app.clock.zone.date_only(since);
    let from = app.clock.zone.clock(since, 0, digits);
    let until = app.clock.zone.clock(until, 0, digits);
    let events = text::counted(sum(&data.counts), "event");
    let failed = text::grouped(sum(&data.failed));
    let silent = gap_in(app, range.since?, range.until?).map(|gap| {
        let long = text::duration((gap.until - gap.from) / SECOND);
        let instance = gap.instance.as_deref().unwrap_or("any instance");
        format!("  {long} without events from {instance}")
    });
    let silent = silent.unwrap_or_default();
    Some(format!(
        "{day} {from} – {until}  {events}, {failed} failed{silent}"
    ))
}

/// Draws times below the bars, as many as fit.
fn labels(app: &App, data: &Histogram, from: u16, canvas: &mut Canvas<'_>) {
    let y = canvas.height() - 1;
    let cells = app.panes.histogram.cells();
    let bins = data.counts.len() as i64;
    let span = data.bins.step.saturating_mul(bins);
    let days = span > 2 * 86_400 * SECOND;
    // Labels that would repeat a minute also show seconds, then milliseconds.
    let (digits, end) = match span {
        ..SECOND => (3, 12),
        _ if span < 10 * SECOND => (1, 10),
        _ if span < 600 * SECOND => (0, 8),
        _ => (0, 5),
    };
    let mut free = from + 1;
    let every = (20 / cells.max(1)).max(1);
    for bin in (0..data.counts.len()).step_by(usize::from(every)) {
        let x = SCALE + bin as u16 * cells;
        let time = data.bins.start_of(bin);
        let label = if days {
            app.clock.zone.minute(time)[5..].to_owned()
        } else {
            app.clock.zone.clock(time, 0, digits)[..end].to_owned()
        };
        let wide = label.len() as u16;
        if x >= free && x + wide < canvas.width() {
            canvas.text(x, y, &label, Role::Dim);
            free = x + wide + 3;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::longest_pause;

    #[test]
    fn a_pause_lies_between_events() {
        for (counts, pause) in [
            (&[][..], None),
            (&[0, 0, 3, 0, 0], None),
            (&[1, 2, 3], None),
            (&[1, 0, 2, 0, 0, 0, 1, 0], Some((3, 3))),
        ] {
            assert_eq!(longest_pause(counts), pause, "{counts:?}");
        }
    }
}
