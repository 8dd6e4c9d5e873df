//! One decoder: records in, rows of a segment out. Each decoding thread has its own, so nothing is locked
//! but for values that this decoder meets for the first time.

use std::sync::Arc;

use super::cache::{ANY, ASCII, MINIMAL, Memory, Styles, TupleMemory};
use super::framer::{Framer, Piece};
use super::general::{self, Members};
use super::runs::{Learning, Meaning};
use super::scan::quotes;
use super::slots::Target;
use super::templates::Templates;
use crate::index::shape::{Part, Shape, Slot, escape};
use crate::index::{
    ColumnId, GROUPS, Head, Interner, MAX_ROWS, MISSING, Ordinal, Record, Segment, SegmentBuilder,
    Tuple, Typed, WIDTH, parse_uuid, spelling,
};
use crate::model::time::{self, Nanos, SECOND};
use crate::model::{CATALOGUE, Defect, DefectKind, FieldId, FieldKind, id};

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    pub kind: DefectKind,
    /// Position of the record in its source, in bytes.
    pub offset: u64,
    pub reason: String,
    pub sample: String,
}

/// Decodes records into rows.
#[derive(Debug)]
pub struct Decoder {
    interner: Arc<Interner>,
    templates: Templates,
    values: Vec<Memory<(Ordinal, Styles)>>,
    tuples: [TupleMemory; GROUPS.len()],
    time: TimeReader,
    learning: Learning,
    /// Positions of the quotes of the record at hand.
    quotes: Vec<u32>,
    scratch: Scratch,
    builder: SegmentBuilder,
    /// Source of the rows, and position of the first of them.
    source: u16,
    position: u64,
    segments: Vec<Segment>,
    flaws: Vec<Flaw>,
}

/// The record being built.
#[derive(Debug, Default)]
struct Scratch {
    record: Record,
    groups: [Tuple; GROUPS.len()],
    /// Ways of escaping that give all values so far back.
    styles: Styles,
    /// Fields set so far, one bit each for the catalogue's.
    seen: u64,
    text: String,
}

/// Remembers the minute and the spelling of the last time.
#[derive(Debug, Default)]
struct TimeReader {
    prefix: [u8; 16],
    minute: Nanos,
    style: Option<time::Style>,
    spelling: Ordinal,
}

impl Decoder {
    pub fn new(interner: Arc<Interner>) -> Self {
        Self {
            interner,
            templates: Templates::default(),
            values: (0..id::USER.0).map(|_| Memory::new()).collect(),
            tuples: std::array::from_fn(|_| TupleMemory::new()),
            time: TimeReader::default(),
            learning: Learning::default(),
            quotes: Vec::new(),
            scratch: Scratch::default(),
            builder: SegmentBuilder::default(),
            source: 0,
            position: 0,
            segments: Vec::new(),
            flaws: Vec::new(),
        }
    }

    /// Says whose records come next.
    pub fn begin(&mut self, source: u16) {
        self.source = source;
    }

    /// The decoded rows, in segments whose numbers and ids the writer gives, and what could not be read.
    pub fn finish(&mut self) -> (Vec<Segment>, Vec<Flaw>) {
        self.seal();
        (
            std::mem::take(&mut self.segments),
            std::mem::take(&mut self.flaws),
        )
    }

    /// What could not be read since the last call.
    pub fn take_flaws(&mut self) -> Vec<Flaw> {
        std::mem::take(&mut self.flaws)
    }

    fn seal(&mut self) {
        if !self.builder.is_empty() {
            let head = Head {
                number: 0,
                first_id: 0,
                source: self.source,
                position: self.position,
            };
            self.segments.push(self.builder.seal(head));
        }
    }

    /// Decodes lines, each a record or JSON text with records in it; the last may lack its end.
    /// `position` is that of the first byte in the source. Returns the number of lines.
    pub fn lines(&mut self, block: &[u8], position: u64) -> u64 {
        let mut lines = 0;
        let mut at = 0;
        while at < block.len() {
            let end = memchr::memchr(b'\n', &block[at..]).map_or(block.len(), |i| at + i);
            self.line(&block[at..end], position + at as u64);
            at = end + 1;
            lines += 1;
        }
        lines
    }

