//! Boundary around a library that panics on damaged input: inside it a panic is an error like any other.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs code that may panic. Returns `None` after a panic; its arguments must not be used any more.
pub(super) fn contain<T>(work: impl FnOnce() -> T) -> Option<T> {
    CONTAINED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(false);
    result.ok()
}

/// Returns true if panics in this thread are caught by `contain`: a panic hook should then neither print nor exit.
pub fn is_contained() -> bool {
    CONTAINED.get()
}

/// Suppresses the output of panics caught by `contain`.
pub fn silence_contained_panics() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !is_contained() {
            previous(info);
        }
    }));
}
