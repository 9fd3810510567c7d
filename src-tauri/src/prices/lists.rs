//! What there is to say of prices, on the page's clock: the user's, for every moment in it.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use spendmeter_core::ledger::restatements::LoggedRestatement;
use spendmeter_core::ledger::{LedgerError, PriceState};
use spendmeter_core::money::Usd;
use spendmeter_core::pricing::catalogue::Plan;
use spendmeter_core::pricing::view::{Announcement, PlanView, announcements, disagreements};
use spendmeter_core::pricing::{LookOutcome, OwnPriceOf, PriceSources};
use spendmeter_core::spend::Viewpoint;
use ts_rs::TS;

use super::waiting::{Fetched, Waiting};

/// What there is to say of prices.
#[derive(Debug, Serialize, TS)]
#[ts(export)]
pub(crate) struct PriceLists {
    #[serde(flatten)]
    #[ts(flatten)]
    standing: Standing,
    /// Every restatement, the latest first.
    restatements: Vec<LoggedRestatement>,
    /// Whether newer lists are looked for every day.
    daily: bool,
    /// The last look for newer lists; `null` before the first, and when the daily one was turned on just now.
    looked: Option<Looked>,
    /// The host that a look asks; `null` if the one that was set cannot be asked.
    asks: Option<String>,
}

/// What follows from the prices in use, the lists that wait and the models that were used.
#[derive(Clone, Debug, Serialize, TS)]
struct Standing {
    /// The lists in use, by name and version.
    version: String,
    /// When the newest of them was published.
    published: String,
    /// Prices of today about which they disagree.
    #[ts(type = "number")]
    disputed: usize,
    /// Changes that are announced: of models that were used first, and then the next one first.
    announced: Vec<Announcement>,
    /// What the user says that models cost.
    own: Vec<OwnPriceOf>,
    /// Sources that run under a plan.
    plans: Vec<PlanView>,
    /// Plans that one can choose from.
    known_plans: Vec<KnownPlan>,
    /// Newer lists that wait for a decision.
    waiting: Option<WaitingLists>,
}

/// The last [`Standing`]. The page asks whenever a call is read, which changes nothing of it; to find it anew means to
/// unpack the lists and to walk them.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Option<(Key, Standing)>>);

/// What a [`Standing`] hangs on. The hour, since prices and plans begin and end.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    prices: PriceState,
    waiting: Option<u32>,
    hour: i64,
}

/// A plan, and what it costs.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub(crate) struct KnownPlan {
    /// `Claude Max 20x`.
    name: String,
    /// Dollars a month.
    #[ts(type = "string")]
    per_month: Usd,
}

/// A look for newer lists.
#[derive(Debug, Serialize, TS)]
#[ts(export)]
pub(crate) struct Looked {
    /// When it was.
    at: String,
    /// How it ended.
    outcome: LookOutcome,
}

/// Newer lists that wait, in short. What they would change is asked for on its own, since it takes its time.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub(crate) struct WaitingLists {
    /// Which lists.
    number: u32,
    /// When they were found.
    found_at: String,
    /// Models that have another price in them, or are new or gone.
    #[ts(type = "number")]
    changed: u64,
    /// How many of them were used.
    #[ts(type = "number")]
    used: usize,
}

impl PriceLists {
    pub(super) fn of(view: &Viewpoint<'_>, fetched: &Fetched, kept: &Kept) -> Result<Self, LedgerError> {
        let Viewpoint { ledger, calendar, places, .. } = *view;
        let daily = ledger.daily_look()?;
        Ok(Self {
            standing: kept.standing(view, fetched.waiting().as_deref())?,
            restatements: ledger.restatements()?.into_iter().map(|logged| logged.on_clock(calendar)).collect(),
            daily: daily.on,
            looked: daily.last.map(|last| Looked { at: calendar.rfc3339(last.at), outcome: last.outcome }),
            asks: PriceSources::of_user(places).ok().and_then(|sources| sources.hosts().next()),
        })
    }
}

impl Kept {
    fn standing(&self, view: &Viewpoint<'_>, waiting: Option<&Waiting>) -> Result<Standing, LedgerError> {
        let key = Key {
            prices: view.ledger.price_state()?,
            waiting: waiting.map(|waiting| waiting.number),
            hour: view.now.as_second().div_euclid(3_600),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, standing)) = kept.as_ref().filter(|(known, _)| *known == key) {
            return Ok(standing.clone());
        }
        let standing = Standing::of(view, waiting)?;
        *kept = Some((key, standing.clone()));
        Ok(standing)
    }
}

