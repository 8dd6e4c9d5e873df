//! Update of the state by messages; produces effects.

mod keys;
mod mouse;
mod prompt;
mod readline;
mod typing;

use std::ffi::OsString;

use crate::app::request::Topics;
use crate::app::{App, Effect, Message};
use crate::engine::EngineEvent;
use crate::overlays::query_input::Problem;
use crate::overlays::{Overlay, PromptKind};

/// Applies a message to the state. Cheap: work on events is requested from the engine.
#[must_use = "dropping an effect leaves its request pending"]
pub fn update(app: &mut App, message: Message) -> Vec<Effect> {
    let mut effects = Vec::new();
    match message {
        Message::Clock(now) => {
            app.clock.now = now;
            app.keyboard.pass(now);
        }
        Message::Resize(width, height) => app.resize((width, height)),
        Message::Told(text) => app.tell(text),
        Message::Views(saved) => app.session.views.arrive(saved),
        Message::Opened(what) => opened(app, what),
        Message::Loaded { query, purpose } => {
            if let Some((query, purpose)) = app.loaded(query, purpose) {
                prompt::loaded(app, query, &purpose);
            }
        }
        Message::Directory(listing) => prompt::listed(app, listing),
        Message::Key(key) => keys::key(app, key, &mut effects),
        Message::Paste(text) => typing::paste(app, text),
        Message::Pointer(what, x, y) => mouse::pointed(app, what, (x, y), &mut effects),
        Message::Wheel(by, x, y) => mouse::wheeled(app, by, x, y),
        Message::Engine(EngineEvent::Status(status)) => app.status = status,
        Message::Engine(EngineEvent::Progress { id, done, all }) => {
            app.passing(id, (done, all));
        }
        Message::Engine(EngineEvent::Writing(news)) => app.written(news),
        Message::Engine(EngineEvent::Answer(answer)) => app.answered(*answer, &mut effects),
    }
    effects.extend(app.prompts.entered.take().map(Effect::History));
    app.walk_tour(&mut effects);
    fit(app);
    app.count_arrivals();
    app.ask(&mut effects);
    app.note_lists(&effects);
    app.cover(&mut effects);
    effects
}

/// Handles sources opened at run time: closes the start screen, or the prompt for a source.
fn opened(app: &mut App, opened: Result<Vec<OsString>, String>) {
    match opened {
        Ok(program) => {
            app.session.program = program;
            app.session.start.alone = false;
            let is_done = match &app.overlay {
                Some(Overlay::Start(_)) => true,
                Some(Overlay::Prompt(prompt)) => prompt.kind == PromptKind::Open,
                _ => false,
            };
            if is_done {
                app.overlay = None;
            }
        }
        // The prompt keeps the text, to be corrected.
        Err(why) => match &mut app.overlay {
            Some(Overlay::Prompt(prompt)) if prompt.kind == PromptKind::Open => {
                prompt.problem = Some(Problem::whole(why));
            }
            _ => app.tell(why),
        },
    }
}

/// Sets the sizes of the panes.
fn fit(app: &mut App) {
    let layout = app.screen.layout();
    if let Some(area) = layout.list
        && app
            .panes
            .list
            .resize(usize::from(area.height.saturating_sub(1)))
    {
        app.need(Topics::WINDOW);
    }
    if let Some(area) = layout.facets {
        app.panes
            .facets
            .resize(usize::from(area.height), layout.drawer);
    }
    match layout.histogram {
        Some(area) => {
            if app.panes.histogram.resize(area.width, area.height) {
                app.need(Topics::HISTOGRAM);
            }
        }
        // It is not computed while hidden, and requested again when shown.
        None => app.panes.histogram.hide(),
    }
    if matches!(app.overlay, Some(Overlay::Defects(_)))
        && app.status.defects != app.results.defects.len() as u64
    {
        refresh_defects(app);
    }
}

fn refresh_defects(app: &mut App) {
    if !app.is_waiting_for(Topics::DEFECTS) && app.results.defects_of != app.status.generation {
        app.results.defects_of = app.status.generation;
        app.need(Topics::DEFECTS);
    }
}
