//! About screen: version, build, licence, and the files that this run reads and writes.

use ratatui::buffer::Buffer;

use super::{Panel, Scene, Spec, frame};
use crate::config::Paths;
use crate::model::shown;
use crate::theme::Role;
use crate::widgets::{ListCursor, Look, text};

/// Optional features of a build.
const FEATURES: [(&str, bool); 2] = [
    ("http", cfg!(feature = "http")),
    ("parquet", cfg!(feature = "parquet")),
];

/// Width of the names in cells.
const NAME: u16 = 15;

/// Lines of the about screen, and the scroll position.
#[derive(Clone, Debug, Default)]
pub struct About {
    facts: Vec<(&'static str, String)>,
    cursor: ListCursor,
}

impl About {
    /// Content for this build, with the user's files if there is a home directory.
    pub fn new(paths: Option<&Paths>) -> Self {
        let profile = if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        };
        let features = FEATURES.iter().filter(|(_, is_in)| *is_in);
        let features: Vec<&str> = features.map(|(name, _)| *name).collect();
        let build = match features.as_slice() {
            [] => format!("{profile}, no optional features"),
            some => format!("{profile}, with {}", some.join(" and ")),
        };
        let files = match paths {
            None => vec![("files", "none (no home directory)".to_owned())],
            Some(paths) => {
                vec![
                    ("configuration", shown(&paths.config_file())),
                    ("key map", shown(&paths.keymap_file())),
                    ("themes", shown(&paths.themes())),
                    ("saved views", shown(&paths.views())),
                    ("state", shown(paths.state())),
                    ("history", shown(&paths.history_file())),
                    ("recent", shown(&paths.recent_file())),
                    ("marks", shown(&paths.marks_file())),
                    ("columns", shown(&paths.columns_file())),
                    ("layout", shown(&paths.layout_file())),
                    ("demo hints", shown(&paths.hints_file())),
                ]
            }
        };
        Self::of(env!("CARGO_PKG_VERSION"), &build, files)
    }

    /// Content for a given version, build and file list.
    pub fn of(version: &str, build: &str, files: Vec<(&'static str, String)>) -> Self {
        let mut facts = vec![
            ("version", version.to_owned()),
            ("build", build.to_owned()),
            ("licence", env!("CARGO_PKG_LICENSE").to_owned()),
            ("", String::new()),
        ];
        facts.extend(files);
        Self {
            facts,
            cursor: ListCursor::default(),
        }
    }

    /// Names with their texts, wrapped to the width.
    fn lines(&self, width: u16) -> Vec<(&'static str, String)> {
        let room = usize::from(width.saturating_sub(NAME));
        let facts = self.facts.iter().flat_map(|(name, reported)| {
            let lines = text::wrap(reported, room).into_iter().enumerate();
            lines.map(|(at, line)| (if at == 0 { *name } else { "" }, line))
        });
        facts.collect()
    }
}

impl Panel for About {
    fn spec(&self) -> Spec {
        Spec::of_text("ABOUT")
    }

    fn cursor(&mut self, scene: &Scene<'_>) -> Option<(&mut ListCursor, usize)> {
        let places = scene.tops(self.lines(scene.room().0).len());
        Some((&mut self.cursor, places))
    }

    fn draw(&self, _scene: &Scene<'_>, look: &Look<'_>, buf: &mut Buffer) -> Option<(u16, u16)> {
        let mut canvas = frame::draw("ABOUT", look, buf);
        let lines = self.lines(canvas.width()).into_iter().skip(self.cursor.at);
        for (y, (name, line)) in (0..canvas.height()).zip(lines) {
            canvas.text(0, y, name, Role::FieldName);
            canvas.text(NAME, y, &line, Role::Text);
        }
        None
    }
}
