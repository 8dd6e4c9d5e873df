//! Addresses as users write them: in queries, options and watchlists.
//!
//! An operand is a whole address in any spelling, a network, or a prefix of an address with `*`. Text that looks like
//! one of these but is not valid can match nothing, so it is rejected with a suggestion.

use std::net::IpAddr;

use ipnet::{IpNet, IpSubnets, Ipv4Subnets, Ipv6Subnets};

use super::Network;
use super::edit::in_quotes;
use super::set::address;
use super::words::glob;
use crate::model::name;

/// Kind of addresses that a field contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// Any text.
    No,
    /// The address as logged, with its port if there is one.
    Logged,
    /// The address alone, in canonical form.
    Whole,
}

impl Addresses {
    pub fn of(field: &str) -> Self {
        match field {
            name::IP => Self::Whole,
            name::ADDRESS => Self::Logged,
            _ => Self::No,
        }
    }

    /// Returns the networks of a list entry, none for text that is compared as it is; `None` for an entry that can
    /// match nothing. Quoted text may be a value that a log has instead of an address.
    pub fn entry(self, text: &str, quoted: bool) -> Option<Vec<IpNet>> {
        let (whole, several) = match self {
            Self::No => return Some(Network::parse(text).map(IpNet::from).into_iter().collect()),
            Self::Whole => (needle(text), true),
            Self::Logged => (Network::parse(text), true),
        };
        let found = whole.map(|net| vec![IpNet::from(net)]);
        let found = found.or_else(|| several.then(|| several_of(text)).flatten());
        let literal = || match self {
            Self::Logged if needle(text).is_some() => true,
            _ => quoted && !text.is_empty() && !looks_like(text),
        };
        found.or_else(|| literal().then(Vec::new))
    }
}

/// Parses an address or network in any spelling: zeros compressed or not, upper case, brackets, a port or a zone.
pub(super) fn needle(text: &str) -> Option<Network> {
    let text = text.trim();
    if let Some(network) = Network::parse(text) {
        return Some(network);
    }
    let plain = match text.split_once('%') {
        Some((host, zone)) => match zone.split_once(']') {
            Some((_, port)) => format!("{host}]{port}"),
            None => host.to_owned(),
        },
        None => text.to_owned(),
    };
    let port = match plain.rsplit_once(']') {
        Some((_, port)) => port,
        None => plain.rsplit_once(':').map_or("", |(_, port)| port),
    };
    let port = port.strip_prefix(':').unwrap_or(port);
    let is_port = port.is_empty() || port.parse::<u16>().is_ok();
    let ip = address(&plain).filter(|_| is_port || plain.parse::<IpAddr>().is_ok())?;
    Network::parse(&ip.to_string())
}

/// Parses the networks of a range `10.0.0.1-10.0.0.9`, or of a prefix that ends with whole parts.
fn several_of(text: &str) -> Option<Vec<IpNet>> {
    if let Some(network) = AddressPattern::new(text).and_then(|pattern| pattern.network) {
        return Some(vec![network.into()]);
    }
    let (from, to) = text.split_once('-')?;
    let read = |text: &str| {
        text.trim()
            .parse::<IpAddr>()
            .ok()
            .map(|ip| ip.to_canonical())
    };
    let subnets = match (read(from)?, read(to)?) {
        (IpAddr::V4(from), IpAddr::V4(to)) if from <= to => {
            IpSubnets::V4(Ipv4Subnets::new(from, to, 0))
        }
        (IpAddr::V6(from), IpAddr::V6(to)) if from <= to => {
            IpSubnets::V6(Ipv6Subnets::new(from, to, 0))
        }
        _ => return None,
    };
    Some(subnets.collect())
}

/// Returns true if a text consists only of characters that occur in addresses.
pub(super) fn looks_like(text: &str) -> bool {
    let v6 = text.contains(':');
    let digit = |c: char| c.is_ascii_digit() || v6 && c.is_ascii_hexdigit();
    let part = |c: char| digit(c) || ".:/*?[]-, ".contains(c);
    !text.is_empty() && text.chars().all(part)
}

