//! Lays bills over the sums of local calls.

use std::rc::Rc;

use jiff::{Timestamp, ToSpan as _};

use super::account::Account;
use super::{Bills, Bucket, ByModel, ELSEWHERE, Figures, Line, beyond};
use crate::calendar::{Calendar, TimeRange};
use crate::money::{Margin, Usd};
use crate::spend::dimension::Dimension;
use crate::spend::pieces::Pieces;
use crate::spend::ranking::plus;
use crate::spend::sums::Sum;
use crate::usage::Basis;

/// What is asked of the sums.
#[derive(Clone, Copy)]
pub(in crate::spend) struct Asked<'q> {
    pub(in crate::spend) pieces: &'q Pieces,
    pub(in crate::spend) by: &'q [Dimension],
    pub(in crate::spend) only: &'q [(Dimension, String)],
}

/// A local sum, with what tells who pays it.
pub(in crate::spend) struct Local {
    pub(in crate::spend) sum: Sum,
    pub(in crate::spend) agent: Rc<str>,
    pub(in crate::spend) provider: Rc<str>,
    pub(in crate::spend) model: Rc<str>,
    /// Whether it has all that is asked for. Others are not shown, and explain all the same.
    pub(in crate::spend) is_wanted: bool,
}

/// The sums that are asked for: the bill where there is one, explained as far as `local` sums do, and what else is known.
pub(in crate::spend) fn lay_over(bills: &Bills, calendar: &Calendar, asked: Asked<'_>, local: Vec<Local>) -> Vec<Sum> {
    let view = View { bills, calendar, asked };
    let mut explained: Vec<ByModel> = bills.accounts.iter().map(|_| ByModel::new()).collect();
    let mut sums = Vec::new();
    for local in local {
        let paying = bills.accounts.iter().position(|account| account.pays(&local.agent, &local.provider));
        // What a plan covers is in no account's bill.
        let paying = paying.filter(|_| local.sum.basis != Basis::ApiEquivalent);
        let bucket = paying.and_then(|place| Some((place, bills.accounts[place].bucket_at(local.sum.at)?)));
        match bucket {
            None => sums.extend(view.at_its_time(local)),
            Some((place, bucket)) => {
                let model = bills.model(&bills.accounts[place].provider, &local.model);
                let of_bucket = explained[place].entry(bucket.span.start).or_default();
                of_bucket.entry(model).or_default().add(&local.sum.figures());
                sums.extend(view.explaining(local, bucket));
            }
        }
    }
    for (account, explained) in bills.accounts.iter().zip(&explained) {
        sums.extend(view.of_account(account, explained));
    }
    sums.sort_by_key(|sum| sum.at);
    sums
}

/// What is looked at, and how.
struct View<'v> {
    bills: &'v Bills,
    calendar: &'v Calendar,
    asked: Asked<'v>,
}

impl View<'_> {
    fn at_its_time(&self, local: Local) -> Option<Sum> {
        let at = self.asked.pieces.piece_of(local.sum.at)?;
        local.is_wanted.then_some(Sum { at, ..local.sum })
    }

    /// A local sum under a bill: of a settled bucket, it is a part of the bill, and stands where the bill stands. It is not
    /// shown where providers tell everything that is asked for themselves.
    fn explaining(&self, local: Local, bucket: &Bucket) -> Option<Sum> {
        if !bucket.is_settled {
            return self.at_its_time(local);
        }
        if self.is_told_by_providers() || !local.is_wanted {
            return None;
        }
        let at = self.asked.pieces.piece_of(self.stands_at(bucket.span))?;
        Some(Sum { at, basis: Basis::Billed, margin: Margin::default(), ..local.sum })
    }

    /// What an account adds to the local sums.
    fn of_account(&self, account: &Account, explained: &ByModel) -> Vec<Sum> {
        let mut sums = Vec::new();
        for bucket in &account.buckets {
            let Some(at) = self.asked.pieces.piece_of(self.stands_at(bucket.span)) else { continue };
            let lines = if bucket.is_settled && self.is_told_by_providers() && !self.is_by_model_at_most() {
                bucket.lines.iter().map(|line| (line.clone(), None)).collect()
            } else {
                self.rest_by_model(account, bucket, explained)
            };
            for (line, elsewhere) in lines.into_iter().filter(|(line, _)| self.is_wanted(account, line)) {
                let values = self.asked.by.iter().map(|by| Rc::from(value(*by, &account.provider, &line))).collect();
                let last = bucket.span.end.saturating_sub(1.millisecond()).unwrap_or(bucket.span.start);
                let span = (bucket.span.start, last);
                sums.push(Sum { values, elsewhere, ..Sum::of_figures(at, line.figures, span) });
            }
        }
        sums
    }

    /// What of a bucket local sums leave, by model, and how much of that was spent elsewhere. Where providers tell everything
    /// that is asked for, local sums are not shown, so that they leave all of it.
    fn rest_by_model(&self, account: &Account, bucket: &Bucket, explained: &ByModel) -> Vec<(Line, Option<Usd>)> {
        let is_whole = bucket.is_settled && self.is_told_by_providers();
        let mut of_bucket = explained.get(&bucket.span.start).cloned().unwrap_or_default();
        let mut lines = Vec::new();
        for (model, line) in self.bills.by_model(account, bucket) {
            let known = of_bucket.remove(&model).unwrap_or_default();
            let rest = rest(&line.figures, &known, bucket.is_settled);
            let figures = if is_whole { line.figures } else { rest };
            if figures != Figures::default() {
                lines.push((Line { figures, ..line }, rest.amount));
            }
        }
        if bucket.is_settled {
            // Models that were called by what is known here, and not charged.
            for (model, known) in of_bucket.into_iter().filter(|(_, known)| known.amount.is_some()) {
                let rest = rest(&Figures::default(), &known, true);
                let figures = if is_whole { Figures { amount: Some(Usd::ZERO), ..rest } } else { rest };
                lines.push((Line { model: model.to_string(), figures, ..Line::default() }, rest.amount));
            }
        }
        lines
    }
}

