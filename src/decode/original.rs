//! Recovers the bytes of a value that is not UTF-8 from the record that was kept for it.

use super::json::{Members, member};
use crate::model::id;

/// First of the private-use characters of the last plane that represent the bytes that are not UTF-8.
const FIRST: u32 = 0x0010_ff00;

/// Bytes of a member of a record, unescaped; `None` if the record is UTF-8 or has no such member.
pub fn original(record: &[u8], name: &str) -> Option<Vec<u8>> {
    let stand_in = |byte: u8| char::from_u32(FIRST + u32::from(byte));
    let byte_of = |c: char| u8::try_from((c as u32).checked_sub(FIRST)?).ok();
    let mut text = String::with_capacity(record.len() * 2);
    let mut is_foreign = false;
    for chunk in record.utf8_chunks() {
        if chunk.valid().chars().any(|c| byte_of(c).is_some()) {
            return None; // These characters would be mistaken for bytes.
        }
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| stand_in(*byte)));
        is_foreign |= !chunk.invalid().is_empty();
    }
    if !is_foreign {
        return None;
    }
    let Members(members) = serde_json::from_str(&text).ok()?;
    // The last member of a name counts.
    let (_, value) = members.iter().rev().find(|(key, _)| {
        let mut bytes = Vec::new();
        push(key, byte_of, &mut bytes);
        String::from_utf8_lossy(&bytes) == name
    })?;
    let value = member(id::USER, value).ok()?;
    let mut bytes = Vec::new();
    push(&value.text, byte_of, &mut bytes);
    Some(bytes)
}

fn push(text: &str, byte_of: impl Fn(char) -> Option<u8>, out: &mut Vec<u8>) {
    for c in text.chars() {
        match byte_of(c) {
            Some(byte) => out.push(byte),
            None => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_value_are_those_it_was_read_from() {
        let record =
            b"{\"a\":\"x\",\"a\":\"\xd5\xc5\\n\xc8\xfd \\u00e9\xc3\xa9\",\"\xff\":\"y\",\"n\":1}";
        assert_eq!(
            original(record, "a").expect("bytes"),
            b"\xd5\xc5\n\xc8\xfd \xc3\xa9\xc3\xa9"
        );
        assert_eq!(original(record, "\u{fffd}").expect("a name"), b"y");
        assert_eq!(original(record, "n").expect("a number"), b"1");
        assert_eq!(original(record, "b"), None);
        assert_eq!(original("{\"a\":\"é\"}".as_bytes(), "a"), None);
        assert_eq!(original(b"{\"a\":\"\xff", "a"), None);
    }
}
