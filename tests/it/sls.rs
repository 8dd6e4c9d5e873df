//! The Simple Log Service source against a loopback service that verifies signatures: nothing is lost,
//! nothing comes twice, whatever goes wrong.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use regtrail::engine::SourceState;
use regtrail::source::Environment;
use regtrail::source::retry::Policy;
use regtrail::source::sls::address::Address;
use regtrail::source::sls::checkpoint::FileCheckpoints;
use regtrail::source::sls::doctor::{self, Outcome};
use regtrail::source::sls::{self, Mode, Settings, Tuning};

use crate::loopback::Reply;
use crate::loopback::sls::{ENDPOINT, KEY_ID, LOGSTORE, Log, PROJECT, SECRET, Shard, Sls, What};
use crate::loopback::watch::{Delivered, Running};

fn keys(more: &[(&str, &str)]) -> Environment {
    let own = [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", KEY_ID),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SECRET),
    ];
    Environment::of(own.iter().chain(more).copied(), None)
}

/// Settings with intervals so short that tests need no patience.
fn settings(server: &Sls, mode: Mode) -> Settings {
    let address = Address::parse(&format!("sls://{PROJECT}.{ENDPOINT}/{LOGSTORE}")).expect("good");
    let mut settings = Settings::new(address, keys(&[]));
    settings.endpoint = Some(server.server.url.clone());
    settings.mode = mode;
    settings.retry = Policy {
        first: Duration::from_millis(4),
        cap: Duration::from_millis(20),
        give_up: None,
    };
    settings.tuning = Tuning {
        poll: Duration::from_millis(5),
        recount: Duration::from_millis(30),
        relist: Duration::from_millis(10),
        save: Duration::from_millis(5),
        incomplete: Duration::from_millis(2),
        ..Tuning::default()
    };
    settings
}

fn once(server: &Sls, mode: Mode) -> Settings {
    let mut settings = settings(server, mode);
    settings.follow = false;
    settings.retry.give_up = Some(8);
    settings
}

fn start(settings: Settings) -> Running {
    Running::start(|feed| sls::run(feed, settings))
}

fn ids(prefix: &str, n: usize) -> Vec<String> {
    (0..n).map(|i| format!("{prefix}{i}")).collect()
}

/// `n` logs spread over the last `seconds`, dense at the end.
fn fill(server: &Sls, shard: i64, prefix: &str, n: usize, seconds: i64) -> Vec<String> {
    let now = Utc::now().timestamp();
    for (i, id) in ids(prefix, n).iter().enumerate() {
        let back = seconds * (i * i) as i64 / (n * n) as i64;
        server.world().log(shard, now - 2 - back, id);
    }
    ids(prefix, n)
}

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
async fn faults_that_pass_cost_nothing() {
    let passing = [
        What::Refuse(500, "InternalServerError", "try later"),
        What::Refuse(503, "ServerBusy", "try later"),
        What::Refuse(403, "ReadQuotaExceed", "slow down"),
        What::Refuse(403, "ShardReadQuotaExceed", "slow down"),
        What::Refuse(429, "", ""),
        What::Html(502),
        What::Html(200),
        What::Reset,
        What::Stall,
        What::Drip,
        What::CutBody,
        What::Double,
        What::Incomplete,
    ];
    let mut runs = tokio::task::JoinSet::new();
    for compression in ["lz4", "zstd", "gzip", ""] {
        for (mode, calls) in [
            (Mode::Search, ["histogram", "logs"]),
            (Mode::Tail, ["pull", "cursor"]),
        ] {
            runs.spawn(survive(compression, mode, calls, passing.to_vec()));
        }
    }
    while let Some(ended) = runs.join_next().await {
        ended.expect("survived");
    }
}

