//! The price list as its publisher writes it, read into types and checked: every key is either used or named here as
//! deliberately left out.

use serde_json::{Map, Value};

use super::decimal::{picos_per_piece, picos_per_token};
use super::rows::{midnight, minute_of_day};

/// One who serves models, at prices of their own.
pub(super) struct Provider {
    pub(super) id: String,
    /// Rule for the names of the models that this provider makes, rather than resells.
    pub(super) makes: Option<Value>,
    /// Providers whose list prices hold for models that this one sells but does not list.
    pub(super) fallbacks: Vec<String>,
    pub(super) models: Vec<Model>,
}

pub(super) struct Model {
    pub(super) id: String,
    /// Rule for the names by which calls call it.
    pub(super) rule: Value,
    /// Ordinary prices. The last entry in force wins; the first holds always.
    pub(super) standard: Vec<Entry>,
    /// Prices of calls that were run otherwise. For each kind the first in force wins; the rest is as `standard`.
    pub(super) variants: Vec<(Context, Entry)>,
}

/// How a call was run. The order is that of `src/pricing/catalogue.rs`, which reads the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    Standard,
    Batch,
    Flex,
    Priority,
    Fast,
}

/// Prices and the moments at which they hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    /// From this second on; `None` is since ever.
    pub(super) from: Option<i64>,
    /// Only between these minutes of the day, UTC.
    pub(super) hours: Option<(u16, u16)>,
    /// Only on Saturdays and Sundays, UTC.
    pub(super) weekend: bool,
    pub(super) prices: Prices,
}

/// By kind, in the order of [`KINDS`].
pub(super) type Prices = [Option<Tiered>; KINDS.len()];

/// A price, and the prices instead of it for prompts longer than so many tokens, shortest first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tiered {
    pub(super) base: i64,
    pub(super) above: Vec<(u32, i64)>,
}

/// What is priced, in the order in which rows hold it.
pub(super) const KINDS: [&str; 6] =
    ["input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok", "web_searches_kcount"];
const WEB_SEARCHES: usize = 5;

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

/// Units that ordinary calls pay and that we cannot count. A model that has one stays without a price: the rest of its
/// price would look like all of it.
const NOT_COUNTABLE: &[&str] = &["output_citation_mtok", "output_reasoning_mtok", "requests_kcount"];

/// Conditions of variants left out: `default` is the standard price, the others no source of ours reports.
const NOT_A_CONTEXT: &[(&str, &str)] =
    &[("service_tier", "default"), ("route", "mistral/eu"), ("search_type", "fast"), ("search_type", "web")];

const PROVIDER_KEYS: &[&str] = &[
    "id",
    "name",
    "api_pattern",
    "pricing_urls",
    "price_comments",
    "model_match",
    "provider_match",
    "fallback_model_providers",
    "models",
];
const MODEL_KEYS: &[&str] =
    &["id", "name", "match", "context_window", "price_comments", "prices", "price_variants", "deprecated"];

/// Models that cost the off-peak price all day on weekends, from this day on. The list says so in a comment, since its
/// conditions have no days of the week; it also says that Chinese public holidays are off-peak, which needs a calendar
/// and is left at the peak price. Peak hours are within one Beijing day, so its weekday is the UTC weekday.
const WEEKEND_OFF_PEAK: (&str, &[&str], &str) =
    ("deepseek", &["deepseek-flash", "deepseek-v4-flash", "deepseek-v4-pro"], "2026-08-23");

/// Reads the whole list.
pub(super) fn read(list: &str) -> Result<Vec<Provider>, String> {
    // Without serde_json's `arbitrary_precision` numbers would be floats by now, and look the same in most places.
    let digits = "0.1000000000000000055511151231257827";
    let kept = serde_json::from_str::<Value>(digits).map(|number| number.to_string()).unwrap_or_default();
    if kept != digits {
        return Err("serde_json must keep numbers as text: its feature `arbitrary_precision` is off".to_owned());
    }
    let list: Value = serde_json::from_str(list).map_err(|error| format!("not JSON: {error}"))?;
    array(&list, "the list")?.iter().map(provider).collect()
}

