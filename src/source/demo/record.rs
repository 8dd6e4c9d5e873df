//! One event as one line of JSON, in the form that Simple Log Service returns: every value is a string.

use super::rhythm::OFFSET;
use super::rng::mix;
use super::world::World;
use crate::model::time::{Nanos, SECOND};

/// Action and method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    HeadManifest,
    GetManifest,
    GetBlob,
    PutManifest,
    DeleteTag,
    /// An undocumented action.
    ListTags,
}

impl Verb {
    fn fields(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::HeadManifest => (
                b",\"action\":\"GetImageManifest\"",
                b",\"http_request_method\":\"HEAD\"",
            ),
            Self::GetManifest => (
                b",\"action\":\"GetImageManifest\"",
                b",\"http_request_method\":\"GET\"",
            ),
            Self::GetBlob => (
                b",\"action\":\"GetBlob\"",
                b",\"http_request_method\":\"GET\"",
            ),
            Self::PutManifest => (
                b",\"action\":\"PutImageManifest\"",
                b",\"http_request_method\":\"PUT\"",
            ),
            Self::DeleteTag => (
                b",\"action\":\"DeleteTag\"",
                b",\"http_request_method\":\"DELETE\"",
            ),
            Self::ListTags => (
                b",\"action\":\"GetTags\"",
                b",\"http_request_method\":\"GET\"",
            ),
        }
    }
}

/// Version of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    None,
    Latest,
    /// The n-th tag of its repository.
    Number(u32),
    /// The n-th tag, misspelt.
    Typo(u32),
    /// A branch of a developer.
    Branch(u32),
}

/// Origin of a request: identity, machine, program and instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    /// Index of the actor; `None` without any identity.
    pub(super) actor: Option<u32>,
    pub(super) peer: u32,
    pub(super) agent: u8,
    pub(super) instance: u8,
}

/// An event before it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    pub(super) time: Nanos,
    pub(super) caller: Caller,
    pub(super) verb: Verb,
    pub(super) repository: u16,
    pub(super) tag: Tag,
    /// Seed of the digest; 0 for none.
    pub(super) blob: u64,
    pub(super) status: u16,
    /// Seed of the request id, the port and the rare oddities.
    pub(super) key: u64,
}

/// Notation for a field that does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Absent {
    Missing,
    Empty,
    Dash,
    Null,
}

const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Identity fields, in the order they are written.
const IDENTITY: [&str; 7] = [
    "user_identity_account_id",
    "user_identity_player_account_id",
    "user_identity_principal_id",
    "user_identity_role_id",
    "user_identity_role_name",
    "user_identity_user_type",
    "user_name",
];

/// Writer of events; caches the text of the last day.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    day: i64,
    date: [u8; 10],
}

impl Writer {
    pub(super) fn new() -> Self {
        Self {
            day: i64::MIN,
            date: [b'0'; 10],
        }
    }

    /// Appends the event and a line feed.
    pub(super) fn write(&mut self, world: &World, event: &Event, out: &mut Vec<u8>) {
        let instance = &world.instances[usize::from(event.caller.instance)];
        let peer = &world.peers[event.caller.peer as usize];
        let absent = match event.key % 1024 {
            0 | 1 => Absent::Dash,
            2 => Absent::Null,
            _ if instance.omits => Absent::Missing,
            _ => Absent::Empty,
        };

        out.extend_from_slice(b"{\"__topic__\":\"\"");
        out.extend_from_slice(&instance.source);
        out.extend_from_slice(b",\"__time__\":\"");
        decimal(out, event.time.div_euclid(SECOND) as u64);
        out.push(b'"');
        match event.caller.actor {
            Some(actor) => out.extend_from_slice(&world.actors[actor as usize].credential),
            None => nothing(out, "access_credential_type", absent),
        }
        let (action, method) = event.verb.fields();
        out.extend_from_slice(action);
        if event.blob == 0 {
            nothing(out, "blob_digest", absent);
        } else {
            out.extend_from_slice(b",\"blob_digest\":\"sha256:");
            for part in 0..4 {
                hex(out, mix(event.blob, part), 16);
            }
            out.push(b'"');
        }
        let internet = peer.vpc.is_empty();
        out.extend_from_slice(
            &instance.hosts[usize::from(internet) + usize::from(internet && peer.custom)],
        );
        request_id(out, event.key);
        out.extend_from_slice(method);
        if internet {
            nothing(out, "http_request_remote_vpc_id", absent);
        } else {
            out.extend_from_slice(&peer.vpc);
        }
        out.extend_from_slice(b",\"http_request_remoteaddr\":\"");
        address(
            out,
            &peer.address,
            peer.v6,
            instance.ports.then_some(event.key),
        );
        out.push(b'"');
        out.extend_from_slice(&world.agents[usize::from(event.caller.agent)]);
        out.extend_from_slice(b",\"http_response_status\":\"");
        decimal(out, event.status.into());
        out.push(b'"');
        out.extend_from_slice(&instance.id);
        out.extend_from_slice(&world.repositories[usize::from(event.repository)].name);
        let network: &[u8] = if internet {
            b",\"network_type\":\"Internet\""
        } else {
            b",\"network_type\":\"VPC\""
        };
        out.extend_from_slice(network);
        if event.tag == Tag::None {
            nothing(out, "tag", absent);
        } else {
            out.extend_from_slice(b",\"tag\":\"");
            tag(out, world, event.repository, event.tag);
            out.push(b'"');
        }
        self.time(out, event.time);
        match event.caller.actor {
            Some(actor) => out.extend_from_slice(&world.actors[actor as usize].identity),
            None => IDENTITY.iter().for_each(|key| nothing(out, key, absent)),
        }
        // An undocumented field, as a later version of the product might add.
        if event.key % 4096 == 77 {
            out.extend_from_slice(
                b",\"artifact_type\":\"application/vnd.cncf.helm.config.v1+json\"",
            );
        }
        out.extend_from_slice(b"}\n");
    }

