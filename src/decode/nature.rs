//! Classification of objects: events, error responses, and lines that only accompany records.

use std::ops::Range;

use serde_json::value::RawValue;

use super::json::{self, Member, Members, Parsed, recorded_field};
use crate::index::template::Slot;
use crate::model::time::{self, Nanos, SECOND};
use crate::model::{CATALOGUE, FieldId, id, loose, visible};

/// Names of members whose list holds the records of a response or export, in any case.
pub const WRAPPERS: &[&str] = &[
    "data",
    "logs",
    "items",
    "records",
    "events",
    "results",
    "result",
    "entries",
    "hits",
    "value",
    "values",
    "body",
    "rows",
    "content",
    "contents",
    "list",
    "documents",
    "docs",
    "messages",
    "response",
];

/// Returns true if a list of this name holds records.
pub(super) fn is_wrapper(name: &str) -> bool {
    WRAPPERS
        .iter()
        .any(|wrapper| wrapper.eq_ignore_ascii_case(name))
}

/// Returns true if the field identifies a registry event: any logged field except the time, which other records have
/// too.
pub(super) fn tells(field: FieldId) -> bool {
    field < id::LOG_TIME && field != id::TIME
}

/// Returns true if a member of this name identifies a registry event.
pub fn name_tells(name: &str) -> bool {
    recorded_field(name).is_some_and(tells)
}

