//! Integration tests, one binary.

mod demo;
mod fake;
mod formats;
mod naive;
mod oracle;
mod query;
mod query_properties;
mod screens;
mod terminal;
mod world;
