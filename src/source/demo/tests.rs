//! Tests of the whole generator.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::*;
use crate::model::{CATALOGUE, FieldKind};
use crate::source::SourceState;
use crate::source::{Block, Delivery, Feed};

/// 2024-04-12 16:58:30 +08:00, a Friday.
const END: Nanos = 1_712_912_310 * SECOND;

type Record = Map<String, Value>;

fn text(events: u64, seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    write(events, seed, END, &mut out).expect("a vector takes everything");
    out
}

fn records(lines: &[u8]) -> Vec<Record> {
    let lines = std::str::from_utf8(lines).expect("UTF-8");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON object a line"))
        .collect()
}

fn get<'a>(record: &'a Record, key: &str) -> &'a str {
    record
        .get(key)
        .map_or("", |value| value.as_str().expect("every value is a string"))
}

fn time(record: &Record) -> Nanos {
    let time = chrono::DateTime::parse_from_rfc3339(get(record, "time")).expect("RFC 3339");
    time.timestamp_nanos_opt().expect("in range")
}

/// Byte-identical output is a promise of the project: files from different machines and versions are equal. A
/// deliberate change of the traffic changes this value.
#[test]
fn same_seed_same_bytes() {
    let bytes = text(20_000, 7);
    assert!(bytes == text(20_000, 7));
    assert!(bytes != text(20_000, 8));
    let hash = Sha256::digest(&bytes)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
    assert_eq!(
        hash,
        "48411c777b344b277b0a757dc276dd18fa0bc2540bc19b863f2d1d0ee2d937fe"
    );
}

#[test]
fn exactly_as_many_events_as_asked_for() {
    for events in [0, 1, 2, 24, 1000, 30_000] {
        let records = records(&text(events, 3));
        assert_eq!(records.len() as u64, events);
        // A live tail follows without a gap.
        let newest = records.iter().map(time).max().unwrap_or(END);
        assert!(
            events < 1000 || END - newest < 2 * HOUR,
            "{events} events end too early"
        );
    }
}

#[test]
fn records_have_the_documented_fields_and_times() {
    let logged: HashSet<&str> = CATALOGUE
        .fields()
        .iter()
        .filter(|f| f.kind == FieldKind::Logged)
        .map(|f| f.name.as_str())
        .collect();
    let mut seen = HashSet::new();
    let mut newest = 0;
    let lines = text(20_000, 7);
    for record in records(&lines) {
        let at = time(&record);
        assert!((END - 24 * HOUR..END).contains(&at));
        assert!(at > newest - DELAY, "later than delivery may be");
        newest = newest.max(at);
        assert_eq!(get(&record, "__time__"), (at / SECOND).to_string());
        assert_eq!(
            get(&record, "time").len(),
            "2024-04-12T16:58:30.855892463+08:00".len()
        );
        assert_eq!(
            get(&record, "namespace_repo"),
            format!("{}/{}", get(&record, "namespace"), get(&record, "repo"))
        );
        let id = get(&record, "http_request_id");
        assert!(id.len() == 36 && id.as_bytes()[14] == b'4', "{id}");
        seen.extend(record.into_iter().map(|(key, _)| key));
    }
    let unknown: Vec<_> = seen
        .iter()
        .filter(|key| !logged.contains(key.as_str()) && !key.starts_with("__"))
        .collect();
    assert_eq!(unknown, ["artifact_type"], "one unknown field, seldom");
    assert!(logged.iter().all(|key| seen.contains(*key)));
    assert!(newest > END - 10 * MINUTE, "the history reaches its end");
}

