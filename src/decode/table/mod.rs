//! Tables with a header: CSV, TSV and their relatives.
//!
//! A [`Header`] names the columns, [`Cutter`] finds where rows end, and [`Header::decode`] has each row decoded as
//! the JSON object that has the columns as its members: so a row is kept, searched and printed like any other
//! record. Most rows are never written as JSON: the cells are looked up where they stand.

mod cut;
mod dialect;
mod find;
mod header;
mod joined;
mod norecord;
mod plan;
mod rows;
mod torn;

pub use cut::Cutter;
pub use dialect::Dialect;
pub use find::HeaderError;
pub use header::{Header, known_names};
pub(super) use plan::Plan;
pub use rows::escape;
