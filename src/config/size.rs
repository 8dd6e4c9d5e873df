//! Parser for memory sizes: `512MB`, `2GiB`, `1.5g`, `800000000`.

/// Least memory limit in bytes: below it, hardly any event would be kept.
const LEAST: f64 = 1e6;

/// Parses a size in bytes. `k`, `M`, `G` and `T` are powers of 1,000, as for disks and networks; with an `i`, powers of
/// 1,024. The `B` is optional, case is ignored, and a number without a unit is in bytes.
pub fn parse(text: &str) -> Result<u64, String> {
    let expected = || format!("invalid size {text:?}: expected e.g. 512MB, 2GiB or 800000000");
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
    if bytes < LEAST {
        let what = format!("size {text:?} is below the minimum of 1MB");
        return Err(if unit.is_empty() && number > 0.0 {
            format!("{what}: add a unit, e.g. {digits}GB or {digits}GiB")
        } else {
            format!("{what}: expected e.g. 512MB or 2GiB")
        });
    }
    Ok(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("8000000", 8_000_000),
            ("512MB", 512_000_000),
            ("512m", 512_000_000),
            ("2GiB", 2 << 30),
            ("2 gi", 2 << 30),
            ("1500k", 1_500_000),
            ("3TB", 3_000_000_000_000),
            ("7000000B", 7_000_000),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "MB", "-1", "1..2", "12 parsecs", "1ib", "0", "1e9"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_size_without_a_unit_that_is_too_small_is_refused_with_a_hint() {
        for (text, said) in [
            ("5", "add a unit, e.g. 5GB or 5GiB"),
            ("512", "add a unit, e.g. 512GB"),
            ("5KB", "below the minimum of 1MB: expected e.g. 512MB"),
            ("0", "below the minimum of 1MB: expected e.g. 512MB"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(said), "{error}");
        }
    }
}