async fn survive(compression: &str, mode: Mode, calls: [&'static str; 2], passing: Vec<What>) {
    let server = Sls::start([0, 1]).await;
    let mut expected = fill(&server, 0, "a", 250, 1000);
    expected.extend(fill(&server, 1, "b", 250, 1000));
    for what in &passing {
        for call in calls {
            server.world().fault(call, what.clone());
        }
    }
    let mut settings = once(&server, mode);
    settings.tuning.compression = compression.to_owned();
    settings.tuning.range = 100;
    settings.tuning.groups = 20;
    settings.connection.read_timeout = Duration::from_millis(150);
    settings.retry.give_up = None;
    let mut run = start(settings);
    run.end()
        .await
        .unwrap_or_else(|e| panic!("{mode:?} {compression}: {e}"));
    run.seen.assert_each_once("id", expected);
    for why in [
        "500",
        "ServerBusy",
        "ReadQuotaExceed",
        "429",
        "502",
        "portal",
        "broke off",
        "no answer in time",
    ] {
        assert!(
            run.seen.retried(why),
            "{mode:?} {why}: {:?}",
            run.seen.states
        );
    }
    let world = server.world();
    let left: Vec<_> = world.faults.iter().collect();
    assert!(
        left.is_empty() && world.bad_signatures.is_empty(),
        "{mode:?}: {left:?}"
    );
}

#[tokio::test]
async fn errors_that_stay_are_told_with_code_message_request_and_advice() {
    for (mode, call, what, expected) in [
        (
            Mode::Search,
            "histogram",
            What::Refuse(404, "ProjectNotExist", "The Project does not exist : x"),
            "region",
        ),
        (
            Mode::Search,
            "logs",
            What::Refuse(400, "InvalidQueryString", "bad"),
            "simplify the filter",
        ),
        (
            Mode::Search,
            "histogram",
            What::Refuse(400, "IndexConfigNotExist", ""),
            "--sls-mode tail",
        ),
        (
            Mode::Search,
            "histogram",
            What::Refuse(401, "SignatureNotMatch", ""),
            "secret does not belong",
        ),
        (
            Mode::Search,
            "histogram",
            What::Refuse(401, "InvalidAccessKeyId", "x"),
            "access key",
        ),
        (
            Mode::Tail,
            "shards",
            What::Refuse(403, "ProjectForbidden", ""),
            "bills",
        ),
        (
            Mode::Tail,
            "cursor",
            What::Refuse(404, "LogStoreNotExist", "x"),
            "Instance Audit",
        ),
    ] {
        let server = Sls::start([0]).await;
        let loaded = fill(&server, 0, "r", 1, 1);
        server.world().fault(call, what.clone());
        let mut run = start(settings(&server, mode));
        let error = run.end().await.expect_err("it stays").to_string();
        let What::Refuse(status, code, message) = what else {
            unreachable!()
        };
        for part in [
            &status.to_string(),
            code,
            message,
            "65E9F6A2D1A0C5",
            expected,
        ] {
            assert!(error.contains(part), "{part} in {error}");
        }
        assert!(
            !run.seen
                .states
                .iter()
                .any(|s| matches!(s, SourceState::Retrying { .. })),
            "{code}"
        );
        drop(loaded);
    }
}

#[tokio::test]
async fn a_limited_policy_gives_up_and_keeps_what_was_read() {
    let server = Sls::start([0]).await;
    let expected = fill(&server, 0, "r", 10, 10);
    let mut run = start(settings(&server, Mode::Tail));
    run.until_count(10).await;
    run.stop().await.assert_each_once("id", expected);
    for _ in 0..100 {
        server
            .world()
            .fault("pull", What::Refuse(500, "InternalServerError", "down"));
    }
    let error = start(once(&server, Mode::Tail))
        .end()
        .await
        .expect_err("given up");
    assert!(error.what.contains("InternalServerError"), "{error}");
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_by_the_server() {
    for (mode, ahead) in [
        (Mode::Search, 7200),
        (Mode::Search, 600),
        (Mode::Search, -7200),
        (Mode::Tail, 7200),
    ] {
        let server = Sls::start([0]).await;
        server.world().clock = ahead;
        let now = Utc::now().timestamp() + ahead;
        for (i, id) in ids("r", 10).iter().enumerate() {
            server.world().log(0, now - 3 - i as i64, id);
        }
        let mut run = start(once(&server, mode));
        run.end().await.expect("corrected");
        run.seen.assert_each_once("id", ids("r", 10));
        assert!(
            !run.seen
                .states
                .iter()
                .any(|s| matches!(s, SourceState::Retrying { .. }))
        );
    }
}

#[tokio::test]
async fn version_1_signs_where_it_is_asked_for_or_the_region_is_unknown() {
    let server = Sls::start([0]).await;
    let expected = fill(&server, 0, "r", 10, 10);
    let mut settings = once(&server, Mode::Search);
    settings.env = keys(&[("ALIYUN_LOG_CLI_SIGN_VERSION", "v1")]);
    settings.query = "action: GetBlob".to_owned();
    let mut run = start(settings);
    run.end().await.expect("good");
    run.seen.assert_each_once("id", expected);
    let asked = server.server.asked();
    assert!(
        asked
            .iter()
            .all(|r| r.header("authorization").starts_with("LOG "))
    );
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_reading_goes_on() {
    let server = Sls::start([0]).await;
    let mut expected = fill(&server, 0, "r", 30, 10);
    let issued = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = issued.clone();
    let keys = super::loopback::Server::start(move |_| {
        let n = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let token = format!("token-hidden-{n}");
        let body = serde_json::json!({"AccessKeyId": KEY_ID, "AccessKeySecret": SECRET, "SecurityToken": token});
        Reply::new(200, "application/json", body.to_string())
    })
    .await;
    let mut settings = settings(&server, Mode::Tail);
    settings.env = Environment::of(
        [
            ("ALIBABA_CLOUD_CREDENTIALS_URI", keys.url.as_str()),
            ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"),
        ],
        None,
    );
    server.world().token = "token-hidden-0".to_owned();
    let mut run = start(settings);
    run.until_count(30).await;
    {
        let mut world = server.world();
        world.token = "token-hidden-1".to_owned();
        world.log(0, Utc::now().timestamp(), "after");
    }
    expected.push("after".to_owned());
    run.until_count(31).await;
    assert_eq!(issued.load(std::sync::atomic::Ordering::Relaxed), 2);
    // A token that stays bad is an error, not a loop.
    server.world().token = "another".to_owned();
    let error = run.end().await.expect_err("refused again").to_string();
    assert!(
        error.contains("expired") && error.contains("security token") && !error.contains("hidden"),
        "{error}"
    );
    run.seen.assert_each_once("id", expected);
}

#[tokio::test]
async fn tail_follows_splits_and_merges_to_the_end_of_the_parents() {
    let server = Sls::start([0]).await;
    let mut expected = fill(&server, 0, "parent", 500, 100);
    let mut settings = settings(&server, Mode::Tail);
    settings.tuning.groups = 50;
    let mut run = start(settings);
    run.until_count(100).await;
    {
        let mut world = server.world();
        let now = Utc::now().timestamp();
        for id in ids("last", 200) {
            world.log(0, now, &id);
            expected.push(id);
        }
        world.shards[0].read_only = true;
        world.shards.extend([1, 2].map(|id| Shard {
            id,
            ..Shard::default()
        }));
        for shard in [1, 2] {
            for id in ids(&format!("child{shard}-"), 100) {
                world.log(shard, now, &id);
                expected.push(id);
            }
        }
    }
    run.until_count(expected.len()).await;
    {
        let mut world = server.world();
        for shard in &mut world.shards {
            shard.read_only = true;
        }
        world.shards.push(Shard {
            id: 3,
            ..Shard::default()
        });
        world.log(3, Utc::now().timestamp(), "merged");
        expected.push("merged".to_owned());
    }
    run.until_count(expected.len()).await;
    run.until("live", Delivered::is_live).await;
    // The parents were left, the merged shard is still asked.
    let pulls = |id: i64| {
        let path = format!("/logstores/{LOGSTORE}/shards/{id}");
        server
            .server
            .asked()
            .iter()
            .filter(|r| r.path() == path && r.param("type") == "logs")
            .count()
    };
    let (parent, merged) = (pulls(0), pulls(3));
    server.world().log(3, Utc::now().timestamp(), "one more");
    expected.push("one more".to_owned());
    run.until_count(expected.len()).await;
    assert_eq!(pulls(0), parent);
    assert!(pulls(3) > merged);
    run.stop().await.assert_each_once("id", expected);
}

#[tokio::test]
async fn tail_resumes_where_a_run_stopped() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Sls::start([0, 1]).await;
    let mut expected = fill(&server, 0, "a", 120, 100);
    expected.extend(fill(&server, 1, "b", 80, 100));
    let mut settings = settings(&server, Mode::Tail);
    settings.checkpoints = Some(Arc::new(FileCheckpoints::in_directory(
        directory.path(),
        "h",
        LOGSTORE,
    )));
    let mut run = start(settings.clone());
    run.until_count(200).await;
    run.stop().await.assert_each_once("id", expected);
    {
        let mut world = server.world();
        world.shards[1].read_only = true;
        world.shards.push(Shard {
            id: 2,
            ..Shard::default()
        });
        for (shard, id) in [(0, "x"), (1, "y"), (2, "z")] {
            world.log(shard, Utc::now().timestamp(), id);
        }
    }
    let mut run = start(settings);
    run.until_count(3).await;
    run.until("live", Delivered::is_live).await;
    let seen = run.stop().await;
    assert!(seen.notes.iter().any(|n| n.contains("resumed")));
    seen.assert_each_once("id", ["x", "y", "z"].map(str::to_owned));
}

#[tokio::test]
async fn a_cursor_that_is_refused_is_sought_again_and_nothing_comes_twice() {
    let server = Sls::start([0]).await;
    let mut expected = fill(&server, 0, "a", 100, 100);
    let mut run = start(settings(&server, Mode::Tail));
    run.until_count(100).await;
    server.world().epoch = 1;
    expected.extend(fill(&server, 0, "b", 50, 10));
    run.until_count(150).await;
    run.until("a note", |seen| {
        seen.notes.iter().any(|n| n.contains("cursor was refused"))
    })
    .await;
    run.stop().await.assert_each_once("id", expected);
}

#[tokio::test]
async fn tail_read_once_stops_at_the_end_as_it_was_at_the_start() {
    let server = Sls::start([0]).await;
    fill(&server, 0, "a", 30, 10);
    let mut settings = once(&server, Mode::Tail);
    settings.tuning.groups = 10;
    let mut run = start(settings);
    run.until_count(10).await;
    // The end was asked for before the first pull.
    server.world().log(0, Utc::now().timestamp(), "too late");
    run.end().await.expect("good");
    run.seen.assert_each_once("id", ids("a", 30));
}

#[tokio::test]
async fn hostile_values_arrive_as_text() {
    for mode in [Mode::Search, Mode::Tail] {
        let server = Sls::start([0]).await;
        let now = Utc::now().timestamp();
        let fields = vec![
            ("id".to_owned(), b"1".to_vec()),
            ("agent".to_owned(), b"\x1b]0;owned\x07\xff\n\"}{\\".to_vec()),
        ];
        server.world().push(
            0,
            Log {
                time: now - 5,
                received: now,
                fields,
            },
        );
        let mut run = start(once(&server, mode));
        run.end().await.expect("good");
        assert_eq!(
            run.seen.values("agent"),
            ["\u{1b}]0;owned\u{7}\u{fffd}\n\"}{\\"],
            "{mode:?}"
        );
    }
}

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

#[tokio::test]
async fn the_doctor_names_what_is_missing() {
    let server = Sls::start([0]).await;
    fill(&server, 0, "r", 3, 10);
    server.world().denied = vec!["log:GetIndex", "log:GetCursorOrData"];
    let mut heard = 0;
    let steps = doctor::run(&settings(&server, Mode::Search), |_| heard += 1).await;
    assert_eq!(heard, steps.len());
    let step = |name: &str| steps.iter().find(|s| s.name == name).expect("a step");
    assert_eq!(
        step("index").missing_action.as_deref(),
        Some("log:GetIndex")
    );
    assert_eq!(
        step("pull").missing_action.as_deref(),
        Some("log:GetCursorOrData")
    );
    for name in [
        "address",
        "name",
        "connection",
        "credentials",
        "counts",
        "events",
        "shards",
    ] {
        assert_eq!(step(name).outcome, Outcome::Good, "{:?}", step(name));
    }
    assert!(!format!("{steps:?}").contains(SECRET));
}

#[tokio::test]
async fn the_doctor_lists_what_was_tried_for_credentials() {
    let server = Sls::start([0]).await;
    let mut settings = settings(&server, Mode::Search);
    settings.env = Environment::of([("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")], None);
    let steps = doctor::run(&settings, |_| {}).await;
    let credentials = steps
        .iter()
        .find(|s| s.name == "credentials")
        .expect("a step");
    assert_eq!(credentials.outcome, Outcome::Bad);
    for tried in [
        "environment",
        "OIDC",
        "~/.aliyun/config.json",
        "~/.aliyunlogcli",
        "ECS metadata",
        "credentials URI",
    ] {
        assert!(
            credentials.found.contains(tried),
            "{tried} in {}",
            credentials.found
        );
    }
    assert_eq!(steps.last().map(|s| s.outcome), Some(Outcome::Skipped));
}

#[tokio::test]
async fn nothing_shows_the_secret() {
    let server = Sls::start([0]).await;
    server
        .world()
        .fault("shards", What::Refuse(401, "SignatureNotMatch", "no"));
    let settings = settings(&server, Mode::Tail);
    let mut run = start(settings.clone());
    let error = run.end().await.expect_err("refused");
    let client = sls::client::Client::new(&settings).expect("good");
    let credentials = client.credentials().await.expect("there");
    let shown = format!(
        "{error} {error:?} {settings:?} {client:?} {credentials:?} {:?}",
        run.seen
    );
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(server.calls("pull") == 0);
}