/// Expected forms of an address, for messages.
pub(super) const FORMS: &str =
    "an address, a network such as 10.0.0.0/8, or a prefix such as 10.0.*";

/// Guesses the condition that was meant by an invalid address on the given field.
pub(super) fn meant(name: &str, text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if text.len() > 1 && text.starts_with('@') {
        return Some(format!("{name} in {text}"));
    }
    if AddressPattern::new(text).is_some() {
        return Some(format!("{name}:{text}"));
    }
    if let Some(networks) = network_like(text) {
        return Some(format!("{name} in {networks}"));
    }
    if several_of(text).is_some() {
        return Some(format!("{name} in ({text})"));
    }
    if text.contains(',') {
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let all = parts
            .iter()
            .all(|part| Addresses::Whole.entry(part, false).is_some());
        return all.then(|| format!("{name} in ({})", parts.join(", ")));
    }
    if !looks_like(text) {
        return Some(format!("{name} == {}", in_quotes(text)));
    }
    let v6 = text.contains(':');
    let start = text.trim_end_matches(if v6 { ':' } else { '.' });
    let prefix = format!("{start}{}*", if v6 { ':' } else { '.' });
    let whole = AddressPattern::new(&prefix).is_some_and(|pattern| pattern.network.is_some());
    whole.then(|| format!("{name}:{prefix}"))
}

/// Parses a network in a spelling that is common elsewhere: with a netmask, or without trailing zeros.
fn network_like(text: &str) -> Option<Network> {
    let (start, length) = text.split_once('/')?;
    if let (Ok(ip), Ok(mask)) = (start.parse::<IpAddr>(), length.parse::<IpAddr>()) {
        return IpNet::with_netmask(ip, mask)
            .ok()
            .and_then(|net| Network::parse(&net.to_string()));
    }
    let parts = start.trim_end_matches('.').split('.').count();
    let zeros = ".0".repeat(4_usize.checked_sub(parts)?);
    Network::parse(&format!("{}{zeros}/{length}", start.trim_end_matches('.')))
}

/// Pattern for addresses in canonical form: `10.0.*`, `2001:db8:*`, `10.0.0.1?`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AddressPattern {
    text: Box<str>,
    /// Set if whole parts precede the `*`.
    network: Option<Network>,
    glob: Box<[char]>,
}

impl AddressPattern {
    /// Returns `None` if there is no `*` or `?`, or if no address can match.
    pub fn new(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let plain = |c: char| c.is_ascii_hexdigit() || ".:*?".contains(c);
        let open = lower.contains(['*', '?']) && !lower.bytes().all(|b| b == b'*');
        if !open || !lower.chars().all(plain) {
            return None;
        }
        let mapped = lower
            .strip_prefix("::ffff:")
            .filter(|rest| rest.contains('.'));
        let lower = mapped.unwrap_or(&lower);
        let (network, spelled) = if lower.contains(':') {
            v6(lower)?
        } else {
            v4(lower)?
        };
        Some(Self {
            text: text.into(),
            network,
            glob: spelled.chars().collect(),
        })
    }

    /// Returns the pattern as typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the equivalent network, if there is one.
    pub fn network(&self) -> Option<Network> {
        self.network
    }

    /// Returns true if the value is an address that matches the pattern.
    pub fn matches(&self, value: &str) -> bool {
        match (&self.network, address(value)) {
            (_, None) => false,
            (Some(network), _) => network.matches(value),
            (None, Some(ip)) => {
                let text: Vec<char> = ip.to_string().chars().collect();
                glob(&self.glob, text.len(), |at| text[at])
            }
        }
    }
}

