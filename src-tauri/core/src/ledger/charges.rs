//! What accounts were charged and used, as their providers tell. A span is replaced as a whole: buckets are corrected, and what
//! is not told any more is not true any more. Only rows that differ are written.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection as Sqlite, params, params_from_iter};

use super::names::Interner;
use super::{Ledger, LedgerError, bump_generation, price_books};
use crate::accounts::AccountId;
use crate::calendar::TimeRange;
use crate::money::Usd;
use crate::pricing::PriceBook;
use crate::sources::providers::{Told, Use, Who};
use crate::usage::{Attribution, Basis, CacheWrites, Tokens, UsageRecord, Witness};

/// What is written down of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    /// Whose it is.
    pub(crate) account: AccountId,
    /// Which feed told it.
    pub(crate) feed: &'static str,
    /// The provider's identifier.
    pub(crate) provider: &'static str,
    /// Of which span; `None`: it is not of a time.
    pub(crate) span: Option<TimeRange>,
    /// Everything that is told of it.
    pub(crate) told: &'a Told,
    /// When it was told, by this machine's clock.
    pub(crate) now: Timestamp,
    /// And by the provider's, whose days these are.
    pub(crate) there: Timestamp,
    /// It was a long look back.
    pub(crate) is_reread: bool,
}

/// The columns of a row's key behind account and feed: start, seconds, and the dimensions of [`Who`].
const WHO: &str = "start, seconds, model, key, project, user, tier, region, variant";

/// The key of a row: start and seconds of its bucket, ids of its dimensions, and that of its item if it is a charge.
type Key = Vec<i64>;

/// The figures of a use, in the order of its columns.
type Figures = [Option<i64>; 13];

impl Ledger {
    /// Writes down what a feed told of a span, in place of what it told before, and how far it was read. All of it or, if
    /// this fails, nothing. Gives the rows that changed.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub(crate) fn take_in(&mut self, answer: Answer<'_>) -> Result<u64, LedgerError> {
        self.write(|sqlite| {
            let mut names = Interner::new(sqlite);
            let mut changed = 0;
            if let Some(span) = answer.span {
                changed += replace_charges(sqlite, &mut names, answer, span)?;
                changed += replace_uses(sqlite, &mut names, answer, span)?;
            }
            changed += keep_names(sqlite, answer)?;
            changed += keep_balance(sqlite, answer)?;
            note_progress(sqlite, answer)?;
            if changed > 0 {
                bump_generation(sqlite)?;
            }
            Ok(changed)
        })
    }
}

