//! Files written by the engine: the right events in the right order, and nothing of a file that was stopped.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;

use crossbeam_channel::{Receiver, Sender, unbounded};
use regtrail::engine::{
    Ask, Engine, EngineEvent, GroupOrder, GroupWant, Noted, ReportWords, Sort, SourceState, Wants,
    WriteContent, WriteStep, WriteTable, WriteWant,
};
use regtrail::export::{Cell, groups};
use regtrail::model::EventKey;
use regtrail::model::zone::Zone;
use regtrail::query::{Filter, PickState};
use regtrail::source::{Spec, demo};

/// An engine that has loaded some events of a file in a directory of its own.
struct Loaded {
    directory: tempfile::TempDir,
    engine: Engine,
    events: Receiver<EngineEvent>,
    /// Raised: the engine waits with every word on a file until it is told to go on.
    waits: Arc<Mutex<Option<Receiver<()>>>>,
}

impl Loaded {
    fn new(events: u64) -> Self {
        let mut log = Vec::new();
        demo::write(events, 3, 1_785_542_400_000_000_000, &mut log).expect("written");
        Self::of(&log)
    }

    fn of(text: &[u8]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let log = directory.path().join("audit.ndjson");
        std::fs::write(&log, text).expect("a file");
        let (to, events) = unbounded();
        let waits: Arc<Mutex<Option<Receiver<()>>>> = Arc::default();
        let waiting = waits.clone();
        let engine = Engine::start(move |event| {
            let is_writing = matches!(event, EngineEvent::Writing(_));
            // The test may be over.
            let _ = to.send(event);
            let go_on = waiting.lock().expect("no panic before").clone();
            if let Some(go_on) = go_on.filter(|_| is_writing) {
                let _ = go_on.recv();
            }
        })
        .expect("threads");
        engine.open(Spec::File(log), false);
        let loaded = Self {
            directory,
            engine,
            events,
            waits,
        };
        loaded.wait(|event| match event {
            EngineEvent::Status(status) => {
                let mut sources = status.sources.iter();
                sources
                    .any(|source| source.state == SourceState::Done)
                    .then_some(())
            }
            _ => None,
        });
        loaded
    }

