//! Prices on the page: the lists in use, what a decision would change, deciding, and refreshing the lists on demand.
//!
//! Nothing here asks the network by itself: only the command that a person's click sends does.

#![expect(clippy::needless_pass_by_value, reason = "Tauri hands commands their arguments and states by value")]

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use spendmeter_core::http::{Http, HttpError, Proxy, Timeouts};
use spendmeter_core::ledger::Ledger;
use spendmeter_core::ledger::restatements::{
    Decision, LoggedRestatement, NotDecided, NotRestated, Preview, Restated, Undone,
};
use spendmeter_core::money::Usd;
use spendmeter_core::pricing::view::{Announcement, announcements, disagreements};
use spendmeter_core::pricing::{
    Candidate, OwnPriceOf, PlanSetting, PriceChanges, PriceSources, PublishedError, PublishedLists, RefreshError,
};
use tauri::State;
use ts_rs::TS;

use crate::commands::{CommandError, Figures};
use crate::schedule::Schedule;

/// The lists that were fetched last, until they are taken in.
#[derive(Debug, Default)]
pub(crate) struct Fetched(Mutex<LastFetched>);

#[derive(Debug, Default)]
struct LastFetched {
    /// How often lists were fetched since the app started: the number of the last ones.
    number: u64,
    waiting: Option<Waiting>,
}

/// Lists that a person is looking at.
#[derive(Debug)]
struct Waiting {
    candidate: Candidate,
    /// What was decided last when they were compared with the lists in use.
    against: i64,
}

impl Fetched {
    /// Keeps lists. Gives the number by which they are agreed to.
    fn keep(&self, waiting: Waiting) -> u64 {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.number += 1;
        last.waiting = Some(waiting);
        last.number
    }

    /// Takes the lists with this number in, and forgets them. Others may have come while a person looked at these, and what
    /// they agree to is what they saw.
    fn take_in(
        &self,
        number: u64,
        accept_jumps: bool,
        restate: impl FnOnce(&Decision, i64) -> Result<Restated, CommandError>,
    ) -> Result<Restated, CommandError> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let LastFetched { number: kept, waiting: Some(Waiting { candidate, against }) } = &*last else {
            return Err(CommandError::nothing_fetched());
        };
        if *kept != number {
            return Err(CommandError::other_lists());
        }
        if !candidate.changes.are_calm() && !accept_jumps {
            return Err(CommandError::jumps());
        }
        let restated = restate(&Decision::TakeIn(candidate.catalogue.clone()), *against)?;
        last.waiting = None;
        Ok(restated)
    }
}

/// What there is to say of prices.
#[derive(Debug, Serialize, TS)]
#[ts(export)]
pub(crate) struct PriceLists {
    /// The lists in use, by name and version.
    version: String,
    /// When the newest of them was published.
    published: String,
    /// Prices of today about which they disagree.
    #[ts(type = "number")]
    disputed: usize,
    /// Changes that are announced, the next one first.
    announced: Vec<Announcement>,
    /// What the user says that models cost.
    own: Vec<OwnPriceOf>,
    /// Sources that run under a plan.
    plans: Vec<PlanSetting>,
    /// Plans that one can choose from.
    known_plans: Vec<KnownPlan>,
    /// Every restatement, the latest first.
    restatements: Vec<LoggedRestatement>,
}

/// A plan, and what it costs.
#[derive(Debug, Serialize, TS)]
#[ts(export)]
pub(crate) struct KnownPlan {
    /// `Claude Max 20x`.
    name: String,
    /// Dollars a month.
    #[ts(type = "string")]
    per_month: Usd,
}

