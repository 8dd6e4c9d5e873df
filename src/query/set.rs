//! Sets for membership tests: networks, lists, and watchlists from a file (read by the caller).

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::{Addresses, Entries};
use crate::model::derive;

/// Parses an address as written in logs: bare, with a port, or in brackets. An IPv4 address mapped into IPv6 is the
/// IPv4 address.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let parse = |text: &str| text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
    if let Some(ip) = parse(text) {
        return Some(ip);
    }
    parse(&derive::ip(text)?)
}

/// A CIDR block or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

impl Network {
    /// Parses `10.0.0.0/8`, `2001:db8::/32` or a single address. Host bits are dropped. A block of IPv4 addresses
    /// mapped into IPv6 is the IPv4 block.
    pub fn parse(text: &str) -> Option<Self> {
        let net = text
            .parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .ok()?
            .trunc();
        if let IpNet::V6(v6) = net
            && v6.prefix_len() >= 96
            && let Some(v4) = v6.addr().to_ipv4_mapped()
        {
            return IpNet::new(IpAddr::V4(v4), v6.prefix_len() - 96)
                .ok()
                .map(Self);
        }
        Some(Self(net))
    }

    /// Returns true if the value is an address (with or without a port) in the network.
    pub fn matches(&self, value: &str) -> bool {
        address(value).is_some_and(|ip| self.0.contains(&ip))
    }

    fn is_single(self) -> bool {
        self.0.prefix_len() == self.0.max_prefix_len()
    }
}

impl From<Network> for IpNet {
    fn from(network: Network) -> Self {
        network.0
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_single() {
            write!(f, "{}", self.0.addr())
        } else {
            write!(f, "{}", self.0)
        }
    }
}

/// Set of values and networks. A value matches if it equals an entry, or is an address that an entry names or contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueSet {
    values: HashSet<Arc<str>>,
    networks: HashSet<IpNet>,
    /// The prefix lengths among `networks`, for IPv4 and IPv6: one lookup per length finds the network.
    prefixes: [Vec<u8>; 2],
}

impl ValueSet {
    /// Parses a watchlist: one value or CIDR block per line, without surrounding blanks. Empty lines and lines that
    /// begin with `#` are skipped, and a comment can follow a blank and `#`. Quoted text is used literally. An entry
    /// that can match nothing is an error, with its line number; so is a list without entries.
    pub fn parse(text: &str, kind: impl Into<Entries>) -> Result<Self, (Option<usize>, String)> {
        let kind = kind.into();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut set = Self::default();
        let mut wrong: Option<(usize, Cow<'_, str>)> = None;
        let mut more = 0;
        for (at, line) in text.lines().enumerate() {
            let Some((entry, quoted)) = entry(line) else {
                continue;
            };
            match kind.entry(&entry, quoted) {
                Some(networks) => set.add(entry.as_ref().into(), networks),
                None if wrong.is_none() => wrong = Some((at + 1, entry)),
                None => more += 1,
            }
        }
        if let Some((line, entry)) = wrong {
            let entry = crate::model::visible(&entry);
            let entry: String = entry.chars().take(80).collect();
            let more = match more {
                0 => String::new(),
                1 => " (and 1 more line)".to_owned(),
                n => format!(" (and {n} more lines)"),
            };
            let (what, expected) = kind.refusal();
            let reason = format!("\"{entry}\" is not a valid {what}{more}; expected {expected}");
            return Err((Some(line), reason));
        }
        if set.is_empty() {
            return Err((
                None,
                "contains no values, so nothing can match it".to_owned(),
            ));
        }
        Ok(set)
    }

    fn add(&mut self, entry: Arc<str>, networks: Vec<IpNet>) {
        for net in networks {
            let prefixes = &mut self.prefixes[usize::from(matches!(net, IpNet::V6(_)))];
            if !prefixes.contains(&net.prefix_len()) {
                prefixes.push(net.prefix_len());
            }
            self.networks.insert(net);
        }
        self.values.insert(entry);
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub fn matches(&self, value: &str) -> bool {
        self.values.contains(value) || !self.networks.is_empty() && self.matches_address(value)
    }

    fn matches_address(&self, value: &str) -> bool {
        address(value).is_some_and(|ip| {
            self.prefixes[usize::from(ip.is_ipv6())]
                .iter()
                .any(|&prefix| {
                    IpNet::new(ip, prefix).is_ok_and(|net| self.networks.contains(&net.trunc()))
                })
        })
    }
}

/// Returns the entry of a watchlist line, and true if it is quoted.
fn entry(line: &str) -> Option<(Cow<'_, str>, bool)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    if let Some(quoted) = quoted(line) {
        return Some((quoted.into(), true));
    }
    let comment = line
        .match_indices('#')
        .find(|(at, _)| line[..*at].ends_with(char::is_whitespace));
    let value = comment.map_or(line, |(at, _)| line[..at].trim_end());
    Some((value.into(), false))
}

/// Returns the quoted text of a line that contains nothing else except a comment.
fn quoted(line: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = line.strip_prefix('"')?.chars();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => match chars.next()? {
                c @ ('"' | '\\') => out.push(c),
                c => out.extend(['\\', c]),
            },
            c => out.push(c),
        }
    }
    let rest = chars.as_str().trim();
    (rest.is_empty() || rest.starts_with('#')).then_some(out)
}

