//! How the accounts are doing, as a person sees it. What crosses to the page has no key in it: only how it ends.

use jiff::Timestamp;
use serde::Serialize;
use ts_rs::TS;

use super::{Connection, Hold};
use crate::ledger::LedgerError;
use crate::money::Usd;
use crate::polling::{self, Known};
use crate::spend::Viewpoint;

/// A connection and how it is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ConnectionView {
    /// Its name: `openai`.
    pub name: String,
    /// The provider's identifier.
    pub provider: String,
    /// What people call the provider.
    pub provider_name: String,
    /// What people call the account; `null`: the provider has not said yet whose key it is.
    pub account: Option<String>,
    /// The ledger's number of the account.
    #[ts(type = "number | null")]
    pub account_id: Option<i64>,
    /// Where it is asked.
    pub base: String,
    /// The last letters of the key.
    pub key_ends: String,
    /// How it is doing.
    pub state: ConnectionState,
    /// The figures hold as of; `null`: there are none yet.
    pub as_of: Option<String>,
    /// A name for what is wrong, such as `keychain_locked`; `null`: nothing.
    pub code: Option<String>,
    /// What is wrong, where, and what to do; `null`: nothing.
    pub trouble: Option<String>,
    /// When it is asked again by itself; `null`: not before a person did something, or nothing is wrong.
    pub again_at: Option<String>,
    /// History that is being read; `null`: all of it is there, or nothing is known yet.
    pub history: Option<HistoryView>,
    /// What is left of what was paid in advance; `null`: not told.
    #[ts(type = "string | null")]
    pub balance: Option<Usd>,
    /// Minutes by which this machine's clock differs from the provider's, if that is more than a few.
    #[ts(type = "number | null")]
    pub clock_minutes: Option<i64>,
    /// Things that cannot be read with this key or just now, beside what stops all of it.
    pub missing: Vec<MissingView>,
}

/// How a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ConnectionState {
    /// It was not asked yet.
    New,
    /// Everything came when it was due.
    Fresh,
    /// What is known is older than it should be.
    Stale,
    /// The provider does not take the key: a person has to do something.
    Refused,
}

/// How much history is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct HistoryView {
    /// Days that are there, of all that are read.
    #[ts(type = "number")]
    pub days_read: i64,
    /// All days.
    #[ts(type = "number")]
    pub days: i64,
}

/// Something that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct MissingView {
    /// What it is about.
    pub about: String,
    /// What is wrong and what to do.
    pub trouble: String,
    /// When it is asked again by itself; `null`: not before a person did something.
    pub again_at: Option<String>,
}

impl Viewpoint<'_> {
    /// Every connection and how it is doing, by name.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn connections(&self) -> Result<Vec<ConnectionView>, LedgerError> {
        self.ledger.connections()?.iter().map(|connection| self.connection(connection)).collect()
    }

    fn connection(&self, connection: &Connection) -> Result<ConnectionView, LedgerError> {
        let accounts = self.ledger.accounts()?;
        let account = accounts.into_iter().find(|account| Some(account.id) == connection.account);
        let known = self.ledger.known_of(connection)?;
        let there = polling::provider_now(connection, self.now);
        let asked: Vec<&Known> = polling::asked(&known).collect();
        let as_of = as_of(&asked);
        let written = |at: Timestamp| self.calendar.rfc3339(at);
        let again_at = |hold: &Hold| hold.until.map(written);
        let missing = asked.iter().filter_map(|of| {
            let hold = of.state.hold.as_ref()?;
            // Another one stands in for it.
            let stands_in = known.iter().any(|other| {
                other.feed.stands_in_for == Some(of.feed.id) && hold.until.is_none() && other.state.hold.is_none()
            });
            (!stands_in).then(|| MissingView {
                about: of.feed.about.to_owned(),
                trouble: hold.trouble.clone(),
                again_at: again_at(hold),
            })
        });
        let missing: Vec<MissingView> = missing.collect();
        let is_late = asked.iter().any(|of| of.state.hold.is_none() && is_late(of, self.now));
        let state = match &connection.hold {
            Some(Hold { until: None, .. }) => ConnectionState::Refused,
            None if as_of.is_none() => ConnectionState::New,
            None if !is_late => ConnectionState::Fresh,
            _ => ConnectionState::Stale,
        };
        let history = asked.iter().filter_map(|of| polling::history_read(of, there));
        let history = history.reduce(|one, other| (one.0 + other.0, one.1 + other.1));
        let history = history.filter(|(read, days)| as_of.is_some() && read < days);
        Ok(ConnectionView {
            name: connection.name.clone(),
            provider: connection.provider.id.to_owned(),
            provider_name: connection.provider.name.to_owned(),
            account: account.as_ref().map(|account| account.name.clone()),
            account_id: connection.account.map(|account| account.0),
            base: connection.base.clone(),
            key_ends: connection.key_ends.clone(),
            state,
            as_of: as_of.map(written),
            code: connection.hold.as_ref().map(|hold| hold.code.clone()),
            trouble: connection.hold.as_ref().map(|hold| hold.trouble.clone()),
            again_at: connection.hold.as_ref().and_then(again_at),
            history: history.map(|(days_read, days)| HistoryView { days_read, days }),
            balance: account.and_then(|account| account.balance).map(|(balance, _)| balance),
            clock_minutes: connection.clock_ahead.map(|ahead| ahead / 60).filter(|minutes| minutes.abs() >= 5),
            missing,
        })
    }
}

/// What is asked for most often tells how old the figures are: the others are of what is long past.
fn as_of(asked: &[&Known]) -> Option<Timestamp> {
    let figures = asked.iter().filter(|of| of.feed.tells.is_dated());
    figures.min_by_key(|of| (of.state.told_at.is_none(), of.feed.every))?.state.told_at
}

/// Whether two polls in a row were missed.
fn is_late(of: &Known, now: Timestamp) -> bool {
    let every = i64::try_from(of.feed.every.as_secs()).unwrap_or(i64::MAX);
    of.state.told_at.is_none_or(|told| now.duration_since(told).as_secs() > every.saturating_mul(9) / 4)
}
