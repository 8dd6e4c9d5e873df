//! Time of the next look at files: triggered by change events if the system has them, otherwise by a timer.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::event::ModifyKind;
use notify::{EventKind, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// Polling intervals: without change events; on a network mount, as each look is a request to a server; and with change
/// events, since some file systems report only part of them.
const POLL: Duration = Duration::from_millis(100);
const FAR: Duration = Duration::from_secs(1);
const SAFETY: Duration = Duration::from_secs(2);

/// Kinds of changes to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interest {
    /// All changes in a directory, but not below.
    Content,
    /// Created, deleted and renamed files, in a directory and below.
    Names,
}

/// Wake-ups for the files of a directory.
pub(super) struct Watch {
    changes: mpsc::Receiver<()>,
    /// `None` if there are no change events.
    watcher: Option<notify::RecommendedWatcher>,
    watched: Vec<PathBuf>,
    interest: Interest,
    /// Kind of the network mount, if any.
    mount: Option<&'static str>,
    /// Reason for the lack of change events.
    why: &'static str,
}

impl Watch {
    pub(super) fn of(directory: &Path, interest: Interest) -> Self {
        Self::on(network(directory), directory, interest)
    }

    /// Watches a directory on this kind of network mount, or on none.
    pub(super) fn on(mount: Option<&'static str>, directory: &Path, interest: Interest) -> Self {
        let (wake, changes) = mpsc::channel(1);
        let handler = move |event: notify::Result<notify::Event>| {
            // Our own reads cause access events: waking up for them would never end.
            let wanted = event.is_ok_and(|event| match event.kind {
                EventKind::Access(_) => false,
                EventKind::Modify(ModifyKind::Name(_)) => true,
                EventKind::Modify(_) => interest == Interest::Content,
                _ => true,
            });
            if wanted {
                // A full channel means that a wake-up is pending.
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

    /// Watches another directory too. Returns false if that fails.
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

    /// Describes the method of finding changes.
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

    pub(super) fn is_reported(&self) -> bool {
        self.watcher.is_some()
    }

    /// Longest time between two looks without a change event.
    pub(super) fn pause(&self) -> Duration {
        match (&self.watcher, self.mount) {
            (Some(_), _) => SAFETY,
            (None, Some(_)) => FAR,
            (None, None) => POLL,
        }
    }

    /// Completes after a change; never completes without change events.
    pub(super) async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        while self.changes.try_recv().is_ok() {}
    }
}

/// Text for a file system without change events.
const SILENT: &str = "no change events from the file system";

/// Explains the lack of change events.
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

/// Returns the kind of the network mount that contains a directory.
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

/// On other systems change events are assumed to work everywhere.
#[cfg(not(target_os = "linux"))]
fn network(_: &Path) -> Option<&'static str> {
    None
}
