//! Taking in what was read: a call told of before is merged with what is known of it, and the sums move with it.

use std::collections::HashMap;
use std::path::Path;
use std::ptr;

use jiff::Timestamp;
use rusqlite::Connection;

use super::files::{FileRow, save_file};
use super::names::Interner;
use super::points::{self, Points};
use super::price_books::Shelf;
use super::restatements::{last_restated, told_anew};
use super::skipped::{self, SkippedLines};
use super::sums::{Changes, Move};
use super::usage::{Calls, Charge, Origin, Stored};
use super::{Ledger, LedgerError, bump_generation, explain};
use crate::pricing::{Price, PricedBy, Tariff};
use crate::usage::{Basis, UsageRecord, Written};

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
/// change are written once per transaction; not so large that the disk is idle until there is much to write at the end.
const CALLS_PER_COMMIT: usize = 50_000;

/// Memory for pages of the ledger while calls are taken in, in KiB. Calls come in no order of their keys, so any page of
/// the index may be the next.
const CACHE_KIB: i64 = 24_000;

impl Ledger {
    /// Begins to take in calls at `now`, each priced by what holds when it is taken in.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be used.
    pub(crate) fn recorder(&mut self, now: Timestamp) -> Result<Recorder<'_>, LedgerError> {
        let Self { connection, path, books } = self;
        let settings = || {
            // Every id that is written was just given out by this very connection, so that looking each of them up again
            // would only cost time. Tests hold that nothing dangles.
            connection.pragma_update(None, "foreign_keys", false)?;
            connection.pragma_update(None, "cache_size", -CACHE_KIB)
        };
        settings().map_err(|cause| explain(path, cause))?;
        Ok(Recorder {
            connection,
            path,
            shelf: Shelf::renewed(books, connection).map_err(|cause| explain(path, cause))?,
            interner: Interner::new(connection),
            tariffs: HashMap::new(),
            points: Points::new(connection, now),
            last_restated: 0,
            now,
            changes: Changes::default(),
            ranks: HashMap::new(),
            calls: Calls::new(connection).map_err(|cause| explain(path, cause))?,
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
    shelf: &'l Shelf,
    interner: Interner<'l>,
    /// Where the price of an attribution's calls is found.
    tariffs: HashMap<i64, Tariff<'l>>,
    points: Points<'l>,
    /// The last call that took part in what was decided about prices. Most are told of again and again while they are new,
    /// and are beyond it.
    last_restated: i64,
    now: Timestamp,
    changes: Changes,
    /// Age of the files that were read since this began, from the oldest.
    ranks: HashMap<i64, usize>,
    calls: Calls<'l>,
    is_open: bool,
    since_commit: usize,
    done: Recorded,
}

impl<'l> Recorder<'l> {
    /// Takes in calls found in a file, what could not be understood there and how far it was read. `rank` says which of
    /// two files is older. Gives the file's row.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written; then nothing since the last commit is kept, and it is read
    /// again.
    pub(crate) fn record(
        &mut self,
        file: &FileRow,
        rank: usize,
        found: &[Sighting],
        skipped: &SkippedLines,
    ) -> Result<i64, LedgerError> {
        let row = self.take_in(file, rank, found, skipped).map_err(|cause| explain(self.path, cause))?;
        self.since_commit += found.len();
        if self.since_commit >= CALLS_PER_COMMIT {
            self.commit()?;
        }
        Ok(row)
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
        self.shelf.is_followed.set(true);
        self.since_commit = 0;
        Ok(())
    }

    fn begin(&mut self) -> rusqlite::Result<()> {
        if !self.is_open {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            self.is_open = true;
            self.renew_prices()?;
        }
        Ok(())
    }

    /// Whatever was decided about prices between two transactions holds from the next one on: a pass over gigabytes takes a
    /// while, and what is decided meanwhile changes only calls that are known by then.
    fn renew_prices(&mut self) -> rusqlite::Result<()> {
        let current = self.shelf.current(self.connection)?;
        if !ptr::eq(current, self.shelf) {
            self.shelf = current;
            self.tariffs.clear();
            self.points = Points::new(self.connection, self.now);
        }
        // A decision has noted it by itself, the lists of a new version have not.
        if !self.shelf.is_followed.get() {
            points::follow(self.connection, &self.shelf.book, self.now)?;
        }
        self.last_restated = last_restated(self.connection)?;
        Ok(())
    }

    fn take_in(
        &mut self,
        file: &FileRow,
        rank: usize,
        found: &[Sighting],
        skipped: &SkippedLines,
    ) -> rusqlite::Result<i64> {
        self.begin()?;
        let source = self.interner.name(Some(file.source))?;
        let file = save_file(self.connection, source, file)?;
        self.ranks.insert(file, rank);
        skipped::set(self.connection, file, skipped)?;
        for sighting in found {
            self.upsert(&Origin { source, file, offset: sighting.offset }, &sighting.record)?;
        }
        Ok(file)
    }

    fn upsert(&mut self, origin: &Origin, found: &UsageRecord) -> rusqlite::Result<()> {
        let interned = self.interner.intern(&found.attribution)?;
        let (mut charge, by) = self.charge(found, interned.attribution);
        charge.point = self.points.find(by, self.shelf.book.catalogue())?;
        let Some(stored) = self.calls.add(origin, found, interned, &charge)? else {
            if by.is_some() && charge.point.is_none() {
                // Not before it is known to be new: what would price a call that has its price is not used.
                let id = self.connection.last_insert_rowid();
                let point = self.points.row(by, self.shelf.book.catalogue())?;
                self.calls.set_point(id, point)?;
            }
            self.changes.move_by(Move::Add, found, interned.attribution, &charge);
            self.done.added += 1;
            self.done.unpriced += u64::from(charge.price.cost.is_none());
            return Ok(());
        };
        let mut record = stored.record.clone();
        let merged = record.merge(found, self.age(&stored, origin));
        if !merged.is_change() {
            return Ok(());
        }
        let interned = self.interner.intern(&record.attribution)?;
        // What was priced stays priced as it was, unless it turns out to have been another call than was thought.
        let charge = if record.costs_as(&stored.record) {
            stored.charge
        } else {
            if stored.id <= self.last_restated {
                told_anew(self.connection, stored.id)?;
            }
            let (charge, by) = self.charge(&record, interned.attribution);
            Charge { point: self.points.row(by, self.shelf.book.catalogue())?, ..charge }
        };
        self.changes.move_by(Move::TakeOut, &stored.record, stored.attribution, &stored.charge);
        self.changes.move_by(Move::Add, &record, interned.attribution, &charge);
        self.done.updated += 1;
        let place = merged.closer.then_some(origin);
        self.calls.update(stored.id, place, &record, interned, &charge)
    }

    /// Whether a sighting at `origin` is older than what is stored.
    fn age(&self, stored: &Stored, origin: &Origin) -> Written {
        // A file that was read before this began is older than any that are read now.
        match (stored.file.and_then(|file| self.ranks.get(&file)), self.ranks.get(&origin.file)) {
            (Some(stored), Some(found)) if found < stored => Written::Before,
            _ => Written::After,
        }
    }

    /// What a call costs, and by what of the book; the row of that is still to be found.
    fn charge(&mut self, record: &UsageRecord, attribution: i64) -> (Charge, Option<PricedBy<'l>>) {
        if let Some(amount) = record.reported {
            return (Charge { price: Price::reported(amount), basis: Basis::Billed, point: None }, None);
        }
        let book = &self.shelf.book;
        let priced = self.tariffs.entry(attribution).or_insert_with(|| book.tariff(&record.attribution)).price(record);
        (Charge { price: priced.price, basis: priced.basis, point: None }, priced.by)
    }
}

impl Drop for Recorder<'_> {
    fn drop(&mut self) {
        if self.is_open {
            // If this fails, too, SQLite has ended the transaction by itself.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        // The app goes on for weeks, and a line now and then needs no such memory.
        let _ =
            self.connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA cache_size = -2000; PRAGMA shrink_memory");
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use rusqlite::trace::{TraceEvent, TraceEventCodes};

    use super::*;
    use crate::ledger::restatements::Decision;
    use crate::pricing::PlanSetting;
    use crate::usage::{Attribution, CacheWrites, Tokens, Witness};

    fn sighting(session: &str, output: u64) -> Sighting {
        let record = UsageRecord {
            source: "claude-code",
            key: "msg_1".to_owned(),
            occurred_at: Timestamp::UNIX_EPOCH,
            tokens: Tokens { output, ..Tokens::default() },
            cache_writes: CacheWrites::Told,
            is_sum: false,
            web_searches: 0,
            basis: Basis::Estimated,
            reported: None,
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
            let mut recorder = ledger.recorder(Timestamp::UNIX_EPOCH).unwrap();
            for rank in order {
                let (session, output) = sightings[rank];
                recorder.record(&file(session), rank, &[sighting(session, output)], &SkippedLines::default()).unwrap();
            }
            assert_eq!(recorder.finish().unwrap().added, 1);
            assert_eq!(stored_call(&ledger), ("oldest".into(), "oldest".into(), 150), "{order:?}");
            // What is read later is younger, however old the file claims to be.
            let mut recorder = ledger.recorder(Timestamp::UNIX_EPOCH).unwrap();
            recorder.record(&file("late"), 0, &[sighting("late", 150)], &SkippedLines::default()).unwrap();
            assert_eq!(recorder.finish().unwrap().updated, 0);
            assert_eq!(stored_call(&ledger).0, "oldest");
        }
    }

    #[test]
    fn calls_whose_keys_have_the_same_hash_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let of_key = |key: &str, output| {
            let mut call = sighting("session", output);
            call.record.key = key.to_owned();
            call
        };
        let mut record = |calls: &[Sighting]| {
            let mut recorder = ledger.recorder(Timestamp::UNIX_EPOCH).unwrap();
            recorder.calls.key_hash = |_, _| i64::MAX;
            recorder.record(&file("a"), 0, calls, &SkippedLines::default()).unwrap();
            recorder.finish().unwrap()
        };
        let calls = [("msg_1", 1), ("msg_2", 2), ("msg_3", 3)].map(|(key, output)| of_key(key, output));
        assert_eq!(record(&calls), Recorded { added: 3, ..Recorded::default() });
        assert_eq!(record(&calls), Recorded::default());
        assert_eq!(record(&[of_key("msg_3", 30), of_key("msg_2", 2)]), Recorded { updated: 1, ..Recorded::default() });
        let outputs: Vec<(String, i64)> = ledger
            .read(|c| {
                c.prepare("SELECT key, output FROM usage ORDER BY key")?
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .unwrap();
        assert_eq!(outputs, [("msg_1".into(), 1), ("msg_2".into(), 2), ("msg_3".into(), 30)]);
    }

    #[test]
    fn t10_a_call_keeps_its_price_when_only_what_no_price_depends_on_becomes_known() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let mut record = |call: &Sighting| {
            let mut recorder = ledger.recorder(Timestamp::UNIX_EPOCH).unwrap();
            recorder.record(&file("a"), 0, std::slice::from_ref(call), &SkippedLines::default()).unwrap();
            recorder.finish().unwrap()
        };
        let mut call = sighting("a", 100);
        call.record.witness = Witness::Secondary;
        record(&call);
        // As if priced by an older list.
        Ledger::open(&folder.path().join("ledger.db"))
            .unwrap()
            .write(|c| c.execute_batch("UPDATE usage SET cost = 7"))
            .unwrap();
        call.record.tokens.reasoning = 50;
        assert_eq!(record(&call).updated, 1);
        // The ledger keeps milliseconds.
        call.record.witness = Witness::Primary;
        call.record.occurred_at += jiff::SignedDuration::from_micros(300);
        assert_eq!(record(&call).updated, 1);
        let told = |c: &Connection| {
            c.query_row("SELECT cost, reasoning, secondary FROM usage", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
        };
        let told: (i64, i64, bool) = ledger.read(told).unwrap();
        assert_eq!(told, (7, 50, false));
    }

    #[test]
    fn a_call_that_turns_out_to_be_of_before_or_after_the_plan_is_money() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let plan = Decision::SetPlan(PlanSetting {
            source: "claude-code".into(),
            name: "Claude Max 20x".into(),
            seller: None,
            per_month: None,
            since: Some(Timestamp::UNIX_EPOCH),
            until: Some(Timestamp::from_millisecond(1_000).unwrap()),
        });
        let calendar = crate::calendar::Calendar::new(jiff::tz::TimeZone::UTC);
        ledger.restate(&plan, 0, Timestamp::UNIX_EPOCH, &calendar).unwrap();
        let mut bases = vec![];
        let mut call = sighting("a", 100);
        // Another file tells each time that it was made at another moment.
        for millis in [1_000, 999, 0, -1_000] {
            call.record.occurred_at = Timestamp::from_millisecond(millis).unwrap();
            let mut recorder = ledger.recorder(Timestamp::UNIX_EPOCH).unwrap();
            recorder.record(&file("a"), 0, std::slice::from_ref(&call), &SkippedLines::default()).unwrap();
            recorder.finish().unwrap();
            bases.push(
                ledger.read(|c| c.query_row("SELECT basis FROM usage", [], |row| row.get::<_, String>(0))).unwrap(),
            );
        }
        assert_eq!(bases, ["estimated", "api_equivalent", "api_equivalent", "estimated"]);
    }

    #[test]
    fn a_sum_beyond_the_limit_stays_at_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let mut record = |call: &Sighting| {
            let mut recorder = ledger.recorder(Timestamp::UNIX_EPOCH).unwrap();
            recorder.record(&file("a"), 0, std::slice::from_ref(call), &SkippedLines::default()).unwrap();
            recorder.finish().unwrap();
        };
        record(&sighting("a", 100));
        let all_there_is = format!("UPDATE usage_total SET cost = {0}, cost_above = {0}", i64::MAX);
        Ledger::open(&folder.path().join("ledger.db")).unwrap().write(|c| c.execute_batch(&all_there_is)).unwrap();
        let mut another = sighting("a", 100);
        another.record.key = "msg_2".to_owned();
        record(&another);
        let sums = "SELECT requests, cost, cost_above FROM usage_total";
        let sums = ledger.read(|c| c.query_row(sums, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))).unwrap();
        assert_eq!(sums, (2, i64::MAX, i64::MAX));
    }

    #[test]
    fn no_call_makes_sqlite_build_a_table_in_passing() {
        thread_local! {
            static RUN: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
        }
        fn note(event: TraceEvent<'_>) {
            if let TraceEvent::Profile(statement, _) = event {
                RUN.with_borrow_mut(|run| run.insert(statement.sql().into_owned()));
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        // A call that is new, the first that its price holds for; one that is so no more; one that grows; one that moves.
        let mut moved = sighting("another", 300);
        moved.record.attribution = Arc::new(Attribution { model: Some("gpt-5.5".into()), ..Attribution::default() });
        let mut calls = vec![sighting("a", 1), sighting("a", 2), sighting("a", 200), moved];
        calls[1].record.key = "msg_2".to_owned();
        ledger.connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(note));
        let mut recorder = ledger.recorder(Timestamp::UNIX_EPOCH).unwrap();
        recorder.record(&file("a"), 0, &calls, &SkippedLines::default()).unwrap();
        assert_eq!(recorder.finish().unwrap(), Recorded { added: 2, updated: 2, unpriced: 0 });
        ledger.connection.trace_v2(TraceEventCodes::empty(), None);
        let run = RUN.take();
        for known in ["INSERT INTO usage", "UPDATE usage", "INSERT INTO usage_quarter", "SELECT id FROM price_point"] {
            assert!(run.iter().any(|sql| sql.starts_with(known)), "{known}: {run:#?}");
        }
        for sql in run.iter().filter(|sql| !sql.starts_with("PRAGMA")) {
            let codes: Vec<String> = ledger
                .read(|c| c.prepare(&format!("EXPLAIN {sql}"))?.raw_query().mapped(|row| row.get("opcode")).collect())
                .unwrap();
            assert!(codes.len() > 1 && !codes.contains(&"OpenEphemeral".to_owned()), "{sql}: {codes:?}");
        }
    }

    #[test]
    fn what_is_not_finished_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let mut recorder = ledger.recorder(Timestamp::UNIX_EPOCH).unwrap();
        recorder.record(&file("a"), 0, &[sighting("a", 1)], &SkippedLines::default()).unwrap();
        drop(recorder);
        let rows = |table: &str| {
            let query = format!("SELECT count(*) FROM {table}");
            ledger.read(|c| c.query_row(&query, [], |row| row.get::<_, i64>(0))).unwrap()
        };
        assert_eq!((rows("usage"), rows("source_file"), rows("usage_quarter")), (0, 0, 0));
        assert_eq!(ledger.generation().unwrap(), 0);
    }
}
