//! Conversion of text in other encodings to UTF-8 as it arrives, before it is searched for records.
//!
//! UTF-16 is detected by its byte order mark or by its zeros; any other encoding is used only if the user names it.
//! Positions in a converted source count bytes of the UTF-8; lines are those of the file.

mod guess;
mod remarks;
mod valid;

pub use encoding_rs::Encoding;
use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE};

pub use guess::{Likely, guess};
pub use remarks::Remarks;
use valid::Valid;

use crate::decode::Oddities;
use crate::decode::refused::{Refusal, UTF_32};

/// Format and encoding of a source as set by the user, in place of detection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub format: Option<crate::decode::formats::FormatId>,
    pub encoding: Option<&'static Encoding>,
}

impl From<Option<crate::decode::formats::FormatId>> for Written {
    fn from(format: Option<crate::decode::formats::FormatId>) -> Self {
        Self {
            format,
            encoding: None,
        }
    }
}

/// Finds an encoding by its label in the WHATWG standard: `gb18030`, `gbk`, `shift_jis`, `latin1`, …
pub fn find(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.trim().as_bytes())
}

/// Finds an encoding for the command line; the error suggests labels.
pub fn label(text: &str) -> Result<&'static Encoding, String> {
    find(text).ok_or_else(|| {
        let known: Vec<std::sync::Arc<str>> = LABELS.map(Into::into).into();
        match crate::query::nearest(text, &known) {
            Some(meant) => format!("no such encoding; did you mean {meant}?"),
            None => {
                let examples = LABELS.join(", ");
                format!("no such encoding; expected {examples} or another WHATWG name")
            }
        }
    })
}

/// Labels that are suggested for an unknown one.
pub const LABELS: [&str; 14] = [
    "gb18030",
    "gbk",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "windows-1252",
    "windows-1251",
    "iso-8859-1",
    "iso-8859-15",
    "koi8-r",
    "utf-8",
    "utf-16le",
    "utf-16be",
];

/// Number of bytes that are inspected for zeros.
const LOOK: usize = 1 << 10;

/// Result of the detection on the start of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// More bytes may decide it.
    More,
    /// Text that is read unchanged.
    Plain,
    Wide(&'static Encoding),
    Utf32,
}

fn look(bytes: &[u8], at_end: bool) -> Found {
    if Refusal::find(bytes).is_some() {
        return Found::Plain;
    }
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Found::Utf32,
        [0xff, 0xfe, _, _, ..] => return Found::Wide(UTF_16LE),
        [0xfe, 0xff, ..] => return Found::Wide(UTF_16BE),
        [0xff, 0xfe, ..] if at_end => return Found::Wide(UTF_16LE),
        [] | [_] | [0xff, 0xfe] | [0xff, 0xfe, _] if !at_end => return Found::More,
        _ => {}
    }
    let head = &bytes[..bytes.len().min(LOOK)];
    if !head.contains(&0) {
        return Found::Plain;
    }
    // A hole before the text is ignored; the text after it begins at a whole unit.
    let hole = bytes.iter().take_while(|byte| **byte == 0).count() & !3;
    let text = &bytes[hole..];
    let text = &text[..text.len().min(LOOK)];
    if text.len() < 8 && !at_end {
        return Found::More;
    }
    let zeros = |at: usize, of: usize| {
        let units = text.chunks_exact(of);
        let all = units.len();
        (units.filter(|unit| unit[at] == 0).count(), all)
    };
    let mostly = |(zeros, all): (usize, usize)| zeros > 0 && zeros * 5 >= all * 2;
    let hardly = |(zeros, all): (usize, usize)| zeros * 20 <= all;
    let always = |(zeros, all): (usize, usize)| all > 1 && zeros == all;
    let quarters = [0, 1, 2, 3].map(|at| zeros(at, 4));
    if (always(quarters[2]) && always(quarters[3]) && hardly(quarters[0]))
        || (always(quarters[0]) && always(quarters[1]) && hardly(quarters[3]))
    {
        return Found::Utf32;
    }
    let (even, odd) = (zeros(0, 2), zeros(1, 2));
    // UTF-16 may have been appended to other text, so the beginning counts.
    let start = &text[..text.len().min(16)];
    let starts = |at: usize| start.iter().skip(at).step_by(2).any(|byte| *byte == 0);
    if mostly(odd) && hardly(even) && starts(1) {
        Found::Wide(UTF_16LE)
    } else if mostly(even) && hardly(odd) && starts(0) {
        Found::Wide(UTF_16BE)
    } else {
        Found::Plain
    }
}

/// Returns true if text that starts with these bytes, or is just these, is UTF-16 or UTF-32.
pub(super) fn is_wide(head: &[u8]) -> bool {
    matches!(look(head, true), Found::Wide(_) | Found::Utf32)
}

/// Maximum size in bytes of a hole that is skipped in search of text.
#[cfg(feature = "http")]
const HOLE: usize = 1 << 20;

