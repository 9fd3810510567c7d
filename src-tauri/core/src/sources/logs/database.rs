//! SQLite databases of running agents: read as they are, never locked, never changed.
//!
//! Even a reader of SQLite's takes locks, writes to the index of the log of changes (`-shm`), and makes both files where
//! there are none. So nothing of that is done here. The database is read through a file system layer without locks, with
//! the index in memory; where there is no log of changes, as a file that does not change. Both are only right if nobody
//! rewrites what is being read, so it is compared afterwards: a checkpoint changes the database's file, and a log of
//! changes that is begun anew has another beginning. Then it is read again. What is added to the log meanwhile does no
//! harm: it is behind the end that was found at first, and is read at the next look.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};

/// How often a database is read that keeps being rewritten meanwhile.
const ATTEMPTS: usize = 3;

/// `SQLite`'s layer over the file system that takes no locks.
const WITHOUT_LOCKS: &str = if cfg!(windows) { "win32-none" } else { "unix-none" };

/// Length of the header of a log of changes. A log that is begun anew has another one.
const HEADER: u64 = 32;

/// Lets `read` ask the database at `path`, and again if it was rewritten meanwhile. So `read` may be called several times,
/// and what it gave before may be of two moments at once.
pub(super) fn ask<T>(path: &Path, mut read: impl FnMut(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    for _ in 0..ATTEMPTS {
        let before = Content::of(path).map_err(|cause| unreadable(&cause))?;
        if before.is_half_written() {
            return Err(busy("a change to it is under way, or was broken off"));
        }
        if before.is_empty() {
            // Its agent has just made the file. SQLite must not see it: it removes a log of changes beside an empty file.
            return read(&Connection::open_in_memory()?);
        }
        let answer = open(path, &before).and_then(|database| read(&database));
        if Content::of(path).is_ok_and(|after| after.continues(&before)) {
            return answer;
        }
    }
    Err(busy("it is being rewritten all the time"))
}

fn open(path: &Path, content: &Content) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if content.log.is_none() {
        return Connection::open_with_flags(immutable(path), flags | OpenFlags::SQLITE_OPEN_URI);
    }
    let connection = Connection::open_with_flags_and_vfs(path, flags, WITHOUT_LOCKS)?;
    // The last to close would else write the log of changes into the database and remove it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Before anything is read: the index of the log is then kept in memory.
    connection.pragma_update(None, "locking_mode", "exclusive")?;
    Ok(connection)
}

/// The URI of a database of which `SQLite` is told that it does not change, so that it makes no files beside it.
fn immutable(path: &Path) -> String {
    let mut uri = String::from("file:");
    let bytes = path.as_os_str().as_encoded_bytes();
    // `C:\…` has to be `/C:/…`.
    if cfg!(windows) && !bytes.starts_with(b"\\") {
        uri.push('/');
    }
    for byte in bytes {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'/' | b':' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => uri.push((*byte).into()),
            _ => uri.extend(['%', hexadecimal(byte >> 4), hexadecimal(byte & 15)]),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

fn hexadecimal(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap_or('0')
}

/// What tells whether a database was rewritten.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    size: u64,
    modified: SystemTime,
    /// The log of changes that are not yet in the database.
    log: Option<Log>,
    /// Changes are written into the database itself at this moment, or were when its agent broke down.
    journal: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Log {
    size: u64,
    header: Vec<u8>,
}

impl Content {
    fn of(path: &Path) -> io::Result<Self> {
        // In this order: the log is emptied only after the database was written.
        let log = Log::of(&beside(path, "-wal"))?;
        let metadata = std::fs::metadata(path)?;
        // One that is kept for the next change begins with zeros.
        let mut first = [0];
        let journal = File::open(beside(path, "-journal")).and_then(|mut journal| journal.read(&mut first)).is_ok();
        let journal = journal && first != [0];
        Ok(Self { size: metadata.len(), modified: metadata.modified()?, log, journal })
    }

    fn is_half_written(&self) -> bool {
        self.journal
    }

    fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// Whether all that could be read before is still there.
    fn continues(&self, before: &Self) -> bool {
        let same_log = match (&self.log, &before.log) {
            (Some(log), Some(earlier)) => log.header == earlier.header && log.size >= earlier.size,
            // A log that was begun meanwhile was not read.
            (_, None) => true,
            (None, Some(_)) => false,
        };
        same_log && !self.journal && (self.size, self.modified) == (before.size, before.modified)
    }
}

impl Log {
    /// `None` for one that is not there or empty.
    fn of(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(cause),
        };
        let size = file.metadata()?.len();
        let mut header = Vec::new();
        file.take(HEADER).read_to_end(&mut header)?;
        Ok((size > 0).then_some(Self { size, header }))
    }
}

/// The file that `SQLite` keeps beside the database under this ending. Of a link, beside what it leads to.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()).into_os_string();
    name.push(ending);
    name.into()
}

