//! Why a source came to an end before its end. What could not be read of a record is a defect, not this.

use std::fmt;

/// Why a source failed, in words that are shown as they are: safe to print, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    /// What happened: what was expected, what was found, where.
    pub what: String,
    /// What to do about it; empty where nothing is known.
    pub advice: String,
}

impl SourceError {
    /// Control characters in `what` are replaced, since parts of it may come from a server.
    pub fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        let what: String = what.into();
        Self {
            what: what.replace(char::is_control, " "),
            advice: advice.into(),
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if !self.advice.is_empty() {
            write!(f, "; {}", self.advice)?;
        }
        Ok(())
    }
}

impl std::error::Error for SourceError {}