/// Returns true if text with this start is read unchanged, given the encoding set by the user; `None` if more bytes may
/// decide it.
#[cfg(feature = "http")]
pub(super) fn is_plain(
    encoding: Option<&'static Encoding>,
    head: &[u8],
    at_end: bool,
) -> Option<bool> {
    match encoding {
        Some(encoding) => Some(encoding == UTF_8),
        None => match look(head, at_end || head.len() > HOLE) {
            Found::More => None,
            Found::Plain => Some(true),
            Found::Wide(_) | Found::Utf32 => Some(false),
        },
    }
}

/// Converts the bytes of a source to UTF-8, in pieces of any size.
#[derive(Clone, Debug)]
pub(super) struct Text {
    stage: Stage,
    odd: Oddities,
    /// Check for UTF-8, if the user has named another encoding.
    valid: Option<Valid>,
}

#[derive(Debug)]
enum Stage {
    /// Not decided yet; the bytes so far.
    Unknown(Vec<u8>),
    Plain,
    Other(Box<Decoder>),
}

impl Clone for Stage {
    /// The state of an unfinished character is not copied: a clone continues at the start of a record.
    fn clone(&self) -> Self {
        match self {
            Self::Unknown(bytes) => Self::Unknown(bytes.clone()),
            Self::Plain => Self::Plain,
            Self::Other(decoder) => Self::Other(Box::new(
                decoder.encoding().new_decoder_without_bom_handling(),
            )),
        }
    }
}

impl Text {
    /// Text in the given encoding, or with detection.
    pub(super) fn new(encoding: Option<&'static Encoding>) -> Self {
        Self {
            stage: match encoding {
                None => Stage::Unknown(Vec::new()),
                // A byte order mark wins over a name that was set for many files.
                Some(encoding) if encoding != UTF_8 => {
                    Stage::Other(Box::new(encoding.new_decoder()))
                }
                Some(_) => Stage::Plain,
            },
            odd: Oddities {
                encoding: encoding.map(Encoding::name),
                ..Oddities::default()
            },
            valid: encoding.filter(|named| *named != UTF_8).map(Valid::of),
        }
    }

    /// Text that is read unchanged.
    pub(super) fn plain() -> Self {
        Self {
            stage: Stage::Plain,
            odd: Oddities::default(),
            valid: None,
        }
    }

    pub(super) fn is_plain(&self) -> bool {
        matches!(self.stage, Stage::Plain)
    }

    /// Continues at another place of the source.
    pub(super) fn seek(&mut self) {
        if let Some(valid) = &mut self.valid {
            valid.seek();
        }
        match &mut self.stage {
            Stage::Unknown(bytes) => bytes.clear(),
            Stage::Plain => {}
            Stage::Other(decoder) => {
                **decoder = decoder.encoding().new_decoder_without_bom_handling();
            }
        }
    }

    /// Takes the oddities since the last call.
    pub(super) fn take_oddities(&mut self) -> Oddities {
        let encoding = self.odd.encoding;
        let odd = std::mem::take(&mut self.odd);
        self.odd.encoding = encoding;
        odd
    }

    /// Appends the text of the bytes, converted to UTF-8 if necessary. `last`: nothing follows. Returns the number of
    /// NUL bytes left out, or an error for a known but unsupported encoding.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        last: bool,
        out: &mut Vec<u8>,
    ) -> Result<u64, &'static Refusal> {
        match &mut self.stage {
            Stage::Plain => out.extend_from_slice(bytes),
            Stage::Other(decoder) => {
                self.odd.replaced += decode(decoder, bytes, last, out);
                // A byte order mark may have switched the decoder to UTF-8.
                if let Some(valid) = &mut self.valid
                    && decoder.encoding() != UTF_8
                {
                    valid.push(bytes, last, &mut self.odd);
                }
                if last {
                    **decoder = decoder.encoding().new_decoder();
                }
            }
            Stage::Unknown(so_far) => {
                so_far.extend_from_slice(bytes);
                let encoding = match look(so_far, last) {
                    Found::More => return Ok(self.shorten()),
                    Found::Utf32 => {
                        self.stage = Stage::Plain;
                        return Err(&UTF_32);
                    }
                    Found::Plain => None,
                    Found::Wide(encoding) => Some(encoding),
                };
                let so_far = std::mem::take(so_far);
                self.odd.encoding = encoding.map(Encoding::name);
                self.stage = match encoding {
                    None => Stage::Plain,
                    Some(encoding) => {
                        Stage::Other(Box::new(encoding.new_decoder_with_bom_removal()))
                    }
                };
                return self.push(&so_far, last, out);
            }
        }
        Ok(0)
    }

    /// Drops a hole at the start, so that it does not fill memory.
    fn shorten(&mut self) -> u64 {
        let Stage::Unknown(bytes) = &mut self.stage else {
            return 0;
        };
        let hole = bytes.iter().take_while(|byte| **byte == 0).count() & !3;
        if hole < LOOK {
            return 0;
        }
        bytes.drain(..hole);
        self.odd.nuls += hole as u64;
        hole as u64
    }
}

