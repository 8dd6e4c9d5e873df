//! Text that resembles records but is not read: it is recognised by name, and the user gets advice.

/// Kind of text that is recognised but not read.
#[derive(Debug, PartialEq, Eq)]
pub struct Foreign {
    pub name: &'static str,
    /// Advice for the user.
    pub instead: &'static str,
}

const PYTHON: Foreign = Foreign {
    name: "Python dicts",
    instead: "print them with json.dumps, or run the command-line tool with --format-output=json",
};
const SCRIPT: Foreign = Foreign {
    name: "JavaScript objects",
    instead: "print them with JSON.stringify",
};
const RUBY: Foreign = Foreign {
    name: "Ruby hashes",
    instead: "print them with to_json",
};
const MAP: Foreign = Foreign {
    name: "Java maps (NAME=VALUE)",
    instead: "write them as JSON",
};
const GO: Foreign = Foreign {
    name: "Go maps",
    instead: "write them with json.Marshal",
};
const LOGFMT: Foreign = Foreign {
    name: "logfmt lines (NAME=VALUE)",
    instead: "set the logger to JSON, or convert the file, e.g. with mlr --idkvp --ojsonl cat",
};
const YAML: Foreign = Foreign {
    name: "YAML",
    instead: "convert it, e.g. with yq -o=json -I=0",
};
const XML: Foreign = Foreign {
    name: "XML",
    instead: "export it as JSON or CSV instead",
};
const EVENTS: Foreign = Foreign {
    name: "an event stream with multi-line data",
    instead: "join the data lines of each event so that each line is one record",
};

impl Foreign {
    /// Recognises a text by its start.
    pub(super) fn of(head: &[u8]) -> Option<&'static Self> {
        let text = head
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(head)
            .trim_ascii_start();
        let line = text
            .split(|b| *b == b'\n')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        if let Some(known) = Self::of_line(text) {
            return Some(known);
        }
        let second = || text.split(|b| *b == b'\n').nth(1).unwrap_or_default();
        let is_tag = |rest: &[u8]| {
            rest.first()
                .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'?' || *b == b'!')
        };
        if text.strip_prefix(b"<").is_some_and(is_tag) && text.contains(&b'>') {
            return Some(&XML);
        }
        if is_split_stream(text) {
            return Some(&EVENTS);
        }
        if line == b"---" || line.starts_with(b"%YAML") {
            return Some(&YAML);
        }
        if yaml_line(line) && (yaml_line(second().trim_ascii()) || line.starts_with(b"- ")) {
            return Some(&YAML);
        }
        if pairs(line) >= 2 {
            return Some(&LOGFMT);
        }
        None
    }

    /// Recognises a line or record that some program printed in its own notation instead of JSON.
    pub(super) fn of_line(line: &[u8]) -> Option<&'static Self> {
        let text = line.trim_ascii_start();
        if text.starts_with(b"map[") {
            return Some(&GO);
        }
        let inner = text.strip_prefix(b"[").unwrap_or(text).trim_ascii_start();
        let inner = inner.strip_prefix(b"{")?.trim_ascii_start();
        let quoted = match inner {
            [b'u' | b'b', b'\'', ..] => &inner[1..],
            _ => inner,
        };
        if let Some(rest) = quoted.strip_prefix(b"'") {
            let after = rest.splitn(2, |b| *b == b'\'').nth(1).unwrap_or_default();
            return Some(if after.trim_ascii_start().starts_with(b"=>") {
                &RUBY
            } else {
                &PYTHON
            });
        }
        if let Some(rest) = inner.strip_prefix(b"\"") {
            let after = rest.splitn(2, |b| *b == b'"').nth(1)?;
            return after.trim_ascii_start().starts_with(b"=>").then_some(&RUBY);
        }
        if inner.starts_with(b":") && text.contains(&b'>') {
            return Some(&RUBY);
        }
        let name = inner
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'$'));
        let name = name.count();
        match inner.get(name..)?.trim_ascii_start().first() {
            Some(b'=') if name > 0 => Some(&MAP),
            Some(b':') if inner[0].is_ascii_alphabetic() || matches!(inner[0], b'_' | b'$') => {
                Some(&SCRIPT)
            }
            _ => None,
        }
    }
}

