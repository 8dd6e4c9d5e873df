//! How far a file is that is being written, told now and then, and whether it is to go on.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::engine::status::WriteStep;

/// How often it is told how far the work is.
const PACE: Duration = Duration::from_millis(100);

/// How far the work is and whether it goes on.
pub(super) struct Pulse<'a> {
    stop: &'a AtomicBool,
    tell: &'a (dyn Fn(WriteStep) + Sync),
    /// When something was told last, and what.
    told: Mutex<(Instant, u8)>,
}

/// Told to stop.
#[derive(Debug)]
pub(super) struct Stopped;

impl<'a> Pulse<'a> {
    pub(super) fn new(stop: &'a AtomicBool, tell: &'a (dyn Fn(WriteStep) + Sync)) -> Self {
        Self {
            stop,
            tell,
            told: Mutex::new((Instant::now(), 0)),
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Tells how far the work is, now and then.
    pub(super) fn at(&self, percent: f64) -> Result<(), Stopped> {
        if self.is_stopped() {
            return Err(Stopped);
        }
        let percent = percent.clamp(0.0, 99.0) as u8;
        if let Ok(mut told) = self.told.try_lock()
            && percent > told.1
            && told.0.elapsed() >= PACE
        {
            *told = (Instant::now(), percent);
            (self.tell)(WriteStep::Done(percent));
        }
        Ok(())
    }

    /// The same for a pass that is some share of the work, from one percentage to another.
    pub(super) fn watch(&self, from: f64, to: f64) -> impl Fn(usize, usize) -> bool + Sync {
        move |done, all| {
            self.at(from + (to - from) * (done as f64 / all.max(1) as f64))
                .is_ok()
        }
    }
}
