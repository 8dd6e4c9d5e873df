//! Prompts: the choices they offer, before and while something is typed.

use regtrail::engine::SourceState;

use regtrail::app::{Message, Options};
use regtrail::keymap::{Key, Resolution};
use regtrail::overlays::{File, Listing, Overlay, Start};

use super::driver::Driver;
use crate::fake::Fake;

fn sample(size: (u16, u16)) -> Driver {
    Driver::new(Fake::sample(1_000), SourceState::Done, size)
}

/// The line of the screen with a text.
fn line(driver: &Driver, text: &str) -> String {
    let screen = driver.screen();
    let found = screen.lines().find(|line| line.contains(text));
    found
        .unwrap_or_else(|| panic!("no {text}:\n{screen}"))
        .to_owned()
}

#[test]
fn the_time_prompt_offers_ranges_with_what_each_of_them_holds() {
    for size in [(80, 24), (120, 36), (200, 60)] {
        let mut driver = sample(size);
        driver.keys("t<due>");
        let hour = line(&driver, "last hour of the data");
        assert!(hour.contains("1h") && hour.contains(" events"), "{hour}");
        assert!(line(&driver, "no time range").contains("1,000 events"));
        assert!(line(&driver, "around the selected event").contains("+-1m"));
        let count = hour
            .split("  ")
            .filter_map(|part| part.trim().split_once(" event"));
        let count: u64 = count
            .last()
            .expect("a count")
            .0
            .replace(',', "")
            .parse()
            .expect("a number");
        // The offer holds what it says.
        driver.keys("1h<enter>");
        assert_eq!(driver.app.results.counts.matched, count);
        assert!(0 < count && count < 1_000);
    }
}

#[test]
fn a_range_is_chosen_with_the_arrow_keys() {
    let mut driver = sample((80, 24));
    driver.keys("t<due><down><down><enter>");
    let typed = driver.app.clock.typed.last().map(|(_, text)| text.clone());
    assert_eq!(typed.as_deref(), Some("1h"));
    assert!(driver.app.filters.current().range.since.is_some());
    // Up from the first one is the line itself, which means all time.
    driver.keys("t<due><down><up><enter>");
    assert!(driver.app.filters.current().range.is_all());
}

#[test]
fn a_typed_range_shows_what_it_gives_before_it_is_applied() {
    let mut driver = sample((80, 24));
    driver.keys("t5m<due>");
    let shown = line(&driver, "from 2024-04-12");
    assert!(shown.contains(" events"), "{shown}");
    driver.keys("<esc>t25:00<due>");
    let screen = driver.screen();
    assert!(
        screen.contains("last 1h (or $1h)") && screen.contains("all"),
        "{screen}"
    );
    assert!(!screen.contains("TIME RANGES"), "{screen}");
}

#[test]
fn the_empty_filter_prompt_teaches_fields_and_keeps_earlier_filters() {
    let mut driver = sample((80, 24));
    driver.keys("fstatus:403<enter>X");
    driver.keys("f<due>");
    for text in [
        "Recent filters",
        "status:403",
        "Examples",
        "Fields",
        "Registry operation",
    ] {
        line(&driver, text);
    }
    driver.keys("<down><enter><enter>");
    assert_eq!(driver.app.filters.current().text, "status:403");
}

#[test]
fn any_word_offers_values_of_the_data_with_their_counts() {
    let mut driver = sample((80, 24));
    driver.keys("fdel<due>");
    let value = line(&driver, "DeleteTag  ");
    assert!(
        value.contains("action") && value.contains(|c: char| c.is_ascii_digit()),
        "{value}"
    );
    driver.keys("<tab>");
    let typed = line(&driver, "FILTER  ");
    assert!(
        typed.contains("DeleteTag\"") || typed.contains("\"delete\""),
        "{typed}"
    );
    assert!(!typed.contains("credential"), "{typed}");
    driver.keys("<due><enter>");
    assert!(driver.app.results.counts.matched > 0);
}

#[test]
fn nothing_shines_through_the_box_of_a_prompt() {
    for keys in ["f<due>", "fre<due>", "fac<due>", "faction:<due>", "t<due>"] {
        for width in 70..90 {
            let mut driver = sample((width, 24));
            driver.keys(keys);
            let buf = driver.draw();
            let right = (0..width)
                .rfind(|x| buf[(*x, 2)].symbol() == "┐")
                .expect(keys);
            let bottom = (2..24).find(|y| buf[(0, *y)].symbol() == "└").expect(keys);
            for y in 3..bottom {
                let edges = [buf[(0, y)].symbol(), buf[(right, y)].symbol()];
                assert_eq!(edges, ["│", "│"], "{keys} {width}:\n{}", driver.screen());
                let inner = [buf[(1, y)].symbol(), buf[(right - 1, y)].symbol()];
                assert_eq!(inner, [" ", " "], "{keys} {width}:\n{}", driver.screen());
            }
        }
    }
}

