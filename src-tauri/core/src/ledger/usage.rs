//! Calls: one row each, however often and by however many files they are told. Only `sync` writes them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, Row, Statement, params};

use super::files::{FileRow, save_file};
use super::names::{self, Interned, Interner};
use super::skipped::{self, SkippedLines};
use super::sums::{Changes, Move};
use super::{Ledger, LedgerError, bump_generation, explain};
use crate::money::Usd;
use crate::pricing::{Catalogue, Listing, Price, PriceStatus};
use crate::usage::{Basis, Tokens, UsageRecord, Witness, Written};

/// A call as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The call.
    pub record: UsageRecord,
    /// Where its line begins in the file's content, in bytes.
    pub offset: u64,
}

/// What a write did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Calls not known before.
    pub added: u64,
    /// Calls known before, about which more is known now.
    pub updated: u64,
    /// Of the added: calls whose model has no price.
    pub unpriced: u64,
}

/// Calls after which a transaction is ended, so that others see what came of it. Large, since pages that many calls
/// change are written once per transaction.
const CALLS_PER_COMMIT: usize = 100_000;

/// Memory for pages of the ledger while calls are taken in, in KiB. Calls come in no order of their keys, so any page of
/// the index may be the next.
const CACHE_KIB: i64 = 24_000;

/// Pages of SQLite's log of changes from which on they are written into the ledger itself: often enough to keep the log
/// at some 64 MB, not so often that the same page is written again and again.
const CHECKPOINT_PAGES: i64 = 16_000;

impl Ledger {
    /// Begins to take in calls.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be used.
    pub(crate) fn recorder<'l>(&'l mut self, catalogue: &'l Catalogue) -> Result<Recorder<'l>, LedgerError> {
        let Self { connection, path } = self;
        let settings = || {
            // Every id that is written was just given out by this very connection, so that looking each of them up again
            // would only cost time. Tests hold that nothing dangles.
            connection.pragma_update(None, "foreign_keys", false)?;
            connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
            connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)
        };
        settings().map_err(|cause| explain(path, cause))?;
        Ok(Recorder {
            connection,
            path,
            catalogue,
            interner: Interner::new(connection),
            listings: HashMap::new(),
            changes: Changes::default(),
            ranks: HashMap::new(),
            insert: None,
            is_open: false,
            since_commit: 0,
            done: Recorded::default(),
        })
    }
}

/// Takes in calls, in large transactions: after a crash, the calls of a file and how far it was read are as of the same
/// moment. What was recorded since the last of them stays only if [`Recorder::finish`] is called.
pub(crate) struct Recorder<'l> {
    connection: &'l Connection,
    path: &'l Path,
    catalogue: &'l Catalogue,
    interner: Interner<'l>,
    /// Where the price of an attribution's calls is found.
    listings: HashMap<i64, Option<Listing>>,
    changes: Changes,
    /// Age of the files that were read since this began, from the oldest.
    ranks: HashMap<i64, usize>,
    /// See [`INSERT`].
    insert: Option<Statement<'l>>,
    is_open: bool,
    since_commit: usize,
    done: Recorded,
}

