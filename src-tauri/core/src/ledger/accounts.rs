//! Accounts, the connections to them, and how far their feeds were read. Only `sync::accounts` moves the latter.

use jiff::Timestamp;
use rusqlite::{Connection as Sqlite, OptionalExtension as _, Row, params};

use super::{Ledger, LedgerError, bump_generation};
use crate::accounts::{Account, AccountId, Connection, FeedState, Hold};
use crate::calendar::TimeRange;
use crate::money::Usd;
use crate::polling::Known;
use crate::sources::providers::{self, Organisation};

const ACCOUNT: &str = "SELECT id, provider, organisation, name, balance, balance_at FROM account";

const CONNECTION: &str = "SELECT name, provider, base, key_ends, added_at, account, identified_at, clock_ahead,
    hold_until, failures, code, trouble FROM connection";

impl Ledger {
    /// All accounts that were ever known.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn accounts(&self) -> Result<Vec<Account>, LedgerError> {
        self.read(|sqlite| {
            sqlite.prepare_cached(&format!("{ACCOUNT} ORDER BY provider, name, id"))?.query_map([], account)?.collect()
        })
    }

    /// All connections, by name. Those of a provider that this version does not know are left out.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn connections(&self) -> Result<Vec<Connection>, LedgerError> {
        let all: Vec<Option<Connection>> = self.read(|sqlite| {
            sqlite.prepare_cached(&format!("{CONNECTION} ORDER BY name"))?.query_map([], connection)?.collect()
        })?;
        Ok(all.into_iter().flatten().collect())
    }

    /// The connection of this name.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn connection(&self, name: &str) -> Result<Option<Connection>, LedgerError> {
        let found = self.read(|sqlite| {
            sqlite.prepare_cached(&format!("{CONNECTION} WHERE name = ?1"))?.query_row([name], connection).optional()
        })?;
        Ok(found.flatten())
    }

    /// Writes down a connection, a new one or with another key. What was wrong with it before is forgotten.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn keep_connection(&mut self, connection: &Connection) -> Result<(), LedgerError> {
        let Connection { name, provider, base, key_ends, added_at, .. } = connection;
        self.write(|sqlite| {
            sqlite.execute(
                "INSERT INTO connection (name, provider, base, key_ends, added_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (name) DO UPDATE SET provider = excluded.provider, base = excluded.base,
                   key_ends = excluded.key_ends, identified_at = NULL, hold_until = NULL, failures = 0, code = NULL,
                   trouble = NULL",
                params![name, provider.id, base, key_ends, added_at.as_millisecond()],
            )?;
            // What another key was not allowed to, this one may be.
            sqlite.execute(
                "UPDATE account_feed SET hold_until = NULL, failures = 0, code = NULL, trouble = NULL
                 WHERE account = (SELECT account FROM connection WHERE name = ?1)",
                [name],
            )?;
            bump_generation(sqlite)
        })
    }

    /// Forgets a connection. What its account was charged stays.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn forget_connection(&mut self, name: &str) -> Result<(), LedgerError> {
        self.write(|sqlite| {
            sqlite.execute("DELETE FROM connection WHERE name = ?1", [name])?;
            bump_generation(sqlite)
        })
    }

    /// The account of `organisation`, which is made if need be, becomes that of the connection. An account whose organisation
    /// was not known before is taken to be this one, and one that is not told any more stays what it was.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn identify(
        &mut self,
        connection: &Connection,
        organisation: &Organisation,
        now: Timestamp,
    ) -> Result<AccountId, LedgerError> {
        let provider = connection.provider;
        let called = organisation.name.clone().unwrap_or_else(|| provider.name.to_owned());
        self.write(|sqlite| {
            let before: Option<(i64, Option<String>)> = sqlite
                .prepare_cached(
                    "SELECT account.id, organisation FROM connection JOIN account ON account.id = account
                     WHERE connection.name = ?1",
                )?
                .query_row([&connection.name], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let known: Option<i64> = sqlite
                .prepare_cached("SELECT id FROM account WHERE provider = ?1 AND organisation = ?2")?
                .query_row(params![provider.id, organisation.id], |row| row.get(0))
                .optional()?;
            let id = match (&organisation.id, before, known) {
                (None, Some((id, _)), _) | (Some(_), _, Some(id)) => id,
                (Some(new), Some((id, None)), None) => {
                    sqlite.execute("UPDATE account SET organisation = ?2 WHERE id = ?1", params![id, new])?;
                    id
                }
                (id, ..) => {
                    let mut insert = sqlite
                        .prepare_cached("INSERT INTO account (provider, organisation, name) VALUES (?1, ?2, ?3)")?;
                    insert.insert(params![provider.id, id, called])?
                }
            };
            let mut changed = 0;
            if organisation.name.is_some() {
                changed +=
                    sqlite.execute("UPDATE account SET name = ?2 WHERE id = ?1 AND name <> ?2", params![id, called])?;
            }
            changed += sqlite.execute(
                "UPDATE connection SET account = ?2 WHERE name = ?1 AND account IS NOT ?2",
                params![connection.name, id],
            )?;
            sqlite.execute(
                "UPDATE connection SET identified_at = ?2 WHERE name = ?1",
                params![connection.name, now.as_millisecond()],
            )?;
            if changed > 0 {
                bump_generation(sqlite)?;
            }
            Ok(AccountId(id))
        })
    }

    /// The connection that reads this account, if another than `name` does.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn reads_already(&self, account: AccountId, name: &str) -> Result<Option<String>, LedgerError> {
        self.read(|sqlite| {
            sqlite
                .prepare_cached("SELECT name FROM connection WHERE account = ?1 AND name <> ?2 ORDER BY added_at")?
                .query_row(params![account.0, name], |row| row.get(0))
                .optional()
        })
    }

    /// Notes why a connection is not asked just now, or that it is again.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn hold_connection(&mut self, name: &str, hold: Option<&Hold>) -> Result<(), LedgerError> {
        self.write(|sqlite| {
            let told = "UPDATE connection SET hold_until = ?2, failures = ?3, code = ?4, trouble = ?5 WHERE name = ?1";
            note_hold(sqlite, "connection", "name = ?1", told, params![name], hold)
        })
    }

    /// Notes by how much the provider's clock is ahead of this machine's. To the minute: it is never quite the same.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub(crate) fn note_clock(&mut self, name: &str, ahead_secs: i64) -> Result<(), LedgerError> {
        let minutes = ahead_secs / 60 * 60;
        self.write(|sqlite| {
            let changed = sqlite.execute(
                "UPDATE connection SET clock_ahead = ?2 WHERE name = ?1 AND clock_ahead IS NOT ?2",
                params![name, minutes],
            )?;
            if changed > 0 { bump_generation(sqlite) } else { Ok(()) }
        })
    }

    /// How far a feed was read.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn feed_state(&self, account: AccountId, feed: &str) -> Result<FeedState, LedgerError> {
        self.read(|sqlite| {
            let mut statement = sqlite.prepare_cached(
                "SELECT told_at, reread_at, read_from, read_until, counted_until, hold_until, failures, code, trouble
                 FROM account_feed WHERE account = ?1 AND feed = ?2",
            )?;
            let state = statement.query_row(params![account.0, feed], |row| {
                let read = second(row.get(2)?).zip(second(row.get(3)?)).map(|(start, end)| TimeRange { start, end });
                Ok(FeedState {
                    told_at: milli(row.get(0)?),
                    reread_at: milli(row.get(1)?),
                    read,
                    counted_until: second(row.get(4)?),
                    hold: hold(row, 5)?,
                })
            });
            Ok(state.optional()?.unwrap_or_default())
        })
    }

    /// Every feed of a connection's provider and how far it was read; none while its account is not known.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub(crate) fn known_of(&self, connection: &Connection) -> Result<Vec<Known>, LedgerError> {
        let Some(account) = connection.account else { return Ok(Vec::new()) };
        let feeds = connection.provider.feeds.iter();
        feeds.map(|feed| Ok(Known { feed, state: self.feed_state(account, feed.id)? })).collect()
    }

    /// Notes why a feed is not asked just now, or that it is again.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub(crate) fn hold_feed(&mut self, account: AccountId, feed: &str, hold: Option<&Hold>) -> Result<(), LedgerError> {
        self.write(|sqlite| {
            sqlite.execute(
                "INSERT INTO account_feed (account, feed) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![account.0, feed],
            )?;
            let told = "UPDATE account_feed SET hold_until = ?3, failures = ?4, code = ?5, trouble = ?6
                        WHERE account = ?1 AND feed = ?2";
            note_hold(sqlite, "account_feed", "account = ?1 AND feed = ?2", told, params![account.0, feed], hold)
        })
    }
}