/// Decodes bytes and returns the number of invalid sequences; each becomes U+FFFD.
fn decode(decoder: &mut Decoder, mut bytes: &[u8], last: bool, out: &mut Vec<u8>) -> u64 {
    let mut replaced = 0;
    loop {
        let start = out.len();
        let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
        // The length is unknown only if it exceeds the address space.
        out.resize(start + room.unwrap_or(bytes.len()), 0);
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(bytes, &mut out[start..], last);
        out.truncate(start + written);
        bytes = &bytes[read..];
        match result {
            DecoderResult::InputEmpty => return replaced,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                replaced += 1;
                out.extend_from_slice("\u{fffd}".as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wide(text: &str, little: bool) -> Vec<u8> {
        let units = text.encode_utf16();
        let bytes = |unit: u16| {
            if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        };
        units.flat_map(bytes).collect()
    }

    fn read(bytes: &[u8], piece: usize, encoding: Option<&'static Encoding>) -> (String, u64) {
        let mut text = Text::new(encoding);
        let mut out = Vec::new();
        for piece in bytes.chunks(piece) {
            text.push(piece, false, &mut out).expect("it is read");
        }
        text.push(&[], true, &mut out).expect("it is read");
        (
            String::from_utf8(out).expect("UTF-8"),
            text.take_oddities().replaced,
        )
    }

    #[test]
    fn wide_text_is_known_with_and_without_its_mark_in_both_orders() {
        let text = "{\"time\":\"1\",\"user_name\":\"张三\"}\r\n";
        for little in [true, false] {
            for piece in [1, 2, 3, 7, 1000] {
                for start in ["", "\u{feff}"] {
                    let bytes = wide(&format!("{start}{text}"), little);
                    assert_eq!(
                        read(&bytes, piece, None),
                        (text.into(), 0),
                        "{little} {piece}"
                    );
                }
                let after_hole = [vec![0; 4096], wide(text, little)].concat();
                let (found, _) = read(&after_hole, piece, None);
                assert_eq!(found.trim_start_matches('\0'), text);
            }
        }
    }

    #[test]
    fn what_is_not_wide_stays_as_it_is() {
        for bytes in [
            &b"{\"a\":1}\n"[..],
            b"\0\0\0\0\0{\"a\":1}\n",
            b"{\"a\":\"\0\0\0\0\0\0\0\0\"}",
            b"\xef\xbb\xbf",
            b"time,\xd5\xc5\xc8\xfd\n",
            b"\0",
            b"\xff",
            b"",
        ] {
            for piece in [1, 3, 100] {
                let mut text = Text::new(None);
                let mut out = Vec::new();
                for piece in bytes.chunks(piece) {
                    text.push(piece, false, &mut out).expect("text");
                }
                text.push(&[], true, &mut out).expect("text");
                assert_eq!(out, bytes);
            }
        }
    }

    #[test]
    fn utf_32_is_refused_by_name() {
        for text in ["\u{feff}{\"time\":1}", "{\"time\":1}"] {
            for little in [true, false] {
                let bytes: Vec<u8> = text
                    .chars()
                    .flat_map(|c| {
                        if little {
                            (c as u32).to_le_bytes()
                        } else {
                            (c as u32).to_be_bytes()
                        }
                    })
                    .collect();
                let refused = Text::new(None).push(&bytes, true, &mut Vec::new());
                assert_eq!(refused.expect_err("refused").name, "UTF-32 text");
            }
        }
    }

    #[test]
    fn half_a_pair_is_one_replacement_and_costs_nothing_around_it() {
        let mut bytes = wide("{\"a\":\"", true);
        bytes.extend([0x3d, 0xd8]);
        bytes.extend(wide("x\"}\n", true));
        assert_eq!(read(&bytes, 3, None), ("{\"a\":\"\u{fffd}x\"}\n".into(), 1));
    }

    #[test]
    fn a_hole_before_anything_takes_no_memory() {
        let mut text = Text::new(None);
        let mut out = Vec::new();
        let mut skipped = 0;
        for _ in 0..1000 {
            skipped += text.push(&[0; 5000], false, &mut out).expect("text");
        }
        let Stage::Unknown(bytes) = &text.stage else {
            panic!("nothing came yet")
        };
        assert!(bytes.len() < 5000 && out.is_empty());
        assert_eq!(skipped + bytes.len() as u64, 5_000_000);
    }

    proptest! {
        #[test]
        fn pieces_change_nothing(text in "\\PC{0,60}", piece in 1usize..9, label in 0..LABELS.len(), junk in proptest::collection::vec(any::<u8>(), 0..8)) {
            let encoding = find(LABELS[label]).expect("a label");
            let (bytes, ..) = encoding.encode(&text);
            let mut bytes = bytes.into_owned();
            if encoding != UTF_8 {
                bytes.extend(junk);
                let whole = read(&bytes, bytes.len().max(1), Some(encoding));
                prop_assert_eq!(read(&bytes, piece, Some(encoding)), whole);
            }
        }

        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(prop_oneof![Just(0u8), any::<u8>()], 0..80), piece in 1usize..9) {
            let mut text = Text::new(None);
            let mut out = Vec::new();
            for piece in bytes.chunks(piece) {
                if text.push(piece, false, &mut out).is_err() {
                    return Ok(());
                }
            }
            let _ = text.push(&[], true, &mut out);
        }
    }
}
