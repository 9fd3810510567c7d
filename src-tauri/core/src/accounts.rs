//! Accounts: the organisations whose keys a person entered, and how asking their providers goes.

pub mod keys;
pub mod view;

use jiff::Timestamp;

use crate::calendar::TimeRange;
use crate::money::Usd;
use crate::secrets::Secret;
use crate::sources::providers::Provider;

/// The ledger's number of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub(crate) i64);

/// An organisation at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// The provider's identifier.
    pub provider: String,
    /// The provider's identifier of the organisation; `None`: no key was allowed to know.
    pub organisation: Option<String>,
    /// What people call it.
    pub name: String,
    /// What is left of what was paid in advance, and since when that is known; `None`: not told.
    pub balance: Option<(Usd, Timestamp)>,
}

/// A key that a person entered. The key itself is in the keychain, under this name.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its name: `openai`, or `openai-work` where there are several.
    pub name: String,
    /// Who is asked.
    pub provider: &'static Provider,
    /// Where.
    pub base: String,
    /// The last letters of the key.
    pub key_ends: String,
    /// When it was entered.
    pub added_at: Timestamp,
    /// Whose key it is; `None`: not known yet.
    pub account: Option<AccountId>,
    /// When the provider last said whose key it is.
    pub identified_at: Option<Timestamp>,
    /// Seconds by which the provider's clock is ahead of this machine's; `None`: not told.
    pub clock_ahead: Option<i64>,
    /// Why it is not asked just now; `None`: it is.
    pub hold: Option<Hold>,
}

/// Why something is not asked just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Until when; `None`: until a person does something about it.
    pub until: Option<Timestamp>,
    /// How many times in a row it failed.
    pub failures: u32,
    /// What is wrong, for programs.
    pub code: String,
    /// What is wrong, where, and what to do.
    pub trouble: String,
}

/// How far a feed was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedState {
    /// When it last answered.
    pub told_at: Option<Timestamp>,
    /// When it was last asked for what is long past.
    pub reread_at: Option<Timestamp>,
    /// The span of which everything was read.
    pub read: Option<TimeRange>,
    /// Up to when the provider had counted by then, if it says so.
    pub counted_until: Option<Timestamp>,
    /// Why it is not asked just now.
    pub hold: Option<Hold>,
}

/// That an account pays the calls of a source on this machine, as far as its provider serves them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidBy {
    /// The source, such as `claude-code`.
    pub source: String,
    /// The account.
    pub account: AccountId,
}

impl Connection {
    /// One that was just entered, and of which nothing is known yet.
    pub fn new(name: &str, provider: &'static Provider, base: String, key: &Secret, now: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            provider,
            base,
            key_ends: key.ends(),
            added_at: now,
            account: None,
            identified_at: None,
            clock_ahead: None,
            hold: None,
        }
    }
}
