//! Queue of events on their way to the log, in the order of delivery.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::record::Event;
use crate::model::time::Nanos;

/// Events are stored in slots, so that the entries of the heap are small.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<(Nanos, u64, u32)>>,
    slots: Vec<Event>,
    free: Vec<u32>,
    pushed: u64,
}

impl Queue {
    /// Adds an event for delivery at `due`; equal times keep the order of the calls.
    pub(super) fn push(&mut self, due: Nanos, event: Event) {
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = event;
            slot
        } else {
            self.slots.push(event);
            self.slots.len() as u32 - 1
        };
        self.heap.push(Reverse((due, self.pushed, slot)));
        self.pushed += 1;
    }

    /// Delivery time of the next event.
    pub(super) fn due(&self) -> Option<Nanos> {
        self.heap.peek().map(|Reverse((due, _, _))| *due)
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        let Reverse((_, _, slot)) = self.heap.pop()?;
        self.free.push(slot);
        Some(self.slots[slot as usize])
    }

    /// Number of events pushed since the start.
    pub(super) fn pushed(&self) -> u64 {
        self.pushed
    }
}
