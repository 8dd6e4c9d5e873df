//! The engine on files that grow, are rotated, truncated, deleted and made again: everything that is written
//! arrives once, and soon.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};
use regtrail::aggregate::{Anchor, Matches, Planner, Without, window};
use regtrail::engine::{
    Ask, Engine, EngineEvent, HistogramWant, SourceAction, SourceState, Status, Wants,
};
use regtrail::query::Filter;
use regtrail::source::Spec;
use tempfile::TempDir;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// From the write to the news of it, in the median of some tries.
const SOON: Duration = Duration::from_millis(200);

pub(crate) struct Following {
    pub(crate) engine: Engine,
    events: Receiver<EngineEvent>,
    pub(crate) status: Arc<Status>,
    directory: TempDir,
}

/// The record with this number: times grow with it.
pub(crate) fn line(n: usize) -> String {
    let (second, minute) = (n % 60, n / 60);
    format!(
        "{{\"time\":\"2024-04-12T16:{minute:02}:{second:02}+08:00\",\"action\":\"GetBlob\",\"n\":\"{n}\"}}\n"
    )
}

pub(crate) fn lines(numbers: impl IntoIterator<Item = usize>) -> String {
    numbers.into_iter().map(line).collect()
}

impl Following {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let (to, events) = unbounded();
        let engine = Engine::start(move |event| {
            let _ = to.send(event);
        })
        .expect("threads");
        Self {
            engine,
            events,
            status: Arc::default(),
            directory,
        }
    }

    /// An engine that follows these files, the first records of which it has read.
    pub(crate) fn start(files: &[(&str, String)]) -> Self {
        let mut following = Self::new();
        for (name, content) in files {
            fs::write(following.path(name), content).expect("written");
            following
                .engine
                .open(Spec::File(following.path(name)), true);
        }
        let count = files.len();
        following.wait(|status| {
            status.sources.len() == count
                && status.sources.iter().all(|s| s.state == SourceState::Live)
        });
        following
    }

    /// An engine that follows one source made from the directory in which these files lie.
    pub(crate) fn over(files: &[(&str, String)], spec: impl Fn(&Path) -> Spec) -> Self {
        let following = Self::new();
        for (name, content) in files {
            fs::write(following.path(name), content).expect("written");
        }
        following
            .engine
            .open(spec(following.directory.path()), true);
        following
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn append(&self, name: &str, text: &str) {
        let mut file = OpenOptions::new()
            .append(true)
            .open(self.path(name))
            .expect("it is there");
        file.write_all(text.as_bytes()).expect("written");
    }

    pub(crate) fn wait(&mut self, wanted: impl Fn(&Status) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !wanted(&self.status) {
            match self.events.recv_deadline(end) {
                Ok(EngineEvent::Status(status)) => self.status = status,
                Ok(
                    EngineEvent::Answer(_) | EngineEvent::Progress { .. } | EngineEvent::Writing(_),
                ) => {}
                Err(error) => panic!("{error}: {:#?}", self.status),
            }
        }
    }

    pub(crate) fn wait_for_events(&mut self, count: usize) {
        self.wait(|status| status.events >= count as u64);
    }

    /// Numbers of all records, in order.
    fn numbers(&self) -> Vec<usize> {
        let snapshot = self.engine.snapshot();
        let plan = Planner::default().plan(&Filter::default(), &snapshot);
        let matches = Matches::all(&snapshot, &plan, Without::Nothing);
        let places = window(
            &snapshot,
            &matches,
            Anchor::Oldest,
            0,
            matches.matched as usize,
        )
        .places;
        let field = snapshot.vocabulary.field("n").expect("in every record");
        places
            .iter()
            .map(|place| {
                snapshot
                    .value(*place, field)
                    .expect("a value")
                    .parse()
                    .expect("a number")
            })
            .collect()
    }

    /// Everything up to `count` is there, once, in order, and nothing was unreadable.
    pub(crate) fn assert_whole(&mut self, count: usize) {
        self.wait_for_events(count);
        assert_eq!(self.numbers(), (0..count).collect::<Vec<_>>());
        assert_eq!(self.status.defects, 0, "{:?}", self.engine.defects());
    }

    /// Waits for a mark that begins like this.
    pub(crate) fn wait_for_mark(&mut self, start: &str, count: usize) {
        let engine = &self.engine;
        let marks = || {
            engine
                .snapshot()
                .marks
                .iter()
                .filter(|mark| mark.text.starts_with(start))
                .count()
        };
        let end = Instant::now() + PATIENCE;
        while marks() < count {
            let event = self.events.recv_deadline(end);
            if let EngineEvent::Status(status) = event.expect("a mark in time") {
                self.status = status;
            }
        }
        assert_eq!(marks(), count);
    }
}

