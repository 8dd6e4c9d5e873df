//! Answers that come late or in parts.

use std::sync::Arc;

use regtrail::app::{Effect, Message};
use regtrail::engine::{Answer, EngineEvent, SourceState};
use regtrail::keymap::Key;

use super::driver::Driver;
use crate::fake::{Fake, START};

#[test]
fn keys_that_come_before_the_answer_are_not_lost() {
    let mut driver = Driver::sample(3_000, (80, 24));
    driver.keys("g");
    // The answers to these come late and in one piece.
    let mut asks = Vec::new();
    for _ in 0..40 {
        let key = "<pagedown>".parse().expect("a key");
        for effect in regtrail::input::update(&mut driver.app, Message::Key(key)) {
            if let Effect::Ask(ask) = effect {
                asks.push(ask);
            }
        }
    }
    for ask in asks {
        let answer = driver.fake.answer(&ask);
        driver.send(Message::Engine(EngineEvent::Answer(Box::new(answer))));
    }
    let room = driver.app.panes.list.room() as u64;
    assert_eq!(driver.focused(), Some(40 * (room / 2) * 2));
}

/// Answers come in parts, the newest events first: an old event is not among those of the first part.
#[test]
fn parts_of_answers_never_move_the_view_and_never_end_a_search() {
    let mut driver = Driver::sample(3_000, (120, 36));
    let late = Fake {
        events: driver.fake.events[2_000..].to_vec(),
        ..Fake::default()
    };
    driver.keys("gjjjj");
    for keys in ["-a", "u", "e", "E"] {
        let mut asks = Vec::new();
        let keys: Vec<Key> = keys
            .chars()
            .map(|c| c.to_string().parse().expect("a key"))
            .collect();
        let effects: Vec<Effect> = keys
            .into_iter()
            .flat_map(|key| regtrail::input::update(&mut driver.app, Message::Key(key)))
            .collect();
        asks.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Ask(ask) => Some(ask),
            _ => None,
        }));
        for ask in asks {
            let before = (driver.focused(), driver.app.panes.list.visible().len());
            let part = Answer {
                complete: false,
                ..late.answer(&ask)
            };
            driver.send(Message::Engine(EngineEvent::Answer(Box::new(part))));
            assert_eq!(
                (driver.focused(), driver.app.panes.list.visible().len()),
                before
            );
            assert_eq!(driver.app.keyboard.notice, None);
            let whole = driver.fake.answer(&ask);
            driver.send(Message::Engine(EngineEvent::Answer(Box::new(whole))));
        }
        assert!(
            driver.focused().is_some_and(|event| event < 30),
            "{:?}",
            driver.focused()
        );
    }
}

#[test]
fn numbers_grow_while_a_new_filter_is_answered_and_stay_while_an_old_one_is() {
    let mut driver = Driver::new(Fake::sample(1_000), SourceState::Live, (120, 36));
    let part = |driver: &Driver, ask: &_| {
        let some = Fake {
            events: driver.fake.events[900..].to_vec(),
            ..Fake::default()
        };
        Message::Engine(EngineEvent::Answer(Box::new(Answer {
            complete: false,
            ..some.answer(ask)
        })))
    };
    let asks = |driver: &mut Driver, message: Message| -> Vec<_> {
        let effects = regtrail::input::update(&mut driver.app, message).into_iter();
        effects
            .filter_map(|effect| {
                if let Effect::Ask(ask) = effect {
                    Some(ask)
                } else {
                    None
                }
            })
            .collect()
    };
    driver.keys("+");
    for ask in asks(&mut driver, Message::Key("a".parse().expect("a key"))) {
        let first = part(&driver, &ask);
        let _ = regtrail::input::update(&mut driver.app, first);
        assert!(
            driver.screen().contains(" ~3 of 100 "),
            "{}",
            driver.screen()
        );
        driver.send(Message::Engine(EngineEvent::Answer(Box::new(
            driver.fake.answer(&ask),
        ))));
    }
    let whole = driver.app.results.counts;
    driver.fake.push(1_000);
    driver.fake.generation += 1;
    let status = Arc::new(driver.fake.status(SourceState::Live));
    let _ = regtrail::input::update(&mut driver.app, Message::Clock(START + 7_200_000_000_000));
    for ask in asks(&mut driver, Message::Engine(EngineEvent::Status(status))) {
        let first = part(&driver, &ask);
        let _ = regtrail::input::update(&mut driver.app, first);
        assert_eq!(
            driver.app.results.counts, whole,
            "what was known stays until all is known anew"
        );
    }
}
