//! `ip`: the client's address without port, in one spelling.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::logged;

/// Address in `addr` without port or brackets, IPv6 in canonical form (RFC 5952). `None` if nothing is logged.
///
/// * `a.b.c.d`, `a.b.c.d:port`, `v6`, `[v6]`, `[v6]:port` are read. A bare IPv6 address has no port: its last group is
///   never mistaken for one.
/// * A zone (`fe80::1%eth0`) is dropped: it names an interface of the server and does not describe the client.
/// * An IPv4-mapped address (`::ffff:1.2.3.4`, in any spelling) is the IPv4 address: a server that listens on both
///   kinds writes it so. Only the last group is dotted, so a number after it is a port.
/// * Any other text (`140.xx.xx.xx` with masked octets, a host name) is kept, without its port.
pub fn ip(addr: &str) -> Option<Cow<'_, str>> {
    let addr = logged(Some(addr.trim_ascii()))?;
    if is_canonical_v4(without_port(addr)) {
        return Some(Cow::Borrowed(without_port(addr)));
    }
    if let Ok(v4) = without_port(addr).parse::<Ipv4Addr>() {
        return Some(canonical(without_port(addr), v4.into()));
    }
    if let Some(Ok(v4)) = addr.strip_suffix(':').map(str::parse::<Ipv4Addr>) {
        return Some(canonical(&addr[..addr.len() - 1], v4.into()));
    }
    let inner = match addr.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inner, port)) if matches!(port, "" | ":") || is_port(port) => inner,
        _ => addr,
    };
    let host = inner.split_once('%').map_or(inner, |(host, _)| host);
    if let Ok(v6) = host.parse::<Ipv6Addr>() {
        return Some(canonical(host, IpAddr::from(v6).to_canonical()));
    }
    let mapped = || {
        let (host, port) = addr.rsplit_once(':')?;
        let is_number = port.bytes().all(|b| b.is_ascii_digit());
        let v6 = host.parse::<Ipv6Addr>().ok().filter(|_| is_number)?;
        v6.to_ipv4_mapped().filter(|_| host.contains('.'))
    };
    Some(match mapped() {
        Some(v4) => Cow::Owned(v4.to_string()),
        None => Cow::Borrowed(without_port(addr)),
    })
}

/// Offset of the colon before the port of an address, and the port; `None` if there is no port, or if `:` and its
/// number do not reproduce the text. The split is safe for every use: the part before the colon is an IPv4 address, or
/// an IPv6 one in brackets, and [`ip`] returns equal results with and without the port.
#[inline]
pub fn split_port(addr: &[u8]) -> Option<(usize, u16)> {
    let digits = addr.iter().rev().take(6);
    let digits = digits.take_while(|b| b.is_ascii_digit()).count();
    let colon = addr.len().checked_sub(digits + 1)?;
    let (host, port) = (&addr[..colon], &addr[colon..]);
    let canonical = digits > 0 && port[0] == b':' && (port[1] != b'0' || digits == 1);
    let is_v4 = |host: &[u8]| host.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    if !canonical || host.is_empty() || !(is_v4(host) || is_bracketed_v6(host)) {
        return None;
    }
    let number = |all: u32, b: &u8| all * 10 + u32::from(b - b'0');
    let port = u16::try_from(port[1..].iter().fold(0, number)).ok()?;
    Some((colon, port))
}

fn is_bracketed_v6(host: &[u8]) -> bool {
    let inner = host.strip_prefix(b"[").and_then(|h| h.strip_suffix(b"]"));
    let text = inner.and_then(|inner| std::str::from_utf8(inner).ok());
    text.is_some_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

/// Fast test that accepts nearly every address in practice, without parsing and formatting it.
fn is_canonical_v4(text: &str) -> bool {
    let mut octets = 0;
    for octet in text.split('.') {
        let bytes = octet.as_bytes();
        let plain = (1..=3).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit);
        if !plain || (bytes.len() > 1 && bytes[0] == b'0') || (bytes.len() == 3 && octet > "255") {
            return false;
        }
        octets += 1;
    }
    octets == 4
}

fn canonical(text: &str, address: IpAddr) -> Cow<'_, str> {
    let canonical = address.to_string();
    if canonical == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(canonical)
    }
}

