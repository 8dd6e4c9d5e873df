//! Text at the drawing boundary: any text of a log becomes a string that a terminal displays without interpreting it.
//!
//! Every function inserts pseudonyms first if a mask is active ([`hiding`]), then sanitises. Width is counted in
//! terminal cells as ratatui draws them, grapheme by grapheme. (`Span::width` looks across graphemes. It counts a
//! joined Arabic lam-alef, or a pair of Lisu tone letters, as one cell although two are drawn, so columns are laid out
//! by the functions here.)

mod ambiguous;
mod clip;
mod cluster;
mod masking;
mod number;
mod sanitise;
mod wrap;

#[cfg(test)]
mod tests;

pub use ambiguous::draw_ambiguous_wide;
pub(crate) use ambiguous::{are_wide, is_ambiguous};
pub use clip::{cells, clip, clip_middle, clip_with, cutting_with, fit, fit_right, image, width};
pub(crate) use cluster::clusters;
pub use masking::{Mask, hidden, hiding, is_hiding};
pub use number::{ago, counted, duration, grouped, lag, short};
pub use sanitise::{sanitise, sanitise_ascii};
pub use wrap::wrap;