fn provider(value: &Value) -> Result<Provider, String> {
    let fields = object(value, "a provider")?;
    let id = text(fields, "id", "a provider")?;
    known_keys(fields, PROVIDER_KEYS, &id)?;
    let fallbacks = match fields.get("fallback_model_providers") {
        Some(ids) => array(ids, &id)?.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => Vec::new(),
    };
    let models = array(fields.get("models").unwrap_or(&Value::Null), &id)?;
    Ok(Provider {
        makes: fields.get("model_match").cloned(),
        fallbacks,
        models: models.iter().map(|value| model(value, &id)).collect::<Result<_, _>>()?,
        id,
    })
}

pub(super) fn model(value: &Value, provider: &str) -> Result<Model, String> {
    let fields = object(value, provider)?;
    let id = text(fields, "id", provider)?;
    let place = format!("{provider}/{id}");
    known_keys(fields, MODEL_KEYS, &place)?;
    let mut standard = match fields.get("prices") {
        Some(Value::Array(entries)) => {
            entries.iter().map(|value| entry(value, &["constraint", "prices"], &place)).collect::<Result<_, _>>()?
        }
        Some(prices) => {
            prices_at(prices, &place)?.map_or_else(Vec::new, |prices| vec![Some(Entry { prices, ..Entry::default() })])
        }
        None => return Err(format!("{place} has no prices")),
    };
    if standard.contains(&None) {
        standard.clear();
    }
    let mut standard: Vec<Entry> = standard.into_iter().flatten().collect();
    if standard.first().is_some_and(|first| first.from.is_some() || first.hours.is_some()) {
        return Err(format!("{place}: the first price has a condition, so there are moments without a price"));
    }
    date_the_hours(&mut standard);
    weekend_off_peak(provider, &id, &mut standard)?;
    let mut variants = Vec::new();
    for value in fields.get("price_variants").map_or(Ok(&[][..]), |list| array(list, &place).map(Vec::as_slice))? {
        let context = context(object(value, &place)?.get("when"), &place)?;
        if let (Some(context), Some(entry)) = (context, entry(value, &["when", "constraint", "prices"], &place)?) {
            variants.push((context, entry));
        }
    }
    let rule = fields.get("match").cloned().ok_or_else(|| format!("{place} has no match rule"))?;
    Ok(Model { id, rule, standard, variants })
}

/// A condition of the list is either a date or hours of the day. Where hours follow a date they describe the price
/// since that date: taken as the list's own engine takes them, they would reach back to before it.
fn date_the_hours(entries: &mut [Entry]) {
    let mut since = None;
    for entry in entries {
        match entry.hours {
            Some(_) => entry.from = since,
            None => since = entry.from.max(since),
        }
    }
}

fn weekend_off_peak(provider: &str, model: &str, entries: &mut Vec<Entry>) -> Result<(), String> {
    let (of, models, since) = WEEKEND_OFF_PEAK;
    if provider != of || !models.contains(&model) {
        return Ok(());
    }
    let off_peak = entries.iter().rfind(|entry| entry.hours.is_none()).cloned();
    let off_peak = off_peak.ok_or_else(|| format!("{provider}/{model} has no price outside of its peak hours"))?;
    let from = off_peak.from.max(Some(midnight(since)?));
    entries.push(Entry { from, weekend: true, ..off_peak });
    Ok(())
}

/// One conditional price, or `None` where it has a part that we cannot count.
fn entry(value: &Value, keys: &[&str], place: &str) -> Result<Option<Entry>, String> {
    let fields = object(value, place)?;
    known_keys(fields, keys, place)?;
    let Some(prices) = prices_at(fields.get("prices").unwrap_or(&Value::Null), place)? else { return Ok(None) };
    let mut entry = Entry { prices, ..Entry::default() };
    if let Some(constraint) = fields.get("constraint") {
        let constraint = object(constraint, place)?;
        known_keys(constraint, &["start_date", "start_time", "end_time"], place)?;
        if constraint.contains_key("start_date") {
            known_keys(constraint, &["start_date"], place)?;
            entry.from = Some(midnight(&text(constraint, "start_date", place)?)?);
        } else {
            let minute = |key| minute_of_day(&text(constraint, key, place)?);
            entry.hours = Some((minute("start_time")?, minute("end_time")?));
        }
    }
    Ok(Some(entry))
}

