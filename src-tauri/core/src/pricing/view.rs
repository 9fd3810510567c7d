//! Prices as people read them: what `spend prices` prints and the page shows. Rates are decimal strings of dollars per
//! million tokens, and per thousand searches.
//!
//! Whatever a person is told of a moment is on their own clock, whoever named it: a change that its provider announces for
//! midnight in UTC is told for the evening before in New York. Only [`ModelPrices`] keeps to UTC, in which lists are dated.

use std::collections::BTreeSet;

mod shown;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use spendmeter_catalogue::{Catalogue, Context, Found, Kind, Listing, Part, Point, Rates, Schedule, Seconds};
use ts_rs::TS;

pub use self::shown::{ServedPrice, ShownPrice, ShownPrices};
use super::PriceStatus;
use super::book;
use super::place::Regions;
use super::plan::PlanSetting;
use crate::calendar::Calendar;
use crate::money::{Rate, Usd};

/// A model, how it was found, and everything the lists say of its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelPrices {
    /// Whose price list.
    pub provider: String,
    /// The model in it.
    pub model: String,
    /// Where that is: `own list`, `list of another provider`, `list of the maker`, `what you said`.
    pub found: &'static str,
    /// What has the price that holds instead if a call was run elsewhere, which its source does not tell; `null`: that makes
    /// no difference, or it is told.
    pub elsewhere: Option<String>,
    /// The moment asked about, or an interval as ISO 8601 writes it.
    pub at: String,
    /// What holds then, one for each kind of call, length of prompt and hours; in an interval also one after another.
    pub in_force: Vec<PointView>,
    /// Everything else: earlier prices, announced ones, and ends of prices, the latest first.
    pub others: Vec<PointView>,
}

/// One price point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointView {
    /// How the call is run: `standard`, `batch`.
    pub context: &'static str,
    /// For prompts of more tokens than this.
    pub prompt_above: u32,
    /// At which hours, if not at all.
    pub hours: Option<String>,
    /// From when on; `null`: as far back as one likes.
    pub from: Option<String>,
    /// Until when; `null`: until further notice.
    pub until: Option<String>,
    /// What it is.
    pub rates: RatesView,
    /// How it is known: `documented`, `first_observed`, `commit`, `listed`, `launch_assumed`, `forecast`, `user`; `ended` if
    /// there is no price from then on.
    pub evidence: &'static str,
    /// What the lists say of each other: `single`, `confirmed`, `preferred`, `disputed`.
    pub verdict: &'static str,
    /// Which list it is from.
    pub list: &'static str,
    /// Where one can read it.
    pub address: Option<String>,
    /// What it may be instead: by the other list, or the last price before an announced one.
    pub instead: Option<RatesView>,
    /// The [`PriceStatus`] of calls that it prices, as far as it does not depend on the call.
    pub status: &'static str,
}

/// Rates; `null` where a list has none for that kind of token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct RatesView {
    /// Prompt tokens without a cache.
    pub input: Option<String>,
    /// Generated tokens.
    pub output: Option<String>,
    /// Prompt tokens read from a cache.
    pub cache_read: Option<String>,
    /// Prompt tokens written to the short-lived cache.
    pub cache_write_short: Option<String>,
    /// Prompt tokens written to the long-lived cache.
    pub cache_write_long: Option<String>,
    /// A thousand web searches.
    pub web_search: Option<String>,
}

impl ModelPrices {
    /// What the catalogue says of a model as a call names it, of calls from `from` until before `to`; `None` if it has no
    /// such model. `surest` is the status of calls that leave nothing open.
    fn of(
        catalogue: &Catalogue,
        provider: Option<&str>,
        model: &str,
        (from, to): (Timestamp, Timestamp),
        surest: PriceStatus,
    ) -> Option<Self> {
        let listing = catalogue.find(provider, model)?;
        // What costs as much as another model does costs that wherever it ran.
        let is_own = surest == PriceStatus::Priced;
        let (listing, elsewhere) =
            if is_own { Regions::default().told(catalogue, listing, provider, model) } else { (listing, None) };
        let elsewhere = elsewhere.filter(|elsewhere| !elsewhere.costs_as(&listing));
        let found = match listing.found() {
            Found::InOwnList => "own list",
            Found::InFallback => "list of another provider",
            Found::AtMaker => "list of the maker",
        };
        let holds = |point: &Point| {
            let (from, to) = (from.as_second(), to.as_second());
            let in_hours = |(schedule, part): (&Schedule, Part)| {
                // Hours begin and end with a minute.
                (from..to).step_by(60).chain([to - 1]).any(|at| schedule.part(at) == part)
            };
            !point.is_end()
                && point.from.is_none_or(|begin| begin < to)
                && listing.end(point).is_none_or(|end| from < end)
                && listing.hours(point).is_none_or(in_hours)
        };
        let place = if elsewhere.is_some() { PriceStatus::TierAssumed } else { PriceStatus::Priced };
        let status = surest.max(book::found(&listing)).max(place);
        let view = |point: &Point| PointView::of(catalogue, &listing, point, status);
        let (in_force, others): (Vec<&Point>, Vec<&Point>) = listing.points().iter().partition(|point| holds(point));
        Some(Self {
            provider: listing.provider().to_owned(),
            model: listing.model().to_owned(),
            found,
            elsewhere: elsewhere.map(|listing| format!("{} / {}", listing.provider(), listing.model())),
            at: window(from, to),
            in_force: in_force.into_iter().map(view).collect(),
            others: others.into_iter().map(view).collect(),
        })
    }
}

