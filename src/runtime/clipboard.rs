//! Text to the clipboard by way of the terminal (OSC 52), which works over ssh and inside tmux.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::widgets::text;

/// Bytes of text that terminals take at least; longer ones would be dropped in silence.
const MOST: usize = 74_994;

/// Copies and says what was done.
pub(super) fn copy(content: &str, what: &str, out: &mut impl Write) -> io::Result<String> {
    let size = text::grouped(content.len() as u64);
    if content.len() > MOST {
        let most = text::grouped(MOST as u64);
        return Ok(format!(
            "not copied: {what} has {size} bytes, the terminal takes {most}"
        ));
    }
    let inside_tmux = std::env::var_os("TMUX").is_some();
    out.write_all(sequence(content, inside_tmux).as_bytes())?;
    out.flush()?;
    let way = if inside_tmux {
        "OSC 52 through tmux"
    } else {
        "OSC 52"
    };
    Ok(format!("copied {what}: {size} bytes ({way})"))
}

/// The sequence; tmux hands it on when it is wrapped and its escapes are doubled.
fn sequence(content: &str, inside_tmux: bool) -> String {
    let encoded = STANDARD.encode(content);
    if inside_tmux {
        format!("\x1bPtmux;\x1b\x1b]52;c;{encoded}\x07\x1b\\")
    } else {
        format!("\x1b]52;c;{encoded}\x07")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_what_terminals_expect() {
        assert_eq!(sequence("hi", false), "\x1b]52;c;aGk=\x07");
        assert_eq!(
            sequence("hi", true),
            "\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\"
        );
    }

    #[test]
    fn what_is_too_long_is_told_and_not_sent() {
        let mut out = Vec::new();
        let told = copy(&"x".repeat(MOST + 1), "the record", &mut out).expect("writes to memory");
        assert!(told.starts_with("not copied: the record has 74,995 bytes"));
        assert!(out.is_empty());
    }
}
