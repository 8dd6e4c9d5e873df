//! Integration tests, one binary.

mod demo;
mod e2e;
mod fake;
mod follow;
mod naive;
mod oracle;
mod parity;
mod query;
mod query_properties;
mod screens;
mod terminal;
mod tidy;
mod world;
