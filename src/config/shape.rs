//! Layout changes by the user. The final placement of the panes is decided elsewhere, for each size of the screen.

use serde::{Deserialize, Serialize};

/// Changes to the default layout for one size class; `None` is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shape {
    /// Show the focused pane alone.
    pub maximised: bool,
    /// True to show the facets next to the list; false to show them as a drawer while focused.
    pub facets: Option<bool>,
    pub detail: Option<DetailPlace>,
    /// Rows of the histogram, including the axis; 0 hides it.
    pub histogram: Option<u16>,
}

/// Position of the detail while it does not have the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DetailPlace {
    /// Right of the list.
    Beside,
    /// Below the list.
    Below,
    /// Below the list, with a line or two.
    Brief,
    Hidden,
}
