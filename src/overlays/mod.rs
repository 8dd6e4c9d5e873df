//! What lies over the panes for a while: help, the palette, prompts, tables, and lists.
//!
//! An overlay is a value that knows neither the explorer nor the commands: what it shows of them it is given when it is
//! opened, or sees in a [`Scene`]. Commands change it, and [`Panel`] is all that the rest knows of it.

mod about;
mod card;
mod columns;
mod compare;
mod defects;
mod fields;
mod frame;
mod group;
mod help;
mod lineage;
pub mod marks;
pub mod names;
mod news;
mod palette;
mod panel;
mod parts;
mod preview;
mod prompt;
mod prompt_view;
mod sources;
mod start;
mod stats;
mod views;

pub use about::About;
pub use card::{Card, Line as CardLine};
pub use columns::{ColumnList, fields as column_fields, width_now as column_width};
pub use compare::Compare;
pub use defects::Defects;
pub use fields::FieldPicker;
pub use group::GroupView;
pub use help::{Entry, Help};
pub use lineage::LineageView;
pub use marks::MarkList;
pub use news::{NewsStep, NewsView};
pub use palette::{Offer, Palette};
use panel::{CHOOSE, CLOSE};
pub use panel::{Hint, Panel, Scene, Spec};
pub use parts::Parts;
pub use prompt::{Prompt, PromptKind, Purpose, Written};
pub use sources::SourceList;
pub use start::{Choice, Start, StartScreen, Wanted};
pub use stats::StatsView;
pub use views::{ViewList, ViewsScreen};

/// The enum of overlays, from a line for each: its name and its state.
macro_rules! overlays {
    ($($name:ident($state:ty),)*) => {
        /// The overlay on top; there is at most one.
        #[derive(Clone, Debug)]
        pub enum Overlay {
            $($name($state),)*
        }

        impl Overlay {
            /// Every overlay by name.
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
