//! A server that speaks Simple Log Service: it verifies signatures by the documented recipe, written here a
//! second time from what came over the wire, and breaks on demand.

mod answers;
mod signature;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::Utc;
use serde_json::json;

use self::answers::serve;
use self::signature::verify;

use super::{Body, Reply, Request, Server};

pub(crate) const PROJECT: &str = "demo-project";
pub(crate) const ENDPOINT: &str = "cn-hangzhou.log.aliyuncs.com";
pub(crate) const LOGSTORE: &str = "acr_access_log";
pub(crate) const KEY_ID: &str = "testKeyId";
pub(crate) const SECRET: &str = "testKeySecret-hidden";

/// A log as it lies in a shard.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    /// Log time and time of receipt, unix seconds.
    pub(crate) time: i64,
    pub(crate) received: i64,
    pub(crate) fields: Vec<(String, Vec<u8>)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Shard {
    pub(crate) id: i64,
    pub(crate) read_only: bool,
    pub(crate) logs: Vec<Log>,
}

/// What goes wrong with the next request it fits.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The call: `logs`, `histogram`, `shards`, `cursor`, `pull`, `index`, or empty for any.
    pub(crate) call: &'static str,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// Status, code and message.
    Refuse(u16, &'static str, &'static str),
    /// Status and a page for people.
    Html(u16),
    /// The answer breaks off by a reset.
    Reset,
    /// The answer stops and the connection stays.
    Stall,
    /// The answer comes in small pieces, slowly.
    Drip,
    /// The compressed body lacks its end, but says it is whole.
    CutBody,
    /// Not everything was searched.
    Incomplete,
    /// Every record twice.
    Double,
}

/// Everything the server knows; tests change it while it runs.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) shards: Vec<Shard>,
    pub(crate) faults: VecDeque<Fault>,
    /// Seconds by which the server's clock is ahead.
    pub(crate) clock: i64,
    /// Token that must come with a request; empty for none. Another is refused as expired.
    pub(crate) token: String,
    /// Cursors made before this are refused.
    pub(crate) epoch: i64,
    /// Logs of each shard before this place are gone.
    pub(crate) retained: usize,
    /// The index; without one, that of a logstore whose `action` alone is indexed.
    pub(crate) index: Option<serde_json::Value>,
    /// Actions that are denied.
    pub(crate) denied: Vec<&'static str>,
    /// Requests that were refused for their signature.
    pub(crate) bad_signatures: Vec<String>,
    /// Verified requests by call.
    pub(crate) calls: Vec<String>,
    /// Searches with more conditions are refused.
    pub(crate) most_conditions: Option<usize>,
    /// Searches as they came.
    pub(crate) queries: Vec<String>,
    /// The ends of a range are taken to the minute, so that more is given than was asked for.
    pub(crate) by_minute: bool,
    /// The largest offset a search asked for.
    pub(crate) largest_offset: u64,
}

impl World {
    pub(crate) fn fault(&mut self, call: &'static str, what: What) {
        self.faults.push_back(Fault { call, what });
    }

    /// Adds a log with an id of its own to a shard.
    pub(crate) fn log(&mut self, shard: i64, time: i64, id: &str) {
        let received = Utc::now().timestamp() + self.clock;
        let fields = vec![
            ("id".to_owned(), id.as_bytes().to_vec()),
            ("action".to_owned(), b"GetBlob".to_vec()),
        ];
        self.push(
            shard,
            Log {
                time,
                received,
                fields,
            },
        );
    }

    pub(crate) fn push(&mut self, shard: i64, log: Log) {
        self.shards
            .iter_mut()
            .find(|s| s.id == shard)
            .expect("a shard")
            .logs
            .push(log);
    }

    fn count(&self, call: &str) -> usize {
        self.calls.iter().filter(|c| *c == call).count()
    }
}

/// A running service.
#[derive(Debug)]
pub(crate) struct Sls {
    pub(crate) server: Server,
    world: Arc<Mutex<World>>,
}