/// `in ("a", "b")`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    items: Vec<Arc<str>>,
    set: ValueSet,
}

impl List {
    pub fn new(items: Vec<Arc<str>>) -> Self {
        Self::of(Addresses::No, items)
    }

    /// Creates a list for a field of this kind. An entry that is not an address is compared as text.
    pub fn of(kind: Addresses, items: Vec<Arc<str>>) -> Self {
        let mut set = ValueSet::default();
        for item in &items {
            set.add(item.clone(), kind.entry(item, true).unwrap_or_default());
        }
        Self { items, set }
    }

    /// Returns the entries in the order written.
    pub fn items(&self) -> &[Arc<str>] {
        &self.items
    }

    pub fn matches(&self, value: &str) -> bool {
        self.set.matches(value)
    }
}

impl Hash for List {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.items.hash(state);
    }
}

/// `in @path`: a set stored in a file. Matches nothing until [`super::Node::load`] has filled it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watchlist {
    /// The path as typed.
    pub path: Arc<str>,
    pub set: Option<Arc<ValueSet>>,
}

/// Error in a watchlist: in the file, or in one of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchlistError {
    pub path: Arc<str>,
    /// Counted from 1.
    pub line: Option<usize>,
    pub reason: String,
}

impl fmt::Display for WatchlistError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = crate::model::visible(&self.path);
        match self.line {
            Some(line) => write!(f, "{path}:{line}: {}", self.reason),
            None => write!(f, "watchlist {path}: {}", self.reason),
        }
    }
}

/// Hashes the path and the number of entries, because lists are long.
impl Hash for Watchlist {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.path.hash(state);
        self.set.as_ref().map(|set| set.len()).hash(state);
    }
}

impl Watchlist {
    pub fn new(path: &str) -> Self {
        Self {
            path: path.into(),
            set: None,
        }
    }

