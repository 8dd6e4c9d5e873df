//! What a source is doing, in words that the screen shows.

/// State of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceState {
    Connecting,
    /// A pipe to which nobody writes yet: nothing can be read before somebody opens it.
    Awaiting,
    Loading,
    /// Everything there was is loaded, new events are awaited.
    Live,
    /// Everything is loaded, nothing more is awaited.
    Done,
    /// Reading was stopped by the user.
    Stopped,
    /// The user wants nothing of it for a while; what it has read waits, and so does the source.
    Paused,
    /// What was followed is not there (deleted, not readable); it is read on when it returns.
    Missing {
        why: String,
    },
    Retrying {
        seconds: u64,
        why: String,
    },
    /// Another try is for the user to ask for, if there can be one.
    Failed {
        why: String,
    },
}

impl SourceState {
    /// Whether events may come without the user doing anything.
    pub fn is_running(&self) -> bool {
        matches!(
            self,
            Self::Connecting
                | Self::Awaiting
                | Self::Loading
                | Self::Live
                | Self::Missing { .. }
                | Self::Retrying { .. }
        )
    }

    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Connecting | Self::Awaiting | Self::Loading)
    }
}
