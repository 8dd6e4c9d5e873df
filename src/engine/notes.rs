//! Notes of a source, which also include its marks in the list.

use std::sync::Arc;

/// Texts kept per source; further ones are only counted.
const KEPT: usize = 64;

/// Distinct texts of a source.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The newest text; empty if there is none.
    pub(super) newest: String,
    /// All texts kept, oldest first.
    pub(super) all: Arc<[Arc<str>]>,
    pub(super) left_out: u64,
}

impl Notes {
    pub(super) fn add(&mut self, text: String) {
        if self.all.iter().all(|known| **known != *text) {
            if self.all.len() < KEPT {
                let new = Arc::from(text.as_str());
                self.all = self.all.iter().cloned().chain([new]).collect();
            } else {
                self.left_out += 1;
            }
        }
        self.newest = text;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once_and_their_number_is_bounded() {
        let mut notes = Notes::default();
        for _ in 0..2 {
            for n in 0..KEPT + 3 {
                notes.add(format!("note {n}"));
            }
        }
        assert_eq!(notes.all.len(), KEPT);
        assert_eq!(notes.left_out, 6);
        assert_eq!(notes.newest, format!("note {}", KEPT + 2));
    }
}
