//! The catalogue against the engine of genai-prices' own publisher, on the same list: every model of it, every way of
//! running a call, short and long prompts. Whatever differs is named here with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use genai_prices::{Calculator, PriceRequest, Usage, UsageKey};
use jiff::Timestamp;
use spendmeter_core::pricing::catalogue::{Kind, List, Verdict};
use spendmeter_core::pricing::{PriceBook, PricedBy};
use spendmeter_core::usage::{Attribution, Basis, Tier, Tokens, UsageRecord, Witness};

/// Model, how many calls of it cost something else, and why.
const DIFFERENCES: &str = include_str!("../../prices/oracle_differences.csv");

const LIST: &str = include_str!("../../prices/genai-prices-0.2.3.json");

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

/// Why a call costs something else here than by the engine.
fn reason(book: &PriceBook, record: &UsageRecord, kind: &str, ours: Option<i64>, engine: Option<i64>) -> &'static str {
    let (Some(ours), Some(engine)) = (ours, engine) else {
        return match (ours, engine) {
            (None, Some(0)) => "zero in a list is no price",
            (None, _) if kind == "output" => "output has no price, and is not free for that",
            (None, _) => "a part of the price cannot be counted",
            _ => "the engine does not find the model by its own id",
        };
    };
    if (ours - engine).abs() <= 4 {
        return "a twelfth of a dollar has no last digit";
    }
    let priced = book.price(record);
    let Some(PricedBy::Point { point, .. }) = priced.by else { return "unexplained" };
    let (_, input) = calls().find(|(_, tokens)| tokens.input == record.tokens.input).unwrap();
    let same_input = {
        let plain = UsageRecord { tokens: input, ..record.clone() };
        book.price(&plain).price.cost.map(|cost| cost.likely.nanos())
    };
    match kind {
        _ if point.verdict == Verdict::Disputed => "disputed",
        _ if record.attribution.tier != Tier::Standard && point.list == List::ModelPrices => {
            "only model-prices has the tier"
        }
        "cache_write_long" if point.rates.of(Kind::CacheWriteLong).is_some() => "only model-prices has long writes",
        "cache_read" if same_input.is_some() => "only model-prices has a rate for cached input",
        "cache_write_short" if same_input.is_some() => "only model-prices has a rate for writes",
        _ => "unexplained",
    }
}

#[test]
fn every_model_of_the_list_costs_what_its_publisher_calculates_or_the_reason_is_known() {
    let engine = Calculator::from_json(LIST).unwrap();
    let book = PriceBook::bundled();
    let mut equal = 0;
    let mut differ: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    for provider in engine.providers() {
        for model in provider.models() {
            for ((tier, context), (kind, tokens)) in TIERS.iter().flat_map(|tier| calls().map(move |call| (tier, call)))
            {
                let record = call(provider.id(), model.id(), tier, tokens);
                let ours = book.price(&record).price.cost.map(|cost| cost.likely.nanos());
                let theirs = by_engine(&engine, provider.id(), model.id(), context, &tokens);
                if ours == theirs {
                    equal += 1;
                    continue;
                }
                let reason = reason(&book, &record, kind, ours, theirs);
                let of_model = differ.entry((format!("{}/{}", provider.id(), model.id()), reason)).or_default();
                of_model.push(format!("{} {kind} {ours:?} {theirs:?}", tier.as_str()));
            }
        }
    }
    // Most of the differences are models that cost nothing by the list; see the file.
    let lines = differ.iter().map(|((model, reason), calls)| format!("{model},{},{reason}", calls.len()));
    let found: BTreeSet<String> = lines.collect();
    let known: BTreeSet<String> = DIFFERENCES.lines().skip(1).map(str::to_owned).collect();
    let new: Vec<&String> = found.difference(&known).collect();
    assert!(new.is_empty(), "not in prices/oracle_differences.csv: {new:#?}\n{differ:#?}");
    assert_eq!(known.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new(), "these are equal by now");
    assert!(!found.iter().any(|line| line.ends_with("unexplained")));
    assert!(equal > 99_000, "only {equal} calls cost the same");
}
