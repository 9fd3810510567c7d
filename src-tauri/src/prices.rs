//! Prices on the page: the lists in use, what a decision would change, deciding, and newer lists.
//!
//! The network is asked in two cases only: a person's click sends [`fetch_prices`], or a person turned the daily look on
//! ([`daily`]). Either way what comes waits for a person; nothing is taken in but by [`take_in_prices`].

#![expect(clippy::needless_pass_by_value, reason = "Tauri hands commands their arguments and states by value")]

pub(crate) mod daily;
mod lists;
mod look;
mod waiting;

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use spendmeter_core::http::HttpError;
use spendmeter_core::ledger::Ledger;
use spendmeter_core::ledger::restatements::{
    Asked, Decision, LoggedRestatement, NotRestated, Preview, Restated, Undone,
};
use spendmeter_core::pricing::{Candidate, PriceChanges, PublishedError, RefreshError};
use tauri::State;
use ts_rs::TS;

use self::daily::Daily;
pub(crate) use self::lists::Kept;
use self::lists::PriceLists;
pub(crate) use self::waiting::Fetched;
use self::waiting::Waiting;
use crate::commands::{CommandError, Figures};
use crate::schedule::Schedule;

/// What lists that wait would change.
#[derive(Debug, Serialize, TS)]
#[ts(export)]
pub(crate) struct RefreshPreview {
    /// Which lists: to be named when they are taken in or left, so that it is those that were seen.
    number: u32,
    /// What was decided last when this was found: what was decided elsewhere since is not overruled unseen.
    #[ts(type = "number")]
    against: i64,
    /// In the lists.
    changes: PriceChanges,
    /// In what past calls cost.
    restated: Restated,
}

impl Figures {
    /// Changes the ledger. Another process or the reading of logs may be writing: then this waits.
    fn decide<Answer>(
        &self,
        decision: impl FnOnce(&mut Ledger, Timestamp) -> Result<Answer, CommandError>,
    ) -> Result<Answer, CommandError> {
        if let Some(trouble) = &self.trouble {
            return Err(CommandError::ledger(trouble.clone()));
        }
        let mut ledger = Ledger::open(&self.places.ledger())?;
        decision(&mut ledger, self.clock.now().wall)
    }
}

/// The prices in use.
#[tauri::command(async)]
pub(crate) fn price_lists(
    figures: State<'_, Figures>,
    fetched: State<'_, Arc<Fetched>>,
    kept: State<'_, Kept>,
) -> Result<PriceLists, CommandError> {
    figures.ask(|view| PriceLists::of(&view, &fetched, &kept))
}

/// What a decision would change. Touches nothing.
#[tauri::command(async)]
pub(crate) fn preview_decision(figures: State<'_, Figures>, decision: Asked) -> Result<Preview, CommandError> {
    let decision = decision.on(&figures.calendar);
    figures.ask(|view| view.ledger.preview(&decision))
}

/// Decides, and changes what past calls cost accordingly.
#[tauri::command(async)]
pub(crate) fn decide(
    figures: State<'_, Figures>,
    schedule: State<'_, Schedule>,
    decision: Asked,
    against: i64,
) -> Result<Restated, CommandError> {
    let decision = decision.on(&figures.calendar);
    let restated = figures.decide(|ledger, now| Ok(ledger.restate(&decision, against, now, &figures.calendar)?))?;
    schedule.figures_changed();
    Ok(restated)
}

/// Takes this restatement back, if it is the one to take back next.
#[tauri::command(async)]
pub(crate) fn undo_restatement(
    figures: State<'_, Figures>,
    schedule: State<'_, Schedule>,
    id: i64,
) -> Result<LoggedRestatement, CommandError> {
    let Undone { restatement, .. } = figures.decide(|ledger, now| Ok(ledger.undo_restatement(id, now)?))?;
    schedule.figures_changed();
    Ok(restatement.on_clock(&figures.calendar))
}

/// Turns looking for newer lists every day on or off.
#[tauri::command(async)]
pub(crate) fn look_daily(figures: State<'_, Figures>, daily: State<'_, Daily>, on: bool) -> Result<(), CommandError> {
    figures.decide(|ledger, _| Ok(ledger.look_daily(on)?))?;
    daily.wake();
    Ok(())
}

