//! Why a source came to an end before its end. What could not be read of a record is a defect, not this.

use std::fmt;

use crate::model::shortened;

/// Why a source failed, in words that are shown as they are: safe to print, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What happened: what was expected, what was found, where.
    pub what: String,
    /// What to do about it; empty where nothing is known.
    pub advice: String,
}

impl Failure {
    /// Control characters and the like are replaced, since parts of the texts may come from a server.
    pub fn new(what: impl AsRef<str>, advice: impl AsRef<str>) -> Self {
        Self {
            what: printable(what.as_ref()),
            advice: printable(advice.as_ref()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if !self.advice.is_empty() {
            write!(f, "; {}", self.advice)?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// The text with a blank for every character that a terminal would obey: control characters and marks that
/// reorder what stands around them. What a server wrote at length is cut in the middle.
pub(super) fn printable(text: &str) -> String {
    let is_mark = |c: char| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    shortened(text).replace(|c: char| c.is_control() || is_mark(c), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_wrote_cannot_drive_a_terminal() {
        let error = Failure::new("\u{1b}[2Jno\u{202e}\n", "do\tthis");
        assert_eq!(error.to_string(), " [2Jno  ; do this");
    }
}
