//! What a person changed about the layout of the screen. Where the panes stand in the end is not decided here.

use serde::{Deserialize, Serialize};

/// Changes to the usual layout for screens of one class of size; what is `None` is as usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shape {
    /// The focused pane alone.
    pub maximised: bool,
    /// Whether the facets stand beside the list; where not, they come as a drawer when they are gone to.
    pub facets: Option<bool>,
    pub detail: Option<DetailPlace>,
    /// Rows of the histogram with its axis; 0 hides it.
    pub histogram: Option<u16>,
}

/// Where the detail stands while it has not the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DetailPlace {
    /// Right of the list.
    Beside,
    /// Below the list.
    Below,
    /// Below the list, in a line or two.
    Brief,
    Hidden,
}
