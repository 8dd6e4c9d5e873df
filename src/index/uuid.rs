//! Request ids: the sixteen bytes of a UUID, and its usual text.

/// Returns the usual text of a UUID, in lower case.
pub fn uuid_text(uuid: &[u8; 16]) -> String {
    uuid_bytes(uuid).map(char::from).iter().collect()
}

/// Returns the usual text without an allocation; all bytes are ASCII.
pub fn uuid_bytes(uuid: &[u8; 16]) -> [u8; 36] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'-'; 36];
    for (byte, at) in uuid.iter().zip(PAIRS) {
        text[at] = HEX[usize::from(byte >> 4)];
        text[at + 1] = HEX[usize::from(byte & 15)];
    }
    text
}

/// Positions of the pairs of digits in the text of a UUID.
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// Parses the usual text of a UUID in lower case; returns `None` for anything else.
pub fn parse_uuid(text: &[u8]) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.try_into().ok()?;
    if text[8] != b'-' || text[13] != b'-' || text[18] != b'-' || text[23] != b'-' {
        return None;
    }
    let mut uuid = [0; 16];
    let mut bad = 0u8;
    for (byte, at) in uuid.iter_mut().zip(PAIRS) {
        let (high, low) = (
            DIGIT[usize::from(text[at])],
            DIGIT[usize::from(text[at + 1])],
        );
        bad |= high | low;
        *byte = high << 4 | low & 15;
    }
    (bad < 16).then_some(uuid)
}

/// Value of each byte as a lower-case hexadecimal digit; 255 for the others.
const DIGIT: [u8; 256] = {
    let mut table = [255; 256];
    let mut n = 0;
    while n < 16 {
        table[b"0123456789abcdef"[n] as usize] = n as u8;
        n += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_come_back_and_everything_else_is_left_to_text() {
        let text = "718e09d1-aab5-4c1e-9f00-0123456789ab";
        assert_eq!(
            parse_uuid(text.as_bytes())
                .map(|u| uuid_text(&u))
                .as_deref(),
            Some(text)
        );
        for bad in [
            "",
            "718E09d1-aab5-4c1e-9f00-0123456789ab",
            "718e09d1-aab5-4c1e-9f00-0123456789a",
            "718e09d1aab5-4c1e-9f00-0123456789abb",
            "718e09d1-aab5-4c1e-9f00-0123456789ag",
        ] {
            assert_eq!(parse_uuid(bad.as_bytes()), None, "{bad}");
        }
    }
}
