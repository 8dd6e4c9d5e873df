//! Selects the part of the filter that the service applies: conditions that its index matches no more narrowly than
//! regtrail. The whole filter is applied again to the records received, so requesting too much is harmless, while
//! requesting too little would lose records.

use std::sync::Arc;

use super::super::client::Client;
use super::super::error::Class;
use super::super::retry::RetryPolicy;
use super::super::{End, Settings};
use crate::query::{MAX_CONDITIONS, to_sls, to_sls_within};
use crate::source::record_writer::RecordWriter;

/// Returns the query to send.
pub(super) async fn query(
    client: &Client,
    patience: &RetryPolicy,
    settings: &Settings,
    outlet: &mut RecordWriter,
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
                "cannot read the index, so the whole time range is loaded and filtered locally: {error}; {}",
                error.advice()
            );
            outlet.note(note).await?;
            return Ok("".into());
        }
        Err(end) => return Err(end),
    };
    let narrowed = to_sls_within(filter, &|field| index.indexed(field));
    let is_beyond = |text: &&String| narrowed.beyond.contains(*text);
    let all = narrowed.left_out.iter();
    let unfound: Vec<&String> = all.filter(|text| !is_beyond(text)).collect();
    if narrowed.query != to_sls(filter).query && !unfound.is_empty() {
        let left_out = listed(&unfound);
        outlet
            .note(format!("not in the index, so filtered locally: {left_out}"))
            .await?;
    }
    if !narrowed.beyond.is_empty() {
        let left_out = listed(&narrowed.beyond);
        outlet
            .note(format!(
                "a search takes at most {MAX_CONDITIONS} conditions, so filtered locally: {left_out}"
            ))
            .await?;
    }
    Ok(match narrowed.query.as_str() {
        "*" => "".into(),
        query => query.into(),
    })
}

/// Lists conditions, separated by commas; a long one is shortened to its start.
fn listed(conditions: &[impl AsRef<str>]) -> String {
    let start = |text: &str| match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    };
    let conditions: Vec<String> = conditions.iter().map(|text| start(text.as_ref())).collect();
    conditions.join(", ")
}

/// Most characters of a condition that are shown.
const SHOWN: usize = 80;
