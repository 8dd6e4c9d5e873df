//! Words of the command line: times, ranges and time zones.

use chrono::NaiveDateTime;
use regtrail::model::time::Nanos;
use regtrail::model::zone::Zone;
use regtrail::query::time_words::{instant, range};

use super::{assert_clean, assert_linear, run};
use crate::chance::{Chance, fuzz};

const NOW: Nanos = 1_712_912_310_000_000_000;

const PIECES: &[&str] = &[
    "now",
    "today",
    "yesterday",
    "-",
    "+",
    "..",
    " ",
    "  ",
    ":",
    "T",
    "Z",
    "z",
    ".",
    "0",
    "1",
    "2",
    "9",
    "00",
    "12",
    "23",
    "24",
    "59",
    "60",
    "99",
    "2024",
    "1677",
    "1678",
    "2262",
    "9999",
    "0000",
    "-04-12",
    "2024-04-12",
    "2024-02-30",
    "16:00",
    "08:58:30",
    ":60",
    ".999999999",
    "+08:00",
    "-12:00",
    "+24:00",
    "h",
    "m",
    "s",
    "d",
    "w",
    "2h",
    "106751d",
    "9223372036854775807",
    "99999999999999999999",
    "1712912310",
    "9999999999",
    "\u{1b}[2J",
    "\u{202e}",
    "上",
    "\u{ff11}",
    "last",
];

const ZONES: &[&str] = &[
    "utc",
    "UTC",
    "local",
    "source",
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Pacific/Apia",
    "Africa/Monrovia",
    "Etc/GMT+12",
    "+08:00",
    "-03",
    "+14",
    "+0530",
];

