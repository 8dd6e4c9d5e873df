//! Reading by search: history, then polls.

use regtrail::query::{CatalogueNames, Filter, parse};
use serde_json::{Value, json};
use std::time::Duration;

use chrono::Utc;
use regtrail::engine::SourceState;
use regtrail::source::sls::{Mode, Settings, Tuning};

use super::{fill, ids, once, settings, start};
use crate::loopback::sls::{Log, Sls};
use crate::loopback::watch::Delivered;

#[tokio::test]
async fn search_loads_a_dense_history_newest_first_and_each_record_once() {
    let server = Sls::start([0, 1]).await;
    let expected = fill(&server, 0, "r", 3000, 3000);
    let mut run = start(Settings {
        tuning: Tuning {
            range: 300,
            ..once(&server, Mode::Search).tuning
        },
        ..once(&server, Mode::Search)
    });
    run.end().await.expect("good");
    run.seen.assert_each_once("id", expected);
    assert_eq!(run.seen.states.last(), Some(&SourceState::Done));
    assert!(server.world().bad_signatures.is_empty());
    let first: i64 = run.seen.values("__time__")[0].parse().expect("a time");
    assert!(
        Utc::now().timestamp() - first < 600,
        "the newest part comes first"
    );
    assert!(
        server.world().largest_offset <= 1000,
        "pages stay near the start of their range"
    );
}

#[tokio::test]
async fn search_pushes_the_query_down() {
    let server = Sls::start([0]).await;
    fill(&server, 0, "r", 20, 100);
    let fields = vec![
        ("id".to_owned(), b"x".to_vec()),
        ("action".to_owned(), "Löschen &=".as_bytes().to_vec()),
    ];
    let now = Utc::now().timestamp();
    server.world().push(
        0,
        Log {
            time: now - 5,
            received: now,
            fields,
        },
    );
    let mut run = start(Settings {
        query: "action: Löschen &=".to_owned(),
        ..once(&server, Mode::Search)
    });
    run.end().await.expect("good");
    assert_eq!(run.seen.values("id"), ["x"]);
    assert!(server.world().bad_signatures.is_empty());
}

#[tokio::test]
async fn what_the_index_does_not_find_as_we_do_is_not_asked_of_it() {
    let text = |more: Value| {
        let mut key = json!({"type": "text"});
        key.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        json!({"keys": {"action": key}})
    };
    let all = ", '\";=()[]{}?@&<>/:\n\t\r";
    let tokens: Vec<String> = all.chars().map(String::from).collect();
    for (index, filter, pushed, reported) in [
        (None, "action:DeleteTag", true, ""),
        (
            Some(text(json!({"token": tokens}))),
            "action:DeleteTag",
            true,
            "",
        ),
        (
            Some(text(json!({"token": [",", " "]}))),
            "action:DeleteTag",
            false,
            "not in the index",
        ),
        (
            Some(text(json!({"caseSensitive": true}))),
            "action:DeleteTag",
            false,
            "not in the index",
        ),
        (
            Some(json!({"keys": {"tag": {"type": "text"}}})),
            "action:DeleteTag",
            false,
            "not in the index",
        ),
        (
            Some(json!({"keys": {"action": {"type": "long"}}})),
            "action:DeleteTag",
            false,
            "not in the index",
        ),
        (
            Some(json!({"keys": {"action": {"type": "text"}}})),
            "DeleteTag",
            false,
            "not in the index",
        ),
        (
            Some(json!({"keys": {}, "line": {"token": tokens, "include_keys": ["tag"]}})),
            "DeleteTag",
            false,
            "not in the index",
        ),
    ] {
        let server = Sls::start([0]).await;
        fill(&server, 0, "r", 20, 100);
        let now = Utc::now().timestamp();
        server.world().push(0, deletion(now));
        server.world().index = index.clone();
        let query = parse(filter, &CatalogueNames::default()).expect(filter);
        let mut run = start(Settings {
            query: "as shown".into(),
            filter: Some(Box::new(Filter {
                query,
                ..Filter::default()
            })),
            ..once(&server, Mode::Search)
        });
        run.end().await.expect("good");
        let expected = if pushed { 1 } else { 21 };
        assert_eq!(run.seen.records.len(), expected, "{filter} {index:?}");
        assert!(
            run.seen.notes.iter().any(|note| note.contains(reported)) || reported.is_empty(),
            "{:?}",
            run.seen.notes
        );
    }
}