#[test]
fn appended_lines_arrive_soon() {
    let mut following = Following::start(&[("a", lines(0..100))]);
    let mut took = Vec::new();
    for n in 100..111 {
        let start = Instant::now();
        following.append("a", &line(n));
        following.wait_for_events(n + 1);
        took.push(start.elapsed());
    }
    took.sort_unstable();
    assert!(took[took.len() / 2] < SOON, "{took:?}");
    following.append("a", &lines(111..2000));
    following.assert_whole(2000);
    assert!(following.status.is_live() && !following.status.is_loading());
}

#[test]
fn half_a_line_waits_for_its_end() {
    let mut following = Following::start(&[("a", line(0)), ("b", String::new())]);
    let mut next = 1;
    for cut in [1, 30, 60] {
        let text = line(next);
        following.append("a", &text[..cut]);
        // The other file lies in the same directory: when its line is there, the half was seen as well.
        following.append("b", &line(next + 1));
        following.wait_for_events(next + 1);
        assert!(
            !following.numbers().contains(&next),
            "half a record is no record"
        );
        following.append("a", &text[cut..]);
        following.wait_for_events(next + 2);
        next += 2;
    }
    following.assert_whole(next);
}

#[test]
fn half_a_line_at_the_start_is_finished_later() {
    let text = line(1);
    let mut following = Following::start(&[("a", line(0) + &text[..40])]);
    assert_eq!(following.numbers(), [0]);
    following.append("a", &text[40..]);
    following.assert_whole(2);
}

#[test]
fn an_empty_file_begins_to_grow() {
    let mut following = Following::start(&[("a", String::new())]);
    following.append("a", &lines(0..3));
    following.assert_whole(3);
}

#[test]
fn rotation_by_rename_loses_and_doubles_nothing() {
    let mut following = Following::start(&[("a", lines(0..10))]);
    let mut next = 10;
    for turn in 1..=3 {
        let mut old = OpenOptions::new()
            .append(true)
            .open(following.path("a"))
            .expect("it is there");
        following.append("a", &lines(next..next + 5));
        fs::rename(following.path("a"), following.path(&format!("a.{turn}"))).expect("renamed");
        // Whoever writes still has the old file open for a moment.
        old.write_all(lines(next + 5..next + 7).as_bytes())
            .expect("written");
        fs::write(following.path("a"), lines(next + 7..next + 9)).expect("written");
        following.append("a", &line(next + 9));
        next += 10;
        following.wait_for_events(next);
        following.wait_for_mark("rotated", turn);
    }
    following.assert_whole(next);
    assert!(
        following.status.sources[0].note.starts_with("rotated"),
        "{}",
        following.status.sources[0].note
    );
}

#[test]
fn truncation_in_place_is_picked_up() {
    let mut following = Following::start(&[("a", lines(0..10))]);
    // As copytruncate does it: emptied, then written on by whoever appends.
    fs::copy(following.path("a"), following.path("a.1")).expect("copied");
    File::options()
        .write(true)
        .open(following.path("a"))
        .expect("it is there")
        .set_len(0)
        .expect("emptied");
    following.append("a", &lines(10..12));
    following.wait_for_events(12);
    following.wait_for_mark("truncated", 1);
    following.append("a", &line(12));
    following.assert_whole(13);
    // Written anew in one go, and longer than before: only the first line tells.
    fs::write(following.path("a"), lines(13..200)).expect("written");
    following.wait_for_events(200);
    following.wait_for_mark("truncated", 2);
    following.assert_whole(200);
}

#[test]
fn a_deleted_file_is_awaited() {
    let mut following = Following::start(&[("a", lines(0..10))]);
    for next in [10, 20] {
        fs::remove_file(following.path("a")).expect("deleted");
        following.wait(|status| {
            status.sources[0]
                .note
                .contains("deleted, waiting for it to return")
        });
        let state = SourceState::Missing {
            why: "deleted".into(),
        };
        following.wait(|status| status.sources[0].state == state);
        assert!(!following.status.is_live() && following.status.sources[0].whole);
        fs::write(following.path("a"), lines(next..next + 10)).expect("written");
        following.wait_for_events(next + 10);
        following.wait(Status::is_live);
    }
    following.assert_whole(30);
    following.wait_for_mark("rotated", 2);
}

