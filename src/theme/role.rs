//! Roles: the parts of the screen with a style of their own, one row each.

/// Declares the roles with their names in theme files and their descriptions.
macro_rules! roles {
    ($($variant:ident = $name:literal, $doc:literal;)+) => {
        /// A part of the screen that themes style.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role {
            $(#[doc = $doc] $variant,)+
        }

        impl Role {
            /// All roles, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns the name in theme files.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Returns the description of the role.
            pub fn doc(self) -> &'static str {
                match self {
                    $(Self::$variant => $doc,)+
                }
            }
        }
    };
}

roles! {
    Text = "text", "Ordinary text.";
    Dim = "dim", "Text of little weight: units, separators, what is left out.";
    Title = "title", "Title of a pane.";
    TitleFocused = "title.focused", "Title of the pane that has the keys.";
    Border = "border", "Rules between panes.";
    BorderFocused = "border.focused", "Rules of the pane that has the keys.";
    Header = "header", "Headings of columns.";
    BarTop = "bar.top", "The line at the top that names source and state.";
    Cursor = "cursor", "The row under the cursor in the focused pane.";
    CursorUnfocused = "cursor.unfocused", "The row under the cursor in the other panes.";
    Selection = "selection", "A range under selection.";
    Chip = "chip", "A term of the filter.";
    ChipExclude = "chip.exclude", "A term of the filter that excludes.";
    StatusOk = "status.ok", "An HTTP status below 400.";
    StatusDenied = "status.denied", "Status 401 and 403.";
    StatusMissing = "status.missing", "Status 404.";
    StatusFailed = "status.failed", "Every other status from 400, throttling included.";
    ActionPull = "action.pull", "An action that reads an image.";
    ActionPush = "action.push", "An action that writes an image.";
    ActionDelete = "action.delete", "An action that deletes.";
    Live = "live", "A source that delivers, a view that follows.";
    Held = "held", "A view that stays while events arrive; a paused one.";
    Loading = "loading", "Work in progress.";
    Warning = "warning", "Something to look at.";
    Error = "error", "Something that failed.";
    Message = "message", "What just happened.";
    Bar = "bar", "A bar of the histogram.";
    BarFailed = "bar.failed", "The part of a bar that shows failures.";
    BarSelected = "bar.selected", "The bar under the histogram's cursor.";
    FacetInclude = "facet.include", "A value that is included.";
    FacetExclude = "facet.exclude", "A value that is excluded.";
    Count = "count", "A number of events.";
    Match = "match", "A search hit, or what matched the filter.";
    MatchCurrent = "match.current", "The search hit the cursor is on.";
    Mark = "mark", "The sign of a marked event.";
    FirstSeen = "first-seen", "The sign of a value seen for the first time.";
    DaySeparator = "day", "The row between two days, and gaps.";
    FieldName = "field.name", "Name of a field in the detail pane.";
    FieldEmpty = "field.empty", "A field the record does not have.";
    Derived = "derived", "A value that is computed and not in the record.";
    HintKey = "hint.key", "A key in the line of hints and in help.";
    HintText = "hint.text", "What a key does.";
    Prompt = "prompt", "The sign before a line being edited.";
    PromptGhost = "prompt.ghost", "A completion that is offered but not yet taken.";
    Overlay = "overlay", "Text of help, palette and other overlays.";
    PaletteMatch = "palette.match", "Characters that match in the palette.";
}

impl Role {
    /// Returns the role of an HTTP status.
    pub fn of_status(status: &str) -> Self {
        match status.parse::<u16>() {
            Ok(401 | 403) => Self::StatusDenied,
            Ok(404) => Self::StatusMissing,
            Ok(400..) => Self::StatusFailed,
            _ => Self::StatusOk,
        }
    }

    /// Returns the role of an action.
    pub fn of_action(action: &str) -> Self {
        match action {
            "PutImageManifest" => Self::ActionPush,
            "GetImageManifest" | "GetBlob" => Self::ActionPull,
            action if action.starts_with("Delete") => Self::ActionDelete,
            _ => Self::Text,
        }
    }

    /// Returns the role with a name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }
}
