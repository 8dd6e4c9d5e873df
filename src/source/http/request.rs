//! Requests: headers, redirects, validators, and the interpretation of the status.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{StatusCode, Url};

use super::body::{Answer, Place};
use super::fault::{self, Fault};
use super::packed::{ACCEPTED, Body};
use super::proxy::Proxies;
use super::{Settings, Trouble, connect, pages};
use crate::source::retry::retry_after;
use crate::source::{Failure, Secret};

/// Most redirects followed in a row.
const REDIRECTS: usize = 10;

/// Status codes of complete responses: with records, from a copy of them, and without content.
const WHOLE: [StatusCode; 3] = [
    StatusCode::OK,
    StatusCode::NON_AUTHORITATIVE_INFORMATION,
    StatusCode::NO_CONTENT,
];

const ACCEPT: &str = "application/x-ndjson, text/event-stream, application/json;q=0.9, */*;q=0.1";

/// Sends requests. Headers of the profile are sent to the endpoint's own origin only, regardless of links and
/// redirects.
pub(super) struct Requester {
    http: reqwest::Client,
    proxies: Proxies,
    url: Url,
    headers: Vec<(String, Secret)>,
    since: Option<super::Since>,
    /// URL and entity tag of the current round; `good_tag` is that of the last complete one.
    tag: Option<(Url, HeaderValue)>,
    good_tag: Option<(Url, HeaderValue)>,
    event_id: Option<String>,
    reconnect: Option<Duration>,
}

impl Requester {
    pub(super) fn new(settings: &Settings) -> Result<Self, Failure> {
        let mut connection = settings.connection.clone();
        connection.ca_file = settings.profile.ca_file.clone().or(connection.ca_file);
        let proxies = Proxies::of(&settings.env)?;
        let http = connect::client(&connection, &proxies, &settings.url)?;
        let url = Url::parse(&settings.url)
            .map_err(|e| Failure::new(e.to_string(), "write http://HOST/PATH"))?;
        Ok(Self {
            http,
            proxies,
            url,
            headers: settings.profile.resolved_headers(&settings.env)?,
            since: settings.profile.since.clone(),
            tag: None,
            good_tag: None,
            event_id: None,
            reconnect: None,
        })
    }

    /// Returns the first URL of a round.
    pub(super) fn first_url(&self, newest: Option<DateTime<Utc>>) -> Url {
        match (&self.since, newest) {
            (Some(since), Some(newest)) => {
                pages::with_param(&self.url, &since.param, &since.value(newest))
            }
            _ => self.url.clone(),
        }
    }

    /// The endpoint for display: without query and password.
    pub(super) fn shown(&self) -> String {
        super::shown(&self.url)
    }

    /// Sets the position from which a stream of events continues, and the pause before that.
    pub(super) fn go_on_from(&mut self, place: Place) {
        self.event_id = place.event_id.or(self.event_id.take());
        self.reconnect = place.reconnect.or(self.reconnect);
    }

    /// Returns the pause before the next round.
    pub(super) fn pause(&self, usual: Duration) -> Duration {
        self.reconnect.unwrap_or(usual)
    }

    /// Ends a complete round. If it was a single response, its tag is used in the next request; a first page says
    /// nothing about the pages after it.
    pub(super) fn round_succeeded(&mut self, single: bool) {
        self.good_tag = self.tag.take().filter(|_| single);
    }

