//! Overlays on top of the panes: help, palette, prompts, tables and lists.
//!
//! An overlay is a value that knows neither the explorer nor the commands. It receives data when it is opened, or reads
//! it from a [`Scene`]. Commands change it; the rest of the screen uses it through [`Panel`].

mod about;
mod card;
mod changes;
mod choice_box;
mod columns;
mod compare;
mod examples;
mod field_picker;
mod frame;
mod group;
mod help;
mod help_view;
mod lineage;
pub mod marks;
mod palette;
mod panel;
mod paths;
mod presets;
mod preview;
mod prompt;
mod prompt_view;
pub mod query_input;
mod rank;
mod rejected;
mod sources;
mod start;
mod stats;
mod suggest;
mod table;
mod topics;
mod views;

pub use about::About;
pub use card::{Card, Line as CardLine};
pub use changes::{NewsStep, NewsView, Window};
pub use columns::{ColumnList, fields as column_fields, width_now as column_width};
pub use compare::Compare;
pub use field_picker::FieldPicker;
pub use group::GroupView;
pub use help::{Entry, Help, Section};
pub use lineage::LineageView;
pub use marks::MarkList;
pub use palette::{Offer, Palette};
use panel::{CHOOSE, CLOSE, COPY, EXPORT};
pub use panel::{Hint, Panel, Scene, Spec};
pub use paths::{File, Listing};
pub use presets::Preset;
pub use prompt::{Prompt, PromptKind, Purpose, Written};
pub use rejected::Defects;
pub use sources::SourceList;
pub use start::{Choice, Start, StartScreen, Wanted};
pub use stats::StatsView;
pub use table::Table;
pub use topics::Topics;
pub use views::{ViewList, ViewsScreen};

/// Defines the enum of overlays from a list of names and state types.
macro_rules! overlays {
    ($($name:ident($state:ty),)*) => {
        /// Topmost overlay; at most one is open.
        #[derive(Clone, Debug)]
        pub enum Overlay {
            $($name($state),)*
        }

        impl Overlay {
            /// Names of all overlays.
            pub const NAMES: &[&str] = &[$(stringify!($name),)*];

            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
                }
            }

            pub fn panel(&self) -> &dyn Panel {
                match self {
                    $(Self::$name(state) => state,)*
                }
            }

            pub fn panel_mut(&mut self) -> &mut dyn Panel {
                match self {
                    $(Self::$name(state) => state,)*
                }
            }
        }

        $(impl From<$state> for Overlay {
            fn from(state: $state) -> Self {
                Self::$name(state)
            }
        })*
    };
}

overlays! {
    About(About),
    Card(Card),
    Columns(ColumnList),
    Compare(Compare),
    Defects(Defects),
    Fields(FieldPicker),
    Group(GroupView),
    Help(Help),
    Lineage(LineageView),
    Marks(MarkList),
    News(NewsView),
    Palette(Palette),
    Prompt(Prompt),
    Sources(SourceList),
    Start(StartScreen),
    Stats(StatsView),
    Views(ViewsScreen),
}
