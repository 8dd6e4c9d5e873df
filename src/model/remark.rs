//! What is worth saying once of a source, however many of its records it concerns.

use std::collections::BTreeMap;

use super::visible;

/// Why a record is neither an event nor a defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Skip {
    /// A line of a bulk request of Elasticsearch that says what is done with the next one.
    BulkAction,
    /// A line of a saved event stream that holds no data: its name, its id, a comment.
    StreamLine,
    /// `{}`.
    EmptyObject,
    /// A row of a table all cells of which are blank.
    BlankRow,
    /// A row of a table that begins with `#`.
    CommentRow,
    /// A row of dashes between rows of a printed table.
    RuleRow,
}

/// Something to be said of records.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Remark {
    Skipped(Skip),
    /// The record stood behind other text on its line.
    Prefix,
    /// The record lay within this member of another.
    Within(Box<str>),
    /// Escape sequences of a terminal stood between or within its tokens.
    Coloured,
    /// `NaN`, `Infinity` or a bare word stood for a value.
    Word,
    /// Control characters stood in its strings as they are.
    Control,
    /// Some of its times have no zone.
    NoZone,
    /// Commas, values or other signs of JSON were missing or too many.
    Punctuation,
}

impl Skip {
    /// What so many of them are called.
    pub fn noun(self, count: u64) -> &'static str {
        match (self, count) {
            (Self::BulkAction, 1) => "Elasticsearch bulk action line",
            (Self::BulkAction, _) => "Elasticsearch bulk action lines",
            (Self::StreamLine, 1) => "event stream line without data",
            (Self::StreamLine, _) => "event stream lines without data",
            (Self::EmptyObject, 1) => "empty object",
            (Self::EmptyObject, _) => "empty objects",
            (Self::BlankRow, 1) => "blank row",
            (Self::BlankRow, _) => "blank rows",
            (Self::CommentRow, 1) => "comment row",
            (Self::CommentRow, _) => "comment rows",
            (Self::RuleRow, 1) => "table border row",
            (Self::RuleRow, _) => "table border rows",
        }
    }
}

impl Remark {
    /// A sentence about so many records.
    pub fn sentence(&self, count: u64) -> String {
        let records = if count == 1 { "record" } else { "records" };
        match self {
            Self::Skipped(skip) => format!("{count} {} skipped", skip.noun(count)),
            Self::Prefix => {
                format!(
                    "{count} {records} after a prefix; text before the first {{ of a line is skipped"
                )
            }
            Self::Within(name) => format!(
                "{count} {records} inside \"{}\"; other members next to it are ignored",
                visible(name)
            ),
            Self::Coloured => {
                format!(
                    "{count} {records} with terminal escape sequences, which are removed"
                )
            }
            Self::Word => format!(
                "{count} {records} with NaN, Infinity or another bare word (not JSON), read as text"
            ),
            Self::Control => {
                format!(
                    "{count} {records} with control characters in strings (not JSON), kept"
                )
            }
            Self::NoZone => "times without a time zone are read as UTC; if that is wrong, add an offset such as +08:00 to them".to_owned(),
            Self::Punctuation => {
                format!(
                    "{count} {records} with missing or extra punctuation (not JSON), repaired"
                )
            }
        }
    }
}

/// Remarks with the number of records that each concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks(BTreeMap<Remark, u64>);

impl Remarks {
    /// Names of members that are told apart; records within further ones are counted under the last.
    const NAMES: usize = 16;

    pub fn add(&mut self, remark: Remark) {
        self.add_many(remark, 1);
    }

    pub fn add_many(&mut self, remark: Remark, count: u64) {
        if let Some(known) = self.0.get_mut(&remark) {
            *known += count;
        } else if matches!(remark, Remark::Within(_)) && self.0.len() >= Self::NAMES {
            let last = self
                .0
                .iter_mut()
                .rfind(|(r, _)| matches!(r, Remark::Within(_)));
            if let Some((_, known)) = last {
                *known += count;
            }
        } else {
            self.0.insert(remark, count);
        }
    }

    pub fn append(&mut self, others: &Self) {
        for (remark, count) in &others.0 {
            self.add_many(remark.clone(), *count);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Records that are neither events nor defects.
    pub fn skipped(&self) -> u64 {
        let skipped = self
            .0
            .iter()
            .filter(|(remark, _)| matches!(remark, Remark::Skipped(_)));
        skipped.map(|(_, count)| count).sum()
    }

    /// A sentence each.
    pub fn sentences(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(|(remark, count)| remark.sentence(*count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_counted_by_cause_and_their_number_is_bounded() {
        let mut remarks = Remarks::default();
        for n in 0..1000 {
            remarks.add(Remark::Within(format!("name{n}\u{1b}").into()));
            remarks.add(Remark::Skipped(Skip::BulkAction));
        }
        let mut both = remarks.clone();
        both.append(&remarks);
        assert_eq!(both.skipped(), 2000);
        let sentences: Vec<String> = both.sentences().collect();
        assert!(sentences.len() <= Remarks::NAMES, "{}", sentences.len());
        assert_eq!(sentences[0], "2000 Elasticsearch bulk action lines skipped");
        assert!(sentences.iter().all(|s| !s.contains('\u{1b}')));
        let within = both
            .0
            .iter()
            .filter(|(r, _)| matches!(r, Remark::Within(_)));
        assert_eq!(within.map(|(_, count)| count).sum::<u64>(), 2000);
    }
}
