//! Calls: one row each, however often and by however many files they are told. Only `sync` writes them.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::files::{FileRow, save_file};
use super::names::{self, Interner};
use super::quarters::{Move, Share, move_by};
use super::{Ledger, LedgerError, bump_generation};
use crate::calendar::TimeRange;
use crate::money::Usd;
use crate::pricing::{Catalogue, Price, PriceStatus};
use crate::usage::{Basis, Tokens, UsageRecord, Witness};

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

impl Ledger {
    /// Takes in the calls found in a file and how far it was read, in one transaction: after a crash neither is ahead
    /// of the other. Gives the file's row and what was done.
    ///
    /// # Errors
    /// [`LedgerError`] when the file cannot be written; then nothing of this is kept, and it is read again.
    pub fn record(
        &mut self,
        file: &FileRow,
        found: &[Sighting],
        catalogue: &Catalogue,
    ) -> Result<(i64, Recorded), LedgerError> {
        self.write(|transaction| {
            let mut interner = Interner::new(transaction);
            let file = save_file(transaction, &mut interner, file)?;
            let mut done = Recorded::default();
            for sighting in found {
                upsert(transaction, &mut interner, file, sighting, catalogue, &mut done)?;
            }
            if done.added + done.updated > 0 {
                bump_generation(transaction)?;
            }
            Ok((file, done))
        })
    }
}

impl Ledger {
    /// When each session of a project was at work within a span.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(crate) fn session_spans(&self, range: TimeRange, project: &str) -> Result<Vec<SessionSpan>, LedgerError> {
        self.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT (SELECT text FROM name WHERE id = agent), (SELECT text FROM name WHERE id = session),
                        min(occurred_at), max(occurred_at)
                 FROM usage JOIN attribution ON attribution.id = attribution
                 WHERE occurred_at >= ?1 AND occurred_at < ?2 AND project = (SELECT id FROM name WHERE text = ?3)
                 GROUP BY agent, session",
            )?;
            let moment =
                |row: &Row<'_>, column| row.get(column).map(|at| Timestamp::from_millisecond(at).unwrap_or_default());
            query
                .query_map(params![range.start.as_millisecond(), range.end.as_millisecond(), project], |row| {
                    let (agent, session) = (row.get(0)?, row.get(1)?);
                    Ok(SessionSpan { agent, session, first: moment(row, 2)?, last: moment(row, 3)? })
                })?
                .collect()
        })
    }
}

/// When a session was at work.
pub(crate) struct SessionSpan {
    pub(crate) agent: String,
    pub(crate) session: String,
    /// First call.
    pub(crate) first: Timestamp,
    /// Last call.
    pub(crate) last: Timestamp,
}

/// A row as it stands.
struct Stored {
    attribution: i64,
    record: UsageRecord,
    price: Price,
    price_list: String,
}

fn upsert<'t>(
    transaction: &'t Transaction<'t>,
    interner: &mut Interner<'t>,
    file: i64,
    sighting: &Sighting,
    catalogue: &Catalogue,
    done: &mut Recorded,
) -> rusqlite::Result<()> {
    let found = &sighting.record;
    let source = interner.name(Some(found.source))?;
    let origin = Origin { source, file, offset: sighting.offset };
    let Some(stored) = find(transaction, source, found)? else {
        let price = catalogue.price(found);
        let row = Stored {
            attribution: interner.attribution(&found.attribution)?,
            record: found.clone(),
            price,
            price_list: catalogue.version().to_owned(),
        };
        done.added += 1;
        done.unpriced += u64::from(price.cost.is_none());
        return save(transaction, interner, &origin, &row);
    };
    let mut record = stored.record.clone();
    if !record.merge(found) {
        return Ok(());
    }
    // What was priced stays priced as it was, unless it turns out to have been another call than was thought.
    let (price, price_list) = if record.costs_as(&stored.record) {
        (stored.price, stored.price_list.clone())
    } else {
        (catalogue.price(&record), catalogue.version().to_owned())
    };
    move_by(transaction, Move::TakeOut, &stored.share())?;
    let attribution = interner.attribution(&record.attribution)?;
    done.updated += 1;
    save(transaction, interner, &origin, &Stored { attribution, record, price, price_list })
}

