//! Repairs records with small JSON mistakes: a broken value costs that value, not the event.
//!
//! Looks at each byte once, without recursion. The result is JSON. If the end of a string or object is ambiguous, the
//! record is not repaired.

use crate::index::template::escape;

/// A repaired record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    pub text: String,
    /// Number of values and names that changed: bytes that are not UTF-8, and invalid escapes.
    pub lost: u64,
    /// First of them: the member of the record that contains it, and its problem.
    pub first: Option<(String, &'static str)>,
    /// `NaN` and other bare words became strings.
    pub has_word: bool,
    /// Control characters in strings were escaped.
    pub has_control: bool,
    /// Commas were removed or missing values became null.
    pub has_punctuation: bool,
}

/// Repairs a record; `None` if more than values and commas would have to change.
pub fn mend(record: &[u8]) -> Option<Mended> {
    let mut mender = Mender {
        bytes: record,
        at: 0,
        open: Vec::new(),
        key: String::new(),
        comma: 0,
        mended: Mended {
            text: String::with_capacity(record.len() + 16),
            lost: 0,
            first: None,
            has_word: false,
            has_control: false,
            has_punctuation: false,
        },
    };
    mender.run()?;
    Some(mender.mended)
}

/// Token that has to come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// In an array: a value, or the end of the array.
    Element,
    /// A name, or the end of the object.
    Key,
    Colon,
    CommaOrEnd,
    Nothing,
}

struct Mender<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Open brackets: true for `[`.
    open: Vec<bool>,
    /// Name of the current member of the record.
    key: String,
    /// Position of the last comma in the output.
    comma: usize,
    mended: Mended,
}

