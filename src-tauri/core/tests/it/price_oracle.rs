//! The catalogue against the engine of genai-prices' own publisher, on the same list: every model of it, every way of
//! running a call, short and long prompts. Whatever differs is named here with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, UNIX_EPOCH};

use genai_prices::{Calculator, PriceRequest, Usage, UsageKey};
use jiff::Timestamp;
use serde_json::{Value, json};
use spendmeter_core::money::Usd;
use spendmeter_core::pricing::catalogue::{Context, Kind, List, Source, Verdict, compile};
use spendmeter_core::pricing::{OwnPrices, Plans, PriceBook, PricedBy};
use spendmeter_core::usage::{Attribution, Basis, CacheWrites, Tier, Tokens, UsageRecord, Witness};

/// Model, how many calls of it cost something else, and why.
const DIFFERENCES: &str = include_str!("../../prices/oracle_differences.csv");

const LIST: &str = include_str!("../../prices/genai-prices-0.2.3.json");

const HISTORY: &str = include_str!("../../prices/model-prices-0.0.5.json");

/// A Tuesday at noon, outside of anyone's peak hours, when every price of the list had been in force for a while.
const NOON: &str = "2026-11-24T12:00:00Z";

/// Ways of running a call, and how the engine is told of them.
const TIERS: [(Tier, &[(&str, &str)]); 5] = [
    (Tier::Standard, &[]),
    (Tier::Batch, &[("processing", "batch")]),
    (Tier::Flex, &[("service_tier", "flex")]),
    (Tier::Priority, &[("service_tier", "priority")]),
    (Tier::Fast, &[("service_tier", "fast"), ("speed", "fast")]),
];

/// Tokens of one kind beside some input, for short prompts and for long ones. Counts are whole thousands, so that every
/// price is a whole number of nano-dollars and floats can be compared.
fn calls() -> impl Iterator<Item = (&'static str, Tokens)> {
    [7_000, 600_000].into_iter().flat_map(|input| {
        let plain = Tokens { input, ..Tokens::default() };
        [
            ("input", plain),
            ("output", Tokens { output: 3_000, ..plain }),
            ("cache_read", Tokens { cache_read: 31_000, ..plain }),
            ("cache_write_short", Tokens { cache_write_short: 5_000, ..plain }),
            ("cache_write_long", Tokens { cache_write_long: 2_000, ..plain }),
        ]
    })
}

fn call(provider: &str, model: &str, tier: &Tier, tokens: Tokens) -> UsageRecord {
    UsageRecord {
        source: "test",
        key: "1".to_owned(),
        occurred_at: NOON.parse().unwrap(),
        tokens,
        cache_writes: CacheWrites::Told,
        is_sum: false,
        web_searches: 0,
        basis: Basis::Estimated,
        reported: None,
        attribution: Arc::new(Attribution {
            provider: Some(provider.to_owned()),
            model: Some(model.to_owned()),
            tier: tier.clone(),
            ..Attribution::default()
        }),
        witness: Witness::default(),
    }
}

/// Nano-dollars by the engine; `None` where it has no price.
fn by_engine(
    engine: &Calculator,
    provider: &str,
    model: &str,
    context: &[(&str, &str)],
    tokens: &Tokens,
) -> Option<i64> {
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let count = |tokens: u64| tokens as f64;
    let usage = Usage::from([
        (UsageKey::INPUT_TOKENS, count(tokens.prompt())),
        (UsageKey::CACHE_READ_TOKENS, count(tokens.cache_read)),
        (UsageKey::CACHE_WRITE_TOKENS, count(tokens.cache_write_short + tokens.cache_write_long)),
        (UsageKey::CACHE_WRITE_1H_TOKENS, count(tokens.cache_write_long)),
        (UsageKey::OUTPUT_TOKENS, count(tokens.output)),
    ]);
    let noon: Timestamp = NOON.parse().unwrap();
    let at = UNIX_EPOCH + Duration::from_secs(noon.as_second().unsigned_abs());
    let request = PriceRequest::new(model, &usage).with_provider_id(provider).with_timestamp(at);
    let request = context.iter().fold(request, |request, (key, value)| request.with_price_context(key, value));
    let dollars = engine.calculate(&request).ok()?.total_price;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, but for the noise of floats")]
    let nanos = (dollars * 1e9).round() as i64;
    Some(nanos)
}