    fn wait<T>(&self, wanted: impl Fn(&EngineEvent) -> Option<T>) -> T {
        loop {
            let event = self.events.recv().expect("the engine lives");
            if let Some(found) = wanted(&event) {
                return found;
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Files there are beside the log.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.directory.path()).expect("there");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("readable").file_name();
        let names = entries.map(|entry| name(entry).to_string_lossy().into_owned());
        names.filter(|name| name != "audit.ndjson").collect()
    }

    /// Makes the engine wait with every word on a file.
    fn hold(&self) -> Sender<()> {
        let (go_on, held) = unbounded();
        *self.waits.lock().expect("no panic before") = Some(held);
        go_on
    }

    fn next(&self) -> WriteStep {
        self.wait(|event| match event {
            EngineEvent::Writing(news) => Some(news.step.clone()),
            _ => None,
        })
    }

    /// How writing ends.
    fn end(&self) -> WriteStep {
        loop {
            match self.next() {
                WriteStep::Begun | WriteStep::Done(_) => {}
                end => return end,
            }
        }
    }

    fn write(&self, want: WriteWant) -> WriteStep {
        self.engine.write(want);
        self.end()
    }
}

fn want(path: &Path, format: &'static str, filter: Filter) -> WriteWant {
    WriteWant {
        id: 1,
        path: path.to_owned(),
        overwrite: false,
        filter: Arc::new(filter),
        order: None,
        zone: Zone::Utc,
        marked: Vec::new(),
        content: WriteContent::Events {
            format,
            columns: ["time", "action", "user"].map(str::to_owned).to_vec(),
            title: "deletes".into(),
            marked: false,
        },
    }
}

fn deletes() -> Filter {
    let mut filter = Filter::default();
    filter.set("action", &Some("DeleteTag".into()), PickState::Include);
    filter
}

/// The records of the log that are deletes, in their order.
fn records(loaded: &Loaded) -> Vec<String> {
    let log = std::fs::read_to_string(loaded.path("audit.ndjson")).expect("there");
    let of = |line: &&str| line.contains(r#""action":"DeleteTag""#);
    let mut lines: Vec<String> = log.lines().filter(of).map(str::to_owned).collect();
    let time = |line: &String| {
        let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
        record["time"].as_str().expect("a time").to_owned()
    };
    lines.sort_by_key(time);
    lines
}

#[test]
fn records_are_written_as_they_were_read_and_in_their_order() {
    let loaded = Loaded::new(6_000);
    let records = records(&loaded);
    let path = loaded.path("deletes.raw");
    let end = loaded.write(want(&path, "raw", deletes()));
    let text = std::fs::read_to_string(&path).expect("written");
    assert_eq!(
        end,
        WriteStep::Written {
            events: records.len() as u64,
            bytes: text.len() as u64,
            missing: 0
        }
    );
    assert!(!records.is_empty());
    assert_eq!(text.lines().collect::<Vec<_>>(), records);
    let path = loaded.path("deletes.json");
    loaded.write(want(&path, "json", deletes()));
    let array: Vec<serde_json::Value> =
        serde_json::from_slice(&std::fs::read(&path).expect("written")).expect("an array");
    assert_eq!(array.len(), records.len());
}

#[test]
fn tables_have_the_order_of_the_list_and_the_notes() {
    let loaded = Loaded::new(6_000);
    let records = records(&loaded);
    let record: serde_json::Value = serde_json::from_str(&records[1]).expect("JSON");
    let text = |name: &str| record[name].as_str().expect("a text");
    let (time, _) = regtrail::model::time::parse(text("time").as_bytes()).expect("a time");
    let noted = |request: &str| Noted {
        key: EventKey {
            time: Some(time),
            request: request.into(),
        },
        id: None,
        note: "why?".into(),
    };
    let path = loaded.path("by-user.csv");
    let sorted = WriteWant {
        order: Some(Sort {
            field: "user".into(),
            descending: true,
        }),
        marked: vec![noted(text("http_request_id")), noted("of another log")],
        ..want(&path, "csv", deletes())
    };
    loaded.write(sorted.clone());
    let written = std::fs::read_to_string(&path).expect("written");
    let mut lines = written.lines();
    assert_eq!(lines.next(), Some("time,action,user,note"));
    let users: Vec<&str> = lines
        .map(|line| line.split(',').nth(2).expect("a user"))
        .collect();
    assert_eq!(users.len(), records.len());
    assert!(
        users.is_sorted_by(|a, b| a >= b || b.is_empty()),
        "{users:?}"
    );
    let has_note = |line: &&str| line.ends_with(",why?");
    let noted: Vec<&str> = written.lines().filter(has_note).collect();
    assert!(
        noted.len() == 1 && noted[0].starts_with(text("time")),
        "{noted:?}"
    );
    // Only the marked ones: whatever the filter hides, and told what is not there.
    let path = loaded.path("marked.md");
    let mut marked = WriteWant {
        path: path.clone(),
        filter: Arc::new(Filter {
            text: "nothing".into(),
            query: regtrail::query::parse(
                "user:nobody",
                &regtrail::query::CatalogueNames::default(),
            )
            .expect("reads"),
            ..Filter::default()
        }),
        ..sorted
    };
    marked.content = WriteContent::Events {
        format: "markdown",
        columns: vec!["action".into()],
        title: "Marked | events".into(),
        marked: true,
    };
    let end = loaded.write(marked);
    assert!(
        matches!(
            end,
            WriteStep::Written {
                events: 1,
                missing: 1,
                ..
            }
        ),
        "{end:?}"
    );
    let written = std::fs::read_to_string(&path).expect("written");
    assert_eq!(
        written,
        "### Marked \\| events\n\n| action | note |\n|---|---|\n| DeleteTag | why? |\n\n"
    );
}

#[test]
fn a_table_that_is_loaded_in_part_is_written_whole_and_without_formulas() {
    let loaded = Loaded::new(6_000);
    let by_action = |facet| GroupWant {
        fields: vec!["action".into()],
        order: GroupOrder::Count,
        ascending: false,
        limit: 1,
        bins: 0,
        facet,
    };
    let table = |name: &str, whole, rows| {
        let table = WriteTable {
            format: "csv",
            title: "by action".into(),
            headings: match &whole {
                Some(_) => groups::headings(&["action".into()]),
                None => vec!["action".into(), "events".into()],
            },
            rows,
            whole,
        };
        let path = loaded.path(name);
        let end = loaded.write(WriteWant {
            content: WriteContent::Table(Arc::new(table)),
            ..want(&path, "csv", deletes())
        });
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        (end, written)
    };
    let (end, written) = table("all.csv", Some(by_action(true)), Vec::new());
    let rows = (written.lines().count() as u64).saturating_sub(1);
    assert!(rows > 3, "a facet ignores its own picks: {written}{end:?}");
    assert!(
        matches!(end, WriteStep::Written { events, .. } if events == rows),
        "{end:?}"
    );
    let (_, written) = table("picked.csv", Some(by_action(false)), Vec::new());
    assert!(
        written
            .lines()
            .nth(1)
            .expect("a row")
            .starts_with("DeleteTag,")
    );
    assert_eq!(written.lines().count(), 2, "{written}");
    let formula = vec![Cell::Text("=1+1".into()), Cell::Number(1)];
    let (_, written) = table("formula.csv", None, vec![formula]);
    assert_eq!(written, "action,events\n'=1+1,1\n");
}

#[test]
fn a_report_counts_what_the_filter_matches() {
    let loaded = Loaded::new(6_000);
    let records = records(&loaded);
    let path = loaded.path("x.report.md");
    let report = WriteWant {
        content: WriteContent::Report(ReportWords {
            title: "Audit report: audit.ndjson".into(),
            command: "regtrail audit.ndjson --action=DeleteTag".into(),
            ..ReportWords::default()
        }),
        ..want(&path, "markdown", deletes())
    };
    loaded.write(report);
    let written = std::fs::read_to_string(&path).expect("written");
    let counts = format!("| DeleteTag | {} |", records.len());
    assert!(written.contains(&counts), "{counts}\n{written}");
    assert!(written.contains("```sh\nregtrail audit.ndjson --action=DeleteTag\n```"));
    let bars = written
        .split("```text\n")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next());
    let count = |line: &str| {
        line.split_whitespace()
            .find_map(|word| word.parse::<u64>().ok())
    };
    let sum: u64 = bars.expect("bars").lines().filter_map(count).sum();
    assert_eq!(sum, records.len() as u64, "{written}");
    assert!(written.ends_with("## Marked events\n\nNone.\n"));
}

/// A manifest pushed, pulled by two from three addresses, overwritten, and pulled by a third.
const PUSHED: &str = r#"
{"time":"2024-04-12T08:00:00Z","action":"GetImageManifest","namespace_repo":"pay/gw","tag":"v1","http_response_status":"200","user_type":"ram-user","user_name":"early","http_request_remoteaddr":"10.0.0.1:5"}
{"time":"2024-04-12T09:00:00.5Z","action":"PutImageManifest","namespace_repo":"pay/gw","tag":"v1","http_response_status":"201","user_type":"ram-user","user_name":"pusher","http_request_remoteaddr":"203.0.113.9:5"}
{"time":"2024-04-12T09:10:00Z","action":"GetImageManifest","namespace_repo":"pay/gw","tag":"v1","http_response_status":"200","user_type":"ram-user","user_name":"ann","http_request_remoteaddr":"10.0.0.2:5"}
{"time":"2024-04-12T09:20:00Z","action":"GetImageManifest","namespace_repo":"pay/gw","tag":"v1","http_response_status":"200","user_type":"ram-user","user_name":"ann","http_request_remoteaddr":"10.0.0.3:5"}
{"time":"2024-04-12T09:25:00Z","action":"GetImageManifest","namespace_repo":"pay/gw","tag":"v1","http_response_status":"403","user_type":"ram-user","user_name":"bob","http_request_remoteaddr":"10.0.0.4:5"}
{"time":"2024-04-12T09:30:00Z","action":"GetImageManifest","namespace_repo":"pay/gw","tag":"v1","http_response_status":"200","user_type":"ram-user","user_name":"bob","http_request_remoteaddr":"10.0.0.4:5"}
{"time":"2024-04-12T10:00:00Z","action":"PutImageManifest","namespace_repo":"pay/gw","tag":"v1","http_response_status":"201","user_type":"ram-user","user_name":"ci","http_request_remoteaddr":"10.0.0.9:5"}
{"time":"2024-04-12T11:00:00Z","action":"GetImageManifest","namespace_repo":"pay/gw","tag":"v1","http_response_status":"200","user_type":"ram-user","user_name":"late","http_request_remoteaddr":"10.0.0.5:5"}
"#;

/// The report on the events of the log above that a filter matches.
fn report_on(query: &str) -> String {
    let loaded = Loaded::of(PUSHED.trim_start().as_bytes());
    let query = regtrail::query::parse(query, &regtrail::query::CatalogueNames::default());
    let query = query.expect("reads");
    let filter = Filter {
        text: regtrail::query::format(&query),
        query,
        ..Filter::default()
    };
    let path = loaded.path("x.report.md");
    let words = ReportWords {
        sources: vec![
            loaded.path("audit.ndjson").display().to_string(),
            "sls://elsewhere".into(),
        ],
        ..ReportWords::default()
    };
    loaded.write(WriteWant {
        content: WriteContent::Report(words),
        ..want(&path, "markdown", filter)
    });
    std::fs::read_to_string(&path).expect("written")
}

/// A section of a report.
fn section<'a>(report: &'a str, title: &str) -> Option<&'a str> {
    let (_, rest) = report.split_once(&format!("## {title}\n"))?;
    Some(rest.split("\n## ").next().expect("at least one part"))
}

