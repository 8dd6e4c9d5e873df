//! Integration tests, one binary.

mod demo;
mod naive;
mod query;
mod query_properties;
