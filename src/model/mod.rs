//! Vocabulary of the domain: fields, times, addresses, identities, defects.
//!
//! Pure data and pure functions. Nothing here reads a file, a clock or a socket, or knows the storage (that is `index`)
//! or the display of events.

mod defect;
pub mod derive;
mod event;
mod field;
pub mod loose;
pub mod nested;
mod remark;
pub mod time;
mod visible;
pub mod zone;

pub use defect::{Defect, DefectKind};
pub use event::{EventId, EventKey, Mark, Row, Value};
pub use field::{CATALOGUE, Catalogue, FieldId, FieldInfo, FieldKind, id, name};
pub use remark::{Remark, Remarks, Skip};
pub use visible::{is_hidden, reason, shortened, shown, visible, visible_chars, within_limits};
