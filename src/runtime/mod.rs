//! The explorer on a real terminal: set-up and restoration, one loop of messages, drawing on demand.
//!
//! One channel carries everything that can happen. The loop takes all that is there, changes the state by
//! each, and draws at most once per 16 ms after input and once per 33 ms after data. While nothing happens
//! it sleeps without a timer, but for once a second where a live log is shown, which tells its silence.

mod clipboard;
mod input;
mod pace;
mod signals;
mod terminal;

use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, unbounded};
use ratatui::buffer::Buffer;

use crate::app::{App, Effect, Message};
use crate::config::{Views, load_watchlists};
use crate::engine::{Ask, EngineEvent, SourceAction};
use crate::model::time::Nanos;
use crate::panes::{self, Look};
use crate::theme::Theme;
use crate::widgets::Glyphs;
use pace::{Cause, Pace};
use terminal::Screen;

/// The way to the engine. Cheap calls that never wait.
pub trait EngineHandle {
    fn ask(&self, ask: Ask);
    /// Does something to a source, by its number.
    fn act(&self, source: usize, action: SourceAction);
}

/// What the explorer is shown with.
#[derive(Debug)]
pub struct Options {
    pub app: crate::app::Options,
    pub theme: Theme,
    pub ascii: bool,
    /// Where views are saved; nowhere without a home directory.
    pub views: Option<Views>,
}

/// How the explorer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    Quit,
    /// By a signal, by its number.
    Signal(i32),
}

impl ExitStatus {
    /// The exit code of the process: 128 and the number for a signal, as shells have it.
    pub fn code(self) -> u8 {
        match self {
            Self::Quit => 0,
            Self::Signal(number) => 128 + number as u8,
        }
    }
}

/// What wakes the loop.
#[derive(Debug)]
enum Event {
    Input(crossterm::event::Event),
    Engine(EngineEvent),
    Signal(i32),
    /// The process goes on after it was stopped.
    Continued,
    /// The reader of the terminal ended, for this reason.
    InputEnded(io::Error),
    /// Something that was done beside the loop is done.
    Done(Box<Message>),
}

/// Runs the explorer until it is left. The terminal is as before on every way out, panics in any thread
/// included. Returns how it ended and the lines of the filter prompt, oldest first.
pub fn run(
    engine: &impl EngineHandle,
    events: Receiver<EngineEvent>,
    options: Options,
) -> io::Result<(ExitStatus, Vec<String>)> {
    let (to, inbox) = unbounded();
    let signals = signals::start(to.clone())?;
    terminal::restore_on_panic();
    let mut screen = Screen::enter()?;
    input::start(to.clone());
    forward(events, to.clone());
    let mut session = Session {
        app: App::new(options.app),
        theme: options.theme,
        glyphs: if options.ascii {
            Glyphs::ascii()
        } else {
            Glyphs::unicode()
        },
        pace: Pace::default(),
        views: options.views,
        to,
    };
    let status = session.run(engine, &inbox, &mut screen);
    signals.close();
    let left = screen.leave();
    // A terminal that hung up cannot be written to; that is no news after a signal.
    if !matches!(status, Ok(ExitStatus::Signal(_))) {
        left?;
    }
    Ok((status?, session.app.filter_history.entries().to_vec()))
}

/// Hands events of the engine on to the one channel. Ends with either side.
fn forward(events: Receiver<EngineEvent>, to: Sender<Event>) {
    std::thread::spawn(move || {
        for event in events {
            if to.send(Event::Engine(event)).is_err() {
                return;
            }
        }
    });
}

struct Session {
    app: App,
    theme: Theme,
    glyphs: &'static Glyphs,
    pace: Pace,
    views: Option<Views>,
    /// The way back for what is done beside the loop.
    to: Sender<Event>,
}

