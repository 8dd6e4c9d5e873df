//! Check for UTF-8 in text for which the user has named another encoding: text in these encodings is hardly ever valid
//! UTF-8 by chance.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use crate::decode::Oddities;

/// Checks a text in pieces of any size, up to the first invalid sequence.
#[derive(Clone, Debug)]
pub(super) struct Valid {
    /// Start of a character that continues in the next piece.
    begun: Vec<u8>,
    /// True after an invalid sequence: the check has ended.
    over: bool,
    /// True if zeros confirm the named encoding.
    wide: bool,
}

impl Valid {
    pub(super) fn of(named: &'static Encoding) -> Self {
        Self {
            begun: Vec::new(),
            over: false,
            wide: named == UTF_16LE || named == UTF_16BE,
        }
    }

    /// Continues at another place.
    pub(super) fn seek(&mut self) {
        self.begun.clear();
    }

    /// Checks a piece. `last`: nothing follows.
    pub(super) fn push(&mut self, piece: &[u8], last: bool, odd: &mut Oddities) {
        if self.over {
            return;
        }
        let mut piece = piece;
        // A character has at most four bytes.
        while !self.begun.is_empty()
            && let Some((byte, rest)) = piece.split_first()
        {
            self.begun.push(*byte);
            piece = rest;
            match std::str::from_utf8(&self.begun) {
                Ok(_) => {
                    odd.utf8 += 1;
                    self.begun.clear();
                }
                Err(error) if error.error_len().is_some() => return self.end(odd),
                Err(_) => {}
            }
        }
        if self.wide && piece.contains(&0) {
            return self.end(odd);
        }
        let whole = match std::str::from_utf8(piece) {
            Ok(whole) => whole.as_bytes(),
            Err(error) if error.error_len().is_some() => return self.end(odd),
            Err(error) => {
                let (whole, begun) = piece.split_at(error.valid_up_to());
                self.begun.extend_from_slice(begun);
                whole
            }
        };
        if !whole.is_ascii() {
            odd.utf8 += whole.iter().filter(|byte| **byte >= 0xc0).count() as u64;
        }
        if last && !self.begun.is_empty() {
            self.end(odd);
        }
    }

    fn end(&mut self, odd: &mut Oddities) {
        self.over = true;
        self.begun = Vec::new();
        odd.not_utf8 = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn look(text: &[u8], piece: usize, named: &'static Encoding) -> (bool, u64) {
        let (mut valid, mut odd) = (Valid::of(named), Oddities::default());
        for piece in text.chunks(piece) {
            valid.push(piece, false, &mut odd);
        }
        valid.push(&[], true, &mut odd);
        (!odd.not_utf8, odd.utf8)
    }

    #[test]
    fn zeros_and_half_characters_are_no_utf_8() {
        let gb18030 = encoding_rs::GB18030;
        assert_eq!(look("a审计é".as_bytes(), 2, gb18030), (true, 3));
        assert_eq!(look("a\0é".as_bytes(), 2, gb18030), (true, 1));
        assert!(!look(b"a\0b\0", 2, UTF_16LE).0);
        assert!(!look(b"a\xe5\xae", 9, gb18030).0);
        assert!(!look(b"\xd5\xc5\xc8\xfd", 1, gb18030).0);
        assert_eq!(look(b"plain", 2, gb18030), (true, 0));
    }

    proptest! {
        #[test]
        fn pieces_change_nothing(text in prop_oneof![
            "\\PC{0,30}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..12),
        ], piece in 1usize..9) {
            let (valid, count) = look(&text, piece, encoding_rs::GB18030);
            let expected = std::str::from_utf8(&text);
            prop_assert_eq!(valid, expected.is_ok());
            if let Ok(text) = expected {
                prop_assert_eq!(count, text.chars().filter(|c| !c.is_ascii()).count() as u64);
            }
        }
    }
}
