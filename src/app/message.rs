//! Everything that can happen to the screen, and everything it can ask of the outside. Both are closed
//! enums, so that every cause of a change has a name.

use crate::config::{MarksWork, SavedView, Shape, ViewsWork};
use crate::engine::{Ask, EngineEvent, SourceAction, WriteWant};
use crate::keymap::Key;
use crate::model::time::Nanos;
use crate::overlays::{Purpose, Wanted};
use crate::query::Node;
use std::ffi::OsString;

/// What was done with the first button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    Down,
    Drag,
    Up,
}

/// A cause of change.
#[derive(Clone, Debug)]
pub enum Message {
    Key(Key),
    /// The pointer's first button, at a column and a row.
    Pointer(Pointer, u16, u16),
    /// The pointer's wheel by so many rows, down when positive, at a column and a row.
    Wheel(i64, u16, u16),
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
    /// Sources were opened, with the words that would start the program on them; or why not.
    Opened(Result<Vec<OsString>, String>),
    /// A query whose watchlists were read, or why one of them could not be.
    Loaded {
        query: Result<Node, String>,
        purpose: Purpose,
    },
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
    /// Remember a mark or forget it.
    Marks(MarksWork),
    /// Remember the columns of the list for a class of size: fields, with the cells given by hand.
    Columns {
        class: usize,
        columns: Vec<(String, Option<u16>)>,
    },
    /// Remember what was changed about the layout for a class of size.
    Shape {
        class: usize,
        shape: Shape,
    },
    /// Remember a line of the filter prompt.
    History(String),
    /// Open sources beside those that are open.
    Open(Wanted),
    /// Read the watchlists of a query, beside the loop, and send [`Message::Loaded`].
    Load {
        query: Node,
        purpose: Purpose,
    },
    /// Write a file, beside the loop; how it goes comes from the engine.
    Write(Box<WriteWant>),
    /// Write what is on the screen as a picture.
    Picture,
    /// Stop the file that is being written.
    StopWriting,
}
