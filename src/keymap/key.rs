//! Key presses, as written in files and shown on the screen. The terminal events behind them are in `terminal`.

use std::fmt;
use std::str::FromStr;

/// Key without its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyCode {
    /// Character as typed: capital letters and symbols include their shift.
    Char(char),
    F(u8),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Insert,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
}

/// Key with its modifiers, in canonical form for terminals and files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub code: KeyCode,
    pub ctrl: bool,
    pub alt: bool,
    /// Never set for a plain character, which implies its shift.
    pub shift: bool,
}

/// Names of keys in files; the first one is displayed.
const NAMES: [(KeyCode, &[&str]); 15] = [
    (KeyCode::Enter, &["enter", "return", "cr", "ret"]),
    (KeyCode::Esc, &["esc", "escape"]),
    (KeyCode::Tab, &["tab"]),
    (KeyCode::Backspace, &["backspace", "bs"]),
    (KeyCode::Delete, &["delete", "del"]),
    (KeyCode::Insert, &["insert", "ins"]),
    (KeyCode::Left, &["left"]),
    (KeyCode::Right, &["right"]),
    (KeyCode::Up, &["up"]),
    (KeyCode::Down, &["down"]),
    (KeyCode::Home, &["home"]),
    (KeyCode::End, &["end"]),
    (KeyCode::PageUp, &["pageup", "pgup"]),
    (KeyCode::PageDown, &["pagedown", "pgdn", "pgdown"]),
    (KeyCode::Char(' '), &["space", "spc"]),
];

impl Key {
    /// Creates a key in canonical form: keys that terminals cannot distinguish become the same key, and shift is kept
    /// only if the character does not imply it.
    pub fn new(code: KeyCode, ctrl: bool, alt: bool, shift: bool) -> Self {
        let key = Self {
            code,
            ctrl,
            alt,
            shift,
        };
        match code {
            KeyCode::Char(c) if ctrl => key.control(c),
            KeyCode::Char(c) if shift => Self {
                code: KeyCode::Char(upper(c)),
                shift: c == ' ',
                ..key
            },
            _ => key,
        }
    }

    /// A key without modifiers.
    pub fn plain(code: KeyCode) -> Self {
        Self::new(code, false, false, false)
    }

    /// Character that this key types, if any.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Canonical form of control characters: terminals send the same byte for ctrl-h and backspace, ctrl-i and tab, and
    /// so on.
    fn control(self, c: char) -> Self {
        let (code, ctrl) = match c.to_ascii_lowercase() {
            'h' => (KeyCode::Backspace, false),
            'i' => (KeyCode::Tab, false),
            'm' => (KeyCode::Enter, false),
            '[' => (KeyCode::Esc, false),
            '@' => (KeyCode::Char(' '), true),
            // The four control bytes above the letters, which crossterm reports as digits.
            '4' => (KeyCode::Char('\\'), true),
            '5' => (KeyCode::Char(']'), true),
            '6' => (KeyCode::Char('^'), true),
            '7' | '/' => (KeyCode::Char('_'), true),
            c => (KeyCode::Char(c), true),
        };
        // Only letters can be distinguished from their shifted form, and only by some terminals.
        let shift = self.shift && c.is_alphabetic();
        Self {
            code,
            ctrl,
            shift,
            ..self
        }
    }

    /// Parses keys separated by spaces.
    pub fn parse_sequence(text: &str) -> Result<Vec<Self>, KeyError> {
        let keys: Vec<Self> = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(KeyError::Empty);
        }
        Ok(keys)
    }

    /// Formats keys in the syntax of [`parse_sequence`](Self::parse_sequence).
    pub fn show_sequence(keys: &[Self]) -> String {
        keys.iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Reason why a text is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("no key; the blank is written `space`")]
    Empty,
    #[error("unknown key `{text}`{suggestion}")]
    Unknown { text: String, suggestion: String },
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut rest = match text.strip_prefix('<').and_then(|t| t.strip_suffix('>')) {
            Some(inner) if !inner.is_empty() => inner,
            _ => text,
        };
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        while let Some((modifier, after)) = rest.split_once(['-', '+']) {
            if after.is_empty() {
                break;
            }
            match modifier.to_ascii_lowercase().as_str() {
                "ctrl" | "control" | "c" => ctrl = true,
                "alt" | "meta" | "option" | "a" | "m" => alt = true,
                "shift" | "s" => shift = true,
                _ => break,
            }
            rest = after;
        }
        let code = code(rest).ok_or_else(|| KeyError::Unknown {
            text: text.to_owned(),
            suggestion: crate::config::suggestion_or_all(
                &rest.to_ascii_lowercase(),
                NAMES.iter().map(|(_, names)| names[0]),
            ),
        })?;
        Ok(Self::new(code, ctrl, alt, shift))
    }
}

