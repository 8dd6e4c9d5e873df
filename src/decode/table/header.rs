//! The first row of a table: which columns there are, and what separates them.

use crate::decode::formats::FormatId;
use crate::decode::scan::BOM;
use crate::index::shape::escape;
use crate::model::{CATALOGUE, FieldKind};

/// Between cells, the likeliest first. A blank is the weakest: prose has them too.
const DELIMITERS: [u8; 5] = *b",\t|; ";

/// Columns beyond this are no log.
const MAX_COLUMNS: usize = 4096;

/// The columns of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    pub(super) columns: Vec<Column>,
    /// The first name as it stands, to know the header again where tables were strung together.
    pub(super) first: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// What stands in a record before the value: the name, and what parts it from the value before.
    pub(super) literal: Vec<u8>,
    /// `__time__`, which may be a date.
    pub(super) is_log_time: bool,
}

/// Why text is no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// It may become one when the first row is complete.
    Incomplete,
    /// Rows of cells, but the first does not name any known field.
    Missing,
    /// No rows of cells at all.
    NoTable,
}

impl Header {
    /// Reads the header at the start of a text and returns how many bytes it takes. `format` is what the user
    /// says the text is; without it the text has to show it. `complete` tells that nothing follows.
    pub fn read(
        text: &[u8],
        format: Option<FormatId>,
        complete: bool,
    ) -> Result<(Self, usize), HeaderError> {
        let bom = if text.starts_with(BOM) { BOM.len() } else { 0 };
        let blank = text[bom..]
            .iter()
            .take_while(|b| matches!(b, b'\r' | b'\n'))
            .count();
        let start = bom + blank;
        let rest = &text[start..];
        let quote = if rest.first() == Some(&b'\'') {
            b'\''
        } else {
            b'"'
        };
        let allowed: &[u8] = match format {
            Some(FormatId::Tsv) => b"\t",
            _ => &DELIMITERS,
        };
        let mut best: Option<(usize, u8, Vec<Vec<u8>>, usize)> = None;
        let mut incomplete = false;
        for &delimiter in allowed {
            let Some((cells, end)) = first_row(rest, delimiter, quote, complete) else {
                incomplete = true;
                continue;
            };
            let known = cells.iter().filter(|cell| is_known(cell)).count();
            let enough = match delimiter {
                // Words of a sentence may be names of fields.
                b' ' => known >= 2 && known * 2 >= cells.len(),
                _ => known >= 1,
            };
            if enough
                && cells.len() <= MAX_COLUMNS
                && best.as_ref().is_none_or(|(most, ..)| known > *most)
            {
                best = Some((known, delimiter, cells, start + end));
            }
        }
        if let Some((_, delimiter, names, end)) = best {
            return Ok((Self::new(&names, delimiter, quote), end));
        }
        if incomplete && !complete {
            return Err(HeaderError::Incomplete);
        }
        Err(if format.is_some() || looks_like_rows(rest) {
            HeaderError::Missing
        } else {
            HeaderError::NoTable
        })
    }

    fn new(names: &[Vec<u8>], delimiter: u8, quote: u8) -> Self {
        let mut taken: Vec<String> = names
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_owned())
            .collect();
        for at in 0..taken.len() {
            if taken[at].is_empty() {
                taken[at] = format!("column_{}", at + 1);
            }
            if taken[..at].contains(&taken[at]) {
                // As Simple Log Service tells such fields apart.
                let again = (0..names.len())
                    .map(|n| format!("{}_{n}", taken[at]))
                    .find(|name| !taken.contains(name));
                taken[at] = again.expect("there are fewer names than numbers");
            }
        }
        let columns = taken.iter().enumerate().map(|(at, name)| {
            let mut literal = if at == 0 {
                b"{\"".to_vec()
            } else {
                b"\",\"".to_vec()
            };
            escape(name, false, &mut literal);
            literal.extend_from_slice(b"\":\"");
            Column {
                name: name.clone(),
                literal,
                is_log_time: name == "__time__",
            }
        });
        Self {
            delimiter,
            quote,
            columns: columns.collect(),
            first: names.first().cloned().unwrap_or_default(),
        }
    }

    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    pub fn quote(&self) -> u8 {
        self.quote
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn reader<'a>(&self, text: &'a [u8]) -> csv::Reader<&'a [u8]> {
        builder(self.delimiter, self.quote).from_reader(text)
    }
}

