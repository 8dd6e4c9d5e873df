//! Reason for a source to end early. Unreadable records are defects, not failures.

use std::fmt;

use crate::model::shortened;

/// Failure of a source, with text shown unchanged: safe to print, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Description: what was expected, what was found, where.
    pub what: String,
    /// Remedy; empty if unknown.
    pub advice: String,
}

impl Failure {
    /// Replaces control characters and the like, since parts of the texts may come from a server.
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

/// Replaces every character that a terminal would interpret with a space: control characters, and marks that reorder
/// the text around them. A long text is shortened in the middle.
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
