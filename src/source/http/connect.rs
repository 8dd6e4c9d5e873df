//! Connections with TLS, proxies and timeouts, shared by all network sources.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Url};

use super::fault::Fault;
use super::proxy::Proxies;
use crate::source::{Failure, small_file};

/// Connection settings. Certificates are checked against the system's roots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// PEM file of authorities that are trusted in addition to the system's.
    pub ca_file: Option<PathBuf>,
    pub connect_timeout: Duration,
    /// Longest silence within a response.
    pub read_timeout: Duration,
    /// Longest time for a whole response; `None` for streams.
    pub total_timeout: Option<Duration>,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            ca_file: None,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_mins(1),
            total_timeout: Some(Duration::from_mins(3)),
        }
    }
}

/// Creates a client for `url` that follows no redirects and does not unpack responses. Loopback addresses are never
/// reached through a proxy.
pub fn client(
    connection: &Connection,
    proxies: &Proxies,
    url: &str,
) -> Result<reqwest::Client, Failure> {
    let url = Url::parse(url).map_err(|e| {
        Failure::new(
            format!("invalid URL: {e}"),
            "write http://HOST or https://HOST",
        )
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Failure::new(
            format!("unsupported scheme {}", url.scheme()),
            "write http://HOST or https://HOST",
        ));
    }
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("regtrail/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(connection.connect_timeout)
        .read_timeout(connection.read_timeout);
    if let Some(total) = connection.total_timeout {
        builder = builder.timeout(total);
    }
    builder = proxies.apply(builder, &url)?;
    if let Some(path) = &connection.ca_file {
        let failed = |e: String| {
            Failure::new(
                format!("{}: {e}", path.display()),
                "name a PEM file with certificates",
            )
        };
        let pem = small_file::read(path).map_err(|e| failed(e.to_string()))?;
        let authorities = Certificate::from_pem_bundle(&pem).map_err(|e| failed(e.to_string()))?;
        if authorities.is_empty() {
            return Err(failed("it contains no certificates".to_owned()));
        }
        builder = builder.tls_certs_merge(authorities);
    }
    builder
        .build()
        .map_err(|e| Failure::new(Fault::of(&e, proxies).what, ""))
}

pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|a| a.is_loopback())
}
