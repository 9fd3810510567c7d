//! Price points that priced a call: one row each, kept as they were known when they were first used, whatever becomes of the
//! lists.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use spendmeter_catalogue::{Catalogue, Kind, Point, Rates};
use xxhash_rust::xxh3::xxh3_64;

use crate::pricing::{OwnPrice, PriceBook, PricedBy};

/// Gives points their rows, within one transaction or several of the same book.
#[derive(Debug)]
pub(super) struct Points<'l> {
    connection: &'l Connection,
    /// When those that have no row yet are used for the first time.
    now: Timestamp,
    /// Rows by where the point stands in memory: a book does not move while it prices. `None`: it had none.
    rows: HashMap<usize, Option<i64>>,
}

impl<'l> Points<'l> {
    pub(super) fn new(connection: &'l Connection, now: Timestamp) -> Self {
        Self { connection, now, rows: HashMap::new() }
    }

    /// The row of what priced a call; `None` if it has none, or nothing of the book priced it. Writes nothing.
    pub(super) fn find(&mut self, by: Option<PricedBy<'_>>, catalogue: &Catalogue) -> rusqlite::Result<Option<i64>> {
        let Some(by) = by else { return Ok(None) };
        if let Some(row) = self.rows.get(&place(by)) {
            return Ok(*row);
        }
        let row = find(self.connection, Told::of(by, catalogue).digest())?;
        self.rows.insert(place(by), row);
        Ok(row)
    }

    /// The row of what priced a call, which is made if need be; `None` if nothing of the book did.
    pub(super) fn row(&mut self, by: Option<PricedBy<'_>>, catalogue: &Catalogue) -> rusqlite::Result<Option<i64>> {
        let Some(by) = by else { return Ok(None) };
        if let Some(Some(row)) = self.rows.get(&place(by)) {
            return Ok(Some(*row));
        }
        let told = Told::of(by, catalogue);
        // Another connection may have made it since it was looked for.
        let row = match find(self.connection, told.digest())? {
            Some(row) => row,
            None => self.write(&told)?,
        };
        self.rows.insert(place(by), Some(row));
        Ok(Some(row))
    }

    fn write(&self, known: &Told) -> rusqlite::Result<i64> {
        let rate = |kind| known.rates.of(kind);
        self.connection
            .prepare_cached(
                "INSERT INTO price_point (digest, provider, model, context, prompt_above, schedule, valid_from, valid_to,
                   evidence, verdict, source, evidence_url, input, output, cache_read, cache_write_short,
                   cache_write_long, web_search, known_from)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
            )?
            .insert(params![
                known.digest(),
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
                self.now.as_second(),
            ])
    }
}

/// Where the point stands in memory.
fn place(by: PricedBy<'_>) -> usize {
    match by {
        PricedBy::Point { point, .. } => std::ptr::from_ref(point).addr(),
        PricedBy::Own { rates, .. } => std::ptr::from_ref(rates).addr(),
    }
}

fn find(connection: &Connection, digest: i64) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM price_point WHERE digest = ?1")?
        .query_row([digest], |row| row.get(0))
        .optional()
}

/// Notes which of the points that ever priced a call are known no more, and which are again, since `book` holds from `now`
/// on. A point is known as long as the lists in use, or the person, say it.
pub(super) fn follow(connection: &Connection, book: &PriceBook, now: Timestamp) -> rusqlite::Result<()> {
    let points: Vec<(i64, i64, String, String, bool)> = connection
        // Those with a negative digest are of before points were kept: nothing can be said of them.
        .prepare_cached("SELECT id, digest, provider, model, known_to IS NULL FROM price_point WHERE digest >= 0")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let models: HashSet<(&str, &str)> =
        points.iter().map(|(_, _, provider, model, _)| (provider.as_str(), model.as_str())).collect();
    let said = said(book, models);
    for (id, digest, _, _, was_known) in &points {
        let is_known = said.contains(digest);
        if is_known != *was_known {
            let known_to = (!is_known).then_some(now.as_second());
            connection
                .prepare_cached("UPDATE price_point SET known_to = ?2 WHERE id = ?1")?
                .execute(params![id, known_to])?;
        }
    }
    Ok(())
}

