//! State that outlives a view: the command line of the program, marks, saved views.

use std::ffi::OsString;

use super::tour::Tour;
use crate::config::Marked;
use crate::model::time::Nanos;
use crate::overlays::marks::Marks;
use crate::overlays::query_input::Names;
use crate::overlays::{About, Purpose, Start, ViewList};

/// Session state that outlives a view.
#[derive(Debug)]
pub struct Session {
    /// Words of the command line that opens the same sources.
    pub program: Vec<OsString>,
    /// Words of the options for reading the sources.
    pub reading: Vec<String>,
    /// Content of the start screen.
    pub start: Start,
    pub about: About,
    pub names: Names,
    /// Saved views, as last listed.
    pub views: ViewList,
    pub marks: Marks,
    pub tour: Tour,
    /// Purpose of the watchlists being read, with the start time.
    pub(super) reading_lists: Option<(Purpose, Nanos)>,
}

impl Session {
    pub(super) fn new(
        program: Vec<OsString>,
        reading: Vec<String>,
        start: Start,
        about: About,
        marks: Vec<Marked>,
        tour: Tour,
    ) -> Self {
        Self {
            program,
            reading,
            start,
            about,
            names: Names::default(),
            views: ViewList::default(),
            marks: Marks::new(marks),
            tour,
            reading_lists: None,
        }
    }
}