fn words(pieces: &[&'static str], most: usize, chance: &mut Chance) -> String {
    (0..=chance.below(most))
        .map(|_| *chance.pick(pieces))
        .collect()
}

fn zone(chance: &mut Chance) -> Zone {
    loop {
        if let Some(zone) = Zone::parse(chance.pick::<&str>(ZONES), Zone::Utc) {
            return zone;
        }
    }
}

#[test]
fn times_of_any_words_are_read_or_refused_and_read_back() {
    fuzz("time words", 20_000, |chance| {
        let text = words(PIECES, 5, chance);
        let zone = zone(chance);
        let local = move |wall: NaiveDateTime| zone.instant(wall, 3_600);
        let now = *chance.pick(&[NOW, 0, Nanos::MIN, Nanos::MAX, -1, NOW + 1]);
        match instant(&text, now, &local) {
            Ok(time) => {
                let shown = Zone::Utc.rfc3339(time, 0);
                let again = instant(&shown, now, &local);
                assert!(again == Ok(time), "{text:?} is {shown}, which is {again:?}");
            }
            Err(error) => assert_clean(&error.to_string()),
        }
        match range(&text, now, &local) {
            Ok(range) => {
                if let (Some(since), Some(until)) = (range.since, range.until) {
                    assert!(since < until, "{text:?}: {range:?}");
                }
            }
            Err(error) => assert_clean(&error.to_string()),
        }
    });
    for unit in ["1h", "-", "..", "0", " ", ":", "today ", "é"] {
        assert_linear(&format!("{unit:?}"), 1 << 20, |len| {
            let text = format!("-{}", unit.repeat(len / unit.len()));
            let local = |wall: NaiveDateTime| Zone::Utc.instant(wall, 0);
            let _ = (instant(&text, NOW, &local), range(&text, NOW, &local));
        });
    }
}

#[test]
fn every_zone_shows_every_time_and_names_itself() {
    const NAMES: &[&str] = &[
        "+", "-", "0", "8", "08", "14", "15", "24", ":00", ":30", "00", "Etc/GMT", "utc", "UTC",
        "Asia/", "Shanghai", "上", " ", "local",
    ];
    fuzz("zones", 5_000, |chance| {
        let name = words(NAMES, 3, chance);
        let zone = match Zone::parse(&name, Zone::Record) {
            Some(zone) => {
                assert_eq!(Zone::parse(&zone.name(), Zone::Utc), Some(zone), "{name}");
                zone
            }
            None => zone(chance),
        };
        let time = match chance.below(4) {
            0 => Nanos::MIN,
            1 => Nanos::MAX,
            _ => chance.next() as i64,
        };
        let own = *chance.pick(&[0, 28_800, -43_200, 50_400, 86_399, -86_399]);
        let (start, end) = zone.day_span(time, own);
        assert!(
            start <= time && (time < end || end == Nanos::MAX),
            "{}: {start} {time} {end}",
            zone.name()
        );
        let shown = [
            zone.rfc3339(time, own),
            zone.date(time, own),
            zone.clock(time, own, 9),
            zone.minute(time),
            zone.title(time),
            zone.heading(time),
        ];
        for shown in &shown {
            assert_clean(shown);
        }
        // What is shown with its offset is the same time, where nanoseconds hold it and the offset has no seconds.
        if zone.offset(time, own) % 60 == 0 && !matches!(time, Nanos::MIN | Nanos::MAX) {
            let local = |wall: NaiveDateTime| Zone::Utc.instant(wall, 0);
            assert_eq!(instant(&shown[0], NOW, &local), Ok(time), "{}", shown[0]);
        }
    });
}

/// A value of `TZ` as POSIX has it, and its hours east of UTC.
fn posix(chance: &mut Chance) -> (String, i64) {
    let west = chance.below(25) as i64 - 12;
    let name = *chance.pick(&["CST", "ABCDEF", "<+08>", "<-03>", "UTC"]);
    let sign = if west < 0 {
        "-"
    } else {
        *chance.pick(&["", "+"])
    };
    let minutes = *chance.pick(&["", ":00"]);
    (format!("{name}{sign}{}{minutes}", west.abs()), -west)
}

#[test]
fn the_zone_of_the_environment_is_the_one_that_posix_says() {
    const STRANGE: &[&str] = &[
        "CST",
        "<",
        ">",
        "+",
        "-",
        "8",
        ":",
        "/",
        "zoneinfo/",
        ",M3.5.0",
        "CEST",
        "\u{1b}[2J",
        "\u{202e}",
        "上",
        "Asia/Shanghai",
        "99999999999",
    ];
    let home = tempfile::tempdir().expect("a directory");
    let log = home.path().join("log");
    std::fs::write(
        &log,
        r#"{"time":"2024-04-12T12:58:30Z","action":"GetBlob"}"#,
    )
    .expect("written");
    let arguments = [
        "query",
        log.to_str().expect("UTF-8"),
        "--tz",
        "local",
        "-o",
        "table",
        "--columns",
        "time",
    ];
    fuzz("zones of the environment", 25, |chance| {
        let strange =
            words(STRANGE, 4, chance) + &"x".repeat(if chance.below(6) == 0 { 5_000 } else { 0 });
        run(&arguments, home.path(), &[("TZ", &strange)]).assert_well(&[0], &strange);
        let (zone, east) = posix(chance);
        let ended = run(&arguments, home.path(), &[("TZ", &zone)]);
        ended.assert_well(&[0], &zone);
        assert_eq!(ended.said, "", "{zone}");
        let printed = String::from_utf8_lossy(&ended.printed).into_owned();
        let shown = printed.lines().nth(1).expect("a row").trim();
        let time = chrono::DateTime::parse_from_rfc3339(shown).expect("a time");
        assert_eq!(
            (i64::from(time.offset().local_minus_utc()), time.timestamp()),
            (east * 3_600, 1_712_926_710),
            "{zone}: {shown}"
        );
    });
    let fuzzed = ["--tz", "--since", "--until"];
    for option in fuzzed {
        for value in [
            "\u{1b}[2J".to_owned(),
            "x".repeat(100_000),
            "-1h".repeat(30_000),
            "+".repeat(100_000),
        ] {
            let option = format!("{option}={value}");
            let ended = run(
                &["query", log.to_str().expect("UTF-8"), "--count", &option],
                home.path(),
                &[],
            );
            ended.assert_well(&[0, 1, 2], option.get(..20).unwrap_or(&option));
        }
    }
}
