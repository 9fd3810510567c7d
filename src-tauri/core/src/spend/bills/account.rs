//! One account: which of its feeds tells of which span, and what it tells.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{Bucket, DAY, Figures, Line};
use crate::accounts::{self, FeedState};
use crate::calendar::TimeRange;
use crate::ledger::charges::{ChargeRow, UseRow};
use crate::ledger::{Ledger, LedgerError};
use crate::money::Margin;
use crate::sources::providers::{self, Feed, Who};
use crate::usage::Basis;

/// An account and its buckets.
pub(super) struct Account {
    pub(super) provider: String,
    /// What people call it.
    pub(super) name: String,
    /// Whether it serves models of all providers, as a proxy does.
    pub(super) is_proxy: bool,
    /// Sources whose calls it pays.
    paid: HashSet<String>,
    /// In the order of time; none overlaps another of the same width, and an hour none of a day.
    pub(super) buckets: Vec<Bucket>,
}

impl Account {
    /// Reads what is known of it within `range`.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(super) fn read(
        ledger: &Ledger,
        account: &accounts::Account,
        paid: HashSet<String>,
        range: TimeRange,
    ) -> Result<Self, LedgerError> {
        let Some(provider) = providers::named(&account.provider) else {
            let (provider, name) = (account.provider.clone(), account.name.clone());
            return Ok(Self { provider, name, is_proxy: false, paid, buckets: Vec::new() });
        };
        let feeds = provider.feeds.iter().filter(|feed| feed.tells.settles().is_some() || feed.tells.uses());
        let feeds: Vec<(&Feed, FeedState)> = feeds
            .map(|feed| Ok((feed, ledger.feed_state(account.id, feed.id)?)))
            .collect::<Result<_, LedgerError>>()?;
        let told = Told {
            feeds,
            charges: by_day(ledger.charges(account.id, range)?, |row| row.span.start),
            uses: by_day(ledger.uses(account.id, range)?, |row| row.used.span.start),
            names: ledger.account_names(account.id)?,
        };
        let buckets = told.days(range).flat_map(|day| told.buckets(day)).collect();
        Ok(Self {
            provider: account.provider.clone(),
            name: account.name.clone(),
            is_proxy: matches!(provider.home, providers::Home::Own(_)),
            paid,
            buckets,
        })
    }

    /// Whether it pays the calls of `agent` that `provider` served.
    pub(super) fn pays(&self, agent: &str, provider: &str) -> bool {
        self.paid.contains(agent) && (self.is_proxy || provider.eq_ignore_ascii_case(&self.provider))
    }

    /// The bucket in which a moment is.
    pub(super) fn bucket_at(&self, at: Timestamp) -> Option<&Bucket> {
        let after = self.buckets.partition_point(|bucket| bucket.span.start <= at);
        self.buckets[..after].last().filter(|bucket| bucket.span.contains(at))
    }
}

/// Everything that feeds told, by UTC day.
struct Told {
    feeds: Vec<(&'static Feed, FeedState)>,
    charges: BTreeMap<i64, Vec<ChargeRow>>,
    uses: BTreeMap<i64, Vec<UseRow>>,
    names: BTreeMap<(String, String), String>,
}

fn by_day<T>(rows: Vec<T>, start: impl Fn(&T) -> Timestamp) -> BTreeMap<i64, Vec<T>> {
    let mut days: BTreeMap<i64, Vec<T>> = BTreeMap::new();
    for row in rows {
        days.entry(start(&row).as_second().div_euclid(DAY.as_secs())).or_default().push(row);
    }
    days
}

impl Told {
    /// Every day of which something may be known.
    fn days(&self, range: TimeRange) -> impl Iterator<Item = TimeRange> + use<> {
        let read = self.feeds.iter().filter_map(|(_, state)| state.read);
        let known =
            read.reduce(|one, other| TimeRange { start: one.start.min(other.start), end: one.end.max(other.end) });
        let number = |at: Timestamp| at.as_second().div_euclid(DAY.as_secs());
        let numbers = known.map_or(0..0, |known| {
            number(known.start.max(range.start))
                ..number(known.end.min(range.end).saturating_add(DAY).unwrap_or(known.end))
        });
        numbers.filter_map(|day| {
            let start = Timestamp::from_second(day * DAY.as_secs()).ok()?;
            Some(TimeRange { start, end: start.saturating_add(DAY).ok()? })
        })
    }

    /// What is known of a day: its bill, if that is complete; by the hour, as far as it is; or what was counted.
    fn buckets(&self, day: TimeRange) -> Vec<Bucket> {
        let settled = self.feeds.iter().find(|(feed, state)| is_settled(feed, state, day));
        if let Some((feed, _)) = settled {
            return self.settled(feed, day);
        }
        let mut buckets = Vec::new();
        let mut start = day.start;
        while start < day.end {
            let hour = TimeRange { start, end: start.saturating_add(SignedDuration::from_hours(1)).unwrap_or(day.end) };
            let hourly = |feed: &Feed| feed.window.bucket.as_secs() == hour.seconds();
            let settled = self.feeds.iter().find(|(feed, state)| hourly(feed) && is_settled(feed, state, hour));
            match settled {
                Some((feed, _)) => buckets.extend(self.settled(feed, hour)),
                None => buckets.push(self.open(hour, hourly)),
            }
            start = hour.end;
        }
        buckets
    }