impl Recorder<'_> {
    /// Takes in calls found in a file and how far it was read. `rank` says which of two files is older. Gives the
    /// file's row.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written; then nothing since the last commit is kept, and it is read
    /// again.
    pub(crate) fn record(&mut self, file: &FileRow, rank: usize, found: &[Sighting]) -> Result<i64, LedgerError> {
        let row = self.take_in(file, rank, found).map_err(|cause| explain(self.path, cause))?;
        self.since_commit += found.len();
        if self.since_commit >= CALLS_PER_COMMIT {
            self.commit()?;
        }
        Ok(row)
    }

    /// Notes which lines of a file could not be understood: in addition to those known, if it was not read from its
    /// start.
    ///
    /// # Errors
    /// [`LedgerError`] as for [`Recorder::record`].
    pub(crate) fn set_skipped(&mut self, file: i64, skipped: &SkippedLines) -> Result<(), LedgerError> {
        let mut set = || {
            self.begin()?;
            skipped::set(self.connection, file, skipped)
        };
        set().map_err(|cause| explain(self.path, cause))
    }

    /// Ends the last transaction. Gives what was done in all.
    ///
    /// # Errors
    /// [`LedgerError`] as for [`Recorder::record`].
    pub(crate) fn finish(mut self) -> Result<Recorded, LedgerError> {
        self.commit()?;
        Ok(self.done)
    }

    /// Ends the transaction under way, so that others see what was found and may write.
    ///
    /// # Errors
    /// [`LedgerError`] as for [`Recorder::record`].
    pub(crate) fn commit(&mut self) -> Result<(), LedgerError> {
        if !self.is_open {
            return Ok(());
        }
        let mut end = || {
            self.changes.write(self.connection)?;
            bump_generation(self.connection)?;
            self.connection.execute_batch("COMMIT")
        };
        end().map_err(|cause| explain(self.path, cause))?;
        self.is_open = false;
        self.since_commit = 0;
        Ok(())
    }

    fn begin(&mut self) -> rusqlite::Result<()> {
        if !self.is_open {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            self.is_open = true;
        }
        Ok(())
    }

    fn take_in(&mut self, file: &FileRow, rank: usize, found: &[Sighting]) -> rusqlite::Result<i64> {
        self.begin()?;
        let source = self.interner.name(Some(file.source))?;
        let list = self.interner.name(Some(self.catalogue.version()))?;
        let file = save_file(self.connection, source, file)?;
        self.ranks.insert(file, rank);
        for sighting in found {
            self.upsert(&Origin { source, file, offset: sighting.offset }, &sighting.record, list)?;
        }
        Ok(file)
    }

    fn upsert(&mut self, origin: &Origin, found: &UsageRecord, list: i64) -> rusqlite::Result<()> {
        let interned = self.interner.intern(&found.attribution)?;
        let price = self.price(found, interned.attribution);
        let insert = match &mut self.insert {
            Some(insert) => insert,
            none => none.insert(self.connection.prepare(INSERT)?),
        };
        if is_new(insert, origin, found, interned, &price, list)? {
            self.changes.move_by(Move::Add, found, interned.attribution, &price);
            self.done.added += 1;
            self.done.unpriced += u64::from(price.cost.is_none());
            return Ok(());
        }
        let stored = find(self.connection, origin, found)?;
        let mut record = stored.record.clone();
        let merged = record.merge(found, self.age(&stored, origin));
        if !merged.is_change() {
            return Ok(());
        }
        let interned = self.interner.intern(&record.attribution)?;
        // What was priced stays priced as it was, unless it turns out to have been another call than was thought.
        let (price, list) = if record.costs_as(&stored.record) {
            (stored.price, stored.price_list)
        } else {
            (self.price(&record, interned.attribution), list)
        };
        self.changes.move_by(Move::TakeOut, &stored.record, stored.attribution, &stored.price);
        self.changes.move_by(Move::Add, &record, interned.attribution, &price);
        self.done.updated += 1;
        let place = if merged.closer { (Some(origin.file), Some(origin.offset)) } else { (None, None) };
        update(self.connection, stored.id, place, &record, interned, &price, list)
    }

    /// Whether a sighting at `origin` is older than what is stored.
    fn age(&self, stored: &Stored, origin: &Origin) -> Written {
        // A file that was read before this began is older than any that are read now.
        match (stored.file.and_then(|file| self.ranks.get(&file)), self.ranks.get(&origin.file)) {
            (Some(stored), Some(found)) if found < stored => Written::Before,
            _ => Written::After,
        }
    }

    fn price(&mut self, record: &UsageRecord, attribution: i64) -> Price {
        let catalogue = self.catalogue;
        let listing = self.listings.entry(attribution).or_insert_with(|| catalogue.listing(&record.attribution));
        listing.as_ref().map_or(Price::UNPRICED, |listing| listing.price(record))
    }
}

impl Drop for Recorder<'_> {
    fn drop(&mut self) {
        if self.is_open {
            // If this fails, too, SQLite has ended the transaction by itself.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        // The app goes on for weeks, and a line now and then needs no such memory.
        let _ = self.connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -2000; PRAGMA shrink_memory");
    }
}

