//! Price points that priced a call: one row each, kept as they were known then, whatever becomes of the lists.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};
use spendmeter_catalogue::{Catalogue, Kind, Point, Rates};
use xxhash_rust::xxh3::xxh3_64;

use crate::pricing::{PricedBy, view};

/// Gives points their rows, which are made if need be, within one transaction.
#[derive(Debug)]
pub(super) struct Points<'l> {
    connection: &'l Connection,
    /// Rows by where the point stands in memory: a book does not move while it prices.
    rows: HashMap<usize, i64>,
}

impl<'l> Points<'l> {
    pub(super) fn new(connection: &'l Connection) -> Self {
        Self { connection, rows: HashMap::new() }
    }

    /// The row of what priced a call; `None` if nothing of the book did.
    pub(super) fn row(&mut self, by: Option<PricedBy<'_>>, catalogue: &Catalogue) -> rusqlite::Result<Option<i64>> {
        let Some(by) = by else { return Ok(None) };
        let place = match by {
            PricedBy::Point { point, .. } => std::ptr::from_ref(point).addr(),
            PricedBy::Own { rates, .. } => std::ptr::from_ref(rates).addr(),
        };
        if let Some(row) = self.rows.get(&place) {
            return Ok(Some(*row));
        }
        let row = self.find_or_write(&Told::of(by, catalogue))?;
        self.rows.insert(place, row);
        Ok(Some(row))
    }

    fn find_or_write(&self, known: &Told) -> rusqlite::Result<i64> {
        let digest = known.digest();
        let find = |digest: i64| {
            self.connection
                .prepare_cached("SELECT id FROM price_point WHERE digest = ?1")?
                .query_row([digest], |row| row.get(0))
                .optional()
        };
        if let Some(row) = find(digest)? {
            return Ok(row);
        }
        // From now on something else is known of that price.
        self.connection
            .prepare_cached(
                "UPDATE price_point SET known_to = ?1
                 WHERE provider = ?2 AND model = ?3 AND context = ?4 AND prompt_above = ?5 AND schedule = ?6
                   AND valid_from IS ?7 AND known_to IS NULL AND known_from < ?1",
            )?
            .execute(params![
                known.known_from,
                known.provider,
                known.model,
                known.context,
                known.prompt_above,
                known.schedule,
                known.valid_from
            ])?;
        let rate = |kind| known.rates.of(kind);
        self.connection
            .prepare_cached(
                "INSERT INTO price_point (digest, provider, model, context, prompt_above, schedule, valid_from, valid_to,
                   evidence, verdict, source, evidence_url, input, output, cache_read, cache_write_short,
                   cache_write_long, web_search, known_from)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
            )?
            .insert(params![
                digest,
                known.provider,
                known.model,
                known.context,
                known.prompt_above,
                known.schedule,
                known.valid_from,
                known.valid_to,
                known.evidence,
                known.verdict,
                known.source,
                known.evidence_url,
                rate(Kind::Input),
                rate(Kind::Output),
                rate(Kind::CacheRead),
                rate(Kind::CacheWriteShort),
                rate(Kind::CacheWriteLong),
                rate(Kind::WebSearch),
                known.known_from,
            ])
    }
}

/// Everything that is kept of a point.
struct Told {
    provider: String,
    model: String,
    context: &'static str,
    prompt_above: u32,
    schedule: String,
    valid_from: Option<i64>,
    valid_to: Option<i64>,
    evidence: &'static str,
    verdict: &'static str,
    source: String,
    evidence_url: String,
    rates: Rates,
    known_from: i64,
}

impl Told {
    fn of(by: PricedBy<'_>, catalogue: &Catalogue) -> Self {
        match by {
            PricedBy::Point { provider, model, point } => Self::of_list(provider, model, point, catalogue),
            PricedBy::Own { model, rates } => Self {
                provider: String::new(),
                model: model.to_owned(),
                context: "",
                prompt_above: 0,
                schedule: String::new(),
                valid_from: None,
                valid_to: None,
                evidence: "user",
                verdict: "single",
                source: "you".to_owned(),
                evidence_url: String::new(),
                rates: rates.rates(),
                known_from: 0,
            },
        }
    }

    fn of_list(provider: &str, model: &str, point: &Point, catalogue: &Catalogue) -> Self {
        let list = catalogue.sources().iter().find(|source| source.list == point.list);
        let valid_to = catalogue.find(Some(provider), model).and_then(|listing| listing.end(point));
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            context: point.context.as_str(),
            prompt_above: point.above,
            schedule: view::hours_of(catalogue, point).unwrap_or_default(),
            valid_from: point.from,
            valid_to,
            evidence: point.evidence.as_str(),
            verdict: point.verdict.as_str(),
            source: list.map(|list| format!("{} {}", list.list.as_str(), list.version)).unwrap_or_default(),
            evidence_url: point.address.and_then(|number| catalogue.address(number)).unwrap_or_default().to_owned(),
            rates: point.rates,
            known_from: list.map(|list| list.published).unwrap_or_default(),
        }
    }

    /// The same for the same price, evidence and verdict, whichever version of the list says so.
    fn digest(&self) -> i64 {
        let Self { provider, model, context, prompt_above, schedule, valid_from, evidence, verdict, .. } = self;
        let list = self.source.split(' ').next();
        let said = (provider, model, context, prompt_above, schedule, valid_from, evidence, verdict, list);
        let hash = xxh3_64(format!("{said:?} {} {:?}", self.evidence_url, self.rates).as_bytes());
        // Negative ones are of before points were kept.
        i64::from_ne_bytes((hash >> 1).to_ne_bytes())
    }
}
