//! Compressed input: detected by its first bytes and unpacked.
//!
//! An archive may have several members in a row, even of different kinds, and may itself be inside another. If it is
//! truncated or corrupt, the error names the byte; everything before has been returned by then.

mod input;
mod legacy;
mod snappy;

use std::fmt;
use std::io::{self, BufRead as _, Read};

use crate::model::reason;

pub(super) use input::Input;

/// Row of [`ARCHIVES`].
pub struct Archive {
    pub name: &'static str,
    pub meaning: &'static str,
    /// Description of the first bytes that identify it.
    pub detected: &'static str,
    /// File in `assets/samples`.
    pub sample: &'static str,
    magic: &'static [u8],
    /// Further test for a head that starts with the magic number.
    fits: Option<fn(&[u8]) -> bool>,
    open: for<'a> fn(Input<'a>) -> io::Result<Box<dyn Member<'a> + 'a>>,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// All kinds of archives that can be read.
pub const ARCHIVES: &[Archive] = &[
    Archive {
        name: "gzip",
        meaning: "gzip, one or more members",
        detected: "starts with 1f 8b",
        sample: "ndjson.gz",
        magic: b"\x1f\x8b",
        fits: None,
        open: |input| Ok(Box::new(flate2::bufread::GzDecoder::new(input))),
    },
    Archive {
        name: "zstd",
        meaning: "Zstandard, one or more frames",
        detected: "starts with 28 b5 2f fd",
        sample: "ndjson.zst",
        magic: b"\x28\xb5\x2f\xfd",
        fits: None,
        open: |input| {
            let mut decoder = zstd::Decoder::with_buffer(input)?.single_frame();
            decoder.window_log_max(WINDOW_LOG)?;
            Ok(Box::new(decoder))
        },
    },
    Archive {
        name: "lz4",
        meaning: "LZ4 frame format, one or more frames",
        detected: "starts with 04 22 4d 18",
        sample: "ndjson.lz4",
        magic: b"\x04\x22\x4d\x18",
        fits: None,
        open: |input| Ok(Box::new(Lz4::new(Unended(input)))),
    },
    Archive {
        name: "bzip2",
        meaning: "bzip2, one or more streams",
        detected: "starts with BZh",
        sample: "ndjson.bz2",
        magic: b"BZh",
        fits: None,
        open: |input| Ok(Box::new(bzip2::bufread::BzDecoder::new(input))),
    },
    Archive {
        name: "xz",
        meaning: "xz, one or more streams",
        detected: "starts with fd 37 7a 58 5a 00",
        sample: "ndjson.xz",
        magic: b"\xfd7zXZ\0",
        fits: None,
        open: |input| {
            let stream = liblzma::stream::Stream::new_stream_decoder(LZMA_MEMORY, 0)?;
            let decoder = liblzma::bufread::XzDecoder::new_stream(input, stream);
            Ok(Box::new(decoder))
        },
    },
    Archive {
        name: "legacy lz4",
        meaning: "LZ4 legacy format, as written by lz4 -l",
        detected: "starts with 02 21 4c 18",
        sample: "ndjson.legacy.lz4",
        magic: b"\x02\x21\x4c\x18",
        fits: None,
        open: |input| Ok(Box::new(legacy::Blocks::new(input))),
    },
    Archive {
        name: "lzma",
        meaning: "legacy LZMA, as written by xz --format=lzma",
        detected: "starts with 5d 00 00 and a plausible dictionary size and length",
        sample: "ndjson.lzma",
        magic: b"\x5d\0\0",
        fits: Some(legacy::is_lzma),
        open: |input| {
            let stream = liblzma::stream::Stream::new_lzma_decoder(LZMA_MEMORY)?;
            let decoder = liblzma::bufread::XzDecoder::new_stream(input, stream);
            Ok(Box::new(decoder))
        },
    },
    Archive {
        name: "zlib",
        meaning: "a zlib stream, as written by pigz -z",
        detected: "starts with 78 01, 78 5e, 78 9c or 78 da and can be unpacked",
        sample: "ndjson.zz",
        magic: b"\x78",
        fits: Some(legacy::is_zlib),
        open: |input| Ok(Box::new(flate2::bufread::ZlibDecoder::new(input))),
    },
    Archive {
        name: "snappy",
        meaning: "one raw snappy block, as shipped by Simple Log Service",
        detected: "a length, then a block that unpacks to the start of a log",
        sample: "ndjson.snappy",
        magic: b"",
        fits: None,
        open: |input| Ok(Box::new(snappy::Block::new(input))),
    },
];

/// Maximum number of archives inside one another that are unpacked.
const DEPTH: usize = 4;

/// Number of bytes that are enough to detect any archive but a raw snappy block.
const MAGIC: usize = 6;

/// Maximum window of an archive, as a power of two, which limits the memory for any input. `zstd -19` and `xz -9` need
/// half of it.
pub(super) const WINDOW_LOG: u32 = 27;