/// The moment that a second is, or an interval.
fn window(from: Timestamp, to: Timestamp) -> String {
    if to.as_second() - from.as_second() <= 1 { from.to_string() } else { format!("{from}/{to}") }
}

impl PointView {
    fn of(catalogue: &Catalogue, listing: &Listing<'_>, point: &Point, status: PriceStatus) -> Self {
        let status = if point.is_end() { PriceStatus::Unpriced } else { status.max(book::doubt(point)) };
        Self {
            context: point.context.as_str(),
            prompt_above: point.above,
            hours: hours_of(catalogue, point),
            from: point.from.map(moment),
            until: listing.end(point).map(moment),
            rates: RatesView::of(&point.rates),
            evidence: point.evidence.as_str(),
            verdict: point.verdict.as_str(),
            list: point.list.as_str(),
            address: point.address.and_then(|number| catalogue.address(number)).map(str::to_owned),
            instead: point.rival.as_ref().map(RatesView::of),
            status: status.as_str(),
        }
    }
}

impl RatesView {
    fn of(rates: &Rates) -> Self {
        let of = |kind| rates.of(kind).map(|picos| rate(kind, picos));
        Self {
            input: of(Kind::Input),
            output: of(Kind::Output),
            cache_read: of(Kind::CacheRead),
            cache_write_short: of(Kind::CacheWriteShort),
            cache_write_long: of(Kind::CacheWriteLong),
            web_search: of(Kind::WebSearch),
        }
    }
}

/// A rate as people read it: dollars per million tokens, or per thousand searches.
pub(super) fn rate(kind: Kind, picos: i64) -> String {
    // A thousand pieces are a thousand times the price of one, and a million tokens a million times.
    let picos = if kind == Kind::WebSearch { picos / 1_000 } else { picos };
    Rate::from_picos(picos).to_string()
}

/// A price about which the lists disagree today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// Whose price list.
    pub provider: String,
    /// The model in it.
    pub model: String,
    /// How the call is run.
    pub context: &'static str,
    /// For prompts of more tokens than this.
    pub prompt_above: u32,
    /// At which hours, if not at all.
    pub hours: Option<String>,
    /// For which kind of token.
    pub kind: &'static str,
    /// Dollars per million tokens, or per thousand searches, by genai-prices.
    pub genai_prices: String,
    /// And by model-prices.
    pub model_prices: String,
}

/// Every price in force at `at` about which the lists disagree.
pub fn disagreements(catalogue: &Catalogue, at: Timestamp) -> Vec<Disagreement> {
    let found = catalogue.differences(at.as_second());
    let view = found.into_iter().map(|difference| Disagreement {
        provider: difference.listing.0.to_owned(),
        model: difference.listing.1.to_owned(),
        context: difference.context.as_str(),
        prompt_above: difference.above,
        hours: difference.hours.map(|(schedule, part)| hours(schedule, part)),
        kind: difference.kind.as_str(),
        genai_prices: rate(difference.kind, difference.rates.0),
        model_prices: rate(difference.kind, difference.rates.1),
    });
    view.collect()
}

/// A change of price that was announced for a day to come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Announcement {
    /// Whose price list.
    pub provider: String,
    /// The model in it.
    pub model: String,
    /// From when on, on the user's clock.
    pub from: String,
    /// Whether the model was ever used.
    pub used: bool,
    /// What ordinary calls with short prompts then cost.
    pub rates: RatesView,
    /// What they cost before.
    pub before: Option<RatesView>,
}

