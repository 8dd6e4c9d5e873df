//! What an entry of a list can be, by the field that the list is for: one that no value can equal is refused.

use ipnet::IpNet;

use super::address::FORMS;
use super::{Addresses, Number, parser};
use crate::model::CATALOGUE;

/// The entries that make sense for a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entries {
    /// Addresses and networks, or any text.
    Addresses(Addresses),
    Numbers,
    /// One of these values.
    Among(Vec<&'static str>),
}

impl Entries {
    pub fn of(field: &str) -> Self {
        let is_number = || {
            CATALOGUE
                .fields()
                .iter()
                .any(|f| f.name == field && f.number)
        };
        match parser::all_values(field) {
            Some(values) => Self::Among(values),
            None if is_number() => Self::Numbers,
            None => Self::Addresses(Addresses::of(field)),
        }
    }

    /// The networks that an entry stands for, none for text that is compared as it is; `None` for an entry that can
    /// match nothing.
    pub fn entry(&self, text: &str, quoted: bool) -> Option<Vec<IpNet>> {
        let fits = match self {
            Self::Addresses(kind) => return kind.entry(text, quoted),
            // Such as the `-` that some logs have in place of a number.
            Self::Numbers if quoted || !text.contains(char::is_alphanumeric) => true,
            Self::Numbers => Number::parse(text).is_some(),
            Self::Among(values) => values.contains(&text),
        };
        fits.then(Vec::new)
    }

    /// What an entry that can match nothing is not, and what is expected.
    pub fn refusal(&self) -> (&'static str, String) {
        match self {
            Self::Addresses(_) => ("address or network", format!("one entry per line: {FORMS}")),
            Self::Numbers => ("number", "one number per line, such as 403".to_owned()),
            Self::Among(values) => (
                "field value",
                format!("one of its values per line: {}", values.join(", ")),
            ),
        }
    }
}

impl From<Addresses> for Entries {
    fn from(kind: Addresses) -> Self {
        Self::Addresses(kind)
    }
}
