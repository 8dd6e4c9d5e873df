//! Compressed input: told by its first bytes, read as the bytes it holds.
//!
//! An archive may have several members one after another, even of different kinds, and may itself be inside
//! another. Where it breaks off the error says at which byte; everything before has been handed on by then.

mod input;
mod snappy;

use std::fmt;
use std::io::{self, BufRead as _, Read};

pub(super) use input::Input;

/// A row of [`ARCHIVES`].
pub struct Archive {
    pub name: &'static str,
    pub meaning: &'static str,
    /// What its first bytes look like.
    pub detected: &'static str,
    /// A file in `assets/samples`.
    pub sample: &'static str,
    magic: &'static [u8],
    open: for<'a> fn(Input<'a>) -> io::Result<Box<dyn Member<'a> + 'a>>,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Every kind of archive that can be read.
pub const ARCHIVES: &[Archive] = &[
    Archive {
        name: "gzip",
        meaning: "gzip, one member or several",
        detected: "starts with 1f 8b",
        sample: "ndjson.gz",
        magic: b"\x1f\x8b",
        open: |input| Ok(Box::new(flate2::bufread::GzDecoder::new(input))),
    },
    Archive {
        name: "zstd",
        meaning: "Zstandard, one frame or several",
        detected: "starts with 28 b5 2f fd",
        sample: "ndjson.zst",
        magic: b"\x28\xb5\x2f\xfd",
        open: |input| {
            let mut decoder = zstd::Decoder::with_buffer(input)?.single_frame();
            decoder.window_log_max(ZSTD_WINDOW)?;
            Ok(Box::new(decoder))
        },
    },
    Archive {
        name: "lz4",
        meaning: "LZ4 frame format, one frame or several",
        detected: "starts with 04 22 4d 18",
        sample: "ndjson.lz4",
        magic: b"\x04\x22\x4d\x18",
        open: |input| Ok(Box::new(Lz4::new(Unended(input)))),
    },
    Archive {
        name: "bzip2",
        meaning: "bzip2, one stream or several",
        detected: "starts with BZh",
        sample: "ndjson.bz2",
        magic: b"BZh",
        open: |input| Ok(Box::new(bzip2::bufread::BzDecoder::new(input))),
    },
    Archive {
        name: "xz",
        meaning: "xz, one stream or several",
        detected: "starts with fd 37 7a 58 5a 00",
        sample: "ndjson.xz",
        magic: b"\xfd7zXZ\0",
        open: |input| Ok(Box::new(liblzma::bufread::XzDecoder::new(input))),
    },
    Archive {
        name: "snappy",
        meaning: "one raw snappy block, as Simple Log Service ships it",
        detected: "a length, then a block that unpacks to the start of a log",
        sample: "ndjson.snappy",
        magic: b"",
        open: |input| Ok(Box::new(snappy::Block::new(input))),
    },
];

/// Archives within archives are followed this far.
const DEPTH: usize = 4;

/// Bytes that are enough to tell any archive but a raw snappy block.
const MAGIC: usize = 6;

/// Long-range windows of zstd up to this power of two are followed: the most its program makes.
const ZSTD_WINDOW: u32 = 31;

/// One member of an archive: gives its content.
trait Member<'a>: Read {
    /// Position within the archive up to which the content so far has used it.
    fn at(&self) -> u64;

    /// What follows the member.
    fn rest(self: Box<Self>) -> Input<'a>;
}

macro_rules! members {
    ($($decoder:ty => $rest:ident),+ $(,)?) => { $(
        impl<'a> Member<'a> for $decoder {
            fn at(&self) -> u64 {
                self.get_ref().consumed()
            }

            fn rest(self: Box<Self>) -> Input<'a> {
                self.$rest()
            }
        }
    )+ };
}

members! {
    flate2::bufread::GzDecoder<Input<'a>> => into_inner,
    zstd::Decoder<'static, Input<'a>> => finish,
    bzip2::bufread::BzDecoder<Input<'a>> => into_inner,
    liblzma::bufread::XzDecoder<Input<'a>> => into_inner,
    snappy::Block<'a> => into_inner,
}

type Lz4<'a> = lz4_flex::frame::FrameDecoder<Unended<'a>>;

