//! Ends of lines and of array elements in text that arrives in parts. Each byte is looked at once.

/// Element of an array that is neither object nor array, as far as it has been scanned.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scalar {
    at: usize,
    in_string: bool,
    escaped: bool,
}

impl Scalar {
    /// Finds the end of the element within its line.
    pub(super) fn end(&mut self, line: &[u8]) -> Option<usize> {
        while let Some(byte) = line.get(self.at) {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                b',' | b']' if !self.in_string && self.at > 0 => return Some(self.at),
                _ => {}
            }
            self.at += 1;
        }
        None
    }
}

/// End of the line with the first unconsumed byte. It is searched for once, however many pieces the line has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Line {
    end: Option<usize>,
    /// Number of bytes known to contain no line end.
    searched: usize,
}

impl Line {
    pub(super) fn end(&mut self, rest: &[u8]) -> Option<usize> {
        if self.end.is_none() {
            let from = self.searched.min(rest.len());
            self.end = memchr::memchr(b'\n', &rest[from..]).map(|at| from + at);
            self.searched = self.searched.max(rest.len());
        }
        self.end
    }

    pub(super) fn consume(&mut self, bytes: usize) {
        self.end = self.end.and_then(|end| end.checked_sub(bytes));
        self.searched = match self.end {
            Some(_) => 0,
            None => self.searched.saturating_sub(bytes),
        };
    }
}
