//! The query worker: one thread that has the newest request executed. It drains its inbox first: older requests are
//! dropped without a response.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crossbeam_channel::{Receiver, Sender};

use super::answerer::{Answerer, Asker};
use super::request::{Answer, Ask};
use super::status::EngineEvent;

/// A request and the destination of its response: the receiver of all events, or the caller that waits for the complete
/// response.
pub(super) struct Question {
    pub(super) ask: Ask,
    pub(super) reply: Option<Sender<Answer>>,
}

pub(super) fn start(
    questions: Receiver<Question>,
    mut answerer: Box<dyn Answerer>,
    newest: Arc<AtomicU64>,
    emit: Arc<dyn Fn(EngineEvent) + Send + Sync>,
) -> std::io::Result<()> {
    let worker = move || {
        while let Ok(first) = questions.recv() {
            let Question { ask, reply } = questions.try_iter().last().unwrap_or(first);
            let asker = Asker {
                id: ask.id,
                newest: &newest,
                emit: reply.is_none().then_some(&*emit),
            };
            match (answerer.answer(&ask, &asker), reply) {
                (None, _) => {}
                (Some(answer), None) => emit(EngineEvent::Answer(Box::new(answer))),
                // The caller may have gone.
                (Some(answer), Some(reply)) => drop(reply.send(answer)),
            }
        }
    };
    std::thread::Builder::new()
        .name("query".into())
        .spawn(worker)
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use crossbeam_channel::{bounded, unbounded};

    use super::*;
    use crate::engine::Wants;

    /// Sends two partial responses; the second one waits for a signal.
    struct InTwo(Receiver<()>);

    impl Answerer for InTwo {
        fn answer(&mut self, ask: &Ask, asker: &Asker<'_>) -> Option<Answer> {
            let answer = |matched, complete| Answer {
                id: ask.id,
                matched,
                complete,
                ..Answer::default()
            };
            asker.part(answer(1, false));
            self.0.recv().ok()?;
            (!asker.is_gone()).then(|| answer(2, true))
        }
    }

    #[test]
    fn whoever_answers_does_so_in_parts_and_stops_between_them() {
        let (asks, questions) = unbounded();
        let (go, reported_to) = unbounded();
        let (to, events) = unbounded();
        let newest = Arc::new(AtomicU64::new(0));
        let emit = Arc::new(move |event| drop(to.send(event)));
        start(
            questions,
            Box::new(InTwo(reported_to)),
            newest.clone(),
            emit,
        )
        .expect("a thread");
        let ask = |id, reply| {
            newest.store(id, Ordering::Release);
            let ask = Ask::new(id, Arc::default(), Wants::default());
            asks.send(Question { ask, reply }).expect("it waits");
        };
        let next = || match events.recv().expect("an event") {
            EngineEvent::Answer(answer) => (answer.id, answer.matched, answer.complete),
            other => panic!("{other:?}"),
        };
        ask(1, None);
        assert_eq!(next(), (1, 1, false));
        ask(2, None);
        go.send(()).expect("it waits");
        assert_eq!(next(), (2, 1, false), "of the first nothing comes any more");
        go.send(()).expect("it waits");
        assert_eq!(next(), (2, 2, true));
        // A caller that waits for the complete response gets no partial one, and its response is not sent as an event.
        let (to, whole) = bounded(1);
        ask(3, Some(to));
        go.send(()).expect("it waits");
        assert_eq!(whole.recv().expect("an answer").matched, 2);
        assert!(events.is_empty());
        let (to, none) = bounded(1);
        ask(4, Some(to));
        newest.store(u64::MAX, Ordering::Release);
        go.send(()).expect("it waits");
        assert!(none.recv().is_err(), "it was given up");
    }
}