/// Where a call stands.
struct Origin {
    source: i64,
    file: i64,
    offset: u64,
}

/// A row as it stands.
struct Stored {
    id: i64,
    file: Option<i64>,
    attribution: i64,
    record: UsageRecord,
    price: Price,
    price_list: i64,
}

fn find(connection: &Connection, origin: &Origin, found: &UsageRecord) -> rusqlite::Result<Stored> {
    let texts = names::select_texts();
    connection
        .prepare_cached(&format!(
            "SELECT usage.id, file, price_list, attribution, occurred_at, secondary, input, cache_read,
                    cache_write_short, cache_write_long, output, reasoning, web_searches, basis, cost, price_status,
                    (SELECT text FROM name WHERE id = task), (SELECT text FROM name WHERE id = tool), {texts}
             FROM usage JOIN attribution ON attribution.id = attribution
             WHERE source = ?1 AND key = ?2"
        ))?
        .query_row(params![origin.source, found.key], |row| read_row(row, found))
}

fn read_row(row: &Row<'_>, found: &UsageRecord) -> rusqlite::Result<Stored> {
    let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    let mut attribution = names::from_row(row, 18)?;
    attribution.task = known(row.get(16)?);
    attribution.tool = known(row.get(17)?);
    let billed = row.get_ref(13)?.as_str() == Ok(Basis::Billed.as_str());
    Ok(Stored {
        id: row.get(0)?,
        file: row.get(1)?,
        price_list: row.get(2)?,
        attribution: row.get(3)?,
        record: UsageRecord {
            source: found.source,
            key: found.key.clone(),
            occurred_at: Timestamp::from_millisecond(row.get(4)?).unwrap_or_default(),
            tokens: Tokens {
                input: count(6)?,
                cache_read: count(7)?,
                cache_write_short: count(8)?,
                cache_write_long: count(9)?,
                output: count(10)?,
                reasoning: count(11)?,
            },
            web_searches: count(12)?,
            basis: if billed { Basis::Billed } else { Basis::Estimated },
            attribution: Arc::new(attribution),
            witness: if row.get(5)? { Witness::Secondary } else { Witness::Primary },
        },
        price: Price {
            cost: row.get::<_, Option<i64>>(14)?.map(Usd::from_nanos),
            status: row.get_ref(15)?.as_str()?.parse().unwrap_or(PriceStatus::Unpriced),
        },
    })
}

/// Writes a call unless it is known.
const INSERT: &str =
    "INSERT INTO usage (source, key, occurred_at, attribution, task, tool, secondary, input, cache_read,
      cache_write_short, cache_write_long, output, reasoning, web_searches, basis, cost, price_status, price_list, file,
      offset)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
    ON CONFLICT (source, key) DO NOTHING";

/// Writes a call unless it is known; returns whether it was not.
fn is_new(
    insert: &mut Statement<'_>,
    origin: &Origin,
    record: &UsageRecord,
    interned: Interned,
    price: &Price,
    list: i64,
) -> rusqlite::Result<bool> {
    let tokens = &record.tokens;
    let rows = insert.execute(params![
        origin.source,
        record.key,
        record.occurred_at.as_millisecond(),
        interned.attribution,
        interned.task,
        interned.tool,
        record.witness == Witness::Secondary,
        stored(tokens.input),
        stored(tokens.cache_read),
        stored(tokens.cache_write_short),
        stored(tokens.cache_write_long),
        stored(tokens.output),
        stored(tokens.reasoning),
        stored(record.web_searches),
        record.basis.as_str(),
        price.cost.map(Usd::nanos),
        price.status.as_str(),
        list,
        origin.file,
        stored(origin.offset),
    ])?;
    Ok(rows > 0)
}