/// What the list says of a model at noon, unit by unit, so that a reason is looked up and not guessed.
struct Entry {
    /// Units of ordinary calls.
    ordinary: BTreeSet<String>,
    /// Units of calls that are run so.
    run: BTreeMap<String, BTreeSet<String>>,
    /// Whether a price holds at some hours of the day.
    has_hours: bool,
    /// Whether a number has as many digits as a float has.
    has_noise: bool,
}

impl Entry {
    fn of(provider: &str, model: &str) -> Self {
        static PROVIDERS: LazyLock<Vec<Value>> = LazyLock::new(|| serde_json::from_str(LIST).unwrap());
        let with_id = |all: &[Value], id: &str| all.iter().find(|one| one["id"] == id).unwrap().clone();
        let provider = with_id(&PROVIDERS, provider);
        let model = with_id(provider["models"].as_array().unwrap(), model);
        let is_in_force = |entry: &&Value| entry["constraint"]["start_date"].as_str().is_none_or(|from| from < NOON);
        let units = |prices: &Value| prices.as_object().unwrap().keys().cloned().collect::<BTreeSet<String>>();
        let ordinary = match &model["prices"] {
            Value::Array(dated) => units(&dated.iter().rfind(is_in_force).unwrap()["prices"]),
            prices => units(prices),
        };
        let variants: Vec<&Value> =
            model["price_variants"].as_array().into_iter().flatten().filter(is_in_force).collect();
        let of_tier = |(tier, conditions): &(Tier, &[(&str, &str)])| {
            let meant =
                |variant: &&&Value| conditions.iter().any(|(key, value)| variant["when"] == json!({ *key: value }));
            let of_tier: Vec<_> = variants.iter().filter(meant).map(|variant| units(&variant["prices"])).collect();
            (!of_tier.is_empty()).then(|| (tier.as_str().to_owned(), of_tier.into_iter().flatten().collect()))
        };
        let has_hours =
            model["prices"].as_array().into_iter().flatten().any(|one| one["constraint"].get("start_time").is_some());
        let has_noise = format!("{}{}", model["prices"], model["price_variants"])
            .split(|one: char| !one.is_ascii_digit() && one != '.')
            .any(|number| number.len() > 15);
        Self { ordinary, run: TIERS.iter().filter_map(of_tier).collect(), has_hours, has_noise }
    }

    /// Whether the list has a price of its own for that unit.
    fn has(&self, tier: &Tier, unit: &str) -> bool {
        self.ordinary.contains(unit) || self.run.get(tier.as_str()).is_some_and(|units| units.contains(unit))
    }

    /// Whether it has something that agents do not report.
    fn cannot_be_counted(&self) -> bool {
        ["requests_kcount", "output_citation_mtok", "output_reasoning_mtok"]
            .iter()
            .any(|unit| self.ordinary.contains(*unit))
    }
}

/// Why a call costs something else here than by the engine.
fn reason(
    book: &PriceBook,
    entry: &Entry,
    record: &UsageRecord,
    kind: &str,
    ours: Option<i64>,
    engine: Option<i64>,
) -> &'static str {
    let (Some(ours), Some(engine)) = (ours, engine) else {
        return match (ours, engine) {
            (None, Some(0)) => "zero in a list is no price",
            (None, _) if entry.cannot_be_counted() => "a part of the price cannot be counted",
            (None, _) if kind == "output" => "output has no price, and is not free for that",
            (Some(_), None) => "the engine does not find the model by its own id",
            _ => UNEXPLAINED,
        };
    };
    if entry.has_noise && (ours - engine).abs() <= 4 {
        return "a twelfth of a dollar has no last digit";
    }
    let priced = book.price(record);
    let (Some(PricedBy::Point { point, .. }), Some(cost)) = (priced.by, priced.price.cost) else { return UNEXPLAINED };
    let ends = [cost.likely - cost.below, cost.likely + cost.above].map(Usd::nanos);
    let tier = &record.attribution.tier;
    let only_here = |kind, unit| point.rates.of(kind).is_some() && !entry.has(tier, unit);
    match kind {
        _ if point.verdict == Verdict::Disputed && ends.contains(&engine) => "disputed",
        _ if entry.has_hours => "hours of the day come without dates in the list, and are left out",
        _ if point.context != Context::Standard && !entry.run.contains_key(tier.as_str()) => {
            "only model-prices has the tier"
        }
        "cache_write_long" if only_here(Kind::CacheWriteLong, "cache_write_1h_mtok") => {
            "only model-prices has long writes"
        }
        "cache_read" if only_here(Kind::CacheRead, "cache_read_mtok") => {
            "only model-prices has a rate for cached input"
        }
        "cache_write_short" if only_here(Kind::CacheWriteShort, "cache_write_mtok") => {
            "only model-prices has a rate for writes"
        }
        _ => UNEXPLAINED,
    }
}

