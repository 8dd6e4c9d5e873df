//! Terminal escape sequences, as programs print them around coloured words.
//!
//! Only raw sequences count: JSON escapes control characters, so `\u001b` in a string is data and stays.

pub(super) const ESC: u8 = 0x1b;

/// Maximum length of a sequence, in bytes: hyperlinks contain a URL.
const LONGEST: usize = 4096;

/// Bytes after which it is certain that text between tokens is or is not a colour sequence: those are short.
pub(super) const ENOUGH: usize = 32;

/// Removes all sequences; `None` if the text has none.
pub(super) fn without(text: &[u8]) -> Option<Vec<u8>> {
    let mut at = memchr::memchr(ESC, text)?;
    let mut plain = text[..at].to_vec();
    let mut found = false;
    while at < text.len() {
        let len = len(&text[at..]);
        found |= len > 0;
        // Keep an escape character that begins no sequence.
        let keep = at + usize::from(len == 0);
        plain.extend_from_slice(&text[at..keep]);
        at = keep + len;
        let next = memchr::memchr(ESC, &text[at..]).map_or(text.len(), |next| at + next);
        plain.extend_from_slice(&text[at..next]);
        at = next;
    }
    found.then_some(plain)
}

/// Length in bytes of the sequence at the start of a text; 0 if there is none.
pub(super) fn len(text: &[u8]) -> usize {
    let (Some(&ESC), Some(kind)) = (text.first(), text.get(1)) else {
        return 0;
    };
    let rest = &text[2..text.len().min(LONGEST)];
    match kind {
        // CSI: parameters, then one letter.
        b'[' => {
            let parameters = rest.iter().take_while(|b| matches!(b, 0x20..=0x3f)).count();
            match rest.get(parameters) {
                Some(0x40..=0x7e) => 2 + parameters + 1,
                _ => 0,
            }
        }
        // OSC: up to BEL or ESC \. None of those worth stripping spans lines.
        b']' => {
            let Some(end) = rest.iter().position(|b| matches!(b, 0x07 | &ESC | b'\n')) else {
                return 0;
            };
            match &rest[end..] {
                [0x07, ..] => 2 + end + 1,
                [ESC, b'\\', ..] => 2 + end + 2,
                _ => 0,
            }
        }
        // Selection of a character set.
        b'(' | b')' if rest.first().is_some_and(u8::is_ascii_alphanumeric) => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sequences_are_taken_off_and_nothing_else() {
        for (text, expected) in [
            ("\u{1b}[1;39m{\u{1b}[0m\"a\"", Some("{\"a\"")),
            (
                "x\u{1b}[01;31m\u{1b}[Kcart\u{1b}[m\u{1b}[Ky",
                Some("xcarty"),
            ),
            (
                "\u{1b}]8;;file:///x\u{1b}\\name\u{1b}]8;;\u{7}\u{1b}(B",
                Some("name"),
            ),
            ("\u{1b} x \u{1b}[", None),
            ("\u{1b}]8;;no end", None),
            ("\\u001b[31m", None),
            ("", None),
        ] {
            let found = without(text.as_bytes());
            let found = found.map(|text| String::from_utf8(text).expect("UTF-8"));
            assert_eq!(found.as_deref(), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_no_sequence_stays(pieces in proptest::collection::vec(("[a-z\\[\\]]{0,4}", 0usize..4), 0..20)) {
            let (mut text, mut expected) = (String::new(), String::new());
            for (plain, sequence) in pieces {
                text += &plain;
                expected += &plain;
                text += ["\u{1b}[31;1m", "\u{1b}[K", "\u{1b}]0;t\u{7}", ""][sequence];
            }
            let found = without(text.as_bytes());
            prop_assert_eq!(found.is_some(), text != expected);
            prop_assert_eq!(found.unwrap_or_else(|| text.into_bytes()), expected.into_bytes());
        }
    }
}
