//! The ledger: one SQLite file that remembers every call, and the only thing that writes it.
//!
//! Open with [`Ledger::open`] to write (one process at a time gets to, others wait), with [`Ledger::open_reader`] to
//! read. Each table has its file below, with its SQL; migrations are only ever added.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

mod accounts;
pub(crate) mod charges;
pub mod failures;
pub mod files;
mod names;
mod payers;
mod points;
mod price_books;
pub mod price_statuses;
pub mod recorder;
pub mod restatements;
mod settings;
pub mod skipped;
mod sums;
mod usage;
pub mod watches;

pub use price_books::PriceState;
pub(crate) use sums::{QUARTER_SECS, QUARTERS_PER_HOUR, SumTable};
pub(crate) use usage::read_tokens;

/// How long to wait for another process that is writing. A restatement of millions of calls is one transaction, since half
/// of it would be wrong, and takes tens of seconds on a slow disk; nothing honest takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// Size of the ledger's pages. Twice what is usual: a first scan writes rows by the ten thousand, and the tables are less
/// deep.
const PAGE_BYTES: u32 = 8_192;

const MIGRATION_STEPS: &[M<'static>] = &[
    M::up(include_str!("ledger/migrations/001_usage.sql")),
    M::up(include_str!("ledger/migrations/002_scan.sql")),
    M::up(include_str!("ledger/migrations/003_watches.sql")),
    M::up(include_str!("ledger/migrations/004_sums.sql")),
    M::up(include_str!("ledger/migrations/005_key_hash.sql")),
    M::up(include_str!("ledger/migrations/006_prices.sql")),
    M::up(include_str!("ledger/migrations/007_price_books.sql")),
    M::up(include_str!("ledger/migrations/008_settings.sql")),
    M::up(include_str!("ledger/migrations/009_unpriced_in_log.sql")),
    M::up(include_str!("ledger/migrations/010_quick_checks.sql")),
    M::up(include_str!("ledger/migrations/011_cache_writes.sql")),
    M::up(include_str!("ledger/migrations/012_sums_of_calls.sql")),
    M::up(include_str!("ledger/migrations/013_accounts.sql")),
];
const MIGRATIONS: Migrations<'static> = Migrations::from_slice(MIGRATION_STEPS);

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
    /// The prices by which this connection last took in calls; `None`: it took in none.
    books: Option<Box<price_books::Shelf>>,
}

/// What can go wrong with the ledger's file.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The folder or the file cannot be made or changed.
    #[error("cannot use the ledger {}: {cause}. Check that its folder exists, is yours and has free space", path.display())]
    Unusable {
        /// The ledger's file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A later version of Spendmeter wrote it.
    #[error(
        "the ledger {} was written by a newer Spendmeter (format {found}, this one knows {known}); it was left untouched. \
         Install the newer version, or name another folder with --data-dir",
        path.display()
    )]
    Newer {
        /// The ledger's file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format this version knows.
        known: usize,
    },
    /// There is none yet.
    #[error("there is no ledger at {} yet: run `spend scan` or start Spendmeter", .0.display())]
    Missing(PathBuf),
    /// Another program holds the file for longer than is reasonable.
    #[error("the ledger {} is held by another program; nothing was lost, try again in a moment", .0.display())]
    Busy(PathBuf),
    /// The disk is full.
    #[error("no space left for the ledger {}: free some, then try again; what was already recorded is safe", .0.display())]
    DiskFull(PathBuf),
    /// The file is not a ledger, or is damaged.
    #[error("{} is not a readable ledger ({cause}). Move it away to begin a new one; agents' logs are read again", path.display())]
    Damaged {
        /// The ledger's file.
        path: PathBuf,
        /// What SQLite said.
        cause: rusqlite::Error,
    },
    /// Anything else that SQLite refuses.
    #[error("the ledger {} failed: {cause}", path.display())]
    Sqlite {
        /// The ledger's file.
        path: PathBuf,
        /// What SQLite said.
        cause: rusqlite::Error,
    },
}

