//! Extracts records from JSON documents as they arrive: the objects of an array, or consecutive objects.
//!
//! Only brackets and strings are examined; the decoder finds invalid JSON.

use std::mem;

use super::lines::Cut;

/// Longest object, which may wrap all records of a page.
const LONGEST: usize = 128 * 1024 * 1024;

/// Collects bytes into objects. Top-level arrays are opened, so that their records come out one by one.
#[derive(Debug, Default)]
pub(super) struct Document {
    object: Vec<u8>,
    /// Open brackets within the object.
    depth: usize,
    /// Open arrays around the object.
    arrays: usize,
    in_string: bool,
    escaped: bool,
    /// Top-level bytes that are neither objects nor punctuation.
    stray: Vec<u8>,
    dropped: bool,
}

impl Document {
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Vec<Cut>) {
        for &byte in bytes {
            if self.depth == 0 {
                self.top(byte, out);
            } else {
                self.inside(byte, out);
            }
        }
    }

    /// Ends the document: an open object was truncated.
    pub(super) fn end(&mut self, out: &mut Vec<Cut>) {
        self.end_stray(out);
        if self.depth > 0 {
            out.push(Cut::Bad {
                reason: "the response ends inside a record",
                sample: mem::take(&mut self.object),
            });
        }
        *self = Self::default();
    }

    /// Returns true if an object or array is still open.
    pub(super) fn is_open(&self) -> bool {
        self.depth > 0 || self.arrays > 0
    }

    fn top(&mut self, byte: u8, out: &mut Vec<Cut>) {
        match byte {
            b'{' => {
                self.end_stray(out);
                self.depth = 1;
                self.object.push(byte);
            }
            b'[' => self.arrays += 1,
            b']' => {
                self.end_stray(out);
                self.arrays = self.arrays.saturating_sub(1);
            }
            b',' | b'\n' | b'\r' => self.end_stray(out),
            // Ignore whitespace, NULs and the bytes of a byte order mark.
            0 | b' ' | b'\t' | 0xef | 0xbb | 0xbf if self.stray.is_empty() => {}
            _ if self.stray.len() < 1024 => self.stray.push(byte),
            _ => {}
        }
    }

    fn end_stray(&mut self, out: &mut Vec<Cut>) {
        if !self.stray.is_empty() {
            out.push(Cut::Bad {
                reason: "not an object",
                sample: mem::take(&mut self.stray),
            });
        }
    }

    fn inside(&mut self, byte: u8, out: &mut Vec<Cut>) {
        if self.object.len() < LONGEST {
            self.object.push(byte);
        } else {
            self.dropped = true;
        }
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 {
                    let object = mem::take(&mut self.object);
                    out.push(if mem::take(&mut self.dropped) {
                        Cut::Bad {
                            reason: "an object longer than 128 MB",
                            sample: object,
                        }
                    } else {
                        Cut::Record(object)
                    });
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, step: usize) -> Vec<Cut> {
        let (mut document, mut out) = (Document::default(), Vec::new());
        for piece in text.as_bytes().chunks(step) {
            document.feed(piece, &mut out);
        }
        document.end(&mut out);
        out
    }

    fn record(text: &str) -> Cut {
        Cut::Record(text.as_bytes().to_vec())
    }

    #[test]
    fn objects_come_one_by_one_from_arrays_and_sequences() {
        let text = "\u{feff}[\n {\"a\": \"]}\\\"{\"},\n {\"b\": {\"c\": [1]}}\n]\n{\"d\":1}{\"e\":2} [[{\"f\":3}]]";
        for step in 1..20 {
            let expected = [
                "{\"a\": \"]}\\\"{\"}",
                "{\"b\": {\"c\": [1]}}",
                "{\"d\":1}",
                "{\"e\":2}",
                "{\"f\":3}",
            ];
            assert_eq!(cut(text, step), expected.map(record), "in steps of {step}");
        }
    }

    #[test]
    fn what_is_no_object_and_what_is_cut_short_is_told() {
        let out = cut("[1, {\"a\":1}, \"x\", {\"b\":", 3);
        let bad = |reason, sample: &str| Cut::Bad {
            reason,
            sample: sample.as_bytes().to_vec(),
        };
        let expected = [
            bad("not an object", "1"),
            record("{\"a\":1}"),
            bad("not an object", "\"x\""),
            bad("the response ends inside a record", "{\"b\":"),
        ];
        assert_eq!(out, expected);
    }
}
