//! The explorer on a real terminal: set-up and restoration, one message loop, drawing on demand.
//!
//! One channel carries all events. The loop consumes all pending ones, updates the state with each, and draws at most
//! once per 16 ms after input and once per 33 ms after data. While nothing happens it sleeps without a timer, except
//! for one per second while a live log is shown, to update its idle time.

mod answer;
mod clipboard;
mod directory;
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
use crate::config::{
    ColumnStore, HintStore, History, MarkStore, ShapeStore, Views, load_watchlists,
};
use crate::engine::{Ask, SourceAction, WriteContent, WriteWant};
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

/// Interface to the engine: cheap calls that never block.
pub trait EngineHandle {
    fn ask(&self, ask: Ask);
    /// Applies an action to a source, by index.
    fn act(&self, source: usize, action: SourceAction);
    /// Starts an export in the background; progress arrives as events.
    fn write(&self, want: WriteWant);
    /// Stops the export in progress.
    fn stop_writing(&self);
    /// Opens sources. Returns the command line that opens them again, or the error.
    fn open(&self, wanted: &Wanted) -> Result<Vec<OsString>, String>;
}

/// Options for running the explorer.
#[derive(Debug)]
pub struct Options {
    pub app: crate::app::Options,
    pub theme: Theme,
    /// Theme for a light background, if the terminal's background decides.
    pub light: Option<Theme>,
    pub ascii: bool,
    /// Store of views; `None` without a home directory.
    pub views: Option<Views>,
    /// Store of marks; `None` without a home directory.
    pub marks: Option<MarkStore>,
    /// Store of list columns.
    pub columns: Option<ColumnStore>,
    /// Store of layouts.
    pub shapes: Option<ShapeStore>,
    /// Store of filter prompt lines.
    pub history: Option<History>,
    /// Store that the hints of the demo are closed; `None` without a home directory.
    pub hints: Option<HintStore>,
}

/// End of the explorer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    Quit,
    /// By a signal with this number.
    Signal(i32),
}

impl ExitStatus {
    /// Exit code of the process: 128 plus the number for a signal, by the convention of shells.
    pub fn code(self) -> u8 {
        match self {
            Self::Quit => 0,
            Self::Signal(number) => 128 + number as u8,
        }
    }
}

/// Runs the explorer until it ends and restores the terminal on every way out, including panics in any thread. Returns
/// the exit status.
pub fn run(
    engine: &impl EngineHandle,
    Inbox { to, events: inbox }: Inbox,
    options: Options,
) -> io::Result<ExitStatus> {
    let signals = signals::start(to.clone())?;
    terminal::restore_on_panic();
    // Dropped last: it must learn that the terminal was restored.
    let _keeper = keeper::Keeper::start();
    let mut screen = Screen::enter()?;
    let colours = crossterm::style::available_color_count();
    let dark = options.theme.for_colours(colours);
    let light = options.light.map(|theme| theme.for_colours(colours));
    let (theme, light, asks) = match (light, terminal_theme::reported()) {
        (Some(light), Some(true)) => (light, None, false),
        (Some(light), None) => (dark, Some(light), true),
        _ => (dark, None, false),
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
        hints: options.hints,
        to,
    };
    let status = session.run(engine, early, &inbox, &mut screen);
    session.signals.close();
    let left = screen.leave();
    // A terminal that hung up cannot be written to; after a signal, that is expected.
    if !matches!(status, Ok(ExitStatus::Signal(_))) {
        left?;
    }
    status
}

/// Delay of an additional full redraw after a stop.
const AGAIN: Duration = Duration::from_millis(150);

struct Session {
    chronicle: Timing,
    signals: Signals,
    /// Time of the additional full redraw.
    again: Option<Instant>,
    app: App,
    theme: Theme,
    /// Theme to switch to if the terminal reports a light background.
    light: Option<Theme>,
    glyphs: &'static Glyphs,
    pace: Redraw,
    views: Option<Views>,
    marks: Option<MarkStore>,
    columns: Option<ColumnStore>,
    shapes: Option<ShapeStore>,
    history: Option<History>,
    hints: Option<HintStore>,
    /// Sender to the loop, for work in other threads.
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
        // The shell may still write its job message over the new frame.
        self.again = Some(Instant::now() + AGAIN);
        Ok(crate::input::update(
            &mut self.app,
            Message::Resize(size.0, size.1),
        ))
    }

    /// Next event; `None` when it is time to draw or a deadline of the state is due.
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

    /// Performs an effect; `more` receives the effects that follow from it.
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
                    self.copy_next_to(natives, text, what);
                }
            }
            Effect::Views(work) => {
                let (reported, saved) = match &self.views {
                    Some(views) => (views.work(&work).unwrap_or_else(|why| why), views.list()),
                    None => ("cannot save views: no home directory".into(), Vec::new()),
                };
                more.extend(crate::input::update(&mut self.app, Message::Views(saved)));
                if !reported.is_empty() {
                    more.extend(crate::input::update(&mut self.app, Message::Told(reported)));
                }
            }
            kept @ (Effect::Marks(_)
            | Effect::Columns { .. }
            | Effect::Shape { .. }
            | Effect::History(_)
            | Effect::HintsClosed) => more.extend(self.keep(kept)),
            Effect::List(directory) => self.list_directory(directory),
            Effect::Load { mut query, purpose } => {
                let to = self.to.clone();
                // A file may be on a slow disk, or be a pipe without a writer.
                std::thread::spawn(move || {
                    let query = load_watchlists(&mut query).map(|()| query);
                    let message = Message::Loaded { query, purpose };
                    // The screen may have closed; the result is then irrelevant.
                    let _ = to.send(Event::Done(Box::new(message)));
                });
            }
            Effect::Write(want) => engine.write(*want),
            Effect::Picture { form, mut want } => {
                want.content = WriteContent::Text(self.picture(form));
                engine.write(*want);
            }
            Effect::StopWriting => engine.stop_writing(),
            Effect::NextTheme => {
                let message = Message::Told(self.next_theme());
                more.extend(crate::input::update(&mut self.app, message));
            }
            Effect::ToggleMouse => {
                let on = screen.toggle_mouse()?;
                let reported = if on {
                    "mouse on: click to select, double-click to open, drag on the histogram; F2 turns it off"
                } else {
                    "mouse off: select text with the terminal"
                };
                more.extend(crate::input::update(
                    &mut self.app,
                    Message::Told(reported.into()),
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
