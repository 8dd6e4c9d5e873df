//! Remarks about the oddities of a source's bytes: once per cause.

use std::time::{Duration, Instant};

use super::{Likely, guess};
use crate::decode::Oddities;

/// Minimum time between remarks about NUL bytes while a source is live.
const AGAIN: Duration = Duration::from_mins(1);

/// Number of UTF-8 characters that cannot be chance in another encoding, while more of the source may come.
const NO_CHANCE: u64 = 16;

/// Oddities of a source, and those already reported.
#[derive(Debug, Default)]
pub struct Remarks {
    odd: Oddities,
    foreign: bool,
    utf8: bool,
    replaced: u64,
    nuls: u64,
    said: Option<Instant>,
}

impl Remarks {
    pub fn add(&mut self, odd: &Oddities) {
        self.odd.add(odd);
    }

    /// Remarks that are not reported yet; `ended`: nothing more will come.
    pub fn due(&mut self, ended: bool) -> Vec<String> {
        let mut due = Vec::new();
        if self.odd.foreign > 0 && !std::mem::replace(&mut self.foreign, true) {
            due.push(foreign(&self.odd));
        }
        let enough = if ended { 1 } else { NO_CHANCE };
        if self.odd.utf8 >= enough && !self.odd.not_utf8 && !std::mem::replace(&mut self.utf8, true)
        {
            let named = self
                .odd
                .encoding
                .unwrap_or("another encoding")
                .to_ascii_lowercase();
            due.push(format!(
                "is valid UTF-8, but read as {named} because of --encoding; drop --encoding for this file"
            ));
        }
        let news = (self.odd.nuls, self.odd.replaced) != (self.nuls, self.replaced);
        if !news || (!ended && self.said.is_some_and(|said| said.elapsed() < AGAIN)) {
            return due;
        }
        self.said = Some(Instant::now());
        if std::mem::replace(&mut self.nuls, self.odd.nuls) != self.odd.nuls {
            due.push(match self.odd.nuls {
                1 => "1 NUL byte was skipped".into(),
                n => format!("{n} NUL bytes were skipped"),
            });
        }
        if std::mem::replace(&mut self.replaced, self.odd.replaced) != self.odd.replaced {
            let encoding = self.odd.encoding.unwrap_or("its encoding");
            due.push(match self.odd.replaced {
                1 => format!("1 character is not valid {encoding}, shown as U+FFFD"),
                n => format!("{n} characters are not valid {encoding}, shown as U+FFFD"),
            });
        }
        due
    }
}

/// Remark on bytes that are not UTF-8.
fn foreign(odd: &Oddities) -> String {
    match guess(&odd.sample) {
        likely @ Likely::In(encoding) => format!(
            "is not UTF-8, likely {}: read it with --encoding {}, or convert it with iconv -f {} -t UTF-8; until then non-ASCII text cannot be found",
            likely.name(),
            encoding.name().to_ascii_lowercase(),
            encoding.name().to_ascii_uppercase(),
        ),
        Likely::DamagedUtf8 => {
            "has truncated UTF-8 characters, shown as U+FFFD".to_owned()
        }
        Likely::Unknown => {
            "has bytes that are not UTF-8, shown as U+FFFD: name its encoding with --encoding, e.g. --encoding gb18030, or convert it with iconv -t UTF-8"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_under_another_name_is_said_once_and_not_by_chance() {
        let odd = |utf8, not_utf8| Oddities {
            utf8,
            not_utf8,
            encoding: Some("gb18030"),
            ..Oddities::default()
        };
        let mut remarks = Remarks::default();
        remarks.add(&odd(2, false));
        assert!(remarks.due(false).is_empty(), "two may be chance");
        let due = remarks.due(true);
        assert!(
            due[0].starts_with("is valid UTF-8, but read as gb18030"),
            "{due:?}"
        );
        remarks.add(&odd(90, false));
        assert!(remarks.due(true).is_empty());
        let mut other = Remarks::default();
        other.add(&odd(90, true));
        assert!(other.due(true).is_empty());
    }

    #[test]
    fn each_cause_is_said_once_and_counts_again_at_the_end() {
        let mut remarks = Remarks::default();
        assert!(remarks.due(true).is_empty());
        let mut odd = Oddities {
            nuls: 3,
            ..Oddities::default()
        };
        odd.foreign(b"user_name\n\xd5\xc5\xc8\xfd");
        remarks.add(&odd);
        let due = remarks.due(false);
        assert_eq!(due.len(), 2, "{due:?}");
        assert!(
            due[0].contains("--encoding gb18030") && due[0].contains("iconv -f GB18030 -t UTF-8")
        );
        assert_eq!(due[1], "3 NUL bytes were skipped");
        remarks.add(&odd);
        assert!(remarks.due(false).is_empty());
        assert_eq!(remarks.due(true), ["6 NUL bytes were skipped"]);
        assert!(remarks.due(true).is_empty());
    }
}