#[test]
fn every_kind_of_event_is_there() {
    let records = records(&text(60_000, 7));
    let count = |key: &str, value: &str| records.iter().filter(|r| get(r, key) == value).count();
    for status in [
        "200", "201", "202", "307", "401", "403", "404", "429", "503",
    ] {
        assert!(count("http_response_status", status) > 5, "status {status}");
    }
    for (key, value) in [
        ("action", "GetImageManifest"),
        ("action", "GetBlob"),
        ("action", "PutImageManifest"),
        ("action", "DeleteTag"),
        ("action", "GetTags"),
        ("user_identity_user_type", "root-account"),
        ("user_identity_user_type", "ram-user"),
        ("user_identity_user_type", "assumed-role"),
        ("user_identity_player_account_id", "1748220000000017"),
        ("tag", "-"),
        ("tag", "null"),
        ("user_name", "王小明@acme"),
    ] {
        assert!(count(key, value) > 0, "{key} {value}");
    }
    assert!(
        records.iter().any(|r| r.get("tag").is_none())
            && records.iter().any(|r| r.get("tag") == Some(&"".into()))
    );
    assert!(
        records
            .iter()
            .any(|r| get(r, "http_request_remoteaddr").starts_with("[2001:db8:"))
    );
    let blobs = records.iter().filter(|r| get(r, "action") == "GetBlob");
    assert!(
        blobs.clone().all(|r| get(r, "blob_digest").len() == 71),
        "sha256 and 64 digits"
    );
}

#[test]
fn layers_follow_their_manifest() {
    let mut records = records(&text(30_000, 7));
    records.sort_by_key(time);
    let mut manifests = HashMap::new();
    for record in &records {
        let who = [
            "user_identity_principal_id",
            "http_request_useragent",
            "namespace_repo",
            "instance_id",
        ]
        .map(|key| get(record, key).to_owned());
        match get(record, "action") {
            "GetImageManifest" => {
                manifests.insert(who, time(record));
            }
            "GetBlob" => {
                let manifest = manifests
                    .get(&who)
                    .expect("a manifest by the same caller comes first");
                assert!(time(record) - manifest < 15 * SECOND);
            }
            _ => {}
        }
    }
}

#[test]
fn incident_can_be_found() {
    let mut records = records(&text(60_000, 7));
    records.sort_by_key(time);
    let from = |r: &&Record| get(r, "http_request_remoteaddr") == "203.0.113.66";
    let trace: Vec<&Record> = records.iter().filter(from).collect();
    let steps: Vec<(&str, &str)> = trace
        .iter()
        .map(|r| (get(r, "action"), get(r, "http_response_status")))
        .collect();
    let first = |step| {
        steps
            .iter()
            .position(|s| *s == step)
            .expect("a step of the incident")
    };
    assert!(
        steps[..64].iter().all(|s| s.1 == "401"),
        "guesses come first"
    );
    assert!(first(("GetImageManifest", "200")) > 64);
    let push = first(("PutImageManifest", "201"));
    assert!(push < first(("DeleteTag", "202")));

    let same_image = |r: &&Record| {
        ["instance_id", "namespace_repo", "tag"]
            .iter()
            .all(|key| get(r, key) == get(trace[push], key))
    };
    let pushes: Vec<&Record> = records
        .iter()
        .filter(|r| {
            get(r, "action") == "PutImageManifest" && get(r, "http_response_status") == "201"
        })
        .filter(same_image)
        .collect();
    assert_eq!(pushes.len(), 2, "the release and the overwriting");
    assert_ne!(
        get(pushes[0], "http_request_remoteaddr"),
        get(pushes[1], "http_request_remoteaddr")
    );
    assert_eq!(get(pushes[0], "user_name"), get(pushes[1], "user_name"));
    let later = |r: &&Record| get(r, "action") == "GetImageManifest" && time(r) > time(trace[push]);
    let victims: HashSet<&str> = records
        .iter()
        .filter(same_image)
        .filter(later)
        .map(|r| get(r, "http_request_remoteaddr"))
        .collect();
    assert!(victims.len() >= 30, "{} nodes pulled it", victims.len());
}

#[test]
fn live_events_come_at_their_rate_and_in_their_time() {
    let mut generator = Generator::live(7, END, 50);
    let mut out = Vec::new();
    let mut due = Vec::new();
    for _ in 0..6000 {
        due.push(generator.due().expect("a live tail does not end"));
        assert!(generator.next_into(&mut out));
    }
    assert!(due.is_sorted());
    let seconds = (due[5999] - due[0]) / SECOND;
    assert!(
        (90..150).contains(&seconds),
        "6000 events at 50 a second took {seconds} s"
    );
    for (record, due) in records(&out).iter().zip(due) {
        assert!((due - DELAY..=due).contains(&time(record)));
    }
}

