//! The mouse: off until it is asked for, then clicks, drags and the wheel.

use regtrail::app::Message;
use regtrail::app::layout::PaneId;
use regtrail::engine::SourceState;
use regtrail::query::PickState;

use super::driver::Driver;
use crate::fake::Fake;
use crate::pty::{Home, Terminal};

#[test]
fn a_click_selects_a_row_and_gives_its_pane_the_focus() {
    for size in [(80, 24), (120, 36), (200, 60)] {
        let mut driver = Driver::sample(500, size);
        let area = driver.app.screen.layout().list.expect("a list");
        driver.drag((area.x + 20, area.y + 6), (area.x + 20, area.y + 6));
        let row = driver.app.panes.list.cursor_line();
        assert_eq!(
            (row, driver.app.screen.focus),
            (5, PaneId::List),
            "{size:?}"
        );
        // Headings and what lies outside of everything change nothing.
        let focused = driver.focused();
        driver.drag((area.x + 20, area.y), (area.x + 20, area.y));
        driver.drag((3, 0), (3, 0));
        driver.drag((3, size.1 - 1), (3, size.1 - 1));
        assert_eq!(driver.focused(), focused);
    }
}

#[test]
fn a_click_on_a_value_of_a_facet_picks_it_and_another_takes_it_back() {
    for size in [(80, 24), (120, 36), (200, 60)] {
        let mut driver = Driver::sample(500, size);
        driver.keys("3");
        let (_, head) = driver.place("3 ACTION", 0);
        let value = driver
            .app
            .panes
            .facets
            .entry(2, 0)
            .expect("a value")
            .value
            .clone();
        driver.drag((5, head + 1), (5, head + 1));
        let state = |driver: &Driver| driver.app.filters.current().state("action", &value);
        assert_eq!(state(&driver), PickState::Include, "{}", driver.screen());
        assert_eq!(driver.app.screen.focus, PaneId::Facets);
        let (_, picked) = driver.place(&format!("+ {}", value.as_deref().unwrap_or("")), 0);
        driver.drag((5, picked), (5, picked));
        assert_eq!(state(&driver), PickState::None, "{}", driver.screen());
        // A click on the heading folds the facet.
        let (_, head) = driver.place("3 ACTION", 0);
        driver.drag((5, head), (5, head));
        assert!(driver.app.panes.facets.facets[2].collapsed);
    }
}

#[test]
fn the_first_click_on_another_pane_gives_it_the_focus_and_picks_nothing() {
    let mut driver = Driver::sample(500, (120, 36));
    let (_, head) = driver.place("3 ACTION", 0);
    driver.drag((5, head + 1), (5, head + 1));
    assert_eq!(driver.app.screen.focus, PaneId::Facets);
    assert!(driver.app.filters.current().is_all());
    driver.wait(1_000_000_000);
    driver.drag((5, head + 1), (5, head + 1));
    assert!(!driver.app.filters.current().is_all());
}

#[test]
fn a_double_click_opens_the_event_and_two_slow_clicks_do_not() {
    let mut driver = Driver::sample(500, (120, 36));
    let area = driver.app.screen.layout().list.expect("a list");
    let cell = (area.x + 20, area.y + 6);
    driver.drag(cell, cell);
    driver.wait(1_000_000_000);
    driver.drag(cell, cell);
    assert_eq!(driver.app.screen.focus, PaneId::List);
    driver.wait(200_000_000);
    driver.drag(cell, cell);
    assert_eq!(driver.app.screen.focus, PaneId::Detail);
    assert_eq!(driver.app.panes.list.cursor_line(), 5);
}

#[test]
fn a_drag_over_the_histogram_selects_time_and_a_click_selects_none() {
    for size in [(80, 24), (120, 36), (200, 60)] {
        let mut driver = Driver::sample(500, size);
        let y = driver.app.screen.layout().histogram.expect("a histogram").y;
        let data = driver.app.panes.histogram.data.clone().expect("bins");
        let cell = driver.app.panes.histogram.cells();
        driver.drag((7 + cell, y), (7 + 3 * cell, y));
        let range = driver.app.filters.current().range;
        let bin = |n: usize| Some(data.bins.start_of(n));
        assert_eq!((range.since, range.until), (bin(1), bin(4)), "{size:?}");
        assert_eq!(
            driver.app.screen.focus,
            PaneId::List,
            "which it was dragged from"
        );
        driver.keys("u");
        assert!(
            driver.app.filters.current().range.is_all(),
            "undone by one u"
        );
        // Backwards, and out of the pane.
        driver.drag((7 + 3 * cell, y), (0, y + 9));
        assert_eq!(driver.app.filters.current().range.since, bin(0));
        driver.keys("u");
        driver.drag((7, y), (7, y));
        assert!(driver.app.filters.current().range.is_all(), "a click");
        assert_eq!(driver.app.screen.focus, PaneId::Histogram);
    }
}

