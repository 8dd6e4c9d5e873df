//! Ranking of texts by typed words: a word that begins a word of the text comes first, then one inside it, then letters
//! in order.

use std::ops::Range;

use fuzzy_matcher::FuzzyMatcher as _;
use fuzzy_matcher::skim::SkimMatcherV2;

/// Costs of a match; those of all typed words are added up, and the lowest sum is best.
const PREFIX: i64 = 1;
const INSIDE: i64 = 20;
const LETTERS: i64 = 1_000;

/// Least cost of letters that are not together.
pub(super) const SCATTERED: i64 = LETTERS / 2;

/// Match of a typed word in a text: its cost, and the matched characters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) cost: i64,
    pub(super) at: Vec<usize>,
}

impl Found {
    fn at(cost: i64, range: Range<usize>) -> Self {
        Self {
            cost,
            at: range.collect(),
        }
    }
}

/// Finds a word at the beginning of a word of the text, ignoring case.
pub(super) fn prefix(text: &str, word: &str) -> Option<Found> {
    let (text, word) = (letters(text), letters(word));
    let starts = (0..text.len()).filter(|at| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        before.is_none_or(|before| !before.is_alphanumeric())
    });
    let starts = starts.filter(|at| text[*at..].starts_with(&word));
    let cost = |at: &usize| {
        let next = text.get(at + word.len());
        let is_whole = next.is_none_or(|next| !next.is_alphanumeric());
        i64::from(!is_whole) * PREFIX
    };
    let at = starts.min_by_key(cost)?;
    Some(Found::at(cost(&at), at..at + word.len()))
}

/// Finds a word anywhere in the text, ignoring case.
pub(super) fn inside(text: &str, word: &str) -> Option<Found> {
    let (text, word) = (letters(text), letters(word));
    let at = text
        .windows(word.len().max(1))
        .position(|part| part == word)?;
    Some(Found::at(INSIDE, at..at + word.len()))
}

/// Finds the letters of a word in their order, ignoring case.
pub(super) fn letters_of(text: &str, word: &str) -> Option<Found> {
    let fuzzy = SkimMatcherV2::default().ignore_case();
    let (score, at) = fuzzy.fuzzy_indices(text, word)?;
    let cost = LETTERS - score.clamp(0, SCATTERED);
    Some(Found { cost, at })
}

/// Lower-case characters, one for each character of the text.
fn letters(text: &str) -> Vec<char> {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    text.chars().map(lower).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_word_is_better_than_its_beginning_and_that_than_letters_inside() {
        let cost = |found: Option<Found>| found.map(|found| found.cost);
        assert_eq!(cost(prefix("mark.toggle", "mark")), Some(0));
        assert_eq!(cost(prefix("List marked events", "mark")), Some(PREFIX));
        assert_eq!(prefix("remarks", "mark"), None);
        assert_eq!(cost(inside("remarks", "mark")), Some(INSIDE));
        assert!(cost(letters_of("move.first", "mf")) > Some(INSIDE));
        assert_eq!(
            prefix("View.Zone", "zo").map(|found| found.at),
            Some(vec![5, 6])
        );
    }
}
