//! Decoding from bytes to events. It never fails: a record that cannot be read becomes a [`Flaw`], and decoding
//! continues.
//!
//! The fast path predicts each record from the templates of earlier ones and caches raw values; anything unexpected
//! takes the general path through `serde_json`, with an identical result.

mod batch;
mod colour;
mod damaged;
mod decoder;
pub mod detect;
mod ends;
pub mod foreign;
pub mod formats;
mod framer;
mod inside;
mod json;
pub mod lenient;
mod lines;
mod loose;
mod marks;
mod memories;
mod nature;
pub(crate) mod nuls;
mod object;
mod odd;
mod original;
mod piece;
mod raw;
pub mod refused;
mod resync;
mod scan;
mod scratch;
mod simd;
pub mod table;
mod target;
mod template_match;
mod templates;
mod time_cache;
mod value_cache;
mod value_run;

pub use damaged::mended;
pub use decoder::{Decoder, Flaw, MAX_FLAWS};
pub use framer::{Framer, MAX_RECORD, PART, TOO_LONG};
pub use nature::{WRAPPERS, name_tells};
pub use odd::Oddities;
pub use original::original;
pub use piece::Piece;
