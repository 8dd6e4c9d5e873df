//! What takes longer than 200 ms says so, says how far it is where that is known, and is stopped by Esc.

use std::sync::Arc;

use regtrail::app::{Effect, Message};
use regtrail::engine::{EngineEvent, SourceState};
use regtrail::model::time::SECOND;

use super::driver::Driver;
use crate::fake::Fake;

const PATIENCE: i64 = SECOND / 5;

/// Kinds of work: keys before it, the key that begins it, what is said of it, what is said when it is stopped.
const WORK: &[(&str, &str, &str, &str)] = &[
    ("+", "a", "counting", "previous filter restored"),
    ("fstatus>=40", "0", "", ""),
    ("/denied<enter>g/DeleteTa", "g", "", ""),
    ("s", "u", "sorting", "sorted by time again"),
    ("#", "u", "grouping", "table closed"),
    ("", "e", "searching", "search stopped"),
];

#[test]
fn slow_work_says_how_far_it_is_and_is_stopped_by_escape() {
    for &(before, last, what, stopped) in WORK.iter().filter(|(.., what, _)| !what.is_empty()) {
        let mut driver = Driver::sample(2_000, (120, 36));
        driver.keys("g");
        let rows = driver.screen();
        let ask = driver.ask(before, last);
        let says = |driver: &Driver, text: &str| {
            let screen = driver.screen();
            screen
                .lines()
                .last()
                .is_some_and(|line| line.contains(text))
        };
        driver.wait(PATIENCE - 1);
        assert!(!says(&driver, "esc stops"), "{what}: not slow yet");
        driver.wait(1);
        assert!(says(&driver, "esc stops"), "{what}:\n{}", driver.screen());
        driver.answer(&ask, (430, 1_000));
        assert!(
            says(&driver, &format!("{what} 43% · esc stops")),
            "{what}:\n{}",
            driver.screen()
        );
        // And so says the last pass, which only begins when everything is matched.
        let pass = EngineEvent::Progress {
            id: ask.id,
            done: 71,
            all: 100,
        };
        driver.send(Message::Engine(pass));
        assert!(says(&driver, &format!("{what} 71% · esc stops")));
        // Whoever works at it is told by a newer question that nobody waits any more.
        let stop = "esc".parse().expect("a key");
        let newer = driver.asks(Message::Key(stop));
        assert!(newer.iter().all(|newer| newer.id > ask.id) && !newer.is_empty());
        assert!(says(&driver, stopped), "{what}:\n{}", driver.screen());
        for ask in newer {
            driver.answer(&ask, (1, 1));
        }
        driver.answer(&ask, (1, 1));
        driver.keys("<due>");
        driver.keys("g");
        assert_eq!(driver.screen(), rows, "{what} is as before");
    }
}

#[test]
fn copying_many_events_says_how_far_it_is_and_is_stopped_by_escape() {
    let mut driver = Driver::sample(2_000, (120, 36));
    let ask = driver.ask("vg", "Y");
    driver.wait(PATIENCE);
    let pass = EngineEvent::Progress {
        id: ask.id,
        done: 1,
        all: 4,
    };
    driver.send(Message::Engine(pass));
    let screen = driver.screen();
    assert!(screen.contains("copying 25% · esc stops"), "{screen}");
    driver.keys("<esc>");
    assert!(
        driver.screen().contains("nothing copied"),
        "{}",
        driver.screen()
    );
    driver.answer(&ask, (1, 1));
    assert!(driver.effects.is_empty(), "{:?}", driver.effects);
}

/// A list may lie far away, or be a pipe that nobody writes to.
#[test]
fn a_watchlist_that_takes_long_to_read_is_told_and_stopped_by_escape() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("fip in @far.txt");
    let mut loads = Vec::new();
    for key in ["enter", "esc"] {
        let key = Message::Key(key.parse().expect("a key"));
        let effects = regtrail::input::update(&mut driver.app, key);
        loads.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Load { query, purpose } => Some((query, purpose)),
            _ => None,
        }));
        if driver.app.overlay.is_some() {
            let late = Message::Clock(driver.app.clock.now + PATIENCE);
            let asks = regtrail::input::update(&mut driver.app, late);
            drop(asks);
            let screen = driver.screen();
            assert!(
                screen.contains("reading the watchlist · esc stops"),
                "{screen}"
            );
        }
    }
    assert!(driver.app.overlay.is_none() && driver.app.slow_work().is_none());
    // It comes too late.
    let (mut query, purpose) = loads.pop().expect("asked for");
    query.load(&mut |_| Ok("10.0.0.0/8".into())).expect("reads");
    driver.send(Message::Loaded {
        query: Ok(query),
        purpose,
    });
    assert!(driver.app.filters.current().is_all());
}

/// The question was told to be stopped by taking the last filter back, whatever the question was.
#[test]
fn stopping_a_question_that_the_filter_did_not_cause_leaves_the_filter() {
    let mut driver = Driver::sample(2_000, (120, 36));
    driver.keys("+a");
    let ask = driver.ask("4", "s");
    driver.wait(PATIENCE);
    driver.answer(&ask, (1, 4));
    driver.keys("<esc>");
    assert_eq!(driver.app.filters.current().picks.len(), 1);
    assert!(driver.screen().contains("stopped"), "{}", driver.screen());
    assert!(driver.app.slow_work().is_none());
}