fn context(when: Option<&Value>, place: &str) -> Result<Option<Context>, String> {
    let when = object(when.unwrap_or(&Value::Null), place)?;
    let (Some((key, value)), 1) = (when.iter().next(), when.len()) else {
        return Err(format!("{place}: a variant with other than one condition: {when:?}"));
    };
    let condition = (key.as_str(), value.as_str().unwrap_or_default());
    Ok(Some(match condition {
        ("processing", "batch") => Context::Batch,
        ("service_tier", "flex") => Context::Flex,
        ("service_tier", "priority") => Context::Priority,
        ("service_tier" | "speed", "fast") => Context::Fast,
        _ if NOT_A_CONTEXT.contains(&condition) => return Ok(None),
        _ => return Err(format!("{place}: a variant for the unknown condition {condition:?}")),
    }))
}

fn prices_at(value: &Value, place: &str) -> Result<Option<Prices>, String> {
    let mut prices = Prices::default();
    for (unit, value) in object(value, place)? {
        if NOT_COUNTABLE.contains(&unit.as_str()) {
            return Ok(None);
        }
        if let Some(kind) = KINDS.iter().position(|kind| kind == unit) {
            prices[kind] = Some(tiered(value, kind).map_err(|problem| format!("{place}, {unit}: {problem}"))?);
        } else if !NOT_REPORTED.contains(&unit.as_str()) {
            return Err(format!("{place}: the unknown unit `{unit}`; say in build/source.rs what becomes of it"));
        }
    }
    Ok(Some(prices))
}

fn tiered(value: &Value, kind: usize) -> Result<Tiered, String> {
    let picos = |value: &Value| {
        let number = value.as_number().ok_or("a price that is not a number")?.to_string();
        if kind == WEB_SEARCHES { picos_per_piece(&number) } else { picos_per_token(&number) }
    };
    let Value::Object(fields) = value else { return Ok(Tiered { base: picos(value)?, above: Vec::new() }) };
    known_keys(fields, &["base", "tiers"], "a tiered price")?;
    let mut above = Vec::new();
    for tier in array(fields.get("tiers").unwrap_or(&Value::Null), "the tiers")? {
        let tier = object(tier, "a tier")?;
        known_keys(tier, &["start", "price"], "a tier")?;
        let start = tier.get("start").and_then(Value::as_u64).and_then(|start| u32::try_from(start).ok());
        let start = start.filter(|start| *start > 0).ok_or("a tier without a whole start above 0")?;
        above.push((start, picos(tier.get("price").unwrap_or(&Value::Null))?));
    }
    if !above.is_sorted_by(|one, next| one.0 < next.0) {
        return Err("tiers that do not rise".to_owned());
    }
    Ok(Tiered { base: picos(fields.get("base").unwrap_or(&Value::Null))?, above })
}

fn known_keys(fields: &Map<String, Value>, known: &[&str], place: &str) -> Result<(), String> {
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("{place}: the unknown key `{key}`; read the list's changelog before adding it")),
        None => Ok(()),
    }
}

fn object<'value>(value: &'value Value, place: &str) -> Result<&'value Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("{place}: `{value}` where an object was expected"))
}

fn array<'value>(value: &'value Value, place: &str) -> Result<&'value Vec<Value>, String> {
    value.as_array().ok_or_else(|| format!("{place}: `{value}` where a list was expected"))
}

fn text(fields: &Map<String, Value>, key: &str, place: &str) -> Result<String, String> {
    fields.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| format!("{place} has no text `{key}`"))
}