    /// Appends `,"time":"2024-04-12T16:58:30.855892463+08:00"`.
    fn time(&mut self, out: &mut Vec<u8>, time: Nanos) {
        let local = time + OFFSET;
        let seconds = local.div_euclid(SECOND);
        let day = seconds.div_euclid(86_400);
        if day != self.day {
            self.day = day;
            let date = chrono::DateTime::from_timestamp(day * 86_400, 0)
                .expect("nanoseconds reach the year 2261");
            self.date
                .copy_from_slice(date.format("%Y-%m-%d").to_string().as_bytes());
        }
        let of_day = seconds.rem_euclid(86_400) as u32;
        out.extend_from_slice(b",\"time\":\"");
        out.extend_from_slice(&self.date);
        out.push(b'T');
        pair(out, of_day / 3600);
        out.push(b':');
        pair(out, of_day / 60 % 60);
        out.push(b':');
        pair(out, of_day % 60);
        out.push(b'.');
        let nanos = local.rem_euclid(SECOND) as u32;
        pair(out, nanos / 10_000_000);
        pair(out, nanos / 100_000 % 100);
        pair(out, nanos / 1_000 % 100);
        pair(out, nanos / 10 % 100);
        out.push(b'0' + (nanos % 10) as u8);
        out.extend_from_slice(b"+08:00\"");
    }
}

fn nothing(out: &mut Vec<u8>, key: &str, absent: Absent) {
    let value: &[u8] = match absent {
        Absent::Missing => return,
        Absent::Empty => b"\":\"\"",
        Absent::Dash => b"\":\"-\"",
        Absent::Null => b"\":\"null\"",
    };
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(value);
}

/// Appends `n`, below 100, as two digits.
fn pair(out: &mut Vec<u8>, n: u32) {
    let at = n as usize * 2;
    out.extend_from_slice(&PAIRS[at..at + 2]);
}

fn decimal(out: &mut Vec<u8>, mut n: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends the highest `digits` hex digits of `n`.
fn hex(out: &mut Vec<u8>, n: u64, digits: usize) {
    let mut text = [0; 16];
    for (at, digit) in text.iter_mut().enumerate() {
        *digit = HEX[(n >> (60 - 4 * at) & 15) as usize];
    }
    out.extend_from_slice(&text[..digits]);
}

/// Appends a version 4 UUID.
fn request_id(out: &mut Vec<u8>, key: u64) {
    let (high, low) = (mix(key, 11), mix(key, 12));
    out.extend_from_slice(b",\"http_request_id\":\"");
    hex(out, high, 8);
    out.push(b'-');
    hex(out, high << 32, 4);
    out.push(b'-');
    hex(out, 0x4000_0000_0000_0000 | (high << 48 >> 4), 4);
    out.push(b'-');
    hex(out, 0x8000_0000_0000_0000 | (low >> 2), 4);
    out.push(b'-');
    hex(out, low << 14, 12);
    out.push(b'"');
}

fn address(out: &mut Vec<u8>, address: &[u8], v6: bool, port: Option<u64>) {
    let Some(key) = port else {
        return out.extend_from_slice(address);
    };
    if v6 {
        out.push(b'[');
    }
    out.extend_from_slice(address);
    if v6 {
        out.push(b']');
    }
    out.push(b':');
    decimal(out, 32_768 + mix(key, 13) % 28_000);
}

/// Appends a tag in the convention of its repository: versions, commits, dates, build numbers, releases.
fn tag(out: &mut Vec<u8>, world: &World, repository: u16, tag: Tag) {
    let repository = &world.repositories[usize::from(repository)];
    let n = match tag {
        Tag::None => return,
        Tag::Latest => return out.extend_from_slice(b"latest"),
        Tag::Branch(n) => {
            out.extend_from_slice(b"dev-");
            return decimal(out, n.into());
        }
        Tag::Typo(n) if n % 2 == 0 => return out.extend_from_slice(b"lastest"),
        Tag::Typo(n) | Tag::Number(n) => n,
    };
    let number = u64::from(n);
    match repository.key >> 40 & 7 {
        0..3 => {
            out.push(b'v');
            decimal(out, 1 + number / 240);
            out.push(b'.');
            decimal(out, number / 12 % 20);
            out.push(b'.');
            decimal(out, number % 12);
        }
        3 | 4 => hex(out, mix(repository.key, number), 8),
        5 => {
            // Two builds a day; those of the last day have its date.
            let back = repository.tags.saturating_sub(n) as usize / 2;
            out.extend_from_slice(&world.dates[back.min(world.dates.len() - 1)]);
            out.push(b'.');
            decimal(out, number);
        }
        6 => {
            out.extend_from_slice(b"main-");
            decimal(out, 4000 + number);
        }
        _ => {
            out.extend_from_slice(b"release-");
            decimal(out, 2 + number / 100);
            out.push(b'.');
            decimal(out, number % 100);
            out.push(b'-');
            hex(out, mix(repository.key, number), 7);
        }
    }
    if matches!(tag, Tag::Typo(_)) {
        out.extend_from_slice(b"-rc");
    }
}
