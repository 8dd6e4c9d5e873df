//! A command of the user's own that prints keys as JSON (profile mode `External`).

use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;

use super::{Credentials, Miss, keys, time};

/// A command may ask the user to log on elsewhere, so it has time.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) async fn from_command(command: &str, from: &str) -> Result<Credentials, Miss> {
    let mut words = command.split_whitespace();
    let program = words
        .next()
        .ok_or_else(|| Miss::Broken("process_command is empty".to_owned()))?;
    let mut run = Command::new(program);
    run.args(words)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, run.output())
        .await
        .map_err(|_| {
            Miss::Broken(format!(
                "{program} did not end within {} s",
                PATIENCE.as_secs()
            ))
        })?
        .map_err(|e| Miss::Broken(format!("{program}: {e}")))?;
    if !output.status.success() {
        return Err(Miss::Broken(format!(
            "{program} ended with {}",
            output.status
        )));
    }
    // The parser's message could repeat what it read, and that may be a key.
    let answer: Answer = serde_json::from_slice(&output.stdout)
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

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    mode: String,
    access_key_id: String,
    access_key_secret: String,
    sts_token: String,
    expiration: String,
}