    fn line(&mut self, whole: &[u8], position: u64) {
        let line = whole.trim_ascii_start();
        let line = line
            .strip_prefix(BOM)
            .map_or(line, <[u8]>::trim_ascii_start);
        let position = position + (whole.len() - line.len()) as u64;
        let line = line.trim_ascii_end();
        match line.first() {
            None => {}
            Some(b'{') => self.record(line, position),
            Some(_) => self.framed(line, position),
        }
    }

    /// Records inside some other JSON text.
    fn framed(&mut self, text: &[u8], position: u64) {
        let mut pieces = Vec::new();
        Framer::default().push(text, true, &mut pieces);
        for piece in pieces {
            match piece {
                Piece::Record(range) => {
                    self.record(&text[range.clone()], position + range.start as u64);
                }
                Piece::Bad {
                    range,
                    kind,
                    reason,
                } => {
                    self.flaw(
                        kind,
                        position + range.start as u64,
                        reason.to_owned(),
                        &text[range],
                    );
                }
            }
        }
    }

    /// Decodes one record, `{` to `}`, that lies at a position of the source.
    pub fn record(&mut self, record: &[u8], position: u64) {
        self.scratch.begin();
        let shape = self.predicted(record);
        if let Some(shape) = shape {
            self.scratch.record.columns[ColumnId::SHAPE.index()] = shape
        } else {
            self.scratch.begin();
            if !self.general(record, position) {
                return;
            }
        }
        self.append(record, position);
    }

    /// The fast way: the template is known and its values are of the kind it promises.
    fn predicted(&mut self, record: &[u8]) -> Option<Ordinal> {
        let mut node = 0;
        let mut rest = record;
        let mut quote = 0;
        self.learning.kind = None;
        quotes(record, &mut self.quotes);
        while let Some(step) = self.templates.step(node, rest) {
            let value = step.value;
            let start = record.len() - value.len();
            // From here on the next quote is the value's closing one.
            quote += step.quotes;
            let kind = step.kind;
            if self.learning.kind.is_some() && self.learning.kind != kind {
                self.learn_run(record, record.len() - rest.len(), node);
            }
            if let Some(number) = step.run
                && self.learning.kind.is_none()
                && let Some(run) = self.templates.run(number)
            {
                let ahead = self.quotes.get(quote..)?;
                if let Some((meaning, next)) = run.find(record, start, ahead, node) {
                    self.scratch.apply(meaning);
                    node = next;
                    quote += (meaning.values.len() - 1) * 4;
                    rest = &record[*self.quotes.get(quote)? as usize..];
                    continue;
                }
                self.learning.begin(number, node, start, kind);
            }
            let end = match step.slot {
                Slot::Text => (*self.quotes.get(quote)? as usize).checked_sub(start)?,
                Slot::Literal => literal_end(value)?,
            };
            self.value(step.target, step.slot, &value[..end])?;
            rest = &value[end..];
            node = step.next;
        }
        if self.learning.kind.is_some() {
            self.learn_run(record, record.len() - rest.len(), node);
        }
        let ascii = match self.scratch.styles {
            0 => return None,
            styles => styles & MINIMAL == 0,
        };
        self.templates.end(node, rest, ascii)
    }

    /// Remembers the run that has just been read value by value, up to `end`.
    #[cold]
    fn learn_run(&mut self, record: &[u8], end: usize, next: u32) {
        if let Some(run) = self.templates.run(self.learning.run) {
            run.learn(&record[self.learning.start..end], &self.learning, next);
        }
        self.learning.kind = None;
    }

    /// Puts a raw value where it belongs; `None` where only the general way can tell what it means.
    #[inline]
    fn value(&mut self, target: Target, slot: Slot, raw: &[u8]) -> Option<()> {
        if slot == Slot::Literal && raw == NULL {
            return Some(());
        }
        match target {
            Target::Member { field, .. } | Target::Column { field, .. } => {
                let (ordinal, styles) = self.ordinal(field, slot, raw)?;
                self.scratch.put(target, ordinal);
                if self.learning.kind.is_some() {
                    self.learning.values.push((target, ordinal));
                    self.learning.styles &= styles;
                }
            }
            Target::Unknown { field, column } => {
                let (ordinal, _) = self.ordinal(field, slot, raw)?;
                self.scratch.record.unknown.push((column, ordinal));
            }
            Target::RequestId => {
                self.scratch.record.request_id = match parse_uuid(raw) {
                    Some(uuid) => Typed::Value(uuid),
                    None => Typed::Text(self.ordinal(id::REQUEST_ID, slot, raw)?.0),
                };
            }
            Target::LogTime => {
                self.scratch.record.log_time = self.number(id::LOG_TIME, slot, raw)?;
            }
            Target::LogTimeNs => {
                self.scratch.record.log_time_ns = self.number(id::LOG_TIME_NS, slot, raw)?;
            }
            Target::Time => match (slot, self.time.read(raw, &self.interner)) {
                (Slot::Text, Some((nanos, spelling))) => {
                    self.scratch.record.time = Some(nanos);
                    self.scratch.record.columns[ColumnId::SPELLING.index()] = spelling;
                }
                _ => return None,
            },
        }
        Some(())
    }

