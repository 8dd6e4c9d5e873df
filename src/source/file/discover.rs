//! A followed directory or pattern: the files in it, then every file that appears in it.
//!
//! A plain file becomes a source of its own, which follows it by name. A compressed file is opened once it is at rest,
//! since it can only be read whole. Content that was read under another name is skipped.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::fingerprints::{Fingerprints, Overlap};
use super::identity::{HEAD, Identity};
use super::watch::{Interest, Watch};
use crate::model::shown;
use crate::source::archive::{self, Input};
use crate::source::feed::{Delivery, Feed};
use crate::source::{SourceError, SourceState, Spec, SpecError, expand, fixed_part};

/// Interval between looks while a file is undecided.
const SOON: Duration = Duration::from_millis(200);

/// A compressed file that has not changed for this long is considered complete.
const AT_REST: Duration = Duration::from_secs(1);

/// Sends the files of a directory or pattern, and those that appear, until the feed stops.
pub async fn appearing(feed: Feed, spec: Spec, claims: &Fingerprints) -> Result<(), SourceError> {
    let root = match &spec {
        Spec::Glob(pattern) => fixed_part(pattern),
        Spec::Directory(path) => path.clone(),
        _ => PathBuf::from("."),
    };
    let mut watch = Watch::of(&root, Interest::Names);
    claims.list(&spec);
    let mut files = Files {
        claims: claims.clone(),
        opened: HashMap::new(),
        waiting: HashMap::new(),
        copies: HashSet::new(),
        unreported: Vec::new(),
    };
    // Files found at the start count as named by the user.
    for path in list(&spec)? {
        files.opened.insert(path.clone(), None);
        feed.send(Delivery::Found(path)).await?;
    }
    feed.send(Delivery::Parts(vec![format!(
        "{} files; {}",
        files.opened.len(),
        watch.says()
    )]))
    .await?;
    feed.state(SourceState::Live).await?;
    loop {
        let pause = if files.is_anything_moving() {
            SOON
        } else {
            watch.pause()
        };
        tokio::select! {
            () = feed.stopped() => return Ok(()),
            () = watch.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
        // A deleted directory may return.
        for path in list(&spec).unwrap_or_default() {
            if files.is_new(&path) {
                feed.send(Delivery::Note(format!("appeared: {}", shown(&path))))
                    .await?;
                feed.send(Delivery::Found(path)).await?;
                let parts = format!("{} files; {}", files.opened.len(), watch.says());
                feed.send(Delivery::Parts(vec![parts])).await?;
            }
        }
        for path in std::mem::take(&mut files.unreported) {
            let path = shown(&path);
            let note = format!("skipped {path}: it starts with the content of a file already read");
            feed.send(Delivery::Note(note)).await?;
        }
    }
}

fn list(spec: &Spec) -> Result<Vec<PathBuf>, SourceError> {
    let found = match expand(spec.clone()) {
        Ok(found) => found,
        Err(SpecError::Empty(_) | SpecError::NoMatch(_)) => Vec::new(),
        Err(error) => return Err(SourceError::Failed(error.to_string())),
    };
    let path = |spec| match spec {
        Spec::File(path) => Some(path),
        _ => None,
    };
    Ok(found.into_iter().filter_map(path).collect())
}

/// Decisions about each file.
struct Files {
    claims: Fingerprints,
    /// Files that became sources; with their identity if the source does not follow their name.
    opened: HashMap<PathBuf, Option<Identity>>,
    /// Undecided files: length, modification time, and the instant since which both are unchanged.
    waiting: HashMap<PathBuf, (u64, Option<SystemTime>, Instant)>,
    /// Files that start with content read under another name, and the ones among them that have not been reported yet.
    copies: HashSet<PathBuf>,
    unreported: Vec<PathBuf>,
}

impl Files {
    /// Returns true if a file is to be opened now.
    fn is_new(&mut self, path: &Path) -> bool {
        if matches!(self.opened.get(path), Some(None)) {
            return false;
        }
        // A file that cannot be read now may be readable at the next look.
        let Ok(found) = Found::look(path) else {
            return false;
        };
        if let Some(Some(known)) = self.opened.get(path)
            && known.is_same_file(&found.identity)
        {
            return false;
        }
        let at_rest = self.is_at_rest(path, &found);
        let standing = self
            .claims
            .standing(&found.identity, &found.head, found.len);
        // A copy that contains more may be read further by the source that reads the other file.
        if standing == Overlap::Copy && at_rest && self.copies.insert(path.to_owned()) {
            self.unreported.push(path.to_owned());
        }
        let decided = match standing {
            Overlap::New if !found.packed || at_rest => Some(true),
            // It may be about to replace the other file, whose source then continues in it.
            Overlap::Grown(start) if at_rest && !found.packed => {
                self.claims.take_from(&found.identity, start);
                Some(true)
            }
            Overlap::Grown(_) if at_rest => Some(true),
            Overlap::New | Overlap::Grown(_) => None,
            Overlap::Copy if !at_rest => None,
            // A part of content already read that does not grow is not new either.
            Overlap::Unclear => (at_rest && !found.head.is_empty()).then_some(false),
            Overlap::Read | Overlap::Left(_) | Overlap::Copy => Some(false),
        };
        let Some(new) = decided else {
            return false;
        };
        self.waiting.remove(path);
        if new {
            let identity = found.packed.then_some(found.identity);
            self.opened.insert(path.to_owned(), identity);
        }
        new
    }

    /// Returns true if an undecided file changed lately; a file that stays empty is not checked all the time.
    fn is_anything_moving(&self) -> bool {
        let moving =
            |(.., since): &(u64, Option<SystemTime>, Instant)| since.elapsed() < 2 * AT_REST;
        self.waiting.values().any(moving)
    }

    fn is_at_rest(&mut self, path: &Path, found: &Found) -> bool {
        let now = Instant::now();
        let state = (found.len, found.changed);
        let entry = self
            .waiting
            .entry(path.to_owned())
            .or_insert((found.len, found.changed, now));
        if (entry.0, entry.1) != state {
            *entry = (found.len, found.changed, now);
        }
        now.duration_since(entry.2) >= AT_REST
    }
}

/// State of a file on disk.
struct Found {
    identity: Identity,
    len: u64,
    changed: Option<SystemTime>,
    packed: bool,
    /// First bytes of its content, unpacked.
    head: Vec<u8>,
}

impl Found {
    fn look(path: &Path) -> io::Result<Self> {
        let meta = std::fs::metadata(path)?;
        if !meta.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let file = File::open(path)?;
        let identity = Identity::of(&file)?;
        let packed = archive::is_archive(identity.head())?;
        let head = if packed {
            unpacked_head(&file)
        } else {
            identity.head().to_owned()
        };
        Ok(Self {
            identity,
            len: meta.len(),
            changed: meta.modified().ok(),
            packed,
            head,
        })
    }
}

/// Returns the first bytes of a compressed file's content, as far as it can be unpacked.
pub(super) fn unpacked_head(file: &File) -> Vec<u8> {
    let mut head = Vec::new();
    if let Ok(input) = archive::unpack(Input::new(file)) {
        // A file being written breaks off; the bytes unpacked before that count.
        let _ = input.take(HEAD as u64).read_to_end(&mut head);
    }
    head
}
