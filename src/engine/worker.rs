//! The query worker: one thread that answers the newest question.
//!
//! It drains its inbox first, works in steps over the segments (newest first) and looks between steps
//! whether a newer question has come: then it drops the one it is at. A question that takes longer than a
//! frame is answered in parts, marked as such. Passes over all matches that follow (an order, groups) tell how far they
//! are, and stop for a newer question as well.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::answer::Questioner;
use super::request::Ask;
use super::shared::Shared;
use super::status::EngineEvent;
use crate::index::Snapshot;

/// Segments looked at between two looks at the inbox.
const STEP: usize = 32;

/// A first part is sent when the whole takes longer: so soon that it is put together and drawn within a frame of 16 ms.
const FRAME: Duration = Duration::from_millis(8);

/// Further parts follow at this pace.
const PACE: Duration = Duration::from_millis(120);

/// Answers after which memory of conditions is looked through.
const TIDY: u64 = 32;

pub(super) fn start(
    asks: Receiver<Ask>,
    shared: Arc<Shared>,
    newest: Arc<AtomicU64>,
    emit: Arc<dyn Fn(EngineEvent) + Send + Sync>,
) -> std::io::Result<()> {
    let worker = move || {
        let mut questioner = Questioner::default();
        let mut answered = 0u64;
        // The data of the newest answer.
        let mut last: Option<Arc<Snapshot>> = None;
        while let Ok(first) = asks.recv() {
            let ask = asks.try_iter().last().unwrap_or(first);
            let snapshot = match last.take().filter(|_| ask.frozen) {
                Some(snapshot) => snapshot,
                None => shared.snapshot(),
            };
            let is_stale = || newest.load(Ordering::Acquire) > ask.id;
            let mut open = questioner.begin(&snapshot, &ask);
            let started = Instant::now();
            let mut told = None;
            let complete = loop {
                if is_stale() {
                    break false;
                }
                if open.step(STEP) {
                    break true;
                }
                let due = told.map_or(started + FRAME, |last: Instant| last + PACE);
                if Instant::now() >= due {
                    let defects = ask.wants.defects.then(|| shared.defects());
                    emit(EngineEvent::Answer(Box::new(questioner.answer(
                        &open,
                        &ask,
                        defects.as_deref(),
                    ))));
                    told = Some(Instant::now());
                }
            };
            let heard = Mutex::new(Instant::now());
            let watch = |done: usize, all: usize| {
                if let Ok(mut heard) = heard.try_lock()
                    && heard.elapsed() >= PACE
                {
                    *heard = Instant::now();
                    emit(EngineEvent::Progress {
                        id: ask.id,
                        done,
                        all,
                    });
                }
                !is_stale()
            };
            let passes = complete.then(|| questioner.passes(&open, &ask, &watch));
            if let Some(passes) = passes.flatten() {
                questioner.look_for_firsts(&snapshot, &ask.wants);
                let defects = ask.wants.defects.then(|| shared.defects());
                let mut answer = questioner.answer(&open, &ask, defects.as_deref());
                (answer.group, answer.range) = (passes.group, passes.range);
                let gaps = ask.wants.gaps;
                answer.gaps = gaps
                    .filter(|want| want.newer_than != snapshot.generation)
                    .map(|_| questioner.gaps(&snapshot));
                shared.set_answered(snapshot.clone());
                emit(EngineEvent::Answer(Box::new(answer)));
            }
            answered += 1;
            if answered.is_multiple_of(TIDY) {
                questioner.tidy(&snapshot);
            }
            questioner.close(open);
            last = Some(snapshot);
        }
    };
    std::thread::Builder::new()
        .name("query".into())
        .spawn(worker)
        .map(|_| ())
}
