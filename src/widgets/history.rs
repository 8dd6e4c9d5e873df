//! Input history of one prompt, in memory. The caller loads and stores the entries.

/// Entries, oldest first, and the position while stepping through them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    entries: Vec<String>,
    /// The entry shown; `None` while the user's own text is shown.
    at: Option<usize>,
    /// The user's own text, saved while stepping.
    draft: String,
}

impl History {
    /// Maximum number of entries; the oldest are dropped.
    pub const CAPACITY: usize = 500;

    /// Creates a history with entries from an earlier session, oldest first.
    pub fn new(entries: Vec<String>) -> Self {
        let mut history = Self::default();
        for entry in entries {
            history.push(&entry);
        }
        history
    }

    pub fn entries(&self) -> &[String] {
        &self.entries
    }

    /// Adds an entry and ends stepping. Blank text is ignored; a repeated entry moves to the end. Returns true if the
    /// text is kept.
    pub fn push(&mut self, text: &str) -> bool {
        self.reset();
        if text.trim().is_empty() {
            return false;
        }
        self.entries.retain(|entry| entry != text);
        self.entries.push(text.to_owned());
        if self.entries.len() > Self::CAPACITY {
            self.entries.remove(0);
        }
        true
    }

    /// Returns the entry before the one shown. `current` is the content of the prompt, saved for the way back.
    pub fn previous(&mut self, current: &str) -> Option<&str> {
        let at = self.at.unwrap_or(self.entries.len()).checked_sub(1)?;
        if self.at.is_none() {
            current.clone_into(&mut self.draft);
        }
        self.at = Some(at);
        Some(&self.entries[at])
    }

    /// Returns the entry after the one shown, and finally the user's own text.
    #[expect(
        clippy::should_implement_trait,
        reason = "the counterpart of `previous`, not an iterator"
    )]
    pub fn next(&mut self) -> Option<&str> {
        let at = self.at? + 1;
        if at < self.entries.len() {
            self.at = Some(at);
            Some(&self.entries[at])
        } else {
            self.at = None;
            Some(&self.draft)
        }
    }

    /// Ends stepping: the next [`previous`](Self::previous) starts from the newest entry.
    pub fn reset(&mut self) {
        self.at = None;
        self.draft.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_back_and_returns_to_what_was_being_typed() {
        let mut history = History::new(vec!["a".into(), "b".into(), "a".into()]);
        assert_eq!(history.entries(), ["b", "a"]);
        assert_eq!(history.next(), None);
        assert_eq!(history.previous("half"), Some("a"));
        assert_eq!(history.previous("a"), Some("b"));
        assert_eq!(history.previous("b"), None);
        assert_eq!(history.next(), Some("a"));
        assert_eq!(history.next(), Some("half"));
        assert_eq!(history.next(), None);
    }

    #[test]
    fn keeps_no_blanks_and_not_too_many() {
        let mut history = History::default();
        history.push("  ");
        assert!(history.entries().is_empty());
        for n in 0..History::CAPACITY + 3 {
            history.push(&n.to_string());
        }
        assert_eq!(history.entries().len(), History::CAPACITY);
        assert_eq!(history.entries()[0], "3");
    }
}