/// Writes what is known now of a call, and where it stands in the logs if that is now another place.
fn update(
    connection: &Connection,
    id: i64,
    (file, offset): (Option<i64>, Option<u64>),
    record: &UsageRecord,
    interned: Interned,
    price: &Price,
    list: i64,
) -> rusqlite::Result<()> {
    let tokens = &record.tokens;
    connection
        .prepare_cached(
            "UPDATE usage SET occurred_at = ?2, attribution = ?3, task = ?4, tool = ?5, secondary = ?6, input = ?7,
               cache_read = ?8, cache_write_short = ?9, cache_write_long = ?10, output = ?11, reasoning = ?12,
               web_searches = ?13, cost = ?14, price_status = ?15, price_list = ?16, file = coalesce(?17, file),
               offset = coalesce(?18, offset)
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            record.occurred_at.as_millisecond(),
            interned.attribution,
            interned.task,
            interned.tool,
            record.witness == Witness::Secondary,
            stored(tokens.input),
            stored(tokens.cache_read),
            stored(tokens.cache_write_short),
            stored(tokens.cache_write_long),
            stored(tokens.output),
            stored(tokens.reasoning),
            stored(record.web_searches),
            price.cost.map(Usd::nanos),
            price.status.as_str(),
            list,
            file,
            offset.map(stored),
        ])
        .map(drop)
}

/// SQLite's integers are signed. Sources refuse absurd figures, so nothing is cut here.
fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::Attribution;

    fn sighting(session: &str, output: u64) -> Sighting {
        let record = UsageRecord {
            source: "claude-code",
            key: "msg_1".to_owned(),
            occurred_at: Timestamp::UNIX_EPOCH,
            tokens: Tokens { output, ..Tokens::default() },
            web_searches: 0,
            basis: Basis::Estimated,
            attribution: Arc::new(Attribution {
                model: Some("claude-opus-5-5".into()),
                session: Some(session.into()),
                ..Attribution::default()
            }),
            witness: Witness::Primary,
        };
        Sighting { record, offset: 0 }
    }

    fn file(path: &str) -> FileRow {
        FileRow {
            id: None,
            source: "claude-code",
            path: path.to_owned(),
            identity: (1, path.len() as u64),
            size: 1,
            modified: 1,
            read_to: 1,
            head_size: 0,
            head: 0,
            tail: 0,
            memory: String::new(),
        }
    }

    /// What is stored of the call: session, file and tokens.
    fn stored_call(ledger: &Ledger) -> (String, String, i64) {
        let query = "SELECT (SELECT text FROM name WHERE id = session), path, output FROM usage
                     JOIN attribution ON attribution.id = attribution JOIN source_file ON source_file.id = file";
        ledger.read(|c| c.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))).unwrap()
    }

    #[test]
    fn t05_whichever_thread_is_first_the_oldest_file_owns_the_call() {
        let sightings = [("oldest", 40), ("younger", 150), ("youngest", 8)];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let folder = tempfile::tempdir().unwrap();
            let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
            let mut recorder = ledger.recorder(Catalogue::bundled()).unwrap();
            for rank in order {
                let (session, output) = sightings[rank];
                recorder.record(&file(session), rank, &[sighting(session, output)]).unwrap();
            }
            assert_eq!(recorder.finish().unwrap().added, 1);
            assert_eq!(stored_call(&ledger), ("oldest".into(), "oldest".into(), 150), "{order:?}");
            // What is read later is younger, however old the file claims to be.
            let mut recorder = ledger.recorder(Catalogue::bundled()).unwrap();
            recorder.record(&file("late"), 0, &[sighting("late", 150)]).unwrap();
            assert_eq!(recorder.finish().unwrap().updated, 0);
            assert_eq!(stored_call(&ledger).0, "oldest");
        }
    }

    #[test]
    fn what_is_not_finished_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let mut recorder = ledger.recorder(Catalogue::bundled()).unwrap();
        recorder.record(&file("a"), 0, &[sighting("a", 1)]).unwrap();
        drop(recorder);
        let rows = |table: &str| {
            let query = format!("SELECT count(*) FROM {table}");
            ledger.read(|c| c.query_row(&query, [], |row| row.get::<_, i64>(0))).unwrap()
        };
        assert_eq!((rows("usage"), rows("source_file"), rows("usage_quarter")), (0, 0, 0));
        assert_eq!(ledger.generation().unwrap(), 0);
    }
}
