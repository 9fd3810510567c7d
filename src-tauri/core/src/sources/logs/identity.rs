//! Recognising a file again: by device and inode, and by its first and last bytes when it was moved, replaced,
//! compressed, cut or written anew.

use std::collections::HashMap;
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

/// The files of a source that the ledger knows.
#[derive(Debug)]
pub(super) struct Known {
    rows: Vec<FileRow>,
    by_identity: HashMap<(u64, u64), usize>,
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
        let mut known = Self { rows: Vec::new(), by_identity: HashMap::new() };
        for row in rows {
            known.remember(row);
        }
        known
    }

    pub(super) fn by_identity(&self, stat: &Stat) -> Option<&FileRow> {
        self.by_identity.get(&stat.identity).map(|at| &self.rows[*at])
    }

    pub(super) fn remember(&mut self, row: FileRow) {
        let at = self.rows.iter().position(|known| known.id == row.id && row.id.is_some());
        let at = at.unwrap_or(self.rows.len());
        self.by_identity.insert(row.identity, at);
        if at == self.rows.len() { self.rows.push(row) } else { self.rows[at] = row }
    }

    /// Finds out which known file this is, and leaves `content` at the place to go on from.
    ///
    /// It is one that was read before if it begins and, up to where it was read, ends with the same bytes, and is
    /// either the same file, or at the same path, or the other one is no longer there. Then only the rest is new.
    /// Otherwise it is read from the start, which never counts anything twice; a file that was cut or written anew keeps
    /// its row.
    pub(super) fn place(&self, path: &Path, stat: &Stat, content: &mut Content) -> io::Result<Start> {
        let same_file = self.by_identity(stat);
        let named = path.to_string_lossy();
        let moved = self.rows.iter().filter(|row| row.path == named || !Path::new(&row.path).exists());
        for row in same_file.into_iter().chain(moved) {
            if row.read_to > 0 && content.continues(row)? {
                return Ok(Start {
                    row: row.id,
                    read_to: row.read_to,
                    read_lines: row.read_lines,
                    memory: row.memory.clone(),
                });
            }
        }
        content.rewind()?;
        let rewritten = self.rows.iter().find(|row| row.path == named);
        Ok(Start { row: rewritten.and_then(|row| row.id), ..Start::default() })
    }
}
