//! Screens of any size with any content: drawn without panic, and never obeyed.

use proptest::prelude::*;
use regtrail::app::Message;
use regtrail::app::layout::PaneId;
use regtrail::engine::SourceState;
use regtrail::widgets::text;

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

/// Text in which every kind of trouble is likely: other scripts, wide, joined, reordered, heaped and control
/// characters, and so many of them that looking at all would take long.
fn trouble() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z0-9/:._@-]{1,8}",
        2 => "[\u{4e00}-\u{4e20}ｱ-ﾟ한글]{1,6}",
        2 => "[\u{5d0}-\u{5ea}\u{621}-\u{64a}]{1,6}",
        2 => "[\u{300}-\u{320}\u{200d}\u{fe0f}\u{20e3}]{1,20}",
        2 => "[👩💻👨🏻❤🏴\u{1f1e6}-\u{1f1ff}\u{200d}]{1,6}",
        2 => "[\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}]{1,4}",
        1 => "[\u{e0000}-\u{e007f}\u{feff}\u{61c}\u{ad}]{1,3}",
    ];
    (
        prop::collection::vec(piece, 0..6),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(pieces, huge)| {
            let text = pieces.concat();
            if huge && !text.is_empty() {
                text.repeat(30_000 / text.len())
            } else {
                text
            }
        })
}

/// Whether a terminal would act on it, or put it elsewhere than where it stands.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Every cell is safe and holds one character at most, and what stands in it takes no more cells than it should.
fn assert_safe(driver: &Driver) {
    let buf = driver.draw();
    for y in 0..buf.area.height {
        let mut taken = 0;
        for x in 0..buf.area.width {
            let symbol = buf[(x, y)].symbol();
            assert!(!symbol.contains(acts), "{symbol:?} at {x},{y}");
            if x >= taken {
                taken = x + text::width(symbol).max(1) as u16;
            }
        }
        assert!(taken <= buf.area.width, "row {y} is wider than the screen");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_value_of_a_log_acts_on_the_terminal_or_moves_what_stands_beside_it(
        values in prop::collection::vec(trouble(), 8),
        size in prop::sample::select(vec![(60, 15), (80, 24), (120, 36), (200, 60)]),
    ) {
        let mut fake = Fake::sample(12);
        let names = [
            "user", "namespace_repo", "repo", "tag", "action", "ip", "odd", "http_request_useragent",
        ];
        for (n, event) in fake.events.iter_mut().enumerate() {
            for (at, name) in names.iter().enumerate() {
                let value = values[(n + at) % values.len()].clone();
                event.fields.insert((*name).into(), value);
            }
        }
        let mut driver = Driver::new(fake, SourceState::Done, size);
        // List, facets, their table, detail, record in both forms, groups, chips, comparison, marks, search.
        for keys in [
            "", "2", "O", "<esc>4/a<esc>", "0<enter>", "jjjjjjjj", "r", "r", "r", "<esc>#u", "<esc>+u-rg", "Xm=", "<esc>jm=a",
            "<esc>M", "<esc>+", "<esc>yu", "/a<enter>", "s.",
        ] {
            driver.keys(keys);
            assert_safe(&driver);
            let layout = driver.app.screen.layout();
            if let (Some(facets), None) = (layout.facets, &driver.app.overlay) && driver.app.keyboard.pending.is_empty() {
                let buf = driver.draw();
                let bar = facets.x + facets.width - 1;
                for y in facets.y..facets.y + facets.height {
                    prop_assert_eq!(buf[(bar, y)].symbol(), "│", "the rule beside the facets, after {}", keys);
                }
            }
        }
    }

    #[test]
    fn no_change_of_size_loses_the_place(
        sizes in prop::collection::vec((1u16..=400, 1u16..=120), 1..12),
        start in prop::sample::select(vec![(80u16, 24u16), (120, 36), (200, 60)]),
        up in 0usize..30,
        pane in prop::sample::select(vec!["", "4jj", "<enter>jjj", "Hhh"]),
        live in 0usize..4,
    ) {
        let mut driver = Driver::new(Fake::sample(400), SourceState::Live, start);
        driver.keys(&"k".repeat(up));
        driver.keys("<pageup>k");
        driver.keys(pane);
        let place = |driver: &Driver| {
            let row = driver.app.panes.list.focused().map(|row| row.id);
            let app = &driver.app;
            let facet = (app.screen.focus == PaneId::Facets).then(|| app.panes.facets.focused_value());
            (row, app.screen.focus, facet, app.panes.detail.cursor())
        };
        let before = place(&driver);
        for (at, (width, height)) in sizes.into_iter().enumerate() {
            driver.send(Message::Resize(width, height));
            if at < live {
                driver.keys("<live:3>");
            }
            driver.draw();
            let now = place(&driver);
            prop_assert_eq!(now.0, before.0, "the event at {}x{}", width, height);
            prop_assert_eq!((now.1, &now.2, &now.3), (before.1, &before.2, &before.3));
            if driver.app.screen.layout().list.is_some() {
                let line = driver.app.panes.list.cursor_line();
                prop_assert!(line < driver.app.panes.list.room(), "it is in view at {}x{}", width, height);
            }
        }
        driver.send(Message::Resize(start.0, start.1));
        prop_assert_eq!(place(&driver).0, before.0);
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
            "R", "S", "O", "<ctrl-w>", "o", "d", "M", "V", "#", "y", "m", "=", "/", "s", "c", "h", "l", "r", "i", "J", "K", "e", "E", "n", "<live:3>", "测", "\"",
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
fn values_of_megabytes_are_drawn_as_fast_as_others() {
    for unit in [
        "x",
        "账",
        "\u{301}",
        "\u{202e}",
        "👩\u{200d}",
        "\u{9b}",
        "a b ",
    ] {
        let mut fake = Fake::sample(3);
        for event in &mut fake.events {
            for name in ["user", "namespace_repo", "tag", "odd"] {
                let value = unit.repeat(1_500_000 / unit.len());
                event.fields.insert(name.into(), value);
            }
        }
        let mut driver = Driver::new(fake, SourceState::Done, (120, 36));
        for keys in ["", "4", "0<enter>", "r", "r", "<esc>+u", "#t"] {
            driver.keys(keys);
            let started = std::time::Instant::now();
            assert_safe(&driver);
            // A frame takes about a millisecond; the rest is for a machine with other things to do.
            let took = started.elapsed().as_millis();
            assert!(took < 1_500, "{took} ms for {unit:?} after {keys}");
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
