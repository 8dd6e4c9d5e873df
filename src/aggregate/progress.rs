//! Progress of passes over all matches, and their cancellation.

/// Callback with the work done and the total. Returns false to stop the pass. Called often, from any thread.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// Progress of a pass that is never stopped.
pub const UNWATCHED: Progress<'static> = &|_, _| true;

/// Number of events between two progress reports.
pub(super) const BEAT: usize = 1 << 14;
