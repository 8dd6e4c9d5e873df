//! Progress reports of an export, and its stop flag.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::engine::status::WriteStep;

/// Interval between progress reports.
const PACE: Duration = Duration::from_millis(100);

/// Progress of the work and its stop flag.
pub(super) struct Pulse<'a> {
    stop: &'a AtomicBool,
    tell: &'a (dyn Fn(WriteStep) + Sync),
    /// Time and percentage of the last report.
    reported: Mutex<(Instant, u8)>,
}

/// Stopped on request.
#[derive(Debug)]
pub(super) struct Stopped;

impl<'a> Pulse<'a> {
    pub(super) fn new(stop: &'a AtomicBool, tell: &'a (dyn Fn(WriteStep) + Sync)) -> Self {
        Self {
            stop,
            tell,
            reported: Mutex::new((Instant::now(), 0)),
        }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Reports progress, at most once per [`PACE`]. An error means that the work must stop.
    pub(super) fn at(&self, percent: f64) -> Result<(), Stopped> {
        if self.is_stopped() {
            return Err(Stopped);
        }
        let percent = percent.clamp(0.0, 99.0) as u8;
        if let Ok(mut reported) = self.reported.try_lock()
            && percent > reported.1
            && reported.0.elapsed() >= PACE
        {
            *reported = (Instant::now(), percent);
            (self.tell)(WriteStep::Done(percent));
        }
        Ok(())
    }

    /// Returns a callback that reports the progress of a pass, from one percentage of the work to another.
    pub(super) fn watch(&self, from: f64, to: f64) -> impl Fn(usize, usize) -> bool + Sync {
        move |done, all| {
            self.at(from + (to - from) * (done as f64 / all.max(1) as f64))
                .is_ok()
        }
    }
}
