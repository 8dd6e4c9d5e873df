//! Text to the clipboard: by the system's own program where the session is on this machine, else by way of the
//! terminal (OSC 52), which works over ssh and inside tmux, else into a file. Whichever it was is told.

use std::env;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Event, Session, new_file};
use crate::app::{Effect, Message};
use crate::model::shown;
use crate::widgets::text;

/// Bytes of text that terminals take at least; longer ones would be dropped in silence.
const MOST: usize = 74_994;

impl Session {
    pub(super) fn copy_by_terminal(&mut self, text: &str, what: &str) -> io::Result<Vec<Effect>> {
        let told = copy(text, what, &mut io::stdout())?;
        Ok(crate::input::update(&mut self.app, Message::Told(told)))
    }

    /// Copies by a program of the system, beside the loop; where none will, into a file what is too long for the terminal,
    /// and by the terminal the rest.
    pub(super) fn copy_beside(&self, natives: &'static [Native], text: String, what: String) {
        let to = self.to.clone();
        std::thread::spawn(move || {
            let told = natives
                .iter()
                .find_map(|native| native.copy(&text, &what).ok());
            let told = told.or_else(|| (!fits(&text)).then(|| to_file(&text, &what)));
            let event = match told {
                Some(told) => Event::Done(Box::new(Message::Told(told))),
                None => Event::Uncopied { text, what },
            };
            // The screen may be gone already; then nobody wants to know.
            let _ = to.send(event);
        });
    }
}

/// Whether terminals take a text.
pub(super) fn fits(text: &str) -> bool {
    text.len() <= MOST
}

/// A program that takes text for the clipboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Native {
    program: &'static str,
    arguments: &'static [&'static str],
}

/// The programs for a session of a kind, told by the environment: none over ssh, where the clipboard of the
/// other machine is of no use.
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

/// Whether the environment has a variable that is not empty.
pub(super) fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

impl Native {
    /// Hands the text over and says so. Waits for the program, so not to be called by the loop.
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
        Ok(told(content, what, self.program))
    }
}

fn told(content: &str, what: &str, way: &str) -> String {
    let size = text::grouped(content.len() as u64);
    format!("copied {what}: {size} bytes ({way})")
}

/// Copies by way of the terminal, or into a file where the text is longer than terminals take, and says which.
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
    Ok(told(content, what, way))
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
        let told = copy(&long, "the record", &mut out).expect("writes to memory");
        assert!(out.is_empty());
        let path = told.split("written to ").nth(1).expect("a path");
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
        let told = native("cat", &[]).copy("x", "the line").expect("reads it");
        assert_eq!(told, "copied the line: 1 bytes (cat)");
    }
}
