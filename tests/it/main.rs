//! Integration tests, one binary.

mod naive;
mod query;
mod query_properties;
