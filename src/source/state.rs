//! What a source is doing, in words that the screen shows.

/// State of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceState {
    Connecting,
    Loading,
    /// Everything there was is loaded, new events are awaited.
    Live,
    /// Everything is loaded, nothing more is awaited.
    Done,
    /// Loading was stopped by the user.
    Stopped,
    Retrying {
        seconds: u64,
        why: String,
    },
    Failed {
        why: String,
    },
}

impl SourceState {
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Connecting | Self::Loading)
    }
}
