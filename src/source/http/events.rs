//! Server-sent events: the data of each event is a record. Event names are ignored.

use std::mem;
use std::time::Duration;

use super::lines::{Cut, LONGEST};

/// Maximum length of an id, which is sent back in a header; those of servers are short.
const LONGEST_ID: usize = 1024;

/// Parser of events.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_cr: bool,
    too_long: bool,
    /// Id of the last complete event, for resuming after a reconnect.
    pub(super) id: Option<String>,
    next_id: Option<String>,
    /// Delay before a reconnect, if the server requests one.
    pub(super) reconnect: Option<Duration>,
}

impl Events {
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut Vec<Cut>) {
        for &byte in bytes {
            match byte {
                b'\n' if self.after_cr => self.after_cr = false,
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    let line = mem::take(&mut self.line);
                    self.take(&line, out);
                }
                _ => {
                    self.after_cr = false;
                    if self.line.len() < LONGEST {
                        self.line.push(byte);
                    } else {
                        self.too_long = true;
                    }
                }
            }
        }
    }

    /// Rejects an event without the blank line that ends it. The standard drops it, but here nothing is dropped
    /// silently. A stream that is resumed sends it again completely.
    pub(super) fn end(&mut self, out: &mut Vec<Cut>) {
        let line = mem::take(&mut self.line);
        if !line.is_empty() {
            self.take(&line, out);
        }
        let data = mem::take(&mut self.data);
        let has_data = mem::take(&mut self.has_data) && !data.trim_ascii().is_empty();
        if mem::take(&mut self.too_long) || has_data {
            out.push(Cut::Bad {
                reason: "an event that is cut off by the end of the stream",
                sample: data,
            });
        }
    }

    fn take(&mut self, line: &[u8], out: &mut Vec<Cut>) {
        if line.is_empty() {
            self.dispatch(out);
            return;
        }
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"data" => {
                let is_first = !mem::replace(&mut self.has_data, true);
                if self.data.len() + value.len() >= LONGEST {
                    self.too_long = true;
                } else {
                    self.data.extend((!is_first).then_some(b'\n'));
                    self.data.extend_from_slice(value);
                }
            }
            b"id" => {
                self.next_id = Some(String::from_utf8_lossy(value).into_owned())
                    .filter(|id| !id.contains('\0') && id.len() <= LONGEST_ID)
                    .or(self.next_id.take());
            }
            b"retry" => {
                let millis = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                self.reconnect = millis.map(Duration::from_millis).or(self.reconnect);
            }
            // Comments only keep the connection open; other fields are not needed.
            _ => {}
        }
    }

    fn dispatch(&mut self, out: &mut Vec<Cut>) {
        if let Some(id) = self.next_id.take() {
            self.id = Some(id);
        }
        let data = mem::take(&mut self.data);
        if mem::take(&mut self.too_long) {
            out.push(Cut::Bad {
                reason: "an event longer than 16 MB",
                sample: data,
            });
        } else if mem::take(&mut self.has_data) && !data.trim_ascii().is_empty() {
            out.push(Cut::Record(data));
        }
        self.has_data = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_the_same_however_the_bytes_come() {
        let text = b": hello\r\nretry: 1500\r\nid: 7\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\nevent: x\ndata:{\"b\":2}\n\nid: 8\ndata: cut";
        for step in 1..text.len() {
            let (mut events, mut out) = (Events::default(), Vec::new());
            for piece in text.chunks(step) {
                events.feed(piece, &mut out);
            }
            let record = |text: &str| Cut::Record(text.as_bytes().to_vec());
            assert_eq!(
                out,
                [record("{\"a\":\n1}"), record("{\"b\":2}")],
                "in steps of {step}"
            );
            assert_eq!(
                events.id.as_deref(),
                Some("7"),
                "an event cut short must be asked for again"
            );
            assert_eq!(events.reconnect, Some(Duration::from_millis(1500)));
        }
    }

    #[test]
    fn an_event_that_the_end_of_the_stream_cuts_off_is_rejected() {
        for (text, cut_off) in [
            ("data: 1\n\n", None),
            ("data: 1\n\n: comment", None),
            ("data: 1\n\nid: 7\n", None),
            ("data: 1\n\ndata: [\n", Some("[")),
            ("data: 1\n\ndata: [\ndata: 2", Some("[\n2")),
        ] {
            let (mut events, mut out) = (Events::default(), Vec::new());
            events.feed(text.as_bytes(), &mut out);
            events.end(&mut out);
            assert_eq!(out[0], Cut::Record(b"1".to_vec()), "{text:?}");
            let rest: Vec<&[u8]> = out[1..]
                .iter()
                .map(|cut| match cut {
                    Cut::Bad { sample, .. } => sample.as_slice(),
                    Cut::Record(_) => panic!("{text:?}: {cut:?}"),
                })
                .collect();
            let expected: Vec<&[u8]> = cut_off.iter().map(|text| text.as_bytes()).collect();
            assert_eq!(rest, expected, "{text:?}");
        }
    }

    #[test]
    fn an_event_without_end_does_not_take_all_memory() {
        let (mut events, mut out) = (Events::default(), Vec::new());
        for _ in 0..8 {
            events.feed(&b"data\n".repeat(1 << 20), &mut out);
            events.feed(
                format!("data:{}\n", "x".repeat(8 << 20)).as_bytes(),
                &mut out,
            );
        }
        assert!(events.data.len() <= LONGEST, "{}", events.data.len());
        events.feed(b"\ndata: next\n\n", &mut out);
        assert!(matches!(out[0], Cut::Bad { .. }));
        assert_eq!(out[1..], [Cut::Record(b"next".to_vec())]);
    }

    #[test]
    fn an_id_that_no_server_takes_back_is_not_kept() {
        let (mut events, mut out) = (Events::default(), Vec::new());
        events.feed(b"id: 7\ndata: 1\n\n", &mut out);
        let long = format!("id: {}\ndata: 2\n\n", "x".repeat(1 << 20));
        events.feed(long.as_bytes(), &mut out);
        assert_eq!((events.id.as_deref(), out.len()), (Some("7"), 2));
    }
}
