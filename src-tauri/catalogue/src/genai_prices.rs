//! genai-prices as its publisher writes it, version 2 of its format: every key is either used or named here as
//! deliberately left out.
//!
//! Source of the format: the list's own JSON schema and changelog. What is not understood is a [`Problem`] and not a
//! guess, because a condition that is skipped is a wrong price.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::decimal::{picos_per_piece, picos_per_token};
use crate::instant::{Seconds, moment};
use crate::point::{Context, Evidence, Kind, Rates};
use crate::rule::Rule;
use crate::timeline::{Prices, Step, Timeline};

/// One who serves models, at prices of their own.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) id: String,
    /// Rule for the names of the models that this provider makes, rather than resells.
    pub(crate) makes: Option<Rule>,
    /// Providers whose list prices hold for models that this one sells but does not list.
    pub(crate) fallbacks: Vec<String>,
    pub(crate) models: Vec<Model>,
}

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) id: String,
    /// Rule for the names by which calls call it.
    pub(crate) rule: Rule,
    /// What it costs, by how a call was run; `None` where ordinary calls pay something that we cannot count: the rest of
    /// the price would look like all of it.
    pub(crate) prices: Option<BTreeMap<Context, Timeline>>,
    /// Whether it generates what is no text, at another price.
    pub(crate) generates_more_than_text: bool,
}

/// What could not be understood, and where it stands.
pub(crate) type Problem = String;

/// Units by name; the order is that of [`Kind::ALL`].
const UNITS: [&str; Kind::ALL.len()] =
    ["input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok", "web_searches_kcount"];

/// Units left out, because no source of ours reports such usage: tokens of agents are text as far as they say.
const NOT_REPORTED: &[&str] = &[
    "audio_hours",
    "cache_audio_read_mtok",
    "cache_image_read_mtok",
    "input_annotated_document_kpages",
    "input_audio_hours",
    "input_audio_mtok",
    "input_document_kpages",
    "input_image_mtok",
    "input_mchars",
    "input_text_messages_kcount",
    "input_video_mtok",
    "output_audio_mtok",
    "output_image_mtok",
    "output_video_mtok",
    "storage_searches_kcount",
];

/// Of these, units for what a model generates other than text. The other list has one price for all that a model
/// generates, and for such a model it is not that of text.
const NOT_TEXT: &[&str] = &["output_audio_mtok", "output_image_mtok", "output_video_mtok"];

/// Units that ordinary calls pay and that we cannot count.
const NOT_COUNTABLE: &[&str] = &["output_citation_mtok", "output_reasoning_mtok", "requests_kcount"];

/// Conditions of variants left out: `default` is the standard price, the others no source of ours reports.
const NOT_A_CONTEXT: &[(&str, &str)] =
    &[("service_tier", "default"), ("route", "mistral/eu"), ("search_type", "fast"), ("search_type", "web")];

/// Reads the whole list. What it says of moments after `published` is a forecast.
pub(crate) fn read(list: &str, published: Seconds) -> Result<(Vec<Provider>, Vec<Problem>), Problem> {
    let raw: Vec<RawProvider<'_>> = serde_json::from_str(list).map_err(|error| format!("genai-prices: {error}"))?;
    let mut problems = Vec::new();
    let providers = raw.into_iter().map(|raw| provider(raw, published, &mut problems)).collect();
    Ok((providers, problems))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "fields that are read and left out are named, so that a new one is noticed")]
struct RawProvider<'a> {
    id: String,
    model_match: Option<Rule>,
    #[serde(default)]
    fallback_model_providers: Vec<String>,
    #[serde(borrow)]
    models: Vec<&'a RawValue>,
    name: IgnoredAny,
    api_pattern: Option<IgnoredAny>,
    pricing_urls: Option<IgnoredAny>,
    price_comments: Option<IgnoredAny>,
    provider_match: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "fields that are read and left out are named, so that a new one is noticed")]
struct RawModel<'a> {
    id: String,
    #[serde(rename = "match")]
    rule: Rule,
    #[serde(borrow)]
    prices: &'a RawValue,
    #[serde(borrow, default)]
    price_variants: Vec<RawVariant<'a>>,
    name: Option<IgnoredAny>,
    context_window: Option<IgnoredAny>,
    price_comments: Option<IgnoredAny>,
    deprecated: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry<'a> {
    constraint: Option<RawConstraint>,
    #[serde(borrow)]
    prices: RawPrices<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVariant<'a> {
    when: BTreeMap<String, String>,
    constraint: Option<RawConstraint>,
    #[serde(borrow)]
    prices: RawPrices<'a>,
}

