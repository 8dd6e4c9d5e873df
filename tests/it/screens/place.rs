//! The place in the list: it is kept whatever happens around it, and every place can be gone to.

use regtrail::engine::SourceState;

use super::driver::Driver;
use crate::fake::Fake;

#[test]
fn view_stands_still_while_events_come_in() {
    let mut driver = Driver::new(Fake::sample(500), SourceState::Live, (120, 36));
    driver.keys("kkkkkkkkk");
    let rows = |screen: &str| {
        screen
            .lines()
            .skip(6)
            .take(12)
            .map(|l| l.chars().skip(31).collect::<String>())
            .collect::<Vec<_>>()
    };
    let before = rows(&driver.screen());
    let focused = driver.focused();
    for _ in 0..30 {
        driver.live(7);
        assert_eq!(driver.focused(), focused);
    }
    assert_eq!(rows(&driver.screen()), before);
    assert!(driver.screen().contains("below — G or F to follow"));
    driver.keys("G");
    assert_eq!(driver.focused(), Some(709));
    driver.live(1);
    assert_eq!(driver.focused(), Some(710), "following again");
}

#[test]
fn filter_changes_keep_the_event_or_the_nearest_on_the_same_row() {
    let mut driver = Driver::sample(1_000, (120, 36));
    // Far from both ends, where the view would be filled up rather than show empty rows.
    driver.keys("<pageup><pageup><pageup><pageup><pageup><pageup>jjjjjjkk");
    let row = |driver: &Driver| {
        let screen = driver.screen();
        screen
            .lines()
            .skip(6)
            .position(|line| line.chars().nth(31) == Some('▸'))
    };
    let (focused, place) = (driver.focused(), row(&driver));
    assert!(place.is_some());
    driver.keys("+a");
    assert_eq!(
        (driver.focused(), row(&driver)),
        (focused, place),
        "the event passes its own value"
    );
    driver.keys("~");
    assert_eq!(
        (driver.focused(), row(&driver)),
        (focused, place),
        "shown among all"
    );
    driver.keys("~u-a");
    assert_ne!(driver.focused(), focused, "hidden now");
    assert_eq!(row(&driver), place, "the nearest stands where it stood");
    let near = driver.focused().expect("some are left") as i64;
    assert!((near - focused.expect("was one") as i64).abs() < 4);
}

#[test]
fn an_empty_result_says_which_chip_to_drop_and_undo_comes_back_to_the_event() {
    let mut driver = Driver::sample(1_000, (120, 36));
    driver.keys("kkkk");
    let focused = driver.focused();
    driver.keys("faction:GetBlob<enter>f<ctrl-u>action:GetBlob and tag:v1.3<enter>");
    let screen = driver.screen();
    assert!(screen.contains("0 of 1,000."), "{screen}");
    assert!(screen.contains("Drop action:GetBlob → 14"), "{screen}");
    assert!(screen.contains("drop tag:v1.3 → 323"), "{screen}");
    assert!(screen.contains("X clears, u undoes"), "{screen}");
    driver.keys("uu");
    assert_eq!(driver.focused(), focused);
}

#[test]
fn every_event_can_be_reached_by_any_way_of_moving() {
    let mut driver = Driver::sample(3_000, (80, 24));
    driver.keys("g");
    assert_eq!(driver.focused(), Some(0));
    for n in 1..400 {
        driver.keys("j");
        assert_eq!(driver.focused(), Some(n));
    }
    let mut last = 399;
    while last < 2_999 {
        driver.keys("<pagedown>");
        let now = driver.focused().expect("there are events");
        assert!(now > last);
        last = now;
    }
    driver.keys("<ctrl-u>");
    assert!(driver.focused() < Some(2_999));
    driver.keys("G");
    assert_eq!(driver.focused(), Some(2_999));
}

#[test]
fn jumps_stop_where_a_field_or_the_day_changes() {
    let mut driver = Driver::sample(20_000, (80, 24));
    driver.keys("g");
    let user = |driver: &Driver| driver.app.panes.detail.detail().map(|_| ());
    assert!(user(&driver).is_some() || driver.focused() == Some(0));
    driver.keys("]i");
    let at = driver.focused().expect("an event");
    let instance = |n: u64| driver.fake.events[n as usize].fields["instance_id"].clone();
    assert!((0..at).all(|n| instance(n) == instance(0)) && instance(at) != instance(0));
    driver.keys("[i");
    assert_eq!(driver.focused(), Some(at - 1));
    driver.keys("g]l");
    // Midnight in Shanghai is eight hours after the first event.
    assert_eq!(driver.focused(), Some(4_115));
    driver.keys("jjj[l");
    assert_eq!(driver.focused(), Some(4_115));
    driver.keys("[l");
    assert_eq!(driver.focused(), Some(0));
    driver.keys("G]l");
    assert!(driver.screen().contains("no later day"));
}

#[test]
fn gaps_are_gone_to_wherever_they_are() {
    let mut fake = Fake::sample(6_000);
    for from in [1_000, 5_000] {
        for event in &mut fake.events[from..] {
            event.time += 900_000_000_000;
        }
    }
    let mut driver = Driver::new(fake, SourceState::Done, (80, 24));
    driver.keys("[z");
    assert!(
        driver
            .focused()
            .is_some_and(|event| (5_000..5_003).contains(&event))
    );
    // Each of the two instances had its own pauses.
    driver.keys("[z[z");
    assert!(
        driver
            .focused()
            .is_some_and(|event| (1_000..1_003).contains(&event))
    );
    let both = driver.focused();
    driver.keys("g]z");
    assert!(driver.focused() <= both && driver.focused() >= Some(1_000));
    driver.keys("G]z");
    assert!(driver.screen().contains("no gap in that direction"));
}

#[test]
fn context_shows_the_neighbours_and_leads_back_to_the_very_place() {
    let mut driver = Driver::sample(1_000, (120, 36));
    driver.keys("fDeleteTag<enter>kkkkk");
    let (before, focused) = (driver.screen(), driver.focused());
    driver.keys("o");
    assert_eq!(driver.focused(), focused);
    assert_eq!(
        driver.app.results.counts.matched, 1_000,
        "nothing is filtered"
    );
    for whose in ["user ", "repository ", "address ", "all events"] {
        driver.keys("jjo");
        assert!(
            driver.screen().contains(&format!("  {whose}")),
            "{}",
            driver.screen()
        );
        assert_eq!(driver.focused(), focused, "the event it is about");
    }
    driver.keys("gG<esc>");
    assert_eq!((driver.screen(), driver.focused()), (before, focused));
    driver.keys("<esc>");
    assert!(driver.screen().contains("q quits"), "one esc is enough");
}

#[test]
fn context_of_the_newest_event_follows_again_when_it_is_left() {
    let mut driver = Driver::new(Fake::sample(100), SourceState::Live, (80, 24));
    driver.keys("o");
    driver.live(5);
    assert_eq!(driver.focused(), Some(99));
    driver.keys("<esc>");
    assert!(driver.app.panes.list.is_following());
    assert_eq!(driver.focused(), Some(104));
}

#[test]
fn a_pick_in_a_context_refines_the_filter_and_ends_it() {
    let mut driver = Driver::sample(1_000, (120, 36));
    driver.keys("+aokk+u");
    assert!(driver.app.view.context.is_none());
    assert_eq!(driver.app.filters.current().picks.len(), 2);
    driver.keys("uo~");
    assert!(driver.app.view.context.is_none() && !driver.app.filters.is_bypassed());
}