#[test]
fn a_report_on_a_push_lists_who_pulled_the_version_until_it_was_overwritten() {
    let report = report_on("user:pusher");
    let exposure = section(&report, "Exposure").expect("a push is in the scope");
    let title = "pay/gw:v1 · pushed 2024-04-12T09:00:00Z by user/pusher from 203.0.113.9, live until \
                 2024-04-12T10:00:00Z · 3 pulls by 2 users from 3 addresses";
    assert!(exposure.contains(title), "{exposure}");
    let row = "| user/bob | 10.0.0.4 | - | 1 | 1 | 2024-04-12T09:25:00Z | 2024-04-12T09:30:00Z |";
    assert!(exposure.contains(row), "{exposure}");
    assert_eq!(exposure.matches("| user/ann |").count(), 2, "{exposure}");
    let others = exposure.contains("early") || exposure.contains("late");
    assert!(!others, "{exposure}");
}

#[test]
fn a_report_on_an_image_lists_all_its_pulls_and_one_on_anything_else_none() {
    // Without a push, all pulls of the image in the filter count.
    let report = report_on("tag:v1 action:GetImageManifest user:ann");
    let exposure = section(&report, "Exposure").expect("the filter names an image");
    assert!(
        exposure.contains("all loaded data · 5 pulls by 4 users from 5 addresses"),
        "{exposure}"
    );
    assert!(
        exposure.contains("early") && exposure.contains("late"),
        "{exposure}"
    );
    let report = report_on("user:ann");
    assert_eq!(section(&report, "Exposure"), None);
}

