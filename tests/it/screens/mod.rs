//! The screen: as recorded in files, and as it behaves under keys, answers and sizes.

mod bottom;
mod covered;
mod driver;
mod examples;
mod help;
mod hints;
mod lineage;
mod looks;
mod marks;
mod masking;
mod mouse;
mod news;
mod palette;
mod parts;
mod pictures;
mod place;
mod progress;
mod prompts;
mod recorded;
mod shapes;
mod sizes;
mod tables;
mod verbs;
mod words;

pub(crate) use recorded::overlay_of;
