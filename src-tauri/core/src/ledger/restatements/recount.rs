//! Past calls, priced anew: which of them would cost something else.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};

use super::super::names;
use super::super::usage::{Charge, read_tokens};
use crate::pricing::{Price, PriceBook, PricedBy, Tariff};
use crate::sources;
use crate::usage::{Attribution, Basis, CacheWrites, UsageRecord, Witness};

/// A call as it stands.
pub(super) struct Call {
    pub(super) id: i64,
    pub(super) attribution: i64,
    pub(super) record: UsageRecord,
    pub(super) charge: Charge,
}

/// Which calls are looked at. What a provider billed is never among them.
#[derive(Clone, Debug)]
pub(super) enum Which {
    All,
    /// Of a model as calls name it; of one provider or of any.
    Model {
        provider: Option<String>,
        model: String,
    },
    Source(String),
    RestatedBy(i64),
    /// That came after this one.
    After(i64),
}

impl Which {
    /// SQL that reads a batch of them, in the order of their numbers, which are larger than `:after`.
    pub(super) fn sql(&self) -> String {
        let only = match self {
            Self::All | Self::After(_) | Self::RestatedBy(_) => "",
            Self::Model { provider: None, .. } => {
                "AND attribution IN (SELECT attribution.id FROM attribution JOIN name ON name.id = model
                                     WHERE text = :model COLLATE NOCASE)"
            }
            Self::Model { provider: Some(_), .. } => {
                "AND attribution IN (SELECT attribution.id FROM attribution JOIN name ON name.id = model
                                     WHERE text = :model COLLATE NOCASE AND provider IN
                                       (SELECT id FROM name WHERE text = :provider COLLATE NOCASE))"
            }
            Self::Source(_) => "AND source = (SELECT id FROM name WHERE text = :source)",
        };
        // SQLite keeps the order of a cross join: from each call that was restated to the call, by the keys of both. A list
        // of all of them would be made anew for each batch.
        let (from, id) = match self {
            Self::RestatedBy(_) => (
                "restated_call AS kept CROSS JOIN usage ON usage.id = kept.usage AND kept.restatement = :restatement",
                "kept.usage",
            ),
            _ => ("usage", "usage.id"),
        };
        format!(
            "SELECT usage.id, source, attribution, occurred_at, input, cache_read, cache_write_short, cache_write_long,
                    output, reasoning, web_searches, usage.basis, usage.cost, usage.cost_below, usage.cost_above,
                    usage.price_status, usage.price_point, cache_writes, is_sum
             FROM {from} WHERE {id} > :after AND usage.basis <> 'billed' {only} ORDER BY {id} LIMIT {BATCH}"
        )
    }
}

/// What is asked about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// What they cost.
    Price,
    /// Whether a plan covers them; the amount stays.
    Plan,
}

/// Calls that are read at a time, so that memory does not grow with the ledger. Few in a test, which has few calls.
const BATCH: i64 = if cfg!(test) { 100 } else { 20_000 };

pub(super) struct Recount<'c> {
    connection: &'c Connection,
    book: &'c PriceBook,
    question: Question,
    tariffs: HashMap<i64, (Arc<Attribution>, Tariff<'c>)>,
    /// Sources by the number of their name.
    sources: HashMap<i64, &'static str>,
}

impl<'c> Recount<'c> {
    pub(super) fn new(connection: &'c Connection, book: &'c PriceBook, question: Question) -> rusqlite::Result<Self> {
        let mut sources = HashMap::new();
        let mut named = connection.prepare_cached("SELECT id FROM name WHERE text = ?1")?;
        for source in sources::ALL {
            sources.extend(named.query_map([source.id()], |row| Ok((row.get(0)?, source.id())))?.flatten());
        }
        Ok(Self { connection, book, question, tariffs: HashMap::new(), sources })
    }

