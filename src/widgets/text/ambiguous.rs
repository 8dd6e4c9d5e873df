//! Characters that terminals draw one cell wide or two, by their settings: East-Asian *ambiguous* ones. Which it
//! is belongs to the terminal, and so to the process.

use std::sync::atomic::{AtomicBool, Ordering};

use unicode_width::UnicodeWidthChar as _;

use crate::widgets::Glyphs;

static WIDE: AtomicBool = AtomicBool::new(false);

/// Says that the terminal draws ambiguous characters two cells wide. To be said once, before anything is drawn;
/// the signs of the screen must be those in ASCII then.
pub fn draw_ambiguous_wide() {
    WIDE.store(true, Ordering::Relaxed);
}

pub(crate) fn are_wide() -> bool {
    WIDE.load(Ordering::Relaxed)
}

/// Whether a grapheme that starts with this character is ambiguous. Those that are replaced by ASCII ones before
/// they are drawn are not.
pub(crate) fn is_ambiguous(text: &str) -> bool {
    let first = text.chars().next();
    first.is_some_and(|c| c.width() == Some(1) && c.width_cjk() == Some(2))
        && Glyphs::plain(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::is_ambiguous;

    #[test]
    fn signs_are_ambiguous_and_latin_chinese_and_our_own_signs_are_not() {
        assert!(is_ambiguous("①") && is_ambiguous("°") && is_ambiguous("§"));
        assert!(
            !["a", "账", "…", "│", "👩", ""]
                .into_iter()
                .any(is_ambiguous)
        );
    }
}
