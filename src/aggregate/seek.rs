//! Text that every matching value must contain, and the positions in a long run of bytes that can contain it.
//!
//! Dictionary values are concatenated and request ids are packed, so both are searched as one long run of bytes,
//! sixteen at a time. Only the candidates are tested against the condition itself.

use crate::query::TestOp;

/// Text that every matching value contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Needle {
    /// ASCII, not empty; in lower case if case is ignored.
    text: Box<[u8]>,
    any_case: bool,
    /// The last four bytes of the text, or all of it if shorter. The end of typed text is more selective than its
    /// beginning.
    end: Four,
    /// True if every ASCII value that contains the text matches.
    pub(super) decides: bool,
}

/// Four consecutive bytes, compared under masks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Four {
    masks: [u8; 4],
    bytes: [u8; 4],
}

impl Needle {
    /// Returns `None` if matching values have no known common text.
    pub(super) fn of(op: &TestOp) -> Option<Self> {
        let (text, any_case, decides) = match op {
            TestOp::Exact(text) => (&**text, false, false),
            TestOp::Substring(substring) => {
                let text = substring.text();
                (text, !text.chars().any(char::is_uppercase), true)
            }
            TestOp::Phrase(phrase) => (phrase.text(), true, false),
            TestOp::Words(words) => {
                let known = |text| longest(text, |b| matches!(b, b'*' | b'?'));
                let texts = words.words().iter().map(|word| {
                    let text = if word.is_wild() {
                        known(word.text())
                    } else {
                        word.text()
                    };
                    (text, word)
                });
                let (text, word) = texts.max_by_key(|(text, _)| text.len())?;
                // Part of one word between two stars.
                let inside = word.is_wild()
                    && words.words().len() == 1
                    && word.text().len() == text.len() + 2
                    && word
                        .text()
                        .strip_prefix('*')
                        .and_then(|t| t.strip_suffix('*'))
                        == Some(text);
                (text, true, inside)
            }
            _ => return None,
        };
        let ascii = longest(text, |b| !b.is_ascii());
        if ascii.is_empty() {
            return None;
        }
        let mut known = ascii.as_bytes().to_vec();
        if any_case {
            known.make_ascii_lowercase();
        }
        let mut end = Four::default();
        for (at, &byte) in known[known.len().saturating_sub(4)..].iter().enumerate() {
            let letter = any_case && byte.is_ascii_alphabetic();
            end.masks[at] = if letter { !0x20 } else { !0 };
            end.bytes[at] = byte & end.masks[at];
        }
        Some(Self {
            text: known.into(),
            any_case,
            end,
            decides: decides && ascii.len() == text.len(),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Returns true if ASCII text ends with a given part of the needle.
    pub(super) fn is_end_of(&self, part: &[u8], bytes: &[u8]) -> bool {
        let end = bytes.len().checked_sub(part.len()).map(|at| &bytes[at..]);
        end.is_some_and(|end| end == part || self.any_case && end.eq_ignore_ascii_case(part))
    }

    /// Finds the first position at or after `from` of the needle in ASCII text.
    pub(super) fn find(&self, bytes: &[u8], mut from: usize) -> Option<usize> {
        let before = self.text.len().saturating_sub(4);
        let is_here = |start: usize| {
            bytes
                .get(start..start + self.text.len())
                .is_some_and(|text| {
                    if self.any_case {
                        text.eq_ignore_ascii_case(&self.text)
                    } else {
                        *text == *self.text
                    }
                })
        };
        loop {
            let at = find_any(&[self.end], bytes, from + before)?;
            // If nothing precedes the end, finding the end finds the text.
            let fits = before == 0 && at + self.text.len() <= bytes.len();
            if fits || is_here(at - before) {
                return Some(at - before);
            }
            from = at - before + 1;
        }
    }

    /// Prepares the search in request ids; `None` if no id can contain the text.
    pub(super) fn in_ids(&self) -> Option<IdNeedle> {
        let is_usual = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-');
        if self.text.len() > 36 || !self.text.iter().all(is_usual) {
            return None;
        }
        let text = std::str::from_utf8(&self.text).ok()?;
        let digits = longest(text, |b| b == b'-').as_bytes();
        // Two digits per byte, so the first one is in the upper or the lower half of its byte.
        let mut places = [Four::default(); 2];
        for (lower, place) in places.iter_mut().enumerate() {
            for (at, digit) in digits[digits.len().saturating_sub(4)..].iter().enumerate() {
                let half = at + lower;
                let shift = if half % 2 == 0 { 4 } else { 0 };
                let value = (*digit as char).to_digit(16).unwrap_or_default() as u8;
                place.masks[half / 2] |= 0xf << shift;
                place.bytes[half / 2] |= value << shift;
            }
        }
        Some(IdNeedle {
            text: self.text.clone(),
            places,
        })
    }
}

/// A part of the text of request ids.
#[derive(Debug)]
pub(super) struct IdNeedle {
    text: Box<[u8]>,
    places: [Four; 2],
}

impl IdNeedle {
    /// Calls `each` for each row whose id contains the text, with the id's text.
    pub(super) fn rows(&self, ids: &[[u8; 16]], mut each: impl FnMut(usize, &[u8; 36])) {
        let bytes = ids.as_flattened();
        let mut from = 0;
        while let Some(at) = find_any(&self.places, bytes, from) {
            let row = at / 16;
            let text = crate::index::uuid_bytes(&ids[row]);
            if text
                .windows(self.text.len())
                .any(|part| *part == *self.text)
            {
                each(row, &text);
            }
            from = (row + 1) * 16;
        }
    }
}

/// Returns the longest part of a text without certain bytes. `without` must select only ASCII bytes, or all non-ASCII
/// ones.
fn longest(text: &str, mut without: impl FnMut(u8) -> bool) -> &str {
    let mut best = 0..0;
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if without(byte) {
            start = at + 1;
        } else if at + 1 - start > best.len() {
            best = start..at + 1;
        }
    }
    &text[best]
}

/// Finds the first position at or after `from` of any pattern. Bytes past the end count as zero.
fn find_any<const N: usize>(patterns: &[Four; N], bytes: &[u8], mut from: usize) -> Option<usize> {
    const STEP: usize = 16;
    while let Some(window) = bytes
        .get(from..)
        .and_then(<[u8]>::first_chunk::<{ STEP + 3 }>)
    {
        if let Some(at) = first_of(patterns, window) {
            return Some(from + at);
        }
        from += STEP;
    }
    while from < bytes.len() {
        let mut window = [0; STEP + 3];
        let rest = &bytes[from..bytes.len().min(from + STEP + 3)];
        window[..rest.len()].copy_from_slice(rest);
        if let Some(at) = first_of(patterns, &window).filter(|at| *at < rest.len()) {
            return Some(from + at);
        }
        from += STEP;
    }
    None
}

/// Returns the first of sixteen positions that starts any of the patterns. Written without branches and by lanes, so
/// that it compiles to a few vector instructions.
#[inline]
fn first_of<const N: usize>(patterns: &[Four; N], window: &[u8; 19]) -> Option<usize> {
    let mut hits = [0u8; 16];
    for Four { masks, bytes } in patterns {
        let mut here = [0u8; 16];
        for lane in 0..16 {
            let mut differs = 0;
            for at in 0..4 {
                differs |= (window[lane + at] & masks[at]) ^ bytes[at];
            }
            here[lane] = if differs == 0 { 0xff } else { 0 };
        }
        for (hit, here) in hits.iter_mut().zip(here) {
            *hit |= here;
        }
    }
    let hits = u128::from_le_bytes(hits);
    (hits != 0).then(|| hits.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::uuid_text;
    use crate::query::{Substring, Words};
    use proptest::prelude::*;

    fn substring(text: &str) -> Option<Needle> {
        Needle::of(&TestOp::Substring(Substring::new(text).expect("short")))
    }

    #[test]
    fn a_needle_is_what_every_passing_value_contains() {
        let words = |text| Needle::of(&TestOp::Words(Words::typed(text).expect("words")));
        let found = |needle: Option<Needle>| {
            needle.map(|n| {
                (
                    String::from_utf8_lossy(&n.text).into_owned(),
                    n.any_case,
                    n.decides,
                )
            })
        };
        let some = |text: &str, any_case, decides| Some((text.to_owned(), any_case, decides));
        assert_eq!(found(words("*Ab*")), some("ab", true, true));
        assert_eq!(found(words("Ab*")), some("ab", true, false));
        assert_eq!(found(words("*a*bcd*")), some("bcd", true, false));
        assert_eq!(found(words("abc de")), some("abc", true, false));
        assert_eq!(found(words("*é*")), None);
        assert_eq!(found(words("*éab*")), some("ab", true, false));
        assert_eq!(found(words("*")), None);
        assert_eq!(found(substring("Ab")), some("Ab", false, true));
        assert_eq!(found(substring("a b")), some("a b", true, true));
        assert_eq!(found(substring("ſab")), some("ab", true, false));
        assert_eq!(found(substring("")), None);
        let exact = TestOp::Exact("x".into());
        assert_eq!(found(Needle::of(&exact)), some("x", false, false));
    }

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(
            text in "[abAB1]{0,70}", pattern in "[abAB1]{1,6}", from in 0usize..70,
        ) {
            let needle = substring(&pattern).expect("not empty");
            let folded = |text: &str| if needle.any_case {
                text.to_ascii_lowercase()
            } else {
                text.to_owned()
            };
            let from = from.min(text.len());
            let expected = folded(&text)[from..].find(&folded(&pattern)).map(|at| from + at);
            prop_assert_eq!(needle.find(text.as_bytes(), from), expected);
        }

        #[test]
        fn finds_ids_by_any_part_of_their_text(
            ids in proptest::collection::vec(any::<[u8; 16]>(), 1..20),
            of in 0usize..20, start in 0usize..36, len in 1usize..37,
        ) {
            let text = uuid_text(&ids[of % ids.len()]);
            let part = &text[start..(start + len).min(36)];
            let mut found = Vec::new();
            let needle = substring(part).and_then(|needle| needle.in_ids()).expect("hexadecimal");
            needle.rows(&ids, |row, _| found.push(row));
            let expected: Vec<usize> =
                (0..ids.len()).filter(|row| uuid_text(&ids[*row]).contains(part)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