impl Bills {
    /// The lines of a bucket by model, in the name that logs and bills have in common.
    pub(super) fn by_model(&self, account: &Account, bucket: &Bucket) -> Vec<(Rc<str>, Line)> {
        let mut models: Vec<(Rc<str>, Line)> = Vec::new();
        for line in &bucket.lines {
            let name = self.model(&account.provider, &line.model);
            if let Some((_, sum)) = models.iter_mut().find(|(known, _)| *known == name) {
                sum.figures.add(&line.figures);
                sum.counted = plus(sum.counted, line.counted);
            } else {
                let one = Line { key: String::new(), user: String::new(), tier: String::new(), ..line.clone() };
                models.push((name, one));
            }
        }
        models
    }
}

impl View<'_> {
    /// Where a bucket stands: an hour at its own time, a day at the user's day of the same date.
    fn stands_at(&self, span: TimeRange) -> Timestamp {
        if span.seconds() < super::DAY.as_secs() {
            return span.start;
        }
        self.calendar.midnight(Calendar::new(jiff::tz::TimeZone::UTC).date(span.start))
    }

    /// Whether a line of an account has all that is asked for.
    fn is_wanted(&self, account: &Account, line: &Line) -> bool {
        self.asked.only.iter().all(|(dimension, wanted)| value(*dimension, &account.provider, line) == wanted)
    }

    fn is_told_by_providers(&self) -> bool {
        let filters = self.asked.only.iter().map(|(dimension, _)| dimension);
        self.asked.by.iter().chain(filters).all(|dimension| {
            matches!(
                dimension,
                Dimension::Provider | Dimension::Model | Dimension::Key | Dimension::User | Dimension::Tier
            )
        })
    }

    fn is_by_model_at_most(&self) -> bool {
        let filters = self.asked.only.iter().map(|(dimension, _)| dimension);
        self.asked.by.iter().chain(filters).all(|dimension| matches!(dimension, Dimension::Provider | Dimension::Model))
    }
}

/// What a line says of a dimension.
fn value<'l>(dimension: Dimension, provider: &'l str, line: &'l Line) -> &'l str {
    match dimension {
        Dimension::Provider => provider,
        Dimension::Model => &line.model,
        Dimension::Key => &line.key,
        Dimension::User => &line.user,
        Dimension::Tier => &line.tier,
        Dimension::Agent | Dimension::Project | Dimension::Branch | Dimension::Workflow | Dimension::Session => {
            ELSEWHERE
        }
    }
}

/// What of an account's figures is left beside those that are known. Of a bill it may be less than nothing; what is counted
/// lags behind, and what is known beyond it is no mistake.
fn rest(figures: &Figures, known: &Figures, is_settled: bool) -> Figures {
    let tokens = beyond(figures.tokens, known.tokens);
    let requests = figures.requests.saturating_sub(known.requests);
    let explained = known.amount.unwrap_or_default();
    if is_settled {
        let amount = (figures.amount.is_some() || known.amount.is_some())
            .then(|| figures.amount.unwrap_or_default() - explained);
        return Figures { basis: Some(Basis::Billed), amount, requests, tokens, ..Figures::default() };
    }
    let amount = figures.amount.map(|amount| amount - explained).filter(|amount| *amount > Usd::ZERO);
    Figures {
        basis: figures.basis,
        amount,
        margin: if amount.is_some() { figures.margin } else { Margin::default() },
        requests,
        tokens,
        unpriced_tokens: figures.unpriced_tokens.min(tokens.total()),
    }
}