#[test]
fn finding_among_values_and_counting_a_filter_that_is_typed_say_how_far_they_are() {
    let mut driver = Driver::sample(2_000, (120, 36));
    let ask = driver.ask("4/l", "i");
    driver.wait(PATIENCE);
    driver.answer(&ask, (1, 2));
    let screen = driver.screen();
    assert!(screen.contains("finding 50% · esc stops"), "{screen}");
    driver.keys("<esc>");
    assert!(driver.app.panes.facets.facets[3].find.is_none());
    assert!(driver.app.overlay.is_none());
}

/// Presses a key and gives what is asked of the outside by it.
fn effects(driver: &mut Driver, key: &str) -> Vec<String> {
    let key = Message::Key(key.parse().expect("a key"));
    let reported = |effect: &Effect| format!("{effect:?}").chars().take(12).collect();
    regtrail::input::update(&mut driver.app, key)
        .iter()
        .map(reported)
        .collect()
}

#[test]
fn a_file_that_takes_long_says_how_far_it_is_and_is_stopped_by_escape_and_ctrl_c() {
    for key in ["esc", "ctrl-c"] {
        let mut driver = Driver::sample(2_000, (120, 36));
        driver.keys("w<enter>");
        assert!(!driver.app.is_writing());
        driver.keys("<file:begun>");
        assert!(driver.app.overlay.is_none() && driver.app.slow_work().is_none());
        driver.wait(PATIENCE);
        driver.keys("<file:43>");
        let screen = driver.screen();
        assert!(screen.contains("exporting 43% · esc stops"), "{screen}");
        // Whoever leaves now would leave without the file.
        driver.keys("q");
        assert!(
            driver.screen().contains("esc stops it"),
            "{}",
            driver.screen()
        );
        // A second one has to wait.
        driver.keys("w<enter>");
        assert!(
            driver.screen().contains("still writing"),
            "{}",
            driver.screen()
        );
        driver.keys("<esc>");
        assert!(driver.app.overlay.is_none() && driver.app.is_writing());
        assert_eq!(effects(&mut driver, key), ["StopWriting"]);
        driver.keys("<file:stopped>");
        assert!(!driver.app.is_writing() && driver.app.slow_work().is_none());
        assert!(driver.screen().contains("not written"));
    }
}

#[test]
fn loading_is_stopped_by_escape_and_what_is_loaded_stays() {
    let mut driver = Driver::new(Fake::sample(100), SourceState::Loading, (120, 36));
    let top = driver.top();
    assert!(
        top.contains("loading acr_access_log.ndjson 43% 100 rec 14/s ETA 4s · Esc stops"),
        "{top}"
    );
    driver.keys("<esc>");
    assert_eq!(driver.effects, ["Sources([0], Stop)"]);
    assert!(
        driver
            .screen()
            .contains("loading stopped; loaded events are kept")
    );
}

/// A log of twenty events a second cost a tenth of a core: each event asked for everything anew.
#[test]
fn a_log_that_is_followed_asks_for_its_list_soon_and_for_its_counts_less_often() {
    let mut driver = Driver::new(Fake::sample(300), SourceState::Live, (120, 36));
    driver.wait(SECOND);
    let (mut lists, mut counts) = (0, 0);
    for _ in 0..20 {
        driver.fake.push(driver.next);
        driver.next += 1;
        driver.fake.generation += 1;
        let status = Arc::new(driver.fake.status(SourceState::Live));
        let news = Message::Engine(EngineEvent::Status(status));
        let later = Message::Clock(driver.app.clock.now + SECOND / 20);
        for message in [news, later] {
            for ask in driver.asks(message) {
                lists += usize::from(ask.wants.window.is_some());
                counts += usize::from(!ask.wants.facets.is_empty());
                driver.answer(&ask, (1, 1));
            }
        }
    }
    assert!(
        (4..=6).contains(&lists) && (2..=4).contains(&counts),
        "{lists} lists, {counts} counts"
    );
    // Nothing is left out in the end.
    driver.wait(SECOND);
    assert!(
        driver.screen().contains("320 events"),
        "{}",
        driver.screen()
    );
    assert!(
        driver
            .app
            .deadline()
            .is_none_or(|due| due > driver.app.clock.now)
    );
}

/// Values near the words of a filter cost passes over all data, and a live log asks again with each event.
#[test]
fn a_filter_without_matches_looks_for_near_values_once() {
    let mut driver = Driver::new(Fake::sample(300), SourceState::Live, (120, 36));
    driver.keys("fuser:user/ci-bt<enter>");
    let said = |driver: &Driver| {
        driver
            .screen()
            .contains("Nearest values: user==user/ci-bot")
    };
    assert!(said(&driver), "{}", driver.screen());
    let (mut explained, mut looked) = (0, 0);
    for _ in 0..10 {
        driver.fake.push(driver.next);
        driver.next += 1;
        driver.fake.generation += 1;
        let status = Arc::new(driver.fake.status(SourceState::Live));
        let news = Message::Engine(EngineEvent::Status(status));
        let later = Message::Clock(driver.app.clock.now + SECOND);
        let mut messages = vec![later, news];
        while let Some(message) = messages.pop() {
            for ask in driver.asks(message) {
                explained += usize::from(ask.wants.explain);
                looked += ask.wants.side.len();
                let answer = Box::new(driver.fake.answer(&ask));
                messages.push(Message::Engine(EngineEvent::Answer(answer)));
            }
        }
    }
    assert!(
        explained > 0 && looked == 0,
        "{explained} explained, {looked} looked for"
    );
    assert!(said(&driver), "{}", driver.screen());
}
