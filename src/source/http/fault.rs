//! Describes connection failures: what failed, where, why, and the remedy.

use std::error::Error;
use std::io;

use chrono::DateTime;
use reqwest::Url;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error as Tls};

use super::proxy::{Proxies, Via};

/// Most names of a certificate that are shown.
const NAMES: usize = 3;

/// Reason for the failure of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Without the URL, as its query may hold a secret.
    pub what: String,
    pub advice: String,
    /// True if a retry would fail in the same way.
    pub is_lasting: bool,
    /// True if the authority of the certificate is not trusted; the user may add it.
    pub is_untrusted: bool,
}

/// Failure caused by a proxy or by the other end of TLS, and the remedy.
struct Told {
    what: String,
    advice: String,
    is_lasting: bool,
}

impl Fault {
    /// Describes an error.
    pub fn of(error: &reqwest::Error, proxies: &Proxies) -> Self {
        let what = if error.is_timeout() {
            "timed out waiting for a response"
        } else if error.is_connect() {
            "cannot connect"
        } else if error.is_body() || error.is_decode() {
            "the response was cut off"
        } else {
            "the request failed"
        };
        let via = error.url().and_then(|url| proxies.to(url));
        let mut text = match error.url().and_then(Url::host_str) {
            Some(host) => format!("{host}: {what}"),
            None => what.to_owned(),
        };
        if let Some(via) = &via {
            text.push_str(" through ");
            text.push_str(&via.to_string());
        }
        let tls = error.source().and_then(tls).filter(|_| error.is_connect());
        let reported = match tls {
            Some(tls) => of_tls(tls),
            None => via.and_then(|via| of_proxy(error, &via)),
        };
        if let Some(reported) = reported {
            return Self {
                what: format!("{text}: {}", reported.what),
                advice: reported.advice,
                is_lasting: reported.is_lasting,
                is_untrusted: tls.is_some_and(|tls| {
                    matches!(
                        tls,
                        Tls::InvalidCertificate(CertificateError::UnknownIssuer)
                    )
                }),
            };
        }
        let last = last(error);
        if !last.is_empty() {
            text.push_str(": ");
            text.push_str(&last);
        }
        // Systems other than Linux report certificate errors in their own words.
        let is_certificate = last.contains("certificate");
        Self {
            what: text,
            advice: if is_certificate {
                TRUST.to_owned()
            } else {
                String::new()
            },
            is_lasting: is_certificate || error.is_builder(),
            is_untrusted: is_certificate,
        }
    }
}

const TRUST: &str =
    "for a private CA, add it to the system certificates, or set SSL_CERT_FILE to its PEM file";

/// The innermost cause.
fn last(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut last = String::new();
    while let Some(inner) = cause {
        last = inner.to_string();
        cause = inner.source();
    }
    last
}

/// Finds the TLS error in the chain of causes.
fn tls<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Tls> {
    if let Some(found) = error.downcast_ref() {
        return Some(found);
    }
    // The source of an I/O error is not the error inside it.
    let inner = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match inner {
        Some(inner) => tls(inner),
        None => error.source().and_then(tls),
    }
}

fn of_tls(error: &Tls) -> Option<Told> {
    let lasting = |what: String, advice: &str| {
        Some(Told {
            what,
            advice: advice.to_owned(),
            is_lasting: true,
        })
    };
    match error {
        Tls::InvalidCertificate(error) => {
            let (what, advice) = of_certificate(error);
            lasting(what, &advice)
        }
        Tls::InvalidMessage(_) => lasting(
            "the server does not speak TLS".to_owned(),
            "check the port, or use http:// for a plain-text server",
        ),
        Tls::PeerIncompatible(_) => lasting(
            format!("no TLS version or cipher in common: {error}"),
            "the server must offer TLS 1.2 or 1.3",
        ),
        Tls::AlertReceived(AlertDescription::CertificateRequired) => lasting(
            "the server requires a client certificate".to_owned(),
            "client certificates are not supported; use another way to authenticate",
        ),
        _ => None,
    }
}

/// Describes a certificate error, and the remedy.
fn of_certificate(error: &CertificateError) -> (String, String) {
    let clock = |time: UnixTime| {
        let now = date(time);
        format!("renew the certificate, or set this machine's clock if today is not {now}")
    };
    match error {
        CertificateError::UnknownIssuer => (
            "its certificate is self-signed, or signed by an untrusted CA".to_owned(),
            TRUST.to_owned(),
        ),
        CertificateError::ExpiredContext { time, not_after } => (
            format!("its certificate expired on {}", date(*not_after)),
            clock(*time),
        ),
        CertificateError::NotValidYetContext { time, not_before } => (
            format!("its certificate is not valid before {}", date(*not_before)),
            clock(*time),
        ),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<&str> = presented.iter().map(|name| name_of(name)).collect();
            let more = if names.len() > NAMES { ", …" } else { "" };
            let names = names[..names.len().min(NAMES)].join(", ");
            let what = if names.is_empty() {
                "its certificate names no host".to_owned()
            } else {
                format!("its certificate is for another host: {names}{more}")
            };
            (what, "use a name that the certificate covers, or issue one for this name; a proxy may be answering in place of the host".to_owned())
        }
        CertificateError::NotValidForName => (
            "its certificate is for another host".to_owned(),
            "use a name that the certificate covers".to_owned(),
        ),
        other => (
            format!("its certificate is not accepted: {other}"),
            "replace the certificate".to_owned(),
        ),
    }
}

/// Extracts the host from `DnsName("audit.example.com")`.
fn name_of(name: &str) -> &str {
    let inner = name.split_once('(').map_or(name, |(_, inner)| inner);
    inner.trim_end_matches(')').trim_matches('"')
}

fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    DateTime::from_timestamp(seconds, 0).map_or_else(
        || "an out-of-range date".to_owned(),
        |time| time.format("%Y-%m-%d").to_string(),
    )
}

/// Describes a failure of the proxy, if the proxy is at fault.
fn of_proxy(error: &reqwest::Error, via: &Via) -> Option<Told> {
    let variable = via.variable;
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(why) = inner.to_string().strip_prefix("tunnel error: ") {
            let asks = why == "proxy authorization required";
            return Some(if asks {
                of_authentication(variable)
            } else {
                let why = match why {
                    "unsuccessful" => "it refused the tunnel, or is not a proxy".to_owned(),
                    "unexpected end of file" => "it closed the connection".to_owned(),
                    _ => last(error),
                };
                Told {
                    what: why,
                    advice: check(variable),
                    is_lasting: false,
                }
            });
        }
        cause = inner.source();
    }
    error.is_connect().then(|| Told {
        what: last(error),
        advice: check(variable),
        is_lasting: false,
    })
}

fn check(variable: &str) -> String {
    format!("check {variable}, or add the host to NO_PROXY")
}

fn of_authentication(variable: &str) -> Told {
    Told {
        what: "it requires a user and password (407)".to_owned(),
        advice: authentication(variable),
        is_lasting: true,
    }
}

/// Remedy for a proxy that responds with 407.
pub fn authentication(variable: &str) -> String {
    format!("set {variable} to http://USER:PASSWORD@HOST:PORT, or add the host to NO_PROXY")
}