impl Mender<'_> {
    fn run(&mut self) -> Option<()> {
        let mut next = Next::Value;
        let mut after_comma = false;
        loop {
            self.blanks();
            let Some(byte) = self.bytes.get(self.at).copied() else {
                return (next == Next::Nothing).then_some(());
            };
            let was_comma = std::mem::take(&mut after_comma);
            next = match (next, byte) {
                (Next::Value | Next::Element, b'{' | b'[') => {
                    self.copy();
                    self.open.push(byte == b'[');
                    if byte == b'[' {
                        Next::Element
                    } else {
                        Next::Key
                    }
                }
                (Next::Value | Next::Element, b'"') => {
                    self.string(false)?;
                    self.after_value()
                }
                // A name without a value.
                (Next::Value, b',' | b'}') if !self.open.is_empty() => {
                    self.mended.text.push_str("null");
                    self.mended.has_punctuation = true;
                    self.after_value()
                }
                (Next::Element | Next::Key, b',') => {
                    self.at += 1;
                    self.mended.has_punctuation = true;
                    after_comma = was_comma;
                    next
                }
                (Next::Element | Next::Key | Next::CommaOrEnd, b'}' | b']') => {
                    if self.open.pop() != Some(byte == b']') {
                        return None;
                    }
                    if was_comma {
                        self.mended.text.remove(self.comma);
                        self.mended.has_punctuation = true;
                    }
                    self.copy();
                    self.after_value()
                }
                (Next::Key, b'"') => {
                    self.string(self.open.len() == 1)?;
                    Next::Colon
                }
                (Next::Colon, b':') => {
                    self.copy();
                    Next::Value
                }
                (Next::CommaOrEnd, b',') => {
                    self.comma = self.mended.text.len();
                    self.copy();
                    after_comma = true;
                    if self.open.last() == Some(&true) {
                        Next::Element
                    } else {
                        Next::Key
                    }
                }
                (Next::Value | Next::Element, _) => {
                    self.word()?;
                    self.after_value()
                }
                _ => return None,
            };
        }
    }

    fn after_value(&self) -> Next {
        if self.open.is_empty() {
            Next::Nothing
        } else {
            Next::CommaOrEnd
        }
    }

    /// Copies a byte of punctuation.
    fn copy(&mut self) {
        self.mended.text.push(char::from(self.bytes[self.at]));
        self.at += 1;
    }

    /// Copies blanks; drops other control characters between tokens and byte order marks.
    fn blanks(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.copy(),
                0..=0x1f | 0x7f => {
                    self.at += 1;
                    self.mended.has_punctuation = true;
                }
                0xef if self.bytes[self.at..].starts_with(b"\xef\xbb\xbf") => {
                    self.at += 3;
                    self.mended.has_punctuation = true;
                }
                _ => return,
            }
        }
    }

    /// Reads a value that is neither a string nor in brackets.
    fn word(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let is_end = |b: &u8| {
            matches!(
                b,
                b',' | b'}' | b']' | b'{' | b'[' | b':' | b'"' | b'\'' | b'=' | 0..=b' '
            )
        };
        let len = rest.iter().position(is_end).unwrap_or(rest.len());
        if len == 0 {
            return None;
        }
        let word = String::from_utf8_lossy(&rest[..len]);
        if serde_json::from_str::<serde::de::IgnoredAny>(&word).is_ok() {
            self.mended.text.push_str(&word);
        } else {
            self.mended.text.push('"');
            self.mended.text.push_str(&escaped(&word));
            self.mended.text.push('"');
            self.mended.has_word = true;
            if std::str::from_utf8(&rest[..len]).is_err() {
                self.lose("invalid UTF-8");
            }
        }
        self.at += len;
        Some(())
    }

    fn lose(&mut self, what: &'static str) {
        self.mended.lost += 1;
        if self.mended.first.is_none() {
            self.mended.first = Some((self.key.clone(), what));
        }
    }

    /// Copies a string. The name of a member of the record is remembered.
    fn string(&mut self, names: bool) -> Option<()> {
        let start = self.mended.text.len() + 1;
        let mut what = None;
        self.copy();
        loop {
            let rest = &self.bytes[self.at..];
            let plain = rest
                .iter()
                .position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f))?;
            for chunk in rest[..plain].utf8_chunks() {
                self.mended.text.push_str(chunk.valid());
                if !chunk.invalid().is_empty() {
                    self.mended.text.push('\u{fffd}');
                    what = what.or(Some("invalid UTF-8"));
                }
            }
            self.at += plain;
            match self.bytes[self.at] {
                b'"' => {
                    if names {
                        let key = &self.mended.text[start..];
                        self.key = serde_json::from_str(&format!("\"{key}\"")).unwrap_or_default();
                    }
                    self.copy();
                    break;
                }
                b'\\' => {
                    let broken = self.escape()?;
                    what = what.or((!broken.is_empty()).then_some(broken));
                }
                control => {
                    self.mended
                        .text
                        .push_str(&escaped(&char::from(control).to_string()));
                    self.mended.has_control = true;
                    self.at += 1;
                }
            }
        }
        if let Some(what) = what {
            self.lose(what);
        }
        Some(())
    }

    /// Copies an escape; returns its problem if its meaning is lost, and otherwise an empty string. `None` if the
    /// record ends in it.
    fn escape(&mut self) -> Option<&'static str> {
        let rest = &self.bytes[self.at..];
        let text = &mut self.mended.text;
        let (len, what) = match *rest.get(1)? {
            sign @ (b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                text.push('\\');
                text.push(char::from(sign));
                (2, "")
            }
            b'u' => match (unit(rest), rest.get(6..).and_then(unit)) {
                (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => {
                    text.extend(rest[..12].iter().map(|b| char::from(*b)));
                    (12, "")
                }
                (Some(0xd800..=0xdfff), _) => {
                    text.push('\u{fffd}');
                    (6, "unpaired surrogate, replaced by U+FFFD")
                }
                (Some(_), _) => {
                    text.extend(rest[..6].iter().map(|b| char::from(*b)));
                    (6, "")
                }
                (None, _) => {
                    text.push_str("\\\\u");
                    (2, "\\u without four hex digits, kept as is")
                }
            },
            // An apostrophe needs no escape, but some languages write one.
            b'\'' => {
                text.push('\'');
                (2, "")
            }
            b'x' if byte(rest).is_some() => {
                // A character may take several bytes.
                let bytes: Vec<u8> = rest.chunks(4).map_while(byte).collect();
                let read = String::from_utf8_lossy(&bytes);
                text.push_str(&escaped(&read));
                let is_lost = std::str::from_utf8(&bytes).is_err();
                let what = if is_lost { "invalid UTF-8" } else { "" };
                (bytes.len() * 4, what)
            }
            // The next character is read as text.
            _ => {
                text.push_str("\\\\");
                (1, "invalid escape, kept as is")
            }
        };
        self.at += len;
        Some(what)
    }
}

/// Escapes a text for use inside a JSON string.
fn escaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    escape(text, false, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Value of `\uXXXX`.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    hex(digits).and_then(|unit| u16::try_from(unit).ok())
}

/// Value of `\xXX`.
fn byte(text: &[u8]) -> Option<u8> {
    let digits = text.strip_prefix(b"\\x")?.get(..2)?;
    hex(digits).and_then(|byte| u8::try_from(byte).ok())
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |all, digit| {
        Some(all * 16 + char::from(*digit).to_digit(16)?)
    })
}

