//! When a provider is asked, and for what: pure functions of what is known. They read no clock and ask nobody.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use xxhash_rust::xxh3::xxh3_64;

use crate::accounts::{Connection, FeedState, Hold};
use crate::calendar::TimeRange;
use crate::http::RetryAfter;
use crate::sources::providers::{Feed, FetchError, Tells, Window, minutes};

/// How often a provider is asked whose key it is: a key can be replaced by one of another organisation.
const IDENTIFIED_EVERY: SignedDuration = SignedDuration::from_hours(6);

/// How often feeds are read further back than usual.
const REREAD_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Between two pieces of history, so that reading it disturbs nobody.
const HISTORY_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// A hold for longer than this was written by a clock that was wrong then or is now.
const LONGEST_HOLD: SignedDuration = SignedDuration::from_hours(25);

/// Something to ask.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// Whose key it is.
    Identify,
    /// A feed.
    Ask(Job),
}

/// What to ask a feed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    /// Which.
    pub(crate) feed: &'static Feed,
    /// For which span; `None`: what it tells is of no time.
    pub(crate) span: Option<TimeRange>,
    /// A long look back.
    pub(crate) is_reread: bool,
}

/// A feed and how far it was read.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) feed: &'static Feed,
    pub(crate) state: FeedState,
}

/// What to ask next with a connection, and from when on; `None`: nothing, before a person did something.
pub(crate) fn next(connection: &Connection, known: &[Known], now: Timestamp) -> Option<(Timestamp, Work)> {
    let free = free_from(connection.hold.as_ref(), now)?;
    if connection.account.is_none() || known.is_empty() {
        return Some((free, Work::Identify));
    }
    let there = provider_now(connection, now);
    let asked = asked(known);
    let recent = asked.clone().filter_map(|of| {
        let due =
            after(of.state.told_at, spread(of, &connection.name), now).max(free_from(of.state.hold.as_ref(), now)?);
        Some((due, Work::Ask(recent(of, there, now))))
    });
    let identify = (after(connection.identified_at, IDENTIFIED_EVERY, now), Work::Identify);
    let next = std::iter::once(identify).chain(recent).min_by_key(|(due, _)| *due);
    let (due, work) = next?;
    let history = asked.filter_map(|of| Some((of, free_from(of.state.hold.as_ref(), now)?)));
    let history = history.filter_map(|(of, from)| Some((from, history_of(of, there)?))).min_by_key(|(from, _)| *from);
    let last = known.iter().filter_map(|of| of.state.told_at).max();
    match history {
        Some((from, job)) if due > now => {
            let paused = after(last, HISTORY_PAUSE, now).max(from).max(free);
            Some(if paused < due { (paused, Work::Ask(job)) } else { (due.max(free), work) })
        }
        _ => Some((due.max(free), work)),
    }
}

/// Everything that is new, of every feed, whenever it was asked last and whatever came of it: a person wants to know now.
pub(crate) fn everything(connection: &Connection, known: &[Known], now: Timestamp) -> Vec<Job> {
    let there = provider_now(connection, now);
    asked(known).map(|of| recent(of, there, now)).collect()
}

/// What time it is at the provider. Clocks are a little apart everywhere; what is more than that would ask for the wrong days.
pub(crate) fn provider_now(connection: &Connection, now: Timestamp) -> Timestamp {
    const APART: i64 = 5 * 60;
    let ahead = connection.clock_ahead.filter(|ahead| ahead.abs() >= APART).unwrap_or_default();
    now.saturating_add(SignedDuration::from_secs(ahead)).unwrap_or(now)
}

/// Feeds that are asked at all.
pub(crate) fn asked(known: &[Known]) -> impl Iterator<Item = &Known> + Clone {
    known.iter().filter(|of| is_asked(of, known))
}

/// Whether a feed is asked: one that stands in for another is, where the other may not be.
fn is_asked(of: &Known, known: &[Known]) -> bool {
    of.feed.stands_in_for.is_none_or(|better| {
        known
            .iter()
            .any(|other| other.feed.id == better && other.state.hold.as_ref().is_some_and(|hold| hold.until.is_none()))
    })
}

/// From when on something that may be held is asked again; `None`: not before a person did something.
fn free_from(hold: Option<&Hold>, now: Timestamp) -> Option<Timestamp> {
    match hold {
        Some(Hold { until: Some(until), .. }) if until.duration_since(now) <= LONGEST_HOLD => Some((*until).max(now)),
        None | Some(Hold { until: Some(_), .. }) => Some(now),
        Some(Hold { until: None, .. }) => None,
    }
}

/// When it is time again, some time after `last`. A moment in the future tells that the clock was set back since.
fn after(last: Option<Timestamp>, wait: SignedDuration, now: Timestamp) -> Timestamp {
    match last {
        Some(last) if last <= now => last.saturating_add(wait).unwrap_or(Timestamp::MAX),
        _ => now,
    }
}