#[tokio::test]
async fn task_plays_history_then_live_until_it_is_stopped() {
    let (feed, mut from, stop) = Feed::new(4);
    let settings = Settings {
        events: 3000,
        rate: 1000,
        seed: 7,
        now: END,
    };
    let task = tokio::spawn(run(feed, settings));
    let mut history = Vec::new();
    let mut next = 0;
    assert!(matches!(
        from.recv().await,
        Some(Delivery::State(SourceState::Loading))
    ));
    loop {
        match from.recv().await.expect("the task is running") {
            Delivery::Block(Block { bytes, offset, .. }) => {
                assert_eq!(offset, next);
                next += bytes.len() as u64;
                history.extend_from_slice(&bytes);
            }
            Delivery::State(state) => break assert_eq!(state, SourceState::Live),
            other => panic!("unexpected {other:?}"),
        }
    }
    assert!(history == text(3000, 7));
    let Some(Delivery::Block(Block { bytes, offset, .. })) = from.recv().await else {
        panic!("live events follow")
    };
    assert_eq!(offset, next);
    assert!(records(&bytes).iter().all(|record| time(record) >= END));
    stop.send(true).expect("the task is running");
    while from.recv().await.is_some() {}
    task.await.expect("the task ends by itself");
}

#[tokio::test]
async fn task_without_a_rate_is_done_after_its_history() {
    let (feed, mut from, _stop) = Feed::new(4);
    let task = tokio::spawn(run(
        feed,
        Settings {
            events: 10,
            rate: 0,
            seed: 7,
            now: END,
        },
    ));
    let mut last = None;
    while let Some(delivery) = from.recv().await {
        last = Some(delivery);
    }
    assert!(matches!(last, Some(Delivery::State(SourceState::Done))));
    task.await.expect("the task ends by itself");
}

/// Prints the speed for `cargo test --release --lib demo::tests::speed -- --nocapture`; asserts no time.
#[test]
fn speed() {
    const EVENTS: u64 = 200_000;
    let mut generator = Generator::new(Config {
        seed: 7,
        events: EVENTS,
        end: END,
    });
    let mut out = Vec::with_capacity(1 << 20);
    let (mut events, mut bytes) = (0, 0);
    let started = Instant::now();
    while generator.next_into(&mut out) {
        events += 1;
        if out.len() > 1 << 18 {
            bytes += out.len();
            out.clear();
        }
    }
    bytes += out.len();
    let took = started.elapsed().as_secs_f64();
    eprintln!(
        "{events} events, {bytes} bytes in {took:.3} s: {:.0} events/s",
        events as f64 / took
    );
    assert_eq!(events, EVENTS);
}

/// Checks the claims of the hints in `app/tour.rs`.
#[test]
fn the_hints_of_the_explorer_lead_to_the_incident() {
    for seed in [1, 2, 7] {
        let records = records(&text(PLAIN_INCIDENT, seed));
        let address = |r: &Record| get(r, "http_request_remoteaddr").to_owned();
        let mut guesses: HashMap<String, usize> = HashMap::new();
        for record in &records {
            if get(record, "http_response_status") == "401" {
                let address = address(record);
                let port = address.rfind(':').filter(|_| address.contains('.'));
                let address = port.map_or(&*address, |at| &address[..at]);
                *guesses.entry(address.to_owned()).or_default() += 1;
            }
        }
        let mut counts: Vec<(usize, &String)> = guesses.iter().map(|(a, n)| (*n, a)).collect();
        counts.sort_unstable();
        let (most, most_from) = counts.pop().expect("there are some");
        let (second, _) = counts.pop().expect("there are more");
        assert_eq!(most_from, ADDRESS);
        assert!(most > 2 * second, "{most} and {second}");
        let is_push = |r: &&Record| {
            address(r) == ADDRESS
                && get(r, "action") == "PutImageManifest"
                && get(r, "http_response_status") == "201"
        };
        let pushes: Vec<&Record> = records.iter().filter(is_push).collect();
        assert_eq!(pushes.len(), 1, "one push is found");
        assert_eq!(get(pushes[0], "namespace_repo"), "payment/payment-gateway");
    }
}