/// Finds a time under a name that is not in the catalogue.
pub(super) fn other_time(members: &[Parsed<'_>]) -> Option<Nanos> {
    members.iter().find_map(|parsed| {
        let name = parsed.key.to_ascii_lowercase();
        let is_time = name == "ts"
            || ["time", "date", "when", "created"]
                .iter()
                .any(|word| name.contains(word));
        if !is_time {
            return None;
        }
        let text = parsed.member.text.trim();
        time::parse(text.as_bytes())
            .map(|(nanos, _)| nanos)
            .or_else(|| likely(text))
    })
}

/// Parses a time in an unusual form. Only 2000 to 2049 counts: a number outside that range is something else.
fn likely(text: &str) -> Option<Nanos> {
    const CENTURY: Range<Nanos> = 946_684_800 * SECOND..2_524_608_000 * SECOND;
    let read = loose::read(text.as_bytes()).ok()?;
    (!read.assumed && CENTURY.contains(&read.nanos)).then_some(read.nanos)
}

/// Returns true for the action line of an Elasticsearch bulk request, which describes the operation on the next line.
pub(super) fn is_bulk_action(members: &[Parsed<'_>]) -> bool {
    let [Parsed { key, member, .. }] = members else {
        return false;
    };
    if !matches!(&**key, "index" | "create" | "update" | "delete") || !member.raw.starts_with('{') {
        return false;
    }
    let Some(inner) = names(member.raw) else {
        return false;
    };
    let known = [
        "routing",
        "require_alias",
        "retry_on_conflict",
        "version",
        "version_type",
        "pipeline",
        "dynamic_templates",
    ];
    inner
        .iter()
        .all(|name| name.starts_with('_') || known.contains(&name.as_str()))
}

fn names(object: &str) -> Option<Vec<String>> {
    Some(
        object_of(object)?
            .into_iter()
            .map(|(name, _)| name)
            .collect(),
    )
}

/// Parses an object into its members.
fn object_of(text: &str) -> Option<Vec<(String, Box<RawValue>)>> {
    let members: Members<'_> = serde_json::from_str(text).ok()?;
    let members = members.0.into_iter();
    Some(
        members
            .map(|(name, value)| (name.into_owned(), value.to_owned()))
            .collect(),
    )
}

/// Some expected field names, for an error message.
fn looked_for() -> String {
    let few = [
        id::TIME,
        id::ACTION,
        id::NAMESPACE_REPO,
        id::USER_NAME,
        id::STATUS,
    ];
    let names = few.iter().filter_map(|field| CATALOGUE.get(*field));
    let names: Vec<&str> = names.map(|info| info.name.as_str()).collect();
    format!("{}…", names.join(", "))
}

/// Explains why an object is not an event: the expected and the actual names.
pub(super) fn no_event(members: &[Parsed<'_>]) -> String {
    const FEW: usize = 5;
    let names = members.iter().take(FEW);
    let mut names: Vec<String> = names.map(|parsed| short(&parsed.key)).collect();
    if members.len() > FEW {
        names.push("…".to_owned());
    }
    format!(
        "not an event: expected a time or an audit log field ({}), found {}",
        looked_for(),
        names.join(", ")
    )
}

/// Shortens text of a log for an error message.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 160;
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    visible(&short).into_owned()
}

/// Code and message of an error response; `None` for any other object.
pub(super) fn error_answer(members: &[Parsed<'_>]) -> Option<String> {
    let members: Vec<(&str, &Member<'_>)> = members.iter().map(|p| (&*p.key, &p.member)).collect();
    let words = error_of(&members, false, 0)?;
    Some(format!(
        "an error response instead of records: {}",
        short(&words)
    ))
}

const CODES: &[&str] = &[
    "code",
    "errorcode",
    "error_code",
    "errcode",
    "err_code",
    "__type",
    "type",
    "reason",
    "status",
    "statuscode",
    "status_code",
    "httpstatus",
    "title",
    "error",
];
const WORDS: &[&str] = &[
    "message",
    "errormessage",
    "error_message",
    "errormsg",
    "error_msg",
    "errmsg",
    "msg",
    "error_description",
    "description",
    "detail",
    "details",
    "faultstring",
    "title",
    "error",
    "reason",
    "value",
    "info",
];
/// Names of members that mark an error, and may contain code and message.
const ERRORS: &[&str] = &[
    "error",
    "errors",
    "fault",
    "odata.error",
    "response",
    "err",
    "exception",
];

/// Finds code and message in an object. `within`: the object is the value of a member whose name marks an error.
fn error_of(members: &[(&str, &Member<'_>)], within: bool, depth: usize) -> Option<String> {
    // Error responses are short: an event of another service that happens to have a message is not one.
    if members.len() > 12 || depth > 3 {
        return None;
    }
    for (name, member) in members {
        if !ERRORS.iter().any(|error| error.eq_ignore_ascii_case(name)) || member.slot == Slot::Text
        {
            continue;
        }
        // First of a list of errors.
        let inner = member.raw.trim_start_matches(['[', ' ', '\t', '\n', '\r']);
        let mut first = serde_json::Deserializer::from_str(inner).into_iter::<&RawValue>();
        let Some(Ok(first)) = first.next() else {
            continue;
        };
        let Some(inner) = object_of(first.get()) else {
            continue;
        };
        let inner: Option<Vec<(&str, Member<'_>)>> = inner
            .iter()
            .map(|(name, value)| Some((name.as_str(), json::member(id::ACTION, value).ok()?)))
            .collect();
        let inner = inner?;
        let inner: Vec<(&str, &Member<'_>)> =
            inner.iter().map(|(name, member)| (*name, member)).collect();
        let is_error = within || !name.eq_ignore_ascii_case("response");
        if let Some(words) = error_of(&inner, is_error, depth + 1) {
            return Some(words);
        }
    }
    let find = |names: &'static [&str]| {
        names.iter().filter_map(|wanted| {
            let mut same = members
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            let (name, member) = same.next()?;
            let text = member.text.trim();
            let plain =
                member.slot == Slot::Text || text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            (plain && !text.is_empty()).then(|| (*name, text.to_owned()))
        })
    };
    let (name, message) = find(WORDS).next()?;
    let is_named = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("err") || name.contains("fault")
    };
    // A member named "code" may report success.
    let fails = |(name, code): &(&str, String)| match name.to_ascii_lowercase().as_str() {
        "title" | "type" | "reason" => false,
        name if name.contains("status") => says_failure(code),
        _ => !is_success(code),
    };
    let codes: Vec<(&str, String)> = find(CODES).filter(|(_, text)| *text != message).collect();
    let failed = codes.iter().any(fails);
    let code = codes.iter().find(|code| fails(code)).or(codes.first());
    let denied = members.iter().any(|(name, member)| {
        matches!(name.to_ascii_lowercase().as_str(), "success" | "ok") && &*member.text == "false"
    });
    let alone = name.eq_ignore_ascii_case("message")
        && members
            .iter()
            .all(|(other, _)| *other == name || goes_with_a_message(other));
    if !(within || failed || denied || is_named(name) || alone) {
        return None;
    }
    Some(match code {
        Some((_, code)) => format!("{code}: {message}"),
        None => message,
    })
}

/// Returns true for a member that may accompany the message of an otherwise empty error response.
fn goes_with_a_message(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["request", "trace", "documentation", "host", "url"]
        .iter()
        .any(|word| name.contains(word))
}

fn says_failure(status: &str) -> bool {
    let lower = status.to_ascii_lowercase();
    status.parse::<u16>().is_ok_and(|status| status >= 400)
        || lower.contains("err")
        || lower.contains("fail")
}

fn is_success(code: &str) -> bool {
    let lower = code.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "0" | "ok" | "success" | "succeeded" | "true" | "normal" | "info"
    ) || (lower.len() == 3
        && (lower.starts_with('2') || lower.starts_with('3'))
        && lower.parse::<u16>().is_ok())
}