/// Writes `hold` behind the parameters of the `key`, and announces it if a person sees a difference.
fn note_hold(
    sqlite: &Sqlite,
    table: &str,
    key: &str,
    update: &str,
    of: &[&dyn rusqlite::ToSql],
    hold: Option<&Hold>,
) -> rusqlite::Result<()> {
    let before: Option<String> = sqlite
        .query_row(&format!("SELECT trouble FROM {table} WHERE {key}"), of, |row| row.get(0))
        .optional()?
        .flatten();
    let until = hold.and_then(|hold| hold.until).map(Timestamp::as_millisecond);
    let failures = hold.map_or(0, |hold| hold.failures);
    let code = hold.map(|hold| hold.code.as_str());
    let trouble = hold.map(|hold| hold.trouble.as_str());
    let values: [&dyn rusqlite::ToSql; 4] = [&until, &failures, &code, &trouble];
    sqlite.prepare_cached(update)?.execute([of, &values[..]].concat().as_slice())?;
    if before.as_deref() == trouble { Ok(()) } else { bump_generation(sqlite) }
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let balance = row.get::<_, Option<i64>>(4)?.map(Usd::from_nanos);
    Ok(Account {
        id: AccountId(row.get(0)?),
        provider: row.get(1)?,
        organisation: row.get(2)?,
        name: row.get(3)?,
        balance: balance.zip(milli(row.get(5)?)),
    })
}

fn connection(row: &Row<'_>) -> rusqlite::Result<Option<Connection>> {
    let Some(provider) = providers::named(&row.get::<_, String>(1)?) else { return Ok(None) };
    Ok(Some(Connection {
        name: row.get(0)?,
        provider,
        base: row.get(2)?,
        key_ends: row.get(3)?,
        added_at: milli(row.get(4)?).unwrap_or_default(),
        account: row.get::<_, Option<i64>>(5)?.map(AccountId),
        identified_at: milli(row.get(6)?),
        clock_ahead: row.get(7)?,
        hold: hold(row, 8)?,
    }))
}

/// Reads a hold from column `first` on.
fn hold(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Hold>> {
    let Some(code) = row.get(first + 2)? else { return Ok(None) };
    let trouble: Option<String> = row.get(first + 3)?;
    Ok(Some(Hold {
        until: milli(row.get(first)?),
        failures: row.get(first + 1)?,
        code,
        trouble: trouble.unwrap_or_default(),
    }))
}

fn milli(at: Option<i64>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::from_millisecond(at).ok())
}

fn second(at: Option<i64>) -> Option<Timestamp> {
    at.and_then(|at| Timestamp::from_second(at).ok())
}