/// Text of an HTML page or XML message that came in place of a log.
pub(super) fn words(head: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    let element = |name: &str| {
        let start = text.find(&format!("<{name}>"))? + name.len() + 2;
        let rest = text.get(start..)?;
        let words = rest
            .get(..rest.find("</")?)?
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        (!words.is_empty()).then(|| super::nature::short(&words))
    };
    if super::loose::is_page(text.trim_start_matches('\u{feff}').trim_start().as_bytes()) {
        let title = element("title").map_or_else(String::new, |title| format!(": {title}"));
        return Some(format!(
            "an HTML page instead of a log{title}; open its address in a browser, then download the log again"
        ));
    }
    let (code, message) = (element("Code"), element("Message"));
    let words = match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(words), None) | (None, Some(words)) => words,
        (None, None) => return None,
    };
    let is_xml = text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('<');
    is_xml.then(|| format!("an error response instead of records: {words}"))
}

/// Returns true if a text is a saved event stream with two `data` lines in one event.
fn is_split_stream(text: &[u8]) -> bool {
    let mut before = false;
    for line in text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii) {
        let is_data = line.starts_with(b"data:");
        if is_data && before {
            return true;
        }
        let is_other = [&b":"[..], b"event:", b"id:", b"retry:"];
        if !is_data && !line.is_empty() && !is_other.iter().any(|name| line.starts_with(name)) {
            return false;
        }
        // Other fields may separate the data lines of an event; a blank line ends the event.
        before = is_data || (before && !line.is_empty());
    }
    false
}

/// Returns true for `name: value` and `- name: value`.
fn yaml_line(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"- ").unwrap_or(line);
    let name = line
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'"' | b'\''))
        .count();
    name > 0 && (line[name..].starts_with(b": ") || line[name..] == *b":")
}

/// Counts the `name=value` pairs in a line.
fn pairs(line: &[u8]) -> usize {
    let words = line.split(u8::is_ascii_whitespace);
    let is_pair = |word: &&[u8]| {
        let name = word
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
            .count();
        name > 0 && word.get(name) == Some(&b'=')
    };
    words.filter(is_pair).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_other_programs_are_known_by_name() {
        for (text, expected) in [
            ("{'time': '2024', 'action': None}\n", Some(&PYTHON)),
            ("[{u'time': u'2024'}]", Some(&PYTHON)),
            ("{ time: '2024', action: 'x' }\n", Some(&SCRIPT)),
            ("{\"time\"=>\"2024\"}\n", Some(&RUBY)),
            ("{:time=>\"2024\"}\n", Some(&RUBY)),
            ("{time=2024, action=x}\n", Some(&MAP)),
            ("map[action:x time:2024]\n", Some(&GO)),
            ("time=2024 action=x status=200\n", Some(&LOGFMT)),
            ("2024-04-12 level=info action=x\n", Some(&LOGFMT)),
            ("---\ntime: x\n", Some(&YAML)),
            ("- time: x\n  action: y\n", Some(&YAML)),
            ("time: x\naction: y\n", Some(&YAML)),
            (
                "data: {\"time\":\"x\",\ndata: \"action\":\"A\"}\n\n",
                Some(&EVENTS),
            ),
            (
                ": kept alive\r\n\r\nevent: audit\r\nid: 1\r\ndata:{\r\nid: 2\r\ndata:}\r\n",
                Some(&EVENTS),
            ),
            ("data: x\nkind: y\ndata: z\n", Some(&YAML)),
            ("id: 1\nevent: x\n", Some(&YAML)),
            ("<?xml version=\"1.0\"?><a/>", Some(&XML)),
            ("{\"time\":\"2024\"}", None),
            ("[{\"time\":\"2024\"}]", None),
            ("{}", None),
            ("once upon a time: there was\nnothing", None),
            ("a,b,c\n1,2,3\n", None),
        ] {
            assert_eq!(Foreign::of(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn pages_and_messages_in_place_of_a_log_are_told_with_their_words() {
        let said = |text: &str| words(text.as_bytes());
        let page =
            said("\n<!doctype HTML>\n<html><head><title>503 Service\n Unavailable\u{1b}</title>")
                .expect("a page");
        assert!(
            page.contains("503 Service Unavailable") && !page.contains('\u{1b}'),
            "{page}"
        );
        assert!(
            said("<html>")
                .expect("a page")
                .starts_with("an HTML page instead of a log;")
        );
        let error =
            "<?xml?>\n<Error><Code>AccessDenied</Code><Message>No &amp; never</Message></Error>";
        assert!(
            said(error)
                .expect("an error")
                .ends_with("AccessDenied: No &amp; never")
        );
        assert_eq!(said("<log><e/></log>"), None);
        assert_eq!(said("{\"a\":\"<Code>x</Code>\"}"), None);
    }
}
