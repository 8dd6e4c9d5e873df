//! The body of an answer, unpacked as it arrives where a `Content-Encoding` packs it: to its end, however many members
//! (gzip) or frames (zstd) it has.

use std::io::{self, Write as _};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use reqwest::Url;
use zstd::stream::raw::{DParameter, Decoder, Operation as _};

use super::fault::Fault;
use super::proxy::Proxies;
use super::{Trouble, shown};
use crate::source::{Failure, archive};

/// What may be sent, as the header says it.
pub(super) const ACCEPTED: &str = "gzip, zstd";

/// The bytes of an answer.
pub(super) struct Body {
    response: reqwest::Response,
    packing: Packing,
}

enum Packing {
    None,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zstd(Zstd),
}

/// Why a body ends early.
pub(super) struct Broken {
    pub(super) what: String,
    /// It would come the same way again.
    is_lasting: bool,
}

impl Broken {
    /// What it means for the answer of this URL.
    pub(super) fn of(self, url: &Url) -> Trouble {
        let Self { what, is_lasting } = self;
        if is_lasting {
            let advice =
                "what could be read before it is kept; the server sends what it says to be packed";
            let what = format!("{}: {what}", shown(url));
            return Trouble::Lasting(Failure::new(what, advice));
        }
        Trouble::Passing { what, wait: None }
    }
}

impl Body {
    /// Refuses what is packed in a way that was not asked for.
    pub(super) fn of(response: reqwest::Response) -> Result<Self, Failure> {
        let header = response.headers().get("content-encoding");
        let packing = header.map_or("", |value| value.to_str().unwrap_or("?"));
        let packing = match &*packing.trim().to_ascii_lowercase() {
            "" | "identity" => Packing::None,
            "gzip" | "x-gzip" => Packing::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            "zstd" => {
                Packing::Zstd(Zstd::new().map_err(|error| Failure::new(error.to_string(), ""))?)
            }
            other => {
                let what = format!(
                    "the answer has the content encoding {other:?}, which was not asked for"
                );
                return Err(Failure::new(
                    what,
                    "have the server send gzip, zstd, or neither",
                ));
            }
        };
        Ok(Self { response, packing })
    }

    pub(super) fn headers(&self) -> &reqwest::header::HeaderMap {
        self.response.headers()
    }

    /// Bytes in all, where that is said of what comes out.
    pub(super) fn length(&self) -> Option<u64> {
        let is_plain = matches!(self.packing, Packing::None);
        self.response.content_length().filter(|_| is_plain)
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Broken> {
        loop {
            let chunk = self.response.chunk().await.map_err(|error| Broken {
                what: Fault::of(&error, &Proxies::default()).what,
                is_lasting: false,
            })?;
            let Some(chunk) = chunk else {
                return self.end();
            };
            let out = match &mut self.packing {
                Packing::None => return Ok(Some(chunk)),
                Packing::Gzip(gzip) => gzip
                    .write_all(&chunk)
                    .map(|()| std::mem::take(gzip.get_mut())),
                Packing::Zstd(zstd) => zstd.push(&chunk),
            };
            let out = out.map_err(|error| damaged(&error))?;
            if !out.is_empty() {
                return Ok(Some(out.into()));
            }
        }
    }

    /// What is left at the end, which must not be within a member.
    fn end(&mut self) -> Result<Option<Bytes>, Broken> {
        let broke_off = || Broken {
            what: "the answer broke off: it ends inside its packing".to_owned(),
            is_lasting: false,
        };
        match std::mem::replace(&mut self.packing, Packing::None) {
            Packing::None => Ok(None),
            Packing::Gzip(mut gzip) => {
                gzip.try_finish().map_err(|_| broke_off())?;
                let rest = std::mem::take(gzip.get_mut());
                Ok((!rest.is_empty()).then(|| rest.into()))
            }
            Packing::Zstd(zstd) if zstd.is_whole => Ok(None),
            Packing::Zstd(_) => Err(broke_off()),
        }
    }
}

fn damaged(error: &io::Error) -> Broken {
    let what = if archive::looks_too_far(error) {
        format!("the zstd of the answer {}", archive::too_far())
    } else {
        format!("the answer cannot be unpacked: {error}")
    };
    Broken {
        what,
        is_lasting: true,
    }
}

/// Frames of zstd, one after another.
struct Zstd {
    decoder: Decoder<'static>,
    /// It stands between two frames.
    is_whole: bool,
    room: Vec<u8>,
}

impl Zstd {
    fn new() -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(archive::WINDOW_LOG))?;
        Ok(Self {
            decoder,
            is_whole: true,
            room: vec![0; 1 << 17],
        })
    }

    fn push(&mut self, mut bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        loop {
            if self.is_whole && !bytes.is_empty() {
                self.decoder.reinit()?;
            }
            let status = self.decoder.run_on_buffers(bytes, &mut self.room)?;
            bytes = &bytes[status.bytes_read..];
            out.extend_from_slice(&self.room[..status.bytes_written]);
            self.is_whole = status.remaining == 0;
            if bytes.is_empty() && status.bytes_written < self.room.len() {
                return Ok(out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_zstd_are_read_to_the_last_in_any_pieces() {
        let frames: Vec<u8> = (0..3)
            .flat_map(|n| {
                zstd::encode_all(format!("frame {n} ").repeat(50_000).as_bytes(), 1)
                    .expect("memory")
            })
            .collect();
        let whole: String = (0..3)
            .map(|n| format!("frame {n} ").repeat(50_000))
            .collect();
        for piece in [1, 7, 1 << 20] {
            let mut zstd = Zstd::new().expect("memory");
            let mut out = Vec::new();
            for part in frames.chunks(piece) {
                out.extend(zstd.push(part).expect("frames"));
            }
            assert!(out == whole.as_bytes() && zstd.is_whole, "{piece}");
            let mut cut = Zstd::new().expect("memory");
            cut.push(&frames[..frames.len() - 3]).expect("frames");
            assert!(!cut.is_whole);
            assert!(
                Zstd::new()
                    .expect("memory")
                    .push(b"no frame at all")
                    .is_err()
            );
        }
    }
}
