//! Integration tests, one binary.

mod accounting;
mod answers;
mod appear;
mod archives;
#[cfg(target_os = "linux")]
mod bombs;
mod cases;
#[cfg(feature = "http")]
mod certificates;
mod chance;
mod colours;
#[cfg(feature = "parquet")]
mod columns;
#[cfg(feature = "http")]
mod credentials;
mod demo;
#[cfg(feature = "http")]
mod disbelief;
mod e2e;
mod encodings;
#[cfg(unix)]
mod examples;
mod fake;
#[cfg(target_os = "linux")]
mod faults;
mod follow;
#[cfg(feature = "http")]
mod follow_network;
mod follow_query;
mod following;
mod formats;
#[cfg(feature = "http")]
mod fuzz;
#[cfg(feature = "http")]
mod hostile;
#[cfg(feature = "http")]
mod http;
mod language;
mod leniency;
#[cfg(feature = "http")]
mod loopback;
mod memory_limit;
mod naive;
mod named;
#[cfg(feature = "http")]
mod network;
#[cfg(feature = "http")]
mod objects;
#[cfg(target_os = "linux")]
mod once;
mod oracle;
mod parity;
mod paths;
mod plain;
#[cfg(feature = "http")]
mod proxies;
mod pty;
mod query;
mod query_properties;
mod refusals;
mod replaced;
mod reports;
mod screens;
mod seen;
mod shell;
#[cfg(feature = "http")]
mod sls;
mod state;
mod tables;
mod tasks;
mod terminal;
mod tidy;
#[cfg(target_os = "linux")]
mod windows;
mod world;
mod writing;
