//! Where the rows of a table end: at a line end outside quotes.

use crate::decode::scan::BOM;

/// A quoted cell longer than this is taken for a stray quote.
const MAX_QUOTED: usize = 1 << 20;

/// Finds the ends of rows in text that arrives in pieces.
#[derive(Clone, Debug, Default)]
pub struct Cutter {
    /// Bytes of the buffer that have been looked at.
    scanned: usize,
    /// Where the open quote is.
    quoted: Option<usize>,
    /// End of the last whole row found so far.
    end: usize,
}

/// What a look at the buffer found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Whole rows up to here.
    Rows(usize),
    /// Whole rows up to `start`; from there to `end` a line whose quote is not closed within reach.
    Stray { start: usize, end: usize },
}

impl Cutter {
    /// Looks at a buffer that starts with what is left of the call before. What is returned is to be taken
    /// off the buffer's front.
    pub fn look(&mut self, buffer: &[u8], delimiter: u8, quote: u8) -> Cut {
        while self.scanned < buffer.len() {
            if let Some(open) = self.quoted {
                match memchr::memchr(quote, &buffer[self.scanned..]) {
                    // The byte after it tells whether it closes.
                    Some(at) if self.scanned + at + 1 < buffer.len() => {
                        let after = self.scanned + at + 1;
                        if buffer[after] == quote {
                            self.scanned = after + 1;
                        } else {
                            self.scanned = after;
                            self.quoted = None;
                        }
                        continue;
                    }
                    Some(at) => self.scanned += at,
                    None => self.scanned = buffer.len(),
                }
                if self.scanned - open > MAX_QUOTED {
                    let start = self.end;
                    let end = memchr::memchr(b'\n', &buffer[open..])
                        .map_or(buffer.len(), |at| open + at + 1);
                    *self = Self::default();
                    return Cut::Stray { start, end };
                }
                break;
            }
            let Some(at) = memchr::memchr2(quote, b'\n', &buffer[self.scanned..]) else {
                self.scanned = buffer.len();
                break;
            };
            let at = self.scanned + at;
            self.scanned = at + 1;
            if buffer[at] == b'\n' {
                self.end = at + 1;
            } else if opens(buffer, at, delimiter) {
                self.quoted = Some(at);
            }
        }
        let end = std::mem::take(&mut self.end);
        self.scanned -= end;
        self.quoted = self.quoted.map(|open| open - end);
        Cut::Rows(end)
    }

    /// Whether what is left ends inside a quoted cell. A quote at the very end closes it.
    pub fn is_quoted(&self, rest: &[u8], quote: u8) -> bool {
        self.quoted
            .is_some_and(|open| !(self.scanned > open && rest[self.scanned..] == [quote]))
    }
}

/// Whether a quote outside quotes opens a cell: where one begins, behind the byte order mark of a line too. The text
/// begins with a row.
fn opens(text: &[u8], quote: usize, delimiter: u8) -> bool {
    let before = &text[..quote];
    let line = before.strip_suffix(BOM).unwrap_or(before);
    if line.last().is_none_or(|byte| *byte == b'\n') {
        return true;
    }
    before.ends_with(&[delimiter]) || before.ends_with(b"\r")
}

/// Where the first row ends, its line end included; the end of the text where it has none.
pub fn row_end(text: &[u8], delimiter: u8, quote: u8) -> usize {
    let mut quoted = false;
    let mut from = 0;
    while let Some(at) = memchr::memchr2(quote, b'\n', &text[from..]) {
        let at = from + at;
        from = at + 1;
        if quoted {
            if text[at] == quote && text.get(from) == Some(&quote) {
                from += 1;
            } else {
                quoted = text[at] != quote;
            }
        } else if text[at] == b'\n' {
            return from;
        } else {
            quoted = opens(text, at, delimiter);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, piece: usize) -> (Vec<String>, bool) {
        let mut cutter = Cutter::default();
        let mut buffer = Vec::new();
        let mut whole = String::new();
        for chunk in text.as_bytes().chunks(piece) {
            buffer.extend_from_slice(chunk);
            let Cut::Rows(end) = cutter.look(&buffer, b',', b'"') else {
                panic!("stray")
            };
            for byte in buffer.drain(..end) {
                whole.push(byte as char);
            }
            if end > 0 {
                whole.push('|');
            }
        }
        let quoted = cutter.is_quoted(&buffer, b'"');
        (
            whole
                .split_inclusive('|')
                .map(|row| row.trim_end_matches('|').to_owned())
                .collect(),
            quoted,
        )
    }

    #[test]
    fn rows_end_outside_quotes_only() {
        for piece in 1..12 {
            let (found, quoted) = rows("a,\"b\nc\"\nd,\"e\"\"\n\"\"\"\n5\" disk,x\n\"open", piece);
            assert_eq!(
                found.concat(),
                "a,\"b\nc\"\nd,\"e\"\"\n\"\"\"\n5\" disk,x\n"
            );
            assert!(found.iter().all(|row| row != "a,\"b\n"));
            assert!(quoted);
        }
        assert!(!rows("a,\"b\"", 3).1);
        assert!(rows("a,\"b\"\"", 3).1);
        assert!(rows("a,\"", 3).1);
    }

    #[test]
    fn a_stray_quote_loses_one_line() {
        let mut text = b"a,b\n\"c,d\n".to_vec();
        text.extend(b"e,f\n".repeat(MAX_QUOTED / 3));
        let cut = Cutter::default().look(&text, b',', b'"');
        assert_eq!(cut, Cut::Stray { start: 4, end: 9 });
    }
}