impl Session {
    fn run(
        &mut self,
        engine: &impl EngineHandle,
        inbox: &Receiver<Event>,
        screen: &mut Screen,
    ) -> io::Result<ExitStatus> {
        let size = screen.size()?;
        let mut effects = self.app.update(Message::Clock(now()));
        effects.extend(self.app.update(Message::Resize(size.0, size.1)));
        self.pace.request(Cause::Input);
        loop {
            while !effects.is_empty() {
                for effect in std::mem::take(&mut effects) {
                    if let Some(status) = self.perform(effect, engine, screen, &mut effects)? {
                        return Ok(status);
                    }
                }
            }
            let now_at = Instant::now();
            if self.pace.due(now_at).is_some_and(|due| due <= now_at) {
                self.draw(screen)?;
                self.pace.drawn(Instant::now());
            }
            let Some(first) = self.wait(inbox) else {
                effects.extend(self.app.update(Message::Clock(now())));
                if self.app.is_ticking() {
                    self.pace.request(Cause::Data);
                }
                continue;
            };
            effects.extend(self.app.update(Message::Clock(now())));
            for event in std::iter::once(first).chain(inbox.try_iter()) {
                match event {
                    Event::Signal(number) => return Ok(ExitStatus::Signal(number)),
                    Event::InputEnded(error) => return Err(error),
                    Event::Continued => {
                        screen.retake()?;
                        self.pace.request(Cause::Input);
                    }
                    Event::Done(message) => {
                        self.pace.request(Cause::Input);
                        effects.extend(self.app.update(*message));
                    }
                    Event::Engine(event) => {
                        self.pace.request(Cause::Data);
                        effects.extend(self.app.update(Message::Engine(event)));
                    }
                    Event::Input(event) => {
                        self.pace.request(Cause::Input);
                        for message in input::messages(event) {
                            effects.extend(self.app.update(message));
                        }
                    }
                }
            }
        }
    }

    /// The next event; `None` when it is time to draw, or time for the state to ask again.
    fn wait(&self, inbox: &Receiver<Event>) -> Option<Event> {
        let start = Instant::now();
        let draw = self
            .pace
            .due(start)
            .map(|due| due.saturating_duration_since(start));
        let ask = self
            .app
            .deadline()
            .map(|due| Duration::from_nanos((due - now()).max(0) as u64));
        match [draw, ask].into_iter().flatten().min() {
            None => inbox.recv().ok(),
            Some(timeout) => inbox.recv_timeout(timeout).ok(),
        }
    }

    /// Does what the state wants done; `more` takes what follows from that.
    fn perform(
        &mut self,
        effect: Effect,
        engine: &impl EngineHandle,
        screen: &mut Screen,
        more: &mut Vec<Effect>,
    ) -> io::Result<Option<ExitStatus>> {
        match effect {
            Effect::Ask(ask) => engine.ask(*ask),
            Effect::Sources(sources, action) => {
                for source in sources {
                    engine.act(source, action);
                }
            }
            Effect::Quit => return Ok(Some(ExitStatus::Quit)),
            Effect::Redraw => {
                screen.forget()?;
                self.pace.request(Cause::Input);
            }
            Effect::Suspend => {
                screen.suspend()?;
                let size = screen.size()?;
                more.extend(self.app.update(Message::Resize(size.0, size.1)));
                self.pace.request(Cause::Input);
            }
            Effect::Copy { text, what } => {
                let told = clipboard::copy(&text, &what, &mut io::stdout())?;
                more.extend(self.app.update(Message::Told(told)));
            }
            Effect::Views(work) => {
                let (told, saved) = match &self.views {
                    Some(views) => (views.work(&work).unwrap_or_else(|why| why), views.list()),
                    None => (
                        "no home directory: views cannot be saved".into(),
                        Vec::new(),
                    ),
                };
                more.extend(self.app.update(Message::Views(saved)));
                if !told.is_empty() {
                    more.extend(self.app.update(Message::Told(told)));
                }
            }
            Effect::Load { mut query, purpose } => {
                let to = self.to.clone();
                // A file may lie far away, or be a pipe that nobody writes to.
                std::thread::spawn(move || {
                    let query = load_watchlists(&mut query).map(|()| query);
                    let message = Message::Loaded { query, purpose };
                    // The screen may be gone already; then nobody wants to know.
                    let _ = to.send(Event::Done(Box::new(message)));
                });
            }
            Effect::ToggleMouse => {
                let on = screen.toggle_mouse()?;
                let told = if on {
                    "mouse on: the wheel scrolls"
                } else {
                    "mouse off: selecting works"
                };
                more.extend(self.app.update(Message::Told(told.into())));
            }
        }
        Ok(None)
    }

    fn draw(&self, screen: &mut Screen) -> io::Result<()> {
        let look = Look {
            theme: &self.theme,
            glyphs: self.glyphs,
        };
        let ascii = self.glyphs == Glyphs::ascii();
        screen.draw(|buf: &mut Buffer| {
            let cursor = panes::draw(&self.app, &look, buf);
            if ascii {
                Glyphs::asciify(buf);
            }
            cursor
        })
    }
}

fn now() -> Nanos {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    since.as_nanos() as Nanos
}
