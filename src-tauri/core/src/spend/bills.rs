//! What accounts were charged, laid over what calls on this machine are estimated to cost. The one is the bill, the other
//! explains it: they are never added.
//!
//! A provider's day or hour whose charges are complete is *settled*: spend of the account in it is the bill, whatever was
//! estimated. Calls of sources that the account pays explain as much of it as they are estimated to cost, and what is left
//! was spent elsewhere: on another machine, by somebody else. It may be less than nothing where estimates are too high; so
//! all of it together is always the bill, to the nano-dollar. Until then an hour is *open*: the account's own calls count as
//! they are estimated, and beside them what the provider has counted more than that.
//!
//! Providers' days are UTC. A day's bill stands at the user's day of the same date, and so do the calls that explain it: what
//! the invoice says of a day is what is shown for it.

mod account;
mod laid;
pub mod reconciled;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};

use self::account::Account;
pub(super) use self::laid::{Asked, Local, lay_over};
use crate::calendar::TimeRange;
use crate::ledger::{Ledger, LedgerError};
use crate::money::{Margin, Usd};
use crate::pricing::PriceBook;
use crate::usage::{Basis, Tokens};

/// What stands for a dimension of what no record on this machine explains.
pub const ELSEWHERE: &str = "(elsewhere)";

/// The accounts that were charged something around a range.
pub(super) struct Bills {
    accounts: Vec<Account>,
    book: PriceBook,
    /// Models by provider, as they were called and as they are called in common.
    models: RefCell<HashMap<String, HashMap<String, Rc<str>>>>,
}

/// A span of an account, and what is known of it.
#[derive(Clone, Debug)]
struct Bucket {
    span: TimeRange,
    /// Whether its charges are complete.
    is_settled: bool,
    lines: Vec<Line>,
}

/// What an account was charged or used for one thing in a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Line {
    /// As the provider calls it; for what is of no model, what it is charged for.
    model: String,
    /// What people call the key.
    key: String,
    /// What people call the person or service account.
    user: String,
    tier: String,
    figures: Figures,
    /// What the provider counted of it, by the price lists: beside a bill, to hold it against.
    counted: Option<Usd>,
}

/// Figures of which some are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) basis: Option<Basis>,
    pub(super) amount: Option<Usd>,
    pub(super) margin: Margin,
    pub(super) requests: u64,
    pub(super) tokens: Tokens,
    pub(super) unpriced_tokens: u64,
}

impl Bills {
    /// Reads them for `range`; `None` if there is no account at all, which is the usual case and costs next to nothing.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(super) fn around(ledger: &Ledger, range: TimeRange) -> Result<Option<Self>, LedgerError> {
        let accounts = ledger.accounts()?;
        if accounts.is_empty() {
            return Ok(None);
        }
        let book = ledger.price_book()?;
        // A day of the user begins up to 14 hours away from one in UTC.
        let around = TimeRange {
            start: range.start.saturating_sub(DAY).unwrap_or(Timestamp::MIN),
            end: range.end.saturating_add(DAY).unwrap_or(Timestamp::MAX),
        };
        let payers = ledger.payers()?;
        let accounts = accounts.into_iter().map(|account| {
            let paid =
                payers.iter().filter(|paid| paid.account == account.id).map(|paid| paid.source.clone()).collect();
            Account::read(ledger, &account, paid, around)
        });
        Ok(Some(Self { accounts: accounts.collect::<Result<_, _>>()?, book, models: RefCell::default() }))
    }

    /// Every moment at which a bucket begins or ends.
    pub(super) fn cuts(&self) -> impl Iterator<Item = Timestamp> + '_ {
        self.accounts
            .iter()
            .flat_map(|account| &account.buckets)
            .flat_map(|bucket| [bucket.span.start, bucket.span.end])
    }

    /// The span of everything that is known of accounts; `None`: nothing.
    pub(super) fn span(&self) -> Option<TimeRange> {
        let spans = self.accounts.iter().flat_map(|account| &account.buckets).map(|bucket| bucket.span);
        spans.reduce(|one, other| TimeRange { start: one.start.min(other.start), end: one.end.max(other.end) })
    }

    /// One name for a model, whether a bill or a log names it.
    fn model(&self, provider: &str, model: &str) -> Rc<str> {
        let mut known = self.models.borrow_mut();
        if let Some(name) = known.get(provider).and_then(|models| models.get(model)) {
            return Rc::clone(name);
        }
        let listing = self.book.catalogue().find(Some(provider), model);
        let name: Rc<str> = listing.map_or_else(|| model.to_ascii_lowercase().into(), |listing| listing.model().into());
        known.entry(provider.to_owned()).or_default().insert(model.to_owned(), Rc::clone(&name));
        name
    }
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Figures {
    fn add(&mut self, other: &Self) {
        self.basis = self.basis.or(other.basis);
        self.amount = self.amount.zip(other.amount).map(|(one, other)| one + other).or(self.amount).or(other.amount);
        self.margin = self.margin + other.margin;
        self.requests += other.requests;
        self.tokens += other.tokens;
        self.unpriced_tokens += other.unpriced_tokens;
    }
}

/// Tokens of the one that the other does not have.
fn beyond(tokens: Tokens, known: Tokens) -> Tokens {
    Tokens {
        input: tokens.input.saturating_sub(known.input),
        cache_read: tokens.cache_read.saturating_sub(known.cache_read),
        cache_write_short: tokens.cache_write_short.saturating_sub(known.cache_write_short),
        cache_write_long: tokens.cache_write_long.saturating_sub(known.cache_write_long),
        output: tokens.output.saturating_sub(known.output),
        reasoning: tokens.reasoning.saturating_sub(known.reasoning),
    }
}

/// Figures by the start of a bucket and by model.
type ByModel = HashMap<Timestamp, HashMap<Rc<str>, Figures>>;

#[cfg(test)]
mod tests;