const UNEXPLAINED: &str = "unexplained";

/// By model and reason the calls that cost something else than by the engine, and how many cost the same.
fn differences(book: &PriceBook, of: impl Fn(&str) -> bool) -> (BTreeMap<(String, &'static str), Vec<String>>, usize) {
    let engine = Calculator::from_json(LIST).unwrap();
    let mut equal = 0;
    let mut differ: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    for provider in engine.providers().filter(|provider| of(provider.id())) {
        for model in provider.models() {
            let mut entry = None;
            for ((tier, context), (kind, tokens)) in TIERS.iter().flat_map(|tier| calls().map(move |call| (tier, call)))
            {
                let record = call(provider.id(), model.id(), tier, tokens);
                let ours = book.price(&record).price.cost.map(|cost| cost.likely.nanos());
                let theirs = by_engine(&engine, provider.id(), model.id(), context, &tokens);
                if ours == theirs {
                    equal += 1;
                    continue;
                }
                let entry = entry.get_or_insert_with(|| Entry::of(provider.id(), model.id()));
                let reason = reason(book, entry, &record, kind, ours, theirs);
                let of_model = differ.entry((format!("{}/{}", provider.id(), model.id()), reason)).or_default();
                of_model.push(format!("{} {kind} {ours:?} {theirs:?}", tier.as_str()));
            }
        }
    }
    (differ, equal)
}

#[test]
fn every_model_of_the_list_costs_what_its_publisher_calculates_or_the_reason_is_known() {
    let (differ, equal) = differences(&PriceBook::bundled(), |_| true);
    // Most of the differences are models that cost nothing by the list; see the file.
    let lines = differ.iter().map(|((model, reason), calls)| format!("{model},{},{reason}", calls.len()));
    let found: BTreeSet<String> = lines.collect();
    let unexplained: Vec<_> = differ.iter().filter(|((_, reason), _)| *reason == UNEXPLAINED).collect();
    assert!(unexplained.is_empty(), "look at these: {unexplained:#?}");
    // So that a file that is right can be taken over as it is.
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oracle_differences.csv");
    let header = "model,calls,why".to_owned();
    fs::write(&written, [header].iter().chain(&found).fold(String::new(), |all, line| all + line + "\n")).unwrap();
    let known: BTreeSet<String> = DIFFERENCES.lines().skip(1).map(str::to_owned).collect();
    let new: Vec<&String> = found.difference(&known).collect();
    assert!(new.is_empty(), "not in prices/oracle_differences.csv, but in {}: {new:#?}", written.display());
    assert_eq!(known.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new(), "these are equal by now");
    assert!(equal > 99_000, "only {equal} calls cost the same");
}

#[test]
fn a_rate_that_is_wrong_has_no_reason() {
    let (before, entry) = LIST.split_at(LIST.find(r#""id":"moonshotai/kimi-k2-instruct""#).unwrap());
    // A fifth of the price of cached input, in a list that no other list contradicts.
    let changed = entry.replacen(r#""cache_read_mtok":0.5"#, r#""cache_read_mtok":0.1"#, 1);
    assert_ne!(changed, entry);
    let source = |list| Source { list, version: String::new(), published: 1_794_268_800, sha256: String::new() };
    let list = format!("{before}{changed}");
    let (catalogue, problems) =
        compile((&list, source(List::GenaiPrices)), (HISTORY, source(List::ModelPrices))).unwrap();
    assert_eq!(problems, Vec::<String>::new());
    let book = PriceBook::new(Arc::new(catalogue), OwnPrices::default(), Plans::default());
    let (differ, _) = differences(&book, |provider| provider == "groq");
    let unexplained: Vec<_> = differ.iter().filter(|((_, reason), _)| *reason == UNEXPLAINED).collect();
    let [((model, _), calls)] = &unexplained[..] else { panic!("{unexplained:#?}") };
    assert_eq!(model, "groq/moonshotai/kimi-k2-instruct");
    // Short prompts and long ones, however the call is run.
    assert_eq!((calls.len(), calls.iter().all(|call| call.contains("cache_read"))), (2 * TIERS.len(), true));
}
