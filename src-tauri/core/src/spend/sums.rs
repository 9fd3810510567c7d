//! Sums over the ledger: the one question behind every figure.
//!
//! Rows are read in the order of time, once, and summed here; texts are looked up once each, at the end.

use std::collections::HashMap;
use std::fmt::Write;
use std::rc::Rc;

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use super::bills::{Asked, Bills, Figures, Local, lay_over};
use super::dimension::Dimension;
use super::pieces::{Pieces, Scan, start_of};
use super::view::{Bases, Spend};
use crate::calendar::{Calendar, TimeRange};
use crate::ledger::{Ledger, LedgerError, SumTable, read_tokens};
use crate::money::{Margin, Usd};
use crate::usage::{Basis, Tokens};

/// What to sum.
#[derive(Clone, Debug)]
pub(super) struct Query<'q> {
    /// The range, and where to cut it: each piece is summed apart.
    pub pieces: &'q Pieces,
    /// Sum apart for each value of these.
    pub by: &'q [Dimension],
    /// Only what has these values; an empty value is "not known".
    pub only: &'q [(Dimension, String)],
}

/// One sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    /// The start of its piece of the range.
    pub at: Timestamp,
    /// Values of the dimensions asked for, in their order; empty: not known.
    pub values: Vec<Rc<str>>,
    /// Who says so.
    pub basis: Basis,
    /// Calls.
    pub requests: u64,
    /// Their tokens.
    pub tokens: Tokens,
    /// What those with a price cost; `None` if none has one.
    pub cost: Option<Usd>,
    /// By how much that may be off.
    pub margin: Margin,
    /// Tokens of those without.
    pub unpriced_tokens: u64,
    /// When the first and the last of them were made.
    pub span: (Timestamp, Timestamp),
    /// How much of what was billed no record on this machine explains; `None`: it is none of an account's bill.
    pub elsewhere: Option<Usd>,
}

/// Columns that every table of sums has, before those of the dimensions.
const FIGURES: &str = "basis, requests, input, cache_read, cache_write_short, cache_write_long, output, reasoning,
    priced_requests, cost, unpriced_tokens, first_at, last_at, cost_below, cost_above";

/// Where the dimensions follow in a row: behind the span and the figures.
const FIRST_DIMENSION: usize = 16;

impl Query<'_> {
    /// Runs it. Sums come in the order of their pieces. Where an account has a bill, they are the bill, and local calls
    /// explain it.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(super) fn run(&self, ledger: &Ledger, calendar: &Calendar) -> Result<Vec<Sum>, LedgerError> {
        match Bills::around(ledger, self.pieces.range())? {
            Some(bills) => self.under(&bills, ledger, calendar),
            None => self.local(ledger),
        }
    }

    fn under(&self, bills: &Bills, ledger: &Ledger, calendar: &Calendar) -> Result<Vec<Sum>, LedgerError> {
        let Some(span) = bills.span() else { return self.local(ledger) };
        let (pieces, first) =
            (self.pieces.refined(span, bills.cuts()), [Dimension::Agent, Dimension::Provider, Dimension::Model]);
        let by: Vec<Dimension> =
            first.iter().chain(self.by).copied().chain(self.only.iter().map(|(dimension, _)| *dimension)).collect();
        let local = Query { pieces: &pieces, by: &by, only: &[] }.local(ledger)?.into_iter().map(|mut sum| {
            let wanted = sum.values.split_off(first.len() + self.by.len());
            let own = sum.values.split_off(first.len());
            let is_wanted = self.only.iter().zip(&wanted).all(|((_, wanted), value)| **value == **wanted);
            let [agent, provider, model] = [0, 1, 2].map(|place| Rc::clone(&sum.values[place]));
            Local { sum: Sum { values: own, ..sum }, agent, provider, model, is_wanted }
        });
        let asked = Asked { pieces: self.pieces, by: self.by, only: self.only };
        Ok(lay_over(bills, calendar, asked, local.collect()))
    }

    /// What calls on this machine come to.
    pub(super) fn local(&self, ledger: &Ledger) -> Result<Vec<Sum>, LedgerError> {
        ledger.read(|connection| {
            // All scans see the ledger as of one moment, whatever is being written.
            let _one_moment = connection.unchecked_transaction()?;
            let mut gathered = Gathered::default();
            for scan in self.scans() {
                self.read(connection, scan, &mut gathered)?;
            }
            gathered.with_texts(connection)
        })
    }

    fn scans(&self) -> Vec<Scan> {
        if self.by.is_empty() && self.only.is_empty() {
            vec![self.pieces.scan_of_totals()]
        } else {
            self.pieces.scans()
        }
    }

    fn read(&self, connection: &Connection, scan: Scan, gathered: &mut Gathered) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(&self.sql(scan.table))?;
        statement.raw_bind_parameter(1, scan.first)?;
        statement.raw_bind_parameter(2, scan.end)?;
        for (number, (_, value)) in self.only.iter().enumerate() {
            statement.raw_bind_parameter(number + 3, value)?;
        }
        let quarters_per_span = scan.table.quarters();
        let starts = self.pieces.starts();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            let quarter = row.get::<_, i64>(0)? * quarters_per_span;
            while starts.get(gathered.piece + 1).is_some_and(|next| *next <= quarter) {
                gathered.piece += 1;
            }
            gathered.add(row, starts[gathered.piece], self.by.len())?;
        }
        Ok(())
    }

    fn sql(&self, table: SumTable) -> String {
        let (name, span) = (table.name(), table.span());
        let mut sql = format!("SELECT {span}, {FIGURES}");
        for dimension in self.by {
            let _ = write!(sql, ", {}", dimension.column());
        }
        let _ = write!(sql, " FROM {name}");
        if table != SumTable::Totals {
            // CROSS: the sums of the range come first, whatever SQLite thinks of the dimensions.
            let _ = write!(sql, " CROSS JOIN attribution ON attribution.id = {name}.attribution");
        }
        let _ = write!(sql, " WHERE {span} >= ?1 AND {span} < ?2");
        for (number, (dimension, _)) in self.only.iter().enumerate() {
            let _ = write!(sql, " AND {} = (SELECT id FROM name WHERE text = ?{})", dimension.column(), number + 3);
        }
        let _ = write!(sql, " ORDER BY {span}");
        sql
    }
}

