//! Calls: one row each, however often and by however many files they are told. Only the recorder writes them.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension, Row, Statement, params};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::names::{self, Interned};
use crate::money::Usd;
use crate::pricing::{Cost, Price, PriceStatus};
use crate::usage::{Basis, CacheWrites, Tokens, UsageRecord, Witness};

/// Where a call stands.
pub(super) struct Origin {
    pub(super) source: i64,
    pub(super) file: i64,
    /// Where its line begins in the file's content, in bytes.
    pub(super) offset: u64,
}

/// A row as it stands.
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) file: Option<i64>,
    pub(super) attribution: i64,
    pub(super) record: UsageRecord,
    pub(super) charge: Charge,
}

/// What a call was found to cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Charge {
    pub(super) price: Price,
    /// Who says so. A source does not know of plans, so that its record may say another.
    pub(super) basis: Basis,
    /// The row of the price it was found by; `None` if nobody noted it.
    pub(super) point: Option<i64>,
}

impl Charge {
    /// Reads `basis, cost, cost_below, cost_above, price_status, price_point`, the first of which is the column `first`.
    pub(super) fn from_row(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        let amount = |column: usize| row.get(first + column).map(Usd::from_nanos);
        let (below, above) = (amount(2)?, amount(3)?);
        let likely: Option<i64> = row.get(first + 1)?;
        let status = row.get_ref(first + 4)?.as_str()?.parse::<PriceStatus>().map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(first + 4, rusqlite::types::Type::Text, Box::new(error))
        })?;
        let cost = likely.map(|likely| Cost { likely: Usd::from_nanos(likely), below, above });
        let basis = Basis::named(row.get_ref(first)?.as_str().unwrap_or_default());
        Ok(Self { price: Price { cost, status }, basis, point: row.get(first + 5)? })
    }

    /// Whether a call is told of in the same way, whatever it was priced by.
    pub(super) fn says_as(&self, other: &Self) -> bool {
        (self.price, self.basis) == (other.price, other.basis)
    }
}

/// Writes a call unless there is one of its hash.
const INSERT: &str =
    "INSERT INTO usage (source, key, occurred_at, attribution, task, tool, secondary, input, cache_read,
      cache_write_short, cache_write_long, output, reasoning, web_searches, basis, cost, cost_below, cost_above,
      price_status, price_point, reported, file, offset, key_hash, cache_writes, is_sum)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
      ?25, ?26)
    ON CONFLICT (key_hash) DO NOTHING";

/// The rows of calls.
pub(super) struct Calls<'l> {
    connection: &'l Connection,
    insert: Statement<'l>,
    /// [`key_hash`], except in a test of what happens when two calls have the same.
    pub(super) key_hash: fn(i64, &str) -> i64,
}

impl<'l> Calls<'l> {
    pub(super) fn new(connection: &'l Connection) -> rusqlite::Result<Self> {
        Ok(Self { connection, insert: connection.prepare(INSERT)?, key_hash })
    }

    /// Writes a call unless it is known. Gives it as it stands if it is.
    pub(super) fn add(
        &mut self,
        origin: &Origin,
        record: &UsageRecord,
        interned: Interned,
        charge: &Charge,
    ) -> rusqlite::Result<Option<Stored>> {
        let mut hash = (self.key_hash)(origin.source, &record.key);
        loop {
            if self.write_if_free(origin, record, hash, interned, charge)? {
                return Ok(None);
            }
            if let Some(stored) = self.find(origin, record, hash)? {
                return Ok(Some(stored));
            }
            // Another call has this hash.
            hash = hash.wrapping_add(1);
        }
    }

    /// Writes a call if no row has `hash`; gives whether it did.
    fn write_if_free(
        &mut self,
        origin: &Origin,
        record: &UsageRecord,
        hash: i64,
        interned: Interned,
        charge: &Charge,
    ) -> rusqlite::Result<bool> {
        let tokens = &record.tokens;
        let [cost, below, above] = columns(&charge.price);
        let rows = self.insert.execute(params![
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
            charge.basis.as_str(),
            cost,
            below,
            above,
            charge.price.status.as_str(),
            charge.point,
            record.reported.map(Usd::nanos),
            origin.file,
            stored(origin.offset),
            hash,
            record.cache_writes.number(),
            record.is_sum,
        ])?;
        Ok(rows > 0)
    }