    /// The ordinal of a raw value, remembered or interned.
    #[inline]
    fn ordinal(&mut self, field: FieldId, slot: Slot, raw: &[u8]) -> Option<(Ordinal, Styles)> {
        if self.values.len() <= field.index() {
            self.values.resize_with(field.index() + 1, Memory::new);
        }
        if slot == Slot::Text
            && let Some((ordinal, styles)) = self.values[field.index()].get(raw)
        {
            self.scratch.styles &= styles;
            return Some((ordinal, styles));
        }
        self.learn(field, slot, raw)
    }

    #[cold]
    fn learn(&mut self, field: FieldId, slot: Slot, raw: &[u8]) -> Option<(Ordinal, Styles)> {
        let raw_text = std::str::from_utf8(raw).ok()?;
        if slot == Slot::Literal {
            // Numbers and words only; anything nested is left to the general way.
            let plain = raw_text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
            let valid = plain && serde_json::from_str::<serde::de::IgnoredAny>(raw_text).is_ok();
            return valid.then(|| (self.interner.value(field, raw_text), ANY));
        }
        let plain = raw.iter().all(|b| *b >= b' ' && *b != b'\\' && *b < 0x80);
        let (ordinal, styles) = if plain {
            (self.interner.value(field, raw_text), ANY)
        } else {
            let text: String = serde_json::from_str(&format!("\"{raw_text}\"")).ok()?;
            (self.interner.value(field, &text), styles_of(&text, raw))
        };
        self.values[field.index()].insert(raw, (ordinal, styles));
        self.scratch.styles &= styles;
        Some((ordinal, styles))
    }

    #[inline]
    fn number(&mut self, field: FieldId, slot: Slot, raw: &[u8]) -> Option<Typed<i64>> {
        match canonical_number(raw) {
            Some(number) => Some(Typed::Value(number)),
            None => self
                .ordinal(field, slot, raw)
                .map(|(ordinal, _)| Typed::Text(ordinal)),
        }
    }

