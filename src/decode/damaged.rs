//! Records that are not valid JSON: repaired, split or rejected.

use super::colour;
use super::decoder::Decoder;
use super::foreign::Foreign;
use super::framer::Framer;
use super::inside::DEEPEST;
use super::json::{Unread, parse};
use super::lenient::{Mended, mend};
use super::piece::Piece;
use super::resync::next_start;
use crate::model::{DefectKind, Remark};

impl Decoder {
    /// Recovers as much as it can of a record that does not parse; false if nothing is to be appended.
    #[cold]
    pub(super) fn damaged(&mut self, record: &[u8], position: u64, why: &Unread) -> bool {
        if let Some(plain) = colour::without(record) {
            self.remarks.add(Remark::Coloured);
            self.within(position, record, |decoder| decoder.line(&plain, position));
            return false;
        }
        if let Some(mended) = mend(record)
            && let Ok(members) = parse(&mended.text)
        {
            if !self.members(&mended.text, &members, None, record, position) {
                return false;
            }
            for (is_so, remark) in [
                (mended.has_word, Remark::Word),
                (mended.has_control, Remark::Control),
                (mended.has_punctuation, Remark::Punctuation),
            ] {
                if is_so {
                    self.remarks.add(remark);
                }
            }
            if let Some((key, what)) = mended.first {
                self.flaw(
                    DefectKind::Lenient,
                    position,
                    format!("{key}: {what}; event kept"),
                    record,
                );
            }
            return true;
        }
        if let Some(text) = without_double_bytes(record)
            && let Ok(members) = parse(&text)
        {
            return self.members(&text, &members, None, record, position);
        }
        // Several records on one line, or a record next to something else.
        let (mut has_record, mut is_one) = (false, false);
        if record.len() <= MANY {
            Framer::default().parts(record, true, |piece| {
                if let Piece::Record(range) = piece {
                    has_record = true;
                    is_one = range == (0..record.len());
                }
            });
        }
        if has_record && !is_one {
            self.framed(record, position);
            return false;
        }
        let (kind, reason) = match Foreign::of_line(record) {
            // Formatting the reason costs more than reading the record, which counts with millions of them.
            _ if !self.keeps(DefectKind::Syntax) => (DefectKind::Syntax, String::new()),
            Some(foreign) => (DefectKind::Syntax, format!("{}, not JSON", foreign.name)),
            None => diagnose(why),
        };
        let next = next_start(record).filter(|_| self.nesting < DEEPEST);
        self.flaw(
            kind,
            position,
            reason,
            &record[..next.unwrap_or(record.len())],
        );
        if let Some(next) = next {
            self.nesting += 1;
            self.framed(&record[next..], position + next as u64);
            self.nesting -= 1;
        }
        false
    }
}

/// Maximum length in bytes of a line that is searched for several records.
const MANY: usize = 4 << 20;

/// Replaces two-byte characters that end in a backslash (`表` in Shift JIS, `誠` in GBK), because that backslash escapes
/// nothing. `None` if the text is UTF-8 or has no such character.
fn without_double_bytes(record: &[u8]) -> Option<String> {
    let is_lead = |byte: &u8| (0x81..=0xfe).contains(byte);
    let has_some = |pair: &[u8]| pair[1] == b'\\' && is_lead(&pair[0]);
    if !record.windows(2).any(has_some) || std::str::from_utf8(record).is_ok() {
        return None;
    }
    let mut clean = Vec::with_capacity(record.len());
    let mut bytes = record.iter().peekable();
    while let Some(byte) = bytes.next() {
        if is_lead(byte) && bytes.next_if(|next| **next == b'\\').is_some() {
            clean.extend_from_slice("\u{fffd}".as_bytes());
        } else {
            clean.push(*byte);
        }
    }
    Some(String::from_utf8_lossy(&clean).into_owned())
}

/// Repairs a record so that it is JSON; `None` if it already is, or cannot be repaired.
pub fn mended(record: &[u8]) -> Option<Mended> {
    let is_valid = std::str::from_utf8(record).is_ok_and(|text| parse(text).is_ok());
    if is_valid { None } else { mend(record) }
}

/// Describes a parse error. Offsets in the text are relative to the record.
pub(super) fn diagnose(why: &Unread) -> (DefectKind, String) {
    let error = match why {
        Unread::Value(key, what) => return (DefectKind::Syntax, format!("{key}: {what}")),
        Unread::Json(error) => error,
    };
    let text = error.to_string();
    let words = text.split(" at line ").next().unwrap_or_default();
    // The replacement covers "an object" and "a list" too.
    let words = words.replace("EOF while parsing a", "the record ends inside a");
    let place = match error.line() {
        0 => String::new(),
        1 => format!(" at byte {} of the record", error.column()),
        line => format!(" at byte {} of line {line} of the record", error.column()),
    };
    let kind = match error.classify() {
        serde_json::error::Category::Eof => DefectKind::Truncated,
        _ if text.contains("recursion limit") => DefectKind::Depth,
        _ => DefectKind::Syntax,
    };
    (kind, format!("not JSON: {words}{place}"))
}
