//! Passes over all matches that somebody waits for: told how far they are, and stopped when nobody waits any more.

/// Told how much of a pass is done, and of how much in all; says whether it goes on. Called often, from any thread.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// Nobody stops the pass.
pub const UNWATCHED: Progress<'static> = &|_, _| true;

/// Events between two words on how far a pass is.
pub(super) const BEAT: usize = 1 << 14;