#[test]
fn a_source_is_held_and_let_go_and_stopped_on_its_own() {
    let mut following = Following::start(&[("a", lines(0..10)), ("b", lines(10..20))]);
    following.engine.act(0, SourceAction::Pause);
    following.wait(|status| status.sources[0].state == SourceState::Paused);
    following.append("a", &lines(20..25));
    // The other one goes on: when its events are there, those of the first have had their time.
    following.append("b", &lines(25..30));
    following.wait(|status| status.sources[1].events == 15);
    assert_eq!(
        following.status.sources[0].events, 10,
        "nothing is taken of it"
    );
    following.engine.act(0, SourceAction::Resume);
    following.wait(|status| {
        status.sources[0].events == 15 && status.sources[0].state == SourceState::Live
    });
    following.engine.act(0, SourceAction::Pause);
    following.wait(|status| status.sources[0].state == SourceState::Paused);
    following.engine.act(0, SourceAction::Stop);
    following.wait(|status| status.sources[0].state == SourceState::Stopped);
    assert!(following.status.sources[0].whole, "all there was is loaded");
    following.append("a", &lines(30..35));
    following.append("b", &lines(30..35));
    following.wait(|status| status.sources[1].events == 20);
    following.assert_whole(35);
}

#[test]
fn a_source_that_failed_before_it_began_is_opened_anew() {
    let mut following = Following::start(&[]);
    following.engine.open(Spec::File(following.path("a")), true);
    following.wait(|status| {
        matches!(
            status.sources.first().map(|s| &s.state),
            Some(SourceState::Failed { .. })
        )
    });
    fs::write(following.path("a"), lines(0..5)).expect("written");
    following.engine.act(0, SourceAction::Retry);
    following.wait(Status::is_live);
    following.assert_whole(5);
}

#[test]
fn a_frozen_question_sees_nothing_that_came_since() {
    let mut following = Following::start(&[("a", lines(0..10))]);
    let mut id = 0;
    let mut count = |following: &mut Following, frozen| {
        id += 1;
        following.engine.ask(Ask {
            frozen,
            ..Ask::new(id, Arc::default(), Wants::default())
        });
        loop {
            match following.events.recv_timeout(PATIENCE).expect("an answer") {
                EngineEvent::Answer(answer) if answer.id == id => return answer.total,
                EngineEvent::Answer(_) | EngineEvent::Progress { .. } | EngineEvent::Writing(_) => {
                }
                EngineEvent::Status(status) => following.status = status,
            }
        }
    };
    assert_eq!(count(&mut following, false), 10);
    following.append("a", &lines(10..15));
    following.wait_for_events(15);
    assert_eq!(count(&mut following, true), 10);
    assert_eq!(count(&mut following, true), 10, "and the next one neither");
    assert_eq!(count(&mut following, false), 15);
}

/// What was found out for a question is used again for the next one; what fails must be known of values, too, that
/// came in between.
#[test]
fn a_question_asked_again_counts_failures_of_values_that_came_since() {
    let with_status = |numbers: std::ops::Range<usize>, status: usize| -> String {
        let record = |n| {
            line(n).replace(
                '}',
                &format!(",\"http_response_status\":\"{}\"}}", status + n),
            )
        };
        numbers.map(record).collect()
    };
    let mut following = Following::start(&[("a", with_status(0..10, 200))]);
    let mut id = 0;
    let mut failed = |following: &mut Following| -> u64 {
        id += 1;
        let range = None;
        let wants = Wants {
            histogram: Some(HistogramWant {
                bins: 10,
                step: None,
                range,
                zone: regtrail::model::zone::Zone::Utc,
            }),
            ..Wants::default()
        };
        following.engine.ask(Ask::new(id, Arc::default(), wants));
        loop {
            match following.events.recv_timeout(PATIENCE).expect("an answer") {
                EngineEvent::Answer(answer) if answer.id == id => {
                    return answer.histogram.expect("events").failed.iter().sum();
                }
                EngineEvent::Answer(_) | EngineEvent::Progress { .. } | EngineEvent::Writing(_) => {
                }
                EngineEvent::Status(status) => following.status = status,
            }
        }
    };
    assert_eq!(failed(&mut following), 0);
    following.append("a", &with_status(10..40, 400));
    following.wait_for_events(40);
    assert_eq!(failed(&mut following), 30);
}

#[test]
fn several_files_are_followed_at_once() {
    let names = ["a", "b", "c"];
    let mut following = Following::start(&names.map(|name| (name, String::new())));
    for n in 0..300 {
        following.append(names[n % 3], &line(n));
    }
    following.assert_whole(300);
    let each: BTreeSet<u64> = following
        .status
        .sources
        .iter()
        .map(|source| source.events)
        .collect();
    assert_eq!(each, BTreeSet::from([100]));
}
