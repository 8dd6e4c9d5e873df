//! Error for Parquet files in a build without Parquet support.

use super::SourceError;
use super::feed::Feed;

pub(super) fn read_bytes(_: &Feed, _: Vec<u8>, name: &str) -> Result<(), SourceError> {
    Err(absent(name))
}

pub(super) fn read<R>(_: &Feed, _: R, name: &str) -> Result<(), SourceError> {
    Err(absent(name))
}

fn absent(name: &str) -> SourceError {
    SourceError::Failed(format!(
        "{name}: a Parquet file, but this build lacks the parquet feature; export it as JSON or CSV"
    ))
}
