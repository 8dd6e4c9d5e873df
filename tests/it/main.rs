//! Integration tests, one binary.

mod demo;
mod e2e;
mod fake;
mod naive;
mod query;
mod query_properties;
mod screens;
mod terminal;
