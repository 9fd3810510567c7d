//! Recognising a file again: by device and inode, and by its first and last bytes when it was moved, replaced,
//! compressed, cut or written anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use file_id::FileId;

use super::content::Content;
use crate::ledger::files::FileRow;

/// What the file system says of a file, without reading it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stat {
    pub(super) identity: (u64, u64),
    pub(super) size: u64,
    /// Nanoseconds since 1970.
    pub(super) modified: i64,
}

impl Stat {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        let identity = match file_id::get_file_id(path)? {
            FileId::Inode { device_id, inode_number } => (device_id, inode_number),
            FileId::LowRes { volume_serial_number, file_index } => (u64::from(volume_serial_number), file_index),
            // The second half of a 128-bit id distinguishes nothing that the first does not, on any known file system.
            FileId::HighRes { volume_serial_number, file_id } => {
                (volume_serial_number, u64::try_from(file_id & u128::from(u64::MAX)).unwrap_or_default())
            }
        };
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        Ok(Self { identity, size: metadata.len(), modified: i64::try_from(modified).unwrap_or(i64::MAX) })
    }

    pub(super) fn is_unchanged_since(&self, row: &FileRow) -> bool {
        self.size == row.size && self.modified == row.modified
    }
}

/// The files of a source that the ledger knows, by all that they are looked up by.
#[derive(Debug, Default)]
pub(super) struct Known {
    rows: BTreeMap<i64, FileRow>,
    by_identity: HashMap<(u64, u64), i64>,
    by_path: HashMap<String, i64>,
    /// By size and hash of the first bytes.
    by_head: HashMap<(u64, u64), BTreeSet<i64>>,
}

/// Where to begin reading a file.
#[derive(Debug, Default)]
pub(super) struct Start {
    /// The row that is this file's; `None` for a new one.
    pub(super) row: Option<i64>,
    pub(super) read_to: u64,
    pub(super) read_lines: u64,
    pub(super) memory: String,
}

impl Known {
    pub(super) fn new(rows: Vec<FileRow>) -> Self {
        let mut known = Self::default();
        for row in rows {
            known.remember(row);
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

    pub(super) fn remember(&mut self, row: FileRow) {
        let Some(id) = row.id else { return };
        self.by_identity.insert(row.identity, id);
        self.by_path.insert(row.path.clone(), id);
        self.by_head.entry((row.head_size, row.head)).or_default().insert(id);
        self.rows.insert(id, row);
    }

    /// Finds out which known file this is, and leaves `content` at the place to go on from.
    ///
    /// It is one that was read before if it begins and, up to where it was read, ends with the same bytes, and is
    /// either the same file, or at the same path, or the other one is no longer there. Then only the rest is new.
    /// Otherwise it is read from the start, which never counts anything twice; a file that was cut or written anew keeps
    /// its row.
    pub(super) fn place(&self, path: &Path, stat: &Stat, content: &mut Content) -> io::Result<Start> {
        let named = self.named(path);
        for row in self.find(path, stat).into_iter().chain(named) {
            if content.continues(row)? {
                return Ok(Start::behind(row));
            }
        }
        for row in self.beginning_like(content)? {
            if !Path::new(&row.path).exists() && content.continues(row)? {
                return Ok(Start::behind(row));
            }
        }
        content.rewind()?;
        Ok(Start { row: named.and_then(|row| row.id), ..Start::default() })
    }

    /// Files with the same first bytes. Heads have one size but for files that are shorter, so there are few to hash.
    fn beginning_like(&self, content: &mut Content) -> io::Result<Vec<&FileRow>> {
        let sizes: BTreeSet<u64> = self.by_head.keys().map(|(size, _)| *size).filter(|size| *size > 0).collect();
        let mut alike = Vec::new();
        for size in sizes {
            let Some(head) = content.hash_of_first(size)? else { break };
            alike.extend(self.by_head.get(&(size, head)).into_iter().flatten().filter_map(|id| self.rows.get(id)));
        }
        Ok(alike)
    }
}

impl Start {
    fn behind(row: &FileRow) -> Self {
        Self { row: row.id, read_to: row.read_to, read_lines: row.read_lines, memory: row.memory.clone() }
    }
}
