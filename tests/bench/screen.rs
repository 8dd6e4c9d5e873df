//! The explorer on a loaded engine: from a question to its whole answer, and one frame.

use std::sync::Arc;
use std::time::Instant;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use regtrail::app::{App, Effect, Message, Options};
use regtrail::engine::{
    Anchor, Answer, Ask, EngineEvent, FacetOrder, FacetWant, HistogramWant, Wants, WindowWant,
};
use regtrail::query::Filter;
use regtrail::theme::Theme;
use regtrail::views;
use regtrail::widgets::{Glyphs, Look};

use crate::ingest::Loaded;
use crate::refine::{ALL, BROAD, NARROW, filter};
use crate::report::{Report, Work};

/// The facets of an explorer that shows ten.
const SHOWN: [&str; 10] = [
    "instance_id",
    "namespace_repo",
    "action",
    "user",
    "http_response_status",
    "outcome",
    "client",
    "ip",
    "network_type",
    "user_identity_user_type",
];

pub(crate) fn run(report: &mut Report, loaded: &Loaded) {
    let mut id = 1 << 32;
    for (name, text) in [("all", ALL), ("broad", BROAD), ("narrow", NARROW)] {
        // Asked once more: scrolling, or a change that is taken back.
        let same = Arc::new(filter(text));
        report.time(
            &format!("asked/{name}/again"),
            Work::default(),
            || {
                id += 1;
                question(id, same.clone())
            },
            |ask| answer(loaded, ask),
        );
        // A filter that was never asked for before, though it lets the same events through.
        report.time(
            &format!("asked/{name}/changed"),
            Work::default(),
            || {
                id += 1;
                question(id, changed(text, id))
            },
            |ask| answer(loaded, ask),
        );
    }
    let name = "asked/broad/first-part";
    if report.wants(name) {
        let mut times = Vec::new();
        for _ in 0..if report.once { 1 } else { 11 } {
            id += 1;
            let ask = question(id, changed(BROAD, id));
            let begun = Instant::now();
            loaded.engine.ask(ask);
            let part = parts(loaded, id).next();
            times.push(begun.elapsed());
            if !part.is_some_and(|part| part.complete) {
                parts(loaded, id).find(|part| part.complete);
            }
        }
        report.times(name, Work::default(), times);
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
            views::draw(&app, &look, &mut buffer);
            buffer
        });
    }
}

/// The query with a condition of which nothing is known yet and that all events meet.
fn changed(text: &str, number: u64) -> Arc<Filter> {
    let always = format!("http_response_status != {number}");
    let text = if text.is_empty() {
        always
    } else {
        format!("({text}) and {always}")
    };
    Arc::new(filter(&text))
}

/// What the screen asks after a change of the filter: the list, ten facets and the histogram.
fn question(id: u64, filter: Arc<Filter>) -> Ask {
    let facet = |name: &str| FacetWant {
        field: name.into(),
        order: FacetOrder::Count,
        limit: 10,
        find: None,
    };
    let wants = Wants {
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
        facets: SHOWN.map(facet).to_vec(),
        histogram: Some(HistogramWant {
            bins: 100,
            step: None,
            range: None,
            zone: regtrail::model::zone::Zone::Utc,
        }),
        ..Wants::default()
    };
    Ask::new(id, filter, wants)
}

/// The whole answer, after the parts that come before it.
fn answer(loaded: &Loaded, ask: Ask) -> Box<Answer> {
    let id = ask.id;
    loaded.engine.ask(ask);
    let whole = parts(loaded, id).find(|part| part.complete);
    whole.expect("the engine runs")
}

/// The parts of an answer as they come.
fn parts(loaded: &Loaded, id: u64) -> impl Iterator<Item = Box<Answer>> {
    loaded.events.iter().filter_map(move |event| match event {
        EngineEvent::Answer(answer) if answer.id == id => Some(answer),
        _ => None,
    })
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
        for effect in regtrail::input::update(&mut app, message) {
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
