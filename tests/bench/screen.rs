//! The explorer on a loaded engine: from a question to its whole answer, and one frame.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use regtrail::app::{App, Effect, Message, Options};
use regtrail::engine::{
    Anchor, Answer, Ask, EngineEvent, FacetOrder, FacetWant, HistogramWant, Wants, WindowWant,
};
use regtrail::panes::{self, Look};
use regtrail::query::Filter;
use regtrail::theme::Theme;
use regtrail::widgets::Glyphs;

use crate::ingest::Loaded;
use crate::refine::{ALL, BROAD, FACETS, NARROW, filter};
use crate::report::{Report, Work};

pub(crate) fn run(report: &mut Report, loaded: &Loaded) {
    let mut id = 1 << 32;
    for (name, text) in [("all", ALL), ("broad", BROAD), ("narrow", NARROW)] {
        let filter = Arc::new(filter(text));
        report.time(
            &format!("asked/{name}"),
            Work::default(),
            || {
                id += 1;
                question(id, filter.clone())
            },
            |ask| answer(loaded, ask),
        );
    }
    for (width, height) in [(120, 36), (200, 60)] {
        let name = format!("draw/{width}x{height}");
        if !report.wants(&name) {
            continue;
        }
        let app = explorer(loaded, (width, height));
        let theme = Theme::default();
        let look = Look {
            theme: &theme,
            glyphs: Glyphs::unicode(),
        };
        let empty = || Buffer::empty(Rect::new(0, 0, width, height));
        report.time(&name, Work::default(), empty, |mut buffer| {
            panes::draw(&app, &look, &mut buffer);
            buffer
        });
    }
}

/// What the screen asks after a change of the filter: the list, four facets and the histogram.
fn question(id: u64, filter: Arc<Filter>) -> Ask {
    let facet = |name: &str| FacetWant {
        field: name.into(),
        order: FacetOrder::Count,
        limit: 10,
        find: None,
    };
    Ask {
        id,
        filter,
        frozen: false,
        wants: Wants {
            window: Some(WindowWant {
                anchor: Anchor::Newest,
                before: 50,
                after: 0,
                columns: ["action", "http_response_status", "user", "image"]
                    .map(Arc::from)
                    .to_vec(),
                order: None,
                firsts: true,
                also: None,
            }),
            facets: FACETS.map(facet).to_vec(),
            histogram: Some(HistogramWant {
                bins: 100,
                range: None,
            }),
            ..Wants::default()
        },
    }
}

/// The whole answer, after the parts that come before it.
fn answer(loaded: &Loaded, ask: Ask) -> Box<Answer> {
    let id = ask.id;
    loaded.engine.ask(ask);
    loop {
        match loaded.events.recv().expect("the engine runs") {
            EngineEvent::Answer(answer) if answer.id == id && answer.complete => return answer,
            _ => {}
        }
    }
}

/// An explorer that has all it asked for.
fn explorer(loaded: &Loaded, (width, height): (u16, u16)) -> App {
    let newest = loaded.snapshot.span().map_or(0, |(_, newest)| newest);
    let status = Message::Engine(EngineEvent::Status(loaded.status.clone()));
    let mut app = App::new(Options::default());
    let mut messages = vec![
        status,
        Message::Resize(width, height),
        Message::Clock(newest),
    ];
    while let Some(message) = messages.pop() {
        for effect in app.update(message) {
            if let Effect::Ask(mut ask) = effect {
                let own = ask.id;
                // The worker has been asked with higher numbers by other measurements.
                ask.id += OWN;
                let mut answer = answer(loaded, *ask);
                answer.id = own;
                messages.push(Message::Engine(EngineEvent::Answer(answer)));
            }
        }
        if messages.is_empty() {
            messages.extend(app.deadline().map(Message::Clock));
        }
    }
    app
}

/// Added to the numbers of an explorer's questions.
const OWN: u64 = 1 << 40;
