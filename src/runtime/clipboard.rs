//! Copying to the clipboard: by a native program if the session is on this machine; otherwise through the terminal (OSC
//! 52), which works over ssh and inside tmux; otherwise into a file. The notice says which way was used.

use std::env;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Event, Session, new_file};
use crate::app::{Effect, Message};
use crate::model::shown;
use crate::widgets::text;

/// Maximum length in bytes that terminals accept; longer texts would be dropped silently.
const MOST: usize = 74_994;

impl Session {
    pub(super) fn copy_by_terminal(&mut self, text: &str, what: &str) -> io::Result<Vec<Effect>> {
        let reported = copy(text, what, &mut io::stdout())?;
        Ok(crate::input::update(&mut self.app, Message::Told(reported)))
    }

    /// Copies with a native program, in the background. If none works, a text too long for the terminal is written to a
    /// file, and a shorter one is sent to the terminal.
    pub(super) fn copy_next_to(&self, natives: &'static [Native], text: String, what: String) {
        let to = self.to.clone();
        std::thread::spawn(move || {
            let reported = natives
                .iter()
                .find_map(|native| native.copy(&text, &what).ok());
            let reported = reported.or_else(|| (!fits(&text)).then(|| to_file(&text, &what)));
            let event = match reported {
                Some(reported) => Event::Done(Box::new(Message::Told(reported))),
                None => Event::Uncopied { text, what },
            };
            // The screen may have closed; the result is then irrelevant.
            let _ = to.send(event);
        });
    }
}

/// Returns true if terminals accept a text of this length.
pub(super) fn fits(text: &str) -> bool {
    text.len() <= MOST
}

/// Native clipboard program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Native {
    program: &'static str,
    arguments: &'static [&'static str],
}

/// Clipboard programs for the session, selected by environment variables; none over ssh, because the clipboard of the
/// remote machine is useless.
pub(super) fn natives(variable: impl Fn(&str) -> bool) -> &'static [Native] {
    const WAYLAND: &[Native] = &[native("wl-copy", &[])];
    const X11: &[Native] = &[
        native("xclip", &["-selection", "clipboard"]),
        native("xsel", &["--clipboard", "--input"]),
    ];
    const MAC: &[Native] = &[native("pbcopy", &[])];
    if variable("SSH_CONNECTION") || variable("SSH_TTY") {
        &[]
    } else if cfg!(target_os = "macos") {
        MAC
    } else if variable("WAYLAND_DISPLAY") {
        WAYLAND
    } else if variable("DISPLAY") {
        X11
    } else {
        &[]
    }
}

const fn native(program: &'static str, arguments: &'static [&'static str]) -> Native {
    Native { program, arguments }
}

/// Returns true if an environment variable is set and not empty.
pub(super) fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

impl Native {
    /// Passes the text to the program and returns a notice. Waits for the program: never call it on the loop's thread.
    pub(super) fn copy(self, content: &str, what: &str) -> io::Result<String> {
        let mut child = Command::new(self.program)
            .args(self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // Dropped at the end of the statement: the program reads to the end of its input.
        child
            .stdin
            .take()
            .map_or(Ok(()), |mut input| input.write_all(content.as_bytes()))?;
        if !child.wait()?.success() {
            return Err(io::Error::other("the program failed"));
        }
        Ok(reported(content, what, self.program))
    }
}

fn reported(content: &str, what: &str, way: &str) -> String {
    let size = text::grouped(content.len() as u64);
    format!("copied {what}: {size} bytes ({way})")
}

/// Copies through the terminal, or into a file if the text is too long for terminals; returns a notice.
fn copy(content: &str, what: &str, out: &mut impl Write) -> io::Result<String> {
    if !fits(content) {
        return Ok(to_file(content, what));
    }
    let inside_tmux = is_set("TMUX");
    out.write_all(sequence(content, inside_tmux).as_bytes())?;
    out.flush()?;
    let way = if inside_tmux {
        "OSC 52 through tmux"
    } else {
        "OSC 52"
    };
    Ok(reported(content, what, way))
}

/// Writes the text to a file that only its owner can read.
fn to_file(content: &str, what: &str) -> String {
    let size = text::grouped(content.len() as u64);
    let stem = format!("regtrail-copy-{}", std::process::id());
    match new_file::write(&env::temp_dir(), &stem, "txt", content) {
        Ok(path) => format!(
            "{what} is too large for the terminal clipboard ({size} bytes): written to {}",
            shown(&path)
        ),
        Err(error) => {
            format!("not copied: {what} ({size} bytes) could not be written to a file: {error}")
        }
    }
}

/// OSC 52 sequence; tmux forwards it if it is wrapped and its escapes are doubled.
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
    use std::fs;

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
    fn what_is_too_long_for_a_terminal_goes_to_a_file_and_that_is_told() {
        let mut out = Vec::new();
        let long = "x".repeat(MOST + 1);
        let reported = copy(&long, "the record", &mut out).expect("writes to memory");
        assert!(out.is_empty());
        let path = reported.split("written to ").nth(1).expect("a path");
        assert_eq!(fs::read_to_string(path).expect("written"), long);
        fs::remove_file(path).expect("there");
    }

    #[test]
    fn the_clipboard_of_another_machine_is_not_used() {
        let with = |set: &'static [&'static str]| natives(move |name| set.contains(&name));
        assert!(with(&["DISPLAY", "SSH_CONNECTION"]).is_empty() && with(&["SSH_TTY"]).is_empty());
        if !cfg!(target_os = "macos") {
            assert_eq!(with(&["DISPLAY", "WAYLAND_DISPLAY"])[0].program, "wl-copy");
            assert_eq!(with(&["DISPLAY"]).len(), 2);
            assert!(with(&[]).is_empty());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_fails_is_no_copy() {
        assert!(native("false", &[]).copy("x", "x").is_err());
        assert!(native("no-such-program", &[]).copy("x", "x").is_err());
        let reported = native("cat", &[]).copy("x", "the line").expect("reads it");
        assert_eq!(reported, "copied the line: 1 bytes (cat)");
    }
}
