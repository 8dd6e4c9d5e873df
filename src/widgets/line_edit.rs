//! One editable line of text, with the commands of readline. Independent of keys and screen.

use unicode_segmentation::UnicodeSegmentation as _;

use super::text::clusters;

/// An edit of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditOp {
    Insert(char),
    /// Inserts text from the clipboard. Line ends and tabs become blanks; other control characters are dropped.
    Paste(String),
    Left,
    Right,
    WordLeft,
    WordRight,
    Home,
    End,
    Backspace,
    Delete,
    KillToEnd,
    KillToStart,
    /// Cuts back to the blank before the word (Ctrl-W).
    KillWord,
    /// Inserts the text that was cut last.
    Yank,
    Clear,
}

/// The line and its cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineEdit {
    text: String,
    /// Byte offset, always on a grapheme boundary.
    cursor: usize,
    killed: String,
}

impl LineEdit {
    /// Creates a line with the cursor at its end. Control characters are handled as in a paste.
    pub fn new(text: &str) -> Self {
        let text = pasteable(text);
        Self {
            cursor: text.len(),
            text,
            killed: String::new(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns the cursor as a byte offset into [`text`](Self::text).
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Replaces the whole line, for example by a history entry. The cursor moves to the end.
    pub fn set(&mut self, text: &str) {
        self.text = pasteable(text);
        self.cursor = self.text.len();
    }

    /// Replaces a range of bytes, for example by a completion. The cursor moves to the end of the insertion. A range
    /// that is not on character boundaries is ignored.
    pub fn replace(&mut self, range: std::ops::Range<usize>, with: &str) {
        if self.text.get(range.clone()).is_none() {
            return;
        }
        let with = pasteable(with);
        let end = range.start + with.len();
        self.text.replace_range(range, &with);
        self.move_to(end);
    }

    /// Applies an edit. Returns true if the text has changed (moving the cursor does not count).
    pub fn apply(&mut self, op: EditOp) -> bool {
        match op {
            EditOp::Insert(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            EditOp::Paste(text) => self.insert(&text),
            EditOp::Yank => {
                let killed = self.killed.clone();
                self.insert(&killed)
            }
            EditOp::Left => self.go(self.before()),
            EditOp::Right => self.go(self.after()),
            EditOp::WordLeft => self.go(self.word_left()),
            EditOp::WordRight => self.go(self.word_right()),
            EditOp::Home => self.go(0),
            EditOp::End => self.go(self.text.len()),
            EditOp::Backspace => self.remove(self.before(), self.cursor).is_some(),
            EditOp::Delete => self.remove(self.cursor, self.after()).is_some(),
            EditOp::KillToEnd => self.kill(self.cursor, self.text.len()),
            EditOp::KillToStart => self.kill(0, self.cursor),
            EditOp::KillWord => self.kill(self.word_start(), self.cursor),
            EditOp::Clear => self.remove(0, self.text.len()).is_some(),
        }
    }

    /// Returns the part of the line around the cursor in at most `width` cells, safe to draw, and the cell of the
    /// cursor within it. Cut ends are marked by `…`. A cursor at the end of the text is on the blank after it, so the
    /// cell is below `width` (unless that is 0).
    pub fn visible(&self, width: usize) -> (String, usize) {
        if width == 0 {
            return (String::new(), 0);
        }
        // Every cluster as drawn, with its first cell.
        let mut cells = 0;
        let mut cursor = None;
        let mut parts = Vec::new();
        for cluster in clusters(&self.text) {
            if cluster.start == self.cursor {
                cursor = Some(cells);
            }
            let wide = cluster.width();
            parts.push((cells, cells + wide, cluster.text));
            cells += wide;
        }
        let cursor = cursor.unwrap_or(cells);
        let total = cells + 1;
        if total <= width {
            let shown = parts.into_iter().map(|(_, _, text)| text).collect();
            return (shown, cursor);
        }
        // The window keeps a quarter of its cells ahead of the cursor.
        let start = (cursor + 1 + width / 4)
            .saturating_sub(width)
            .min(total - width);
        let end = start + width;
        let mut out = String::new();
        let mut used = 0;
        // The first and the last cell are reserved for the marks of cut ends.
        let first = start + usize::from(start > 0);
        let last = end - usize::from(end < total);
        if start > 0 {
            out.push('…');
            used = 1;
        }
        for (from, to, text) in parts
            .iter()
            .filter(|(from, to, _)| *to > first && *from < last)
        {
            if *from >= first && *to <= last {
                out.push_str(text);
                used = to - start;
            } else {
                // A wide cluster that the edge cuts becomes blanks.
                let blanks = (*to).min(last) - (*from).max(first);
                out.extend(std::iter::repeat_n(' ', blanks));
                used += blanks;
            }
        }
        if end < total && used < width {
            out.push('…');
        }
        (out, cursor - start)
    }

    fn insert(&mut self, text: &str) -> bool {
        let text = pasteable(text);
        self.text.insert_str(self.cursor, &text);
        self.move_to(self.cursor + text.len());
        !text.is_empty()
    }

    fn kill(&mut self, from: usize, to: usize) -> bool {
        let Some(cut) = self.remove(from, to) else {
            return false;
        };
        self.killed = cut;
        true
    }

    fn remove(&mut self, from: usize, to: usize) -> Option<String> {
        if from == to {
            return None;
        }
        let cut = self.text.drain(from..to).collect();
        self.move_to(from);
        Some(cut)
    }

    fn go(&mut self, to: usize) -> bool {
        self.cursor = to;
        false
    }

    /// Moves the cursor to `at`, or to the end of the grapheme that contains `at`: an edit can join graphemes.
    fn move_to(&mut self, at: usize) {
        self.cursor = self
            .text
            .grapheme_indices(true)
            .map(|(start, _)| start)
            .find(|start| *start >= at)
            .unwrap_or(self.text.len());
    }

    fn before(&self) -> usize {
        self.text[..self.cursor]
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(start, _)| start)
    }

    fn after(&self) -> usize {
        let next = self.text[self.cursor..].graphemes(true).next();
        self.cursor + next.map_or(0, str::len)
    }

    /// Returns the start of the run of letters and digits at or before the cursor.
    fn word_left(&self) -> usize {
        self.back_over(is_word)
    }

    /// Returns the start of the text between the cursor and the blank before it.
    fn word_start(&self) -> usize {
        self.back_over(|grapheme| !grapheme.trim().is_empty())
    }

    /// Moves back over characters outside a word, then over the word.
    fn back_over(&self, is_part: impl Fn(&str) -> bool) -> usize {
        let mut at = self.cursor;
        let mut inside = false;
        for (start, grapheme) in self.text[..self.cursor].grapheme_indices(true).rev() {
            let part = is_part(grapheme);
            if inside && !part {
                break;
            }
            inside |= part;
            at = start;
        }
        at
    }

    /// Returns the end of the run of letters and digits at or after the cursor.
    fn word_right(&self) -> usize {
        let mut at = self.cursor;
        let mut inside = false;
        for grapheme in self.text[self.cursor..].graphemes(true) {
            let part = is_word(grapheme);
            if inside && !part {
                break;
            }
            inside |= part;
            at += grapheme.len();
        }
        at
    }
}

fn is_word(grapheme: &str) -> bool {
    grapheme.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Converts text to one line: line ends and tabs become blanks, other control characters are dropped.
fn pasteable(text: &str) -> String {
    text.trim_end_matches(['\r', '\n'])
        .replace("\r\n", " ")
        .chars()
        .map(|c| {
            if matches!(c, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .filter(|c| !c.is_control())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::widgets::text::width;

    fn at(text: &str, cursor: usize) -> LineEdit {
        LineEdit {
            cursor,
            ..LineEdit::new(text)
        }
    }

    #[test]
    fn moves_and_deletes_by_grapheme() {
        let mut line = LineEdit::new("a账e\u{301}👩\u{200d}💻");
        assert_eq!(line.visible(80).1, 6);
        line.apply(EditOp::Left);
        assert_eq!(line.visible(80).1, 4);
        assert!(line.apply(EditOp::Backspace));
        assert_eq!(line.text(), "a账👩\u{200d}💻");
        assert!(line.apply(EditOp::Delete));
        assert_eq!(line.text(), "a账");
        assert!(!line.apply(EditOp::Delete));
        line.apply(EditOp::Home);
        assert!(!line.apply(EditOp::Backspace));
    }

    #[test]
    fn words_end_at_signs_for_moving_and_at_blanks_for_cutting() {
        let mut line = LineEdit::new("user:li.wei -repo:prod/*");
        let mut stops = vec![];
        while line.cursor() > 0 {
            line.apply(EditOp::WordLeft);
            stops.push(line.cursor());
        }
        assert_eq!(stops, [18, 13, 8, 5, 0]);
        line.apply(EditOp::WordRight);
        assert_eq!(line.cursor(), 4);
        line.apply(EditOp::End);
        assert!(line.apply(EditOp::KillWord));
        assert_eq!(line.text(), "user:li.wei ");
        assert!(line.apply(EditOp::KillWord));
        assert_eq!(line.text(), "");
        assert!(line.apply(EditOp::Yank));
        assert_eq!(line.text(), "user:li.wei ");
    }

    #[test]
    fn cuts_to_both_ends_and_puts_back() {
        let mut line = at("abcdef", 2);
        assert!(line.apply(EditOp::KillToEnd));
        assert!(!line.apply(EditOp::KillToEnd), "nothing left to cut");
        line.apply(EditOp::Home);
        line.apply(EditOp::Yank);
        assert_eq!((line.text(), line.cursor()), ("cdefab", 4));
        assert!(line.apply(EditOp::KillToStart));
        assert_eq!((line.text(), line.cursor()), ("ab", 0));
        assert!(line.apply(EditOp::Clear));
        assert!(line.is_empty());
    }

    #[test]
    fn a_paste_is_one_line_without_control_characters() {
        let mut line = LineEdit::new("");
        assert!(line.apply(EditOp::Paste("a\r\nb\tc\u{1b}[2Jd\n".into())));
        assert_eq!(line.text(), "a b c[2Jd");
        assert!(!line.apply(EditOp::Insert('\u{7}')));
    }

    #[test]
    fn a_mark_typed_behind_its_base_leaves_the_cursor_behind_both() {
        let mut line = at("ex", 1);
        line.apply(EditOp::Insert('\u{301}'));
        assert_eq!(line.cursor(), 3);
        line.apply(EditOp::Backspace);
        assert_eq!((line.text(), line.cursor()), ("x", 0));
    }

    #[test]
    fn replaces_a_range() {
        let mut line = LineEdit::new("use -x");
        line.replace(0..3, "user:");
        assert_eq!((line.text(), line.cursor()), ("user: -x", 5));
        line.replace(40..50, "no");
        assert_eq!(line.text(), "user: -x");
    }

    #[test]
    fn shows_the_part_around_the_cursor() {
        let line = LineEdit::new("0123456789");
        assert_eq!(line.visible(20), ("0123456789".into(), 10));
        assert_eq!(line.visible(11), ("0123456789".into(), 10));
        assert_eq!(line.visible(8), ("…456789".into(), 7));
        assert_eq!(at("0123456789", 0).visible(8), ("0123456…".into(), 0));
        assert_eq!(at("0123456789", 7).visible(8), ("…345678…".into(), 5));
        assert_eq!(at("账账账账账", 0).visible(6), ("账账 …".into(), 0));
    }

    fn op() -> impl Strategy<Value = EditOp> {
        prop_oneof![
            any::<char>().prop_map(EditOp::Insert),
            "[a账\u{301}\u{200d}👩\u{1f1e9} ]{0,6}".prop_map(EditOp::Paste),
            Just(EditOp::Left),
            Just(EditOp::Right),
            Just(EditOp::WordLeft),
            Just(EditOp::WordRight),
            Just(EditOp::Home),
            Just(EditOp::Backspace),
            Just(EditOp::Delete),
            Just(EditOp::KillWord),
            Just(EditOp::KillToEnd),
            Just(EditOp::Yank),
        ]
    }

    proptest! {
        #[test]
        fn the_cursor_stays_on_a_grapheme_and_in_the_window(
            ops in prop::collection::vec(op(), 0..40),
            room in 1usize..30,
        ) {
            let mut line = LineEdit::default();
            for op in ops {
                let before = line.text.clone();
                let changed = line.apply(op);
                prop_assert_eq!(changed, before != line.text);
                let on_boundary = line.cursor == line.text.len()
                    || line.text.grapheme_indices(true).any(|(start, _)| start == line.cursor);
                prop_assert!(on_boundary);
                let (shown, cell) = line.visible(room);
                prop_assert!(width(&shown) <= room, "{shown:?}");
                prop_assert!(cell < room);
            }
        }
    }
}