impl Sls {
    /// Starts with shards of these numbers.
    pub(crate) async fn start(shards: impl IntoIterator<Item = i64>) -> Self {
        let shards = shards
            .into_iter()
            .map(|id| Shard {
                id,
                ..Shard::default()
            })
            .collect();
        let world = Arc::new(Mutex::new(World {
            shards,
            ..World::default()
        }));
        Self::start_at("127.0.0.1:0", world).await
    }

    async fn start_at(address: &str, world: Arc<Mutex<World>>) -> Self {
        let shared = world.clone();
        let server = Server::start_at(address, move |request| {
            let mut world = shared.lock().expect("not poisoned");
            answer(&mut world, request)
        })
        .await;
        Self { server, world }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("not poisoned")
    }

    pub(crate) fn calls(&self, call: &str) -> usize {
        self.world().count(call)
    }

    /// Stops, lets `meanwhile` happen, and serves again at the same address.
    pub(crate) async fn restart<T>(
        self,
        meanwhile: impl AsyncFnOnce(&Mutex<World>) -> T,
    ) -> (Self, T) {
        let (address, world) = (self.server.address().to_owned(), self.world.clone());
        self.server.stop().await;
        let value = meanwhile(&world).await;
        (Self::start_at(&address, world).await, value)
    }
}

fn answer(world: &mut World, request: &Request) -> Reply {
    let now = Utc::now().timestamp() + world.clock;
    let date = chrono::DateTime::from_timestamp(now, 0)
        .expect("in range")
        .format("%a, %d %b %Y %H:%M:%S GMT");
    let fault = take_fault(world, call_of(request));
    let reply = match &fault {
        Some(What::Refuse(status, code, message)) => refuse(*status, code, message),
        Some(What::Html(status)) => Reply::new(
            *status,
            "text/html",
            "<!DOCTYPE html><title>Sign in to the portal</title>",
        ),
        _ => match verify(world, request, now) {
            Ok(()) => serve(world, request, fault.as_ref()),
            Err(refusal) => refusal,
        },
    };
    let reply = reply
        .with("Date", date.to_string())
        .with("x-log-requestid", "65E9F6A2D1A0C5");
    match fault {
        Some(What::Reset) => reply.sent(|body| Body::Reset(body.clone(), body.len() / 2)),
        Some(What::Stall) => reply.sent(|body| Body::Stall(body.clone(), body.len() / 2)),
        Some(What::Drip) => reply.sent(Body::Drip),
        Some(What::CutBody) => reply.sent(|body| Body::Whole(body[..body.len() * 2 / 3].to_vec())),
        _ => reply,
    }
}

fn take_fault(world: &mut World, call: &str) -> Option<What> {
    let at = world
        .faults
        .iter()
        .position(|fault| fault.call.is_empty() || fault.call == call)?;
    world.faults.remove(at).map(|fault| fault.what)
}

fn call_of(request: &Request) -> &'static str {
    let kind = request.param("type");
    match (
        request.path().rsplit('/').next().unwrap_or_default(),
        kind.as_str(),
    ) {
        ("logs", _) => "logs",
        ("index", _) => "index",
        ("shards", _) => "shards",
        (_, "histogram") => "histogram",
        (_, "cursor") => "cursor",
        (_, "log" | "logs") => "pull",
        _ => "",
    }
}

fn action_of(call: &str) -> &'static str {
    match call {
        "logs" => "log:GetLogStoreLogs",
        "index" => "log:GetIndex",
        "shards" => "log:ListShards",
        "histogram" => "log:GetLogStoreHistogram",
        _ => "log:GetCursorOrData",
    }
}

fn refuse(status: u16, code: &str, message: &str) -> Reply {
    Reply::new(
        status,
        "application/json",
        json!({"errorCode": code, "errorMessage": message}).to_string(),
    )
}
