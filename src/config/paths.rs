//! Directories of configuration and state, by the conventions of the system.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// Directories of the program. They need not exist.
#[derive(Clone, Debug)]
pub struct Paths {
    config: PathBuf,
    state: PathBuf,
}

impl Paths {
    /// Finds the directories; `None` if the system names no home directory.
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

    /// Directory of the user's themes.
    pub fn themes(&self) -> PathBuf {
        self.config.join("themes")
    }

    /// Directory of the saved views.
    pub fn views(&self) -> PathBuf {
        self.config.join("views")
    }

    /// Directory of the state kept between runs.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// File of recently opened sources.
    pub fn recent_file(&self) -> PathBuf {
        self.state.join("recent")
    }

    /// File of marked events and their notes.
    pub fn marks_file(&self) -> PathBuf {
        self.state.join("marks")
    }

    /// File of the list columns chosen by the user.
    pub fn columns_file(&self) -> PathBuf {
        self.state.join("columns")
    }

    /// File of the layouts chosen by the user.
    pub fn layout_file(&self) -> PathBuf {
        self.state.join("layout")
    }

    /// File that stores that the hints of the demo are closed.
    pub fn hints_file(&self) -> PathBuf {
        self.state.join("hints")
    }

    pub fn history_file(&self) -> PathBuf {
        self.state.join("history")
    }
}