    pub fn matches(&self, value: &str) -> bool {
        self.set.as_ref().is_some_and(|set| set.matches(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_addresses_however_they_are_written() {
        let holds = |net: &str, value: &str| Network::parse(net).expect("a network").matches(value);
        assert!(holds("10.0.0.0/8", "10.1.2.3"));
        assert!(
            holds("10.9.9.9/8", "10.1.2.3:5000"),
            "host bits are dropped"
        );
        assert!(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(holds("10.0.0.0/8", "[::ffff:10.1.2.3]:80"));
        assert!(holds("::ffff:10.0.0.0/104", "10.1.2.3"));
        assert!(holds("2001:db8::/32", "2001:DB8:0::1"));
        assert!(holds("192.0.2.1", "192.0.2.1") && !holds("192.0.2.1", "192.0.2.10"));
        for other in [
            "",
            "11.0.0.1",
            "10.1.2",
            "10.1.2.3.4",
            "10.1.2.3:x",
            "2001:db8::1",
            "text",
        ] {
            assert!(!holds("10.0.0.0/8", other), "{other:?}");
        }
        assert!(holds("0.0.0.0/0", "1.1.1.1") && !holds("0.0.0.0/0", "::1"));
        assert!(Network::parse("10.0.0.0/33").is_none());
    }

    fn parsed(text: &str, kind: Addresses) -> Result<ValueSet, String> {
        ValueSet::parse(text, kind)
            .map_err(|(line, reason)| format!("{}: {reason}", line.unwrap_or_default()))
    }

    #[test]
    fn a_watchlist_holds_values_and_networks() {
        let text = "\u{feff}# known\n\n alice \r\n10.0.0.0/8\n192.0.2.1\n2001:db8::/32\n";
        let set = parsed(text, Addresses::No).expect("reads");
        assert_eq!(set.len(), 4);
        for inside in [
            "alice",
            "10.3.2.1",
            "10.3.2.1:443",
            "192.0.2.1:1",
            "2001:db8::7",
            "10.0.0.0/8",
        ] {
            assert!(set.matches(inside), "{inside}");
        }
        for outside in ["Alice", "# known", "", "192.0.2.2", "2001:db9::"] {
            assert!(!set.matches(outside), "{outside}");
        }
    }

    #[test]
    fn comments_are_no_part_of_the_values_of_a_watchlist() {
        let text = "a # one\nb#2\n\"#c\"\n\t\"d # e\" # four\n\"f\\\"g\"\nh\t# x # y\n\"open\n#i\n";
        let set = parsed(text, Addresses::No).expect("reads");
        for inside in ["a", "b#2", "#c", "d # e", "f\"g", "h", "\"open"] {
            assert!(set.matches(inside), "{inside}");
        }
        assert_eq!(set.len(), 7);
    }

    #[test]
    fn a_watchlist_of_addresses_takes_every_spelling_and_names_the_line_of_another() {
        let text = "198.51.100.1  # scanner\r\n[2001:DB8::7]:443\n::ffff:10.0.0.9\n192.0.2.*\n10.1.0.1-10.1.0.3\n\"masked.xx\"\n";
        let set = parsed(text, Addresses::Whole).expect("reads");
        for inside in [
            "198.51.100.1",
            "2001:db8::7",
            "10.0.0.9",
            "192.0.2.200",
            "10.1.0.2",
            "masked.xx",
        ] {
            assert!(set.matches(inside), "{inside}");
        }
        for outside in ["198.51.100.10", "2001:db8::70", "10.1.0.4", "192.0.20.1"] {
            assert!(!set.matches(outside), "{outside}");
        }
        for wrong in [
            "10.0.0.0/33",
            "10.0.0.1,b",
            "10.0.0.1 10.0.0.2",
            "host.example",
            "10.0.0",
            "ip",
            "\"10.0.0.0/33\"",
            "10.0.0.9-10.0.0.1",
            "300.1.1.1",
            "10.0.0.1#x",
            "\"10.0.0.1\",",
            "10.0.0.1;",
            "\"\"",
        ] {
            let said =
                parsed(&format!("10.0.0.1\n# x\n{wrong}\n"), Addresses::Whole).expect_err(wrong);
            assert!(
                said.starts_with("3: \"") && said.contains("is not a valid address or network; "),
                "{said}"
            );
        }
        let said = parsed("x\ny\nz\n10.0.0.1", Addresses::Whole).expect_err("no addresses");
        assert!(
            said.starts_with("1: \"x\" is not a valid address or network (and 2 more lines)"),
            "{said}"
        );
        assert!(parsed("# nothing\n \n", Addresses::Whole).is_err());
        assert!(parsed("", Addresses::No).is_err());
    }

    #[test]
    fn a_logged_address_is_listed_with_its_port_or_without() {
        let set = parsed("10.0.0.1:80\n10.0.0.2\n", Addresses::Logged).expect("reads");
        assert!(set.matches("10.0.0.1:80") && set.matches("10.0.0.2:1"));
        assert!(!set.matches("10.0.0.1:81") && !set.matches("10.0.0.1"));
        assert!(parsed("10.0.0.0/33", Addresses::Logged).is_err());
    }
}
