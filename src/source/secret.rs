//! Text that must not be shown: keys, tokens, header values. Its memory is not wiped.

use std::fmt;

use serde::Deserialize;

/// A secret text. `Debug` and `Display` print `***`; only [`Secret::reveal`] returns the text.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, for signing and for request headers only.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        let secret = Secret::new("LTAI-hidden");
        let held = Some(vec![secret.clone()]);
        for shown in [
            format!("{secret}"),
            format!("{secret:?}"),
            format!("{held:#?}"),
        ] {
            assert!(
                shown.contains("***") && !shown.contains("hidden"),
                "{shown}"
            );
        }
        assert_eq!(secret.reveal(), "LTAI-hidden");
    }
}