/// Numbers in the key of a sum before the ids of its values.
const BEFORE_DIMENSIONS: usize = 2;

/// Sums while they are read, their values still ids.
#[derive(Default)]
struct Gathered {
    sums: Vec<Sum>,
    /// Which sum it is, by the start of its piece, its basis and the ids of its values.
    places: HashMap<Vec<i64>, usize>,
    /// The piece in which the rows are that come now.
    piece: usize,
    /// The key of the row that was read last, kept for its memory.
    key: Vec<i64>,
}

impl Gathered {
    fn add(&mut self, row: &Row<'_>, start: i64, dimensions: usize) -> rusqlite::Result<()> {
        let basis = Basis::named(row.get_ref(1)?.as_str()?);
        self.key.clear();
        self.key.extend([start, basis as i64]);
        for dimension in 0..dimensions {
            self.key.push(row.get(FIRST_DIMENSION + dimension)?);
        }
        let place = if let Some(place) = self.places.get(&self.key) {
            *place
        } else {
            self.places.insert(self.key.clone(), self.sums.len());
            self.sums.push(Sum::nothing(start, basis));
            self.sums.len() - 1
        };
        self.sums[place].add(row)
    }

    fn with_texts(mut self, connection: &Connection) -> rusqlite::Result<Vec<Sum>> {
        let mut statement = connection.prepare_cached("SELECT text FROM name WHERE id = ?1")?;
        let mut texts: HashMap<i64, Rc<str>> = HashMap::new();
        for (key, place) in self.places {
            for id in &key[BEFORE_DIMENSIONS..] {
                if !texts.contains_key(id) {
                    texts.insert(*id, statement.query_row([id], |row| row.get(0))?);
                }
                self.sums[place].values.push(Rc::clone(&texts[id]));
            }
        }
        Ok(self.sums)
    }
}

impl Sum {
    fn nothing(start: i64, basis: Basis) -> Self {
        Self {
            at: start_of(start),
            values: Vec::new(),
            basis,
            requests: 0,
            tokens: Tokens::default(),
            cost: None,
            margin: Margin::default(),
            unpriced_tokens: 0,
            span: (Timestamp::MAX, Timestamp::MIN),
            elsewhere: None,
        }
    }

