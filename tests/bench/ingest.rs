//! From bytes to events: decoding alone on one thread, and a whole file through the engine.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use regtrail::decode::Decoder;
use regtrail::engine::{Engine, EngineEvent, SourceState, Status};
use regtrail::index::{Interner, Snapshot};
use regtrail::source::Spec;
use serde_json::{Map, json};

use crate::report::{Report, Work};

/// What is decoded in memory at most.
const PIECE: u64 = 128 << 20;

/// Bytes handed to a decoder at a time, as the pool does it.
const BLOCK: usize = 1 << 19;

/// A file that has been loaded, and the engine that did it.
pub(crate) struct Loaded {
    pub(crate) engine: Engine,
    pub(crate) events: Receiver<EngineEvent>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) status: Arc<Status>,
}

impl Loaded {
    /// Opens a file and waits until it has been read.
    pub(crate) fn open(file: &Path, follow: bool) -> io::Result<Self> {
        let (to, events) = unbounded();
        let engine = Engine::start(move |event| {
            // The receiver lives as long as the engine.
            let _ = to.send(event);
        })?;
        engine.open(Spec::File(file.to_owned()), follow);
        let over = |status: &Status| {
            let ended = |state: &SourceState| !state.is_busy();
            !status.sources.is_empty() && status.sources.iter().all(|s| ended(&s.state))
        };
        let status = wait(&events, over);
        Ok(Self {
            snapshot: engine.snapshot(),
            engine,
            events,
            status,
        })
    }
}

/// Waits for a status.
pub(crate) fn wait(events: &Receiver<EngineEvent>, over: impl Fn(&Status) -> bool) -> Arc<Status> {
    loop {
        match events.recv().expect("the engine runs") {
            EngineEvent::Status(status) if over(&status) => return status,
            _ => {}
        }
    }
}

/// Loads a file, once for its memory and then for the clock.
pub(crate) fn load(report: &mut Report, file: &Path) -> io::Result<Loaded> {
    let before = resident();
    let loaded = Loaded::open(file, false)?;
    if !report.once {
        // Buffers of the load are given back by threads that have just become idle.
        std::thread::sleep(Duration::from_secs(1));
    }
    let work = Work {
        events: loaded.snapshot.events,
        bytes: std::fs::metadata(file)?.len(),
    };
    let growth = resident().saturating_sub(before);
    let fields = Map::from_iter([
        ("events".to_owned(), json!(work.events)),
        ("bytes".to_owned(), json!(work.bytes)),
        ("segments".to_owned(), json!(loaded.snapshot.segments.len())),
        ("index_bytes".to_owned(), json!(loaded.status.memory)),
        ("resident_growth".to_owned(), json!(growth)),
    ]);
    report.fact("file", &fields);
    let open = |()| Loaded::open(file, false).expect("it was there before");
    report.time("load", work, || (), open);
    Ok(loaded)
}

/// Decodes and indexes bytes in memory on one thread.
pub(crate) fn decode(report: &mut Report, file: &Path) -> io::Result<()> {
    if !report.wants("decode") {
        return Ok(());
    }
    let mut bytes = Vec::new();
    File::open(file)?.take(PIECE).read_to_end(&mut bytes)?;
    let Some(end) = memchr::memrchr(b'\n', &bytes) else {
        return Ok(());
    };
    bytes.truncate(end + 1);
    let lines = memchr::memchr_iter(b'\n', &bytes).count() as u64;
    let work = Work {
        events: lines,
        bytes: bytes.len() as u64,
    };
    let fresh = || Decoder::new(Arc::new(Interner::default()));
    report.time("decode", work, fresh, |mut decoder| {
        let mut at = 0;
        while at < bytes.len() {
            let most = (at + BLOCK).min(bytes.len());
            let end = memchr::memrchr(b'\n', &bytes[at..most]).map_or(most, |i| at + i + 1);
            decoder.lines(&bytes[at..end], at as u64);
            at = end;
        }
        (decoder.finish(), decoder)
    });
    Ok(())
}

/// Memory of this process that is in use, in bytes; 0 where the system does not tell.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
