//! A command of the user's own that prints keys as JSON (profile mode `External`).

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use super::{Credentials, Miss, keys, time};

/// A command may ask the user to log on elsewhere, so it has time.
const PATIENCE: Duration = Duration::from_mins(1);

/// Keys take less than this.
const MOST: u64 = 1 << 16;

pub(super) async fn from_command(command: &str, from: &str) -> Result<Credentials, Miss> {
    let mut words = command.split_whitespace();
    let program = words
        .next()
        .ok_or_else(|| Miss::Broken("process_command is empty".to_owned()))?;
    let output = tokio::time::timeout(PATIENCE, output(Command::new(program).args(words)))
        .await
        .map_err(|_| {
            Miss::Broken(format!(
                "{program} did not end within {} s",
                PATIENCE.as_secs()
            ))
        })?
        .map_err(|e| Miss::Broken(format!("{program}: {e}")))?;
    let Some((status, printed)) = output else {
        let most = MOST >> 10;
        return Err(Miss::Broken(format!(
            "{program} printed more than {most} KiB"
        )));
    };
    if !status.success() {
        return Err(Miss::Broken(format!("{program} ended with {status}")));
    }
    // The parser's message could repeat what it read, and that may be a key.
    let answer: Answer = serde_json::from_slice(&printed)
        .map_err(|_| Miss::Broken(format!("{program} did not print the JSON expected")))?;
    let token = if answer.mode == "AK" {
        ""
    } else {
        &answer.sts_token
    };
    let keys = keys(&answer.access_key_id, &answer.access_key_secret, token)
        .ok_or_else(|| Miss::Broken(format!("{program} printed no keys")))?;
    Ok(Credentials {
        keys,
        expires: time(&answer.expiration),
        from: format!("{from}, command {program}"),
    })
}

/// How a command ends and what it prints; `None` where that is too much. It is killed where nobody waits for it.
async fn output(command: &mut Command) -> io::Result<Option<(ExitStatus, Vec<u8>)>> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut printed = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MOST + 1).read_to_end(&mut printed).await?;
    }
    if printed.len() as u64 > MOST {
        return Ok(None);
    }
    Ok(Some((child.wait().await?, printed)))
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
