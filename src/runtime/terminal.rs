//! Set-up of the terminal, and restoration of its state.
//!
//! Restoring is safe to do twice and from any thread: a panic hook does it before the panic is printed, and dropping
//! the [`Screen`] does it again.

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

/// True while the explorer owns the terminal. Process-wide like the terminal itself; the panic hook has no other way to
/// know.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Text that restores the terminal if nothing but text can be written: it ends everything that [`restore`] ends.
pub(super) const LEAVE: &str = "\x1b[?2026l\x1b[?1006l\x1b[?1015l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?1049l\x1b[?25h\x1b[0m";

type Output = BufWriter<Stdout>;

pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Output>>,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal over.
    pub(super) fn enter() -> io::Result<Self> {
        // The theme decides about colours; it has already honoured NO_COLOR and the option.
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

    /// Restores the terminal.
    pub(super) fn leave(self) -> io::Result<()> {
        let restored = restore();
        drop(self);
        restored
    }

    /// Restores the terminal temporarily; [`Self::retake`] ends it.
    pub(super) fn release() -> io::Result<()> {
        restore()
    }

    /// Takes the terminal over again, in any state. In the background, this stops the process until it is brought to
    /// the foreground.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        // After a stop without preparation, crossterm assumes that raw mode is on, and would leave the settings of the
        // shell.
        disable_raw_mode()?;
        self.take()
    }

    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Forgets the assumed content of the terminal; the next frame is drawn completely.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: it asks the terminal for the cursor position, and the response would go to the thread
        // that reads keys.
        let size = self.terminal.size()?;
        self.terminal.resize(size.into())
    }

    /// Toggles mouse reports; returns true if they are on now.
    pub(super) fn toggle_mouse(&mut self) -> io::Result<bool> {
        self.mouse = !self.mouse;
        if self.mouse {
            execute!(io::stdout(), EnableMouseCapture)?;
        } else {
            execute!(io::stdout(), DisableMouseCapture)?;
        }
        Ok(self.mouse)
    }

    /// Draws a frame: the changes since the last one are written to the terminal at once.
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
        // There is no way left to report a failure.
        let _ = restore();
    }
}

/// Restores the terminal, if the explorer owns it.
fn restore() -> io::Result<()> {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    // Raw mode first: it is a system call, so it works on a terminal that accepts no more text.
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

/// Restores the terminal without waiting for it: it accepts no output, or might not. Another thread may be restoring it
/// and wait for it.
pub(super) fn abandon() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        let _ = disable_raw_mode();
    }
    keeper::abandoned();
}

/// Makes a panic in any thread restore the terminal before it is printed. A panic outside the main thread ends the
/// process: the work of that thread would be missing without a visible reason.
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
