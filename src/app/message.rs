//! Messages to the explorer and effects it requests. Both are closed enums, so that every cause of a change has a name.

use crate::config::{MarksWork, SavedView, Shape, ViewsWork};
use crate::engine::{Ask, EngineEvent, SourceAction, WriteWant};
use crate::keymap::Key;
use crate::model::time::Nanos;
use crate::overlays::{Listing, Purpose, Wanted};
use crate::query::Node;
use crate::widgets::Picture;
use std::ffi::OsString;

/// Action of the first pointer button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    Down,
    Drag,
    Up,
}

/// Cause of a state change.
#[derive(Clone, Debug)]
pub enum Message {
    Key(Key),
    /// First pointer button, at a column and a row.
    Pointer(Pointer, u16, u16),
    /// Pointer wheel, at a column and a row; rows are positive downwards.
    Wheel(i64, u16, u16),
    /// Text pasted into the terminal.
    Paste(String),
    /// Width and height in cells.
    Resize(u16, u16),
    Engine(EngineEvent),
    /// Current time; sent before a batch of other messages and when [`super::App::deadline`] is due.
    Clock(Nanos),
    /// Notice of the runtime about an action and its result: "copied 41 bytes (OSC 52)".
    Told(String),
    /// Saved views, after a change or on request.
    Views(Vec<SavedView>),
    /// Command line that opens the newly opened sources again, or the reason why they could not be opened.
    Opened(Result<Vec<OsString>, String>),
    /// Content of a directory, for the prompt for a source.
    Directory(Listing),
    /// Query with its watchlists read, or the reason why one could not be read.
    Loaded {
        query: Result<Node, String>,
        purpose: Purpose,
    },
}

/// Action for the runtime.
#[derive(Clone, Debug)]
pub enum Effect {
    Ask(Box<Ask>),
    /// Apply an action to the sources with these indices.
    Sources(Vec<usize>, SourceAction),
    Quit,
    Suspend,
    /// Redraw every cell, independent of the assumed state of the terminal.
    Redraw,
    /// Put text on the clipboard.
    Copy {
        text: String,
        what: String,
    },
    /// Switch to the next built-in theme, for this session.
    NextTheme,
    /// Toggle mouse reports.
    ToggleMouse,
    /// Change the saved views, then list them again.
    Views(ViewsWork),
    /// Store or delete marks.
    Marks(MarksWork),
    /// Store the list columns of a size class: fields, with widths set by the user.
    Columns {
        class: usize,
        columns: Vec<(String, Option<u16>)>,
    },
    /// Store the layout changes of a size class.
    Shape {
        class: usize,
        shape: Shape,
    },
    /// Store a line of the filter prompt.
    History(String),
    /// Remember that the hints of the demo were closed.
    HintsClosed,
    /// Open additional sources.
    Open(Wanted),
    /// List a typed directory in the background, then send [`Message::Directory`].
    List(String),
    /// Read the watchlists of a query in the background, then send [`Message::Loaded`].
    Load {
        query: Node,
        purpose: Purpose,
    },
    /// Export to a file in the background; the engine reports progress.
    Write(Box<WriteWant>),
    /// Draw the screen without the export prompt, and export the picture to a file.
    Picture {
        form: Picture,
        want: Box<WriteWant>,
    },
    /// Stop the export in progress.
    StopWriting,
}