impl<'a> Member<'a> for Lz4<'a> {
    fn at(&self) -> u64 {
        self.get_ref().0.consumed()
    }

    fn rest(self: Box<Self>) -> Input<'a> {
        self.into_inner().0
    }
}

/// An input whose end is an error: the LZ4 reader takes an end between two blocks for that of the frame.
struct Unended<'a>(Input<'a>);

impl Read for Unended<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out)? {
            0 if !out.is_empty() => {
                let error = io::ErrorKind::UnexpectedEof.into();
                Err(broken("lz4", self.0.consumed(), error))
            }
            read => Ok(read),
        }
    }
}

/// Takes archives off, as many as there are around the content. The input of what is no archive comes back
/// as it was.
pub(super) fn unpack(mut input: Input<'_>) -> io::Result<Input<'_>> {
    for _ in 0..DEPTH {
        let head = input.peek(MAGIC)?;
        let first = if by_magic(head).is_some() || skippable(head) {
            next(input)?
        } else if snappy::is_likely(&mut input)? {
            Some(open(&ARCHIVES[ARCHIVES.len() - 1], input)?)
        } else {
            return Ok(input);
        };
        input = Input::new(Unpacked { current: first });
    }
    Ok(input)
}

/// Whether what starts so is an archive.
pub(super) fn is_archive(head: &[u8]) -> io::Result<bool> {
    Ok(by_magic(head).is_some() || skippable(head) || snappy::is_likely(&mut Input::new(head))?)
}

fn by_magic(head: &[u8]) -> Option<&'static Archive> {
    ARCHIVES
        .iter()
        .find(|row| !row.magic.is_empty() && head.starts_with(row.magic))
}

/// Whether a frame follows that zstd and LZ4 say is to be skipped.
fn skippable(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// The member that comes next; `None` at the end. Zeros are padding.
fn next(mut input: Input<'_>) -> io::Result<Option<Current<'_>>> {
    loop {
        let head = input.peek(MAGIC)?;
        if let Some(archive) = by_magic(head) {
            return open(archive, input).map(Some);
        }
        if head.is_empty() {
            return Ok(None);
        }
        if head[0] == 0 {
            input.consume(1);
        } else if skippable(head) {
            let head = input.peek(8)?;
            let len = head
                .get(4..8)
                .and_then(|len| Some(u32::from_le_bytes(len.try_into().ok()?)));
            let skipped = match len {
                Some(len) => io::copy(&mut (&mut input).take(u64::from(len) + 8), &mut io::sink())?,
                None => 0,
            };
            if len.is_none_or(|len| skipped < u64::from(len) + 8) {
                let error = io::ErrorKind::UnexpectedEof.into();
                return Err(broken("zstd or lz4", input.consumed(), error));
            }
        } else {
            let what = "what follows its last member is no archive";
            return Err(broken(
                "compressed",
                input.consumed(),
                io::Error::new(io::ErrorKind::InvalidData, what),
            ));
        }
    }
}

fn open<'a>(archive: &'static Archive, input: Input<'a>) -> io::Result<Current<'a>> {
    let at = input.consumed();
    let member = (archive.open)(input).map_err(|error| broken(archive.name, at, error))?;
    Ok(Current { archive, member })
}

struct Current<'a> {
    archive: &'static Archive,
    member: Box<dyn Member<'a> + 'a>,
}

/// The content of all members.
struct Unpacked<'a> {
    current: Option<Current<'a>>,
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(current) = &mut self.current {
            match current.member.read(buffer) {
                Ok(0) => {
                    let member = self.current.take().map(|current| current.member);
                    self.current = match member {
                        Some(member) => next(member.rest())?,
                        None => None,
                    };
                }
                Ok(read) => return Ok(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
                Err(error) => {
                    let error = broken(current.archive.name, current.member.at(), error);
                    self.current = None;
                    return Err(error);
                }
            }
        }
        Ok(0)
    }
}

/// Where and why an archive breaks off.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Broken(String);

fn broken(name: &str, at: u64, error: io::Error) -> io::Error {
    if error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<Broken>)
    {
        return error; // The archive around this one.
    }
    io::Error::other(Broken(match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            format!("the {name} archive ends at byte {at}, before it is complete")
        }
        _ => format!("the {name} archive is broken at byte {at}: {error}"),
    }))
}

#[cfg(test)]
mod tests;