/// Memory limit for LZMA: the maximum dictionary, and some for the decoder itself.
const LZMA_MEMORY: u64 = (1 << WINDOW_LOG) + (1 << 20);

/// Reader for the content of one member of an archive.
trait Member<'a>: Read {
    /// Number of bytes of the archive that were consumed for the content so far.
    fn at(&self) -> u64;

    /// Returns the input after the member.
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
    flate2::bufread::ZlibDecoder<Input<'a>> => into_inner,
    legacy::Blocks<'a> => into_inner,
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

/// Input that reports its end as an error: the LZ4 reader accepts an end between two blocks as the end of the frame.
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

/// Unpacks all archives around the content, up to [`DEPTH`]. Any other input is returned unchanged.
pub(super) fn unpack(mut input: Input<'_>) -> io::Result<Input<'_>> {
    for _ in 0..DEPTH {
        let first = if kind(&mut input)?.is_some() || skippable(input.peek(MAGIC)?) {
            next(input, None)?
        } else if snappy::is_likely(&mut input)? {
            Some(open(&ARCHIVES[ARCHIVES.len() - 1], input)?)
        } else {
            return Ok(input);
        };
        input = Input::new(Unpacked { current: first });
    }
    Ok(input)
}

/// Returns true if the bytes begin an archive.
pub(super) fn is_archive(head: &[u8]) -> io::Result<bool> {
    let mut input = Input::new(head);
    Ok(kind(&mut input)?.is_some() || skippable(head) || snappy::is_likely(&mut input)?)
}

/// Detects the next archive. Consumes nothing, and waits for more than a magic number only if one matches.
fn kind(input: &mut Input<'_>) -> io::Result<Option<&'static Archive>> {
    let head = input.peek(MAGIC)?;
    let row = ARCHIVES
        .iter()
        .find(|row| !row.magic.is_empty() && head.starts_with(row.magic));
    Ok(match row {
        Some(Archive {
            fits: Some(fits), ..
        }) => row.filter(|_| input.peek(legacy::HEAD).is_ok_and(fits)),
        other => other,
    })
}

/// Returns true for a frame that zstd and LZ4 define as skippable.
fn skippable(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// Returns true for bytes that may follow a complete archive and have no meaning: zeros that fill a block or a tape,
/// blanks and line ends added by a transfer or an editor, the end mark of old systems.
fn is_padding(byte: u8) -> bool {
    matches!(byte, 0 | 0x1a) || byte.is_ascii_whitespace()
}

/// Opens the next member; `None` at the end. `after` is the archive before it.
fn next<'a>(
    mut input: Input<'a>,
    after: Option<&'static Archive>,
) -> io::Result<Option<Current<'a>>> {
    loop {
        if let Some(archive) = kind(&mut input)? {
            return open(archive, input).map(Some);
        }
        let head = input.peek(MAGIC)?;
        if head.is_empty() {
            return Ok(None);
        }
        let padding = head.iter().take_while(|byte| is_padding(**byte)).count();
        if padding > 0 {
            input.consume(padding);
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
            let what = after.map_or("compressed", |archive| archive.name);
            return Err(io::Error::other(Broken(format!(
                "the {what} archive is complete, but the data after it, from byte {} on, is not an archive and was ignored",
                input.consumed()
            ))));
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

/// Content of all members.
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
                    let archive = current.archive;
                    let member = self.current.take().map(|current| current.member);
                    self.current = match member {
                        Some(member) => next(member.rest(), Some(archive))?,
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

/// Position and cause of damage to an archive.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Broken(String);

fn broken(name: &str, at: u64, error: io::Error) -> io::Error {
    if error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<Broken>)
    {
        return error; // Already reported for the archive around this one.
    }
    io::Error::other(Broken(match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            format!("the {name} archive is truncated: it ends at byte {at}")
        }
        _ if looks_too_far(&error) => {
            format!("the {name} archive {}; {}", too_far(), unpacking(name))
        }
        _ if error.raw_os_error().is_some() => {
            format!(
                "the {name} archive cannot be read from byte {at} on: {}",
                reason(&error)
            )
        }
        _ => format!("the {name} archive is corrupt at byte {at}: {error}"),
    }))
}

/// Returns true if an archive needs a larger window than allowed, according to the messages of zstd and LZMA.
pub(super) fn looks_too_far(error: &io::Error) -> bool {
    let said = error.to_string();
    said.contains("too much memory") || said.contains("memory limit reached")
}

/// Message for a window that is too large.
pub(super) fn too_far() -> String {
    format!("needs a window larger than {} MiB", (1 << WINDOW_LOG) >> 20)
}

/// Advice for a window that is too large.
fn unpacking(name: &str) -> &'static str {
    match name {
        "zstd" => "unpack it with zstd -dc --long=31 and pipe it in: … | regtrail -",
        "lzma" => "unpack it with xz -dc --format=lzma and pipe it in: … | regtrail -",
        _ => "unpack it with xz -dc and pipe it in: … | regtrail -",
    }
}

#[cfg(test)]
mod tests;
