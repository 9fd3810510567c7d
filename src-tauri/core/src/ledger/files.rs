//! Files that sources read: how each is recognised again, and how far it was read. Only `sync` writes them.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Ledger, LedgerError};

/// What is remembered of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// Row in the ledger; `None` before it is first saved.
    pub id: Option<i64>,
    /// Source that reads it.
    pub source: &'static str,
    /// Where it was last seen.
    pub path: String,
    /// Device and inode, or what the platform has instead.
    pub identity: (u64, u64),
    /// Bytes on disk when it was last read.
    pub size: u64,
    /// When its content last changed, in nanoseconds since 1970.
    pub modified: i64,
    /// Bytes of content read: up to the end of the last whole line.
    pub read_to: u64,
    /// How many of the first bytes [`Self::head`] is the hash of.
    pub head_size: u64,
    /// Hash of the first bytes.
    pub head: u64,
    /// Hash of the bytes just before [`Self::read_to`].
    pub tail: u64,
    /// What the source's reader needs to go on, as JSON.
    pub memory: String,
}

impl FileRow {
    /// Whether it was last seen at `path`.
    pub(crate) fn is_at(&self, path: &Path) -> bool {
        self.path == path.to_string_lossy()
    }
}

impl Ledger {
    /// Every file known of `source`.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn files(&self, source: &'static str) -> Result<Vec<FileRow>, LedgerError> {
        self.read(|connection| {
            let mut query = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM source_file WHERE source = (SELECT id FROM name WHERE text = ?1)"
            ))?;
            query.query_map([source], |row| file_row(source, row))?.collect()
        })
    }

    /// The files of `source` that were last seen as this one, wherever: one, unless two processes met it at once.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(crate) fn files_with(&self, source: &'static str, identity: (u64, u64)) -> Result<Vec<FileRow>, LedgerError> {
        self.read(|connection| {
            let mut query = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM source_file
                 WHERE source = (SELECT id FROM name WHERE text = ?1) AND device = ?2 AND inode = ?3"
            ))?;
            let identity = params![source, identity.0.cast_signed(), identity.1.cast_signed()];
            query.query_map(identity, |row| file_row(source, row))?.collect()
        })
    }

    /// How many files are known of `source`.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn file_count(&self, source: &str) -> Result<u64, LedgerError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT count(*) FROM source_file JOIN name ON name.id = source WHERE text = ?1")?
                .query_row([source], |row| row.get::<_, i64>(0))
        })
        .map(i64::unsigned_abs)
    }
}

/// What [`file_row`] reads.
const COLUMNS: &str = "id, path, device, inode, size, modified, read_to, head_size, head, tail, memory";

fn file_row(source: &'static str, row: &Row<'_>) -> rusqlite::Result<FileRow> {
    let unsigned = |column| row.get::<_, i64>(column).map(i64::cast_unsigned);
    Ok(FileRow {
        id: row.get(0)?,
        source,
        path: row.get(1)?,
        identity: (unsigned(2)?, unsigned(3)?),
        size: unsigned(4)?,
        modified: row.get(5)?,
        read_to: unsigned(6)?,
        head_size: unsigned(7)?,
        head: unsigned(8)?,
        tail: unsigned(9)?,
        memory: row.get(10)?,
    })
}

/// Saves what is known of a file; gives its row.
pub(super) fn save_file(connection: &Connection, source: i64, file: &FileRow) -> rusqlite::Result<i64> {
    let identity = (file.identity.0.cast_signed(), file.identity.1.cast_signed());
    // Another process may have met the same new file since we looked.
    let id = match file.id {
        Some(id) => Some(id),
        None => connection
            .prepare_cached(
                "SELECT id FROM source_file WHERE source = ?1 AND device = ?2 AND inode = ?3 AND path = ?4",
            )?
            .query_row(params![source, identity.0, identity.1, file.path], |row| row.get(0))
            .optional()?,
    };
    let values = params![
        id,
        source,
        file.path,
        identity.0,
        identity.1,
        file.size.cast_signed(),
        file.modified,
        file.read_to.cast_signed(),
        file.head_size.cast_signed(),
        file.head.cast_signed(),
        file.tail.cast_signed(),
        file.memory,
    ];
    connection
        .prepare_cached(
            "INSERT INTO source_file (id, source, path, device, inode, size, modified, read_to, head_size, head, tail,
               memory)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (id) DO UPDATE SET path = excluded.path, device = excluded.device, inode = excluded.inode,
               size = excluded.size, modified = excluded.modified, read_to = excluded.read_to,
               head_size = excluded.head_size, head = excluded.head, tail = excluded.tail, memory = excluded.memory",
        )?
        .execute(values)?;
    Ok(id.unwrap_or_else(|| connection.last_insert_rowid()))
}
