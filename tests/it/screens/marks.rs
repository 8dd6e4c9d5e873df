//! Marks, notes and the comparison of two events.

use regtrail::app::Options;
use regtrail::config::MarksWork;
use regtrail::engine::SourceState;

use super::driver::Driver;
use crate::fake::Fake;

#[test]
fn marks_are_set_listed_and_walked() {
    let mut driver = Driver::sample(1_000, (80, 24));
    driver.keys("gjjmjjjmG]m");
    assert!(driver.screen().contains("no more marks in that direction"));
    driver.keys("[m");
    assert_eq!(driver.focused(), Some(5));
    driver.keys("[m");
    assert_eq!(driver.focused(), Some(2));
    driver.keys("mGM<enter>");
    assert_eq!(driver.focused(), Some(5), "the only one that is left");
}

#[test]
fn notes_mark_events_and_are_remembered_by_request_id() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("gjjiwho is this?<enter>");
    let Some(MarksWork::Put(marked)) = driver.marks.last().cloned() else {
        panic!("{:?}", driver.marks)
    };
    assert_eq!(marked[0].note, "who is this?");
    assert_eq!(marked[0].request, "718e09d1-aab5-4c1e-9f00-000000000002");
    // Another session on another copy of the log.
    let mut fake = Fake::sample(300);
    for event in &mut fake.events {
        event.id.0 += 7_000;
    }
    let options = Options {
        marks: marked,
        ..Options::default()
    };
    let mut driver = Driver::with(fake, SourceState::Done, (120, 36), options);
    driver.keys("M<enter>");
    assert_eq!(driver.focused(), Some(7_002));
    driver.keys("i?<esc>Mi<backspace>!<enter><esc>");
    assert!(matches!(driver.marks.last(), Some(MarksWork::Put(m)) if m[0].note == "who is this!"));
    driver.keys("MYmYjYc<esc>");
    let copied = driver.effects.join("\n");
    assert_eq!(copied.matches("who is this!").count(), 3, "{copied}");
    driver.keys("Mm");
    assert!(matches!(driver.marks.last(), Some(MarksWork::Drop(_))));
}

#[test]
fn a_mark_that_the_filter_hides_is_not_confused_with_another_event() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("gjjmG+uM<enter>");
    let hidden = driver.focused() != Some(2);
    assert!(
        hidden && driver.screen().contains("event not found"),
        "{}",
        driver.screen()
    );
}

#[test]
fn two_events_are_compared_by_what_differs() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("gjmjj=");
    let screen = driver.screen();
    assert!(
        screen.contains("differences") && !screen.contains("network_type "),
        "{screen}"
    );
    driver.keys("a");
    assert!(
        driver.screen().contains("─ COMPARE ─"),
        "{}",
        driver.screen()
    );
    driver.keys("<esc>jmMcjc");
    assert!(
        driver.screen().contains("differences"),
        "{}",
        driver.screen()
    );
}