    /// The general way; false where the record is no event and nothing is to be appended.
    fn general(&mut self, record: &[u8], position: u64) -> bool {
        let text = String::from_utf8_lossy(record);
        let members = match serde_json::from_str::<Members<'_>>(&text) {
            Ok(Members(members)) => members,
            Err(error) => {
                let (kind, reason) = general::diagnose(&error);
                self.flaw(kind, position, reason, record);
                return false;
            }
        };
        if members
            .iter()
            .any(|(key, value)| matches!(&**key, "data" | "logs") && value.get().starts_with('['))
            && !members.iter().any(|(key, _)| recorded_field(key).is_some())
        {
            self.framed(record, position);
            return false;
        }
        let mut shape = Shape::default();
        let mut whole = matches!(text, std::borrow::Cow::Borrowed(_));
        let mut unknown_seen = Vec::new();
        let mut done = 0;
        for (key, value) in &members {
            let Some(field) = recorded_field(key).or_else(|| self.interner.unknown_field(key))
            else {
                whole = false; // Too many different fields: only the record itself has this one.
                continue;
            };
            let member = match general::member(field, value) {
                Ok(member) => member,
                Err(error) => {
                    self.flaw(
                        DefectKind::Syntax,
                        position,
                        format!("{key}: {error}"),
                        record,
                    );
                    return false;
                }
            };
            // A second value under the same name wins, as in most readers; the record is kept with both.
            if field >= FieldId::FIRST_UNKNOWN {
                whole &= !unknown_seen.contains(&field);
                self.scratch
                    .record
                    .unknown
                    .retain(|(column, _)| *column != ColumnId::of_unknown(field));
                unknown_seen.push(field);
            } else {
                whole &= self.scratch.seen >> field.0 & 1 == 0;
                self.scratch.seen |= 1 << field.0;
            }
            if member.slot == Slot::Text || member.raw.as_bytes() != NULL {
                self.general_value(field, &member.text, member.slot);
            }
            if member.slot == Slot::Text {
                self.scratch.styles &= styles_of(&member.text, member.raw.as_bytes());
            }
            let start = value.get().as_ptr() as usize - text.as_ptr() as usize + member.before;
            let literal = text.as_bytes()[done..start].into();
            done = start + member.raw.len();
            shape.parts.push(Part {
                literal,
                field,
                slot: member.slot,
            });
        }
        shape.tail = text.as_bytes()[done..].into();
        shape.ascii = self.scratch.styles & MINIMAL == 0;
        let number = if whole && self.scratch.styles != 0 {
            self.interner.shape(shape.clone())
        } else {
            None
        };
        if let Some(number) = number {
            self.templates.insert(&shape, number);
            self.scratch.record.columns[ColumnId::SHAPE.index()] = number;
        } else {
            self.scratch.record.kept = Some(record.into());
        }
        true
    }

    /// Puts an unescaped value where it belongs.
    fn general_value(&mut self, field: FieldId, text: &str, slot: Slot) {
        let record = &mut self.scratch.record;
        match Target::of(field) {
            Target::Member { group, at, .. } => {
                self.scratch.groups[group as usize][at as usize] = self.interner.value(field, text);
            }
            Target::Column { column, .. } => {
                record.columns[column.index()] = self.interner.value(field, text);
            }
            Target::Unknown { column, .. } => record
                .unknown
                .push((column, self.interner.value(field, text))),
            Target::RequestId => {
                record.request_id = match parse_uuid(text.as_bytes()).filter(|_| slot == Slot::Text)
                {
                    Some(uuid) => Typed::Value(uuid),
                    None => Typed::Text(self.interner.value(field, text)),
                };
            }
            Target::LogTime => record.log_time = general_number(&self.interner, field, text),
            Target::LogTimeNs => record.log_time_ns = general_number(&self.interner, field, text),
            Target::Time => {
                let read = time::parse(text.as_bytes());
                let encoded = &mut self.scratch.text;
                encoded.clear();
                record.time = read.map(|(nanos, _)| nanos);
                match read.filter(|(nanos, style)| {
                    slot == Slot::Text && is_canonical(text, *nanos, *style)
                }) {
                    Some((_, style)) => spelling::encode_style(style, encoded),
                    None => spelling::encode_text(text, encoded),
                }
                record.columns[ColumnId::SPELLING.index()] = self.interner.spelling(encoded);
            }
        }
    }

    /// Completes the record being built and appends it.
    fn append(&mut self, record: &[u8], position: u64) {
        let scratch = &mut self.scratch;
        for (group, tuple) in scratch.groups.iter().enumerate() {
            let ordinal = if let Some(ordinal) = self.tuples[group].get(tuple) {
                ordinal
            } else {
                let ordinal = self.interner.tuple(group, tuple);
                self.tuples[group].insert(tuple, ordinal);
                ordinal
            };
            scratch.record.columns[group] = ordinal;
        }
        let (log_time, fraction) = (scratch.record.log_time, scratch.record.log_time_ns);
        if scratch.record.time.is_none() {
            scratch.record.time = log_nanos(log_time, fraction);
        }
        let timed = scratch.record.time.is_some();
        if self.builder.is_empty() {
            self.position = position;
        }
        self.builder.push(&mut scratch.record);
        if self.builder.len() == MAX_ROWS {
            self.seal();
        }
        if !timed {
            let reason = "neither time nor __time__ can be read; the event is kept without a time";
            self.flaw(DefectKind::Time, position, reason.to_owned(), record);
        }
    }

    fn flaw(&mut self, kind: DefectKind, offset: u64, reason: String, record: &[u8]) {
        self.flaws.push(Flaw {
            kind,
            offset,
            reason,
            sample: Defect::sample_of(record),
        });
    }
}

impl Scratch {
    #[inline]
    fn put(&mut self, target: Target, ordinal: Ordinal) {
        match target {
            Target::Member { group, at, .. } => self.groups[group as usize][at as usize] = ordinal,
            Target::Column { column, .. } => self.record.columns[column.index()] = ordinal,
            _ => {}
        }
    }