#[tokio::test]
async fn without_the_right_to_see_the_index_everything_is_loaded_and_that_is_said() {
    let server = Sls::start([0]).await;
    fill(&server, 0, "r", 20, 100);
    server.world().denied = vec!["log:GetIndex"];
    let query = parse("action:DeleteTag", &CatalogueNames::default()).expect("good");
    let mut run = start(Settings {
        filter: Some(Box::new(Filter {
            query,
            ..Filter::default()
        })),
        ..once(&server, Mode::Search)
    });
    run.end().await.expect("good");
    assert_eq!(run.seen.records.len(), 20);
    let reported =
        |note: &String| note.contains("log:GetIndex") && note.contains("filtered locally");
    assert!(run.seen.notes.iter().any(reported), "{:?}", run.seen.notes);
}

fn deletion(now: i64) -> Log {
    let field = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    Log {
        time: now - 5,
        received: now,
        fields: vec![field("id", "x"), field("action", "DeleteTag")],
    }
}

#[tokio::test]
async fn a_second_with_more_records_than_a_range_is_read_whole() {
    let server = Sls::start([0]).await;
    let now = Utc::now().timestamp();
    for id in ids("r", 700) {
        server.world().log(0, now - 40, &id);
    }
    let mut settings = once(&server, Mode::Search);
    settings.tuning.range = 100;
    let mut run = start(settings);
    run.end().await.expect("good");
    run.seen.assert_each_once("id", ids("r", 700));
}

#[tokio::test]
async fn live_polls_find_what_arrives_and_what_arrives_late() {
    let server = Sls::start([0]).await;
    let mut expected = fill(&server, 0, "old", 150, 1800);
    let mut run = start(settings(&server, Mode::Search));
    run.until("live", Delivered::is_live).await;
    for round in 0..5 {
        let now = Utc::now().timestamp();
        for id in ids(&format!("new{round}-"), 30) {
            server.world().log(0, now, &id);
            expected.push(id);
        }
        run.until_count(expected.len()).await;
    }
    // Older than any overlap of polls: only counting finds it.
    server.world().log(0, Utc::now().timestamp() - 200, "late");
    expected.push("late".to_owned());
    run.until_count(expected.len()).await;
    run.stop().await.assert_each_once("id", expected);
}

#[tokio::test]
async fn polls_overlap_so_that_what_becomes_visible_late_is_found_without_counting() {
    let server = Sls::start([0]).await;
    let mut settings = settings(&server, Mode::Search);
    settings.tuning.recount = Duration::from_hours(1);
    let mut run = start(settings);
    run.until("live", Delivered::is_live).await;
    for back in [0, 5, 12] {
        let id = format!("back{back}");
        server.world().log(0, Utc::now().timestamp() - back, &id);
        run.until("the record", |seen| seen.values("id").contains(&id))
            .await;
    }
    run.stop()
        .await
        .assert_each_once("id", [0, 5, 12].map(|back| format!("back{back}")));
}

#[tokio::test]
async fn search_keeps_to_its_range() {
    let server = Sls::start([0]).await;
    let now = Utc::now().timestamp();
    for back in 0..100 {
        server.world().log(0, now - 1000 - back, &format!("{back}"));
    }
    let mut settings = settings(&server, Mode::Search);
    settings.since = Some(now - 1000 - 49);
    settings.until = Some(now - 1000 - 9);
    let mut run = start(settings);
    run.end().await.expect("the end of the range is the end");
    run.seen
        .assert_each_once("id", (10..50).map(|back| back.to_string()));
    assert!(run.seen.notes.is_empty());
}

#[tokio::test]
async fn polling_survives_a_server_that_goes_away_and_comes_back() {
    let server = Sls::start([0]).await;
    let mut expected = fill(&server, 0, "old", 50, 100);
    let mut run = start(settings(&server, Mode::Search));
    run.until("live", Delivered::is_live).await;
    let (server, ()) = server
        .restart(async |world| {
            run.until("a retry", |seen| seen.retried("cannot connect"))
                .await;
            world
                .lock()
                .expect("not poisoned")
                .log(0, Utc::now().timestamp(), "meanwhile");
        })
        .await;
    expected.push("meanwhile".to_owned());
    run.until_count(expected.len()).await;
    run.until("a mark and live again", |seen| {
        seen.is_live() && seen.marks.iter().any(|m| m.contains("reconnected"))
    })
    .await;
    run.stop().await.assert_each_once("id", expected);
    drop(server);
}