/// Removes `:digits` from the end, unless there is another colon before it.
fn without_port(addr: &str) -> &str {
    match addr.find(':') {
        Some(at) if at > 0 && is_port(&addr[at..]) => &addr[..at],
        _ => addr,
    }
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_port_brackets_and_zone() {
        for (logged, expected) in [
            ("10.0.0.1", "10.0.0.1"),
            ("10.0.0.1:52114", "10.0.0.1"),
            (" 10.0.0.1 ", "10.0.0.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("2001:db8::1:443", "2001:db8::1:443"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8:0::1]", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:80", "fe80::1"),
            ("[2001:db8::1]:", "2001:db8::1"),
            ("10.0.0.1:", "10.0.0.1"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("::FFFF:a00:1", "10.0.0.1"),
            ("0:0:0:0:0:ffff:10.0.0.1", "10.0.0.1"),
            ("::ffff:10.0.0.1:443", "10.0.0.1"),
            ("::ffff:10.0.0.1:", "10.0.0.1"),
            ("[::ffff:10.0.0.1]:443", "10.0.0.1"),
            ("[::ffff:a00:1]", "10.0.0.1"),
            ("::10.0.0.1:443", "::10.0.0.1:443"),
            ("::1", "::1"),
        ] {
            assert_eq!(ip(logged).as_deref(), Some(expected), "{logged:?}");
        }
    }

    #[test]
    fn text_that_is_no_address_is_kept_without_port() {
        for (logged, expected) in [
            ("140.xx.xx.xx", "140.xx.xx.xx"),
            ("140.xx.xx.xx:443", "140.xx.xx.xx"),
            ("node-7.internal:80", "node-7.internal"),
            ("10.0.0.300:1", "10.0.0.300"),
            ("10.0.0.1, 10.0.0.2", "10.0.0.1, 10.0.0.2"),
            ("[not v6]:80", "[not v6]"),
            ("10.0.0.1:http", "10.0.0.1:http"),
            ("node-7:", "node-7:"),
            (":80", ":80"),
        ] {
            assert_eq!(ip(logged).as_deref(), Some(expected), "{logged:?}");
        }
    }

    #[test]
    fn ports_are_split_off_addresses_and_nothing_else() {
        let split =
            |addr: &'static str| split_port(addr.as_bytes()).map(|(at, port)| (&addr[..at], port));
        assert_eq!(split("10.0.0.1:52114"), Some(("10.0.0.1", 52114)));
        assert_eq!(split("10.0.0.1:0"), Some(("10.0.0.1", 0)));
        assert_eq!(split("[2001:db8::1]:443"), Some(("[2001:db8::1]", 443)));
        for whole in [
            "",
            ":80",
            "10.0.0.1",
            "10.0.0.1:",
            "10.0.0.1:080",
            "10.0.0.1:65536",
            "10.0.0.1:1234567",
            "2001:db8::1",
            "[2001:db8::1]",
            "[not v6]:80",
            "node-7:80",
            "-:80",
            "null:80",
            " 1.1.1.1:80",
            "1.1.1.1 :80",
            "80",
        ] {
            assert_eq!(split(whole), None, "{whole:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_port_that_is_split_off_comes_back_and_means_nothing_to_the_address(
            host in proptest::prop_oneof!["[0-9.]{0,12}", r"\[[0-9a-f:]{0,9}\]", "[a:. 0-9\\[\\]]{0,9}"],
            port in proptest::prop_oneof![":[0-9]{0,6}", "[0-9:]{0,8}"],
        ) {
            let addr = format!("{host}{port}");
            if let Some((at, port)) = split_port(addr.as_bytes()) {
                proptest::prop_assert_eq!(format!("{}:{port}", &addr[..at]), addr.clone());
                proptest::prop_assert_eq!(ip(&addr[..at]), ip(&addr));
                proptest::prop_assert_eq!(split_port(&addr.as_bytes()[..at]), None);
            }
        }
    }

    #[test]
    fn nothing_logged_is_no_address() {
        for nothing in ["", " ", "-", "null"] {
            assert_eq!(ip(nothing), None, "{nothing:?}");
        }
    }
}
