//! Everything that can happen to the screen, and everything it can ask of the outside. Both are closed
//! enums, so that every cause of a change has a name.

use crate::config::{SavedView, ViewsWork};
use crate::engine::{Ask, EngineEvent, SourceAction};
use crate::keymap::Key;
use crate::model::time::Nanos;

/// A cause of change.
#[derive(Clone, Debug)]
pub enum Message {
    Key(Key),
    /// Text that came in one piece from the terminal.
    Paste(String),
    /// Width and height in cells.
    Resize(u16, u16),
    Engine(EngineEvent),
    /// The present time; sent before a batch of other messages and when [`super::App::deadline`] is due.
    Clock(Nanos),
    /// Something the runtime did and how it went: "copied 41 bytes (OSC 52)".
    Told(String),
    /// The saved views, after something was done to them or they were asked for.
    Views(Vec<SavedView>),
}

/// What the runtime has to do.
#[derive(Clone, Debug)]
pub enum Effect {
    Ask(Box<Ask>),
    /// Do something to the sources with these numbers.
    Sources(Vec<usize>, SourceAction),
    Quit,
    Suspend,
    /// Draw everything anew, whatever the terminal is thought to show.
    Redraw,
    /// Put text on the clipboard.
    Copy {
        text: String,
        what: String,
    },
    /// Switch mouse reports on, or off where they are on.
    ToggleMouse,
    /// Do something to the saved views and list them anew.
    Views(ViewsWork),
}