    #[inline]
    fn apply(&mut self, meaning: &Meaning) {
        for (target, ordinal) in &meaning.values {
            self.put(*target, *ordinal);
        }
        self.styles &= meaning.styles;
    }

    fn begin(&mut self) {
        self.record.time = None;
        self.record.columns = [MISSING; ColumnId::UNKNOWN.0 as usize];
        self.record.unknown.clear();
        self.record.request_id = Typed::Missing;
        self.record.log_time = Typed::Missing;
        self.record.log_time_ns = Typed::Missing;
        self.record.kept = None;
        self.groups = [[MISSING; WIDTH]; GROUPS.len()];
        self.styles = ANY;
        self.seen = 0;
    }
}

impl TimeReader {
    /// The instant and the ordinal of the spelling of a time in its canonical form.
    #[inline]
    fn read(&mut self, raw: &[u8], interner: &Interner) -> Option<(Nanos, Ordinal)> {
        let prefix: &[u8; 16] = raw.first_chunk()?;
        if *prefix != self.prefix {
            self.minute = time::minute(prefix)?;
            self.prefix = *prefix;
        }
        let (nanos, style) = time::parse_rest(self.minute, prefix[10], &raw[16..])?;
        // What the style does not say must not occur: a leap second, further digits, lower-case zones.
        let zone = match style.zone {
            time::Zone::Zulu => 1,
            time::Zone::Offset(_) => 6,
        };
        let fraction = if style.digits == 0 {
            0
        } else {
            1 + style.digits as usize
        };
        let canonical = raw.len() == 19 + fraction + zone
            && raw[17..19] != *b"60"
            && raw[raw.len() - 1] != b'z';
        if !canonical || raw.ends_with(b"-00:00") {
            return None;
        }
        if self.style != Some(style) {
            let mut encoded = String::new();
            spelling::encode_style(style, &mut encoded);
            self.spelling = interner.spelling(&encoded);
            self.style = Some(style);
        }
        Some((nanos, self.spelling))
    }
}

/// No value: the template alone knows that it stood there.
const NULL: &[u8] = b"null";

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Id of a field that a record may hold under its catalogue name. Aliases and derived names are none.
fn recorded_field(key: &str) -> Option<FieldId> {
    let field = CATALOGUE.find(key)?;
    let info = CATALOGUE.get(field)?;
    (info.kind != FieldKind::Derived && info.name == key).then_some(field)
}

/// End of a number or word; `None` where something nested starts.
#[inline]
fn literal_end(bytes: &[u8]) -> Option<usize> {
    let end = bytes
        .iter()
        .position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'))?;
    (end > 0).then_some(end)
}

/// A non-negative number in the only spelling that its value gives back.
#[inline]
fn canonical_number(raw: &[u8]) -> Option<i64> {
    if raw.is_empty() || raw.len() > 18 || (raw[0] == b'0' && raw.len() > 1) {
        return None;
    }
    raw.iter().try_fold(0i64, |all, b| {
        b.is_ascii_digit().then(|| all * 10 + i64::from(b - b'0'))
    })
}

fn general_number(interner: &Interner, field: FieldId, text: &str) -> Typed<i64> {
    match canonical_number(text.as_bytes()) {
        Some(number) => Typed::Value(number),
        None => Typed::Text(interner.value(field, text)),
    }
}

/// The time that the reserved fields give; for records without a `time` of their own.
fn log_nanos(seconds: Typed<i64>, fraction: Typed<i64>) -> Option<Nanos> {
    let Typed::Value(seconds) = seconds else {
        return None;
    };
    let fraction = match fraction {
        Typed::Value(fraction) if fraction < SECOND => fraction,
        _ => 0,
    };
    seconds.checked_mul(SECOND)?.checked_add(fraction)
}

/// Whether an instant and a style give the text back.
fn is_canonical(text: &str, nanos: Nanos, style: time::Style) -> bool {
    let mut again = String::with_capacity(text.len());
    time::render(nanos, style, &mut again);
    again == text
}

/// Which ways of escaping turn a text into these bytes.
fn styles_of(text: &str, raw: &[u8]) -> Styles {
    let mut again = Vec::with_capacity(raw.len());
    escape(text, false, &mut again);
    let minimal = if again == raw { MINIMAL } else { 0 };
    again.clear();
    escape(text, true, &mut again);
    minimal | if again == raw { ASCII } else { 0 }
}
