//! One look at an account: what its provider tells is written down, in place of what it told before. What fails leaves
//! everything as it was, and is noted beside it.

use jiff::{SignedDuration, Timestamp};

use crate::accounts::keys::KeyError;
use crate::accounts::{AccountId, Connection, Hold};
use crate::ledger::charges::Answer;
use crate::ledger::{Ledger, LedgerError};
use crate::polling::{self, Job, Until, Work};
use crate::sources::providers::{Access, Asked, Consequence, FetchError, Told};

/// What a look did, in work counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Questions asked.
    pub requests: u64,
    /// Rows that changed in the ledger.
    pub rows: u64,
    /// What failed, first things first.
    pub failures: Vec<FetchError>,
}

impl Looked {
    fn and(&mut self, other: Self) {
        self.requests += other.requests;
        self.rows += other.rows;
        self.failures.extend(other.failures);
    }
}

/// When a connection is to be asked next; `None`: not before a person did something.
///
/// # Errors
/// [`LedgerError`] when the ledger cannot be read.
pub fn due(ledger: &Ledger, connection: &Connection, now: Timestamp) -> Result<Option<Timestamp>, LedgerError> {
    let known = ledger.known_of(connection)?;
    Ok(polling::next(connection, &known, now).map(|(due, _)| due))
}

/// Asks the next thing of a connection, if it is time to.
///
/// # Errors
/// [`LedgerError`] when the ledger cannot be used. That the provider does not tell is no error: see [`Looked::failures`].
pub fn look(ledger: &mut Ledger, access: &Access, name: &str, now: Timestamp) -> Result<Looked, LedgerError> {
    let Some(connection) = ledger.connection(name)? else { return Ok(Looked::default()) };
    let known = ledger.known_of(&connection)?;
    match polling::next(&connection, &known, now) {
        Some((due, work)) if due <= now => perform(ledger, access, &connection, work, now),
        _ => Ok(Looked::default()),
    }
}

/// Asks whose key it is, and then everything but history, whenever it was asked last: a person wants to know now. What was
/// refused before is asked again; what the provider wants to be asked later is not.
///
/// # Errors
/// As for [`look`].
pub fn look_at_all(ledger: &mut Ledger, access: &Access, name: &str, now: Timestamp) -> Result<Looked, LedgerError> {
    let Some(connection) = ledger.connection(name)? else { return Ok(Looked::default()) };
    if let Some(hold) = connection.hold.as_ref().filter(|hold| hold.code == "busy" && hold.until > Some(now)) {
        let failures = vec![FetchError::Busy {
            provider: connection.provider.name,
            retry_after: hold.until.map(crate::http::RetryAfter::At),
        }];
        return Ok(Looked { failures, ..Looked::default() });
    }
    let mut looked = perform(ledger, access, &connection, Work::Identify, now)?;
    let Some(connection) = ledger.connection(name)?.filter(|connection| connection.hold.is_none()) else {
        return Ok(looked);
    };
    let Some(account) = connection.account else { return Ok(looked) };
    // A stand-in is asked once it is known that it has to be.
    let mut done = Vec::new();
    loop {
        let known = ledger.known_of(&connection)?;
        let jobs = polling::everything(&connection, &known, now);
        let Some(job) = jobs.into_iter().find(|job| !done.contains(&job.feed.id)) else { return Ok(looked) };
        done.push(job.feed.id);
        looked.and(ask(ledger, access, &connection, account, job, now)?);
        if ledger.connection(name)?.is_none_or(|connection| connection.hold.is_some()) {
            return Ok(looked);
        }
    }
}

/// Notes that a connection cannot be asked, since its key is not to be had. A keychain that is locked or not there yet is tried
/// again every minute, which asks nobody for a password; a key that is gone waits for a person.
///
/// # Errors
/// [`LedgerError`] when the ledger cannot be written.
pub fn note_no_key(
    ledger: &mut Ledger,
    connection: &Connection,
    error: &KeyError,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let until = match error {
        KeyError::Keychain(_) => now.saturating_add(SignedDuration::from_mins(1)).ok(),
        _ => None,
    };
    let failures = connection.hold.as_ref().map_or(0, |hold| hold.failures).saturating_add(1);
    let hold = Hold { until, failures, code: error.code().to_owned(), trouble: error.to_string() };
    ledger.hold_connection(&connection.name, Some(&hold))
}

fn perform(
    ledger: &mut Ledger,
    access: &Access,
    connection: &Connection,
    work: Work,
    now: Timestamp,
) -> Result<Looked, LedgerError> {
    match (work, connection.account) {
        (Work::Ask(job), Some(account)) => ask(ledger, access, connection, account, job, now),
        _ => identify(ledger, access, connection, now),
    }
}

