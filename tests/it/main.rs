//! Integration tests, one binary.

mod fake;
mod naive;
mod query;
mod screens;
mod terminal;
