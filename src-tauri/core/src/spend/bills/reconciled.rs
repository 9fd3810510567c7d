//! Bills held against estimates, by account, day and model: how far they are apart, and why.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use ts_rs::TS;

use super::Bills;
use crate::calendar::{Calendar, TimeRange};
use crate::ledger::LedgerError;
use crate::money::Usd;
use crate::spend::Viewpoint;
use crate::spend::dimension::Dimension;
use crate::spend::pieces::Pieces;
use crate::spend::ranking::plus;
use crate::spend::sums::Query;
use crate::usage::Basis;

/// From so many thousandths on, a bill and an estimate of the same calls are said to differ.
const DRIFT_PERMILLE: i64 = 50;

/// Days that a warning looks back on.
const DAYS_BACK: i64 = 7;

/// What one account was charged for one model on one of its provider's days, and what is known of it otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Reconciled {
    /// The provider: `anthropic`.
    pub provider: String,
    /// What people call the account.
    pub account: String,
    /// The day, in UTC as the provider has it: `2026-11-24`.
    pub date: String,
    /// The model, or what else is charged.
    pub model: String,
    /// What is charged.
    #[ts(type = "string")]
    pub billed: Usd,
    /// What the provider's own count of tokens comes to by the price lists; `null`: it counts none, or has no price.
    #[ts(type = "string | null")]
    pub counted: Option<Usd>,
    /// What calls on this machine come to that the account pays; `null`: there are none.
    #[ts(type = "string | null")]
    pub explained: Option<Usd>,
    /// How much more is charged than estimated, from the provider's count where there is one, else from calls here; less than
    /// nothing where it is less.
    #[ts(type = "string")]
    pub difference: Usd,
    /// The same in thousandths of the bill; `null` where nothing is charged.
    #[ts(type = "number | null")]
    pub difference_permille: Option<i64>,
    /// Why they differ.
    pub cause: Cause,
}

/// Why a bill and an estimate differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Cause {
    /// They do not: less than a twentieth.
    None,
    /// The provider charges its own count at another price than the lists have.
    Price,
    /// Some of it was used elsewhere: no record on this machine tells of it.
    Elsewhere,
    /// More was used here than is charged: another account pays some of it, or it is charged later.
    BeyondBill,
    /// It is not charged by the token: a search, a session.
    NotTokens,
}

/// That an account's bills and estimates of the same calls drift apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Drift {
    /// The provider.
    pub provider: String,
    /// What people call the account.
    pub account: String,
    /// How far estimates are off, in thousandths of what is charged; less than nothing where they are too high.
    #[ts(type = "number")]
    pub permille: i64,
    /// Why.
    pub cause: Cause,
}

