//! The screen: as recorded in files, and as it behaves under keys, answers and sizes.

mod driver;
mod looks;
mod marks;
mod parts;
mod place;
mod recorded;
mod sizes;
mod words;