impl Stored {
    /// What it adds to the sums.
    fn share(&self) -> Share<'_> {
        Share {
            at: self.record.occurred_at,
            attribution: self.attribution,
            basis: self.record.basis,
            tokens: &self.record.tokens,
            price: &self.price,
        }
    }
}

fn find(transaction: &Transaction<'_>, source: i64, found: &UsageRecord) -> rusqlite::Result<Option<Stored>> {
    let texts = names::select_texts();
    transaction
        .prepare_cached(&format!(
            "SELECT price_list, attribution, occurred_at, secondary, input, cache_read, cache_write_short,
                    cache_write_long, output, reasoning, web_searches, basis, cost, price_status,
                    (SELECT text FROM name WHERE id = task), (SELECT text FROM name WHERE id = tool), {texts}
             FROM usage JOIN attribution ON attribution.id = attribution
             WHERE source = ?1 AND key = ?2"
        ))?
        .query_row(params![source, found.key], |row| read_row(row, found.source, &found.key))
        .optional()
}

fn read_row(row: &Row<'_>, source: &'static str, key: &str) -> rusqlite::Result<Stored> {
    let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    let mut attribution = names::from_row(row, 16)?;
    attribution.task = known(row.get(14)?);
    attribution.tool = known(row.get(15)?);
    let billed = row.get_ref(11)?.as_str() == Ok(Basis::Billed.as_str());
    Ok(Stored {
        price_list: row.get(0)?,
        attribution: row.get(1)?,
        record: UsageRecord {
            source,
            key: key.to_owned(),
            occurred_at: Timestamp::from_millisecond(row.get(2)?).unwrap_or_default(),
            tokens: Tokens {
                input: count(4)?,
                cache_read: count(5)?,
                cache_write_short: count(6)?,
                cache_write_long: count(7)?,
                output: count(8)?,
                reasoning: count(9)?,
            },
            web_searches: count(10)?,
            basis: if billed { Basis::Billed } else { Basis::Estimated },
            attribution,
            witness: if row.get(3)? { Witness::Secondary } else { Witness::Primary },
        },
        price: Price {
            cost: row.get::<_, Option<i64>>(12)?.map(Usd::from_nanos),
            status: row.get_ref(13)?.as_str()?.parse().unwrap_or(PriceStatus::Unpriced),
        },
    })
}

/// Where a call was first seen.
struct Origin {
    source: i64,
    file: i64,
    offset: u64,
}

/// Writes a row and adds it to the sums; of one that is there, its place in the logs stays.
fn save<'t>(
    transaction: &'t Transaction<'t>,
    interner: &mut Interner<'t>,
    origin: &Origin,
    row: &Stored,
) -> rusqlite::Result<()> {
    let Stored { attribution, record, price, price_list } = row;
    let task = interner.name(record.attribution.task.as_deref())?;
    let tool = interner.name(record.attribution.tool.as_deref())?;
    let tokens = &record.tokens;
    transaction
        .prepare_cached(
            "INSERT INTO usage (source, key, occurred_at, attribution, task, tool, secondary, input, cache_read,
               cache_write_short, cache_write_long, output, reasoning, web_searches, basis, cost, price_status,
               price_list, file, offset)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
             ON CONFLICT (source, key) DO UPDATE SET occurred_at = excluded.occurred_at,
               attribution = excluded.attribution, task = excluded.task, tool = excluded.tool,
               secondary = excluded.secondary, input = excluded.input, cache_read = excluded.cache_read,
               cache_write_short = excluded.cache_write_short, cache_write_long = excluded.cache_write_long,
               output = excluded.output, reasoning = excluded.reasoning, web_searches = excluded.web_searches,
               cost = excluded.cost, price_status = excluded.price_status, price_list = excluded.price_list",
        )?
        .execute(params![
            origin.source,
            record.key,
            record.occurred_at.as_millisecond(),
            attribution,
            task,
            tool,
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
            price_list,
            origin.file,
            stored(origin.offset),
        ])?;
    move_by(transaction, Move::Add, &row.share())
}

/// SQLite's integers are signed. Sources refuse absurd figures, so nothing is cut here.
fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
