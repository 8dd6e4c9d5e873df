//! Tables with a header: CSV, TSV and their relatives.
//!
//! A [`Header`] names the columns, [`Cutter`] finds where rows end, and [`Header::decode`] hands each row to
//! the decoder as the JSON object that has the columns as its members. So a row is kept, searched and printed
//! like any other record.

mod cut;
mod header;
mod rows;

pub use cut::{Cut, Cutter};
pub use header::{Header, HeaderError, known_names};
pub use rows::escape;
