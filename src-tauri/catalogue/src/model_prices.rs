//! model-prices as its publisher writes it, version 1 of its format: what models cost over time and how that is known,
//! hours of the day, holidays, and what plans cost a month.
//!
//! Source of the format: the package's own reader, `model_prices/__init__.py`. Rates are dollars per million tokens; a
//! price missing for a kind is that of input. A step's `start` is when it takes effect, `valid_from` when it was first
//! seen: what lies between is taken to have cost the same.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::catalogue::Plan;
use crate::decimal::{nanos, picos_per_token, thousandths};
use crate::genai_prices::Problem;
use crate::instant::{Seconds, day, minute_of_day, moment};
use crate::point::{Context, Evidence, Kind, Rates};
use crate::schedule::Schedule;
use crate::timeline::{Prices, Step, Timeline};

/// Everything that is used of it.
#[derive(Debug)]
pub(crate) struct History {
    /// Up to when it knows of changes.
    pub(crate) updated: Seconds,
    /// By provider and model.
    pub(crate) models: BTreeMap<String, BTreeMap<String, BTreeMap<Context, Timeline>>>,
    /// Other names of models: `(provider, name, model)`.
    pub(crate) names: Vec<(String, String, String)>,
    pub(crate) schedules: Vec<Dated>,
    pub(crate) plans: Vec<Plan>,
    /// Where what is said can be read.
    pub(crate) addresses: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

/// A schedule, and whose prices it moves by how much from when to when.
#[derive(Debug)]
pub(crate) struct Dated {
    pub(crate) provider: String,
    pub(crate) from: Seconds,
    pub(crate) to: Option<Seconds>,
    pub(crate) schedule: Schedule,
    /// Thousandths of the price within its hours, for these models.
    pub(crate) factors: BTreeMap<String, i64>,
    /// And for all others.
    pub(crate) factor: Option<i64>,
}

/// Providers by the ids that the catalogue has for them, where model-prices has another one.
const PROVIDERS: &[(&str, &str)] = &[("xai", "x-ai"), ("amazon-bedrock", "aws")];

/// Reads the whole list.
pub(crate) fn read(list: &str) -> Result<History, Problem> {
    let raw: Raw<'_> = serde_json::from_str(list).map_err(|error| format!("model-prices: {error}"))?;
    if raw.schema != 1 {
        return Err(format!("model-prices: its format is version {}, and only 1 is understood", raw.schema));
    }
    let mut addresses = Addresses::default();
    let mut problems = Vec::new();
    let mut models: BTreeMap<String, BTreeMap<String, BTreeMap<Context, Timeline>>> = BTreeMap::new();
    for (provider, of_provider) in &raw.prices {
        let known = models.entry(catalogue_id(provider)).or_default();
        for (model, modes) in of_provider {
            for (mode, steps) in modes {
                let Some(context) = context(mode) else { continue };
                match timeline(steps, &mut addresses) {
                    Ok(timeline) => drop(known.entry(model.to_lowercase()).or_default().insert(context, timeline)),
                    Err(problem) => problems.push(format!("model-prices, {provider}/{model}, {mode}: {problem}")),
                }
            }
        }
    }
    let schedules = schedules(&raw.schedules);
    let plans = raw.plans.iter().map(|plan| plan.read(&mut addresses)).collect::<Result<_, _>>();
    let named = |problem: Problem| format!("model-prices: {problem}");
    Ok(History {
        updated: moment(&raw.updated_at).map_err(named)?,
        models,
        names: names(&raw),
        schedules: schedules.map_err(named)?,
        plans: plans.map_err(named)?,
        addresses: addresses.all,
        problems,
    })
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "fields that are left out are named, so that a new one is noticed")]
#[serde(deny_unknown_fields)]
struct Raw<'a> {
    schema: u32,
    updated_at: String,
    #[serde(borrow)]
    prices: BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<RawStep<'a>>>>>,
    aliases: RawAliases,
    /// Models by the names that their labs have for them.
    bases: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(borrow)]
    schedules: RawSchedules<'a>,
    #[serde(borrow)]
    plans: Vec<RawPlan<'a>>,
    models_dev: IgnoredAny,
    /// Prices by comparison: another model's price is never taken for a model's own.
    estimates: IgnoredAny,
    status: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep<'a> {
    start: Option<String>,
    #[serde(borrow)]
    rates: Option<RawRates<'a>>,
    /// What was recorded before it was corrected.
    #[serde(rename = "recorded")]
    _recorded: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRates<'a> {
    #[serde(borrow)]
    input: &'a RawValue,
    #[serde(borrow)]
    output: &'a RawValue,
    #[serde(borrow)]
    cache_read: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_write: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_write_1h_multiple: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tiers: Vec<RawTier<'a>>,
    valid_from: String,
    valid_from_basis: String,
    source: String,
    #[serde(rename = "model")]
    _model: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTier<'a> {
    above: u32,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_read: Option<&'a RawValue>,
    #[serde(borrow)]
    cache_write: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAliases {
    models: BTreeMap<String, String>,
    #[serde(rename = "providers")]
    _providers: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSchedules<'a> {
    holidays: BTreeMap<String, RawHolidays>,
    #[serde(borrow)]
    schedule: Vec<RawSchedule<'a>>,
}