    /// Hands on every call that would be told of otherwise, or that a restatement to be taken back had changed, with what it
    /// would cost and by what.
    pub(super) fn run(
        &mut self,
        which: &Which,
        mut each: impl FnMut(&Call, &Charge, Option<PricedBy<'c>>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let mut after = if let Which::After(id) = which { *id } else { 0 };
        loop {
            let calls = self.batch(which, after)?;
            let Some(last) = calls.last() else { return Ok(()) };
            after = last.id;
            for call in &calls {
                let (charge, by) = self.charge(call);
                if !charge.says_as(&call.charge) || matches!(which, Which::RestatedBy(_)) {
                    each(call, &charge, by)?;
                }
            }
        }
    }

    fn batch(&mut self, which: &Which, after: i64) -> rusqlite::Result<Vec<Call>> {
        let mut statement = self.connection.prepare_cached(&which.sql())?;
        let mut calls = Vec::new();
        let mut rows = match which {
            Which::All | Which::After(_) => statement.query(named_params! { ":after": after })?,
            Which::Model { provider: None, model } => {
                statement.query(named_params! { ":after": after, ":model": model })?
            }
            Which::Model { provider: Some(provider), model } => {
                statement.query(named_params! { ":after": after, ":model": model, ":provider": provider })?
            }
            Which::Source(source) => statement.query(named_params! { ":after": after, ":source": source })?,
            Which::RestatedBy(id) => statement.query(named_params! { ":after": after, ":restatement": id })?,
        };
        while let Some(row) = rows.next()? {
            calls.push(self.read(row)?);
        }
        Ok(calls)
    }

    fn read(&mut self, row: &Row<'_>) -> rusqlite::Result<Call> {
        let attribution = row.get(2)?;
        let charge = Charge::from_row(row, 11)?;
        Ok(Call {
            id: row.get(0)?,
            attribution,
            record: UsageRecord {
                source: self.sources.get(&row.get(1)?).copied().unwrap_or_default(),
                key: String::new(),
                occurred_at: Timestamp::from_millisecond(row.get(3)?).unwrap_or_default(),
                tokens: read_tokens(row, 4)?,
                cache_writes: CacheWrites::numbered(row.get(17)?),
                is_sum: row.get(18)?,
                web_searches: row.get::<_, i64>(10)?.unsigned_abs(),
                basis: charge.basis,
                reported: None,
                attribution: self.attribution(attribution)?,
                witness: Witness::Primary,
            },
            charge,
        })
    }

    fn attribution(&mut self, id: i64) -> rusqlite::Result<Arc<Attribution>> {
        if let Some((attribution, _)) = self.tariffs.get(&id) {
            return Ok(Arc::clone(attribution));
        }
        let texts = names::select_texts();
        let attribution = self
            .connection
            .prepare_cached(&format!("SELECT {texts} FROM attribution WHERE id = ?1"))?
            .query_row([id], |row| names::from_row(row, 0))?;
        let attribution = Arc::new(attribution);
        self.tariffs.insert(id, (Arc::clone(&attribution), self.book.tariff(&attribution)));
        Ok(attribution)
    }

    /// Whether a call costs what the book says.
    pub(super) fn agrees(&mut self, call: &Call) -> rusqlite::Result<bool> {
        self.attribution(call.attribution)?;
        let (charge, _) = self.charge(call);
        Ok(charge.says_as(&call.charge))
    }

    /// What a call would cost, and by what of the book; the row of that is still to be found.
    fn charge(&self, call: &Call) -> (Charge, Option<PricedBy<'c>>) {
        if self.question == Question::Plan {
            return (self.under_plan(call), None);
        }
        let priced = self.tariffs[&call.attribution].1.price(&call.record);
        (Charge { price: priced.price, basis: priced.basis, point: None }, priced.by)
    }

    /// The same amount, as money or as what a plan covers.
    fn under_plan(&self, call: &Call) -> Charge {
        let Price { cost, status } = call.charge.price;
        let (basis, status) = if self.book.covers(&call.record) {
            (Basis::ApiEquivalent, status.under_plan())
        } else {
            (Basis::Estimated, status.by_the_token())
        };
        Charge { price: Price { cost, status }, basis, ..call.charge }
    }
}