/// Returns the complete parts, if only `*` follows them.
fn whole_parts<'a>(parts: &[&'a str]) -> Option<Vec<&'a str>> {
    let whole = parts.iter().take_while(|part| !part.contains(['*', '?']));
    let whole: Vec<&str> = whole.copied().collect();
    let rest = &parts[whole.len()..];
    (!whole.is_empty() && !rest.is_empty() && rest.iter().all(|part| *part == "*")).then_some(whole)
}

fn v4(text: &str) -> Option<(Option<Network>, String)> {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() == 1 {
        // Prefix of an IPv4 or IPv6 address.
        let digits = text.chars().filter(char::is_ascii_hexdigit).count();
        return (digits <= 4 && text.contains('*')).then(|| (None, text.to_owned()));
    }
    let fits = |part: &&str| {
        let digits = part.chars().filter(|c| !matches!(c, '*' | '?'));
        let decimal = digits.clone().all(|c| c.is_ascii_digit()) && part.len() <= 8;
        if part.contains(['*', '?']) {
            decimal && digits.count() <= 3
        } else {
            decimal && (*part == "0" || !part.starts_with('0')) && part.parse::<u8>().is_ok()
        }
    };
    let reaches = parts.len() == 4 || parts.len() < 4 && text.contains('*');
    if !reaches || !parts.iter().all(fits) {
        return None;
    }
    let network = whole_parts(&parts).and_then(|whole| {
        let zeros = ".0".repeat(4 - whole.len());
        Network::parse(&format!("{}{zeros}/{}", whole.join("."), whole.len() * 8))
    });
    Some((network, text.to_owned()))
}

