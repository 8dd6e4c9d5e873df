//! Masking of names, addresses and accounts on a shared screen, with pseudonyms.
//!
//! Masking is central to all drawing. The functions of this folder that cut, wrap and measure text insert pseudonyms
//! first, and all text of the canvas passes through them. The mask applies only while drawing, on the drawing thread
//! ([`hiding`]). The caller decides which texts are secret.
//!
//! Secrets are matched as words of a text, in any case. Unknown addresses and account numbers are also hidden, under a
//! pseudonym without a number.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Number of digits from which a number may be an account.
const ACCOUNT: usize = 15;

/// Pseudonyms of addresses and accounts that were typed but never seen in the data.
const ADDRESS_UNKNOWN: &str = "ip-??";
const ACCOUNT_UNKNOWN: &str = "account-??";

/// Secrets with their pseudonyms.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// By the text in lower case.
    words: HashMap<Arc<str>, Arc<str>>,
    /// Secrets that are not single words, because they contain delimiters.
    others: Vec<(Arc<str>, Arc<str>)>,
}

thread_local! {
    static WORN: RefCell<Option<Arc<Mask>>> = const { RefCell::new(None) };
}

/// Calls `draw` with a mask, on this thread.
pub fn hiding<T>(mask: Option<Arc<Mask>>, draw: impl FnOnce() -> T) -> T {
    /// Removes the mask, also on a panic.
    struct Off;
    impl Drop for Off {
        fn drop(&mut self) {
            WORN.set(None);
        }
    }
    let _off = Off;
    WORN.set(mask);
    draw()
}

/// Returns true if a mask is active.
pub fn is_hiding() -> bool {
    WORN.with_borrow(Option::is_some)
}

/// Returns the text in the form that may be shown.
pub fn hidden(text: &str) -> Cow<'_, str> {
    WORN.with_borrow(|mask| match mask {
        Some(mask) => mask.text(text),
        None => text.into(),
    })
}

/// Returns true for a delimiter: any character except letters, digits, and those that join names and addresses or
/// negate in a query.
fn is_end(c: char) -> bool {
    !(c.is_alphanumeric() || "-_.@+~:/&!*?#%".contains(c))
}

impl Mask {
    /// Returns the pseudonym of a text, if it is secret.
    pub fn get(&self, secret: &str) -> Option<&Arc<str>> {
        if secret.chars().any(char::is_uppercase) {
            self.words.get(&*secret.to_lowercase())
        } else {
            self.words.get(secret)
        }
    }

    /// Adds a secret, unless it is already hidden.
    pub fn hide(&mut self, secret: &str, pseudonym: &Arc<str>) {
        if secret.is_empty() || self.get(secret).is_some() {
            return;
        }
        self.words
            .insert(secret.to_lowercase().into(), pseudonym.clone());
        if secret.chars().any(is_end) {
            self.others.push((secret.into(), pseudonym.clone()));
        }
    }

