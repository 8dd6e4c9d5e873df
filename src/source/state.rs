//! State of a source, as the screen shows it.

/// State of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceState {
    Connecting,
    /// A pipe without a writer: nothing can be read before another process opens it.
    Awaiting,
    Loading,
    /// Everything that existed is loaded; new events are awaited.
    Live,
    /// Everything is loaded; no more events follow.
    Done,
    /// Stopped by the user.
    Stopped,
    /// Paused by the user; events already read stay, and the source waits.
    Paused,
    /// The followed file is missing (deleted, not readable); reading continues when it returns.
    Missing {
        why: String,
    },
    Retrying {
        seconds: u64,
        why: String,
    },
    /// Failed; only the user can request a retry, if one is possible.
    Failed {
        why: String,
    },
}

impl SourceState {
    /// Returns true if events may arrive without an action of the user.
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
