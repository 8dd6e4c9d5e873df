//! Parser for memory sizes: `512MB`, `2GiB`, `1.5g`, `800000`.

/// Parses a size in bytes. `k`, `M`, `G` and `T` are powers of 1,000, as for disks and networks; with an `i`, powers of
/// 1,024. The `B` is optional, case is ignored, and a number without a unit is in bytes.
pub fn parse(text: &str) -> Result<u64, String> {
    let expected = || format!("invalid size {text:?}: expected e.g. 512MB, 2GiB or 800000");
    let digits = text.trim();
    let end = digits
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(digits.len());
    let (number, unit) = digits.split_at(end);
    let number: f64 = number.parse().map_err(|_| expected())?;
    let unit = unit.trim().to_ascii_lowercase();
    let letters = unit.strip_suffix('b').unwrap_or(&unit);
    let (letter, base) = match letters.strip_suffix('i') {
        Some(letter) => (letter, 1024f64),
        None => (letters, 1000f64),
    };
    let power = match letter {
        "" if base < 1001.0 => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        _ => return Err(expected()),
    };
    let bytes = number * base.powi(power);
    if bytes < 1.0 {
        return Err(format!(
            "size {text:?} is too small: expected at least 1 byte"
        ));
    }
    Ok(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("800000", 800_000),
            ("512MB", 512_000_000),
            ("512m", 512_000_000),
            ("2GiB", 2 << 30),
            ("2 gi", 2 << 30),
            ("1.5k", 1500),
            ("3TB", 3_000_000_000_000),
            ("7B", 7),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "MB", "-1", "1..2", "12 parsecs", "1ib", "0", "1e9"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
