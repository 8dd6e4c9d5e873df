//! When to look at files again: told by the system where it can tell, else by the clock.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::ModifyKind;
use notify::{EventKind, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// How often is looked where the system does not tell of changes: here, and on a network mount, where each
/// look is a question to a server; and how often all the same where it does: some file systems tell only part.
const POLL: Duration = Duration::from_millis(100);
const FAR: Duration = Duration::from_secs(1);
const SAFETY: Duration = Duration::from_secs(2);

/// Which changes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interest {
    /// Everything in a directory, but not below.
    Content,
    /// Names that come and go, in a directory and below.
    Names,
}

/// Wake-ups for the files of a directory.
pub(super) struct Watch {
    changes: mpsc::Receiver<()>,
    /// `None` where the system does not tell.
    watcher: Option<notify::RecommendedWatcher>,
    watched: Vec<PathBuf>,
    interest: Interest,
    /// The kind of a network mount.
    mount: Option<&'static str>,
}

impl Watch {
    pub(super) fn of(directory: &Path, interest: Interest) -> Self {
        Self::on(network(directory), directory, interest)
    }

    /// For a directory on this kind of network mount, or on none.
    pub(super) fn on(mount: Option<&'static str>, directory: &Path, interest: Interest) -> Self {
        let (wake, changes) = mpsc::channel(1);
        let handler = move |event: notify::Result<notify::Event>| {
            // Our own looking is an access too: waking up for those would never end.
            let wanted = event.is_ok_and(|event| match event.kind {
                EventKind::Access(_) => false,
                EventKind::Modify(ModifyKind::Name(_)) => true,
                EventKind::Modify(_) => interest == Interest::Content,
                _ => true,
            });
            if wanted {
                // Full means that a wake-up is waiting already.
                let _ = wake.try_send(());
            }
        };
        let watcher = match mount {
            None => notify::recommended_watcher(handler).ok(),
            Some(_) => None,
        };
        let mut watch = Self {
            changes,
            watcher,
            watched: Vec::new(),
            interest,
            mount,
        };
        if !watch.add(directory) {
            watch.watcher = None;
        }
        watch
    }

    /// Watches another directory as well. False where that cannot be.
    pub(super) fn add(&mut self, directory: &Path) -> bool {
        let Some(watcher) = &mut self.watcher else {
            return false;
        };
        if self.watched.iter().any(|watched| watched == directory) {
            return true;
        }
        let mode = match self.interest {
            Interest::Content => RecursiveMode::NonRecursive,
            Interest::Names => RecursiveMode::Recursive,
        };
        let done = watcher.watch(directory, mode).is_ok();
        if done {
            self.watched.push(directory.to_owned());
        }
        done
    }

    /// How changes are found, in words.
    pub(super) fn says(&self) -> String {
        match (&self.watcher, self.mount) {
            (Some(_), _) => "changes are told by the system".into(),
            (None, Some(mount)) => format!(
                "on a network mount ({mount}), which tells of no changes: looked at every {} s",
                FAR.as_secs()
            ),
            (None, None) => format!(
                "the file system tells of no changes: looked at every {} ms",
                POLL.as_millis()
            ),
        }
    }

    pub(super) fn is_told(&self) -> bool {
        self.watcher.is_some()
    }

    /// After how long to look when nothing was told.
    pub(super) fn pause(&self) -> Duration {
        match (&self.watcher, self.mount) {
            (Some(_), _) => SAFETY,
            (None, Some(_)) => FAR,
            (None, None) => POLL,
        }
    }

    /// Completes when something changed; never where the system does not tell.
    pub(super) async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        while self.changes.try_recv().is_ok() {}
    }
}

/// The kind of the network mount on which a directory lies.
#[cfg(target_os = "linux")]
fn network(directory: &Path) -> Option<&'static str> {
    let kind = rustix::fs::statfs(directory).ok()?.f_type as u32;
    let kinds = [
        (0x6969, "nfs"),
        (0xff53_4d42, "cifs"),
        (0xfe53_4d42, "smb"),
        (0x517b, "smb"),
        (0x0102_1997, "9p"),
        (0x00c3_6400, "ceph"),
        (0x5346_414f, "afs"),
        (0x6573_5546, "fuse"),
    ];
    let found = kinds.iter().find(|(number, _)| *number == kind);
    found.map(|(_, name)| *name)
}

/// Elsewhere the system is asked to tell, and believed.
#[cfg(not(target_os = "linux"))]
fn network(_: &Path) -> Option<&'static str> {
    None
}