/// What refreshed lists would change.
#[derive(Debug, Serialize, TS)]
#[ts(export)]
pub(crate) struct RefreshPreview {
    /// Names these lists when they are taken in.
    #[ts(type = "number")]
    number: u64,
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
pub(crate) fn price_lists(figures: State<'_, Figures>) -> Result<PriceLists, CommandError> {
    let now = figures.clock.now().wall;
    figures.ask(|view| {
        let book = view.ledger.price_book()?;
        let catalogue = book.catalogue();
        let on_sale = |plan: &&spendmeter_core::pricing::catalogue::Plan| {
            let now = now.as_second();
            plan.from.is_none_or(|from| from <= now) && plan.to.is_none_or(|to| now < to)
        };
        let known = |plan: &spendmeter_core::pricing::catalogue::Plan| KnownPlan {
            name: plan.name.clone(),
            per_month: Usd::from_nanos(plan.nanos_per_month),
        };
        Ok(PriceLists {
            version: catalogue.version(),
            published: Timestamp::from_second(catalogue.published()).unwrap_or_default().to_string(),
            disputed: disagreements(catalogue, now).len(),
            announced: announcements(catalogue),
            own: book.own().0.clone(),
            plans: book.plans().0.clone(),
            known_plans: catalogue.plans().iter().filter(on_sale).map(known).collect(),
            restatements: view.ledger.restatements()?,
        })
    })
}

/// What a decision would change. Touches nothing.
#[tauri::command(async)]
pub(crate) fn preview_decision(figures: State<'_, Figures>, decision: Decision) -> Result<Preview, CommandError> {
    let book = figures.ask(|view| view.ledger.price_book())?;
    decision.check(&book)?;
    figures.ask(|view| view.ledger.preview(&decision))
}

/// Decides, and changes what past calls cost accordingly. `against` is that of the preview.
#[tauri::command(async)]
pub(crate) fn decide(
    figures: State<'_, Figures>,
    schedule: State<'_, Schedule>,
    decision: Decision,
    against: i64,
) -> Result<Restated, CommandError> {
    let restated = figures.decide(|ledger, now| {
        decision.check(&ledger.price_book()?)?;
        Ok(ledger.restate(&decision, against, now)?)
    })?;
    schedule.figures_changed();
    Ok(restated)
}

/// Takes the restatement with the number `id` back, if it is the last one still.
#[tauri::command(async)]
pub(crate) fn undo_restatement(
    figures: State<'_, Figures>,
    schedule: State<'_, Schedule>,
    id: i64,
) -> Result<LoggedRestatement, CommandError> {
    let Undone { restatement, .. } = figures.decide(|ledger, now| Ok(ledger.undo_restatement(id, now)?))?;
    schedule.figures_changed();
    Ok(restatement)
}

/// Fetches both lists and says what they would change. They are kept until they are taken in or fetched again.
#[tauri::command(async)]
pub(crate) fn fetch_prices(
    figures: State<'_, Figures>,
    fetched: State<'_, Fetched>,
) -> Result<RefreshPreview, CommandError> {
    let sources = PriceSources::PUBLISHED;
    let variables = |name: &str| figures.places.variable(name);
    let http = Http::to(sources.hosts(), Timeouts::default(), Proxy::from_variables(variables)?);
    let published = PublishedLists::fetch(&http, &sources)?;
    let now = figures.clock.now().wall;
    let (against, book, used) = figures.ask(|view| {
        let ledger = view.ledger;
        Ok((ledger.last_decision()?, ledger.price_book()?, ledger.used_models()?))
    })?;
    let candidate = Candidate::of(&published, book.catalogue(), &used, now)?;
    let decision = Decision::TakeIn(candidate.catalogue.clone());
    let Preview { restated, .. } = figures.ask(|view| view.ledger.preview(&decision))?;
    let changes = candidate.changes.clone();
    let number = fetched.keep(Waiting { candidate, against });
    Ok(RefreshPreview { number, changes, restated })
}

/// Takes in the lists with this number, if none were fetched since. `accept_jumps`: also prices that move to nothing or by more than five times.
#[tauri::command(async)]
pub(crate) fn take_in_prices(
    figures: State<'_, Figures>,
    fetched: State<'_, Fetched>,
    schedule: State<'_, Schedule>,
    number: u64,
    accept_jumps: bool,
) -> Result<Restated, CommandError> {
    let restated = fetched.take_in(number, accept_jumps, |decision, against| {
        figures.decide(|ledger, now| Ok(ledger.restate(decision, against, now)?))
    })?;
    schedule.figures_changed();
    Ok(restated)
}

impl CommandError {
    const fn prices(message: String) -> Self {
        Self { code: "prices", message, action: Some("The prices in use stay as they are.") }
    }

    fn nothing_fetched() -> Self {
        Self::prices("No price lists were fetched since the app started.".to_owned())
    }

    fn other_lists() -> Self {
        Self::prices("Other price lists were fetched meanwhile: look at those first.".to_owned())
    }

    fn jumps() -> Self {
        Self::prices("Some prices move to nothing or by more than five times; look at them and agree first.".to_owned())
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

impl From<NotDecided> for CommandError {
    fn from(error: NotDecided) -> Self {
        Self::prices(error.to_string())
    }
}

impl From<NotRestated> for CommandError {
    fn from(error: NotRestated) -> Self {
        match error {
            NotRestated::Ledger(error) => error.into(),
            NotRestated::Meanwhile => Self::prices(error.to_string()),
        }
    }
}

impl From<RefreshError> for CommandError {
    fn from(error: RefreshError) -> Self {
        Self::prices(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use spendmeter_core::pricing::bundled;

    use super::*;

    #[test]
    fn only_the_lists_that_were_looked_at_are_taken_in() {
        let fetched = Fetched::default();
        let waiting = |against| Waiting {
            candidate: Candidate { catalogue: bundled(), changes: PriceChanges::default() },
            against,
        };
        let take_in = |number| {
            let mut found_against = None;
            let done = fetched.take_in(number, false, |_, against| {
                found_against = Some(against);
                Ok(Restated::default())
            });
            done.map(|_| found_against).map_err(|error| error.message)
        };
        let first = fetched.keep(waiting(3));
        // Looked at on another visit of the page, while the first look took its time.
        let second = fetched.keep(waiting(4));
        assert!(take_in(first).unwrap_err().contains("meanwhile"));
        assert_eq!(take_in(second).unwrap(), Some(4));
        assert!(take_in(second).unwrap_err().contains("No price lists"));
    }
}
