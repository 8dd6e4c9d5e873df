//! Instants, zones, and RFC 3339 text at nanosecond precision.

/// Nanoseconds since 1970-01-01T00:00:00Z. Covers the years 1678 to 2261.
pub type Nanos = i64;

/// Nanoseconds in a second.
pub const SECOND: i64 = 1_000_000_000;
