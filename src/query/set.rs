//! Sets a value is held against: networks, lists, and watchlists from a file (which somebody else reads).

use std::collections::HashSet;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

/// Reads an address the way logs write it: bare, with a port, or in brackets. An IPv4 address mapped into
/// IPv6 is the IPv4 address.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let parse = |text: &str| text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
    if let Some(ip) = parse(text) {
        return Some(ip);
    }
    if let Some(rest) = text.strip_prefix('[') {
        return parse(rest.split_once(']')?.0);
    }
    let (host, port) = text.split_once(':')?;
    port.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| parse(host))
        .flatten()
}

/// A CIDR block or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

impl Network {
    /// Reads `10.0.0.0/8`, `2001:db8::/32` or an address alone. Host bits are dropped; a block of IPv4
    /// addresses mapped into IPv6 is the block of IPv4.
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

    /// Whether the value is an address (with or without a port) inside.
    pub fn matches(&self, value: &str) -> bool {
        address(value).is_some_and(|ip| self.0.contains(&ip))
    }

    fn is_single(self) -> bool {
        self.0.prefix_len() == self.0.max_prefix_len()
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

/// Values, and networks, any of which may match. A value matches when it equals an entry, or is an address
/// that an entry names or contains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueSet {
    values: HashSet<Arc<str>>,
    networks: HashSet<IpNet>,
    /// The prefix lengths among `networks`, for IPv4 and IPv6: one lookup each finds the network.
    prefixes: [Vec<u8>; 2],
}

impl ValueSet {
    /// Reads the text of a watchlist: one value or CIDR block a line, blanks around it dropped; empty lines
    /// and lines that begin with `#` say nothing.
    pub fn parse(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(Arc::from)
            .collect()
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

impl FromIterator<Arc<str>> for ValueSet {
    fn from_iter<I: IntoIterator<Item = Arc<str>>>(entries: I) -> Self {
        let mut set = Self::default();
        for entry in entries {
            if let Some(Network(net)) = Network::parse(&entry) {
                let prefixes = &mut set.prefixes[usize::from(matches!(net, IpNet::V6(_)))];
                if !prefixes.contains(&net.prefix_len()) {
                    prefixes.push(net.prefix_len());
                }
                set.networks.insert(net);
            }
            set.values.insert(entry);
        }
        set
    }
}

/// `in ("a", "b")`.
#[derive(Clone, Debug)]
pub struct List {
    items: Vec<Arc<str>>,
    set: ValueSet,
}

impl List {
    pub fn new(items: Vec<Arc<str>>) -> Self {
        let set = items.iter().cloned().collect();
        Self { items, set }
    }

    /// The entries in the order in which they were written.
    pub fn items(&self) -> &[Arc<str>] {
        &self.items
    }

    pub fn matches(&self, value: &str) -> bool {
        self.set.matches(value)
    }
}

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

/// `in @path`: a set that is kept in a file. Matches nothing until [`super::Node::load`] has filled it.
#[derive(Clone, PartialEq)]
pub struct Watchlist {
    /// The path as typed.
    pub path: Arc<str>,
    pub set: Option<Arc<ValueSet>>,
}

/// Names the set rather than spelling it out: what is remembered of a condition is found by this text, lists
/// are long, and one file may be read twice with a change in between.
impl fmt::Debug for Watchlist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = self.set.as_ref().map(|set| (set.len(), Arc::as_ptr(set)));
        f.debug_tuple("Watchlist")
            .field(&self.path)
            .field(&set)
            .finish()
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

    #[test]
    fn a_watchlist_holds_values_and_networks() {
        let set =
            ValueSet::parse("\u{feff}# known\n\n alice \r\n10.0.0.0/8\n192.0.2.1\n2001:db8::/32\n");
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
}
