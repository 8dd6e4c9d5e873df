//! A request before it is signed, and its response: read with a limit, then unpacked or converted to a refusal.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Utc};

use super::super::credentials::Keys;
use super::super::error::{Error, Operation, Refusal};
use super::super::{compress, model};
use crate::source::http::fault::Fault;
use crate::source::http::proxy::Proxies;
use crate::source::retry::retry_after;

/// Most bytes of a response, as sent, that are read.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// A request before it is signed.
pub(super) struct Call {
    pub(super) operation: Operation,
    pub(super) path: String,
    pub(super) params: Vec<(String, String)>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Call {
    pub(super) fn new(operation: Operation, path: String) -> Self {
        Self {
            operation,
            path,
            params: Vec::new(),
            headers: BTreeMap::new(),
            body: String::new(),
        }
    }

    pub(super) fn param(mut self, name: &str, value: impl Into<String>) -> Self {
        self.params.push((name.to_owned(), value.into()));
        self
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(super) fn json(mut self, body: String) -> Self {
        self.body = body;
        self.header("content-type", "application/json")
    }
}

/// A successful response, unpacked.
pub(super) struct Answer {
    operation: Operation,
    headers: reqwest::header::HeaderMap,
    body: Vec<u8>,
    /// Keys of the request, which a response may repeat.
    keys: Keys,
}

impl Answer {
    pub(super) async fn read(
        operation: Operation,
        mut response: reqwest::Response,
        proxies: &Proxies,
        keys: &Keys,
    ) -> Result<Self, Error> {
        let status = response.status();
        let headers = response.headers().clone();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| network(&e, proxies))? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                let what = format!("the response is larger than {LARGEST_ANSWER} bytes");
                return Err(Error::Unreadable { operation, what });
            }
            body.extend_from_slice(&chunk);
        }
        let answer = Self {
            operation,
            headers,
            body,
            keys: keys.clone(),
        };
        if status.is_success() {
            answer.unpacked()
        } else {
            Err(answer.refusal(status.as_u16()))
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn unpacked(mut self) -> Result<Self, Error> {
        let kind = self
            .header("x-log-compresstype")
            .or_else(|| self.header("content-encoding"))
            .unwrap_or_default();
        let size = self
            .header("x-log-bodyrawsize")
            .and_then(|size| size.parse().ok());
        // Without compression the size is optional; if present it still reveals a truncated body.
        let size = size.filter(|&size| !kind.is_empty() || size > self.body.len());
        self.body = self.parsed(|body| compress::unpack(kind, body, size))?;
        Ok(self)
    }

    pub(super) fn parsed<T>(
        &self,
        parse: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<T, Error> {
        parse(&self.body).map_err(|what| Error::Unreadable {
            operation: self.operation,
            what: self.keys.scrub(&what),
        })
    }

    fn refusal(&self, status: u16) -> Error {
        let id = self.header("x-log-requestid").map(str::to_owned);
        let (code, message, inner_id) = model::refusal(&self.body).unwrap_or_else(|| {
            let start: String = String::from_utf8_lossy(&self.body)
                .chars()
                .take(120)
                .collect();
            (String::new(), start, String::new())
        });
        let date = self.header("date").and_then(date);
        Error::Refused(Refusal {
            operation: self.operation,
            status,
            code: self.keys.scrub(&code),
            message: self.keys.scrub(&message),
            request_id: self.keys.scrub(&id.unwrap_or(inner_id)),
            date,
            retry_after: self
                .header("retry-after")
                .and_then(|h| retry_after(h, date.unwrap_or_else(Utc::now))),
        })
    }
}

/// Parses a time in HTTP format.
pub(super) fn date(header: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(header)
        .ok()
        .map(|date| date.with_timezone(&Utc))
        .filter(|date| (1970..=9999).contains(&date.year()))
}

pub(super) fn network(error: &reqwest::Error, proxies: &Proxies) -> Error {
    let fault = Fault::of(error, proxies);
    Error::Network {
        what: fault.what,
        advice: fault.advice,
        permanent: fault.is_lasting,
    }
}