/// Fetches both lists and says what they would change; `null` if that is nothing. They wait until they are taken in, left,
/// or fetched again.
#[tauri::command(async)]
pub(crate) fn fetch_prices(
    figures: State<'_, Figures>,
    fetched: State<'_, Arc<Fetched>>,
) -> Result<Option<RefreshPreview>, CommandError> {
    if let Some(trouble) = &figures.trouble {
        return Err(CommandError::ledger(trouble.clone()));
    }
    let found = look::because_asked(&figures.places, &fetched, figures.clock.now().wall)?;
    found.map_or(Ok(None), |waiting| figures.preview(&waiting))
}

/// What the lists that wait would change by now; `null` if none do, or if they say nothing new any more.
#[tauri::command(async)]
pub(crate) fn waiting_prices(
    figures: State<'_, Figures>,
    fetched: State<'_, Arc<Fetched>>,
) -> Result<Option<RefreshPreview>, CommandError> {
    fetched.waiting().map_or(Ok(None), |waiting| figures.preview(&waiting))
}

/// Takes in the lists of this number, if they wait and nothing was decided since they were looked at. `accept_jumps`: also
/// prices that move to or from nothing or by more than five times.
#[tauri::command(async)]
pub(crate) fn take_in_prices(
    figures: State<'_, Figures>,
    fetched: State<'_, Arc<Fetched>>,
    schedule: State<'_, Schedule>,
    number: u32,
    against: i64,
    accept_jumps: bool,
) -> Result<Restated, CommandError> {
    let waiting = fetched.take(number).ok_or_else(CommandError::not_waiting)?;
    let taken = figures.take_in(&waiting, against, accept_jumps);
    if taken.is_err() {
        fetched.put_back(waiting);
    }
    schedule.figures_changed();
    taken
}

/// Leaves the lists of this number as they are.
#[tauri::command]
pub(crate) fn leave_prices(fetched: State<'_, Arc<Fetched>>, number: u32) {
    fetched.leave(number);
}

impl Figures {
    /// What these lists would change by now; `None` if that is nothing.
    fn preview(&self, waiting: &Waiting) -> Result<Option<RefreshPreview>, CommandError> {
        self.ask(|view| -> Result<_, CommandError> {
            let (book, used) = (view.ledger.price_book()?, view.ledger.used_models()?);
            let Some(Candidate { catalogue, changes }) = waiting.candidate.again(book.catalogue(), &used) else {
                return Ok(None);
            };
            let Preview { against, restated } = view.ledger.preview(&Decision::TakeIn(catalogue))?;
            Ok(Some(RefreshPreview { number: waiting.number, against, changes, restated }))
        })
    }

    fn take_in(&self, waiting: &Waiting, against: i64, accept_jumps: bool) -> Result<Restated, CommandError> {
        self.decide(|ledger, now| {
            let (book, used) = (ledger.price_book()?, ledger.used_models()?);
            let Some(Candidate { catalogue, changes }) = waiting.candidate.again(book.catalogue(), &used) else {
                return Err(CommandError::not_waiting());
            };
            if !changes.are_calm() && !accept_jumps {
                return Err(CommandError::jumps());
            }
            Ok(ledger.restate(&Decision::TakeIn(catalogue), against, now, &self.calendar)?)
        })
    }
}

impl CommandError {
    const fn prices(message: String) -> Self {
        Self { code: "prices", message, action: Some("The prices in use stay as they are.") }
    }

    fn not_waiting() -> Self {
        Self::prices("These price lists do not wait any more; look for new prices once more.".to_owned())
    }

    fn jumps() -> Self {
        Self::prices(
            "Some prices move to or from nothing or by more than five times; look at them and agree first.".to_owned(),
        )
    }
}

impl From<PublishedError> for CommandError {
    fn from(error: PublishedError) -> Self {
        Self::prices(error.to_string())
    }
}

impl From<HttpError> for CommandError {
    fn from(error: HttpError) -> Self {
        Self::prices(error.to_string())
    }
}

impl From<NotRestated> for CommandError {
    fn from(error: NotRestated) -> Self {
        match error {
            NotRestated::Ledger(error) => error.into(),
            NotRestated::NotDecided(_) | NotRestated::Meanwhile => Self::prices(error.to_string()),
        }
    }
}

impl From<RefreshError> for CommandError {
    fn from(error: RefreshError) -> Self {
        Self::prices(error.to_string())
    }
}
