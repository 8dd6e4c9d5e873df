//! The in-memory index: dictionaries, columns of codes, immutable segments, snapshots.
//!
//! An event is a row of a [`Segment`]: ordinals into global dictionaries, stored as codes local to the segment in one
//! or two bytes. Segments never change. A [`Snapshot`] is a list of segments with the [`Vocabulary`] that maps their
//! ordinals to values. This module uses no files, threads, clocks or screens.

mod append_vec;
mod bitmap;
mod builder;
mod compact;
mod dictionary;
mod interner;
mod layout;
mod nested;
mod packed;
mod reconstruct;
mod seal;
mod segment;
mod snapshot;
pub mod spelling;
pub mod template;
mod usage;
mod uuid;
mod vocabulary;

pub use append_vec::AppendView;
pub use bitmap::Bitmap;
pub use builder::{Head, Record, SegmentBuilder};
pub use compact::Compactor;
pub use dictionary::{
    Dictionary, DictionaryView, MISSING, Ordinal, Stretch, Tuple, TupleDictionary, TupleView, WIDTH,
};
pub use interner::Interner;
pub use layout::{ColumnId, GROUPS, Home, home};
pub use segment::Typed;
pub use segment::{Codes, Column, MAX_ROWS, Part, Segment};
pub use snapshot::{Evicted, Place, Rank, Snapshot, address_text};
pub use usage::{ColumnUsage, DictionaryUsage, Usage};
pub use uuid::{parse_uuid, uuid_bytes, uuid_text};
pub use vocabulary::{Access, Publisher, Vocabulary};
