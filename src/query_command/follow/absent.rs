//! Sources that do not exist yet when they are opened, and are waited for.

use std::fs::{self, File};
use std::io;

use crate::source::{Spec, SpecError, expand};

/// Reason why a source cannot be read yet, if that may change by itself.
pub(super) fn why(spec: &Spec) -> Option<&'static str> {
    let path = match spec {
        Spec::File(path) => path,
        Spec::Glob(_) => {
            let none = matches!(expand(spec.clone()), Err(SpecError::NoMatch(_)));
            return none.then_some("no file matches; waiting for one to appear");
        }
        _ => return None,
    };
    // Opening a pipe would block.
    let opened = fs::metadata(path).and_then(|meta| {
        if meta.is_file() {
            File::open(path).map(drop)
        } else {
            Ok(())
        }
    });
    match opened.err()?.kind() {
        io::ErrorKind::NotFound => Some("no such file; waiting for it to appear"),
        io::ErrorKind::PermissionDenied => Some("permission denied; waiting until it is readable"),
        _ => None,
    }
}
