//! Tables with a header: CSV, TSV and similar formats.
//!
//! A [`Header`] names the columns, [`Cutter`] finds the ends of rows, and [`Header::decode`] decodes each row as the
//! JSON object whose members are the columns: so a row is stored, searched and printed like any other record. Most rows
//! are never written as JSON: the cells are looked up in place.

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