fn identify(
    ledger: &mut Ledger,
    access: &Access,
    connection: &Connection,
    now: Timestamp,
) -> Result<Looked, LedgerError> {
    let (organisation, asked) = access.organisation(polling::provider_now(connection, now));
    note_clock(ledger, connection, asked, now)?;
    let mut looked = Looked { requests: asked.requests, ..Looked::default() };
    match organisation {
        Ok(organisation) => {
            let account = ledger.identify(connection, &organisation, now)?;
            let hold = ledger.reads_already(account, &connection.name)?.map(|other| {
                let error = FetchError::Twice { provider: connection.provider.name, other };
                looked.failures.push(error.clone());
                polling::hold(None, &error, Until::APersonActs, now)
            });
            ledger.hold_connection(&connection.name, hold.as_ref())?;
        }
        Err(error) => {
            // Whatever it was: as long as nobody knows whose key it is, nothing else is asked.
            let until = match error.consequence() {
                Consequence::StopAccount | Consequence::StopFeed => Until::APersonActs,
                Consequence::HoldAccount(retry_after) => Until::Later(retry_after),
                Consequence::HoldFeed => Until::Later(None),
            };
            let hold = polling::hold(connection.hold.as_ref(), &error, until, now);
            ledger.hold_connection(&connection.name, Some(&hold))?;
            looked.failures.push(error);
        }
    }
    Ok(looked)
}

fn ask(
    ledger: &mut Ledger,
    access: &Access,
    connection: &Connection,
    account: AccountId,
    job: Job,
    now: Timestamp,
) -> Result<Looked, LedgerError> {
    let mut looked = Looked::default();
    let there = polling::provider_now(connection, now);
    let pieces = job.span.map_or_else(Vec::new, |span| polling::pieces(job.feed, span));
    let last = pieces.len().saturating_sub(1);
    let spans = if job.span.is_some() { pieces.into_iter().map(Some).collect() } else { vec![None] };
    for (place, span) in spans.into_iter().enumerate() {
        let whole = crate::calendar::TimeRange { start: there, end: there };
        let (told, asked) = access.read(job.feed, span.unwrap_or(whole), there);
        looked.requests += asked.requests;
        note_clock(ledger, connection, asked, now)?;
        match told {
            Ok(told) => {
                let told = within(told, span);
                let is_reread = job.is_reread && place == last;
                let (feed, provider) = (job.feed.id, connection.provider.id);
                let answer = Answer { account, feed, provider, span, told: &told, now, there, is_reread };
                looked.rows += ledger.take_in(answer)?;
                if connection.hold.is_some() {
                    ledger.hold_connection(&connection.name, None)?;
                }
            }
            Err(error) => {
                fail(ledger, connection, account, job, &error, now)?;
                looked.failures.push(error);
                break;
            }
        }
    }
    Ok(looked)
}

/// Buckets that begin in the span that was asked for. Others belong to another answer, in which they are whole.
fn within(mut told: Told, span: Option<crate::calendar::TimeRange>) -> Told {
    if let Some(span) = span {
        told.charges.retain(|charge| span.contains(charge.span.start));
        told.uses.retain(|used| span.contains(used.span.start));
    }
    told
}

fn fail(
    ledger: &mut Ledger,
    connection: &Connection,
    account: AccountId,
    job: Job,
    error: &FetchError,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let of_connection = |until| polling::hold(connection.hold.as_ref(), error, until, now);
    match error.consequence() {
        Consequence::StopAccount => ledger.hold_connection(&connection.name, Some(&of_connection(Until::APersonActs))),
        Consequence::HoldAccount(retry_after) => {
            ledger.hold_connection(&connection.name, Some(&of_connection(Until::Later(retry_after))))
        }
        stop @ (Consequence::StopFeed | Consequence::HoldFeed) => {
            let before = ledger.feed_state(account, job.feed.id)?.hold;
            let until = if stop == Consequence::StopFeed { Until::APersonActs } else { Until::Later(None) };
            let hold = polling::hold(before.as_ref(), error, until, now);
            ledger.hold_feed(account, job.feed.id, Some(&hold))
        }
    }
}

/// Clocks that are less apart agree.
const APART: SignedDuration = SignedDuration::from_mins(1);

fn note_clock(ledger: &mut Ledger, connection: &Connection, asked: Asked, now: Timestamp) -> Result<(), LedgerError> {
    // Asked by the corrected clock, answered in relation to it.
    let corrected = polling::provider_now(connection, now).duration_since(now);
    let Some(ahead) = asked.clock_ahead else { return Ok(()) };
    let ahead = ahead.saturating_add(corrected);
    if ahead.abs() < APART && connection.clock_ahead.is_none_or(|known| known == 0) {
        return Ok(());
    }
    ledger.note_clock(&connection.name, ahead.as_secs())
}