    /// Returns the text with all its secrets replaced by pseudonyms.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if let Some(pseudonym) = self.get(text.trim()) {
            return text.replace(text.trim(), pseudonym).into();
        }
        let mut whole = Cow::Borrowed(text);
        for (secret, pseudonym) in &self.others {
            if whole.contains(&**secret) {
                whole = whole.replace(&**secret, pseudonym).into();
            }
        }
        let mut out = String::with_capacity(whole.len());
        for piece in whole.split_inclusive(is_end) {
            let end = piece.chars().next_back().filter(|c| is_end(*c));
            let word = &piece[..piece.len() - end.map_or(0, char::len_utf8)];
            self.word(word, &mut out);
            out.extend(end);
        }
        if out == text { text.into() } else { out.into() }
    }

    /// Masks a word: as a whole, without the punctuation around it, or in parts.
    fn word(&self, word: &str, out: &mut String) {
        if word.is_empty() {
            return;
        }
        if let Some(pseudonym) = self.get(word) {
            out.push_str(pseudonym);
            return;
        }
        if word.parse::<IpAddr>().is_ok() {
            out.push_str(ADDRESS_UNKNOWN);
            return;
        }
        let core = word.trim_matches(|c| "-!~*+?.#@:/".contains(c));
        if core.is_empty() {
            out.push_str(word);
        } else if core.len() < word.len() {
            let start = word.find(core).unwrap_or_default();
            out.push_str(&word[..start]);
            self.word(core, out);
            out.push_str(&word[start + core.len()..]);
        } else if let Some((sign, (head, tail))) = [':', '/', '@', '&']
            .iter()
            .find_map(|sign| Some((sign, word.split_once(*sign)?)))
        {
            self.word(head, out);
            out.push(*sign);
            self.word(tail, out);
        } else if has_account(word) {
            for (at, piece) in word.split('-').enumerate() {
                if at > 0 {
                    out.push('-');
                }
                match self.get(piece) {
                    Some(pseudonym) => out.push_str(pseudonym),
                    None if has_account(piece) => out.push_str(ACCOUNT_UNKNOWN),
                    None => out.push_str(piece),
                }
            }
        } else {
            out.push_str(word);
        }
    }
}

/// Returns true if a word has as many consecutive digits as an account.
fn has_account(word: &str) -> bool {
    word.split('-')
        .any(|piece| piece.len() >= ACCOUNT && piece.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask() -> Arc<Mask> {
        let mut mask = Mask::default();
        for (secret, pseudonym) in [
            ("user/ci-bot@acme", "user-01"),
            ("ci-bot@acme", "user-01"),
            ("Li Wei", "user-02"),
            ("10.0.0.1", "ip-01"),
            ("2001:db8::1", "ip-02"),
            ("1356680000000001", "account-1"),
        ] {
            mask.hide(secret, &pseudonym.into());
        }
        Arc::new(mask)
    }

    #[test]
    fn secrets_are_found_wherever_they_stand_and_nothing_else_changes() {
        let mask = mask();
        for (text, shown) in [
            ("user/ci-bot@acme", "user-01"),
            (
                "not user:CI-bot@acme and ip:10.0.0.1",
                "not user:user-01 and ip:ip-01",
            ),
            ("-user:ci-bot@acme,Li Wei", "-user:user-01,user-02"),
            (
                r#"{"user_name":"ci-bot@acme","x":"10.0.0.1:443"}"#,
                r#"{"user_name":"user-01","x":"ip-01:443"}"#,
            ),
            ("[2001:db8::1]:443 2001:db8::1", "[ip-02]:443 ip-02"),
            ("root/1356680000000001", "root/account-1"),
            (
                "sls://1356680000000001@cn-hangzhou",
                "sls://account-1@cn-hangzhou",
            ),
            ("data-1356680000000001-cn", "data-account-1-cn"),
            ("data-9999680000000001-cn", "data-account-??-cn"),
            ("ip in 192.0.2.0/24", "ip in ip-??/24"),
            (
                "prod/ledger:2.18.0 at 16:10:30",
                "prod/ledger:2.18.0 at 16:10:30",
            ),
            ("ci-bottom user-01 ip-01", "ci-bottom user-01 ip-01"),
        ] {
            assert_eq!(mask.text(text), shown);
            assert_eq!(mask.text(shown), shown, "once is enough");
        }
    }

    #[test]
    fn a_mask_is_on_while_something_is_drawn_and_comes_before_cutting() {
        use crate::widgets::text::{clip, clip_middle, width, wrap};
        let drawn = hiding(Some(mask()), || {
            (
                clip("user/ci-bot@acme", 9).into_owned(),
                clip_middle("user/ci-bot@acme", 7).into_owned(),
                width("ci-bot@acme"),
                wrap("by ci-bot@acme", 10),
            )
        });
        let expected = (
            "user-01".into(),
            "user-01".into(),
            7,
            vec!["by user-01".into()],
        );
        assert_eq!(drawn, expected);
        assert!(!is_hiding());
        assert_eq!(clip("user/ci-bot@acme", 9), "user/ci-…");
    }
}
