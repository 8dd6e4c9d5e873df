//! What the user's own files say: the configuration, the key map, the theme. What is wrong in one is named by file and line.

use std::path::{Path, PathBuf};

use crate::cli::{ScreenArgs, When};
use crate::command;
use crate::config::{self, Config, Paths};
use crate::headless::QueryFailure;
use crate::keymap::{Keymap, Problem, suggestion};
use crate::theme::Theme;

/// A file of the user with its text, if there is one.
fn user_text(path: Option<PathBuf>) -> Result<Option<(PathBuf, String)>, QueryFailure> {
    let Some(path) = path else {
        return Ok(None);
    };
    let text = config::read(&path).map_err(QueryFailure::Usage)?;
    Ok(text.map(|text| (path, text)))
}

/// The user's configuration over the defaults.
pub fn configuration(paths: Option<&Paths>) -> Result<Config, QueryFailure> {
    let Some((path, text)) = user_text(paths.map(Paths::config_file))? else {
        return Ok(Config::default());
    };
    let config = Config::with(&text).map_err(|fault| QueryFailure::Usage(fault.of(&path)))?;
    let theme = config.theme.as_str();
    let own = paths.is_some_and(|paths| paths.theme_file(theme).exists());
    if theme == AUTO || own || Theme::builtin(theme).is_some() {
        return Ok(config);
    }
    Err(no_theme(
        &format!("{}: theme", config::shown(&path)),
        theme,
        paths,
    ))
}

/// The user's key map over the built-in one.
pub fn keymap(paths: Option<&Paths>) -> Result<Keymap, QueryFailure> {
    let Some((path, text)) = user_text(paths.map(Paths::keymap_file))? else {
        return Ok(Keymap::builtin());
    };
    let names: Vec<&str> = command::all().map(|command| command.name).collect();
    let (keymap, problems) = Keymap::with_user(&text, &names);
    if problems.is_empty() {
        return Ok(keymap);
    }
    Err(QueryFailure::Usage(all(&path, &problems)))
}

/// Everything that is wrong in a file, a line each.
fn all(path: &Path, problems: &[Problem]) -> String {
    let told = problems.iter().map(|problem| {
        format!(
            "{}:{}: {}",
            config::shown(path),
            problem.line,
            problem.message
        )
    });
    told.collect::<Vec<_>>().join("\n")
}

/// The theme that is chosen by the terminal's background: dark or light.
const AUTO: &str = "auto";

/// The theme, and the one to take instead on a light background where that decides.
pub(super) fn theme(
    screen: &ScreenArgs,
    config: &Config,
    paths: Option<&Paths>,
) -> Result<(Theme, Option<Theme>), QueryFailure> {
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
    if let Some((path, text)) = user_text(paths.map(|paths| paths.theme_file(name)))? {
        let (theme, problems) = Theme::parse(&text);
        return if problems.is_empty() {
            Ok((theme, None))
        } else {
            Err(QueryFailure::Usage(all(&path, &problems)))
        };
    }
    if name == AUTO {
        return Ok((Theme::default(), Theme::builtin("light")));
    }
    let built_in = Theme::builtin(name).map(|theme| (theme, None));
    // That of the configuration is there: it was checked where it was read.
    built_in.ok_or_else(|| no_theme("--theme", name, paths))
}

/// What is said of a theme that is not there.
fn no_theme(from: &str, name: &str, paths: Option<&Paths>) -> QueryFailure {
    let known: Vec<_> = Theme::names().collect();
    let near = suggestion(name, known.iter().copied());
    QueryFailure::Usage(format!(
        "{from} {name:?}: no such theme{near}{} there are {AUTO}, {}, and yours in {}",
        if near.is_empty() { ";" } else { "" },
        known.join(", "),
        paths.map_or(String::new(), |paths| config::shown(&paths.themes())),
    ))
}