    /// Requests a URL; `None` if nothing has changed since the last complete round.
    pub(super) async fn get(&mut self, url: &Url, first: bool) -> Result<Option<Answer>, Trouble> {
        let mut at = url.clone();
        for _ in 0..=REDIRECTS {
            let mut request = self.http.get(at.clone());
            request = request
                .header("accept", ACCEPT)
                .header("accept-encoding", ACCEPTED);
            let mut is_conditional = false;
            if at.origin() == self.url.origin() {
                let own = self.own_headers(&at, first)?;
                is_conditional = own.contains_key("if-none-match");
                request = request.headers(own);
            }
            let response = request.send().await.map_err(|e| self.failed(&e))?;
            let status = response.status();
            if status == StatusCode::NOT_MODIFIED {
                if is_conditional {
                    return Ok(None);
                }
                return Err(self.of_another_question(status));
            }
            if status.is_success() {
                if !WHOLE.contains(&status) {
                    return Err(self.of_another_question(status));
                }
                if first && let Some(tag) = response.headers().get("etag") {
                    self.tag = Some((at.clone(), tag.clone()));
                }
                let body = Body::of(response).map_err(|failure| {
                    Trouble::Lasting(Failure::new(
                        format!("{}: {}", self.shown(), failure.what),
                        failure.advice,
                    ))
                })?;
                return Ok(Some(Answer::new(body, at)));
            }
            if !status.is_redirection() {
                return Err(self.refused(status, &at, response.headers()));
            }
            let target = response
                .headers()
                .get("location")
                .and_then(|l| l.to_str().ok())
                .and_then(|l| at.join(l).ok());
            let Some(target) = target else {
                return Err(self.refused(status, &at, response.headers()));
            };
            if !matches!(target.scheme(), "http" | "https") {
                let scheme = target.scheme();
                let what = format!(
                    "{}: redirected to {scheme}:, which is not supported",
                    self.shown()
                );
                return Err(Trouble::Lasting(Failure::new(what, "check the URL")));
            }
            if at.scheme() == "https" && target.scheme() != "https" {
                let what = format!(
                    "{}: redirected from https to {}",
                    self.shown(),
                    target.scheme()
                );
                return Err(Trouble::Lasting(Failure::new(
                    what,
                    "use the target URL if this is intended",
                )));
            }
            at = target;
        }
        let what = format!("{}: more than {REDIRECTS} redirects", self.shown());
        Err(Trouble::Lasting(Failure::new(what, "use the final URL")))
    }

    /// Error for a status that does not fit the request.
    fn of_another_question(&self, status: StatusCode) -> Trouble {
        let what = format!("{}: unexpected status {status}", self.shown());
        let advice = "the server or a cache in front of it is at fault; data read so far is kept";
        Trouble::Lasting(Failure::new(what, advice))
    }

    fn own_headers(&self, url: &Url, first: bool) -> Result<HeaderMap, Trouble> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let parsed = (
                name.parse::<reqwest::header::HeaderName>(),
                HeaderValue::from_str(value.reveal()),
            );
            let (Ok(name), Ok(mut value)) = parsed else {
                let what = format!("cannot send header {name:?} of the profile");
                return Err(Trouble::Lasting(Failure::new(
                    what,
                    "a header must be one line of visible characters",
                )));
            };
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        if let Some((tagged, tag)) = &self.good_tag
            && first
            && tagged == url
        {
            headers.insert("if-none-match", tag.clone());
        }
        if let Some(id) = self
            .event_id
            .as_ref()
            .and_then(|id| HeaderValue::from_str(id).ok())
        {
            headers.insert("last-event-id", id);
        }
        Ok(headers)
    }

    fn failed(&self, error: &reqwest::Error) -> Trouble {
        let fault = Fault::of(error, &self.proxies);
        if fault.is_lasting {
            let what = format!("{}: {}", self.shown(), fault.what);
            let advice = if fault.is_untrusted {
                format!("set ca-file in the profile to its CA; {}", fault.advice)
            } else {
                fault.advice
            };
            return Trouble::Lasting(Failure::new(what, advice));
        }
        let joint = if fault.advice.is_empty() { "" } else { ": " };
        let what = format!("{}{joint}{}", fault.what, fault.advice);
        Trouble::Passing { what, wait: None }
    }

    fn refused(&self, status: StatusCode, at: &Url, headers: &HeaderMap) -> Trouble {
        // For plain-text requests, the proxy itself may have sent the response.
        let via = self.proxies.to(at).filter(|_| at.scheme() == "http");
        let status_text = match &via {
            Some(via) => format!("{status}, through {via}"),
            None => status.to_string(),
        };
        let what = format!("{}: {status_text}", self.shown());
        if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED
            && let Some(via) = &via
        {
            let advice = fault::authentication(via.variable);
            return Trouble::Lasting(Failure::new(what, advice));
        }
        let passing = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
        if passing {
            let wait = headers
                .get("retry-after")
                .and_then(|h| retry_after(h.to_str().ok()?, Utc::now()));
            // The caller that retries adds the endpoint.
            return Trouble::Passing {
                what: status_text,
                wait,
            };
        }
        let advice = match status.as_u16() {
            401 | 403 => {
                "check the headers and token of the profile (token-env names the variable)"
            }
            404 | 410 => "check the URL",
            406 | 415 => "the endpoint must offer NDJSON, server-sent events or JSON",
            _ => "",
        };
        Trouble::Lasting(Failure::new(what, advice))
    }
}
