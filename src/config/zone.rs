//! The machine's own clock.

use crate::model::zone::Zone;

/// The zone of `TZ`, else of the system; UTC where neither names one.
pub fn local_zone() -> Zone {
    let named = std::env::var("TZ")
        .ok()
        .and_then(|name| name.trim_start_matches(':').parse().ok());
    let system = || {
        iana_time_zone::get_timezone()
            .ok()
            .and_then(|name| name.parse().ok())
    };
    named.or_else(system).map_or(Zone::Utc, Zone::Place)
}
