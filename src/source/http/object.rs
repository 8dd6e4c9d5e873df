//! A response that is a file: an archive, a table, Parquet, text of other kinds. It is read as it arrives, like a file
//! with the same bytes, on a thread of its own; its records are deduplicated like all others.

use std::io::{self, Read};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::Url;
use tokio::sync::mpsc;

use super::body::Reader;
use super::packed::{Body, Broken};
use super::pages::End;
use super::{Trouble, shown};
use crate::decode::Flaw;
use crate::decode::table::Header;
use crate::model::DefectKind;
use crate::source::SourceState;
use crate::source::dedup::{digest, digest_of_bytes};
use crate::source::encoding::Written;
use crate::source::feed::{Block, Records};
use crate::source::{Delivery, Failure, Feed, SourceError, Stopped, stream};

/// Most pieces of a response that may wait for the reading thread, and most deliveries that may wait behind it.
const WAITING: usize = 8;

type Piece = io::Result<Bytes>;

impl Reader {
    /// Reads a response that started with these bytes; `ended` if nothing follows them.
    pub(super) async fn object(
        &mut self,
        body: Body,
        url: &Url,
        start: Vec<u8>,
        ended: bool,
    ) -> Result<End, Trouble> {
        // A response with a length ends by itself.
        let settle = self.settle.filter(|_| body.length().is_none());
        let (to, pieces) = mpsc::channel(WAITING);
        let queued = Arc::new(AtomicUsize::new(0));
        let (feed, mut deliveries, _stop) = Feed::new(WAITING);
        let name = shown(url);
        let waiting = queued.clone();
        let written = Written {
            format: None,
            encoding: self.encoding,
        };
        let reading = tokio::task::spawn_blocking(move || {
            let more = || waiting.load(Ordering::Acquire) > 0;
            let pieces = Pieces {
                from: pieces,
                piece: Bytes::new(),
                queued: waiting.clone(),
            };
            stream::read(&feed, pieces, &more, &name, written, None)
        });
        let mut end = End::default();
        let mut cut = Vec::new();
        let mut pumped = None;
        let mut pump = pin!(pump(body, start, ended, (to, queued)));
        loop {
            let silence = settle.filter(|_| !end.was_live).unwrap_or(Duration::MAX);
            tokio::select! {
                done = &mut pump, if pumped.is_none() => pumped = Some(done),
                delivery = deliveries.recv() => match delivery {
                    Some(delivery) => self.take_in(delivery, &mut end, &mut cut).await?,
                    None => break,
                },
                () = tokio::time::sleep(silence) => {
                    end.was_live = true;
                    self.outlet.state(SourceState::Live).await?;
                }
            }
        }
        let read = reading.await.unwrap_or_else(|error| {
            Err(SourceError::Failed(format!(
                "{}: reading was interrupted: {error}",
                shown(url)
            )))
        });
        // A record truncated by the connection arrives again.
        if let Some(Err(broken)) = pumped {
            return Err(broken.of(url));
        }
        for flaw in cut {
            self.flaw(&flaw).await?;
        }
        match read {
            Ok(()) => Ok(end),
            Err(SourceError::Stopped) => Err(Trouble::Stopped),
            // The response may have been requested while the file was being written.
            Err(SourceError::Failed(what)) if self.settle.is_some() => {
                let name = format!("{}: ", shown(url));
                let what = what.strip_prefix(&name).unwrap_or(&what).to_owned();
                Err(Trouble::Passing { what, wait: None })
            }
            Err(error) => Err(Trouble::Lasting(Failure::new(error.to_string(), ""))),
        }
    }

    /// Processes a delivery of the reading thread.
    async fn take_in(
        &mut self,
        delivery: Delivery,
        end: &mut End,
        cut: &mut Vec<Flaw>,
    ) -> Result<(), Stopped> {
        let block = match delivery {
            Delivery::Block(block) => block,
            Delivery::Note(text) => return self.outlet.note(text).await,
            _ => return Ok(()),
        };
        for flaw in &block.flaws {
            if flaw.kind == DefectKind::Truncated {
                cut.push(flaw.clone());
            } else {
                self.flaw(flaw).await?;
            }
        }
        match &block.records {
            Records::Lines => {
                for line in block.bytes.split(|byte| *byte == b'\n') {
                    self.text(line, end).await?;
                }
            }
            Records::At(places) => {
                for place in places {
                    self.text(&block.bytes[place.clone()], end).await?;
                }
            }
            Records::Rows(header) => {
                let header = header.clone();
                self.rows(block, &header, end).await?;
            }
        }
        self.outlet.flush().await
    }

