//! Integration tests, one binary.

mod answers;
mod appear;
mod ceiling;
mod colours;
#[cfg(feature = "http")]
mod credentials;
mod demo;
mod e2e;
mod fake;
mod follow;
mod formats;
#[cfg(feature = "http")]
mod fuzz;
#[cfg(feature = "http")]
mod http;
mod language;
#[cfg(feature = "http")]
mod loopback;
mod naive;
#[cfg(feature = "http")]
mod network;
mod oracle;
mod parity;
mod pty;
mod query;
mod query_properties;
mod screens;
mod shell;
#[cfg(feature = "http")]
mod sls;
mod tasks;
mod terminal;
mod tidy;
mod world;
mod writing;