#[derive(Deserialize)]
struct RawHolidays {
    covers_through: String,
    dates: Vec<String>,
    utc_offset_hours: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSchedule<'a> {
    provider: String,
    valid_from: String,
    valid_until: Option<String>,
    #[serde(default)]
    weekdays_only: bool,
    holidays: Option<String>,
    peak_hours_utc: Option<Vec<(String, String)>>,
    #[serde(borrow)]
    peak_multiplier: Option<&'a RawValue>,
    off_peak_hours_utc: Option<Vec<(String, String)>>,
    #[serde(borrow)]
    off_peak_multiplier: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(rename = "note")]
    _note: Option<IgnoredAny>,
    #[serde(rename = "source")]
    _source: Option<IgnoredAny>,
    #[serde(rename = "terms")]
    _terms: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPlan<'a> {
    provider: String,
    id: String,
    name: String,
    #[serde(borrow)]
    usd_per_month: &'a RawValue,
    source: String,
    checked: String,
    valid_from: Option<String>,
    valid_until: Option<String>,
    note: Option<String>,
}

fn catalogue_id(provider: &str) -> String {
    PROVIDERS.iter().find(|(theirs, _)| *theirs == provider).map_or(provider, |(_, ours)| ours).to_owned()
}

/// `thinking` is left out: whether a call of a hybrid model thought is told by no source of ours.
fn context(mode: &str) -> Option<Context> {
    Context::ALL.into_iter().find(|context| context.as_str() == mode)
}

fn timeline(raw: &[RawStep<'_>], addresses: &mut Addresses) -> Result<Timeline, Problem> {
    let mut steps = Vec::with_capacity(raw.len());
    for (number, step) in raw.iter().enumerate() {
        let from = step.start.as_deref().map(moment).transpose()?;
        let Some(rates) = &step.rates else {
            steps.push(Step { from, prices: None, evidence: Evidence::Listed, address: None });
            continue;
        };
        let prices = Some(rates.read()?).filter(|prices| !prices.is_nothing());
        let address = Some(addresses.number(&rates.source)?);
        let seen = Some(moment(&rates.valid_from)?);
        // Only the beginning is assumed: where a price follows another one, the list says when.
        let begins = number == 0 || raw[number - 1].rates.is_none();
        if begins && from < seen {
            steps.push(Step { from, prices: prices.clone(), evidence: Evidence::LaunchAssumed, address });
            if raw
                .get(number + 1)
                .is_some_and(|next| next.start.as_deref().is_some_and(|next| moment(next).ok() <= seen))
            {
                continue;
            }
            steps.push(Step { from: seen, prices, evidence: rates.evidence()?, address });
        } else {
            steps.push(Step { from, prices, evidence: rates.evidence()?, address });
        }
    }
    Timeline::new(steps)
}

impl RawRates<'_> {
    fn read(&self) -> Result<Prices, Problem> {
        let base = rates([Some(self.input), Some(self.output), self.cache_read, self.cache_write], Rates::default())?;
        let above = self.tiers.iter().map(|tier| {
            let rates = rates([tier.input, tier.output, tier.cache_read, tier.cache_write], base)?;
            Ok((tier.above, rates))
        });
        // The list has a multiple for whole providers: without a short write there is no long one either.
        let multiple = self.cache_write_1h_multiple.filter(|_| base.of(Kind::CacheWriteShort).is_some());
        let long_write = multiple.map(|multiple| thousandths(multiple.get())).transpose()?;
        let prices = Prices { base, above: above.collect::<Result<_, Problem>>()?, long_write };
        if !prices.above.is_sorted_by(|one, next| one.0 < next.0) {
            return Err("tiers that do not rise".to_owned());
        }
        let odd = |rates: &Rates| {
            rates
                .of(Kind::Input)
                .zip(long_write)
                .is_some_and(|(input, long)| i128::from(input) * i128::from(long) % 1_000 != 0)
        };
        if odd(&prices.base) || prices.above.iter().any(|(_, rates)| odd(rates)) {
            return Err("a long write that is not a whole number of pico-dollars".to_owned());
        }
        Ok(prices)
    }

    fn evidence(&self) -> Result<Evidence, Problem> {
        match self.valid_from_basis.as_str() {
            "documented" => Ok(Evidence::Documented),
            "first observed" => Ok(Evidence::FirstObserved),
            "models.dev commit" => Ok(Evidence::Commit),
            other => Err(format!("the unknown basis `{other}`")),
        }
    }
}

