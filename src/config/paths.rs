//! Where configuration and state live, by the conventions of the system.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// The program's own directories. They need not exist.
#[derive(Clone, Debug)]
pub struct Paths {
    config: PathBuf,
    state: PathBuf,
}

impl Paths {
    /// `None` where the system names no home directory.
    pub fn find() -> Option<Self> {
        let dirs = ProjectDirs::from("", "", "regtrail")?;
        let state = dirs
            .state_dir()
            .unwrap_or_else(|| dirs.data_local_dir())
            .to_owned();
        Some(Self {
            config: dirs.config_dir().to_owned(),
            state,
        })
    }

    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    pub fn keymap_file(&self) -> PathBuf {
        self.config.join("keymap.toml")
    }

    pub fn theme_file(&self, name: &str) -> PathBuf {
        self.themes().join(format!("{name}.toml"))
    }

    /// The directory of the user's themes.
    pub fn themes(&self) -> PathBuf {
        self.config.join("themes")
    }

    /// The directory of the saved views.
    pub fn views(&self) -> PathBuf {
        self.config.join("views")
    }

    /// The directory of what is remembered between runs.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The sources that were opened last.
    pub fn recent_file(&self) -> PathBuf {
        self.state.join("recent")
    }

    /// Marked events and their notes.
    pub fn marks_file(&self) -> PathBuf {
        self.state.join("marks")
    }

    /// The columns of the list that were chosen.
    pub fn columns_file(&self) -> PathBuf {
        self.state.join("columns")
    }

    /// The layouts of the screen that were chosen.
    pub fn layout_file(&self) -> PathBuf {
        self.state.join("layout")
    }

    pub fn history_file(&self) -> PathBuf {
        self.state.join("history")
    }
}
