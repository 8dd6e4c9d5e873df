//! The terminal as the explorer needs it, and the way back to what it was.
//!
//! Restoring is safe to do twice and from any thread: a panic hook does it before the panic is told, and
//! dropping the [`Screen`] does it again.

use std::io::{self, BufWriter, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::execute;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;

use super::keeper;

/// Whether the terminal is ours. Process-wide like the terminal itself; the panic hook has no other way to
/// know.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// What the terminal is told where nothing but a text can be written: the end of everything that [`restore`] ends.
pub(super) const LEAVE: &str = "\x1b[?2026l\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?1049l\x1b[?25h\x1b[0m";

type Output = BufWriter<Stdout>;

pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Output>>,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal over.
    pub(super) fn enter() -> io::Result<Self> {
        // Whether there are colours is the theme's matter, which has minded NO_COLOR and the option already.
        crossterm::style::force_color_output(true);
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(
            1 << 16,
            io::stdout(),
        )))?;
        let mut screen = Self {
            terminal,
            mouse: false,
        };
        screen.take()?;
        Ok(screen)
    }

    fn take(&mut self) -> io::Result<()> {
        ENTERED.store(true, Ordering::SeqCst);
        keeper::taken();
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        if self.mouse {
            execute!(io::stdout(), EnableMouseCapture)?;
        }
        self.forget()
    }

    /// Gives the terminal back as it was.
    pub(super) fn leave(self) -> io::Result<()> {
        let restored = restore();
        drop(self);
        restored
    }

    /// Gives the terminal back for a while; [`Self::retake`] ends it.
    pub(super) fn release() -> io::Result<()> {
        restore()
    }

    /// Takes the terminal over again, whatever was done to it meanwhile. In the background this stops the
    /// process until it is brought to the front.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        // Raw mode is believed to be on after a stop that was not ours to prepare, and would be left as the
        // shell has set it.
        disable_raw_mode()?;
        self.take()
    }

    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Forgets what the terminal is thought to show; the next frame is drawn whole.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: that asks the terminal where the cursor is, and the answer would go to the
        // thread that reads keys.
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }

    /// Switches mouse reports and says whether they are on now.
    pub(super) fn toggle_mouse(&mut self) -> io::Result<bool> {
        self.mouse = !self.mouse;
        if self.mouse {
            execute!(io::stdout(), EnableMouseCapture)?;
        } else {
            execute!(io::stdout(), DisableMouseCapture)?;
        }
        Ok(self.mouse)
    }

    /// Draws a frame: what changed since the last one goes to the terminal in one piece.
    pub(super) fn draw(
        &mut self,
        draw: impl FnOnce(&mut Buffer) -> Option<(u16, u16)>,
    ) -> io::Result<()> {
        if !ENTERED.load(Ordering::SeqCst) {
            return Ok(());
        }
        execute!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| {
            if let Some(place) = draw(frame.buffer_mut()) {
                frame.set_cursor_position(place);
            }
        })?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing is left to tell a failure to.
        let _ = restore();
    }
}

/// Gives the terminal back, if it is ours.
fn restore() -> io::Result<()> {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    // Raw mode first: it is a call and no text, so it works on a terminal that takes no more text.
    let raw = disable_raw_mode();
    let mut out = io::stdout();
    execute!(
        out,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    )?;
    out.flush()?;
    keeper::left();
    raw
}

/// Gives the terminal back without waiting for it: it takes no output, or nobody knows whether it does. Another thread
/// may be about to give it back, and wait for it.
pub(super) fn abandon() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        let _ = disable_raw_mode();
    }
    keeper::abandoned();
}

/// Makes a panic in any thread give the terminal back before it is told. A panic outside the main thread
/// ends the process: what that thread was doing is not done, and nobody could see why.
pub(super) fn restore_on_panic() {
    let previous = std::panic::take_hook();
    let main = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if crate::source::is_contained() {
            return;
        }
        log::error!(
            "panic at {}",
            info.location().map(ToString::to_string).unwrap_or_default()
        );
        let ours = ENTERED.load(Ordering::SeqCst);
        let _ = restore();
        previous(info);
        if ours && std::thread::current().id() != main {
            std::process::exit(101);
        }
    }));
}