/// The start screen with one recent source, and the files of the current directory listed.
fn start() -> Driver {
    let options = Options {
        start: Start {
            recent: vec![vec!["/var/log/audit.ndjson".into()]],
            alone: true,
            ..Start::default()
        },
        ..Options::default()
    };
    Driver::with(Fake::sample(0), SourceState::Done, (80, 24), options)
}

fn list(driver: &mut Driver, directory: &str, names: &[(&str, bool)]) {
    let file = |(name, is_directory): &(&str, bool)| File {
        name: (*name).to_owned(),
        is_directory: *is_directory,
        bytes: 4_100_000,
        modified: None,
    };
    let listing = Listing {
        directory: directory.to_owned(),
        files: names.iter().map(file).collect(),
    };
    driver.send(Message::Directory(listing));
}

#[test]
fn the_start_screen_stays_behind_the_prompt_for_a_source() {
    let mut driver = start();
    assert!(line(&driver, "enter open").contains("? help"));
    driver.keys("o");
    list(&mut driver, "", &[("logs", true), ("audit.ndjson", false)]);
    for text in [
        "Explore container registry audit logs",
        "Recent sources",
        "/var/log/audit.ndjson",
        "logs/",
    ] {
        line(&driver, text);
    }
    assert!(line(&driver, "  audit.ndjson").contains("4.1 MB"));
    driver.keys("<esc>");
    assert!(matches!(driver.app.overlay, Some(Overlay::Start(_))));
}

#[test]
fn tab_completes_a_path_and_asks_for_the_files_of_a_directory() {
    let mut driver = start();
    driver.keys("o");
    list(&mut driver, "", &[("logs", true), ("audit.ndjson", false)]);
    driver.keys("lo<tab>");
    assert!(line(&driver, " OPEN  ").contains("logs/"));
    assert!(
        driver
            .effects
            .iter()
            .any(|effect| effect == "List(\"logs/\")"),
        "{:?}",
        driver.effects
    );
    list(
        &mut driver,
        "logs/",
        &[("a-1.ndjson", false), ("a-2.ndjson", false)],
    );
    driver.keys("<tab>");
    assert!(line(&driver, " OPEN  ").contains("logs/a-"));
    driver.keys("<down><down><enter>");
    let opened = driver
        .effects
        .iter()
        .find(|effect| effect.starts_with("Open("));
    assert!(
        opened.is_some_and(|effect| effect.contains("logs/a-2.ndjson")),
        "{:?}",
        driver.effects
    );
}

#[test]
fn a_source_that_cannot_be_opened_leaves_its_text_to_be_corrected() {
    let mut driver = start();
    driver.keys("onope.json<enter>");
    driver.send(Message::Opened(Err(
        "nope.json: no such file; check the path".into(),
    )));
    assert!(line(&driver, " OPEN  ").contains("nope.json"));
    line(&driver, "no such file; check the path");
    driver.keys("<backspace>x");
    assert!(line(&driver, " OPEN  ").contains("nope.jsox"));
    assert!(!driver.screen().contains("no such file"));
    driver.keys("<enter>");
    driver.send(Message::Opened(Ok(vec!["regtrail".into()])));
    assert!(driver.app.overlay.is_none());
}

#[test]
fn every_key_that_may_follow_is_in_the_box() {
    for size in [(60, 15), (80, 24), (120, 36), (200, 60)] {
        for first in ["+", "-", "*", "y", "#", "s", "]", "[", "Y", "<ctrl-w>"] {
            let mut driver = Driver::sample(50, size);
            driver.keys(first);
            let name = first.trim_matches(['<', '>']);
            let key: Key = name.parse().expect("a key");
            let scopes = ["list", "global"];
            let Resolution::Pending(next) = driver.app.keyboard.keymap.resolve(&scopes, &[key])
            else {
                panic!("{first}");
            };
            let screen = driver.screen();
            let top = screen
                .lines()
                .position(|line| line.starts_with(&format!("┌─ {name} ")));
            let top = top.unwrap_or_else(|| panic!("{first}:\n{screen}"));
            let inside: Vec<&str> = screen.lines().skip(top + 1).collect();
            for (key, _) in next {
                let shown = format!(" {key} ");
                assert!(
                    inside.iter().any(|line| line.contains(&shown)),
                    "{first} {key}:\n{screen}"
                );
            }
            assert!(
                inside
                    .last()
                    .is_some_and(|line| line.contains("esc cancel")),
                "{screen}"
            );
        }
    }
}

#[test]
fn the_box_of_a_verb_is_in_front_of_a_table() {
    let mut driver = Driver::sample(50, (80, 24));
    driver.keys("#u#");
    assert!(
        driver.screen().contains("┌─ # group by"),
        "{}",
        driver.screen()
    );
}