impl Ledger {
    /// Opens the ledger at `path` for writing; makes it and its folder, for this user only, if they do not exist, and
    /// brings an older format up to date after saving a copy beside it.
    ///
    /// # Errors
    /// [`LedgerError`]: folder or disk, a newer format, another writer, damage.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        prepare_file(path).map_err(|cause| LedgerError::Unusable { path: path.to_owned(), cause })?;
        let mut ledger = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        ledger.bring_up_to_date()?;
        Ok(ledger)
    }

    /// Opens the ledger at `path` for reading; one of an older format is brought up to date first. Never blocks the writer
    /// and is never blocked by it otherwise.
    ///
    /// # Errors
    /// [`LedgerError::Missing`] when there is none yet, else as [`Ledger::open`].
    pub fn open_reader(path: &Path) -> Result<Self, LedgerError> {
        if !path.exists() {
            return Err(LedgerError::Missing(path.to_owned()));
        }
        // Read-write as far as SQLite is concerned: a WAL reader has to take part in its shared index.
        let ledger = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        ledger.refuse_newer()?;
        if ledger.format()? == 0 {
            return Err(LedgerError::Missing(path.to_owned()));
        }
        if !ledger.is_up_to_date()? {
            drop(Self::open(path)?);
        }
        ledger.connection.pragma_update(None, "query_only", true).map_err(|cause| ledger.error(cause))?;
        Ok(ledger)
    }

    fn connect(path: &Path, mode: OpenFlags) -> Result<Self, LedgerError> {
        let connection = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|cause| explain(path, cause))?;
        let ledger = Self { connection, path: path.to_owned(), books: None };
        let settings = |connection: &Connection| {
            connection.busy_timeout(PATIENCE)?;
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.pragma_update(None, "synchronous", "normal")?;
            connection.set_prepared_statement_cache_capacity(64);
            Ok(())
        };
        settings(&ledger.connection).map_err(|cause| ledger.error(cause))?;
        Ok(ledger)
    }

    fn bring_up_to_date(&mut self) -> Result<(), LedgerError> {
        self.refuse_newer()?;
        if self.is_up_to_date()? {
            return Ok(());
        }
        // Tray app and command line may start at the same moment: one brings it up to date, the other finds it so.
        let _only_us = self.lock()?;
        if self.is_up_to_date()? {
            return Ok(());
        }
        let before = self.format()?;
        // Only a new file takes it; an older one keeps what it has.
        self.connection.pragma_update(None, "page_size", PAGE_BYTES).map_err(|cause| self.error(cause))?;
        self.connection.pragma_update(None, "journal_mode", "wal").map_err(|cause| self.error(cause))?;
        if before > 0 {
            let copy = self.path.with_extension(format!("before-{}.db", MIGRATION_STEPS.len()));
            if !copy.exists() {
                self.save_copy(&copy)?;
            }
        }
        usage::add_key_hash(&self.connection).map_err(|cause| self.error(cause))?;
        MIGRATIONS.to_latest(&mut self.connection).map_err(|error| match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => explain(&self.path, err),
            other => LedgerError::Unusable { path: self.path.clone(), cause: std::io::Error::other(other.to_string()) },
        })
    }

    /// Copies the whole ledger to `path`, for its owner only. The name stands for a whole copy: a part has another.
    fn save_copy(&self, path: &Path) -> Result<(), LedgerError> {
        let part = path.with_extension("part");
        let unusable = |cause| LedgerError::Unusable { path: part.clone(), cause };
        owner_only(fs::OpenOptions::new().write(true).create(true).truncate(true)).open(&part).map_err(unusable)?;
        self.connection.execute("VACUUM INTO ?1", [part.to_string_lossy()]).map_err(|cause| self.error(cause))?;
        fs::rename(&part, path).map_err(unusable)
    }

    fn is_up_to_date(&self) -> Result<bool, LedgerError> {
        Ok(usize::try_from(self.format()?) == Ok(MIGRATION_STEPS.len()))
    }

    /// Held by one process at a time, until the file is dropped.
    fn lock(&self) -> Result<fs::File, LedgerError> {
        let path = self.path.with_extension("lock");
        let locked = || {
            let file = owner_only(fs::OpenOptions::new().append(true).create(true)).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        locked().map_err(|cause| LedgerError::Unusable { path: path.clone(), cause })
    }

    fn format(&self) -> Result<i64, LedgerError> {
        self.connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(|cause| self.error(cause))
    }

    fn refuse_newer(&self) -> Result<(), LedgerError> {
        let (found, known) = (self.format()?, MIGRATION_STEPS.len());
        match usize::try_from(found) {
            Ok(format) if format <= known => Ok(()),
            _ => Err(LedgerError::Newer { path: self.path.clone(), found, known }),
        }
    }

    /// A number that moves whenever something a person can see has changed.
    ///
    /// # Errors
    /// [`LedgerError`] when the file cannot be read.
    pub fn generation(&self) -> Result<u64, LedgerError> {
        self.read(|connection| connection.query_row("SELECT value FROM generation", [], |row| row.get::<_, i64>(0)))
            .map(i64::unsigned_abs)
    }

    /// Rows written through this connection since it was opened.
    pub fn rows_written(&self) -> u64 {
        self.connection.total_changes()
    }

    /// When the sources were last read to the end, by whichever process; `None` before the first time.
    ///
    /// Kept as the time of an empty file beside the ledger, so that reading an unchanged tree writes no row.
    pub fn last_read(&self) -> Option<Timestamp> {
        time_of(&self.last_read_mark())
    }

    /// Notes that the sources were read to the end at `now`.
    ///
    /// # Errors
    /// [`LedgerError::Unusable`] when the mark beside the ledger cannot be written.
    pub fn mark_read(&self, now: Timestamp) -> Result<(), LedgerError> {
        mark(&self.last_read_mark(), now)
    }

    /// As [`Self::last_read`], by the mark that [`Self::lead_to_mark`] was last told of.
    pub(crate) fn last_read_elsewhere(&self) -> Option<Timestamp> {
        time_of(&self.way_to_mark())
    }

    /// Leaves a way from the ledger to `mark`, which may lie where an environment says that not every process has. It is
    /// written once, and leads to nothing when the mark is gone.
    ///
    /// # Errors
    /// [`LedgerError::Unusable`] when it cannot be left.
    pub(crate) fn lead_to_mark(&self, mark: &Path) -> Result<(), LedgerError> {
        let way = self.way_to_mark();
        if fs::read_link(&way).is_ok_and(|known| known == mark) {
            return Ok(());
        }
        let _ = fs::remove_file(&way);
        link(mark, &way).map_err(|cause| LedgerError::Unusable { path: way, cause })
    }

    fn last_read_mark(&self) -> PathBuf {
        self.path.with_extension("read")
    }

    fn way_to_mark(&self) -> PathBuf {
        self.path.with_extension("read-now")
    }

    /// Runs a query.
    pub(crate) fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, LedgerError> {
        query(&self.connection).map_err(|cause| self.error(cause))
    }

    /// Runs `change` in one transaction; nothing of it stays if it fails.
    pub(crate) fn write<T>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, LedgerError> {
        let run = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = change(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        run(&mut self.connection).map_err(|cause| explain(&self.path, cause))
    }

    fn error(&self, cause: rusqlite::Error) -> LedgerError {
        explain(&self.path, cause)
    }
}

/// Announces to every reader that something changed.
fn bump_generation(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE generation SET value = value + 1")?.execute([]).map(drop)
}

/// Makes the file and its folder, readable by their owner only. SQLite gives its side files the same mode.
fn prepare_file(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    owner_only(fs::OpenOptions::new().append(true).create(true)).open(path).map(drop)
}

/// The time of the mark at `path`.
pub(crate) fn time_of(path: &Path) -> Option<Timestamp> {
    Timestamp::try_from(fs::metadata(path).ok()?.modified().ok()?).ok()
}

/// Sets the mark at `path` to `now`.
pub(crate) fn mark(path: &Path, now: Timestamp) -> Result<(), LedgerError> {
    let set = || {
        let time = std::time::SystemTime::try_from(now).map_err(std::io::Error::other)?;
        not_through_links(owner_only(fs::OpenOptions::new().write(true).create(true))).open(path)?.set_modified(time)
    };
    set().map_err(|cause| LedgerError::Unusable { path: path.to_owned(), cause })
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

/// Windows lets few users make links, and has no runtime folder to lead to.
#[cfg(not(unix))]
fn link(_to: &Path, _at: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

fn owner_only(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// A runtime folder that others may write to could hold a link of theirs to a file of ours.
fn not_through_links(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(target_os = "linux")]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    options
}

fn explain(path: &Path, cause: rusqlite::Error) -> LedgerError {
    use rusqlite::ErrorCode::{
        CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, ReadOnly,
    };
    let path = path.to_owned();
    match cause.sqlite_error_code() {
        Some(DatabaseBusy | DatabaseLocked) => LedgerError::Busy(path),
        Some(DiskFull) => LedgerError::DiskFull(path),
        Some(NotADatabase | DatabaseCorrupt) => LedgerError::Damaged { path, cause },
        Some(CannotOpen | ReadOnly) => LedgerError::Unusable { path, cause: std::io::Error::other(cause.to_string()) },
        _ => LedgerError::Sqlite { path, cause },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somewhere() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/ledger.db");
        (folder, path)
    }

    #[test]
    #[cfg(unix)]
    fn the_ledger_and_its_side_files_are_for_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, path) = somewhere();
        let mut ledger = Ledger::open(&path).unwrap();
        ledger.write(|transaction| bump_generation(transaction)).unwrap();
        ledger.mark_read(Timestamp::UNIX_EPOCH).unwrap();
        let _watching = ledger.announce_watching().unwrap();
        let files: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() >= 5, "ledger, -wal, -shm, read, watching: {files:?}");
        for file in files {
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        }
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn it_is_in_wal_mode_and_readers_see_each_commit() {
        let (_folder, path) = somewhere();
        let mut writer = Ledger::open(&path).unwrap();
        let mode: String = writer.read(|c| c.pragma_query_value(None, "journal_mode", |row| row.get(0))).unwrap();
        assert_eq!(mode, "wal");
        let reader = Ledger::open_reader(&path).unwrap();
        assert_eq!(reader.generation().unwrap(), 0);
        writer.write(|transaction| bump_generation(transaction)).unwrap();
        assert_eq!(reader.generation().unwrap(), 1);
        assert!(reader.read(|c| c.execute("DELETE FROM usage", [])).is_err(), "a reader cannot write");
    }

    #[test]
    fn a_newer_format_is_refused_and_left_alone() {
        let (_folder, path) = somewhere();
        drop(Ledger::open(&path).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let before = fs::read(&path).unwrap();
        for error in [Ledger::open(&path).unwrap_err(), Ledger::open_reader(&path).unwrap_err()] {
            assert!(matches!(error, LedgerError::Newer { found: 99, .. }), "{error}");
        }
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_file_that_is_no_ledger_is_named_and_kept() {
        let (_folder, path) = somewhere();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "these are not the pages you are looking for".repeat(40)).unwrap();
        let error = Ledger::open(&path).unwrap_err();
        assert!(matches!(error, LedgerError::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains("ledger.db"));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Ledger::open(&file.path().join("ledger.db")).unwrap_err();
        assert!(matches!(error, LedgerError::Unusable { .. }), "{error:?}");
    }

    #[test]
    fn before_the_first_scan_a_reader_says_what_to_run() {
        let (_folder, path) = somewhere();
        let error = Ledger::open_reader(&path).unwrap_err();
        assert!(error.to_string().contains("spend scan"), "{error}");
    }

    #[test]
    fn the_moment_of_the_last_read_is_no_row() {
        let (_folder, path) = somewhere();
        let ledger = Ledger::open(&path).unwrap();
        assert_eq!(ledger.last_read(), None);
        let rows = ledger.rows_written();
        let now: Timestamp = "2026-11-24T14:05:00Z".parse().unwrap();
        ledger.mark_read(now).unwrap();
        assert_eq!(ledger.last_read(), Some(now));
        assert_eq!(ledger.rows_written(), rows);
    }
}