    /// What is known of an account.
    pub(super) fn of_figures(at: Timestamp, figures: Figures, span: (Timestamp, Timestamp)) -> Self {
        let Figures { basis, amount: cost, margin, requests, tokens, unpriced_tokens } = figures;
        let basis = basis.unwrap_or(Basis::Billed);
        Self { at, values: Vec::new(), basis, requests, tokens, cost, margin, unpriced_tokens, span, elsewhere: None }
    }

    /// Its figures.
    pub(super) const fn figures(&self) -> Figures {
        let Self { basis, cost: amount, margin, requests, tokens, unpriced_tokens, .. } = *self;
        Figures { basis: Some(basis), amount, margin, requests, tokens, unpriced_tokens }
    }

    /// Takes in a row that [`FIGURES`] selected.
    fn add(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let count = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
        self.requests += count(2)?;
        self.tokens += read_tokens(row, 3)?;
        if count(9)? > 0 {
            self.cost = Some(self.cost.unwrap_or_default() + Usd::from_nanos(row.get(10)?));
            let amount = |column: usize| row.get(column).map(Usd::from_nanos);
            self.margin = self.margin + Margin { below: amount(14)?, above: amount(15)? };
        }
        self.unpriced_tokens += count(11)?;
        self.span = (self.span.0.min(moment(row.get(12)?)), self.span.1.max(moment(row.get(13)?)));
        Ok(())
    }

    /// What it cost, if that is told on this basis. Amounts of another are another story, and not added to it.
    pub(super) fn amount(&self, basis: Basis) -> Option<Usd> {
        self.cost.filter(|_| self.basis == basis)
    }
}

fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

/// Those of `sums`, which are in order, whose pieces begin in `range`.
pub(super) fn within(sums: &[Sum], range: TimeRange) -> &[Sum] {
    let first = sums.partition_point(|sum| sum.at < range.start);
    let count = sums[first..].partition_point(|sum| sum.at < range.end);
    &sums[first..first + count]
}

/// The tokens with a price among all of them, in thousandths. Rounded down, so that what is missing is always told.
pub(super) fn coverage_permille(tokens: &Tokens, unpriced: u64) -> Option<i64> {
    let all = u128::from(tokens.total());
    let priced = all.saturating_sub(u128::from(unpriced));
    i64::try_from((priced * 1_000).checked_div(all)?).ok()
}

impl Bases {
    /// Those on which `sums` have amounts. `wanted` leads if it is one of them, else the first.
    pub(super) fn of(sums: &[Sum], wanted: Option<Basis>) -> Self {
        let is_known = |basis: &Basis| sums.iter().any(|sum| sum.amount(*basis).is_some());
        let known: Vec<Basis> = Basis::ALL.into_iter().filter(is_known).collect();
        let lead = wanted.filter(|wanted| known.contains(wanted)).or_else(|| known.first().copied());
        Self { lead: lead.unwrap_or(Basis::Estimated), known }
    }
}

impl Spend {
    /// Takes in a sum. Amounts of different basis stay apart.
    pub(super) fn add(&mut self, sum: &Sum) {
        match sum.basis {
            Basis::Estimated => self.margin = self.margin + sum.margin,
            Basis::ApiEquivalent => self.api_equivalent_margin = self.api_equivalent_margin + sum.margin,
            // What the provider says is certain.
            Basis::Billed => {}
        }
        if let Some(cost) = sum.cost {
            let amount = self.amount_mut(sum.basis);
            *amount = Some(amount.unwrap_or_default() + cost);
        }
        if let Some(elsewhere) = sum.elsewhere.filter(|_| sum.basis == Basis::Billed) {
            self.elsewhere = Some(self.elsewhere.unwrap_or_default() + elsewhere);
        }
        self.requests += sum.requests;
        self.tokens += sum.tokens;
        self.unpriced_tokens += sum.unpriced_tokens;
        self.coverage_permille = coverage_permille(&self.tokens, self.unpriced_tokens);
    }

    /// Where its amount on this basis stands.
    pub(super) const fn amount_mut(&mut self, basis: Basis) -> &mut Option<Usd> {
        match basis {
            Basis::Billed => &mut self.billed,
            Basis::Estimated => &mut self.estimated,
            Basis::ApiEquivalent => &mut self.api_equivalent,
        }
    }

    /// The sum of `sums`.
    pub(super) fn of<'s>(sums: impl IntoIterator<Item = &'s Sum>) -> Self {
        let mut spend = Self::default();
        sums.into_iter().for_each(|sum| spend.add(sum));
        spend
    }
}