/// From a day on, or within hours of the day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConstraint {
    start_date: Option<String>,
    start_time: Option<IgnoredAny>,
    end_time: Option<IgnoredAny>,
}

/// By unit; numbers are kept as they are written.
type RawPrices<'a> = BTreeMap<String, &'a RawValue>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTiered<'a> {
    #[serde(borrow)]
    base: &'a RawValue,
    #[serde(borrow)]
    tiers: Vec<RawTier<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTier<'a> {
    start: u32,
    #[serde(borrow)]
    price: &'a RawValue,
}

fn provider(raw: RawProvider<'_>, published: Seconds, problems: &mut Vec<Problem>) -> Provider {
    let mut models = Vec::with_capacity(raw.models.len());
    for value in raw.models {
        match model(value.get(), published) {
            Ok(model) => models.push(model),
            Err(problem) => problems.push(format!("genai-prices, {}: {problem}", raw.id)),
        }
    }
    Provider { id: raw.id, makes: raw.model_match, fallbacks: raw.fallback_model_providers, models }
}

pub(crate) fn model(json: &str, published: Seconds) -> Result<Model, Problem> {
    let raw: RawModel<'_> = serde_json::from_str(json).map_err(|error| {
        let beginning: String = json.chars().take(60).collect();
        format!("{error} in `{beginning}…`")
    })?;
    let prices = prices(&raw, published).map_err(|problem| format!("{}: {problem}", raw.id))?;
    let generates_more_than_text = NOT_TEXT.iter().any(|unit| raw.prices.get().contains(unit));
    Ok(Model { id: raw.id, rule: raw.rule, prices, generates_more_than_text })
}

/// Prices from a day on; `None` is since ever.
type Dated = (Option<Seconds>, Prices);

fn prices(raw: &RawModel<'_>, published: Seconds) -> Result<Option<BTreeMap<Context, Timeline>>, Problem> {
    let Some(standard) = standard(raw.prices.get())? else { return Ok(None) };
    let mut variants: BTreeMap<Context, Vec<Dated>> = BTreeMap::new();
    for variant in &raw.price_variants {
        let Some(context) = context(&variant.when)? else { continue };
        let Holds::From(from) = holds(variant.constraint.as_ref())? else {
            return Err("hours of the day in a variant, which is not supported".to_owned());
        };
        let Some(prices) = of_units(&variant.prices)? else { continue };
        variants.entry(context).or_default().push((from, prices));
    }
    let mut timelines = BTreeMap::new();
    for (context, variants) in variants {
        let moments = standard.iter().chain(&variants).map(|(from, _)| *from);
        let moments: std::collections::BTreeSet<_> = moments.collect();
        let steps = moments.into_iter().filter_map(|moment| Some((moment, overlaid(&standard, &variants, moment)?)));
        timelines.insert(context, timeline(steps, published)?);
    }
    timelines.insert(Context::Standard, timeline(standard.into_iter(), published)?);
    Ok(Some(timelines))
}

/// Ordinary prices, in the order of time. `None` where one has a part that we cannot count.
fn standard(json: &str) -> Result<Option<Vec<Dated>>, Problem> {
    let wrong = |error: serde_json::Error| error.to_string();
    if json.starts_with('{') {
        let prices: RawPrices<'_> = serde_json::from_str(json).map_err(wrong)?;
        return Ok(of_units(&prices)?.map(|prices| vec![(None, prices)]));
    }
    let entries: Vec<RawEntry<'_>> = serde_json::from_str(json).map_err(wrong)?;
    let mut dated = Vec::new();
    for entry in entries {
        // Hours of the day come without dates and days of the week here, so that they would reach back to before they
        // were introduced and into weekends. model-prices has them in full.
        let Holds::From(from) = holds(entry.constraint.as_ref())? else { continue };
        let Some(prices) = of_units(&entry.prices)? else { return Ok(None) };
        dated.push((from, prices));
    }
    match dated.first() {
        Some((None, _)) => Ok(Some(dated)),
        _ => Err("the first price has a condition, so there are moments without a price".to_owned()),
    }
}

/// When a price holds.
enum Holds {
    /// From a moment on; `None`: since ever.
    From(Option<Seconds>),
    /// At some hours of the day.
    AtHours,
}

fn holds(constraint: Option<&RawConstraint>) -> Result<Holds, Problem> {
    let Some(constraint) = constraint else { return Ok(Holds::From(None)) };
    match (&constraint.start_date, &constraint.start_time, &constraint.end_time) {
        (Some(date), None, None) => Ok(Holds::From(Some(moment(date)?))),
        (None, Some(_), Some(_)) => Ok(Holds::AtHours),
        _ => Err("a condition that is neither a date nor hours of the day".to_owned()),
    }
}

