//! Rows in order of arrival, until they are sealed into a [`Segment`].

use super::dictionary::{MISSING, Ordinal};
use super::layout::ColumnId;
use super::packed::{Packed, zigzag};
use super::seal::{seal_cells, seal_column};
use super::segment::{Column, Follows, Ids, Segment, Typed};
use crate::model::time::{Nanos, SECOND};

/// One event as ordinals, ready to append.
#[derive(Clone, Debug)]
pub struct Record {
    pub time: Option<Nanos>,
    /// By [`ColumnId`], catalogue columns only.
    pub columns: [Ordinal; ColumnId::UNKNOWN.0 as usize],
    pub unknown: Vec<(ColumnId, Ordinal)>,
    pub request_id: Typed<[u8; 16]>,
    pub log_time: Typed<i64>,
    pub log_time_ns: Typed<i64>,
    /// The record itself, if its template cannot reproduce it.
    pub kept: Option<Box<[u8]>>,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            time: None,
            columns: [MISSING; ColumnId::UNKNOWN.0 as usize],
            unknown: Vec::new(),
            request_id: Typed::Missing,
            log_time: Typed::Missing,
            log_time_ns: Typed::Missing,
            kept: None,
        }
    }
}

/// Collects rows of one source. Reused from segment to segment, so that its memory is allocated once.
#[derive(Debug, Default)]
pub struct SegmentBuilder {
    times: Vec<Option<Nanos>>,
    /// By [`ColumnId`], catalogue columns only.
    columns: [Vec<Ordinal>; ColumnId::UNKNOWN.0 as usize],
    /// Cells of the fields outside the catalogue (row, value), by [`ColumnId`] from [`ColumnId::UNKNOWN`] on. Sparse,
    /// because there may be a thousand such fields, each in a few rows.
    unknown: Vec<Vec<(u32, Ordinal)>>,
    ids: Vec<Typed<[u8; 16]>>,
    log_times: Vec<Typed<i64>>,
    log_times_ns: Vec<Typed<i64>>,
    kept: Vec<(u32, Box<[u8]>)>,
    /// For [`seal_column`] and [`seal_cells`].
    scratch: Vec<u32>,
}

/// Identity of a segment: its number, first event id and source.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    pub number: u64,
    pub first_id: u64,
    pub source: u32,
    pub position: u64,
}

impl SegmentBuilder {
    pub fn len(&self) -> usize {
        self.times.len()
    }

    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    pub fn push(&mut self, record: &mut Record) {
        let row = self.times.len();
        for (column, ordinal) in self.columns.iter_mut().zip(&record.columns) {
            column.push(*ordinal);
        }
        for (column, ordinal) in record.unknown.drain(..) {
            self.set(row, column, ordinal);
        }
        self.times.push(record.time);
        self.ids.push(record.request_id);
        self.log_times.push(record.log_time);
        self.log_times_ns.push(record.log_time_ns);
        if let Some(kept) = record.kept.take() {
            self.kept.push((row as u32, kept));
        }
    }

    fn set(&mut self, row: usize, column: ColumnId, ordinal: Ordinal) {
        let at = column.index() - ColumnId::UNKNOWN.index();
        if self.unknown.len() <= at {
            self.unknown.resize_with(at + 1, Vec::new);
        }
        self.unknown[at].push((row as u32, ordinal));
    }

    /// Appends the rows of a sealed segment in order of arrival.
    pub fn append(&mut self, segment: &Segment) {
        let base = self.times.len();
        let mut rows = vec![0usize; segment.rows];
        for row in 0..segment.rows {
            rows[segment.arrival(row)] = row;
        }
        for (id, target) in (0u16..).map(ColumnId).zip(&mut self.columns) {
            target.resize(base, MISSING);
            if let Some(column) = segment.column(id) {
                target.extend(rows.iter().map(|row| column.ordinal(*row)));
            }
        }
        let all = (0u16..).map(ColumnId).zip(&segment.columns);
        for (id, column) in all.skip(ColumnId::UNKNOWN.index()) {
            let Some(column) = column else { continue };
            for (arrival, row) in rows.iter().enumerate() {
                match column.ordinal(*row) {
                    MISSING => {}
                    ordinal => self.set(base + arrival, id, ordinal),
                }
            }
        }
        for (arrival, &row) in rows.iter().enumerate() {
            self.times.push(segment.time(row));
            self.ids.push(segment.request_id(row));
            self.log_times.push(segment.log_time(row));
            self.log_times_ns.push(segment.log_time_ns(row));
            if let Some(kept) = segment.kept(row) {
                self.kept.push(((base + arrival) as u32, kept.into()));
            }
        }
    }

