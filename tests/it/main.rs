//! Integration tests, one binary.

mod demo;
mod e2e;
mod fake;
mod follow;
mod naive;
mod parity;
mod query;
mod query_properties;
mod screens;
mod terminal;
mod tidy;
