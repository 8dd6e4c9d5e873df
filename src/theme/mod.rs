//! Appearance of the screen: roles, and themes as TOML that assign each role a style.
//!
//! A file names the theme it `inherits` from (default `dark`), may define colours in `[palette]`, and styles roles in
//! `[roles]`. A role in a file replaces the whole inherited role. A palette name in a file also changes the inherited
//! roles that use it. `hues` are the colours that distinguish users. `assets/themes/dark.toml` shows every key.

mod draft;
mod role;

#[cfg(test)]
mod tests;

use ratatui::style::{Color, Style};

use crate::config::{Problem, suggestion};
use draft::Draft;
pub use role::Role;

/// The theme from which all others finally inherit.
const BASE: &str = "dark";

/// Names and files of the built-in themes.
const BUILTIN: [(&str, &str); 5] = [
    (BASE, include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("mono", include_str!("../../assets/themes/mono.toml")),
    (
        "high-contrast",
        include_str!("../../assets/themes/high-contrast.toml"),
    ),
    ("slate", include_str!("../../assets/themes/slate.toml")),
];

/// A style for every role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// By position in [`Role::ALL`].
    styles: Vec<Style>,
    hues: Vec<Style>,
}

impl Default for Theme {
    /// Returns the base theme.
    fn default() -> Self {
        Self::parse(BUILTIN[0].1).0
    }
}

impl Theme {
    /// Iterates over the names of the built-in themes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|(name, _)| *name)
    }

    /// Returns a built-in theme.
    pub fn builtin(name: &str) -> Option<Self> {
        source(name).map(|text| Self::parse(text).0)
    }

    /// Returns true if it is the theme for terminals with a light background.
    pub fn is_light(&self) -> bool {
        Self::builtin("light").is_some_and(|light| light.styles == self.styles)
    }

    /// Parses a theme file. Returns a theme and all problems in the file, by line. Invalid parts are skipped; the
    /// result is always complete.
    pub fn parse(text: &str) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let draft = read(text, &mut problems);
        let (styles, hues) = draft.styles(text, &mut problems);
        problems.sort_by_key(|problem| problem.line);
        problems.dedup();
        (Self { styles, hues }, problems)
    }

    /// Returns the theme without the colours that distinguish users if the terminal has fewer than they need.
    #[must_use]
    pub fn for_colours(mut self, available: u16) -> Self {
        let needs_more = |hue: &Style| matches!(hue.fg, Some(Color::Indexed(_) | Color::Rgb(..)));
        if available < 256 && self.hues.iter().any(needs_more) {
            self.hues.clear();
        }
        self
    }

    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

/// Returns the style of a user's name. It depends only on name and theme, so that a user is recognisable in a long
/// list. Plain if the theme has no hues.
pub fn user_hue(user: &str, theme: &Theme) -> Style {
    // FNV-1a: the choice must be the same in every session and build.
    let hash = user.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // Similar names have similar low bits.
    let mixed = (hash ^ (hash >> 32)) as usize;
    match theme.hues.len() {
        0 => Style::new(),
        count => theme.hues[mixed % count],
    }
}

fn source(name: &str) -> Option<&'static str> {
    BUILTIN
        .iter()
        .find(|(builtin, _)| *builtin == name)
        .map(|(_, text)| *text)
}

/// Reads a file over the built-in theme it inherits from. Built-in themes inherit only from the base, which inherits
/// from nothing.
fn read(text: &str, problems: &mut Vec<Problem>) -> Draft {
    let base = if text == BUILTIN[0].1 {
        Draft::default()
    } else {
        let wanted = draft::inherits(text);
        let name = wanted.as_ref().map_or(BASE, |(name, _)| name);
        let base = source(name)
            .filter(|base| *base != text)
            .unwrap_or_else(|| {
                if let Some((name, span)) = &wanted {
                    let near = suggestion(name, Theme::names());
                    let message =
                        format!("there is no built-in theme `{name}` to inherit from{near}");
                    problems.push(Problem::at(text, span, message));
                }
                BUILTIN[0].1
            });
        // Problems of built-in files are for their tests, not for the user.
        read(base, &mut Vec::new())
    };
    Draft::read(text, base, problems)
}
