//! Keys that sign requests, and their form for display.

use std::fmt;

use super::scrubbed;
use crate::source::Secret;

/// Keys that sign a request.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    pub id: String,
    pub secret: Secret,
    pub token: Option<Secret>,
}

impl Keys {
    /// Masks these keys in a text of the service, which may repeat signed content.
    pub(in crate::source::sls) fn scrub(&self, text: &str) -> String {
        let token = self.token.as_ref().map(Secret::reveal);
        scrubbed(text, [self.secret.reveal()].into_iter().chain(token))
    }

    /// Start of the id, enough to recognize the key. Never more: a damaged file may have the secret in place of the id.
    pub(in crate::source::sls) fn shown(&self) -> String {
        let id = &self.id;
        match (id.get(..4), id.get(id.len().saturating_sub(4)..)) {
            (Some(start), Some(end)) if id.len() > 12 => format!("{start}…{end}"),
            _ => id.clone(),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Keys");
        shown
            .field("id", &self.shown())
            .field("secret", &self.secret);
        shown.field("token", &self.token).finish()
    }
}
