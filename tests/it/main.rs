//! Integration tests, one binary.

mod naive;
mod query;