fn v6(text: &str) -> Option<(Option<Network>, String)> {
    let parts: Vec<&str> = text.split(':').collect();
    let fits = |part: &&str| {
        let digits = part.chars().filter(|c| !matches!(c, '*' | '?'));
        part.len() <= 8 && digits.clone().all(|c| c.is_ascii_hexdigit()) && digits.count() <= 4
    };
    let short = text.matches("::").count();
    let reaches = parts.len() == 8 || text.contains('*') || short == 1;
    let loose = text.starts_with(':') && !text.starts_with("::");
    if parts.len() > 9 || short > 1 || text.contains(":::") || loose || !reaches {
        return None;
    }
    if !parts.iter().all(fits) {
        return None;
    }
    let network = whole_parts(&parts)
        .filter(|whole| whole.len() < 8 && whole.iter().all(|part| !part.is_empty()))
        .and_then(|whole| Network::parse(&format!("{}::/{}", whole.join(":"), whole.len() * 16)));
    let spelled = |part: &&str| {
        let short = part.trim_start_matches('0');
        let zero = short.is_empty() && !part.is_empty();
        if zero {
            "0".to_owned()
        } else {
            short.to_owned()
        }
    };
    let spelled: Vec<String> = parts.iter().map(spelled).collect();
    Some((network, spelled.join(":")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_in_any_spelling() {
        for (text, read) in [
            ("10.0.0.1", Some("10.0.0.1")),
            ("10.0.0.1:443", Some("10.0.0.1")),
            ("2001:DB8:0:0::1", Some("2001:db8::1")),
            (
                "2001:0db8:0000:0000:0000:0000:0000:0001",
                Some("2001:db8::1"),
            ),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("[fe80::1%eth0]:80", Some("fe80::1")),
            ("::ffff:10.0.0.1", Some("10.0.0.1")),
            ("::FFFF:a00:1", Some("10.0.0.1")),
            ("::ffff:10.0.0.1:443", Some("10.0.0.1")),
            ("10.0.0.1:", Some("10.0.0.1")),
            ("10.0.0.0/8", Some("10.0.0.0/8")),
            ("10.1.2.3/8", Some("10.0.0.0/8")),
            ("2001:DB8::/32", Some("2001:db8::/32")),
            ("10.0.0.0/33", None),
            ("10.0.0", None),
            ("300.1.1.1", None),
            ("10.0.0.1:99999", None),
            ("10.0.0.1:x", None),
            ("10.0.0.01", None),
            ("[2001:db8::1]:x", None),
            ("host", None),
            ("", None),
            ("1", None),
        ] {
            let found = needle(text).map(|net| net.to_string());
            assert_eq!(found.as_deref(), read, "{text}");
        }
    }

    #[test]
    fn a_prefix_matches_the_start_of_an_address_and_nothing_within() {
        let matches = |pattern: &str, value: &str| {
            AddressPattern::new(pattern).expect(pattern).matches(value)
        };
        for (pattern, inside, outside) in [
            ("10.*", "10.1.2.3", "110.1.2.3"),
            ("10.0.*", "10.0.255.1", "10.10.0.1"),
            ("10.0.0.*", "::ffff:10.0.0.9", "10.0.10.0"),
            ("10.0.0.1*", "10.0.0.19", "10.0.0.2"),
            ("10.0.0.1?", "10.0.0.19", "10.0.0.1"),
            ("10.0.*.*", "10.0.0.1", "10.1.0.1"),
            ("*.0.0.1", "10.0.0.1", "10.0.0.11"),
            ("10.*.7", "10.1.2.7", "10.1.2.70"),
            ("::ffff:10.*", "10.1.2.3", "::a"),
            ("2001:DB8:*", "2001:db8::1", "3001:2001:db8::"),
            ("2001:0db8:0:*", "2001:db8::1", "2001:db8:1::"),
            ("2001:db8::*", "2001:db8::1", "2001:db8:1::1"),
            ("fe80:*", "[fe80::1]:80", "2001:fe80::"),
            ("198*", "198.51.100.1", "2001:198::"),
        ] {
            assert!(matches(pattern, inside), "{pattern} {inside}");
            assert!(!matches(pattern, outside), "{pattern} {outside}");
            assert!(!matches(pattern, "host"), "{pattern}");
        }
        for none in [
            "10.0.0.1",
            "*",
            "**",
            "300.*",
            "10.0.0.0.*",
            "10.0.0.?.?",
            "10.?",
            "x*",
            "10.0.*/16",
            "2001:db8g:*",
            "1:2:3:4:5:6:7:8:9:*",
            "a::b::*",
            ":a*",
            "12345*",
            "01.*",
            "10..*",
            "12345:*",
        ] {
            assert_eq!(AddressPattern::new(none), None, "{none}");
        }
    }

    #[test]
    fn what_was_meant_is_told() {
        for (text, wanted) in [
            ("10.0.0", Some("ip:10.0.0.*")),
            ("10.0.0.", Some("ip:10.0.0.*")),
            ("10", Some("ip:10.*")),
            ("2001:db8", Some("ip:2001:db8:*")),
            ("2001:db8:", Some("ip:2001:db8:*")),
            ("10.0/16", Some("ip in 10.0.0.0/16")),
            ("10.0.0.0/255.255.0.0", Some("ip in 10.0.0.0/16")),
            ("10.0.0.1-10.0.0.9", Some("ip in (10.0.0.1-10.0.0.9)")),
            ("10.0.0.1,10.0.0.2", Some("ip in (10.0.0.1, 10.0.0.2)")),
            ("10.0.*", Some("ip:10.0.*")),
            ("@bom.txt", Some("ip in @bom.txt")),
            ("scanner.example", Some("ip == \"scanner.example\"")),
            ("140.xx.xx.xx", Some("ip == \"140.xx.xx.xx\"")),
            ("10.0.0.0/33", None),
            ("300.1.1.1", None),
            ("10.0.0.9-10.0.0.1", None),
            ("10.0.0.1,x", None),
        ] {
            assert_eq!(meant("ip", text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_range_is_its_networks() {
        let read = |text| Addresses::Whole.entry(text, false);
        let nets = read("10.0.0.1 - 10.0.0.4").expect("a range");
        let texts: Vec<String> = nets.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/32"]);
        assert_eq!(
            read("2001:db8::-2001:db8::ffff").map(|nets| nets.len()),
            Some(1)
        );
        assert_eq!(read("10.0.0.1-2001:db8::"), None);
    }
}