/// Every change that is announced for a moment after `now`: of models that were used first, and then the next one first.
/// `used` are models as calls name them.
pub fn announcements(
    catalogue: &Catalogue,
    used: &[(Option<String>, String)],
    calendar: &Calendar,
    now: Timestamp,
) -> Vec<Announcement> {
    let used: BTreeSet<(String, String)> = used
        .iter()
        .filter_map(|(provider, model)| catalogue.find(provider.as_deref(), model))
        .map(|listing| (listing.provider().to_owned(), listing.model().to_owned()))
        .collect();
    let of_listing = |listing: Listing<'_>| {
        let ordinary = |point: &&Point| {
            point.evidence == spendmeter_catalogue::Evidence::Forecast
                && point.context == Context::Standard
                && point.above == 0
                && point.from > Some(now.as_second())
        };
        let (provider, model) = (listing.provider().to_owned(), listing.model().to_owned());
        let name = (provider, model);
        let is_used = used.contains(&name);
        let announced = listing.points().iter().filter(ordinary).map(|point| {
            let announcement = Announcement {
                provider: name.0.clone(),
                model: name.1.clone(),
                from: point.from.and_then(|from| on_clock(from, calendar)).unwrap_or_default(),
                used: is_used,
                rates: RatesView::of(&point.rates),
                before: point.rival.as_ref().map(RatesView::of),
            };
            (!is_used, point.from, announcement)
        });
        announced.collect::<Vec<_>>()
    };
    let mut all: Vec<_> = catalogue.models().flat_map(of_listing).collect();
    all.sort_by_key(|(unused, from, _)| (*unused, *from));
    all.into_iter().map(|(_, _, announcement)| announcement).collect()
}

/// That a source runs under a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct PlanView {
    /// The source, such as `claude-code`.
    pub source: String,
    /// What the plan is called: `Claude Max 20x`.
    pub name: String,
    /// What it costs a month; `null` if nobody knows.
    #[ts(type = "string | null")]
    pub per_month: Option<Usd>,
    /// Since when, on the user's clock; `null`: all the time.
    pub since: Option<String>,
    /// Until before when, on the user's clock; `null`: for good.
    pub until: Option<String>,
    /// The last of the user's days that it covers, if it ends with a day.
    #[ts(type = "string | null")]
    pub last_day: Option<Date>,
}

impl PlanView {
    /// The plan on the user's clock.
    pub fn of(PlanSetting { source, name, per_month, since, until, .. }: &PlanSetting, calendar: &Calendar) -> Self {
        Self {
            source: source.clone(),
            name: name.clone(),
            per_month: *per_month,
            since: since.map(|since| calendar.rfc3339(since)),
            until: until.map(|until| calendar.rfc3339(until)),
            last_day: until.and_then(|until| last_day(until, calendar)),
        }
    }
}

/// ` since 2026-06-01 until 2026-10-31`: days where it begins and ends with one, moments otherwise. Nothing for all the time.
pub fn lasting(PlanSetting { since, until, .. }: &PlanSetting, calendar: &Calendar) -> String {
    let said = |day: Option<Date>, at: Timestamp| day.map_or_else(|| calendar.rfc3339(at), |day| day.to_string());
    let since = since.map(|since| format!(" since {}", said(calendar.begins(since), since)));
    let until = until.map(|until| format!(" until {}", said(last_day(until, calendar), until)));
    [since, until].into_iter().flatten().collect()
}

/// The day that ends with `end`, if one does.
fn last_day(end: Timestamp, calendar: &Calendar) -> Option<Date> {
    calendar.begins(end)?.yesterday().ok()
}

fn on_clock(seconds: Seconds, calendar: &Calendar) -> Option<String> {
    Timestamp::from_second(seconds).ok().map(|moment| calendar.rfc3339(moment))
}

pub(super) fn moment(seconds: Seconds) -> String {
    Timestamp::from_second(seconds).map(|moment| moment.to_string()).unwrap_or_default()
}

/// A name of the catalogue with letters for what it leaves open of a date: `claude-opus-5-5-YYYYMMDD`.
pub(super) fn name(name: &str) -> String {
    [("####-##-##", "YYYY-MM-DD"), ("-##-##", "-MM-DD"), ("########", "YYYYMMDD"), ("####", "MMDD")]
        .into_iter()
        .fold(name.to_owned(), |told, (open, letters)| told.replace(open, letters))
}

/// At which hours a point holds, in words; `None` if at all.
pub fn hours_of(catalogue: &Catalogue, point: &Point) -> Option<String> {
    point.hours.and_then(|(number, part)| Some(hours(catalogue.schedule(number)?, part)))
}

/// `outside of 01:00–04:00, 06:00–10:00 UTC, Monday to Friday, without holidays`.
pub fn hours(schedule: &Schedule, part: Part) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let stretches: Vec<String> =
        schedule.hours.iter().map(|(from, to)| format!("{}–{}", clock(*from), clock(*to))).collect();
    let days = if schedule.weekdays_only { ", Monday to Friday" } else { "" };
    let known_to = schedule.holidays_known_to.and_then(|day| Timestamp::from_second(i64::from(day) * 86_400).ok());
    let holidays = known_to.map(|day| format!(", without holidays (known to {})", day.strftime("%Y-%m-%d")));
    let holidays = holidays.unwrap_or_default();
    let part = if part == Part::Outside { "outside of " } else { "" };
    format!("{part}{} UTC{days}{holidays}", stretches.join(", "))
}
