//! Resynchronisation after a broken record: a missing or extra quote turns everything behind it inside out, up to the
//! end of the line.

use super::object::is_logged;

/// Start of the next record in text that begins with a broken one: an object that begins with an identical key, or with
/// a field of the log if it is not the value of a member. Objects within a record mostly begin with neither, and
/// strings contain no unescaped quote.
pub(super) fn next_start(text: &[u8]) -> Option<usize> {
    let first = key(text);
    let mut from = 1;
    while let Some(at) = memchr::memchr(b'{', text.get(from..)?).map(|at| from + at) {
        from = at + 1;
        let before = text[..at].trim_ascii_end();
        // After a colon or an opening bracket it is a value, unless it starts as the broken record does.
        let is_value = matches!(before.last(), Some(b':' | b'['));
        let begins = !is_value || text[before.len()..at].contains(&b'\n');
        if let Some(key) = key(&text[at..])
            && (Some(key) == first || begins && is_logged(key))
        {
            return Some(at);
        }
    }
    None
}

/// First key of an object, not unescaped.
fn key(object: &[u8]) -> Option<&[u8]> {
    let inside = object.strip_prefix(b"{")?.trim_ascii_start();
    let inside = inside.strip_prefix(b"\"")?;
    let end = memchr::memchr(b'"', &inside[..inside.len().min(MAX_KEY)])?;
    Some(&inside[..end])
}

/// Maximum length of the first key of a record, in bytes.
const MAX_KEY: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_behind_a_broken_one_and_no_part_of_it_is_taken_for_one() {
        for (text, next) in [
            (r#"{"x":"1},{"x":"2"}"#, Some(9)),
            (r#"{"x":"1} , { "x":"2"}"#, Some(11)),
            (r#"{"x":"1}{"x":"2"}"#, Some(8)),
            (r#"{"x":"1},{"time":"2"}"#, Some(9)),
            (r#"{"x":[{"k":1},{"k":2}],"y":"1},{"x":3}"#, Some(31)),
            (r#"{"x":[{"k":1},{"k":2}]"#, None),
            (r#"{"x,{"time":"2"}"#, Some(4)),
            (r#"{"x":"y{"time":"2"}"#, Some(7)),
            (r#"{"x":{"time":"2"}"#, None),
            (r#"{"x":{"y":1}}"#, None),
            (r#"{"x":1,"y":{"x":2}"#, Some(11)),
            ("{\"x\":\n{\"time\":2}", Some(6)),
            ("fest\",{\"x\":1},{\"time\":2}", Some(14)),
            ("{", None),
            ("", None),
        ] {
            assert_eq!(next_start(text.as_bytes()), next, "{text}");
        }
    }
}