    /// The bill of a span, in the buckets in which it comes, with what the provider counted.
    fn settled(&self, bill: &Feed, span: TimeRange) -> Vec<Bucket> {
        let mut buckets: BTreeMap<Timestamp, Bucket> = BTreeMap::new();
        let width = bill.window.bucket;
        let mut start = span.start;
        while start < span.end {
            let own = TimeRange { start, end: start.saturating_add(width).unwrap_or(span.end) };
            buckets.insert(start, Bucket { span: own, is_settled: true, lines: Vec::new() });
            start = own.end;
        }
        let mut put = |at: Timestamp, line: Line| {
            if let Some((_, bucket)) = buckets.range_mut(..=at).next_back() {
                bucket.lines.push(line);
            }
        };
        for charge in self.charges_of(span).filter(|charge| charge.feed == bill.id) {
            let figures = Figures { basis: Some(Basis::Billed), amount: Some(charge.amount), ..Figures::default() };
            put(charge.span.start, self.line(&charge.who, &charge.item, figures));
        }
        for row in self.uses_of(span).filter(|row| self.counts_beside(bill, row, span)) {
            let Figures { requests, tokens, .. } = counted(row);
            let figures = Figures { requests, tokens, ..Figures::default() };
            let line = self.line(&row.used.who, "", figures);
            put(row.used.span.start, Line { counted: row.cost.map(|cost| cost.likely), ..line });
        }
        buckets.into_values().collect()
    }

    /// Whether what a feed counted belongs beside the charges of `bill`: it is its own or, where that counts nothing, that of
    /// the best feed of each kind.
    fn counts_beside(&self, bill: &Feed, row: &UseRow, span: TimeRange) -> bool {
        if bill.tells.uses() {
            return row.feed == bill.id;
        }
        let Some((feed, _)) = self.feeds.iter().find(|(feed, _)| feed.id == row.feed && feed.tells.uses()) else {
            return false;
        };
        !feed.stands_in_for.is_some_and(|better| self.covers(better, span))
    }

    fn covers(&self, feed: &str, span: TimeRange) -> bool {
        self.feeds.iter().any(|(known, state)| {
            known.id == feed && state.read.is_some_and(|read| read.start <= span.start && read.end > span.start)
        })
    }

    /// An hour whose charges are not complete: what was counted in it or, where only charges are told, those so far.
    fn open(&self, hour: TimeRange, hourly: impl Fn(&Feed) -> bool) -> Bucket {
        let mut counting = self.feeds.iter().filter(|(feed, _)| hourly(feed) && feed.tells.uses());
        let counting = counting.find(|(feed, _)| self.covers(feed.id, hour));
        let mut lines: Vec<Line> = Vec::new();
        match counting {
            Some((feed, _)) if feed.tells.settles().is_none() => {
                let rows = self.uses_of(hour).filter(|row| row.feed == feed.id);
                lines.extend(rows.map(|row| self.line(&row.used.who, "", counted(row))));
            }
            _ => {
                let charging = self.feeds.iter().find(|(feed, _)| hourly(feed) && feed.tells.settles().is_some());
                let feed = charging.map_or("", |(feed, _)| feed.id);
                let charges = self.charges_of(hour).filter(|charge| charge.feed == feed);
                lines.extend(charges.map(|charge| {
                    let figures =
                        Figures { basis: Some(Basis::Billed), amount: Some(charge.amount), ..Figures::default() };
                    self.line(&charge.who, &charge.item, figures)
                }));
            }
        }
        Bucket { span: hour, is_settled: false, lines }
    }

    fn charges_of(&self, span: TimeRange) -> impl Iterator<Item = &ChargeRow> {
        self.charges
            .get(&span.start.as_second().div_euclid(DAY.as_secs()))
            .into_iter()
            .flatten()
            .filter(move |row| span.contains(row.span.start))
    }

    fn uses_of(&self, span: TimeRange) -> impl Iterator<Item = &UseRow> {
        self.uses
            .get(&span.start.as_second().div_euclid(DAY.as_secs()))
            .into_iter()
            .flatten()
            .filter(move |row| span.contains(row.used.span.start))
    }

    fn line(&self, who: &Who, item: &str, figures: Figures) -> Line {
        let named = |kind: &str, id: &Option<String>| {
            let id = id.clone().unwrap_or_default();
            self.names.get(&(kind.to_owned(), id.clone())).cloned().unwrap_or(id)
        };
        Line {
            // What is charged and is of no model is told by what it is charged for.
            model: who.model.clone().unwrap_or_else(|| item.to_owned()),
            key: named("key", &who.key),
            user: named("user", &who.user),
            tier: who.tier().as_str().to_owned(),
            figures,
            counted: None,
        }
    }
}

/// Whether the charges of `span` are complete in a feed.
fn is_settled(feed: &Feed, state: &FeedState, span: TimeRange) -> bool {
    let (Some(settles), Some(read)) = (feed.tells.settles(), state.read) else { return false };
    let complete = match state.counted_until {
        Some(counted) => counted.min(read.end),
        None => read.end.saturating_sub(settles).unwrap_or(Timestamp::MIN),
    };
    read.start <= span.start && span.end <= complete
}

fn counted(row: &UseRow) -> Figures {
    let unpriced = if row.cost.is_some() { 0 } else { row.used.tokens.total() };
    let margin = row.cost.map_or_else(Margin::default, |cost| Margin { below: cost.below, above: cost.above });
    Figures {
        basis: Some(Basis::Estimated),
        amount: row.cost.map(|cost| cost.likely),
        margin,
        requests: row.used.requests.unwrap_or_default(),
        tokens: row.used.tokens,
        unpriced_tokens: unpriced,
    }
}
