//! Human-readable numbers and durations. No zone and no clock: callers pass the difference.

const SECONDS_A_DAY: u64 = 86_400;

/// Formats a number with thousands separators: `1,284,302`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Formats a number of things: `1 event`, `1,200 events`.
pub fn counted(n: u64, thing: &str) -> String {
    let many = if n == 1 { "" } else { "s" };
    format!("{} {thing}{many}", grouped(n))
}

/// Formats a number in at most five cells with three digits, rounded down: `999`, `48.1k`, `1.28M`.
pub fn short(n: u64) -> String {
    let mut unit = 1;
    let mut suffix = "";
    for next in ["k", "M", "G", "T", "P", "E"] {
        if n / unit < 1000 {
            break;
        }
        unit *= 1000;
        suffix = next;
    }
    let whole = n / unit;
    // Thousandths of the unit; the product of a remainder below 10^18 and 1000 needs 128 bits.
    let part = u128::from(n % unit) * 1000 / u128::from(unit);
    match whole {
        _ if unit == 1 => whole.to_string(),
        0..10 => format!("{whole}.{:02}{suffix}", part / 10),
        10..100 => format!("{whole}.{}{suffix}", part / 100),
        _ => format!("{whole}{suffix}"),
    }
}

/// Formats a relative time in one or two units: `12s`, `7m`, `3h12m`, `2d`. A future time is `in 7m`.
pub fn ago(seconds: i64) -> String {
    let ahead = if seconds < 0 { "in " } else { "" };
    let s = seconds.unsigned_abs();
    match s {
        0..60 => format!("{ahead}{s}s"),
        60..3600 => format!("{ahead}{}m", s / 60),
        3600..SECONDS_A_DAY => format!("{ahead}{}h{:02}m", s / 3600, s % 3600 / 60),
        _ => format!("{ahead}{}d", s / SECONDS_A_DAY),
    }
}

/// Formats a duration in two units: `12s`, `4m07s`, `3h12m`, `2d04h`.
pub fn duration(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let s = seconds.unsigned_abs();
    match s {
        0..60 => format!("{sign}{s}s"),
        60..3600 => format!("{sign}{}m{:02}s", s / 60, s % 60),
        3600..SECONDS_A_DAY => format!("{sign}{}h{:02}m", s / 3600, s % 3600 / 60),
        _ => format!(
            "{sign}{}d{:02}h",
            s / SECONDS_A_DAY,
            s % SECONDS_A_DAY / 3600
        ),
    }
}

/// Formats a lag: with tenths below ten seconds (`2.1s`), else as [`duration`]. Never negative.
pub fn lag(seconds: f64) -> String {
    if seconds < 9.95 {
        format!("{:.1}s", seconds.max(0.0))
    } else {
        duration(seconds.round() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (n, group, brief) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1,000", "1.00k"),
            (48_113, "48,113", "48.1k"),
            (611_940, "611,940", "611k"),
            (999_999, "999,999", "999k"),
            (1_284_302, "1,284,302", "1.28M"),
            (12_000_000_000, "12,000,000,000", "12.0G"),
            (u64::MAX, "18,446,744,073,709,551,615", "18.4E"),
        ] {
            assert_eq!(grouped(n), group);
            assert_eq!(short(n), brief);
        }
    }

    #[test]
    fn spans_of_time() {
        for (seconds, past, span) in [
            (0, "0s", "0s"),
            (59, "59s", "59s"),
            (247, "4m", "4m07s"),
            (11_520, "3h12m", "3h12m"),
            (187_200, "2d", "2d04h"),
            (-420, "in 7m", "-7m00s"),
        ] {
            assert_eq!(ago(seconds), past);
            assert_eq!(duration(seconds), span);
        }
        assert!(ago(i64::MIN).starts_with("in "));
        assert_eq!(lag(2.13), "2.1s");
        assert_eq!(lag(9.96), "10s");
        assert_eq!(lag(192.4), "3m12s");
        assert_eq!(lag(-1.0), "0.0s");
        assert_eq!(lag(f64::NAN), "0s");
    }
}