/// How long after its last answer a feed is asked again: up to a tenth more or less than usual, so that neither the feeds of an
/// account nor the machines of a company ask all at once.
fn spread(of: &Known, connection: &str) -> SignedDuration {
    let every = SignedDuration::try_from(of.feed.every).unwrap_or(SignedDuration::MAX);
    let last = of.state.told_at.map_or(0, Timestamp::as_second);
    let dice = xxh3_64(format!("{connection} {} {last}", of.feed.id).as_bytes()) % 201;
    let permille = 900 + i64::try_from(dice).unwrap_or_default();
    SignedDuration::from_millis(every.as_secs().saturating_mul(permille))
}

/// What is new, and what may have been corrected.
fn recent(of: &Known, there: Timestamp, now: Timestamp) -> Job {
    let Known { feed, state } = of;
    if !feed.tells.is_dated() {
        return Job { feed, span: None, is_reread: false };
    }
    let Window { again, daily, history, .. } = feed.window;
    let is_reread = after(state.reread_at, REREAD_EVERY, now) <= now;
    let back = if is_reread { daily.max(again) } else { again };
    let usual = there.saturating_sub(back).unwrap_or(Timestamp::MIN);
    // After a while in which nobody asked, everything since; as far as there is any history.
    let missed = state.read.map(|read| read.end.saturating_sub(again).unwrap_or(Timestamp::MIN));
    let earliest = there.saturating_sub(history.max(back)).unwrap_or(Timestamp::MIN);
    let start = feed.window.begin(missed.map_or(usual, |missed| usual.min(missed)).max(earliest));
    Job { feed, span: Some(TimeRange { start, end: newest(feed, there) }), is_reread }
}

/// The end of what a feed can tell by now.
fn newest(feed: &Feed, there: Timestamp) -> Timestamp {
    if feed.window.tells_of_now { feed.window.end(there) } else { feed.window.begin(there) }
}

/// The piece of history before what was read; `None`: there is none.
fn history_of(of: &Known, there: Timestamp) -> Option<Job> {
    let Known { feed, state } = of;
    let read = state.read.filter(|_| feed.tells.is_dated())?;
    let first = oldest(feed, there);
    let start = read.start.saturating_sub(feed.window.step).ok()?.max(first);
    (start < read.start).then_some(Job { feed, span: Some(TimeRange { start, end: read.start }), is_reread: false })
}

/// Where the history of a feed begins, that is read.
pub(crate) fn oldest(feed: &Feed, there: Timestamp) -> Timestamp {
    feed.window.begin(there.saturating_sub(feed.window.history).unwrap_or(Timestamp::MIN))
}

/// `span` in pieces of what may be asked for at once, the oldest first.
pub(crate) fn pieces(feed: &Feed, span: TimeRange) -> Vec<TimeRange> {
    let mut pieces = Vec::new();
    let mut start = span.start;
    while start < span.end {
        let end = start.saturating_add(feed.window.step).unwrap_or(Timestamp::MAX).min(span.end);
        pieces.push(TimeRange { start, end });
        start = end;
    }
    pieces
}

/// How much of the history that is read is there, in days, and how much there is to read; `None`: it has none.
pub(crate) fn history_read(of: &Known, there: Timestamp) -> Option<(i64, i64)> {
    if !matches!(of.feed.tells, Tells::Charges(_) | Tells::ChargesAndUses(_) | Tells::Uses) {
        return None;
    }
    let days = |from: Timestamp| there.duration_since(from).as_hours().max(0) / 24;
    let all = days(oldest(of.feed, there));
    let read = of.state.read.map_or(0, |read| days(read.start)).min(all);
    (all > 0).then_some((read, all))
}

/// What a failure holds, on top of what was held `before`.
pub(crate) fn hold(before: Option<&Hold>, error: &FetchError, until: Until, now: Timestamp) -> Hold {
    let failures = before.map_or(0, |hold| hold.failures).saturating_add(1);
    let until = match until {
        Until::APersonActs => None,
        Until::Later(retry_after) => {
            let dice = xxh3_64(format!("{now} {failures}").as_bytes()) % 250;
            let permille = 1_000 + i64::try_from(dice).unwrap_or_default();
            let back_off = SignedDuration::from_millis(back_off(failures).as_secs().saturating_mul(permille));
            let wait =
                retry_after.map_or(back_off, |retry_after| retry_after.from(now).max(SignedDuration::from_secs(1)));
            Some(now.saturating_add(wait).unwrap_or(Timestamp::MAX))
        }
    };
    Hold { until, failures, code: error.code().to_owned(), trouble: error.to_string() }
}

/// Until when something is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until a person did something.
    APersonActs,
    /// Until the provider wants to be asked again or, if it does not say so, for longer each time.
    Later(Option<RetryAfter>),
}

/// One minute, two, four and so on, up to an hour.
fn back_off(failures: u32) -> SignedDuration {
    let doubled = 1_u64.checked_shl(failures.saturating_sub(1)).unwrap_or(u64::MAX).min(60);
    SignedDuration::try_from(minutes(doubled).min(Duration::from_hours(1))).unwrap_or_default()
}

#[cfg(test)]
mod tests;
