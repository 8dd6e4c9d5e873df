//! Proxies from environment variables, interpreted like curl and the cloud's own tools do.

use std::fmt;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{ClientBuilder, NoProxy, Proxy, Url};

use super::connect::is_loopback;
use crate::source::{Environment, Failure, Secret};

/// Variables searched for the proxy of a scheme, in this order.
const VARIABLES: [(&str, [&str; 4]); 2] = [
    (
        "http",
        ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
    ),
    (
        "https",
        ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
    ),
];

/// Hosts never reached through a proxy: it would resolve them to its own machine.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// Proxies of an environment.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    named: Vec<Named>,
    /// Hosts reached directly, separated by commas.
    except: String,
}

/// A proxy from a variable, for one scheme.
#[derive(Clone, Debug)]
struct Named {
    scheme: &'static str,
    variable: &'static str,
    /// May include a user and password.
    url: Secret,
    host: String,
}

/// A proxy used for a URL, for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    pub host: String,
    pub variable: &'static str,
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy {} ({})", self.host, self.variable)
    }
}

impl Proxies {
    /// Reads the variables. Rejects an invalid proxy address: ignoring it would bypass the proxy.
    pub fn of(env: &Environment) -> Result<Self, Failure> {
        let mut named = Vec::new();
        // In a CGI script this variable is a header (`Proxy`) of the caller.
        let is_script = env.get("REQUEST_METHOD").is_some();
        let is_header = |variable: &str| is_script && variable == "HTTP_PROXY";
        for (scheme, variables) in VARIABLES {
            let mut own = variables.iter().filter(|variable| !is_header(variable));
            let Some((variable, value)) =
                own.find_map(|variable| Some((*variable, env.get(variable)?)))
            else {
                continue;
            };
            let url = if value.contains("://") {
                value.to_owned()
            } else {
                format!("http://{value}")
            };
            let host = Url::parse(&url).ok().and_then(|url| shown(&url));
            // Errors do not include the value, which may contain a password.
            let host = host.ok_or_else(|| {
                Failure::new(
                    format!("{variable} is not a proxy URL"),
                    "write http://HOST:PORT, https://HOST:PORT or socks5h://HOST:PORT",
                )
            })?;
            named.push(Named {
                scheme,
                variable,
                url: Secret::new(url),
                host,
            });
        }
        let except = env.get("NO_PROXY").or_else(|| env.get("no_proxy"));
        Ok(Self {
            named,
            except: format!("{},{LOOPBACK}", except.unwrap_or_default()),
        })
    }

    /// Adds the proxies to a client.
    pub(super) fn apply(
        &self,
        mut builder: ClientBuilder,
        url: &Url,
    ) -> Result<ClientBuilder, Failure> {
        for Named {
            scheme,
            variable,
            url,
            ..
        } in &self.named
        {
            let proxy = match *scheme {
                "http" => Proxy::http(url.reveal()),
                _ => Proxy::https(url.reveal()),
            };
            let proxy = proxy.map_err(|_| {
                Failure::new(
                    format!("{variable} is not a proxy URL"),
                    "write http://HOST:PORT",
                )
            })?;
            builder = builder.proxy(proxy.no_proxy(NoProxy::from_string(&self.except)));
        }
        // Without a variable, the system's settings may apply.
        Ok(if self.named.is_empty() && is_loopback(url) {
            builder.no_proxy()
        } else {
            builder
        })
    }

    /// Returns the proxy used for a URL.
    pub fn to(&self, url: &Url) -> Option<Via> {
        let named = self
            .named
            .iter()
            .find(|named| named.scheme == url.scheme())?;
        let matcher = Matcher::builder().all("http://proxy").no(&*self.except);
        matcher.build().intercept(&url.as_str().parse().ok()?)?;
        Some(Via {
            host: named.host.clone(),
            variable: named.variable,
        })
    }
}

/// Host and port of a supported proxy.
fn shown(url: &Url) -> Option<String> {
    let host = url.host_str().filter(|host| !host.is_empty())?;
    let usual = match url.scheme() {
        "http" => 80,
        "https" => 443,
        "socks4" | "socks4a" | "socks5" | "socks5h" => 1080,
        _ => return None,
    };
    Some(format!("{host}:{}", url.port().unwrap_or(usual)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let env = Environment::of(variables.iter().copied(), None);
        let proxies = Proxies::of(&env).expect("good");
        let via = proxies.to(&Url::parse(url).expect("a URL"))?;
        Some(via.to_string())
    }

    #[test]
    fn the_variable_of_the_scheme_goes_before_the_one_for_all() {
        let both = [
            ("HTTPS_PROXY", "http://u:hidden@a:3128"),
            ("all_proxy", "b:1"),
        ];
        let said = to(&both, "https://x.example/log");
        assert_eq!(said.as_deref(), Some("the proxy a:3128 (HTTPS_PROXY)"));
        let said = to(&both, "http://x.example/log");
        assert_eq!(said.as_deref(), Some("the proxy b:1 (all_proxy)"));
        let socks = [("ALL_PROXY", "socks5h://c")];
        let said = to(&socks, "https://x.example/");
        assert_eq!(said.as_deref(), Some("the proxy c:1080 (ALL_PROXY)"));
    }

    #[test]
    fn hosts_that_are_excepted_and_this_machine_are_reached_without_one() {
        let set = [
            ("ALL_PROXY", "http://a:1"),
            ("NO_PROXY", "corp.example, 10.0.0.0/8"),
        ];
        for url in [
            "http://localhost/",
            "http://127.0.0.9:80/",
            "https://[::1]/",
            "https://corp.example/",
            "https://x.corp.example/",
            "https://10.1.2.3/",
        ] {
            assert_eq!(to(&set, url), None, "{url}");
        }
        for url in ["https://notcorp.example/", "https://11.1.2.3/"] {
            assert!(to(&set, url).is_some(), "{url}");
        }
        let all = [("ALL_PROXY", "http://a:1"), ("no_proxy", "*")];
        assert_eq!(to(&all, "https://x.example/"), None);
    }

    #[test]
    fn in_a_script_of_a_server_the_header_of_a_caller_names_no_proxy() {
        let script = ("REQUEST_METHOD", "GET");
        let header = [script, ("HTTP_PROXY", "http://evil:1")];
        assert_eq!(to(&header, "http://x.example/"), None);
        let own = [script, ("http_proxy", "a:1"), ("HTTPS_PROXY", "b:1")];
        let said = to(&own, "http://x.example/");
        assert_eq!(said.as_deref(), Some("the proxy a:1 (http_proxy)"));
        let said = to(&own, "https://x.example/");
        assert_eq!(said.as_deref(), Some("the proxy b:1 (HTTPS_PROXY)"));
    }

    #[test]
    fn what_is_no_address_of_a_proxy_is_refused_without_repeating_it() {
        for value in ["ftp://u:hidden@h:1", "http://", "http://u:hidden@h:port"] {
            let env = Environment::of([("https_proxy", value)], None);
            let error = Proxies::of(&env).expect_err(value).to_string();
            assert!(
                error.contains("https_proxy") && !error.contains("hidden"),
                "{error}"
            );
        }
    }
}
