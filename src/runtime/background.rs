//! Whether the terminal has a light background: asked once at the start, and never waited for long.

use std::env;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long an answer may take; terminals on this machine take a millisecond.
const PATIENCE: Duration = Duration::from_millis(150);

/// What the environment says, as some terminals have it: the last number is the colour of the background.
pub(super) fn told(variable: &str) -> Option<bool> {
    let number: u8 = variable.rsplit(';').next()?.parse().ok()?;
    Some(matches!(number, 7 | 9..=15))
}

/// What became of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Background {
    Light,
    Dark,
    Unknown,
    /// The answer may come yet, among the keys.
    Late,
}

/// Asks the terminal for its background (OSC 11). Behind it goes a question that every terminal answers, so that
/// one that does not know the first is not waited for. To be called in raw mode, before anybody reads keys.
pub(super) fn asked() -> Background {
    let told = env::var("COLORFGBG").ok().as_deref().and_then(told);
    match told.map_or_else(ask, Ok) {
        Ok(true) => Background::Light,
        Ok(false) => Background::Dark,
        Err(unknown) => unknown,
    }
}

fn ask() -> Result<bool, Background> {
    let answer = answer().ok_or(Background::Unknown)?;
    if !is_whole(&answer) {
        return Err(Background::Late);
    }
    is_light(&String::from_utf8_lossy(&answer)).ok_or(Background::Unknown)
}

/// What comes within the time there is; nothing where there is nobody to ask.
fn answer() -> Option<Vec<u8>> {
    let mut out = io::stdout();
    out.write_all(b"\x1b]11;?\x1b\\\x1b[c").ok()?;
    out.flush().ok()?;
    let mut terminal = File::open("/dev/tty").ok()?;
    if !terminal.is_terminal() {
        return None;
    }
    let until = Instant::now() + PATIENCE;
    let mut answer = Vec::new();
    while !is_whole(&answer) {
        let Some(left) = until.checked_duration_since(Instant::now()) else {
            break;
        };
        let left = Timespec {
            tv_sec: 0,
            tv_nsec: left.subsec_nanos().into(),
        };
        let mut ready = [PollFd::new(&terminal, PollFlags::IN)];
        if poll(&mut ready, Some(&left)).ok()? == 0 {
            break;
        }
        let mut block = [0; 256];
        let count = terminal.read(&mut block).ok()?;
        answer.extend_from_slice(&block[..count]);
    }
    Some(answer)
}

/// Whether the answer to the second question has come.
fn is_whole(answer: &[u8]) -> bool {
    let start = answer.windows(3).position(|part| part == b"\x1b[?");
    start.is_some_and(|at| answer[at..].contains(&b'c'))
}

/// Whether an answer such as `ESC ] 11 ; rgb:ffff/ffff/dddd` names a light colour.
fn is_light(answer: &str) -> Option<bool> {
    let colour = answer.split("rgb:").nth(1)?;
    let parts: Vec<f64> = colour
        .split('/')
        .take(3)
        .filter_map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_hexdigit).collect();
            let most = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?)? - 1;
            Some(f64::from(u32::from_str_radix(&digits, 16).ok()?) / f64::from(most))
        })
        .collect();
    let [red, green, blue] = parts[..] else {
        return None;
    };
    Some(0.299 * red + 0.587 * green + 0.114 * blue > 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_terminals_are_understood() {
        assert_eq!(
            is_light("\x1b]11;rgb:ffff/ffff/dddd\x07\x1b[?62c"),
            Some(true)
        );
        assert_eq!(is_light("\x1b]11;rgb:1e/1e/2e\x1b\\\x1b[?6c"), Some(false));
        assert_eq!(is_light("\x1b[?1;2c"), None);
        assert_eq!(is_light("\x1b]11;rgb:/0/\x07"), None);
        assert!(is_whole(b"\x1b[?62;22c") && !is_whole(b"\x1b]11;rgb:cc/cc/cc\x07"));
        assert_eq!(
            (told("0;15"), told("15;0"), told("15;default")),
            (Some(true), Some(false), None)
        );
    }
}
