//! A command of the user that prints keys as JSON (profile mode `External`).

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::oneshot;

use super::{Credentials, Miss, complaint, keys, time};

/// Long, because a command may ask the user to log on elsewhere.
const PATIENCE: Duration = Duration::from_mins(1);

/// A child of the command may hold its standard error open after the command has ended.
const LINGER: Duration = Duration::from_millis(200);

/// Keys are shorter than this.
const MOST: u64 = 1 << 16;

/// Runs the command of a profile; `known` are the secrets of that profile.
pub(super) async fn from_command(
    command: &str,
    from: &str,
    known: [&str; 2],
) -> Result<Credentials, Miss> {
    let mut words = command.split_whitespace();
    let program = words
        .next()
        .ok_or_else(|| Miss::Broken("process_command is empty".to_owned()))?;
    let (mut printed, mut said) = (Vec::new(), Vec::new());
    let mut command = Command::new(program);
    let ran = run(command.args(words), (&mut printed, &mut said));
    let ran = tokio::time::timeout(PATIENCE, ran).await;
    // The parser's message is not shown: it could repeat a key.
    let answer = serde_json::from_slice::<Answer>(&printed).ok();
    let why = match ran {
        Err(_) => format!("did not finish within {} s", PATIENCE.as_secs()),
        Ok(Err(error)) => return Err(Miss::Broken(format!("{program}: {error}"))),
        Ok(Ok(None)) => format!("printed more than {} KiB", MOST >> 10),
        Ok(Ok(Some(status))) if !status.success() => format!("failed with {status}"),
        Ok(Ok(Some(_))) => match answer
            .as_ref()
            .map(|answer| credentials(answer, program, from))
        {
            Some(Some(found)) => return Ok(found),
            Some(None) => "printed no keys".to_owned(),
            None => "did not print the expected JSON".to_owned(),
        },
    };
    let own = answer.unwrap_or_default();
    let known = [known[0], known[1], &own.access_key_secret, &own.sts_token];
    let reported = complaint::reported(&said, &printed, &known);
    Err(Miss::Broken(format!("{program} {why}{reported}")))
}

fn credentials(answer: &Answer, program: &str, from: &str) -> Option<Credentials> {
    let token = if answer.mode == "AK" {
        ""
    } else {
        &answer.sts_token
    };
    let keys = keys(&answer.access_key_id, &answer.access_key_secret, token)?;
    Some(Credentials {
        keys,
        expires: time(&answer.expiration),
        from: format!("{from}, command {program}"),
    })
}

/// Runs a command. Returns its exit status and fills in its standard output and the start of its standard error; `None`
/// if it prints too much. It is killed if this future is dropped.
async fn run(
    command: &mut Command,
    (printed, said): (&mut Vec<u8>, &mut Vec<u8>),
) -> io::Result<Option<ExitStatus>> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stderr = child.stderr.take();
    let (done, ended) = oneshot::channel::<()>();
    let ends = async {
        let status = end(&mut child, printed).await;
        drop(done);
        status
    };
    let hears = async {
        let lingers = async {
            let _ = ended.await; // The sender is dropped when the command has ended.
            tokio::time::sleep(LINGER).await;
        };
        tokio::select! {
            () = hear(stderr, said) => {}
            () = lingers => {}
        }
    };
    tokio::join!(ends, hears).0
}

async fn end(child: &mut Child, printed: &mut Vec<u8>) -> io::Result<Option<ExitStatus>> {
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MOST + 1).read_to_end(printed).await?;
    }
    if printed.len() as u64 > MOST {
        return Ok(None);
    }
    child.wait().await.map(Some)
}

/// Reads standard error to its end, so that the command never blocks, and keeps the start.
async fn hear(stderr: Option<ChildStderr>, said: &mut Vec<u8>) {
    let Some(mut stderr) = stderr else { return };
    let mut block = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut block).await {
        let room = complaint::KEPT - said.len();
        said.extend_from_slice(&block[..count.min(room)]);
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    mode: String,
    access_key_id: String,
    access_key_secret: String,
    sts_token: String,
    expiration: String,
}
