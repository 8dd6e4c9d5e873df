//! The ceiling of memory: the oldest events go, what is left is whole and answers rightly, and what only they
//! needed does not stay.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crossbeam_channel::{Receiver, unbounded};
use regtrail::engine::{Answer, Ask, Engine, EngineEvent, FacetOrder, FacetWant, Status, Wants};
use regtrail::model::id;
use regtrail::query::{CatalogueNames, Filter, parse};
use regtrail::source::Spec;

/// A record of which hardly any value occurs again.
fn line(n: usize) -> String {
    format!(
        "{{\"time\":\"2024-04-12T{:02}:{:02}:{:02}Z\",\"action\":\"GetBlob\",\"tag\":\"tag-{n}\",\"blob_digest\":\"sha256:{:064x}\",\"n\":\"{n}\"}}\n",
        n / 3600,
        n / 60 % 60,
        n % 60,
        n * 7919,
    )
}

fn lines(numbers: std::ops::Range<usize>) -> String {
    numbers.map(line).collect()
}

struct Bounded {
    engine: Engine,
    events: Receiver<EngineEvent>,
    status: Arc<Status>,
    asked: u64,
}

impl Bounded {
    fn open(path: &Path, memory_limit: u64) -> Self {
        let (to, events) = unbounded();
        let engine = Engine::start_below(Some(memory_limit), move |event| {
            // The test may be over.
            let _ = to.send(event);
        })
        .expect("threads");
        engine.open(Spec::File(path.into()), true);
        Self {
            engine,
            events,
            status: Arc::default(),
            asked: 0,
        }
    }

    /// Waits until so many events were read, held or not.
    fn wait_for(&mut self, count: usize) {
        let read = |status: &Status| status.events + status.evicted.events;
        while read(&self.status) < count as u64 {
            if let EngineEvent::Status(status) = self.events.recv().expect("the engine lives") {
                self.status = status;
            }
        }
        assert_eq!(read(&self.status), count as u64, "none twice");
    }

    /// Matches, and the values of a facet, of a query.
    fn ask(&mut self, text: &str) -> Answer {
        self.asked += 1;
        let query = parse(text, &CatalogueNames::default()).expect("a query");
        let filter = Arc::new(Filter {
            text: text.into(),
            query,
            ..Filter::default()
        });
        let wants = Wants {
            facets: vec![FacetWant {
                field: "n".into(),
                order: FacetOrder::Name,
                limit: usize::MAX,
                find: None,
            }],
            ..Wants::default()
        };
        self.engine.ask(Ask::new(self.asked, filter, wants));
        loop {
            match self.events.recv().expect("the engine lives") {
                EngineEvent::Answer(answer) if answer.complete && answer.id == self.asked => {
                    return *answer;
                }
                EngineEvent::Answer(_) | EngineEvent::Progress { .. } | EngineEvent::Writing(_) => {
                }
                EngineEvent::Status(status) => self.status = status,
            }
        }
    }
}

fn numbers(answer: &Answer) -> BTreeSet<usize> {
    let values = answer.facets[0].values.iter();
    let number = |value: &Option<Arc<str>>| value.as_deref().and_then(|text| text.parse().ok());
    values
        .map(|one| number(&one.value).expect("every record has its number"))
        .collect()
}

#[test]
fn a_log_that_grows_past_the_ceiling_keeps_its_newest_events_and_answers_rightly() {
    const ROUND: usize = 3_000;
    const CEILING: u64 = 2_000_000;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log");
    fs::write(&path, lines(0..ROUND)).expect("written");
    let mut bounded = Bounded::open(&path, CEILING);
    bounded.wait_for(ROUND);
    for round in 1..26 {
        let mut file = OpenOptions::new().append(true).open(&path).expect("there");
        let (from, to) = (round * ROUND, (round + 1) * ROUND);
        file.write_all(lines(from..to).as_bytes()).expect("written");
        bounded.wait_for(to);
        // The answer may come from the moment before.
        let answer = bounded.ask("tag ~ \"7\"");
        let held = bounded.engine.snapshot().events as usize;
        let wanted: BTreeSet<usize> = (to - held..to)
            .filter(|n| n.to_string().contains('7'))
            .collect();
        assert_eq!(numbers(&answer), wanted, "round {round}");
    }
    let status = bounded.status.clone();
    assert!(status.memory <= CEILING, "{status:?}");
    assert!(status.events > 5_000, "{status:?}");
    // A second a record: whole from the one after the newest that went.
    let last_gone = status.evicted.newest.expect("they had times") / 1_000_000_000;
    let (oldest, _) = status.span.expect("events");
    assert_eq!(oldest / 1_000_000_000, last_gone + 1);
    let values = bounded.engine.snapshot().vocabulary.values(id::TAG).len();
    assert!(
        u64::from(values) < status.events * 3,
        "{values} values of {} events: what was let go stayed",
        status.events
    );
}

#[test]
fn a_file_larger_than_the_ceiling_is_counted_whole_and_said_to_be_held_in_part() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log");
    // Larger than the piece that is read first, so that the newest come before the rest.
    fs::write(&path, lines(0..80_000)).expect("written");
    let run = |memory_limit: &str| {
        Command::new(env!("CARGO_BIN_EXE_regtrail"))
            .args([
                "query",
                "--count",
                "-o",
                "json",
                "--max-memory",
                memory_limit,
            ])
            .arg(&path)
            .output()
            .expect("it runs")
    };
    let all = run("1GiB");
    let text = String::from_utf8(all.stdout).expect("text");
    assert!(
        text.contains("\"total\":80000") && text.contains("\"complete\":true"),
        "{text}"
    );
    let part = run("4MB");
    let (text, reported) = (
        String::from_utf8(part.stdout).expect("text"),
        String::from_utf8(part.stderr).expect("text"),
    );
    assert_eq!(part.status.code(), Some(0));
    assert!(text.contains("\"complete\":false"), "{text}");
    assert!(
        reported.contains("--max-memory; data is complete from 2024-04-12T"),
        "{reported}"
    );
    let wrong = run("plenty");
    assert_eq!(wrong.status.code(), Some(2));
}
