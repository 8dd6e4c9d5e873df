//! Where keys are looked up.

use super::App;
use super::layout::PaneId;

impl App {
    /// Scopes of the key map that hold, inner before outer.
    pub fn scopes(&self) -> Vec<&'static str> {
        match &self.overlay {
            Some(overlay) => overlay.scopes().to_vec(),
            None if self.focus == PaneId::List && self.list.selected().is_some() => {
                vec!["selection", "list", "global"]
            }
            None => vec![self.focus.scope(), "global"],
        }
    }
}