/// Returns true if JSON text contains the escape of an unpaired surrogate.
pub(super) fn has_lone_surrogate(json: &str) -> bool {
    let mut rest = json.as_bytes();
    while let Some(at) = memchr::memchr(b'\\', rest) {
        rest = &rest[at..];
        let len = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => return true,
            _ => 2,
        };
        rest = rest.get(len..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(record: &str) -> Option<String> {
        mend(record.as_bytes()).map(|mended| mended.text)
    }

    #[test]
    fn slips_are_mended_and_the_rest_stays_as_it_is() {
        for (record, expected) in [
            (
                r#"{"a": "x\ud83d", "b":"\udc00y"}"#,
                r#"{"a": "x�", "b":"�y"}"#,
            ),
            (
                r#"{"a":"\ud83d\ude00\ud83d\u0041"}"#,
                r#"{"a":"\ud83d\ude00�\u0041"}"#,
            ),
            (
                r#"{"a":NaN,"b":-Infinity , "c":[Infinity,1]}"#,
                r#"{"a":"NaN","b":"-Infinity" , "c":["Infinity",1]}"#,
            ),
            ("{\"a\":\"x\ty\u{1}\"}", r#"{"a":"x\ty\u0001"}"#),
            (
                r#"{"a":"it\'s \x41\xc3\xa4 \q C:\Users \u12"}"#,
                r#"{"a":"it's Aä \\q C:\\Users \\u12"}"#,
            ),
            (r#"{"a":1,,"b":[1,2,],}"#, r#"{"a":1,"b":[1,2]}"#),
            (r#"{"a":,"b":}"#, r#"{"a":null,"b":null}"#),
            (
                r#"{"a":007,"b":+1,"c":0x1F,"d":True}"#,
                r#"{"a":"007","b":"+1","c":"0x1F","d":"True"}"#,
            ),
            ("{\0\"a\":\u{feff}1}\0", r#"{"a":1}"#),
        ] {
            assert_eq!(text(record).as_deref(), Some(expected), "{record}");
        }
    }

    #[test]
    fn what_would_take_guessing_is_left_alone() {
        for record in [
            r#"{"a":"cut"#,
            r#"{"a":1"#,
            r#"{"a":1 "b":2}"#,
            r#"{"a":[1}"#,
            "{'a':'b'}",
            "{a:1}",
            r#"{"a":1}{"b":2}"#,
            r#"{"a":'b'}"#,
            r#"{"a"=>1}"#,
            r#"{"a":"x\"#,
            "",
            "x=1",
        ] {
            assert_eq!(text(record), None, "{record}");
        }
    }

    #[test]
    fn what_is_lost_is_named_with_the_member_it_is_in() {
        let mended =
            mend(b"{\"a\":1,\"t\\u0061g\":{\"x\":[\"\\ud800\",\"\xff\"]}}").expect("mended");
        assert_eq!(mended.lost, 2);
        let (key, what) = mended.first.expect("one");
        assert_eq!(key, "tag");
        assert!(what.contains("surrogate"), "{what}");
    }

    /// Parts of records, and bytes that break them.
    const PIECES: &[&[u8]] = &[
        b"\"",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"\"a\":",
        b"\\ud83d",
        b"\\x4",
        b"\xff",
        b"\xc3\xa4",
        b"\t",
        b" ",
        b"\0",
        b"1",
        b"NaN",
        b"-",
        b"\\u00",
        b"ude00",
        b"\xef\xbb\xbf",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_is_mended_is_json(
            record in proptest::collection::vec(proptest::sample::select(PIECES), 0..40),
        ) {
            let record = record.concat();
            for record in [record.clone(), [b"{\"a\":", &*record, b"}"].concat(), [b"[\"", &*record, b"\"]"].concat()] {
                if let Some(mended) = mend(&record) {
                    let parsed = serde_json::from_str::<serde_json::Value>(&mended.text);
                    prop_assert!(parsed.is_ok(), "{:?}: {}", String::from_utf8_lossy(&record), mended.text);
                    prop_assert!(!has_lone_surrogate(&mended.text));
                }
            }
        }

        #[test]
        fn json_stays_as_it_is(value in json()) {
            for text in [value.to_string(), format!("{value:#}")] {
                let mended = mend(text.as_bytes()).expect("JSON");
                prop_assert_eq!(&mended.text, &text);
                prop_assert!(!mended.has_word && !mended.has_control && !mended.has_punctuation && mended.lost == 0);
            }
        }
    }

    /// Strategy for any JSON value.
    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".*".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                proptest::collection::btree_map(".*", inner, 0..5)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }
}
