//! From bytes to events. Decoding never fails: what cannot be read becomes a [`Flaw`] beside the events.
//!
//! The fast way predicts each record from the templates of earlier ones and remembers raw values; whatever
//! it does not expect takes the general way through `serde_json`, with the same result.

mod cache;
mod clock;
mod colour;
mod damaged;
mod decoder;
pub mod detect;
mod ends;
mod fast;
pub mod foreign;
pub mod formats;
mod framer;
mod general;
mod inside;
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
mod runs;
mod scan;
mod scratch;
mod simd;
mod slots;
pub mod table;
mod templates;
mod walk;

pub use damaged::mended;
pub use decoder::{Decoder, Flaw, MAX_FLAWS};
pub use framer::{Framer, MAX_RECORD, PART, TOO_LONG};
pub use nature::{WRAPPERS, name_tells};
pub use odd::Oddities;
pub use original::original;
pub use piece::Piece;
