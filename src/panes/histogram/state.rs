//! State of the histogram: counts over time, cursor and selection. Cursor and selection are stored as times, so that
//! they stay in place when the bins change.

use crate::engine::{Histogram, HistogramWant};
use crate::model::time::Nanos;
use crate::model::zone::Zone;
use crate::query::TimeRange;

/// Width of the scale, left of the bars, in cells.
pub const SCALE: u16 = 7;

/// Width of scale and failures, right of the bars, for a pane with one row.
const WORDS: u16 = 32;

/// Maximum width of a bin in cells: a single event is no wall.
const WIDEST: u16 = 8;

#[derive(Debug, Default)]
pub struct HistogramState {
    pub data: Option<Histogram>,
    /// Time of the bin under the cursor.
    cursor: Option<Nanos>,
    /// Start of the selection.
    mark: Option<Nanos>,
    /// Number of times the bin count is halved.
    coarse: u32,
    /// Width of the bars in cells.
    width: u16,
    /// A selection is being dragged; true once it spans more than its first bin.
    drag: Option<bool>,
}

impl HistogramState {
    pub fn resize(&mut self, width: u16, height: u16) -> bool {
        let words = if height < 3 { WORDS } else { 0 };
        let width = width.saturating_sub(SCALE + 1 + words).max(1);
        std::mem::replace(&mut self.width, width) != width
    }

    /// Marks the pane as hidden, so that showing it again counts as a new size.
    pub fn hide(&mut self) {
        self.width = 0;
    }

    pub fn want(&self, zone: Zone) -> HistogramWant {
        HistogramWant {
            bins: (usize::from(self.width) >> self.coarse).max(4),
            step: None,
            range: None,
            zone,
        }
    }

    /// Bin under the cursor; the newest by default.
    pub fn cursor(&self) -> Option<usize> {
        let data = self.data.as_ref()?;
        let last = data.counts.len().checked_sub(1)?;
        Some(self.cursor.map_or(last, |time| data.bins.bin_at(time)))
    }

    /// First and last selected bin; the bin under the cursor if nothing is selected.
    pub fn selection(&self) -> Option<(usize, usize)> {
        let data = self.data.as_ref()?;
        let cursor = self.cursor()?;
        let mark = self.mark.map_or(cursor, |time| data.bins.bin_at(time));
        Some((cursor.min(mark), cursor.max(mark)))
    }

    /// Time range of the selection.
    pub fn range(&self) -> Option<TimeRange> {
        let data = self.data.as_ref()?;
        let (first, last) = self.selection()?;
        Some(TimeRange {
            since: Some(data.bins.start_of(first)),
            until: Some(data.bins.start_of(last + 1)),
        })
    }

    pub fn step(&mut self, by: i64) {
        let (Some(data), Some(at)) = (&self.data, self.cursor()) else {
            return;
        };
        let last = data.counts.len() as i64 - 1;
        let bin = (at as i64).saturating_add(by).clamp(0, last);
        self.cursor = Some(data.bins.start_of(bin as usize));
    }

    pub fn toggle_selection(&mut self) {
        let (Some(data), Some(at)) = (&self.data, self.cursor()) else {
            return;
        };
        let time = data.bins.start_of(at);
        self.mark = if self.mark.is_some() {
            None
        } else {
            Some(time)
        };
    }

    /// Starts a selection at a column of the pane.
    pub fn begin_drag(&mut self, column: u16) {
        self.mark = None;
        self.point(column);
        self.toggle_selection();
        self.drag = Some(false);
    }

    /// Extends the selection to a column of the pane.
    pub fn drag_to(&mut self, column: u16) {
        if self.drag.is_some() {
            self.point(column);
            let is_wide = self.selection().is_some_and(|(first, last)| first < last);
            self.drag = Some(is_wide);
        }
    }

    /// Returns true while the button that was pressed on the pane is held.
    pub fn is_dragging(&self) -> bool {
        self.drag.is_some()
    }

    /// Returns true if the dragged selection spans several bins.
    pub fn is_dragged(&self) -> bool {
        self.drag == Some(true)
    }

    pub fn end_drag(&mut self) {
        if self.drag.take() == Some(false) {
            // A click does not start a selection.
            self.mark = None;
        }
    }

    /// Moves the cursor to the bin at a column of the pane.
    fn point(&mut self, column: u16) {
        if let Some(data) = &self.data {
            let last = data.counts.len().saturating_sub(1);
            let bin = usize::from(column.saturating_sub(SCALE) / self.cells()).min(last);
            self.cursor = Some(data.bins.start_of(bin));
        }
    }

    pub fn clear_selection(&mut self) -> bool {
        self.mark.take().is_some()
    }

    /// Makes bins wider or narrower. Returns false at the limit.
    pub fn coarsen(&mut self, by: i32) -> bool {
        let coarse = self.coarser(by);
        std::mem::replace(&mut self.coarse, coarse) != coarse
    }

    /// Returns true if bins can be wider or narrower.
    pub fn can_coarsen(&self, by: i32) -> bool {
        self.coarser(by) != self.coarse
    }

    fn coarser(&self, by: i32) -> u32 {
        self.coarse.saturating_add_signed(by).min(4)
    }

    /// Width of a bin in cells.
    pub fn cells(&self) -> u16 {
        let bins = self
            .data
            .as_ref()
            .map_or(1, |data| data.counts.len().max(1));
        let cells = self.width / u16::try_from(bins).unwrap_or(u16::MAX);
        cells.clamp(1, WIDEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::Bins;

    fn state() -> HistogramState {
        let data = Histogram {
            bins: Bins::even(1000, 10, 6),
            counts: vec![1; 6],
            failed: vec![0; 6],
        };
        HistogramState {
            data: Some(data),
            width: 12,
            ..HistogramState::default()
        }
    }

    #[test]
    fn the_selection_stays_at_its_time_when_bins_change() {
        let mut state = state();
        state.step(-3);
        state.toggle_selection();
        state.step(1);
        let range = state.range();
        assert_eq!(
            range,
            Some(TimeRange {
                since: Some(1020),
                until: Some(1040)
            })
        );
        state.data = Some(Histogram {
            bins: Bins::even(980, 10, 20),
            counts: vec![1; 20],
            failed: vec![0; 20],
        });
        assert_eq!(state.range(), range);
    }

    #[test]
    fn the_cursor_stays_on_the_bins() {
        let mut state = state();
        state.step(i64::MIN);
        assert_eq!(state.cursor(), Some(0));
        state.step(i64::MAX);
        assert_eq!(state.cursor(), Some(5));
        state.data = None;
        state.step(1);
        assert_eq!(state.selection(), None);
    }
}