fn code(text: &str) -> Option<KeyCode> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control() && !c.is_whitespace()).then_some(KeyCode::Char(c));
    }
    let name = text.to_ascii_lowercase();
    if let Some(number) = name.strip_prefix('f').and_then(|n| n.parse().ok()) {
        return (1..=24).contains(&number).then_some(KeyCode::F(number));
    }
    NAMES
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()))
        .map(|(code, _)| *code)
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (on, name) in [
            (self.ctrl, "ctrl-"),
            (self.alt, "alt-"),
            (self.shift, "shift-"),
        ] {
            if on {
                f.write_str(name)?;
            }
        }
        if let Some((_, names)) = NAMES.iter().find(|(code, _)| *code == self.code) {
            return f.write_str(names[0]);
        }
        match self.code {
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(number) => write!(f, "f{number}"),
            other => write!(f, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> Key {
        text.parse().expect(text)
    }

    #[test]
    fn reads_what_people_write() {
        for (text, shown) in [
            ("ctrl-r", "ctrl-r"),
            ("Ctrl-R", "ctrl-r"),
            ("<C-r>", "ctrl-r"),
            ("ctrl+r", "ctrl-r"),
            ("ctrl-shift-r", "ctrl-shift-r"),
            ("<enter>", "enter"),
            ("<", "<"),
            ("<>", "<>"),
            ("+", "+"),
            ("-", "-"),
            ("ctrl--", "ctrl--"),
            ("alt-+", "alt-+"),
            ("shift-tab", "shift-tab"),
            ("f2", "f2"),
            ("f", "f"),
            ("space", "space"),
            ("PageDown", "pagedown"),
            ("shift-g", "G"),
            ("G", "G"),
            ("alt-G", "alt-G"),
            ("shift-ß", "ß"),
            ("账", "账"),
            ("ctrl-space", "ctrl-space"),
        ] {
            match text.parse::<Key>() {
                Ok(key) => assert_eq!(key.to_string(), shown, "{text}"),
                Err(_) => assert_eq!(text, "<>"),
            }
        }
    }

    #[test]
    fn keys_that_terminals_cannot_tell_apart_are_the_same() {
        for (one, other) in [
            ("ctrl-h", "backspace"),
            ("ctrl-i", "tab"),
            ("ctrl-m", "enter"),
            ("ctrl-[", "esc"),
            ("ctrl-@", "ctrl-space"),
            ("ctrl-/", "ctrl-_"),
            ("ctrl-7", "ctrl-_"),
        ] {
            assert_eq!(key(one), key(other));
        }
        assert_ne!(
            key("ctrl-j"),
            key("enter"),
            "line feed is a key of its own in raw mode"
        );
    }

    #[test]
    fn wrong_keys_are_told_with_the_nearest_name() {
        let message = |text: &str| Key::parse_sequence(text).expect_err(text).to_string();
        assert_eq!(message("entr"), "unknown key `entr`; did you mean `enter`?");
        assert_eq!(
            message("ctrl-pagdown"),
            "unknown key `ctrl-pagdown`; did you mean `pagedown`?"
        );
        assert!(message("f99").starts_with("unknown key `f99`; expected one of "));
        assert_eq!(message(" "), "no key; the blank is written `space`");
        assert!(message("g hyper-x").starts_with("unknown key `hyper-x`; expected one of "));
    }

    #[test]
    fn only_plain_characters_type() {
        assert_eq!(key("G").typed(), Some('G'));
        assert_eq!(key("space").typed(), Some(' '));
        assert_eq!(key("alt-g").typed(), None);
        assert_eq!(key("enter").typed(), None);
    }

    fn any_key() -> impl Strategy<Value = Key> {
        let code = prop_oneof![
            any::<char>()
                .prop_filter("printable", |c| !c.is_control()
                    && (*c == ' ' || !c.is_whitespace()))
                .prop_map(KeyCode::Char),
            (1u8..=24).prop_map(KeyCode::F),
            prop::sample::select(NAMES.map(|(code, _)| code).to_vec()),
        ];
        (code, any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(code, ctrl, alt, shift)| Key::new(code, ctrl, alt, shift))
    }

    proptest! {
        #[test]
        fn a_shown_key_reads_as_the_same_key(keys in prop::collection::vec(any_key(), 1..4)) {
            let shown = Key::show_sequence(&keys);
            prop_assert_eq!(Key::parse_sequence(&shown).expect(&shown), keys);
        }
    }
}
