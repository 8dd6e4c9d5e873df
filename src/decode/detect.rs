//! What a source is, told from its first bytes.
