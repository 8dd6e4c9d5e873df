//! Spelling of the `time` of a record, encoded as text for a dictionary: `~` and the style if instant and style
//! reproduce the text, otherwise `=` and the text itself. A missing time is `MISSING`.

use crate::model::loose;
use crate::model::time::{self, Nanos, Style, Zone};

/// A decoded spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling<'a> {
    Style(Style),
    /// The text as logged: not RFC 3339, or not in its usual form.
    Text(&'a str),
}

/// Appends an encoded style.
pub fn encode_style(style: Style, out: &mut String) {
    out.push('~');
    out.push(style.separator as char);
    out.push((b'0' + style.digits) as char);
    match style.zone {
        Zone::Zulu => out.push('Z'),
        Zone::Offset(minutes) => out.push_str(&minutes.to_string()),
    }
}

pub fn encode_text(text: &str, out: &mut String) {
    out.push('=');
    out.push_str(text);
}

/// Decodes a spelling.
pub fn decode(encoded: &str) -> Spelling<'_> {
    let style = || {
        let [b'~', separator, digits, ..] = *encoded.as_bytes() else {
            return None;
        };
        let zone = match &encoded[3..] {
            "Z" => Zone::Zulu,
            minutes => Zone::Offset(minutes.parse().ok()?),
        };
        Some(Style {
            separator,
            digits: digits - b'0',
            zone,
        })
    };
    style().map_or_else(
        || Spelling::Text(encoded.get(1..).unwrap_or_default()),
        Spelling::Style,
    )
}

/// Returns the text of a time, and the offset in seconds of its zone.
pub fn text_of(encoded: &str, nanos: Option<Nanos>) -> (String, i32) {
    match (decode(encoded), nanos) {
        (Spelling::Style(style), Some(nanos)) => {
            let mut text = String::new();
            time::render(nanos, style, &mut text);
            (text, style.offset())
        }
        (Spelling::Text(text), _) => (
            text.to_owned(),
            loose::read(text.as_bytes()).map_or(0, |time| time.offset),
        ),
        (Spelling::Style(style), None) => (String::new(), style.offset()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_and_texts_come_back() {
        for zone in [
            Zone::Zulu,
            Zone::Offset(480),
            Zone::Offset(-90),
            Zone::Offset(0),
        ] {
            let style = Style {
                separator: b'T',
                digits: 9,
                zone,
            };
            let mut text = String::new();
            encode_style(style, &mut text);
            assert_eq!(decode(&text), Spelling::Style(style));
        }
        let mut text = String::new();
        encode_text("~T9Z", &mut text);
        assert_eq!(decode(&text), Spelling::Text("~T9Z"));
    }
}