impl Standing {
    fn of(view: &Viewpoint<'_>, waiting: Option<&Waiting>) -> Result<Self, LedgerError> {
        let Viewpoint { ledger, calendar, now, .. } = *view;
        let (book, used) = (ledger.price_book()?, ledger.used_models()?);
        let catalogue = book.catalogue();
        let on_sale = |plan: &&Plan| plan.is_sold(now.as_second());
        let known =
            |plan: &Plan| KnownPlan { name: plan.name.clone(), per_month: Usd::from_nanos(plan.nanos_per_month) };
        let published = Timestamp::from_second(catalogue.published()).unwrap_or_default();
        let waiting = waiting.and_then(|waiting| {
            let changes = waiting.candidate.again(catalogue, &used)?.changes;
            Some(WaitingLists {
                number: waiting.number,
                found_at: calendar.rfc3339(waiting.found_at),
                changed: changes.changed + changes.new + changes.gone,
                used: changes.models_in_use().len(),
            })
        });
        Ok(Self {
            version: catalogue.version(),
            published: calendar.rfc3339(published),
            disputed: disagreements(catalogue, now).len(),
            announced: announcements(catalogue, &used, calendar, now),
            own: book.own().0.clone(),
            plans: book.plans().0.iter().map(|plan| PlanView::of(plan, calendar)).collect(),
            known_plans: catalogue.plans().iter().filter(on_sale).map(known).collect(),
            waiting,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use spendmeter_core::calendar::Calendar;
    use spendmeter_core::ledger::Ledger;
    use spendmeter_core::ledger::restatements::Decision;
    use spendmeter_core::places::Places;
    use spendmeter_core::pricing::PlanSetting;

    use super::*;

    struct Asked {
        _home: tempfile::TempDir,
        places: Places,
        calendar: Calendar,
        kept: Kept,
    }

    impl Asked {
        fn new() -> Self {
            let home = tempfile::tempdir().unwrap();
            let places = Places::of_user([("HOME".into(), home.path().into())], None, None).unwrap();
            let calendar = Calendar::new(TimeZone::get("America/New_York").unwrap());
            drop(Ledger::open(&places.ledger()).unwrap());
            Self { _home: home, places, calendar, kept: Kept::default() }
        }

        fn at(&self, now: &str) -> serde_json::Value {
            let ledger = Ledger::open_reader(&self.places.ledger()).unwrap();
            let now = now.parse().unwrap();
            let view = Viewpoint { ledger: &ledger, calendar: &self.calendar, places: &self.places, now };
            serde_json::to_value(PriceLists::of(&view, &Fetched::default(), &self.kept).unwrap()).unwrap()
        }
    }

    const NOON: &str = "2026-11-26T12:00:00Z";

    #[test]
    fn every_moment_is_on_the_users_clock() {
        let asked = Asked::new();
        let mut ledger = Ledger::open(&asked.places.ledger()).unwrap();
        let since = Some("2026-11-01T00:00:00Z".parse().unwrap());
        let plan = PlanSetting {
            source: "codex".into(),
            name: "Plus".into(),
            seller: None,
            per_month: None,
            since,
            until: None,
        };
        ledger.restate(&Decision::SetPlan(plan), 0, NOON.parse().unwrap(), &asked.calendar).unwrap();
        let id = ledger.restatements().unwrap()[0].id;
        ledger.undo_restatement(id, NOON.parse().unwrap()).unwrap();
        let lists = asked.at(NOON);
        assert_eq!(lists["restatements"][0]["at"], "2026-11-26T07:00:00-05:00");
        assert_eq!(lists["restatements"][0]["undone_at"], "2026-11-26T07:00:00-05:00");
        assert!(
            lists["published"].as_str().unwrap().ends_with("-05:00")
                || lists["published"].as_str().unwrap().ends_with("-04:00"),
            "{}",
            lists["published"]
        );
        // Announced for December 1 in UTC, which begins the evening before.
        let announced = lists["announced"].as_array().unwrap();
        let argon = announced.iter().find(|one| one["model"] == "gemini-4-argon").unwrap();
        assert_eq!((&argon["from"], &argon["used"]), (&"2026-11-30T19:00:00-05:00".into(), &false.into()));
    }

    #[test]
    fn what_was_kept_gives_way_to_what_was_decided_since() {
        let asked = Asked::new();
        assert_eq!(asked.at(NOON)["plans"], serde_json::json!([]));
        let plan = PlanSetting {
            source: "codex".into(),
            name: "Plus".into(),
            seller: None,
            per_month: None,
            since: None,
            until: None,
        };
        let mut ledger = Ledger::open(&asked.places.ledger()).unwrap();
        ledger.restate(&Decision::SetPlan(plan), 0, NOON.parse().unwrap(), &asked.calendar).unwrap();
        assert_eq!(asked.at(NOON)["plans"][0]["name"], "Plus");
        ledger.look_daily(true).unwrap();
        assert_eq!(asked.at(NOON)["daily"], true);
    }

    #[test]
    fn what_begins_in_another_hour_is_not_kept_out() {
        let asked = Asked::new();
        let before = asked.at(NOON);
        let kept = asked.kept.0.lock().unwrap().clone().unwrap().0;
        asked.at("2026-11-26T12:59:59Z");
        assert_eq!(asked.kept.0.lock().unwrap().as_ref().unwrap().0, kept);
        assert_eq!(asked.at("2026-11-26T13:00:00Z"), before);
        assert_ne!(asked.kept.0.lock().unwrap().as_ref().unwrap().0, kept);
    }
}
