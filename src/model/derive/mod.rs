//! Derived fields: pure functions from logged text to the values of the command line contract.
//!
//! Every function accepts a field as the record has it, and `None` if the record does not have it. Records also express
//! absence in words: an empty value, `-` and `null` carry no information, so derivation treats them as not logged
//! ([`logged`]). Storage and filters still distinguish the four; only derived fields do not.
//!
//! Meant to be called once per distinct value (or combination of values), not once per event.

mod address;
mod client;
mod identity;
mod request;

pub use address::{ip, split_port};
pub use client::{FAMILIES, client};
pub use identity::{Identity, session, user};
pub use request::{image, operation, outcome, status_class};

/// Returns the value if it carries information: not missing, not empty, not `-`, not `null`.
pub fn logged(value: Option<&str>) -> Option<&str> {
    value.filter(|text| !matches!(*text, "" | "-" | "null"))
}
