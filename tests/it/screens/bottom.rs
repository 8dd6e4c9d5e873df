//! The bottom line: hints that stay, notices that go; and searches and zooms that leave nothing needless.

use super::driver::Driver;

#[test]
fn help_and_quit_are_named_in_every_pane_of_a_narrow_screen() {
    for size in [(60, 15), (80, 24), (120, 36)] {
        for pane in ["", "3", "H", "<enter>"] {
            let mut driver = Driver::sample(300, size);
            driver.keys(pane);
            let screen = driver.screen();
            let bottom = screen.lines().last().expect("a line");
            assert!(
                bottom.contains("? help") && bottom.contains("q quit"),
                "{pane} {bottom}"
            );
        }
    }
}

#[test]
fn a_notice_gives_its_place_back_to_the_hints_after_some_seconds() {
    let mut driver = Driver::sample(300, (80, 24));
    driver.keys("m");
    let bottom = |driver: &Driver| driver.screen().lines().last().map(str::to_owned);
    assert!(bottom(&driver).is_some_and(|line| line.contains("marked")));
    driver.wait(2_000_000_000);
    assert!(bottom(&driver).is_some_and(|line| line.contains("marked")));
    driver.wait(8_000_000_000);
    assert!(bottom(&driver).is_some_and(|line| line.contains("? help")));
    assert_eq!(
        driver.app.deadline(),
        None,
        "nothing wakes the loop any more"
    );
}

#[test]
fn a_search_without_matches_does_not_stay_on_the_screen() {
    let mut driver = Driver::sample(300, (80, 24));
    driver.keys("/nosuchtext<enter>");
    driver.keys("j");
    assert!(!driver.screen().contains("0 match"), "{}", driver.screen());
    driver.keys("/ledger<enter>");
    assert!(driver.screen().contains("match "), "{}", driver.screen());
}

#[test]
fn zooming_in_at_the_newest_event_shows_no_future() {
    let mut driver = Driver::sample(300, (80, 24));
    let newest = driver.app.status.span.expect("events").1;
    driver.keys("z");
    let range = driver.app.filters.current().range;
    assert_eq!(range.until, Some(newest + 1));
    driver.keys("g<due>z");
    let inner = driver.app.filters.current().range;
    assert!(
        inner.since >= range.since && inner.until < range.until,
        "{inner:?}"
    );
}
