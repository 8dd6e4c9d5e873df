//! Dispatch of events to the state.

use std::io;

use super::{Cause, Event, ExitStatus, Screen, Session, input};
use crate::app::{Effect, Message};
use crate::engine::EngineEvent;

impl Session {
    /// Handles an event; `effects` receives the actions to perform. Returns the exit status if the explorer ends.
    pub(super) fn take(
        &mut self,
        event: Event,
        screen: &mut Screen,
        effects: &mut Vec<Effect>,
    ) -> io::Result<Option<ExitStatus>> {
        match event {
            Event::Signal(number) => return Ok(Some(ExitStatus::Signal(number))),
            Event::InputEnded(error) => return Err(error),
            Event::Continued => effects.extend(self.retake(screen)?),
            Event::Background { light } => {
                if let Some(theme) = self.light.take_if(|_| light) {
                    self.theme = theme;
                    self.pace.request(Cause::Input);
                }
            }
            Event::Uncopied { text, what } => {
                self.pace.request(Cause::Input);
                effects.extend(self.copy_by_terminal(&text, &what)?);
            }
            Event::Done(message) => {
                self.pace.request(Cause::Input);
                effects.extend(crate::input::update(&mut self.app, *message));
            }
            Event::Engine(event) => {
                let is_status = matches!(event, EngineEvent::Status(_));
                match &event {
                    EngineEvent::Status(status) => self.chronicle.status(status),
                    EngineEvent::Answer(answer) => {
                        self.chronicle.answered(answer);
                        if self.app.is_awaited(answer) {
                            self.pace.answered(answer.id);
                        }
                    }
                    EngineEvent::Progress { .. } => {}
                    EngineEvent::Writing(news) => log::debug!("writing: {:?}", news.step),
                }
                effects.extend(crate::input::update(&mut self.app, Message::Engine(event)));
                // A status that leads to an answer is drawn with it.
                if !is_status || !self.app.expects_data() {
                    self.pace.request(Cause::Data);
                }
            }
            Event::Input(event) => {
                self.pace.request(Cause::Input);
                for message in input::messages(event) {
                    effects.extend(crate::input::update(&mut self.app, message));
                }
            }
        }
        Ok(None)
    }
}