fn replace_charges(
    sqlite: &Sqlite,
    names: &mut Interner<'_>,
    answer: Answer<'_>,
    span: TimeRange,
) -> rusqlite::Result<u64> {
    let mut after: BTreeMap<Key, i64> = BTreeMap::new();
    for charge in &answer.told.charges {
        let mut key = key(names, charge.span, &charge.who)?;
        key.push(names.name(Some(&charge.item))?);
        let amount = after.entry(key).or_default();
        *amount = (Usd::from_nanos(*amount) + charge.amount).nanos();
    }
    let mut select = sqlite.prepare_cached(&format!(
        "SELECT {WHO}, item, amount FROM account_charge WHERE account = ?1 AND feed = ?2 AND start >= ?3 AND start < ?4"
    ))?;
    let bounds = params![answer.account.0, answer.feed, span.start.as_second(), span.end.as_second()];
    let before: BTreeMap<Key, i64> = select
        .query_map(bounds, |row| {
            let key = (0..10).map(|column| row.get(column)).collect::<rusqlite::Result<Key>>()?;
            Ok((key, row.get(10)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut write = sqlite.prepare_cached(&format!(
        "INSERT INTO account_charge (account, feed, {WHO}, item, amount) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET amount = excluded.amount"
    ))?;
    let mut changed = remove_missing(sqlite, "account_charge", ", item", answer, before.keys(), &after)?;
    for (key, amount) in after.iter().filter(|(key, amount)| before.get(*key) != Some(*amount)) {
        let values =
            [answer.account.0.into()].into_iter().chain([rusqlite::types::Value::from(answer.feed.to_owned())]);
        let values = values.chain(key.iter().map(|id| (*id).into())).chain([(*amount).into()]);
        write.execute(params_from_iter(values))?;
        changed += 1;
    }
    Ok(changed)
}

fn replace_uses(
    sqlite: &Sqlite,
    names: &mut Interner<'_>,
    answer: Answer<'_>,
    span: TimeRange,
) -> rusqlite::Result<u64> {
    let mut summed: BTreeMap<Key, Use> = BTreeMap::new();
    for used in &answer.told.uses {
        let key = key(names, used.span, &used.who)?;
        match summed.get_mut(&key) {
            Some(sum) => add(sum, used),
            None => drop(summed.insert(key, used.clone())),
        }
    }
    let mut select = sqlite.prepare_cached(&format!(
        "SELECT {WHO}, requests, input, cache_read, cache_write_short, cache_write_long, output, reasoning, cache_writes,
           web_searches, quantity, cost, cost_below, cost_above
         FROM account_use WHERE account = ?1 AND feed = ?2 AND start >= ?3 AND start < ?4"
    ))?;
    let bounds = params![answer.account.0, answer.feed, span.start.as_second(), span.end.as_second()];
    let before: BTreeMap<Key, Figures> = select
        .query_map(bounds, |row| {
            let key = (0..9).map(|column| row.get(column)).collect::<rusqlite::Result<Key>>()?;
            let mut figures: Figures = [None; 13];
            for (place, figure) in figures.iter_mut().enumerate() {
                *figure = row.get(9 + place)?;
            }
            Ok((key, figures))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut changed = remove_missing(sqlite, "account_use", "", answer, before.keys(), &summed)?;
    let differs = |key: &Key, used: &Use| before.get(key).is_none_or(|known| known[..10] != counts(used));
    let changing: Vec<_> = summed.iter().filter(|(key, used)| differs(key, used)).collect();
    if changing.is_empty() {
        return Ok(changed);
    }
    // What was priced before stays priced as it was, as long as it counts the same.
    let book = price_books::book(sqlite, price_books::current(sqlite)?)?;
    let mut write = sqlite.prepare_cached(&format!(
        "INSERT OR REPLACE INTO account_use (account, feed, {WHO}, requests, input, cache_read, cache_write_short,
           cache_write_long, output, reasoning, cache_writes, web_searches, quantity, cost, cost_below, cost_above)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ))?;
    for (key, used) in changing {
        let values =
            [answer.account.0.into()].into_iter().chain([rusqlite::types::Value::from(answer.feed.to_owned())]);
        let figures = counts(used).into_iter().chain(cost(&book, answer.provider, used));
        let values = values.chain(key.iter().map(|id| (*id).into())).chain(figures.map(rusqlite::types::Value::from));
        write.execute(params_from_iter(values))?;
        changed += 1;
    }
    Ok(changed)
}

/// The ids of a bucket and of whose it is.
fn key(names: &mut Interner<'_>, span: TimeRange, who: &Who) -> rusqlite::Result<Key> {
    let Who { model, key, project, user, tier, region, variant } = who;
    let mut ids = vec![span.start.as_second(), span.seconds()];
    for text in [model, key, project, user, tier, region, variant] {
        ids.push(names.name(text.as_deref())?);
    }
    Ok(ids)
}

/// Some reports tell of one thing in several rows: by what else they tell apart, and we do not.
fn add(sum: &mut Use, used: &Use) {
    sum.tokens += used.tokens;
    sum.requests = sum.requests.zip(used.requests).map(|(one, other)| one + other);
    sum.web_searches += used.web_searches;
    sum.quantity += used.quantity;
    sum.cache_writes = sum.cache_writes.max(used.cache_writes);
}

fn counts(used: &Use) -> [Option<i64>; 10] {
    let Tokens { input, cache_read, cache_write_short, cache_write_long, output, reasoning } = used.tokens;
    let count = |count: u64| Some(i64::try_from(count).unwrap_or(i64::MAX));
    [
        used.requests.and_then(count),
        count(input),
        count(cache_read),
        count(cache_write_short),
        count(cache_write_long),
        count(output),
        count(reasoning),
        Some(used.cache_writes.number()),
        count(used.web_searches),
        count(used.quantity),
    ]
}

/// What it costs by the price lists, as the sum of many calls: below and above included.
fn cost(book: &PriceBook, provider: &'static str, used: &Use) -> [Option<i64>; 3] {
    if used.tokens == Tokens::default() && used.web_searches == 0 {
        return [None, Some(0), Some(0)];
    }
    let record = UsageRecord {
        source: provider,
        key: String::new(),
        occurred_at: used.span.start,
        tokens: used.tokens,
        cache_writes: used.cache_writes,
        is_sum: used.requests != Some(1),
        web_searches: used.web_searches,
        basis: Basis::Estimated,
        reported: None,
        attribution: Attribution {
            provider: Some(provider.to_owned()),
            model: used.who.model.clone(),
            tier: used.who.tier(),
            region: used.who.region.clone(),
            ..Attribution::default()
        }
        .into(),
        witness: Witness::Primary,
    };
    match book.price(&record).price.cost {
        Some(cost) => [cost.likely, cost.below, cost.above].map(|amount| Some(amount.nanos())),
        None => [None, Some(0), Some(0)],
    }
}

/// Removes rows that are not told any more.
fn remove_missing<'k, T>(
    sqlite: &Sqlite,
    table: &str,
    item: &str,
    answer: Answer<'_>,
    before: impl Iterator<Item = &'k Key>,
    after: &BTreeMap<Key, T>,
) -> rusqlite::Result<u64> {
    let columns = format!("account, feed, {WHO}{item}");
    let places = vec!["?"; columns.split(',').count()].join(", ");
    let mut remove = sqlite.prepare_cached(&format!("DELETE FROM {table} WHERE ({columns}) = ({places})"))?;
    let mut removed = 0;
    for key in before.filter(|key| !after.contains_key(*key)) {
        let values =
            [answer.account.0.into()].into_iter().chain([rusqlite::types::Value::from(answer.feed.to_owned())]);
        removed += remove.execute(params_from_iter(values.chain(key.iter().map(|id| (*id).into()))))?;
    }
    Ok(removed as u64)
}

fn keep_names(sqlite: &Sqlite, answer: Answer<'_>) -> rusqlite::Result<u64> {
    let mut keep = sqlite.prepare_cached(
        "INSERT INTO account_name VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET name = excluded.name WHERE name <> excluded.name",
    )?;
    let mut changed = 0;
    for name in &answer.told.names {
        changed += keep.execute(params![answer.account.0, name.kind.as_str(), name.id, name.name])?;
    }
    Ok(changed as u64)
}

fn keep_balance(sqlite: &Sqlite, answer: Answer<'_>) -> rusqlite::Result<u64> {
    let Some(balance) = answer.told.balance else { return Ok(0) };
    let moved = sqlite.execute(
        "UPDATE account SET balance = ?2 WHERE id = ?1 AND balance IS NOT ?2",
        params![answer.account.0, balance.nanos()],
    )?;
    sqlite.execute(
        "UPDATE account SET balance_at = ?2 WHERE id = ?1",
        params![answer.account.0, answer.now.as_millisecond()],
    )?;
    Ok(moved as u64)
}

/// The span that was read grows by one that touches it. One that does not begins anew: between them, nothing is known.
fn note_progress(sqlite: &Sqlite, answer: Answer<'_>) -> rusqlite::Result<()> {
    let now = answer.now.as_millisecond();
    let [from, until] = match answer.span {
        Some(span) => [Some(span.start.as_second()), Some(span.end.min(answer.there).as_second())],
        None => [None, None],
    };
    sqlite
        .prepare_cached(
            "INSERT INTO account_feed (account, feed, told_at, reread_at, read_from, read_until, counted_until)
             VALUES (?1, ?2, ?3, iif(?4, ?3, NULL), ?5, ?6, ?7)
             ON CONFLICT DO UPDATE SET
               told_at = max(coalesce(told_at, ?3), ?3),
               reread_at = iif(?4, ?3, reread_at),
               read_from = CASE WHEN ?5 IS NULL THEN read_from WHEN read_from IS NULL OR ?5 > read_until THEN ?5
                                ELSE min(read_from, ?5) END,
               read_until = CASE WHEN ?6 IS NULL THEN read_until WHEN read_until IS NULL THEN ?6
                                 ELSE max(read_until, ?6) END,
               counted_until = max(coalesce(?7, counted_until), coalesce(counted_until, ?7)),
               hold_until = NULL, failures = 0, code = NULL, trouble = NULL",
        )?
        .execute(params![
            answer.account.0,
            answer.feed,
            now,
            answer.is_reread,
            from,
            until,
            answer.told.counted_until.map(Timestamp::as_second)
        ])
        .map(drop)
}

/// A charge as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChargeRow {
    pub(crate) feed: String,
    pub(crate) span: TimeRange,
    pub(crate) who: Who,
    pub(crate) item: String,
    pub(crate) amount: Usd,
}

/// What was used as it is kept, with what it costs by the price lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UseRow {
    pub(crate) feed: String,
    pub(crate) used: Use,
    pub(crate) cost: Option<crate::pricing::Cost>,
}

impl Ledger {
    /// What an account was charged in buckets that begin in `range`, in the order of time.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(crate) fn charges(&self, account: AccountId, range: TimeRange) -> Result<Vec<ChargeRow>, LedgerError> {
        self.read(|sqlite| {
            let mut statement = sqlite.prepare_cached(&format!(
                "SELECT feed, start, seconds, {}, item.text, amount FROM account_charge AS row {}
                 JOIN name AS item ON item.id = row.item
                 WHERE account = ?1 AND start >= ?2 AND start < ?3 ORDER BY start, feed",
                select_who(),
                join_who()
            ))?;
            let bounds = params![account.0, range.start.as_second(), range.end.as_second()];
            let rows = statement.query_map(bounds, |row| {
                Ok(ChargeRow {
                    feed: row.get(0)?,
                    span: span(row)?,
                    who: who(row)?,
                    item: row.get(10)?,
                    amount: Usd::from_nanos(row.get(11)?),
                })
            })?;
            rows.collect()
        })
    }

    /// What an account used in buckets that begin in `range`, in the order of time.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(crate) fn uses(&self, account: AccountId, range: TimeRange) -> Result<Vec<UseRow>, LedgerError> {
        self.read(|sqlite| {
            let mut statement = sqlite.prepare_cached(&format!(
                "SELECT feed, start, seconds, {}, requests, input, cache_read, cache_write_short, cache_write_long, output,
                   reasoning, cache_writes, web_searches, quantity, cost, cost_below, cost_above
                 FROM account_use AS row {} WHERE account = ?1 AND start >= ?2 AND start < ?3 ORDER BY start, feed",
                select_who(),
                join_who()
            ))?;
            let bounds = params![account.0, range.start.as_second(), range.end.as_second()];
            let rows = statement.query_map(bounds, |row| {
                let count = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
                let amount = |column: usize| row.get(column).map(Usd::from_nanos);
                let likely = row.get::<_, Option<i64>>(20)?.map(Usd::from_nanos);
                let (below, above) = (amount(21)?, amount(22)?);
                Ok(UseRow {
                    feed: row.get(0)?,
                    used: Use {
                        span: span(row)?,
                        who: who(row)?,
                        requests: row.get::<_, Option<i64>>(10)?.map(i64::unsigned_abs),
                        tokens: super::read_tokens(row, 11)?,
                        cache_writes: CacheWrites::numbered(row.get(17)?),
                        web_searches: count(18)?,
                        quantity: count(19)?,
                    },
                    cost: likely.map(|likely| crate::pricing::Cost { likely, below, above }),
                })
            })?;
            rows.collect()
        })
    }

    /// What the identifiers of an account stand for, by kind and identifier.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(crate) fn account_names(&self, account: AccountId) -> Result<BTreeMap<(String, String), String>, LedgerError> {
        self.read(|sqlite| {
            sqlite
                .prepare_cached("SELECT kind, id, name FROM account_name WHERE account = ?1")?
                .query_map([account.0], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?
                .collect()
        })
    }
}

const DIMENSIONS: [&str; 7] = ["model", "key", "project", "user", "tier", "region", "variant"];

fn select_who() -> String {
    DIMENSIONS.map(|dimension| format!("of_{dimension}.text")).join(", ")
}

fn join_who() -> String {
    DIMENSIONS.map(|dimension| format!("JOIN name AS of_{dimension} ON of_{dimension}.id = row.{dimension}")).join(" ")
}

fn span(row: &rusqlite::Row<'_>) -> rusqlite::Result<TimeRange> {
    let start: i64 = row.get(1)?;
    let moment = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    Ok(TimeRange { start: moment(start), end: moment(start.saturating_add(row.get(2)?)) })
}

fn who(row: &rusqlite::Row<'_>) -> rusqlite::Result<Who> {
    let text = |place: usize| -> rusqlite::Result<Option<String>> {
        let text: String = row.get(3 + place)?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    };
    Ok(Who {
        model: text(0)?,
        key: text(1)?,
        project: text(2)?,
        user: text(3)?,
        tier: text(4)?,
        region: text(5)?,
        variant: text(6)?,
    })
}
