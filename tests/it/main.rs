//! The integration tests: one binary, a module a subject.

#[cfg(feature = "http")]
mod credentials;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod loopback;
#[cfg(feature = "http")]
mod sls;
