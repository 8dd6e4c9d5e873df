//! East-Asian *ambiguous* characters, which terminals draw one or two cells wide. The width is a setting of the
//! terminal, and so global to the process.

use std::sync::atomic::{AtomicBool, Ordering};

use unicode_width::UnicodeWidthChar as _;

use crate::widgets::Glyphs;

static WIDE: AtomicBool = AtomicBool::new(false);

/// Records that the terminal draws ambiguous characters two cells wide. Must be called before anything is drawn, and
/// requires the ASCII glyphs.
pub fn draw_ambiguous_wide() {
    WIDE.store(true, Ordering::Relaxed);
}

pub(crate) fn are_wide() -> bool {
    WIDE.load(Ordering::Relaxed)
}

/// Returns true if the grapheme is ambiguous. Glyphs that are replaced by ASCII before drawing are not.
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