/// It scrolled whatever had the focus.
#[test]
fn the_wheel_scrolls_the_pane_under_the_pointer_and_leaves_the_focus() {
    for size in [(120, 36), (200, 60)] {
        let mut driver = Driver::sample(500, size);
        driver.keys("3");
        let (list, facets) = {
            let layout = driver.app.screen.layout();
            (layout.list.expect("a list"), layout.facets.expect("facets"))
        };
        let wheel = |driver: &mut Driver, by: i64, at: (u16, u16)| {
            driver.send(Message::Wheel(by, at.0, at.1));
        };
        let value = driver.app.panes.facets.focused_value();
        wheel(&mut driver, -3, (list.x + 20, list.y + 6));
        assert_eq!(
            (driver.focused(), driver.app.screen.focus),
            (Some(496), PaneId::Facets)
        );
        assert_eq!(driver.app.panes.facets.focused_value(), value);
        wheel(&mut driver, 3, (facets.x + 5, facets.y + 3));
        assert_ne!(driver.app.panes.facets.focused_value(), value);
        assert_eq!(driver.focused(), Some(496));
        driver.keys("0");
        let value = driver.app.panes.facets.focused_value();
        wheel(&mut driver, 3, (facets.x + 5, facets.y + 3));
        assert_eq!(
            (driver.focused(), driver.app.screen.focus),
            (Some(496), PaneId::List)
        );
        assert_ne!(driver.app.panes.facets.focused_value(), value);
        // An overlay has it all, wherever the pointer is; the lines at the edges have nothing.
        driver.keys("?");
        let before = driver.screen();
        wheel(&mut driver, 3, (list.x + 20, list.y + 6));
        assert_ne!(driver.screen(), before);
        driver.keys("<esc>");
        let before = driver.screen();
        wheel(&mut driver, 3, (3, 0));
        assert_eq!(driver.screen(), before);
    }
}

#[test]
fn clicks_do_nothing_below_an_overlay() {
    let mut driver = Driver::new(Fake::sample(300), SourceState::Done, (120, 36));
    driver.keys("?");
    let before = (driver.screen(), driver.focused());
    driver.drag((40, 10), (60, 12));
    assert_eq!((driver.screen(), driver.focused()), before);
}

/// What switches reports of clicks on, and off.
const ON: &[u8] = b"\x1b[?1000h";
const OFF: &[u8] = b"\x1b[?1000l";

#[test]
fn reports_are_off_until_f2_and_then_the_terminals_own_clicks_and_wheel_act() {
    let home = Home::new();
    let log = home.log(600);
    let mut terminal = Terminal::explorer(&home, &[log.to_str().expect("UTF-8")]);
    terminal.wait_for("600/600");
    let has = |terminal: &Terminal, what: &[u8]| {
        terminal.raw.windows(what.len()).any(|bytes| bytes == what)
    };
    assert!(!has(&terminal, ON), "off by default");
    terminal.keys("\x1bOQ");
    terminal.wait_for("mouse on");
    assert!(has(&terminal, ON));
    // The wheel up three times by three lines, somewhere over the list.
    terminal.keys(&"\x1b[<64;60;12M".repeat(3));
    terminal.wait_for("591/600");
    // A click two lines below the heading of the list.
    terminal.keys("\x1b[<0;60;8M\x1b[<0;60;8m");
    terminal.wait("another event", |screen| {
        screen.contains("/600") && !screen.contains("591/600")
    });
    terminal.raw.clear();
    terminal.keys("\x1bOQ");
    terminal.wait_for("mouse off");
    assert!(has(&terminal, OFF));
    terminal.quit();
}
