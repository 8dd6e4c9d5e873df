//! A boundary around a library that panics on damaged input: inside it a panic is an error like any other.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs something that may panic. `None` where it did; what it was given may be used no further.
pub(super) fn contain<T>(work: impl FnOnce() -> T) -> Option<T> {
    CONTAINED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(false);
    result.ok()
}

/// Whether a panic in this thread is caught where it is expected: a hook has nothing to tell or to end.
pub fn is_contained() -> bool {
    CONTAINED.get()
}

/// Keeps panics that are caught where they are expected from being printed.
pub fn silence_contained_panics() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !is_contained() {
            previous(info);
        }
    }));
}
