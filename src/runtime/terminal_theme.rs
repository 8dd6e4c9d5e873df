//! Detection of a light terminal background: one query at the start, with a short wait only.
//!
//! The response arrives among the keys and looks like keys; only the reader of keys can separate them
//! ([`super::answer`]).

use std::env;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::Event;

/// Maximum time that the first frame waits for a response. Local terminals take a millisecond, and some never respond;
/// a later response changes the colours of the screen.
const PATIENCE: Duration = Duration::from_millis(50);

/// Background according to the environment.
pub(super) fn reported() -> Option<bool> {
    env::var("COLORFGBG").ok().as_deref().and_then(of_variable)
}

/// Some terminals set a variable; its last number is the background colour.
fn of_variable(variable: &str) -> Option<bool> {
    let number: u8 = variable.rsplit(';').next()?.parse().ok()?;
    Some(matches!(number, 7 | 9..=15))
}

/// Queries the terminal for its background (OSC 11). Requires raw mode.
pub(super) fn ask() -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(b"\x1b]11;?\x1b\\")?;
    out.flush()
}

/// Waits for the response. Returns all events received in the meantime, in order.
pub(super) fn wait(inbox: &Receiver<Event>) -> Vec<Event> {
    let until = Instant::now() + PATIENCE;
    let mut came = Vec::new();
    while let Ok(event) = inbox.recv_deadline(until) {
        let is_last = matches!(
            event,
            Event::Background { .. } | Event::Signal(_) | Event::InputEnded(_)
        );
        came.push(event);
        if is_last {
            break;
        }
    }
    came
}

/// Returns true if a response such as `11;rgb:ffff/ffff/dddd` is a light colour.
pub(super) fn is_light(answer: &str) -> Option<bool> {
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
        assert_eq!(is_light("11;rgb:ffff/ffff/dddd"), Some(true));
        assert_eq!(is_light("11;rgb:1e/1e/2e"), Some(false));
        assert_eq!(is_light("11;rgb:/0/"), None);
        assert_eq!(is_light("11;"), None);
        assert_eq!(
            ["0;15", "15;0", "15;default"].map(of_variable),
            [Some(true), Some(false), None]
        );
    }
}
