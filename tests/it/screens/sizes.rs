//! Screens of any size with any content: drawn without panic, and never obeyed.

use proptest::prelude::*;
use regtrail::app::Message;
use regtrail::engine::SourceState;

use super::driver::Driver;
use crate::fake::Fake;

#[test]
fn what_a_log_says_is_never_obeyed_by_the_terminal() {
    let mut driver = Driver::sample(10, (120, 36));
    driver.keys("gjjj<tab>");
    for _ in 0..3 {
        driver.keys("jjjjjjjjjjjjjjjjjjjjjjjjjjjj");
        let screen = driver.screen();
        assert!(
            !screen
                .chars()
                .any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
            "{screen:?}"
        );
        driver.keys("r");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_size_and_no_keys_make_drawing_panic(
        width in 1u16..400,
        height in 1u16..120,
        other in (1u16..130, 1u16..40),
        keys in prop::collection::vec(prop::sample::select(vec![
            "j", "k", "g", "G", "<pageup>", "<ctrl-d>", "<tab>", "<shift-tab>", "<enter>", "<esc>", "<space>", "1", "4", "6",
            "H", "v", "b", "+", "-", "*", "u", "a", "<ctrl-r>", "~", "X", "f", "t", "z", "Z", "<", ">", "T", "F", "p", "?", ":",
            "R", "S", "O", "/", "s", "c", "h", "l", "r", "i", "J", "K", "e", "E", "n", "<live:3>", "测", "\"",
        ]), 0..40),
    ) {
        let mut driver = Driver::new(Fake::sample(120), SourceState::Live, (width, height));
        driver.draw();
        for (at, key) in keys.iter().enumerate() {
            driver.keys(key);
            if at % 7 == 6 {
                driver.send(Message::Resize(other.0, other.1));
            }
            driver.draw();
        }
    }
}

#[test]
fn absurd_sizes_are_drawn() {
    for (width, height) in [
        (1, 1),
        (1, 120),
        (400, 1),
        (60, 15),
        (59, 15),
        (60, 14),
        (400, 120),
        (61, 16),
        (160, 15),
    ] {
        let mut driver = Driver::sample(100, (width, height));
        for keys in ["", "4", "<tab>", "H", "O", "?", ":", "f"] {
            driver.keys(keys);
            driver.draw();
        }
    }
    assert!(
        Driver::sample(10, (48, 12))
            .screen()
            .contains("Needs 60×15, have 48×12")
    );
}
