//! Single facet, and the default fields of the column.

use std::sync::Arc;

use super::tree::Inner;
use crate::engine::{FacetOrder, FacetTable};
use crate::model::{CATALOGUE, name};

/// Default fields in display order.
pub(super) const FIELDS: &[&str] = &[
    name::INSTANCE,
    name::NAMESPACE_REPO,
    name::ACTION,
    name::USER,
    name::STATUS_CLASS,
    name::IP,
    name::CLIENT,
    name::CREDENTIAL,
    name::NETWORK,
    name::METHOD,
    name::TAG,
    name::OUTCOME,
    name::OPERATION,
    name::NAMESPACE,
    name::USER_TYPE,
    name::ROLE_NAME,
    name::SESSION,
    name::HOST,
    name::VPC,
    name::AGENT,
    name::DIGEST,
];

/// Facet of one field.
#[derive(Debug)]
pub struct Facet {
    pub field: Arc<str>,
    pub title: String,
    pub order: FacetOrder,
    pub collapsed: bool,
    /// List only values that match this text.
    pub find: Option<String>,
    pub table: Option<FacetTable>,
    /// Nested field that the values expand into, if any.
    pub inner: Option<Inner>,
    /// Number of values to show beyond the initial ones.
    pub(super) more: usize,
}

impl Facet {
    pub(super) fn new(field: &str) -> Self {
        let info = CATALOGUE.find(field).and_then(|id| CATALOGUE.get(id));
        let inner = Inner::of(field);
        let title = info.map_or(field, |info| &info.title);
        let title = inner.as_ref().map_or(title, |inner| inner.title);
        Self {
            field: field.into(),
            title: title.to_owned(),
            inner,
            order: FacetOrder::Count,
            collapsed: false,
            find: None,
            table: None,
            more: 0,
        }
    }
}