/// `otherwise` where a tier does not say.
fn rates(numbers: [Option<&RawValue>; 4], otherwise: Rates) -> Result<Rates, Problem> {
    let mut rates = otherwise;
    for (kind, number) in Kind::ALL.into_iter().zip(numbers) {
        let Some(number) = number else { continue };
        let picos = picos_per_token(number.get())?;
        // Zero stands for a kind that a model does not have: output of one that generates nothing, cached input of one
        // without a cache. Tokens that are written are not in the input, so that a write "without a charge" costs that.
        let own = picos > 0 || kind == Kind::Input;
        rates.set(kind, own.then_some(picos));
    }
    Ok(rates)
}

fn names(raw: &Raw<'_>) -> Vec<(String, String, String)> {
    let bases = raw.bases.iter().flat_map(|(provider, names)| {
        names.iter().map(|(name, model)| (catalogue_id(provider), name.to_lowercase(), model.to_lowercase()))
    });
    let aliases = raw.aliases.models.iter().filter_map(|(name, target)| {
        let (provider, model) = target.split_once('/')?;
        Some((catalogue_id(provider), name.to_lowercase(), model.to_lowercase()))
    });
    bases.chain(aliases).collect()
}

fn schedules(raw: &RawSchedules<'_>) -> Result<Vec<Dated>, Problem> {
    let read = |schedule: &RawSchedule<'_>| {
        let peak = schedule.peak_hours_utc.as_ref();
        let hours = peak.or(schedule.off_peak_hours_utc.as_ref()).ok_or("a schedule without hours")?;
        let hours = hours.iter().map(|(from, to)| Ok((minute_of_day(from)?, minute_of_day(to)?)));
        let calendar = match &schedule.holidays {
            Some(name) => Some(raw.holidays.get(name).ok_or_else(|| format!("the unknown calendar `{name}`"))?),
            None => None,
        };
        let in_days = |date: &String| day(date).and_then(|day| i32::try_from(day).map_err(|error| error.to_string()));
        let factors = schedule.off_peak_multiplier.iter().flatten();
        Ok(Dated {
            provider: catalogue_id(&schedule.provider),
            from: moment(&schedule.valid_from)?,
            to: schedule.valid_until.as_deref().map(moment).transpose()?,
            schedule: Schedule {
                hours: hours.collect::<Result<_, Problem>>()?,
                weekdays_only: schedule.weekdays_only,
                holidays: calendar.map_or_else(|| Ok(Vec::new()), |known| known.dates.iter().map(in_days).collect())?,
                ahead: calendar.map_or(Ok(0), RawHolidays::ahead)?,
                holidays_known_to: calendar.map(|known| in_days(&known.covers_through)).transpose()?,
            },
            factors: factors
                .map(|(model, factor)| Ok((model.clone(), thousandths(factor.get())?)))
                .collect::<Result<_, Problem>>()?,
            factor: schedule.peak_multiplier.map(|factor| thousandths(factor.get())).transpose()?,
        })
    };
    raw.schedule.iter().map(read).collect()
}

impl RawHolidays {
    fn ahead(&self) -> Result<Seconds, Problem> {
        let hours = self.utc_offset_hours;
        if (-24..=24).contains(&hours) { Ok(hours * 3_600) } else { Err(format!("a calendar {hours} hours from UTC")) }
    }
}

impl RawPlan<'_> {
    fn read(&self, addresses: &mut Addresses) -> Result<Plan, Problem> {
        Ok(Plan {
            provider: catalogue_id(&self.provider),
            id: self.id.clone(),
            name: self.name.clone(),
            nanos_per_month: nanos(self.usd_per_month.get())?,
            from: self.valid_from.as_deref().map(moment).transpose()?,
            to: self.valid_until.as_deref().map(moment).transpose()?,
            checked: self.checked.clone(),
            note: self.note.clone(),
            address: addresses.number(&self.source)?,
        })
    }
}

/// Addresses, each once.
#[derive(Default)]
struct Addresses {
    all: Vec<String>,
    numbers: BTreeMap<String, u16>,
}

impl Addresses {
    fn number(&mut self, address: &str) -> Result<u16, Problem> {
        if let Some(number) = self.numbers.get(address) {
            return Ok(*number);
        }
        let number = u16::try_from(self.all.len()).map_err(|_| "more addresses than can be numbered")?;
        self.all.push(address.to_owned());
        self.numbers.insert(address.to_owned(), number);
        Ok(number)
    }
}
