//! What goes wrong: everything that passes costs nothing, everything that stays is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use regtrail::engine::SourceState;
use regtrail::source::Environment;
use regtrail::source::sls::{self, Mode};

use super::{fill, ids, keys, once, settings, start};
use crate::loopback::sls::{KEY_ID, Log, SECRET, Sls, What};
use crate::loopback::watch::Delivered;
use crate::loopback::{Reply, Server};

#[tokio::test]
async fn faults_that_pass_cost_nothing() {
    let passing = [
        What::Refuse(500, "InternalServerError", "try later"),
        What::Refuse(503, "ServerBusy", "try later"),
        What::Refuse(403, "ReadQuotaExceed", "slow down"),
        What::Refuse(403, "ShardReadQuotaExceed", "slow down"),
        What::Refuse(500, "RequestTimeout", "try later"),
        What::Refuse(403, "MetaOperationQpsLimitExceeded", "slow down"),
        What::Refuse(403, "WriteQuotaExceed", "slow down"),
        What::Refuse(504, "", ""),
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
        "was cut off",
        "timed out waiting for a response",
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

/// The errors that waiting does not cure, each with a word of the advice that goes with it (none where the
/// service's own words are all there is to say): all rows of the table but those that are tried again.
const STAYING: &[(u16, &str, &str, &str)] = &[
    (400, "InvalidRequestTime", "", "clock"),
    (400, "InvalidHost", "what it says", ""),
    (400, "PostBodyInvalid", "what it says", ""),
    (400, "InvalidContentType", "what it says", ""),
    (400, "MissingParameter", "Missing query key", ""),
    (
        400,
        "ParameterInvalid",
        "ErrorType:OLSQueryParseError",
        "simplify the filter",
    ),
    (
        400,
        "ParameterInvalid",
        "key (x) is not config as key value config",
        "quote text",
    ),
    (400, "InvalidTimeRange", "", "--since"),
    (400, "InvalidQueryString", "bad", "simplify the filter"),
    (400, "InvalidOffset", "what it says", ""),
    (400, "InvalidLine", "what it says", ""),
    (400, "InvalidReverse", "what it says", ""),
    (400, "IndexConfigNotExist", "", "--sls-mode tail"),
    (400, "LogStoreWithoutShard", "", "no shards"),
    (
        401,
        "SignatureNotMatch",
        "Signature s not matched.",
        "secret does not match",
    ),
    (
        401,
        "Unauthorized",
        "AccessKeyId not found: x",
        "access key",
    ),
    (
        401,
        "Unauthorized",
        "AccessKeyId is disabled: x",
        "enable the access key",
    ),
    (
        401,
        "Unauthorized",
        "Your SLS service has been forbidden.",
        "bills",
    ),
    (
        401,
        "Unauthorized",
        "The project does not belong to you.",
        "another account",
    ),
    (401, "Unauthorized", "denied by sts or ram", "grant log:"),
    (401, "InvalidAccessKeyId", "x", "access key"),
    (
        401,
        "InvalidAccessKeyId",
        "Your SLS service has not opened.",
        "activate",
    ),
    (403, "ProjectForbidden", "", "bills"),
    (
        404,
        "ProjectNotExist",
        "The Project does not exist : x",
        "region",
    ),
    (
        404,
        "ProjectNotExists",
        "The Project does not exist : x",
        "region",
    ),
    (
        404,
        "LogStoreNotExist",
        "logstore x does not exist.",
        "Instance Audit",
    ),
    (405, "InvalidMethod", "what it says", ""),
    (
        413,
        "PostBodyTooLarge",
        "Body size n must little than 10485760.",
        "",
    ),
];

/// Each kind of call of each mode.
const CALLS: [(Mode, &str); 5] = [
    (Mode::Search, "histogram"),
    (Mode::Search, "logs"),
    (Mode::Tail, "shards"),
    (Mode::Tail, "cursor"),
    (Mode::Tail, "pull"),
];

#[tokio::test]
async fn errors_that_stay_are_told_with_code_message_request_and_advice() {
    for (mode, call) in CALLS {
        for &(status, code, message, advice) in STAYING {
            if (mode, call, code) == (Mode::Search, "histogram", "Unauthorized") {
                // Without this right everything is loaded uncounted, and that is said: a test of its own.
                continue;
            }
            let server = Sls::start([0]).await;
            fill(&server, 0, "r", 1, 1);
            let refusal = What::Refuse(status, code, message);
            server.world().fault(call, refusal);
            let mut run = start(settings(&server, mode));
            let error = run.end().await.expect_err(code).to_string();
            for part in [&status.to_string(), code, message, "65E9F6A2D1A0C5", advice] {
                assert!(error.contains(part), "{mode:?} {call}: {part} in {error}");
            }
            let again = |state: &_| matches!(state, SourceState::Retrying { .. });
            assert!(!run.seen.states.iter().any(again), "{mode:?} {call} {code}");
        }
    }
}

#[tokio::test]
async fn what_waiting_does_not_cure_is_tried_again_when_the_user_wants_it() {
    for (mode, action) in [
        (Mode::Search, "log:GetLogStoreLogs"),
        (Mode::Tail, "log:GetCursorOrData"),
    ] {
        let server = Sls::start([0, 1]).await;
        let mut expected = fill(&server, 0, "a", 120, 100);
        let mut settings = settings(&server, mode);
        settings.retry.on_request = true;
        let mut run = start(settings);
        run.until_count(120).await;
        run.until("live", Delivered::is_live).await;
        server.world().denied = vec![action];
        expected.extend(fill(&server, 0, "b", 30, 3));
        run.until("a failure", |seen| {
            matches!(seen.states.last(), Some(SourceState::Failed { why }) if why.contains(action))
        })
        .await;
        server.world().denied.clear();
        run.hurry_until(|seen| seen.records.len() >= 150 && seen.is_live())
            .await;
        run.stop().await.assert_each_once("id", expected);
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
        .expect_err("gave up");
    assert!(error.what.contains("InternalServerError"), "{error}");
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_by_the_server() {
    for (mode, ahead) in [
        (Mode::Search, 7200),
        (Mode::Search, 600),
        (Mode::Search, -7200),
        (Mode::Tail, 7200),
        (Mode::Tail, -7200),
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
    for mode in [Mode::Search, Mode::Tail] {
        renew(mode).await;
    }
}

async fn renew(mode: Mode) {
    let server = Sls::start([0]).await;
    let mut expected = fill(&server, 0, "r", 30, 10);
    let issued = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = issued.clone();
    let keys = crate::loopback::Server::start(move |_| {
        let n = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let token = format!("token-hidden-{n}");
        let body = serde_json::json!({"AccessKeyId": KEY_ID, "AccessKeySecret": SECRET, "SecurityToken": token});
        Reply::new(200, "application/json", body.to_string())
    })
    .await;
    let mut settings = settings(&server, mode);
    settings.env = Environment::of(
        [
            ("ALIBABA_CLOUD_CREDENTIALS_URI", keys.url.as_str()),
            ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"),
        ],
        None,
    );
    server.world().token = "token-hidden-0".into();
    let mut run = start(settings);
    run.until_count(30).await;
    {
        let mut world = server.world();
        world.token = "token-hidden-1".into();
        world.log(0, Utc::now().timestamp(), "after");
    }
    expected.push("after".to_owned());
    run.until_count(31).await;
    assert_eq!(issued.load(std::sync::atomic::Ordering::Relaxed), 2);
    // A token that stays bad is an error, not a loop.
    server.world().token = "another".into();
    let error = run.end().await.expect_err("refused again").to_string();
    assert!(
        error.contains("expired") && error.contains("security token") && !error.contains("hidden"),
        "{error}"
    );
    run.seen.assert_each_once("id", expected);
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
async fn credentials_that_cannot_work_end_the_source_and_a_service_that_is_down_does_not() {
    let server = Sls::start([0]).await;
    let mut none = settings(&server, Mode::Search);
    none.env = Environment::of([("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")], None);
    let error = start(none.clone()).end().await.expect_err("none there");
    assert!(
        error.what.contains("tried environment") && error.advice.contains("aliyun configure"),
        "{error}"
    );

    let expected = fill(&server, 0, "r", 5, 10);
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let keys = crate::loopback::Server::start(move |_| {
        if calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 2 {
            return Reply::new(503, "text/plain", "");
        }
        let body = serde_json::json!({"AccessKeyId": KEY_ID, "AccessKeySecret": SECRET});
        Reply::new(200, "application/json", body.to_string())
    })
    .await;
    let mut down = once(&server, Mode::Search);
    let uri = ("ALIBABA_CLOUD_CREDENTIALS_URI", keys.url.as_str());
    down.env = Environment::of([uri, ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")], None);
    let mut run = start(down);
    run.end().await.expect("it comes back");
    run.seen.assert_each_once("id", expected);
    assert!(run.seen.retried("returned 503"), "{:?}", run.seen.states);
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

#[tokio::test]
async fn keys_that_expire_during_a_run_are_renewed_and_trouble_with_that_is_told() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let uri = Server::start(move |_| {
        let n = counter.fetch_add(1, Ordering::Relaxed);
        if n == 1 {
            return Reply::new(503, "text/plain", "");
        }
        let seconds = if n == 0 { 3 } else { 3600 };
        let expiration = (Utc::now() + TimeDelta::seconds(seconds)).to_rfc3339();
        let keys =
            serde_json::json!({"AccessKeyId": KEY_ID, "AccessKeySecret": SECRET, "Expiration": expiration});
        Reply::new(200, "application/json", keys.to_string())
    })
    .await;
    for mode in [Mode::Search, Mode::Tail] {
        count.store(0, Ordering::Relaxed);
        let server = Sls::start([0]).await;
        let mut wanted = fill(&server, 0, "a", 20, 100);
        let mut settings = settings(&server, mode);
        settings.env = Environment::of(
            [
                ("ALIBABA_CLOUD_CREDENTIALS_URI", uri.url.as_str()),
                ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"),
            ],
            None,
        );
        let mut run = start(settings);
        run.until_count(20).await;
        let reported = |seen: &Delivered, words: &str| seen.notes.iter().any(|n| n.contains(words));
        run.until("trouble", |seen| reported(seen, "cannot renew the keys"))
            .await;
        wanted.extend(fill(&server, 0, "b", 20, 100));
        run.until_count(40).await;
        run.until("its end", |seen| reported(seen, "keys renewed"))
            .await;
        wanted.extend(fill(&server, 0, "c", 20, 100));
        run.until_count(60).await;
        assert_eq!(
            count.load(Ordering::Relaxed),
            3,
            "{mode:?}: not for every request"
        );
        let seen = run.stop().await;
        seen.assert_each_once("id", wanted);
        let all = format!("{:?} {:?}", seen.notes, seen.states);
        assert!(!all.contains(SECRET), "{all}");
        assert_eq!(
            seen.notes.iter().filter(|n| n.contains("renew")).count(),
            2,
            "{all}"
        );
        assert_eq!(server.world().bad_signatures, [""; 0]);
    }
}
