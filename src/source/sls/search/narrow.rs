//! Which part of the filter the service applies: what its index finds no more narrowly than we do. The whole
//! filter is applied again to what comes, so that asking for more does no harm, and asking for less would.

use std::sync::Arc;

use super::super::client::Client;
use super::super::error::Class;
use super::super::patience::Patience;
use super::super::{End, Settings};
use crate::query::{to_sls, to_sls_within};
use crate::source::outlet::Outlet;

/// The query to send.
pub(super) async fn query(
    client: &Client,
    patience: &Patience,
    settings: &Settings,
    outlet: &mut Outlet,
) -> Result<Arc<str>, End> {
    let Some(filter) = &settings.filter else {
        return Ok(settings.query.as_str().into());
    };
    let asked = patience
        .unless(|error| error.class() == Class::Never, || client.index())
        .await;
    let index = match asked {
        Ok(index) => index,
        Err(End::Call(error)) if error.class() == Class::Never => {
            let note = format!(
                "the index cannot be read, so everything of the time range is loaded and filtered here: {error}; {}",
                error.advice()
            );
            outlet.note(note).await?;
            return Ok("".into());
        }
        Err(end) => return Err(end),
    };
    let narrowed = to_sls_within(filter, &|field| index.indexed(field));
    if narrowed.query != to_sls(filter).query {
        let left_out = narrowed.left_out.join(", ");
        outlet
            .note(format!("not in the index, so filtered here: {left_out}"))
            .await?;
    }
    Ok(match narrowed.query.as_str() {
        "*" => "".into(),
        query => query.into(),
    })
}