    /// Sends a record as text, for the decoder.
    async fn text(&mut self, text: &[u8], end: &mut End) -> Result<(), Stopped> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(());
        }
        end.records += 1;
        if self.seen.is_new(digest(text)) {
            end.fresh += 1;
            self.outlet.record(text).await?;
        }
        Ok(())
    }

    /// Sends the rows of a table that were not sent before.
    async fn rows(
        &mut self,
        mut block: Block,
        header: &Header,
        end: &mut End,
    ) -> Result<(), Stopped> {
        let mut kept = Vec::with_capacity(block.bytes.len());
        let mut at = 0;
        while at < block.bytes.len() {
            let rest = &block.bytes[at..];
            let row = &rest[..header.row_end(rest)];
            at += row.len();
            if row.trim_ascii().is_empty() {
                kept.extend_from_slice(row); // Keeps the number of lines.
                continue;
            }
            end.records += 1;
            if self.seen.is_new(digest_of_bytes(without_end(row))) {
                end.fresh += 1;
                kept.extend_from_slice(row);
            }
        }
        if kept.len() < block.bytes.len() {
            block.line = None;
        }
        if kept.trim_ascii().is_empty() {
            return Ok(());
        }
        block.bytes = kept.into();
        block.flaws.clear();
        self.outlet.block(block).await
    }

    /// Reports a rejected record once, even if it is sent again.
    async fn flaw(&mut self, flaw: &Flaw) -> Result<(), Stopped> {
        let all = format!("{}\0{}", flaw.reason, flaw.sample);
        if self.seen.is_new(digest_of_bytes(all.as_bytes())) {
            self.outlet.flaw(flaw.clone()).await?;
        }
        Ok(())
    }
}

/// Strips the line end of a row.
fn without_end(row: &[u8]) -> &[u8] {
    let row = row.strip_suffix(b"\n").unwrap_or(row);
    row.strip_suffix(b"\r").unwrap_or(row)
}

/// Sends the pieces of a response to the reading thread, until the end of either.
async fn pump(
    mut body: Body,
    start: Vec<u8>,
    ended: bool,
    (to, queued): (mpsc::Sender<Piece>, Arc<AtomicUsize>),
) -> Result<(), Broken> {
    let mut next: Result<_, Broken> = Ok((!start.is_empty()).then(|| Bytes::from(start)));
    let mut ended = ended;
    loop {
        match next {
            Ok(Some(piece)) => {
                queued.fetch_add(1, Ordering::AcqRel);
                if to.send(Ok(piece)).await.is_err() {
                    return Ok(()); // The thread needs no more.
                }
            }
            Ok(None) => return Ok(()),
            Err(broken) => {
                let error = io::Error::new(io::ErrorKind::ConnectionAborted, broken.what.clone());
                // The thread may have ended by now.
                let _ = to.send(Err(error)).await;
                return Err(broken);
            }
        }
        next = if std::mem::replace(&mut ended, true) {
            Ok(None)
        } else {
            ended = false;
            body.chunk().await
        };
    }
}

/// Reader of the pieces of a response, in order.
struct Pieces {
    from: mpsc::Receiver<Piece>,
    piece: Bytes,
    /// Number of pieces sent and not consumed.
    queued: Arc<AtomicUsize>,
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.from.blocking_recv() {
                Some(piece) => {
                    self.piece = piece?;
                    if self.piece.is_empty() {
                        self.queued.fetch_sub(1, Ordering::AcqRel);
                    }
                }
                None => return Ok(0),
            }
        }
        let len = self.piece.len().min(out.len());
        out[..len].copy_from_slice(&self.piece.split_to(len));
        if self.piece.is_empty() {
            self.queued.fetch_sub(1, Ordering::AcqRel);
        }
        Ok(len)
    }
}
