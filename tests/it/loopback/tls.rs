//! Servers that speak TLS, or do not where they should.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A server and the heads of the requests that were decrypted, or what came as it came.
#[derive(Debug)]
pub(crate) struct Tls {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Vec<u8>>>>,
    task: JoinHandle<()>,
}

/// What becomes of a connection that is accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    /// Answers over TLS with a certificate of `tests/tls`.
    Certified(&'static str),
    /// Resets this many connections as soon as something comes, then answers with the certificate.
    ResetsFirst(usize, &'static str),
    /// Answers in plain text, whatever comes.
    Plain,
}

impl Tls {
    /// Serves a body at a free port.
    pub(crate) async fn start(manner: Manner, body: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let (resets, acceptor) = match manner {
            Manner::Certified(name) => (0, Some(acceptor(name))),
            Manner::ResetsFirst(count, name) => (count, Some(acceptor(name))),
            Manner::Plain => (0, None),
        };
        let task = tokio::spawn(async move {
            let mut count = 0;
            while let Ok((stream, _)) = listener.accept().await {
                count += 1;
                let note = |bytes: Vec<u8>| log.lock().expect("not poisoned").push(bytes);
                match &acceptor {
                    Some(_) if count <= resets => note(reset(stream).await),
                    Some(acceptor) => {
                        // A client that does not trust us goes.
                        if let Ok(stream) = acceptor.accept(stream).await {
                            note(answer(stream, &body).await);
                        }
                    }
                    None => note(plain(stream).await),
                }
            }
        });
        Self { port, asked, task }
    }

    pub(crate) fn asked(&self) -> Vec<Vec<u8>> {
        self.asked.lock().expect("not poisoned").clone()
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn acceptor(name: &str) -> TlsAcceptor {
    let certificate = format!("tests/tls/{name}.pem");
    let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file("tests/tls/server.key").expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they fit");
    TlsAcceptor::from(Arc::new(config))
}

/// Answers one request; gives its head.
async fn answer(mut stream: tokio_rustls::server::TlsStream<TcpStream>, body: &str) -> Vec<u8> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return head,
        }
    }
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    // A client may go at any time.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    head
}

async fn first(stream: &mut TcpStream) -> Vec<u8> {
    let mut block = vec![0; 8192];
    let read = stream.read(&mut block).await.unwrap_or(0);
    block.truncate(read);
    block
}

async fn reset(mut stream: TcpStream) -> Vec<u8> {
    let came = first(&mut stream).await;
    stream.set_zero_linger().expect("a socket");
    came
}

async fn plain(mut stream: TcpStream) -> Vec<u8> {
    let came = first(&mut stream).await;
    let answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let _ = stream.write_all(answer).await;
    came
}