    /// Writes what priced a call that has just been added.
    pub(super) fn set_point(&self, id: i64, point: Option<i64>) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("UPDATE usage SET price_point = ?2 WHERE id = ?1")?
            .execute(params![id, point])
            .map(drop)
    }

    /// The call as it stands, if `hash` leads to it and not to another.
    fn find(&self, origin: &Origin, found: &UsageRecord, hash: i64) -> rusqlite::Result<Option<Stored>> {
        let texts = names::select_texts();
        self.connection
            .prepare_cached(&format!(
                "SELECT usage.id, file, attribution, occurred_at, secondary, input, cache_read, cache_write_short,
                        cache_write_long, output, reasoning, web_searches, cache_writes, is_sum, reported,
                        basis, cost, cost_below, cost_above, price_status, price_point,
                        (SELECT text FROM name WHERE id = task), (SELECT text FROM name WHERE id = tool), {texts}
                 FROM usage JOIN attribution ON attribution.id = attribution
                 WHERE key_hash = ?1 AND source = ?2 AND key = ?3"
            ))?
            .query_row(params![hash, origin.source, found.key], |row| read_row(row, found))
            .optional()
    }

    /// Writes what is known now of a call, and where it stands in the logs if that is now another place.
    pub(super) fn update(
        &self,
        id: i64,
        place: Option<&Origin>,
        record: &UsageRecord,
        interned: Interned,
        charge: &Charge,
    ) -> rusqlite::Result<()> {
        let tokens = &record.tokens;
        let [cost, below, above] = columns(&charge.price);
        self.connection
            .prepare_cached(
                "UPDATE usage SET occurred_at = ?2, attribution = ?3, task = ?4, tool = ?5, secondary = ?6, input = ?7,
                   cache_read = ?8, cache_write_short = ?9, cache_write_long = ?10, output = ?11, reasoning = ?12,
                   web_searches = ?13, basis = ?14, cost = ?15, cost_below = ?16, cost_above = ?17, price_status = ?18,
                   price_point = ?19, reported = ?20, file = coalesce(?21, file), offset = coalesce(?22, offset),
                   cache_writes = ?23, is_sum = ?24
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
                charge.basis.as_str(),
                cost,
                below,
                above,
                charge.price.status.as_str(),
                charge.point,
                record.reported.map(Usd::nanos),
                place.map(|origin| origin.file),
                place.map(|origin| stored(origin.offset)),
                record.cache_writes.number(),
                record.is_sum,
            ])
            .map(drop)
    }
}

/// By what a call is found in the ledger: 64 bits, so that two of ten million calls have the same with a chance of one in
/// some hundred thousand. Then the second has the next that is free.
pub(super) fn key_hash(source: i64, key: &str) -> i64 {
    xxh3_64_with_seed(key.as_bytes(), source.cast_unsigned()).cast_signed()
}

/// Lets migrations call [`key_hash`].
pub(super) fn add_key_hash(connection: &Connection) -> rusqlite::Result<()> {
    let is_pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("key_hash", 2, is_pure, |arguments| {
        Ok(key_hash(arguments.get(0)?, arguments.get_raw(1).as_str()?))
    })
}

/// Reads `input, cache_read, cache_write_short, cache_write_long, output, reasoning`, the first of which is the column `first`.
pub(crate) fn read_tokens(row: &Row<'_>, first: usize) -> rusqlite::Result<Tokens> {
    let count = |column: usize| row.get::<_, i64>(first + column).map(i64::unsigned_abs);
    Ok(Tokens {
        input: count(0)?,
        cache_read: count(1)?,
        cache_write_short: count(2)?,
        cache_write_long: count(3)?,
        output: count(4)?,
        reasoning: count(5)?,
    })
}

fn read_row(row: &Row<'_>, found: &UsageRecord) -> rusqlite::Result<Stored> {
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    let mut attribution = names::from_row(row, 23)?;
    attribution.task = known(row.get(21)?);
    attribution.tool = known(row.get(22)?);
    let charge = Charge::from_row(row, 15)?;
    Ok(Stored {
        id: row.get(0)?,
        file: row.get(1)?,
        attribution: row.get(2)?,
        record: UsageRecord {
            source: found.source,
            key: found.key.clone(),
            occurred_at: Timestamp::from_millisecond(row.get(3)?).unwrap_or_default(),
            tokens: read_tokens(row, 5)?,
            cache_writes: CacheWrites::numbered(row.get(12)?),
            is_sum: row.get(13)?,
            web_searches: row.get::<_, i64>(11)?.unsigned_abs(),
            basis: charge.basis,
            reported: row.get::<_, Option<i64>>(14)?.map(Usd::from_nanos),
            attribution: Arc::new(attribution),
            witness: if row.get(4)? { Witness::Secondary } else { Witness::Primary },
        },
        charge,
    })
}

/// A price as the columns have it: the cost, and by how much it may be less or more.
pub(super) fn columns(price: &Price) -> [Option<i64>; 3] {
    let margin = |amount: fn(&Cost) -> Usd| Some(price.cost.as_ref().map_or(0, |cost| amount(cost).nanos()));
    [price.cost.map(|cost| cost.likely.nanos()), margin(|cost| cost.below), margin(|cost| cost.above)]
}

/// SQLite's integers are signed. Sources refuse absurd figures, so nothing is cut here.
fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