    /// Seals the collected rows into a segment and clears the builder.
    pub fn seal(&mut self, head: Head) -> Segment {
        let rows = self.times.len();
        debug_assert!(rows > 0 && rows <= super::MAX_ROWS);
        let order = self.order();
        let times: Vec<Option<Nanos>> = order.iter().map(|at| self.times[*at as usize]).collect();
        let untimed = times.iter().take_while(|t| t.is_none()).count();
        let first_time = times.get(untimed).copied().flatten().unwrap_or(0);
        let deltas: Vec<u64> = times
            .iter()
            .map(|t| t.map_or(0, |t| t.wrapping_sub(first_time) as u64))
            .collect();
        let mut columns: Vec<Option<Column>> = Vec::with_capacity(self.columns.len());
        for column in &mut self.columns {
            column.resize(rows, MISSING);
            columns.push(seal_column(column, &order, &mut self.scratch));
            column.clear();
        }
        if self.unknown.iter().any(|cells| !cells.is_empty()) {
            let mut places = vec![0; rows];
            for (place, at) in (0u32..).zip(&order) {
                places[*at as usize] = place;
            }
            for cells in &mut self.unknown {
                columns.push(seal_cells(cells, &places, &mut self.scratch));
                cells.clear();
            }
        }
        while columns.last().is_some_and(Option::is_none) {
            columns.pop();
        }
        let mut kept: Vec<(u16, Box<[u8]>)> = Vec::with_capacity(self.kept.len());
        if !self.kept.is_empty() {
            let mut records: Vec<Option<Box<[u8]>>> = vec![None; rows];
            self.kept
                .drain(..)
                .for_each(|(at, record)| records[at as usize] = Some(record));
            kept.extend(
                (0u32..)
                    .zip(&order)
                    .filter_map(|(row, at)| Some((row as u16, records[*at as usize].take()?))),
            );
        }
        let segment = Segment {
            number: head.number,
            first_id: head.first_id,
            rows,
            source: head.source,
            position: head.position,
            untimed,
            first_time,
            times: Packed::new(&deltas),
            columns,
            ids: seal_ids(&self.ids, &order),
            log_time: seal_follows(&self.log_times, &order, &times, |t| t.div_euclid(SECOND)),
            log_time_ns: seal_follows(&self.log_times_ns, &order, &times, |t| t.rem_euclid(SECOND)),
            kept: kept.into(),
            arrival: (!order.is_sorted()).then(|| order.iter().map(|at| *at as u16).collect()),
        };
        self.times.clear();
        self.ids.clear();
        self.log_times.clear();
        self.log_times_ns.clear();
        segment
    }

    /// Returns arrival numbers in order of time, missing times first. Equal times stay in order of arrival.
    fn order(&self) -> Vec<u32> {
        let rows = self.times.len() as u32;
        if self.times.is_sorted() {
            return (0..rows).collect();
        }
        let known = || self.times.iter().flatten();
        let first = known().copied().min().unwrap_or(0);
        let span = known().copied().max().unwrap_or(0).wrapping_sub(first) as u64;
        // Time and arrival number share one word if both fit: sorting words is several times faster. A segment has at
        // most 2^16 rows, which leaves room for a span of three days.
        if span < (1 << 48) - 1 {
            let key = |time: &Option<Nanos>| time.map_or(0, |time| (time - first) as u64 + 1);
            let mut words: Vec<u64> = (0..)
                .zip(&self.times)
                .map(|(at, time): (u64, _)| key(time) << 16 | at)
                .collect();
            sort_by_key(&mut words, span + 1);
            return words.iter().map(|word| (word & 0xffff) as u32).collect();
        }
        let mut order: Vec<u32> = (0..rows).collect();
        order.sort_by_key(|at| self.times[*at as usize]);
        order
    }
}

/// Sorts words by their bits above the lowest sixteen, which are at most `highest`. Equal keys keep their order. This
/// is a radix sort from the lowest digit: the words of a segment are many and nearly in order, and a comparison sort
/// takes several times as long.
fn sort_by_key(words: &mut Vec<u64>, highest: u64) {
    const DIGIT: u32 = 11;
    let mut other = vec![0; words.len()];
    let mut shift = 16;
    while highest >> (shift - 16) > 0 {
        let digit = |word: u64| (word >> shift) as usize & ((1 << DIGIT) - 1);
        let mut places = [0u32; 1 << DIGIT];
        for word in &*words {
            places[digit(*word)] += 1;
        }
        let mut next = 0;
        for place in &mut places {
            next += std::mem::replace(place, next);
        }
        for word in &*words {
            let place = &mut places[digit(*word)];
            other[*place as usize] = *word;
            *place += 1;
        }
        std::mem::swap(words, &mut other);
        shift += DIGIT;
    }
}

fn seal_ids(ids: &[Typed<[u8; 16]>], order: &[u32]) -> Ids {
    if ids.iter().all(|id| *id == Typed::Missing) {
        return Ids::default();
    }
    let mut other = Vec::new();
    let uuids = (0u32..)
        .zip(order)
        .map(|(row, at)| match ids[*at as usize] {
            Typed::Value(uuid) => uuid,
            Typed::Text(ordinal) => {
                other.push((row as u16, ordinal));
                [0; 16]
            }
            Typed::Missing => {
                other.push((row as u16, MISSING));
                [0; 16]
            }
        })
        .collect();
    Ids {
        uuids,
        other: other.into(),
    }
}

fn seal_follows(
    values: &[Typed<i64>],
    order: &[u32],
    times: &[Option<Nanos>],
    expected: impl Fn(Nanos) -> i64,
) -> Follows {
    if values.iter().all(|v| *v == Typed::Missing) {
        return Follows {
            absent: true,
            ..Follows::default()
        };
    }
    let mut other = Vec::new();
    let deltas: Vec<u64> = (0u32..)
        .zip(order.iter().zip(times))
        .map(|(row, (at, time))| match values[*at as usize] {
            Typed::Value(value) => zigzag(value.wrapping_sub(expected(time.unwrap_or(0)))),
            Typed::Text(ordinal) => {
                other.push((row as u16, ordinal));
                0
            }
            Typed::Missing => {
                other.push((row as u16, MISSING));
                0
            }
        })
        .collect();
    Follows {
        deltas: Packed::new(&deltas),
        other: other.into(),
        absent: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn words_are_sorted_and_equal_ones_stay_in_their_order(
            keys in proptest::collection::vec(prop_oneof![0u64..4, 0u64..1 << 20, 0u64..1 << 48], 0..200),
        ) {
            let mut words: Vec<u64> = (0..).zip(&keys).map(|(at, key): (u64, _)| key << 16 | at).collect();
            let mut expected = words.clone();
            expected.sort_unstable();
            sort_by_key(&mut words, keys.iter().copied().max().unwrap_or(0));
            prop_assert_eq!(words, expected);
        }
    }
}
