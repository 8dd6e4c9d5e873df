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
    /// Why the system does not tell.
    why: &'static str,
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
        let mut watch = Self {
            changes,
            watcher: None,
            watched: Vec::new(),
            interest,
            mount,
            why: SILENT,
        };
        if mount.is_some() {
            return watch;
        }
        let made = notify::recommended_watcher(handler).and_then(|mut watcher| {
            watch.watch(&mut watcher, directory)?;
            Ok(watcher)
        });
        match made {
            Ok(watcher) => watch.watcher = Some(watcher),
            Err(error) => watch.why = why(&error),
        }
        watch
    }

    /// Watches another directory as well. False where that cannot be.
    pub(super) fn add(&mut self, directory: &Path) -> bool {
        if self.watched.iter().any(|watched| watched == directory) {
            return true;
        }
        let Some(mut watcher) = self.watcher.take() else {
            return false;
        };
        let done = self.watch(&mut watcher, directory).is_ok();
        self.watcher = Some(watcher);
        done
    }

    fn watch(
        &mut self,
        watcher: &mut notify::RecommendedWatcher,
        directory: &Path,
    ) -> notify::Result<()> {
        let mode = match self.interest {
            Interest::Content => RecursiveMode::NonRecursive,
            Interest::Names => RecursiveMode::Recursive,
        };
        watcher.watch(directory, mode)?;
        self.watched.push(directory.to_owned());
        Ok(())
    }

    /// How changes are found, in words.
    pub(super) fn says(&self) -> String {
        match (&self.watcher, self.mount) {
            (Some(_), _) => "watching file system events".into(),
            (None, Some(mount)) => format!(
                "network mount ({mount}) without change events: polling every {} s",
                FAR.as_secs()
            ),
            (None, None) => format!("{}: polling every {} ms", self.why, POLL.as_millis()),
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

/// What is said of a file system that cannot tell.
const SILENT: &str = "no change events from the file system";

/// Why the system does not tell of changes.
fn why(error: &notify::Error) -> &'static str {
    const FULL: &str = "no inotify watches left (fs.inotify.max_user_watches reached)";
    const MANY: &str =
        "no inotify instances left (fs.inotify.max_user_instances or ulimit -n reached)";
    let number = match &error.kind {
        notify::ErrorKind::MaxFilesWatch => return FULL,
        notify::ErrorKind::Io(error) => rustix::io::Errno::from_io_error(error),
        _ => None,
    };
    match number {
        Some(rustix::io::Errno::NOSPC) => FULL,
        Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE) => MANY,
        _ => SILENT,
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