fn unreadable(cause: &io::Error) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CANTOPEN), Some(cause.to_string()))
}

fn busy(reason: &str) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), Some(reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database with a log of changes that somebody is writing, at an awkward path.
    fn database() -> (tempfile::TempDir, PathBuf, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("50% of what? #1 ünë.db");
        let writer = Connection::open(&path).unwrap();
        writer.pragma_update(None, "journal_mode", "wal").unwrap();
        writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        writer.execute_batch("CREATE TABLE call (tokens); INSERT INTO call VALUES (1)").unwrap();
        (folder, path, writer)
    }

    fn sum(database: &Connection) -> rusqlite::Result<i64> {
        database.query_row("SELECT sum(tokens) FROM call", [], |row| row.get(0))
    }

    fn checkpoint(writer: &Connection) {
        let busy: i64 = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
        assert_eq!(busy, 0, "nobody holds a checkpoint up");
    }

    #[test]
    #[cfg(unix)]
    fn t24_what_a_link_leads_to_has_its_log_of_changes_beside_it() {
        let (_folder, path, writer) = database();
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("link.db");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        writer.execute_batch("INSERT INTO call VALUES (10)").unwrap();
        assert_eq!(ask(&link, sum).unwrap(), 11);
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1, "nothing is left beside the link");
    }

    #[test]
    fn t24_what_was_rewritten_meanwhile_is_read_again() {
        let (_folder, path, writer) = database();
        let mut attempts = 0;
        let read = ask(&path, |database| {
            attempts += 1;
            let read = sum(database)?;
            if attempts == 1 {
                writer.execute_batch("INSERT INTO call VALUES (10)").unwrap();
                checkpoint(&writer);
            }
            Ok(read)
        });
        assert_eq!((read.unwrap(), attempts), (11, 2));
    }

    #[test]
    fn t24_a_log_that_is_begun_anew_is_noticed_though_the_database_stays() {
        let (_folder, path, writer) = database();
        writer.query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(())).unwrap();
        let mut attempts = 0;
        let read = ask(&path, |database| {
            attempts += 1;
            let read = sum(database)?;
            if attempts == 1 {
                // Over the beginning of the log, all of which is in the database by now.
                writer.execute_batch("INSERT INTO call VALUES (10)").unwrap();
            }
            Ok(read)
        });
        assert_eq!((read.unwrap(), attempts), (11, 2));
    }

    #[test]
    fn t24_what_is_added_meanwhile_is_left_for_the_next_look() {
        let (_folder, path, writer) = database();
        let mut attempts = 0;
        let read = ask(&path, |database| {
            attempts += 1;
            let before = sum(database)?;
            writer.execute_batch("INSERT INTO call VALUES (10)").unwrap();
            Ok(before)
        });
        assert_eq!((read.unwrap(), attempts), (1, 1));
        assert_eq!(ask(&path, sum).unwrap(), 11);
    }

    #[test]
    fn t24_a_database_that_never_rests_is_given_up_for_now() {
        let (_folder, path, writer) = database();
        let mut attempts = 0;
        let read = ask(&path, |database| {
            attempts += 1;
            let read = sum(database)?;
            writer.execute_batch("INSERT INTO call VALUES (1)").unwrap();
            checkpoint(&writer);
            Ok(read)
        });
        assert_eq!(attempts, ATTEMPTS);
        assert_eq!(read.unwrap_err().to_string(), "it is being rewritten all the time");
    }

    #[test]
    fn t24_a_change_that_was_broken_off_is_not_read_over() {
        let (folder, path, writer) = database();
        checkpoint(&writer);
        drop(writer);
        std::fs::write(folder.path().join("50% of what? #1 ünë.db-journal"), [0xd9, 0xd5]).unwrap();
        assert!(ask(&path, sum).unwrap_err().to_string().contains("broken off"));
        // What is kept of an earlier change for the next one.
        std::fs::write(folder.path().join("50% of what? #1 ünë.db-journal"), [0; 512]).unwrap();
        assert_eq!(ask(&path, sum).unwrap(), 1);
    }
}
