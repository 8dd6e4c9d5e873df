//! Proxies: of the kind that HTTP knows, of SOCKS, and of none that can be used.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What a proxy does with whoever connects.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    /// Leads every tunnel to this port.
    Tunnels(u16),
    /// Takes part in SOCKS 5, then says this.
    Socks(String),
    /// Says this and closes.
    Says(String),
    /// Keeps silent.
    Hangs,
}

/// A proxy and all that clients sent to it, by connection.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) port: u16,
    came: Arc<Mutex<Vec<Vec<u8>>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn start(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let came = Arc::new(Mutex::new(Vec::new()));
        let log = came.clone();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let number = {
                    let mut log = log.lock().expect("not poisoned");
                    log.push(Vec::new());
                    log.len() - 1
                };
                let (does, log) = (does.clone(), log.clone());
                connections.spawn(async move {
                    let note = move |bytes: &[u8]| {
                        log.lock().expect("not poisoned")[number].extend_from_slice(bytes);
                    };
                    // A client may go at any time.
                    let _ = serve(stream, does, note).await;
                });
            }
        });
        Self { port, came, task }
    }

    /// What was sent to it, as text.
    pub(crate) fn came(&self) -> Vec<String> {
        let came = self.came.lock().expect("not poisoned");
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        came.iter().map(text).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, does: Does, note: impl Fn(&[u8])) -> std::io::Result<()> {
    match does {
        Does::Hangs => loop {
            let byte = stream.read_u8().await?;
            note(&[byte]);
        },
        Does::Says(answer) => {
            head(&mut stream, &note).await?;
            stream.write_all(answer.as_bytes()).await?;
        }
        Does::Socks(answer) => {
            let mut greeting = [0; 2];
            stream.read_exact(&mut greeting).await?;
            let mut methods = vec![0; greeting[1] as usize];
            stream.read_exact(&mut methods).await?;
            stream.write_all(&[5, 0]).await?;
            // To a name: the length of it, the name, a port.
            let mut to = [0; 5];
            stream.read_exact(&mut to).await?;
            let mut name = vec![0; to[4] as usize + 2];
            stream.read_exact(&mut name).await?;
            note(&name[..name.len() - 2]);
            note(b"\n");
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
            head(&mut stream, &note).await?;
            stream.write_all(answer.as_bytes()).await?;
        }
        Does::Tunnels(port) => {
            head(&mut stream, &note).await?;
            let mut target = TcpStream::connect(("127.0.0.1", port)).await?;
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
            let (mut from, mut to) = stream.split();
            let (mut back, mut on) = target.split();
            let there = async {
                let mut block = vec![0; 1 << 16];
                loop {
                    match from.read(&mut block).await? {
                        0 => return on.shutdown().await,
                        read => {
                            note(&block[..read]);
                            on.write_all(&block[..read]).await?;
                        }
                    }
                }
            };
            let (one, other) = tokio::join!(there, tokio::io::copy(&mut back, &mut to));
            one.and(other.map(|_| ()))?;
        }
    }
    stream.shutdown().await
}

/// The head of a request.
async fn head(stream: &mut TcpStream, note: &impl Fn(&[u8])) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = stream.read_u8().await?;
        head.push(byte);
        note(&[byte]);
    }
    Ok(())
}
