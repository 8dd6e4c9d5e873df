//! What is no clean JSON but a log all the same, and what looks like a log and is none: records within other text,
//! answers of endpoints, slips of writers, texts of other programs.

use crate::shell::Place;
