//! User's files: configuration, key map and theme. Errors include file and line.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use crate::cli::{ScreenArgs, When};
use crate::command;
use crate::config::{self, Config, Paths, Problem, suggestion};
use crate::failure::Failure;
use crate::keymap::Keymap;
use crate::theme::Theme;

/// User's files. The configuration is read once, on first use, and shared through this value.
#[derive(Debug, Default)]
pub struct Setup {
    /// `None` without a home directory.
    pub paths: Option<Paths>,
    config: OnceCell<Result<Config, String>>,
}

impl Setup {
    /// Finds the files in the directories that the system's conventions define.
    pub fn find() -> Self {
        Self {
            paths: Paths::find(),
            config: OnceCell::new(),
        }
    }

    /// User's configuration, merged over the defaults.
    pub fn config(&self) -> Result<&Config, Failure> {
        let config = self
            .config
            .get_or_init(|| configuration(self.paths.as_ref()));
        config.as_ref().map_err(|why| Failure::Usage(why.clone()))
    }

    /// User's key map, merged over the built-in one.
    pub fn keymap(&self) -> Result<Keymap, Failure> {
        let path = self.paths.as_ref().map(Paths::keymap_file);
        let Some((path, text)) = user_text(path).map_err(Failure::Usage)? else {
            return Ok(Keymap::builtin());
        };
        let names: Vec<&str> = command::all().map(|command| command.name).collect();
        let (keymap, problems) = Keymap::with_user(&text, &names);
        if problems.is_empty() {
            return Ok(keymap);
        }
        Err(Failure::Usage(all(&path, &problems)))
    }

    /// Returns the theme, and the one for a light background if the background decides.
    pub fn theme(&self, screen: &ScreenArgs) -> Result<(Theme, Option<Theme>), Failure> {
        let (config, paths) = (self.config()?, self.paths.as_ref());
        let plain = match screen.color {
            Some(When::Never) => true,
            Some(When::Always) => false,
            Some(When::Auto) | None => {
                std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
                    || std::env::var("TERM").is_ok_and(|t| t == "dumb")
            }
        };
        let named = screen.theme.as_deref();
        let name = if plain && (named.is_none() || screen.color == Some(When::Never)) {
            "mono"
        } else {
            named.unwrap_or(&config.theme)
        };
        let path = paths.map(|paths| paths.theme_file(name));
        if let Some((path, text)) = user_text(path).map_err(Failure::Usage)? {
            let (theme, problems) = Theme::parse(&text);
            return if problems.is_empty() {
                Ok((theme, None))
            } else {
                Err(Failure::Usage(all(&path, &problems)))
            };
        }
        if name == AUTO {
            return Ok((Theme::default(), Theme::builtin("light")));
        }
        let built_in = Theme::builtin(name).map(|theme| (theme, None));
        // The theme of the configuration exists: it was checked when it was read.
        built_in.ok_or_else(|| Failure::Usage(no_theme("--theme", name, paths)))
    }
}

/// Reads a user's file; `None` if it does not exist.
fn user_text(path: Option<PathBuf>) -> Result<Option<(PathBuf, String)>, String> {
    let Some(path) = path else {
        return Ok(None);
    };
    let text = config::read(&path)?;
    Ok(text.map(|text| (path, text)))
}

fn configuration(paths: Option<&Paths>) -> Result<Config, String> {
    let Some((path, text)) = user_text(paths.map(Paths::config_file))? else {
        return Ok(Config::default());
    };
    let config = Config::with(&text).map_err(|fault| fault.of(&path))?;
    let theme = config.theme.as_str();
    let own = paths.is_some_and(|paths| paths.theme_file(theme).exists());
    if theme == AUTO || own || Theme::builtin(theme).is_some() {
        return Ok(config);
    }
    let from = format!("{}: theme", config::shown(&path));
    Err(no_theme(&from, theme, paths))
}

/// Formats all problems of a file, one per line.
fn all(path: &Path, problems: &[Problem]) -> String {
    let reported = problems.iter().map(|problem| {
        format!(
            "{}:{}: {}",
            config::shown(path),
            problem.line,
            problem.message
        )
    });
    reported.collect::<Vec<_>>().join("\n")
}

/// Name that selects the theme by the terminal's background: dark or light.
const AUTO: &str = "auto";

/// Error text for a theme that does not exist.
fn no_theme(from: &str, name: &str, paths: Option<&Paths>) -> String {
    let known: Vec<_> = Theme::names().collect();
    let near = suggestion(name, known.iter().copied());
    format!(
        "{from} {name:?}: no such theme{near}{} expected {AUTO}, {}, or a theme file in {}",
        if near.is_empty() { ";" } else { "" },
        known.join(", "),
        paths.map_or(String::new(), |paths| config::shown(&paths.themes())),
    )
}
