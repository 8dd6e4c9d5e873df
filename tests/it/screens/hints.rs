//! The hints of the demo: where they are shown, how they go on, how they end.

use std::sync::Arc;

use regtrail::app::Message;
use regtrail::app::Options;
use regtrail::app::layout::PaneId;
use regtrail::app::tour::{STEPS, Tour};
use regtrail::engine::{EngineEvent, SourceState, SourceStatus};
use regtrail::keymap::Keymap;

use super::driver::Driver;
use crate::fake::Fake;

fn with(name: &str, options: Options, size: (u16, u16)) -> Driver {
    let mut fake = Fake::sample(300);
    fake.name = name.into();
    Driver::with(fake, SourceState::Live, size, options)
}

fn demo(size: (u16, u16)) -> Driver {
    let options = Options {
        tour: Tour::new(true, false),
        ..Options::default()
    };
    with("demo", options, size)
}

fn step(driver: &Driver) -> Option<usize> {
    driver.app.tour().map(|(at, _)| at)
}

#[test]
fn hints_are_there_for_the_demo_alone() {
    assert_eq!(step(&demo((80, 24))), Some(0));
    assert!(demo((80, 24)).screen().contains("1/5"));
    let options = || Options {
        tour: Tour::new(true, false),
        ..Options::default()
    };
    assert_eq!(step(&with("audit.ndjson", options(), (80, 24))), None);
    assert_eq!(step(&with("demo", Options::default(), (80, 24))), None);
    let closed = Options {
        tour: Tour::new(true, true),
        ..Options::default()
    };
    assert_eq!(step(&with("demo", closed, (80, 24))), None);
    // With another source beside it.
    let mut driver = demo((80, 24));
    let mut status = driver.fake.status(SourceState::Live);
    status
        .sources
        .push(SourceStatus::new("audit.ndjson".into()));
    driver.send(Message::Engine(EngineEvent::Status(Arc::new(status))));
    assert_eq!(step(&driver), None);
    assert!(!driver.screen().contains("1/5"));
    // Opened from the start screen.
    let mut options = Options::default();
    options.start.alone = true;
    let mut driver = with("demo", options, (80, 24));
    driver.keys("d");
    driver.send(Message::Opened(Ok(vec!["regtrail".into(), "demo".into()])));
    driver.tell_status();
    assert_eq!(step(&driver), Some(0));
}

#[test]
fn the_list_keeps_fifteen_rows_and_small_screens_have_no_hints() {
    for (size, rows) in [
        ((80, 24), 1),
        ((120, 36), 2),
        ((200, 60), 2),
        ((80, 23), 0),
        ((60, 15), 0),
    ] {
        let driver = demo(size);
        let layout = driver.app.screen.layout();
        assert_eq!(layout.strip.height, rows, "{size:?}");
        let list = layout.area(PaneId::List).expect("shown");
        // With its heading, and on the smallest common screen the line that counts newer events.
        let rest = if size == (80, 24) { 2 } else { 1 };
        assert!(size.1 < 24 || list.height >= 15 + rest, "{size:?}");
    }
}

#[test]
fn every_hint_fits_its_rows() {
    for size in [(80, 24), (120, 36), (200, 60)] {
        let mut driver = demo(size);
        for at in 0..=STEPS.len() {
            assert_eq!(step(&driver), Some(at));
            let strip = driver.app.screen.layout().strip;
            let screen = driver.screen();
            let lines = screen
                .lines()
                .skip(strip.y.into())
                .take(strip.height.into());
            for line in lines {
                assert!(!line.contains('…'), "{line}");
            }
            assert!(screen.contains("ctrl-x close"), "{screen}");
            if at < STEPS.len() {
                driver.keys("<ctrl-n>");
            }
        }
    }
}

#[test]
fn doing_what_a_hint_names_leads_to_the_next() {
    let mut driver = demo((120, 36));
    for (keys, then) in [
        ("jj<enter><esc>", 0),
        ("fstatus:401<enter>", 1),
        ("f and ip:203.0.113.66<enter>", 2),
        ("f<ctrl-u>ip:203.0.113.66 operation:push<enter>", 3),
        ("XL", 4),
        ("<esc>w", 4),
        ("<tab>", 5),
    ] {
        driver.keys(keys);
        assert_eq!(step(&driver), Some(then), "{keys}\n{}", driver.screen());
    }
    let closed = |driver: &Driver| {
        driver
            .effects
            .iter()
            .filter(|e| *e == "HintsClosed")
            .count()
    };
    assert_eq!(closed(&driver), 1, "seen to the end, they do not come back");
    driver.keys("<esc><ctrl-n>");
    assert_eq!(step(&driver), None);
}

#[test]
fn they_are_closed_by_the_key_that_they_name_and_shown_again_by_a_command() {
    let mut driver = demo((80, 24));
    driver.keys("<ctrl-x>");
    assert_eq!(driver.effects, ["HintsClosed"]);
    assert_eq!(step(&driver), None);
    assert_eq!(driver.app.screen.layout().strip.height, 0);
    driver.keys("<ctrl-n>");
    assert!(driver.screen().contains("no hints"), "{}", driver.screen());
    driver.keys(":tour.show<enter>");
    assert_eq!(step(&driver), Some(0));
}

#[test]
fn hints_name_the_keys_of_the_user() {
    let mut driver = demo((80, 24));
    let user = "[global]\n\"f\" = \"\"\n\"F9\" = \"tour.close\"\n\"!\" = \"filter.edit\"\n"
        .replace("F9", "f9");
    let commands: Vec<&str> = regtrail::command::all()
        .map(|command| command.name)
        .collect();
    let (keymap, problems) = Keymap::with_user(&user, &commands);
    assert!(problems.is_empty(), "{problems:?}");
    driver.app.keyboard.keymap = keymap;
    let screen = driver.screen();
    assert!(
        screen.contains("! status:401") && screen.contains("f9 close"),
        "{screen}"
    );
}