/// The digests of all points that the book has of these models, and of what the person says.
fn said(book: &PriceBook, models: HashSet<(&str, &str)>) -> HashSet<i64> {
    let catalogue = book.catalogue();
    let listed = models.into_iter().filter_map(|(provider, model)| {
        let listing = catalogue.find(Some(provider), model)?;
        (listing.provider() == provider && listing.model() == model).then_some(listing)
    });
    let listed = listed.flat_map(|listing| {
        let by = move |point| PricedBy::Point { provider: listing.provider(), model: listing.model(), point };
        listing.points().iter().map(by)
    });
    let own = book.own().0.iter().filter_map(|own| match &own.price {
        OwnPrice::Rates(rates) => Some(PricedBy::Own { model: &own.model, rates }),
        OwnPrice::Like { .. } | OwnPrice::Free => None,
    });
    listed.chain(own).map(|by| Told::of(by, catalogue).digest()).collect()
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
            },
        }
    }

    fn of_list(provider: &str, model: &str, point: &Point, catalogue: &Catalogue) -> Self {
        let list = catalogue.sources().iter().find(|source| source.list == point.list);
        let valid_to = catalogue.find(Some(provider), model).and_then(|listing| listing.end(point));
        let schedule = point.hours.and_then(|(number, part)| Some(catalogue.schedule(number)?.notation(part)));
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            context: point.context.as_str(),
            prompt_above: point.above,
            schedule: schedule.unwrap_or_default(),
            valid_from: point.from,
            valid_to,
            evidence: point.evidence.as_str(),
            verdict: point.verdict.as_str(),
            source: list.map(|list| format!("{} {}", list.list.as_str(), list.version)).unwrap_or_default(),
            evidence_url: point.address.and_then(|number| catalogue.address(number)).unwrap_or_default().to_owned(),
            rates: point.rates,
        }
    }

    /// The same for the same price, evidence and verdict, whichever version of the list says so, and in every version of
    /// this program: rows are found by it that another one wrote.
    fn digest(&self) -> i64 {
        let Self { provider, model, context, prompt_above, schedule, valid_from, evidence, verdict, .. } = self;
        let list = self.source.split(' ').next();
        let said = (provider, model, context, prompt_above, schedule, valid_from, evidence, verdict, list);
        let hash = xxh3_64(format!("{said:?} {} {:?}", self.evidence_url, self.rates).as_bytes());
        // Negative ones are of before points were kept.
        i64::from_ne_bytes((hash >> 1).to_ne_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_has_the_digest_that_it_has_in_ledgers() {
        let picos = [1_000_000, 2_000_000, 100_000, 1_250_000, 2_000_000, 10_000_000_000];
        let mut point = Told {
            provider: "anthropic".to_owned(),
            model: "claude-opus-5-5".to_owned(),
            context: "standard",
            prompt_above: 0,
            schedule: String::new(),
            valid_from: Some(1_794_268_800),
            valid_to: None,
            evidence: "documented",
            verdict: "confirmed",
            source: "model-prices 0.0.5".to_owned(),
            evidence_url: "https://example.com/pricing".to_owned(),
            rates: Rates::from_all(picos.map(Some)),
        };
        let known = 6_220_335_888_705_636_411;
        assert_eq!(point.digest(), known, "rows that were written with another one would not be found any more");
        // Which version of a list says so, and when it ends, is no part of what it is.
        point.source = "model-prices 0.0.6".to_owned();
        point.valid_to = Some(1_800_000_000);
        assert_eq!(point.digest(), known);
        point.source = "genai-prices 0.0.6".to_owned();
        assert_ne!(point.digest(), known);
    }
}
