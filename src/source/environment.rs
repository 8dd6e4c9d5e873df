//! Environment variables and the home directory as a value, so that code that depends on them can be tested.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// A copy of the environment. `Debug` shows the names only: values may be secrets.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    home: Option<PathBuf>,
}

impl Environment {
    /// Environment of this process. Variables that are not UTF-8 are left out.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        Self { variables, home }
    }

    /// Environment of exactly these variables and this home directory.
    pub fn of<K: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (K, V)>,
        home: Option<PathBuf>,
    ) -> Self {
        Self {
            variables: variables
                .into_iter()
                .map(|(k, v)| (k.into(), v.into()))
                .collect(),
            home,
        }
    }

    /// Returns a variable's value; `None` if it is unset or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Returns true if a switch is on: `true`, `1`, `yes`, in any case.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| {
            ["true", "1", "yes"]
                .iter()
                .any(|on| v.eq_ignore_ascii_case(on))
        })
    }

    /// Returns a path below the home directory.
    pub fn in_home(&self, path: &str) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(path))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys().collect::<Vec<_>>())
            .field("home", &self.home)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_names_and_no_values() {
        let env = Environment::of(
            [("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "hidden"), ("EMPTY", "")],
            None,
        );
        let shown = format!("{env:?}");
        assert!(
            shown.contains("ALIBABA_CLOUD_ACCESS_KEY_SECRET") && !shown.contains("hidden"),
            "{shown}"
        );
        assert_eq!(env.get("EMPTY"), None);
    }
}
