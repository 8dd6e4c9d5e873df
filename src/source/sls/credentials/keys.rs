//! The keys that requests are signed with, and how they may be shown.

use std::fmt;

use super::scrubbed;
use crate::source::Secret;

/// What a request is signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    pub id: String,
    pub secret: Secret,
    pub token: Option<Secret>,
}

impl Keys {
    /// A text that the service wrote, without these keys: it may repeat what was signed.
    pub(in crate::source::sls) fn scrub(&self, text: &str) -> String {
        let token = self.token.as_ref().map(Secret::reveal);
        scrubbed(text, [self.secret.reveal()].into_iter().chain(token))
    }

    /// Enough of the id to know the key by. More is never shown: a torn file may put the secret where the id belongs.
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
