//! The in-memory index: dictionaries, columns of codes, immutable segments, snapshots.
//!
//! An event is a row of a [`Segment`]: ordinals into global dictionaries, stored as codes local to the
//! segment in one or two bytes. Segments never change; a [`Snapshot`] is a list of them with the
//! [`Vocabulary`] that says what their ordinals mean. Nothing here reads files or knows threads, clocks
//! and screens.

mod bitmap;
mod builder;
mod carry;
mod dictionary;
mod interner;
mod layout;
mod nested;
mod packed;
mod paged;
mod rebuild;
mod seal;
mod segment;
pub mod shape;
mod snapshot;
pub mod spelling;
mod usage;
mod uuid;
mod vocabulary;

pub use bitmap::Bitmap;
pub use builder::{Head, Record, SegmentBuilder};
pub use carry::Carrier;
pub use dictionary::{
    Dictionary, DictionaryView, MISSING, Ordinal, Stretch, Tuple, TupleDictionary, TupleView, WIDTH,
};
pub use interner::Interner;
pub use layout::{ColumnId, GROUPS, Home, home};
pub use paged::PagedView;
pub use segment::Typed;
pub use segment::{Codes, Column, MAX_ROWS, Part, Segment};
pub use snapshot::{LetGo, Place, Rank, Snapshot, address_text};
pub use usage::{ColumnUsage, DictionaryUsage, Usage};
pub use uuid::{parse_uuid, uuid_bytes, uuid_text};
pub use vocabulary::{Access, Publisher, Vocabulary};