impl Viewpoint<'_> {
    /// Bills and estimates of the days in `range` that are settled, the newest first, the dearest of a day first.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn reconciliation(&self, range: TimeRange) -> Result<Vec<Reconciled>, LedgerError> {
        let Some(bills) = Bills::around(self.ledger, range)? else { return Ok(Vec::new()) };
        let mut rows: Vec<Reconciled> = self.known(&bills)?.into_iter().map(Known::reconciled).collect();
        let utc = Calendar::new(TimeZone::UTC);
        let days =
            [range.start, range.end.saturating_sub(1.second()).unwrap_or(range.end)].map(|at| utc.date(at).to_string());
        rows.retain(|row| (&days[0]..=&days[1]).contains(&&row.date));
        rows.sort_by(|a, b| b.date.cmp(&a.date).then(b.billed.cmp(&a.billed)).then(a.model.cmp(&b.model)));
        Ok(rows)
    }

    /// Accounts of which bills and estimates of the same calls have been further apart than a twentieth over the last week that
    /// is settled. Only models that were called here count: of others nothing was estimated here.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn drifts(&self) -> Result<Vec<Drift>, LedgerError> {
        let start = self.now.saturating_sub((24 * DAYS_BACK).hours()).unwrap_or(self.now);
        let Some(bills) = Bills::around(self.ledger, TimeRange { start, end: self.now })? else {
            return Ok(Vec::new());
        };
        let mut accounts: BTreeMap<(String, String), [Option<Usd>; 3]> = BTreeMap::new();
        for known in self.known(&bills)?.into_iter().filter(|known| known.explained.is_some()) {
            let sums = accounts.entry((known.provider, known.account)).or_default();
            for (sum, amount) in sums.iter_mut().zip([Some(known.billed), known.counted, known.explained]) {
                *sum = plus(*sum, amount);
            }
        }
        let drift = |((provider, account), [billed, counted, explained]): ((String, String), [Option<Usd>; 3])| {
            let billed = billed.unwrap_or_default();
            let (off, cause) = match counted {
                Some(counted) => (billed - counted, Cause::Price),
                // What was used elsewhere is no drift; what is not charged is.
                None => ((billed - explained.unwrap_or_default()).min(Usd::ZERO), Cause::BeyondBill),
            };
            let permille = off.permille_of(billed)?;
            (permille.abs() > DRIFT_PERMILLE).then_some(Drift { provider, account, permille, cause })
        };
        Ok(accounts.into_iter().filter_map(drift).collect())
    }

    /// What is known of each account, day and model that is settled.
    fn known(&self, bills: &Bills) -> Result<Vec<Known>, LedgerError> {
        let Some(span) = bills.span() else { return Ok(Vec::new()) };
        let pieces = Pieces::whole(span).refined(span, bills.cuts());
        let by = [Dimension::Agent, Dimension::Provider, Dimension::Model];
        let local = Query { pieces: &pieces, by: &by, only: &[] }.local(self.ledger)?;
        let utc = Calendar::new(TimeZone::UTC);
        let mut rows = Vec::new();
        for account in &bills.accounts {
            let mut known: BTreeMap<(Date, String), Known> = BTreeMap::new();
            for bucket in account.buckets.iter().filter(|bucket| bucket.is_settled) {
                for (model, line) in bills.by_model(account, bucket) {
                    let date = utc.date(bucket.span.start);
                    let row = Known::of(&mut known, account, date, &model, &line.model);
                    row.billed += line.figures.amount.unwrap_or_default();
                    row.counted = plus(row.counted, line.counted);
                    row.tokens += line.figures.tokens.total();
                }
            }
            for sum in local.iter().filter(|sum| sum.basis != Basis::ApiEquivalent) {
                let [agent, provider, model] = [&sum.values[0], &sum.values[1], &sum.values[2]];
                let settled = account.bucket_at(sum.at).is_some_and(|bucket| bucket.is_settled);
                if settled && account.pays(agent, provider) {
                    let name = bills.model(&account.provider, model);
                    let row = Known::of(&mut known, account, utc.date(sum.at), &name, model);
                    row.explained = plus(row.explained, sum.cost);
                }
            }
            rows.extend(known.into_values());
        }
        Ok(rows)
    }
}

/// What is known of an account, a day and a model.
struct Known {
    provider: String,
    account: String,
    date: Date,
    model: String,
    billed: Usd,
    counted: Option<Usd>,
    explained: Option<Usd>,
    tokens: u64,
}

impl Known {
    fn of<'k>(
        known: &'k mut BTreeMap<(Date, String), Self>,
        account: &super::Account,
        date: Date,
        model: &str,
        shown: &str,
    ) -> &'k mut Self {
        known.entry((date, model.to_owned())).or_insert_with(|| Self {
            provider: account.provider.clone(),
            account: account.name.clone(),
            date,
            model: shown.to_owned(),
            billed: Usd::ZERO,
            counted: None,
            explained: None,
            tokens: 0,
        })
    }

    fn reconciled(self) -> Reconciled {
        let estimate = self.counted.or(self.explained).unwrap_or_default();
        let difference = self.billed - estimate;
        let cause = self.cause();
        let Self { provider, account, date, model, billed, counted, explained, .. } = self;
        let difference_permille = difference.permille_of(billed);
        let date = date.to_string();
        Reconciled {
            provider,
            account,
            date,
            model,
            billed,
            counted,
            explained,
            difference,
            difference_permille,
            cause,
        }
    }

    fn cause(&self) -> Cause {
        let apart = |amount: Usd| (self.billed - amount).permille_of(self.billed);
        let is_apart = |amount: Usd| apart(amount).is_none_or(|permille| permille.abs() > DRIFT_PERMILLE);
        if let Some(counted) = self.counted.filter(|counted| is_apart(*counted)) {
            // Both nothing is no difference.
            return if self.billed == counted { Cause::None } else { Cause::Price };
        }
        match self.explained {
            None if self.counted.is_none() && self.tokens == 0 => Cause::NotTokens,
            Some(explained) if !is_apart(explained) => Cause::None,
            Some(explained) if explained > self.billed => Cause::BeyondBill,
            None | Some(_) => Cause::Elsewhere,
        }
    }
}
