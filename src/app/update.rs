//! One message in, the state changed, effects out.

use std::ffi::OsString;

use super::asking::Parts;
use super::{App, Effect, Message};
use crate::engine::EngineEvent;
use crate::overlays::Overlay;

impl App {
    /// Changes the state by one message. Cheap: whatever touches events is asked of the engine.
    #[must_use = "a question that is dropped is waited for for ever"]
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        let mut effects = Vec::new();
        match message {
            Message::Clock(now) => self.clock = now,
            Message::Resize(width, height) => self.resize((width, height)),
            Message::Told(text) => self.tell(text),
            Message::Views(saved) => self.views.arrive(saved),
            Message::Opened(opened) => self.opened(opened),
            Message::Loaded { query, purpose } => self.loaded(query, purpose),
            Message::Key(key) => self.key(key, &mut effects),
            Message::Paste(text) => self.paste(&text),
            Message::Pointer(what, x, y) => self.pointed(what, x, y),
            Message::Wheel(by, x, y) => self.wheeled(by, x, y),
            Message::Engine(EngineEvent::Status(status)) => self.status = status,
            Message::Engine(EngineEvent::Progress { id, done, all }) => {
                self.passing(id, (done, all));
            }
            Message::Engine(EngineEvent::Writing(news)) => self.written(news),
            Message::Engine(EngineEvent::Answer(answer)) => self.answered(*answer, &mut effects),
        }
        effects.extend(self.entered.take().map(Effect::History));
        self.fit();
        self.ask(&mut effects);
        self.note_lists(&effects);
        self.cover(&mut effects);
        effects
    }

    /// Sources were opened from within: the start screen has done its work.
    fn opened(&mut self, opened: Result<Vec<OsString>, String>) {
        match opened {
            Ok(program) => {
                self.program = program;
                self.start.alone = false;
                if matches!(self.overlay, Some(Overlay::Start(_))) {
                    self.overlay = None;
                }
            }
            Err(why) => self.tell(why),
        }
    }

    /// Tells the panes how much room they have.
    fn fit(&mut self) {
        let layout = self.layout();
        if let Some(area) = layout.list
            && self.list.resize(usize::from(area.height.saturating_sub(1)))
        {
            self.need(Parts::WINDOW);
        }
        if let Some(area) = layout.facets {
            self.facets.resize(usize::from(area.height), layout.drawer);
        }
        match layout.histogram {
            Some(area) => {
                if self.histogram.resize(area.width, area.height) {
                    self.need(Parts::HISTOGRAM);
                }
            }
            // Nothing is counted for it meanwhile: it is asked for anew when it is shown again.
            None => self.histogram.hide(),
        }
        if matches!(self.overlay, Some(Overlay::Defects(_)))
            && self.status.defects != self.defects.len() as u64
        {
            self.refresh_defects();
        }
    }

    fn refresh_defects(&mut self) {
        if !self.is_waiting_for(Parts::DEFECTS) && self.defects_of != self.status.generation {
            self.defects_of = self.status.generation;
            self.need(Parts::DEFECTS);
        }
    }
}
