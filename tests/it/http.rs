//! The HTTP source against a loopback server.
