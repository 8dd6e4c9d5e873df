//! Time zone of the machine.

use crate::model::zone::Zone;

/// Returns the zone of `TZ`, or that of the system; UTC if neither is set.
pub fn local_zone() -> Zone {
    local().0
}

/// Returns the reason if [`local_zone`] could not determine the zone and falls back to UTC.
pub fn local_problem() -> Option<String> {
    local().1
}

fn local() -> (Zone, Option<String>) {
    if let Some(named) = std::env::var_os("TZ").filter(|name| !name.is_empty()) {
        let named = named.to_string_lossy();
        return match of_variable(&named) {
            Some(zone) => (zone, None),
            None => (
                Zone::Utc,
                Some(format!(
                    "TZ={named}: unknown time zone, using UTC; set TZ to a name such as Asia/Shanghai, or use --tz"
                )),
            ),
        };
    }
    match iana_time_zone::get_timezone() {
        Ok(name) => match name.parse() {
            Ok(zone) => (Zone::place(zone), None),
            Err(_) => (
                Zone::Utc,
                Some(format!(
                    "unknown system time zone {name}, using UTC; choose a time zone with --tz"
                )),
            ),
        },
        Err(_) => (
            Zone::Utc,
            Some("no system time zone found, using UTC; choose a time zone with --tz".into()),
        ),
    }
}

/// Parses a value of `TZ`: `Asia/Shanghai`, `:Asia/Shanghai`, the path of a zone file, or a fixed offset west of UTC as in
/// POSIX (`CST-8` is east).
fn of_variable(value: &str) -> Option<Zone> {
    let value = value.trim_start_matches(':');
    let name = value
        .split_once("zoneinfo/")
        .map_or(value, |(_, name)| name);
    if let Ok(zone) = name.parse() {
        return Some(Zone::place(zone));
    }
    let offset = match value.strip_prefix('<') {
        Some(quoted) => quoted.split_once('>')?.1,
        None => value.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
    };
    let has_name = value.len() - offset.len() >= 3;
    let west = match offset.as_bytes().first()? {
        b'-' => offset.replacen('-', "+", 1),
        b'+' => offset.replacen('+', "-", 1),
        _ => format!("-{offset}"),
    };
    Zone::fixed(&west).filter(|_| has_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_names_a_place_or_fixed_hours() {
        let hours = |value| of_variable(value).map(|zone| zone.offset(0, 0) / 3600);
        assert_eq!(hours("CST-8"), Some(8));
        assert_eq!(hours("UTC+3"), Some(-3));
        assert_eq!(hours("UTC3"), Some(-3));
        assert_eq!(hours("<+08>-8"), Some(8));
        assert_eq!(hours("JST-9:00"), Some(9));
        assert_eq!(hours("UTC0"), Some(0));
        let india = of_variable("IST-5:30").map(|zone| zone.offset(0, 0));
        assert_eq!(india, Some(19_800));
        for name in [
            "Asia/Shanghai",
            ":Asia/Shanghai",
            ":/usr/share/zoneinfo/Asia/Shanghai",
        ] {
            assert_eq!(
                of_variable(name),
                Some(Zone::Place(chrono_tz::Asia::Shanghai)),
                "{name}"
            );
        }
        for unknown in [
            "CET-1CEST,M3.5.0,M10.5.0/3",
            "Mars/Olympus",
            "8",
            "-8",
            "CST-99",
            "<x",
        ] {
            assert_eq!(of_variable(unknown), None, "{unknown}");
        }
    }
}
