//! Valid entries of a list, by field. An entry that no value can equal is rejected.

use ipnet::IpNet;

use super::address::FORMS;
use super::{Addresses, Number, parser};
use crate::model::CATALOGUE;

/// Kind of entries that are valid for a field.
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

    /// Returns the networks of an entry. The list is empty for text that is compared as it is. Returns `None` for an
    /// entry that can match nothing.
    pub fn entry(&self, text: &str, quoted: bool) -> Option<Vec<IpNet>> {
        let fits = match self {
            Self::Addresses(kind) => return kind.entry(text, quoted),
            // For example the `-` that some logs have instead of a number.
            Self::Numbers if quoted || !text.contains(char::is_alphanumeric) => true,
            Self::Numbers => Number::parse(text).is_some(),
            Self::Among(values) => values.contains(&text),
        };
        fits.then(Vec::new)
    }

    /// Describes an entry that can match nothing: the expected kind, and the expected forms.
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
