//! The explorer on a real terminal: set-up and restoration, one loop of messages, drawing on demand.
//!
//! One channel carries everything that can happen. The loop takes all that is there, changes the state by
//! each, and draws at most once per 16 ms after input and once per 33 ms after data. While nothing happens
//! it sleeps without a timer, but for once a second where a live log is shown, which tells its silence.

mod answer;
mod clipboard;
mod dispatch;
mod drawing;
mod inbox;
mod input;
pub mod keeper;
mod new_file;
mod persist;
mod redraw;
mod signals;
mod terminal;
mod terminal_theme;
mod timing;

use std::ffi::OsString;
use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender};

use crate::app::{App, Effect, Message};
use crate::config::{ColumnStore, History, MarkStore, ShapeStore, Views, load_watchlists};
use crate::engine::{Ask, SourceAction, WriteWant};
use crate::model::time::Nanos;
use crate::overlays::Wanted;
use crate::theme::Theme;
use crate::widgets::Glyphs;
use inbox::Event;
pub use inbox::Inbox;
use redraw::{Cause, Redraw};
use signals::Signals;
use terminal::Screen;
use timing::Timing;

/// The way to the engine. Cheap calls that never wait.
pub trait EngineHandle {
    fn ask(&self, ask: Ask);
    /// Does something to a source, by its number.
    fn act(&self, source: usize, action: SourceAction);
    /// Writes a file, beside everything else; how it goes comes as events.
    fn write(&self, want: WriteWant);
    /// Stops the file that is being written.
    fn stop_writing(&self);
    /// Opens sources. Gives the words that would start the program on them, or why that cannot be.
    fn open(&self, wanted: &Wanted) -> Result<Vec<OsString>, String>;
}

/// What the explorer is shown with.
#[derive(Debug)]
pub struct Options {
    pub app: crate::app::Options,
    pub theme: Theme,
    /// Where the terminal's background decides: the theme for a light one.
    pub light: Option<Theme>,
    pub ascii: bool,
    /// Where views are saved; nowhere without a home directory.
    pub views: Option<Views>,
    /// Where marks are remembered; nowhere without a home directory.
    pub marks: Option<MarkStore>,
    /// Where the columns of the list are remembered.
    pub columns: Option<ColumnStore>,
    /// Where layouts are remembered.
    pub shapes: Option<ShapeStore>,
    /// Where the lines of the filter prompt are remembered.
    pub history: Option<History>,
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

/// Runs the explorer until it is left. The terminal is as before on every way out, panics in any thread
/// included. Returns how it ended.
pub fn run(
    engine: &impl EngineHandle,
    Inbox { to, events: inbox }: Inbox,
    options: Options,
) -> io::Result<ExitStatus> {
    let signals = signals::start(to.clone())?;
    terminal::restore_on_panic();
    // Dropped last: it is told that the terminal was given back.
    let _keeper = keeper::Keeper::start();
    let mut screen = Screen::enter()?;
    let (theme, light, asks) = match (options.light, terminal_theme::told()) {
        (Some(light), Some(true)) => (light, None, false),
        (Some(light), None) => (options.theme, Some(light), true),
        _ => (options.theme, None, false),
    };
    if asks {
        terminal_theme::ask()?;
    }
    input::start(to.clone(), asks);
    let early = if asks {
        terminal_theme::wait(&inbox)
    } else {
        Vec::new()
    };
    let mut session = Session {
        chronicle: Timing::default(),
        signals,
        again: None,
        app: App::new(options.app),
        theme,
        light,
        glyphs: if options.ascii {
            Glyphs::ascii()
        } else {
            Glyphs::unicode()
        },
        pace: Redraw::default(),
        views: options.views,
        marks: options.marks,
        columns: options.columns,
        shapes: options.shapes,
        history: options.history,
        to,
    };
    let status = session.run(engine, early, &inbox, &mut screen);
    session.signals.close();
    let left = screen.leave();
    // A terminal that hung up cannot be written to; that is no news after a signal.
    if !matches!(status, Ok(ExitStatus::Signal(_))) {
        left?;
    }
    status
}

/// How long after a stop everything is drawn once more.
const AGAIN: Duration = Duration::from_millis(150);

struct Session {
    chronicle: Timing,
    signals: Signals,
    /// When everything is to be drawn once more.
    again: Option<Instant>,
    app: App,
    theme: Theme,
    /// The theme to take instead, should the terminal say that its background is light.
    light: Option<Theme>,
    glyphs: &'static Glyphs,
    pace: Redraw,
    views: Option<Views>,
    marks: Option<MarkStore>,
    columns: Option<ColumnStore>,
    shapes: Option<ShapeStore>,
    history: Option<History>,
    /// The way back for what is done beside the loop.
    to: Sender<Event>,
}

impl Session {
    fn run(
        &mut self,
        engine: &impl EngineHandle,
        early: Vec<Event>,
        inbox: &Receiver<Event>,
        screen: &mut Screen,
    ) -> io::Result<ExitStatus> {
        let size = screen.size()?;
        let mut effects = crate::input::update(&mut self.app, Message::Clock(now()));
        effects.extend(crate::input::update(
            &mut self.app,
            Message::Resize(size.0, size.1),
        ));
        self.pace.request(Cause::Input);
        for event in early {
            if let Some(status) = self.take(event, screen, &mut effects)? {
                return Ok(status);
            }
        }
        loop {
            while !effects.is_empty() {
                for effect in std::mem::take(&mut effects) {
                    if let Some(status) = self.perform(effect, engine, screen, &mut effects)? {
                        return Ok(status);
                    }
                }
            }
            let now_at = Instant::now();
            if self.again.take_if(|due| *due <= now_at).is_some() {
                screen.forget()?;
                self.pace.request(Cause::Input);
            }
            if self.pace.due(now_at).is_some_and(|due| due <= now_at) {
                let start = Instant::now();
                self.draw(screen)?;
                Timing::drawn(start.elapsed());
                self.pace.drawn(Instant::now());
            }
            let Some(first) = self.wait(inbox) else {
                effects.extend(crate::input::update(&mut self.app, Message::Clock(now())));
                if self.app.is_ticking() {
                    self.pace.request(Cause::Data);
                }
                continue;
            };
            effects.extend(crate::input::update(&mut self.app, Message::Clock(now())));
            for event in std::iter::once(first).chain(inbox.try_iter()) {
                if let Some(status) = self.take(event, screen, &mut effects)? {
                    return Ok(status);
                }
            }
        }
    }

