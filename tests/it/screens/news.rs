//! What is new, and the way from its lines to the events and back.

use regtrail::engine::SourceState;
use regtrail::overlays::Overlay;

use super::driver::Driver;
use crate::fake::{Fake, START};

/// Two hours and a half of events. In the last one there is an address that never was before, one address comes much
/// more often than usually, and a client is gone.
pub(super) fn with_news() -> Fake {
    let mut fake = Fake::sample(1_300);
    for event in &mut fake.events {
        let n = event.id.0;
        let client = if n % 3 == 0 && n < 700 {
            "kaniko"
        } else {
            "docker"
        };
        event.fields.insert("client".into(), client.into());
        let address = match n {
            785.. if n % 10 == 3 => "203.0.113.66",
            785.. if n % 10 < 3 => "10.12.7.7",
            _ if n == 100 || n == 240 => "10.12.7.7",
            _ => "10.12.0.1",
        };
        event.fields.insert("ip".into(), address.into());
    }
    fake
}

fn range(driver: &Driver) -> (Option<i64>, Option<i64>) {
    let range = driver.app.filters.current().range;
    (range.since, range.until)
}

#[test]
fn what_is_new_leads_to_its_events_and_back_to_the_very_place() {
    let mut driver = Driver::new(with_news(), SourceState::Done, (120, 36));
    driver.keys("gjjjj");
    let (event, list) = (driver.focused(), driver.screen());
    driver.keys("D");
    let news = driver.screen();
    for part in [
        "last hour of data: 2024-04-12 17:31:33 – 18:31:33",
        "all before the window: from 2024-04-12 16:00:00",
        "★ 203.0.113.66",
        "1.3 → 15",
        "gone",
    ] {
        assert!(news.contains(part), "{part} is not on\n{news}");
    }
    driver.keys("j");
    let at = driver.screen();
    driver.keys("k<enter>");
    let since = START + (1_299 * 7 - 3600) * 1_000_000_000;
    assert_eq!(range(&driver), (Some(since), None), "in the window");
    assert_eq!(driver.app.filters.current().picks.len(), 1);
    assert!(driver.screen().contains("esc returns"));
    driver.keys("<esc>j");
    assert_eq!(
        driver.screen(),
        at,
        "the line it went from, and its neighbour"
    );
    driver.keys("<esc>");
    assert_eq!((driver.focused(), driver.screen()), (event, list));
    // What is gone has its events before the window.
    driver.keys("DG<enter>");
    assert_eq!(range(&driver), (None, Some(since)));
    assert!(driver.screen().contains("kaniko"));
    // Another filter on top: escape has nothing to go back to.
    driver.keys("+u<esc>");
    assert!(driver.app.overlay.is_none() && driver.app.filters.current().picks.len() == 2);
    driver.keys("u<esc>");
    assert!(
        matches!(driver.app.overlay, Some(Overlay::News(_))),
        "the filter is its own again"
    );
}

#[test]
fn the_window_is_the_time_range_and_the_rest_of_the_filter_holds_on_both_sides() {
    let mut driver = Driver::new(with_news(), SourceState::Done, (120, 36));
    driver.keys("t17:00..17:10<enter>fip:203.0.113.66<enter>D");
    let news = driver.screen();
    assert!(
        news.contains("time range: 2024-04-12 17:00:00 – 17:10:00"),
        "{news}"
    );
    assert!(news.contains("filter    ip:203.0.113.66"), "{news}");
    assert!(!news.contains("10.12.7.7"), "{news}");
    assert_eq!(driver.app.filters.current().text, "ip:203.0.113.66");
    // A range that begins with the data has nothing before it, and neither has a short log.
    driver.keys("<esc>Xt..17:00<enter>D");
    assert!(driver.screen().contains("the time range has no start"));
    let mut driver = Driver::sample(20, (80, 24));
    driver.keys("D");
    let news = driver.screen();
    assert!(news.contains("no events before the window"), "{news}");
    assert!(!news.contains("NEW  "), "{news}");
}

#[test]
fn the_window_is_chosen_by_a_key_and_named_in_the_title() {
    let mut driver = Driver::new(with_news(), SourceState::Done, (120, 36));
    driver.keys("D");
    assert!(driver.screen().contains("WHAT'S NEW · last hour of data"));
    driver.keys("6");
    let screen = driver.screen();
    assert!(
        screen.contains("WHAT'S NEW · last 6 hours of data"),
        "{screen}"
    );
    assert!(screen.contains("Choose a shorter window"), "{screen}");
    driver.keys("t");
    assert!(driver.screen().contains("the filter has no time range"));
    driver.keys("1");
    assert!(
        driver.screen().contains("★ 203.0.113.66"),
        "{}",
        driver.screen()
    );
    // The time range of the filter, and back to it from another window.
    driver.keys("<esc>t17:00..17:10<enter>D");
    let range = driver.screen();
    assert!(range.contains("WHAT'S NEW · time range"), "{range}");
    driver.keys("1");
    assert!(driver.screen().contains("WHAT'S NEW · last hour of data"));
    driver.keys("t");
    assert_eq!(driver.screen(), range);
}

#[test]
fn a_window_without_changes_says_so_in_words() {
    let mut fake = Fake::sample(1_300);
    for event in &mut fake.events {
        for field in ["user", "ip", "namespace_repo", "action", "client"] {
            event.fields.insert(field.into(), "same".into());
        }
    }
    let mut driver = Driver::new(fake, SourceState::Done, (120, 36));
    driver.keys("D");
    let screen = driver.screen();
    assert!(screen.contains("Nothing new in this window"), "{screen}");
    assert!(
        !screen.contains("SURGED") && !screen.contains("GONE"),
        "{screen}"
    );
}

#[test]
fn new_values_with_deletes_and_pushes_come_before_those_that_came_once() {
    let mut fake = with_news();
    for event in &mut fake.events[785..] {
        let n = event.id.0;
        let status = "200".to_owned();
        event.fields.insert("http_response_status".into(), status);
        let (address, action) = match n {
            900 | 950 => ("203.0.113.9".to_owned(), "DeleteTag"),
            _ => (format!("192.0.2.{}", n % 40), "GetBlob"),
        };
        event.fields.insert("ip".into(), address);
        event.fields.insert("action".into(), action.into());
    }
    let mut driver = Driver::new(fake, SourceState::Done, (120, 36));
    driver.keys("D");
    let screen = driver.screen();
    let first = screen
        .lines()
        .find(|line| line.contains('★'))
        .expect("a new value");
    let reported = first.contains("203.0.113.9") && first.contains("2 deleted");
    assert!(reported, "{screen}");
    assert!(
        !screen.contains("192.0.2."),
        "the others are collapsed: {screen}"
    );
}

#[test]
fn values_that_would_fill_the_screen_are_folded() {
    let mut fake = with_news();
    for event in &mut fake.events[850..] {
        let address = format!("192.0.2.{}", event.id.0 % 40);
        event.fields.insert("ip".into(), address);
    }
    let mut driver = Driver::new(fake, SourceState::Done, (120, 36));
    driver.keys("D");
    let screen = driver.screen();
    assert_eq!(screen.matches("★ 192.0.2.").count(), 8, "{screen}");
    assert!(screen.contains("… 33 more"), "{screen}");
    driver.keys("jjjjjjjj<enter>");
    let screen = driver.screen();
    assert!(screen.matches("★ 192.0.2.").count() > 20, "{screen}");
}
