//! NUL bytes in text, left by a crash, a sparse file, or truncation under a writer that keeps its offset. They are
//! skipped; whole records on either side are kept.

use super::decoder::Decoder;

/// Maximum number of record ends tried in one line.
const TRIED: usize = 16;

/// Counts the NUL bytes in a text.
pub(super) fn count(text: &[u8]) -> u64 {
    memchr::memchr_iter(0, text).count() as u64
}

/// Removes NUL bytes from a record: each run becomes a blank between tokens and U+FFFD inside a string.
pub(super) fn cleaned(record: &[u8]) -> Vec<u8> {
    let mut clean = Vec::with_capacity(record.len().min(1 << 16));
    let (mut in_string, mut escaped) = (false, false);
    for run in record.chunk_by(|a, b| (*a == 0) == (*b == 0)) {
        if run[0] == 0 {
            let mark: &[u8] = if in_string { b"\xef\xbf\xbd" } else { b" " };
            clean.extend_from_slice(mark);
            escaped = false;
            continue;
        }
        for byte in run {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = in_string,
                b'"' => in_string = !in_string,
                _ => {}
            }
        }
        clean.extend_from_slice(run);
    }
    clean
}

/// Decodes UTF-16 that was appended to a log of another encoding, as Windows PowerShell does; `None` for anything else.
fn wide(line: &[u8]) -> Option<String> {
    let pairs = line.chunks(2);
    let high = pairs.clone().filter(|pair| pair.get(1) == Some(&0));
    let low = pairs.clone().filter(|pair| pair[0] == 0);
    if high.count() * 5 < pairs.len() * 3 || low.count() > 0 {
        return None;
    }
    let units = pairs.map(|pair| u16::from_le_bytes([pair[0], *pair.get(1).unwrap_or(&0)]));
    let text = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(text.collect())
}

impl Decoder {
    /// Reads a line with NUL bytes inside: a record with a hole, or several records with holes between them, of which
    /// the last may be whole though the others are not.
    #[cold]
    pub(super) fn torn(&mut self, line: &[u8], position: u64) {
        if let Some(text) = wide(line) {
            self.part(text.as_bytes(), position);
            return;
        }
        let is_record = |text: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
        if line.starts_with(b"{") && is_record(&cleaned(line)) {
            self.part(line, position);
            return;
        }
        let (mut start, mut at, mut tried) = (0, 0, 0);
        while let Some(nul) = memchr::memchr(0, &line[at..]).map(|nul| at + nul) {
            let run = line[nul..].iter().take_while(|byte| **byte == 0).count();
            at = nul + run;
            let before = &line[start..nul];
            tried += usize::from(before.ends_with(b"}"));
            let parts = line.get(at) == Some(&b'{')
                || (before.ends_with(b"}") && tried <= TRIED && is_record(&cleaned(before)));
            if parts {
                self.odd.nuls += run as u64;
                self.part(before, position + start as u64);
                start = at;
            }
        }
        self.part(&line[start..], position + start as u64);
    }

    fn part(&mut self, text: &[u8], position: u64) {
        if text.starts_with(b"{") {
            self.generally(text, position);
        } else {
            let marks = std::mem::take(&mut self.quotes);
            self.framed(text, position);
            self.quotes = marks;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_a_blank_between_tokens_and_a_mark_inside_a_string() {
        for (text, clean) in [
            (
                &b"{\0\0\"a\\\"\0\0b\":\0 1}"[..],
                "{ \"a\\\"\u{fffd}b\":  1}",
            ),
            (b"\0", " "),
            (b"{\"a\":\"\0\"}", "{\"a\":\"\u{fffd}\"}"),
        ] {
            assert_eq!(String::from_utf8(cleaned(text)).expect("text"), clean);
        }
    }

    #[test]
    fn only_text_of_wide_units_is_taken_for_such() {
        let units = "{\"a\":\"张\"}".encode_utf16();
        let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        assert_eq!(wide(&bytes).as_deref(), Some("{\"a\":\"张\"}"));
        assert_eq!(
            wide(&bytes[..bytes.len() - 1]).as_deref(),
            Some("{\"a\":\"张\"}")
        );
        assert_eq!(wide(b"{\"a\":\"\0\0\0\0\0\0\0\"}"), None);
    }
}