/// Everything that passes by itself or is put right, for both ways of reading.

#[tokio::test]
async fn without_the_right_to_count_everything_is_still_loaded() {
    let server = Sls::start([0]).await;
    let expected = fill(&server, 0, "r", 500, 3000);
    server.world().denied = vec!["log:GetLogStoreHistogram"];
    let mut run = start(once(&server, Mode::Search));
    run.end().await.expect("good");
    run.seen.assert_each_once("id", expected);
    assert!(
        run.seen
            .notes
            .iter()
            .any(|n| n.contains("log:GetLogStoreHistogram")),
        "{:?}",
        run.seen.notes
    );
}

/// Records of which the log time says nothing, or nonsense.
fn odd(server: &Sls) -> Vec<String> {
    let now = Utc::now().timestamp();
    let times = [
        "missing",
        "",
        "-",
        "soon",
        "1712911110855",
        "-5",
        "0",
        "99999999999999999999",
        "1e3",
        "null",
    ];
    let mut all = Vec::new();
    for (n, said) in times.into_iter().enumerate() {
        for copy in 0..2 {
            let id = format!("{said}-{copy}");
            let field = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
            let fields = vec![field("id", &id), field("said", said), field("time", said)];
            let (time, received) = (now - 3 - n as i64, now);
            let log = Log {
                time,
                received,
                fields,
            };
            server.world().push(0, log);
            all.push(id);
        }
    }
    all
}

#[tokio::test]
async fn records_with_odd_times_come_once_each_in_history_and_polls() {
    let server = Sls::start([0]).await;
    let mut expected = odd(&server);
    expected.extend(fill(&server, 0, "r", 300, 200));
    let mut settings = settings(&server, Mode::Search);
    settings.tuning.range = 40;
    let mut run = start(settings);
    run.until("live", Delivered::is_live).await;
    // Each poll reads the last seconds again, and minutes are counted again.
    let polls = run.seen.polls + 60;
    run.until("polls", |seen| seen.polls >= polls).await;
    run.seen.assert_each_once("id", expected);
}

#[tokio::test]
async fn a_service_that_takes_ranges_to_the_minute_gives_each_record_once() {
    let server = Sls::start([0]).await;
    server.world().by_minute = true;
    let mut expected = odd(&server);
    expected.extend(fill(&server, 0, "r", 1500, 900));
    let mut settings = settings(&server, Mode::Search);
    settings.tuning.range = 30;
    let mut run = start(settings);
    run.until("live", Delivered::is_live).await;
    let polls = run.seen.polls + 20;
    run.until("polls", |seen| seen.polls >= polls).await;
    run.seen.assert_each_once("id", expected);
}

#[tokio::test]
async fn a_list_of_more_values_than_a_search_takes_is_filtered_here_and_that_is_said() {
    for (values, pushed) in [(25, true), (200, false)] {
        let server = Sls::start([0]).await;
        fill(&server, 0, "r", 50, 100);
        let now = Utc::now().timestamp();
        server.world().push(0, deletion(now));
        server.world().most_conditions = Some(30);
        let names: Vec<String> = (0..values).map(|n| format!("Delete{n}")).collect();
        let text = format!("action in (DeleteTag, {})", names.join(", "));
        let query = parse(&text, &CatalogueNames::default()).expect("good");
        let filter = Filter {
            query,
            ..Filter::default()
        };
        let mut run = start(Settings {
            query: "as shown".into(),
            filter: Some(Box::new(filter)),
            ..once(&server, Mode::Search)
        });
        run.end().await.expect("good");
        assert_eq!(run.seen.records.len(), if pushed { 1 } else { 51 });
        let asked = server.world().queries.clone();
        assert!(
            asked.iter().all(|query| query.is_empty() != pushed),
            "{asked:?}"
        );
        let reported = |note: &String| note.contains("at most 30 conditions") && note.len() < 300;
        assert_eq!(
            run.seen.notes.iter().any(reported),
            !pushed,
            "{:?}",
            run.seen.notes
        );
    }
}