fn builder(delimiter: u8, quote: u8) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder
        .delimiter(delimiter)
        .quote(quote)
        .has_headers(false)
        .flexible(true);
    builder
}

/// Cells of the first row, and where it ends; `None` where its end is not there yet.
fn first_row(
    text: &[u8],
    delimiter: u8,
    quote: u8,
    complete: bool,
) -> Option<(Vec<Vec<u8>>, usize)> {
    let mut cutter = super::Cutter::default();
    let mut end = 0;
    for newline in memchr::memchr_iter(b'\n', text) {
        // Line by line, so that only the first row is looked at.
        if let super::Cut::Rows(rows) = cutter.look(&text[..=newline], delimiter, quote)
            && rows > 0
        {
            end = rows;
            break;
        }
    }
    if end == 0 {
        if !complete {
            return None;
        }
        end = text.len();
    }
    let mut reader = builder(delimiter, quote).from_reader(&text[..end]);
    let mut record = csv::ByteRecord::new();
    reader.read_byte_record(&mut record).ok()?.then_some(())?;
    Some((record.iter().map(<[u8]>::to_vec).collect(), end))
}

fn is_known(cell: &[u8]) -> bool {
    known_names().any(|name| name.as_bytes() == cell.trim_ascii())
}

/// Names that make a row a header.
pub fn known_names() -> impl Iterator<Item = &'static str> {
    CATALOGUE
        .fields()
        .iter()
        .filter(|field| field.kind != FieldKind::Derived)
        .map(|field| field.name.as_str())
}

/// Whether the first lines have the same number of cells, and several of them.
fn looks_like_rows(text: &[u8]) -> bool {
    let lines: Vec<&[u8]> = text
        .split(|b| *b == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .filter(|line| !line.is_empty())
        .take(5)
        .collect();
    DELIMITERS[..4].iter().any(|delimiter| {
        let cells = |line: &[u8]| memchr::memchr_iter(*delimiter, line).count();
        let first = lines.first().map_or(0, |line| cells(line));
        first >= 4 && lines.iter().all(|line| cells(line) >= first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (u8, Vec<String>) {
        let (header, end) = Header::read(text.as_bytes(), None, true).expect("a header");
        assert_eq!(end, text.len());
        let names = header.columns.iter().map(|c| {
            let literal = String::from_utf8(c.literal.clone()).expect("UTF-8");
            literal
                .trim_start_matches(['{', '"', ','])
                .trim_end_matches("\":\"")
                .to_owned()
        });
        (header.delimiter, names.collect())
    }

    #[test]
    fn the_delimiter_is_the_one_that_yields_known_names() {
        for (text, delimiter) in [
            ("time,action\n", b','),
            ("\u{feff}time\taction\r\n", b'\t'),
            ("\"time\"|\"action\"", b'|'),
            ("'time';'action'", b';'),
            ("__time__ action", b' '),
        ] {
            let (found, names) = names(text);
            assert_eq!((found, names.len()), (delimiter, 2), "{text}");
        }
        assert_eq!(names("action\n").1, ["action"]);
    }

    #[test]
    fn names_that_come_again_are_told_apart() {
        assert_eq!(
            names("time,tag,,tag,tag_0,tag").1,
            ["time", "tag", "column_3", "tag_1", "tag_0", "tag_2"]
        );
    }

    #[test]
    fn what_is_no_header_is_told_apart() {
        for (text, complete, error) in [
            ("once upon a time\nthere was\n", true, HeaderError::NoTable),
            ("the time of action was late\n", true, HeaderError::NoTable),
            ("a,b,c,d,e\n1,2,3,4,5\n", true, HeaderError::Missing),
            ("time,act", false, HeaderError::Incomplete),
        ] {
            assert_eq!(
                Header::read(text.as_bytes(), None, complete),
                Err(error),
                "{text}"
            );
        }
        assert_eq!(
            Header::read(b"a,b\n", Some(FormatId::Csv), true),
            Err(HeaderError::Missing)
        );
    }
}
