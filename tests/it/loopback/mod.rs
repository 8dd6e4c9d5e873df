//! Servers of the project's own on 127.0.0.1: HTTP/1.1 as far as the sources need it, with faults on demand.
//! They stop when dropped.

pub(crate) mod proxy;
pub(crate) mod sls;
pub(crate) mod tls;
pub(crate) mod watch;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query, percent-encoded.
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Query parameters, decoded.
    pub(crate) fn params(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (decode(name), decode(value)))
            .collect()
    }

    pub(crate) fn param(&self, name: &str) -> String {
        self.params()
            .into_iter()
            .find(|(n, _)| n == name)
            .map_or(String::new(), |(_, v)| v)
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3);
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (bytes[at], escaped) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8(out).expect("UTF-8")
}

/// What a server answers.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

/// How the body is sent.
#[derive(Debug)]
pub(crate) enum Body {
    Whole(Vec<u8>),
    /// The length of the whole, but only so many bytes, then a reset of the connection.
    Reset(Vec<u8>, usize),
    /// So many bytes of the whole, then silence until the client goes.
    Stall(Vec<u8>, usize),
    /// In fifty small pieces with pauses between.
    Drip(Vec<u8>),
    /// Chunks as they come; the end of the channel ends the answer.
    Stream(mpsc::UnboundedReceiver<Vec<u8>>),
}

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self {
            status,
            headers,
            body: Body::Whole(body.into()),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same bytes, sent in another way.
    pub(crate) fn sent(mut self, how: impl FnOnce(Vec<u8>) -> Body) -> Self {
        let Body::Whole(bytes) = self.body else {
            panic!("already changed")
        };
        self.body = how(bytes);
        self
    }
}

/// A server and what it was asked.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves on a free port.
    pub(crate) async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0", answer).await
    }

    /// Serves at an address, for instance one that was served before.
    pub(crate) async fn start_at(
        address: &str,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), asked.clone());
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, log) = (answer.clone(), log.clone());
                connections.spawn(async move {
                    let answer = move |request: Request| {
                        let reply = answer(&request);
                        log.lock().expect("not poisoned").push(request);
                        reply
                    };
                    // A client may go at any time.
                    let _ = serve(stream, answer).await;
                });
            }
        });
        Self { url, asked, task }
    }

    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().expect("not poisoned").clone()
    }

    /// Host and port, to serve there again.
    pub(crate) fn address(&self) -> &str {
        &self.url["http://".len()..]
    }

    /// Stops serving and waits until the port is free.
    pub(crate) async fn stop(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(stream: TcpStream, answer: impl Fn(Request) -> Reply) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read_request(&mut stream).await? {
        let reply = answer(request);
        if !write_reply(&mut stream, reply).await? {
            return Ok(());
        }
    }
    Ok(())
}

async fn read_request(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let mut word = || words.next().unwrap_or_default().to_owned();
    let (method, target) = (word(), word());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|l: &String| l.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok(Some(Request {
        method,
        target,
        headers,
        body,
    }))
}

/// Writes an answer; false when the connection ends with it.
async fn write_reply(stream: &mut BufReader<TcpStream>, reply: Reply) -> std::io::Result<bool> {
    let mut head = format!("HTTP/1.1 {} Said\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    match &reply.body {
        Body::Stream(_) => head.push_str("Transfer-Encoding: chunked\r\n\r\n"),
        Body::Whole(bytes) | Body::Reset(bytes, _) | Body::Stall(bytes, _) | Body::Drip(bytes) => {
            head.extend(["Content-Length: ", &bytes.len().to_string(), "\r\n\r\n"]);
        }
    }
    stream.write_all(head.as_bytes()).await?;
    match reply.body {
        Body::Whole(bytes) => stream.write_all(&bytes).await?,
        Body::Reset(bytes, sent) => {
            stream.write_all(&bytes[..sent]).await?;
            stream.flush().await?;
            stream.get_ref().set_zero_linger()?;
            return Ok(false);
        }
        Body::Stall(bytes, sent) => {
            stream.write_all(&bytes[..sent]).await?;
            stream.flush().await?;
            // Comes back when the client has had enough.
            let _ = stream.read_u8().await;
            return Ok(false);
        }
        Body::Drip(bytes) => {
            for piece in bytes.chunks(bytes.len() / 50 + 1) {
                stream.write_all(piece).await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        Body::Stream(mut chunks) => {
            while let Some(chunk) = chunks.recv().await {
                stream
                    .write_all(format!("{:x}\r\n", chunk.len()).as_bytes())
                    .await?;
                stream.write_all(&chunk).await?;
                stream.write_all(b"\r\n").await?;
                stream.flush().await?;
            }
            stream.write_all(b"0\r\n\r\n").await?;
        }
    }
    stream.flush().await?;
    Ok(true)
}
