//! One facet of the column, and the fields that have one if nothing else is asked for.

use std::sync::Arc;

use super::tree::Inner;
use crate::engine::{FacetOrder, FacetTable};
use crate::model::{CATALOGUE, name};

/// Fields in the order in which they stand.
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

/// One facet.
#[derive(Debug)]
pub struct Facet {
    pub field: Arc<str>,
    pub title: String,
    pub order: FacetOrder,
    pub collapsed: bool,
    /// Only values that match this are listed.
    pub find: Option<String>,
    pub table: Option<FacetTable>,
    /// What its values unfold into, where they do.
    pub inner: Option<Inner>,
    /// Values beyond the few that are shown at first.
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
