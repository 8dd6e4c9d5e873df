//! Text over several lines.

use super::{clusters, hidden, sanitise, width};

/// Wraps text at blanks into lines of at most `wide` cells. Breaks a word that is wider than a line. Returns at least
/// one line.
pub fn wrap(text: &str, wide: usize) -> Vec<String> {
    let wide = wide.max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in sanitise(&hidden(text)).split(' ') {
        let long = width(word);
        if used > 0 && used + 1 + long <= wide {
            lines
                .last_mut()
                .expect("starts with one and only grows")
                .push(' ');
            used += 1;
        } else if used > 0 {
            lines.push(String::new());
            used = 0;
        }
        for cluster in clusters(word) {
            let cells = cluster.width();
            if used + cells > wide {
                lines.push(String::new());
                used = 0;
            }
            lines
                .last_mut()
                .expect("starts with one and only grows")
                .push_str(&cluster.text);
            used += cells;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_no_line_is_too_wide() {
        let text = "read /a/very/long/path/without/blanks: 漢字漢字漢字 \u{1b}[2J end";
        for wide in 2..40 {
            let lines = wrap(text, wide);
            assert!(lines.iter().all(|line| width(line) <= wide), "{lines:?}");
            let kept: String = lines.concat().split(' ').collect();
            let all: String = sanitise(text).split(' ').collect();
            assert_eq!(kept, all);
        }
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
    }
}
