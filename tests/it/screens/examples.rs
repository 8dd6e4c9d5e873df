//! The empty filter prompt: examples that match some of the loaded events, with their counts.

use regtrail::engine::SourceState;

use super::driver::Driver;
use crate::fake::Fake;

/// The examples on the screen, with their counts.
fn examples(driver: &Driver) -> Vec<(String, u64)> {
    let screen = driver.screen();
    let example = |line: &str| {
        let starts = ["user == ", "status>=", "repository == ", "time >= "];
        let at = starts.iter().find_map(|start| line.find(start))?;
        let (text, rest) = line[at..].split_once("  ")?;
        let count = rest.split_once(" event")?.0.trim().replace(',', "");
        Some((text.to_owned(), count.parse().ok()?))
    };
    screen.lines().skip(2).filter_map(example).collect()
}

#[test]
fn every_example_finds_as_many_events_as_it_says() {
    for size in [(80, 24), (120, 36), (200, 60)] {
        let mut first = Driver::sample(300, size);
        first.keys("f");
        let all = examples(&first);
        assert_eq!(all.len(), 3, "{}", first.screen());
        for (at, (text, count)) in all.iter().enumerate() {
            let mut driver = Driver::sample(300, size);
            driver.keys("f");
            driver.keys(&"<down>".repeat(at + 1));
            driver.keys(if at == 0 { "<tab>" } else { "<enter>" });
            driver.keys("<enter>");
            assert_eq!(driver.app.filters.current().text, *text);
            assert_eq!(driver.app.results.counts.matched, *count, "{text}");
            assert!(*count > 0 && *count < 300, "{text}");
        }
    }
}

#[test]
fn there_are_no_examples_that_find_nothing() {
    let mut driver = Driver::sample(0, (120, 36));
    driver.keys("f");
    assert!(examples(&driver).is_empty(), "{}", driver.screen());
    // One event: everything would find everything.
    let mut driver = Driver::sample(1, (120, 36));
    driver.keys("f");
    assert!(examples(&driver).is_empty(), "{}", driver.screen());
    // No failures.
    let mut fake = Fake::sample(300);
    for event in &mut fake.events {
        event
            .fields
            .insert("http_response_status".into(), "200".into());
    }
    let mut driver = Driver::new(fake, SourceState::Done, (120, 36));
    driver.keys("f");
    let all = examples(&driver);
    assert!(
        all.len() == 3 && all.iter().all(|(text, _)| !text.contains("400")),
        "{all:?}"
    );
    assert!(
        all.iter()
            .any(|(text, _)| text.starts_with("time >= 2024-04-12T")),
        "{all:?}"
    );
}

#[test]
fn a_field_that_is_picked_already_makes_no_example() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("+uf");
    let all = examples(&driver);
    assert!(
        !all.is_empty() && all.iter().all(|(text, _)| !text.starts_with("user")),
        "{all:?}"
    );
}

#[test]
fn what_is_typed_takes_the_place_of_examples_and_tab_lists_names_as_before() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("fac<due>");
    assert!(examples(&driver).is_empty() && driver.screen().contains("action"));
    driver.keys("<ctrl-u><due>");
    assert_eq!(examples(&driver).len(), 3, "{}", driver.screen());
    driver.keys("<tab><due>");
    assert!(examples(&driver).is_empty(), "{}", driver.screen());
    assert!(driver.screen().contains("  agent "), "{}", driver.screen());
}

#[test]
fn examples_are_masked() {
    let mut driver = Driver::sample(300, (120, 36));
    driver.keys("@f");
    let all = examples(&driver);
    let user = all.iter().find(|(text, _)| text.starts_with("user"));
    assert!(
        user.is_some_and(|(text, _)| !text.contains("bot") && !text.contains("wei")),
        "{all:?}"
    );
}