    /// Takes the terminal over again after a stop.
    fn retake(&mut self, screen: &mut Screen) -> io::Result<Vec<Effect>> {
        screen.retake()?;
        let size = screen.size()?;
        self.pace.request(Cause::Input);
        // The shell may write yet what it says of the job, over the new frame.
        self.again = Some(Instant::now() + AGAIN);
        Ok(crate::input::update(
            &mut self.app,
            Message::Resize(size.0, size.1),
        ))
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
        let again = self.again.map(|due| due.saturating_duration_since(start));
        match [draw, ask, again].into_iter().flatten().min() {
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
            Effect::Ask(ask) => {
                self.chronicle.asked(&ask);
                engine.ask(*ask);
            }
            Effect::Sources(sources, action) => {
                for source in sources {
                    engine.act(source, action);
                }
            }
            Effect::Open(wanted) => {
                let opened = engine.open(&wanted);
                more.extend(crate::input::update(&mut self.app, Message::Opened(opened)));
            }
            Effect::Quit => return Ok(Some(ExitStatus::Quit)),
            Effect::Redraw => {
                screen.forget()?;
                self.pace.request(Cause::Input);
            }
            Effect::Suspend => {
                Screen::release()?;
                self.signals.stop()?;
                more.extend(self.retake(screen)?);
            }
            Effect::Copy { text, what } => {
                let natives = clipboard::natives(clipboard::is_set);
                if natives.is_empty() && clipboard::fits(&text) {
                    more.extend(self.copy_by_terminal(&text, &what)?);
                } else {
                    self.copy_beside(natives, text, what);
                }
            }
            Effect::Views(work) => {
                let (told, saved) = match &self.views {
                    Some(views) => (views.work(&work).unwrap_or_else(|why| why), views.list()),
                    None => ("cannot save views: no home directory".into(), Vec::new()),
                };
                more.extend(crate::input::update(&mut self.app, Message::Views(saved)));
                if !told.is_empty() {
                    more.extend(crate::input::update(&mut self.app, Message::Told(told)));
                }
            }
            kept @ (Effect::Marks(_)
            | Effect::Columns { .. }
            | Effect::Shape { .. }
            | Effect::History(_)) => more.extend(self.keep(kept)),
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
            Effect::Write(want) => engine.write(*want),
            Effect::Picture => {
                let told = self.picture();
                more.extend(crate::input::update(&mut self.app, Message::Told(told)));
            }
            Effect::StopWriting => engine.stop_writing(),
            Effect::ToggleMouse => {
                let on = screen.toggle_mouse()?;
                let told = if on {
                    "mouse on: click to select, drag on the histogram to select time, F2 to turn off"
                } else {
                    "mouse off: select text with the terminal"
                };
                more.extend(crate::input::update(
                    &mut self.app,
                    Message::Told(told.into()),
                ));
            }
        }
        Ok(None)
    }
}

fn now() -> Nanos {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    since.as_nanos() as Nanos
}
