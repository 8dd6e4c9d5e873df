//! The lineage of an image, and the way from its lines to the events and back.

use regtrail::app::Options;
use regtrail::engine::SourceState;

use super::driver::Driver;
use crate::fake::{Fake, START};

/// Events of one tag: pulled, pushed, pulled by two, a push refused, overwritten, deleted.
pub(super) fn with_versions() -> Fake {
    let mut fake = Fake::sample(200);
    let steps = [
        (20, "GetImageManifest", "200", "user/li.wei"),
        (30, "PutImageManifest", "201", "user/ci-bot"),
        (40, "GetImageManifest", "200", "user/li.wei"),
        (50, "GetImageManifest", "200", "user/zhang.min"),
        (55, "GetImageManifest", "404", "user/zhang.min"),
        (60, "PutImageManifest", "403", "user/li.wei"),
        (70, "PutImageManifest", "201", "user/ci-bot"),
        (80, "GetImageManifest", "200", "role/k8s-puller"),
        (90, "DeleteTag", "202", "user/li.wei"),
        (199, "GetImageManifest", "404", "role/k8s-puller"),
    ];
    for (at, action, status, user) in steps {
        let fields = &mut fake.events[at].fields;
        for (field, value) in [
            ("action", action),
            ("http_response_status", status),
            ("user", user),
            ("namespace_repo", "prod/ledger"),
            ("tag", "2.18.0"),
            ("image", "prod/ledger:2.18.0"),
            (
                "operation",
                if action == "GetImageManifest" {
                    "pull"
                } else {
                    "other"
                },
            ),
        ] {
            fields.insert(field.into(), value.into());
        }
    }
    fake
}

#[test]
fn the_lineage_of_an_image_leads_to_its_events_and_back_to_the_very_place() {
    let options = Options::default();
    let mut driver = Driver::with(with_versions(), SourceState::Done, (120, 36), options);
    driver.keys("k");
    driver.keys("jL");
    let screen = driver.screen();
    let part = |text: &str| {
        let row = screen.lines().position(|line| line.contains(text));
        row.unwrap_or_else(|| panic!("{text} is not on\n{screen}"))
    };
    assert!(screen.contains("IMAGE HISTORY  prod/ledger:2.18.0"));
    let rows = [
        part("1 pull by 1 user from 1 address · before the first change"),
        part("pushed  "),
        part("2 pulls by 2 users from 2 addresses"),
        part("push failed"),
        part("overwritten  "),
        part("deleted  "),
    ];
    assert!(
        rows.is_sorted(),
        "in the order of the list: {rows:?}\n{screen}"
    );
    assert!(
        screen.contains("2 pushes · 1 overwritten · 1 delete · 4 pulls · 3 failed"),
        "{screen}"
    );
    assert!(screen.contains("loaded data: 2024-04-12 16:00:00"));
    // The events between a push and the next, the refused one under the cursor.
    driver.keys("kkkk<enter>");
    let filter = driver.app.filters.current().clone();
    let second = |n: i64| START + n * 7 * 1_000_000_000;
    assert_eq!(
        (filter.range.since, filter.range.until),
        (Some(second(30)), Some(second(70) + 1))
    );
    assert_eq!(driver.focused(), Some(60));
    assert_eq!(driver.app.results.counts.matched, 6);
    driver.keys("<esc>");
    assert!(driver.screen().contains("IMAGE HISTORY"));
    // The pulls alone, without the failed one, which has a line of its own.
    driver.keys("kk<enter>");
    assert_eq!(driver.app.results.counts.matched, 2);
    driver.keys("<esc><esc>");
    assert!(driver.app.filters.current().is_all());
    assert_eq!(driver.focused(), Some(199));
    // From the facet of repositories: all tags.
    driver.keys("2L");
    assert!(
        driver.screen().contains("IMAGE HISTORY  "),
        "{}",
        driver.screen()
    );
}

#[test]
fn a_line_of_pulls_leads_to_as_many_events_as_it_counts() {
    for keys in ["L", "2jL"] {
        let mut fake = with_versions();
        for event in &mut fake.events {
            let tag = event.fields.get("tag").filter(|tag| !tag.is_empty());
            let image = tag.map(|tag| format!("{}:{tag}", event.fields["namespace_repo"]));
            if let Some(image) = image {
                event.fields.insert("image".into(), image);
            }
        }
        let options = Options::default();
        let mut driver = Driver::with(fake, SourceState::Done, (120, 60), options);
        driver.keys(keys);
        let mut checked = 0;
        for _ in 0..40 {
            let screen = driver.screen();
            let line = screen.lines().find(|line| line.contains('▸'));
            let line = line.expect("a cursor").to_owned();
            // `▸ │  v1.2: 3 pulls by …`, `▸ │  3 failed pulls`
            let words: Vec<&str> = line.split_whitespace().collect();
            let at = words.iter().position(|word| word.starts_with("pull"));
            let count = at.map(|at| words[at - 1 - usize::from(words[at - 1] == "failed")]);
            if let Some(count) = count {
                driver.keys("<enter>");
                let matched = driver.app.results.counts.matched;
                assert_eq!(matched.to_string(), count, "{keys}: {line}");
                driver.keys("<esc>");
                checked += 1;
            }
            driver.keys("k");
        }
        assert!(checked > 3, "{}", driver.screen());
    }
}

#[test]
fn a_step_by_a_new_user_or_address_is_marked() {
    let mut fake = with_versions();
    fake.events[90]
        .fields
        .insert("ip".into(), "203.0.113.66".into());
    let options = Options::default();
    let mut driver = Driver::with(fake, SourceState::Done, (120, 36), options);
    driver.keys("L");
    let screen = driver.screen();
    let line = |text: &str| screen.lines().find(|line| line.contains(text));
    let deleted = line("deleted  ").expect("there");
    assert!(
        deleted.contains("★2024-04-12") && deleted.contains("203.0.113.66"),
        "{screen}"
    );
    assert!(!line("overwritten  ").expect("there").contains('★'));
}