/// The standard prices at `moment` with what `variants` say instead; of these, for each kind the first in force wins.
/// `None` while none of them is in force.
fn overlaid(standard: &[Dated], variants: &[Dated], moment: Option<Seconds>) -> Option<Prices> {
    let mut prices = standard.iter().rfind(|(from, _)| *from <= moment)?.1.clone();
    let in_force: Vec<&Prices> =
        variants.iter().filter(|(from, _)| *from <= moment).map(|(_, prices)| prices).collect();
    for variant in in_force.iter().rev() {
        let mut starts: Vec<u32> = prices.above.iter().chain(&variant.above).map(|(start, _)| *start).collect();
        starts.sort_unstable();
        starts.dedup();
        let over = |above: u32| {
            let (under, over) = (prices.at(above), variant.at(above));
            Rates(std::array::from_fn(|kind| over.0[kind].or(under.0[kind])))
        };
        prices = Prices {
            base: over(0),
            above: starts.iter().map(|start| (*start, over(*start))).collect(),
            long_write: None,
        };
    }
    (!in_force.is_empty()).then_some(prices)
}

fn timeline(steps: impl Iterator<Item = Dated>, published: Seconds) -> Result<Timeline, Problem> {
    let steps = steps.map(|(from, prices)| Step {
        from,
        evidence: if from > Some(published) { Evidence::Forecast } else { Evidence::Listed },
        // Zero is what a list says of a model whose price nobody entered. It is not free: it has no price.
        prices: Some(prices).filter(|prices| !prices.is_nothing()),
        address: None,
    });
    Timeline::new(steps.collect())
}

/// How the calls are run that a variant is for; `None` for variants that are left out.
fn context(when: &BTreeMap<String, String>) -> Result<Option<Context>, Problem> {
    let (Some((key, value)), 1) = (when.first_key_value(), when.len()) else {
        return Err(format!("a variant with other than one condition: {when:?}"));
    };
    let condition = (key.as_str(), value.as_str());
    Ok(Some(match condition {
        ("processing", "batch") => Context::Batch,
        ("service_tier", "flex") => Context::Flex,
        ("service_tier", "priority") => Context::Priority,
        ("service_tier" | "speed", "fast") => Context::Fast,
        _ if NOT_A_CONTEXT.contains(&condition) => return Ok(None),
        _ => return Err(format!("a variant for the unknown condition {condition:?}")),
    }))
}

/// Prices by unit; `None` where one has a part that we cannot count.
fn of_units(units: &RawPrices<'_>) -> Result<Option<Prices>, Problem> {
    let mut kinds: [Vec<(u32, i64)>; Kind::ALL.len()] = Default::default();
    for (unit, value) in units {
        if NOT_COUNTABLE.contains(&unit.as_str()) {
            return Ok(None);
        }
        if let Some(kind) = UNITS.iter().position(|known| known == unit) {
            kinds[kind] = tiered(value.get(), Kind::ALL[kind]).map_err(|problem| format!("{unit}: {problem}"))?;
        } else if !NOT_REPORTED.contains(&unit.as_str()) {
            return Err(format!("the unknown unit `{unit}`; say in genai_prices.rs what becomes of it"));
        }
    }
    let mut starts: Vec<u32> = kinds.iter().flatten().map(|(start, _)| *start).filter(|start| *start > 0).collect();
    starts.sort_unstable();
    starts.dedup();
    let at = |above: u32| {
        Rates(kinds.each_ref().map(|tiers| tiers.iter().rfind(|(start, _)| *start <= above).map(|(_, price)| *price)))
    };
    Ok(Some(Prices {
        base: at(0),
        above: starts.into_iter().map(|start| (start, at(start))).collect(),
        long_write: None,
    }))
}

/// A price, and those instead of it for prompts longer than so many tokens.
fn tiered(json: &str, kind: Kind) -> Result<Vec<(u32, i64)>, Problem> {
    let picos = |number: &RawValue| {
        let number = number.get();
        if kind == Kind::WebSearch { picos_per_piece(number) } else { picos_per_token(number) }
    };
    let wrong = |error: serde_json::Error| error.to_string();
    if !json.starts_with('{') {
        return Ok(vec![(0, picos(serde_json::from_str(json).map_err(wrong)?)?)]);
    }
    let raw: RawTiered<'_> = serde_json::from_str(json).map_err(wrong)?;
    let mut tiers = vec![(0, picos(raw.base)?)];
    for tier in raw.tiers {
        tiers.push((tier.start, picos(tier.price)?));
    }
    if tiers.is_sorted_by(|one, next| one.0 < next.0) { Ok(tiers) } else { Err("tiers that do not rise".to_owned()) }
}