#[test]
fn a_report_has_its_input_files_with_hashes_and_few_events_in_full() {
    use sha2::Digest as _;

    let report = report_on("user:ann");
    let inputs = section(&report, "Input files").expect("a file");
    let log = PUSHED.trim_start();
    let sum = sha2::Sha256::digest(log.as_bytes());
    let sum = sum.iter().map(|byte| format!("{byte:02x}"));
    let sum: String = sum.collect();
    let row = format!("audit.ndjson | {} | {sum} |", log.len());
    assert!(inputs.contains(&row), "{row}: {inputs}");
    assert!(!inputs.contains("elsewhere"), "no file");
    let events = section(&report, "Events").expect("two events");
    assert_eq!(events.matches("GetImageManifest").count(), 2, "{events}");
    // Every pair of user and address has its first and last time, to the second.
    let counts = section(&report, "Counts").expect("counts");
    let pair = "| user/ann | 10.0.0.2 | 1 | 0 | 2024-04-12T09:10:00Z | 2024-04-12T09:10:00Z |";
    assert!(counts.contains(pair), "{counts}");
    assert!(counts.contains("### Users: 1\n"), "{counts}");
}

#[test]
fn what_is_stopped_leaves_nothing_whatever_it_was_at() {
    let loaded = Loaded::new(20_000);
    for (format, order) in [
        ("ndjson", None),
        ("table", None),
        ("markdown", None),
        ("csv", Some("user")),
        ("json", None),
    ] {
        let go_on = loaded.hold();
        loaded.engine.write(WriteWant {
            order: order.map(|field| Sort {
                field: field.into(),
                descending: false,
            }),
            ..want(&loaded.path("x.out"), format, Filter::default())
        });
        assert_eq!(loaded.next(), WriteStep::Begun);
        loaded.engine.stop_writing();
        drop(go_on);
        assert_eq!(loaded.end(), WriteStep::Stopped, "{format}");
        assert!(loaded.names().is_empty(), "{:?}", loaded.names());
    }
}

