//! Recognising a file again: by device and inode, and by its first and last bytes when it was moved, replaced,
//! compressed, cut or written anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::Format;
use super::content::Head;
use super::database::beside;
use crate::ledger::files::FileRow;

/// What the file system says of a file, without reading it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stat {
    pub(super) identity: (u64, u64),
    pub(super) size: u64,
    /// Nanoseconds since 1970.
    pub(super) modified: i64,
    /// When it was begun, in nanoseconds since 1970. A conversation that goes on is written to after its forks began; a
    /// file that was brought from another machine has the time of that as its birth, and is older than this.
    pub(super) begun: i64,
}

impl Stat {
    /// What a change to the file would change. A database's latest changes are in a file beside it.
    pub(super) fn of(path: &Path, format: Format) -> io::Result<Self> {
        let mut stat = Self::of_file(path)?;
        if matches!(format, Format::Database(_))
            && let Ok(log) = Self::of_file(&beside(path, "-wal"))
        {
            stat.size += log.size;
            stat.modified = stat.modified.max(log.modified);
        }
        Ok(stat)
    }

    fn of_file(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        let modified = nanos(metadata.modified()?);
        // Not every file system knows of births.
        let begun = metadata.created().map_or(modified, |born| nanos(born).min(modified));
        Ok(Self { identity: identity_of(path, &metadata)?, size: metadata.len(), modified, begun })
    }

    pub(super) fn is_unchanged_since(&self, row: &FileRow) -> bool {
        self.size == row.size && self.modified == row.modified
    }

    /// Whether this is what is found at `path`.
    pub(super) fn is_at(&self, path: &str) -> bool {
        Self::of_file(Path::new(path)).is_ok_and(|found| found.identity == self.identity)
    }
}

fn nanos(time: SystemTime) -> i64 {
    i64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have to ask again, and that may fail")]
fn identity_of(_: &Path, metadata: &Metadata) -> io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity_of(path: &Path, _: &Metadata) -> io::Result<(u64, u64)> {
    use file_id::FileId;
    Ok(match file_id::get_file_id(path)? {
        FileId::Inode { device_id, inode_number } => (device_id, inode_number),
        FileId::LowRes { volume_serial_number, file_index } => (u64::from(volume_serial_number), file_index),
        // The second half of a 128-bit id distinguishes nothing that the first does not, on any known file system.
        FileId::HighRes { volume_serial_number, file_id } => {
            (volume_serial_number, u64::try_from(file_id & u128::from(u64::MAX)).unwrap_or_default())
        }
    })
}

/// The files of a source that the ledger knows, by all that they are looked up by.
#[derive(Debug, Default)]
pub(crate) struct Known {
    rows: BTreeMap<i64, FileRow>,
    by_identity: HashMap<(u64, u64), i64>,
    by_path: HashMap<String, i64>,
    /// By size and hash of the first bytes.
    by_head: HashMap<(u64, u64), BTreeSet<i64>>,
    /// The sizes in `by_head`. Heads have one size but for files that are shorter, so there are few.
    head_sizes: BTreeSet<u64>,
}

/// Where to begin reading a file.
#[derive(Debug, Default)]
pub(super) struct Start {
    /// The row that is this file's; `None` for a new one.
    pub(super) row: Option<i64>,
    pub(super) read_to: u64,
    pub(super) memory: String,
}

impl Known {
    pub(super) fn new(rows: Vec<FileRow>) -> Self {
        let mut known = Self::default();
        for row in rows {
            let Some(id) = row.id else { continue };
            known.by_identity.insert(row.identity, id);
            known.by_path.insert(row.path.clone(), id);
            if row.head_size > 0 {
                known.by_head.entry((row.head_size, row.head)).or_default().insert(id);
                known.head_sizes.insert(row.head_size);
            }
            known.rows.insert(id, row);
        }
        known
    }

    /// The row of a file, as far as the file system tells: the one at its path if that is the same file, or else one
    /// that was this file wherever it was.
    pub(super) fn find(&self, path: &Path, stat: &Stat) -> Option<&FileRow> {
        let named = self.named(path).filter(|row| row.identity == stat.identity);
        named.or_else(|| self.rows.get(self.by_identity.get(&stat.identity)?))
    }

    fn named(&self, path: &Path) -> Option<&FileRow> {
        self.rows.get(self.by_path.get(path.to_string_lossy().as_ref())?)
    }

    /// Finds out which known file this is, and from where on it is new.
    ///
    /// It is one that was read before if it begins and, up to where it was read, ends with the same bytes, and is
    /// either the same file, or at the same path, or the other one is no longer there. Then only the rest is new.
    /// Otherwise it is read from the start, which never counts anything twice; a file that was cut or written anew keeps
    /// its row.
    pub(super) fn place(&self, path: &Path, stat: &Stat, head: &mut Head) -> io::Result<Start> {
        let named = self.named(path);
        for row in self.find(path, stat).into_iter().chain(named) {
            if head.continues(path, row)? {
                return Ok(Start::behind(row));
            }
        }
        for row in self.beginning_like(path, head)? {
            if !Path::new(&row.path).exists() && head.continues(path, row)? {
                return Ok(Start::behind(row));
            }
        }
        Ok(Start { row: named.and_then(|row| row.id), ..Start::default() })
    }

    /// Where a file stands that is always read as a whole: it is the one at its path, or was elsewhere before.
    pub(super) fn place_of_whole(&self, path: &Path, stat: &Stat) -> Start {
        let row = self.named(path).or_else(|| self.find(path, stat).filter(|row| !Path::new(&row.path).exists()));
        // Another file at the same path begins anew.
        let memory = |row: &FileRow| if row.identity == stat.identity { row.memory.clone() } else { String::new() };
        row.map_or_else(Start::default, |row| Start { row: row.id, memory: memory(row), ..Start::default() })
    }

    /// Files with the same first bytes.
    fn beginning_like(&self, path: &Path, head: &mut Head) -> io::Result<Vec<&FileRow>> {
        let mut alike = Vec::new();
        for size in &self.head_sizes {
            let Some(hash) = head.hash_of_first(path, *size)? else { break };
            alike.extend(self.by_head.get(&(*size, hash)).into_iter().flatten().filter_map(|id| self.rows.get(id)));
        }
        Ok(alike)
    }
}

impl Start {
    fn behind(row: &FileRow) -> Self {
        Self { row: row.id, read_to: row.read_to, memory: row.memory.clone() }
    }
}
