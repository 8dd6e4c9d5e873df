//! Remarks about a source, reported once for any number of records.

use std::collections::BTreeMap;

use super::visible;

/// Kind of a record that is neither an event nor a defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Skip {
    /// The action line of an Elasticsearch bulk request, which describes the operation on the next line.
    BulkAction,
    /// A line of a saved event stream without data: a name, an id or a comment.
    StreamLine,
    /// `{}`.
    EmptyObject,
    /// A table row in which every cell is blank.
    BlankRow,
    /// A table row that begins with `#`.
    CommentRow,
    /// A row of dashes between rows of a printed table.
    RuleRow,
}

/// Cause of a remark about records.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Remark {
    Skipped(Skip),
    /// The record followed other text on its line.
    Prefix,
    /// The record was inside this member of another.
    Within(Box<str>),
    /// The record had terminal escape sequences between or within its tokens.
    Coloured,
    /// The record had `NaN`, `Infinity` or a bare word as a value.
    Word,
    /// The record had unescaped control characters in strings.
    Control,
    /// Some times of the record had no zone.
    NoZone,
    /// The record had missing or extra commas, values or other punctuation.
    Punctuation,
}

impl Skip {
    /// Noun for `count` skipped records.
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
    /// Sentence about `count` records.
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

/// Remarks, each with the number of records concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks(BTreeMap<Remark, u64>);

impl Remarks {
    /// Maximum number of remarks before records inside further members are counted under the last one.
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

    /// Number of records that are neither events nor defects.
    pub fn skipped(&self) -> u64 {
        let skipped = self
            .0
            .iter()
            .filter(|(remark, _)| matches!(remark, Remark::Skipped(_)));
        skipped.map(|(_, count)| count).sum()
    }

    /// One sentence for each remark.
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
