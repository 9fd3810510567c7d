//! One look for newer lists, whoever asked for it: fetched, compared, kept if they say something else, and noted.

use std::sync::Arc;

use jiff::Timestamp;
use spendmeter_core::ledger::Ledger;
use spendmeter_core::places::Places;
use spendmeter_core::pricing::{Candidate, DailyLook, Look, LookOutcome, PriceSources, PublishedLists};

use super::waiting::{Fetched, Waiting};
use crate::commands::CommandError;

/// What is noted until it is known how a look ended, and stays if the app ends before.
const CUT_SHORT: &str = "Spendmeter ended before the lists were there.";

/// Looks because a person asked. `None`: nothing new.
pub(super) fn because_asked(
    places: &Places,
    fetched: &Fetched,
    now: Timestamp,
) -> Result<Option<Arc<Waiting>>, CommandError> {
    Ok(look(places, now)?.map(|candidate| fetched.keep(candidate, now)))
}

/// Looks because a day went by.
pub(super) fn because_due(places: &Places, fetched: &Fetched, now: Timestamp) -> Result<(), CommandError> {
    if let Some(candidate) = look(places, now)? {
        fetched.keep_unless_known(candidate, now);
    }
    Ok(())
}

fn look(places: &Places, now: Timestamp) -> Result<Option<Candidate>, CommandError> {
    let mut ledger = Ledger::open(&places.ledger())?;
    let before = ledger.daily_look()?;
    // Noted before anything is asked: whatever ends the app or fills the disk, nobody is asked over and over.
    note(&mut ledger, now, before.failed(CUT_SHORT))?;
    let found = newer(places, &ledger, now);
    note(&mut ledger, now, outcome(&found, &before))?;
    found
}

fn note(ledger: &mut Ledger, at: Timestamp, outcome: LookOutcome) -> Result<(), CommandError> {
    Ok(ledger.note_look(&Look { at, outcome })?)
}

fn outcome(found: &Result<Option<Candidate>, CommandError>, before: &DailyLook) -> LookOutcome {
    match found {
        Ok(None) => LookOutcome::NothingNew,
        Ok(Some(_)) => LookOutcome::Found,
        Err(error) => before.failed(error.message.clone()),
    }
}

/// Fetches the lists; `None` if they say what those in use say.
fn newer(places: &Places, ledger: &Ledger, now: Timestamp) -> Result<Option<Candidate>, CommandError> {
    let published = PublishedLists::fetch_for(places, &PriceSources::of_user(places)?)?;
    let book = ledger.price_book()?;
    let candidate = Candidate::of(&published, book.catalogue(), &ledger.used_models()?, now)?;
    Ok(Some(candidate).filter(|candidate| candidate.changes.are_news()))
}
