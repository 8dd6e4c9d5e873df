//! Text that must not be shown: keys, tokens, header values. It does not wipe memory.

use std::fmt;

use serde::Deserialize;

/// A secret text. `Debug` and `Display` say `***`; the text itself is had only by [`Secret::reveal`].
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for signing and for request headers only.
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
