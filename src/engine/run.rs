//! Dispatch to the implementation of each kind of source.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::source::{Feed, SourceError, Spec, Written, demo, file, stdin};
#[cfg(feature = "http")]
use crate::source::{http, sls};

/// Runs a source to its end.
pub(super) async fn run(
    spec: Spec,
    feed: Feed,
    follow: bool,
    written: Written,
    reading: Arc<Semaphore>,
    (claims, twins): (file::Fingerprints, file::Twins),
) -> Result<(), SourceError> {
    match spec {
        Spec::File(path) => {
            let settings = file::Settings {
                path,
                follow,
                written,
                claims,
                twins,
            };
            // Boxed because it is large: it contains the whole state of a follower.
            Box::pin(file::run(feed, settings, &reading)).await
        }
        Spec::Stdin => stdin::run(feed, written).await,
        Spec::Demo { events, rate, seed } => {
            let now = super::rate::clock();
            demo::run(
                feed,
                demo::Settings {
                    events,
                    rate,
                    seed,
                    now,
                },
            )
            .await;
            Ok(())
        }
        #[cfg(feature = "http")]
        Spec::Http(settings) => {
            let mut settings = if follow { *settings } else { settings.once() };
            settings.retry.on_request = follow;
            settings.encoding = written.encoding;
            Ok(http::run(feed, settings).await?)
        }
        #[cfg(feature = "http")]
        Spec::Sls(settings) => {
            let mut settings = if follow { *settings } else { settings.once() };
            settings.retry.on_request = follow;
            Ok(sls::run(feed, settings).await?)
        }
        Spec::Directory(_) | Spec::Glob(_) if follow => file::appearing(feed, spec, &claims).await,
        Spec::Directory(_) | Spec::Glob(_) | Spec::Profile(_) => Err(SourceError::Failed(
            "internal error: several sources where one was expected".to_owned(),
        )),
    }
}
