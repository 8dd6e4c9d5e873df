//! Derived fields: pure functions from logged values to the values of the command line contract.