#[test]
fn leaving_in_the_middle_of_a_file_leaves_nothing_of_it() {
    let loaded = Loaded::new(20_000);
    let go_on = loaded.hold();
    loaded
        .engine
        .write(want(&loaded.path("x.csv"), "csv", Filter::default()));
    assert_eq!(loaded.next(), WriteStep::Begun);
    assert_eq!(loaded.names().len(), 1, "the part that is written");
    let Loaded {
        directory, engine, ..
    } = loaded;
    // The end has begun before the file goes on.
    engine.stop_writing();
    drop(go_on);
    drop(engine);
    assert_eq!(
        std::fs::read_dir(directory.path()).expect("there").count(),
        1,
        "the log"
    );
}

/// What comes in while a person looks at the screen is not what they saw and wanted.
#[test]
fn what_is_written_is_what_was_answered_last() {
    let loaded = Loaded::new(3_000);
    let ask = Ask::new(1, Arc::default(), Wants::default());
    loaded.engine.ask(ask);
    let seen = loaded.wait(|event| match event {
        EngineEvent::Answer(answer) if answer.complete => Some(answer.total),
        _ => None,
    });
    let more = loaded.path("more.ndjson");
    let mut file = std::fs::File::create(&more).expect("a file");
    demo::write(500, 4, 1_785_542_400_000_000_000, &mut file).expect("written");
    loaded.engine.open(Spec::File(more), false);
    loaded.wait(|event| match event {
        EngineEvent::Status(status) => (status.events == seen + 500).then_some(()),
        _ => None,
    });
    let end = loaded.write(want(&loaded.path("x.csv"), "csv", Filter::default()));
    assert!(
        matches!(end, WriteStep::Written { events, .. } if events == seen),
        "{end:?}"
    );
}
