//! What belongs to the session rather than to what is looked at: how the program was started, marks, saved views.

use std::ffi::OsString;

use crate::config::Marked;
use crate::model::time::Nanos;
use crate::overlays::marks::Marks;
use crate::overlays::query_input::Names;
use crate::overlays::{About, Purpose, Start, ViewList};

/// How the program was started, and what is kept beyond the view.
#[derive(Debug)]
pub struct Session {
    /// The words that start the program on the same sources.
    pub program: Vec<OsString>,
    /// The words of the options that say how the sources are read.
    pub reading: Vec<String>,
    /// What the start screen offers.
    pub start: Start,
    pub about: About,
    pub names: Names,
    /// The saved views, as listed last.
    pub views: ViewList,
    pub marks: Marks,
    /// What watchlists are being read for, and since when.
    pub(super) reading_lists: Option<(Purpose, Nanos)>,
}

impl Session {
    pub(super) fn new(
        program: Vec<OsString>,
        reading: Vec<String>,
        start: Start,
        about: About,
        marks: Vec<Marked>,
    ) -> Self {
        Self {
            program,
            reading,
            start,
            about,
            names: Names::default(),
            views: ViewList::default(),
            marks: Marks::new(marks),
            reading_lists: None,
        }
    }
}
