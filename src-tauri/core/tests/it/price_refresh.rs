//! Refreshed lists: what they would change, what in them needs consent, what is refused.

use jiff::Timestamp;
use spendmeter_core::pricing::{Candidate, PublishedList, PublishedLists, RefreshError, bundled};

const GENAI_PRICES: &str = include_str!("../../prices/genai-prices-0.2.3.json");
const MODEL_PRICES: &str = include_str!("../../prices/model-prices-0.0.5.json");

fn now() -> Timestamp {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn published(genai_prices: String, model_prices: String, updated_at: &str) -> PublishedLists {
    let list = |text| PublishedList { text, sha256: String::new(), from: "a mirror".to_owned() };
    PublishedLists {
        genai_prices: list(genai_prices),
        model_prices: list(model_prices),
        updated_at: updated_at.parse().unwrap(),
    }
}

/// The lists in use, changed by `change`.
fn changed(change: impl Fn(&str) -> String) -> PublishedLists {
    published(change(GENAI_PRICES), change(MODEL_PRICES), "2026-10-26T18:46:35Z")
}

fn candidate(lists: &PublishedLists) -> Candidate {
    let used = [("anthropic", "claude-opus-5-5"), ("openai", "gpt-5.5"), ("nobody", "my-model")];
    let used = used.map(|(provider, model)| (Some(provider.to_owned()), model.to_owned()));
    Candidate::of(lists, &bundled(), &used, now()).unwrap()
}

/// The lists in use, with something else in the entry of the one list that begins so.
fn with_entry(begin: &str, replaced: &str, by: &str) -> PublishedLists {
    changed(|list| {
        let Some(at) = list.find(begin) else { return list.to_owned() };
        let (before, after) = list.split_at(at);
        let with = after.replacen(replaced, by, 1);
        assert_ne!(with, after, "the list has another form than this test thinks");
        format!("{before}{with}")
    })
}

/// Opus 5.5's entry of the one list with another price for input.
fn with_opus_at(input: &str) -> PublishedLists {
    with_entry(r#""id":"claude-opus-5-5","name""#, r#""input_mtok":4,"#, &format!(r#""input_mtok":{input},"#))
}

#[test]
fn the_same_lists_change_nothing() {
    let changes = candidate(&changed(str::to_owned)).changes;
    assert_eq!((changes.changed, changes.new, changes.gone, changes.left_out), (0, 0, 0, 0), "{changes:?}");
    assert!(changes.are_calm() && changes.in_use.is_empty());
    assert_eq!(changes.version, "genai-prices 2026-11-26, model-prices 2026-10-26");
}

#[test]
fn a_moderate_change_is_told_with_the_models_in_use() {
    let changes = candidate(&with_opus_at("5")).changes;
    assert_eq!((changes.changed, changes.in_use), (1, vec!["claude-opus-5-5".to_owned()]));
    assert!(changes.jumps.is_empty());
}

#[test]
fn t10_zero_and_a_jump_beyond_five_times_need_consent() {
    for (input, after) in [("0", Some("0")), ("20.1", Some("20.1")), ("0.79", Some("0.79"))] {
        let changes = candidate(&with_opus_at(input)).changes;
        let [jump] = &changes.jumps[..] else { panic!("{input}: {:?}", changes.jumps) };
        assert_eq!((jump.model.as_str(), jump.kind, jump.context), ("anthropic/claude-opus-5-5", "input", "standard"));
        assert_eq!((jump.before.as_str(), jump.after.as_deref()), ("4", after));
    }
    for calm in ["20", "0.8"] {
        assert!(candidate(&with_opus_at(calm)).changes.are_calm(), "{calm}");
    }
}

#[test]
fn jumps_of_one_model_are_told_apart_by_the_length_of_the_prompt() {
    let tiered =
        |base, above| format!(r#""input_mtok":{{"base":{base},"tiers":[{{"start":272000,"price":{above}}}]}}"#);
    let lists = with_entry(r#""id":"gpt-5.4","name""#, &tiered("2.5", "5"), &tiered("25", "50"));
    let jumps = candidate(&lists).changes.jumps;
    let jumps = jumps.iter().filter(|jump| jump.model == "openai/gpt-5.4" && jump.context == "standard");
    let rows: Vec<_> = jumps.map(|jump| (jump.prompt_above, jump.before.as_str(), jump.after.as_deref())).collect();
    assert_eq!(rows, [(0, "2.5", Some("25")), (272_000, "5", Some("50"))]);
}

#[test]
fn t10_a_limit_that_only_longer_prompts_reach_needs_consent_too() {
    let lists = with_opus_at(r#"{"base":4,"tiers":[{"start":1,"price":400}]}"#);
    let jumps = candidate(&lists).changes.jumps;
    let [jump] = &jumps[..] else { panic!("{jumps:#?}") };
    assert_eq!((jump.prompt_above, jump.before.as_str(), jump.after.as_deref()), (1, "4", Some("400")));
}

#[test]
fn web_searches_are_told_by_the_thousand() {
    let lists =
        with_entry(r#""id":"claude-opus-5-5","name""#, r#""web_searches_kcount":10"#, r#""web_searches_kcount":0"#);
    let jumps = candidate(&lists).changes.jumps;
    let search = jumps.iter().find(|jump| jump.kind == "web_search").expect("it is told");
    assert_eq!((search.before.as_str(), search.after.as_deref()), ("10", Some("0")));
}

#[test]
fn a_forecast_whose_day_came_in_a_later_list_is_a_fact() {
    let argon = |catalogue: &spendmeter_core::pricing::catalogue::Catalogue, at: &str| {
        let at: Timestamp = at.parse().unwrap();
        let listing = catalogue.find(Some("google"), "gemini-4-argon").unwrap();
        let standard = spendmeter_core::pricing::catalogue::Context::Standard;
        listing.point(at.as_second(), standard, 1).unwrap().evidence.as_str()
    };
    assert_eq!(argon(&bundled(), "2026-12-02T00:00:00Z"), "forecast");
    let later: Timestamp = "2026-12-03T00:00:00Z".parse().unwrap();
    let lists = changed(str::to_owned);
    let candidate = Candidate::of(&lists, &bundled(), &[], later).unwrap();
    assert_eq!(argon(&candidate.catalogue, "2026-12-02T00:00:00Z"), "listed");
}

#[test]
fn what_cannot_be_read_or_is_older_is_refused_in_words() {
    let refused = |lists: &PublishedLists| Candidate::of(lists, &bundled(), &[], now()).expect_err("it is refused");
    let garbage = published("[]x".to_owned(), MODEL_PRICES.to_owned(), "2026-11-01T00:00:00Z");
    assert!(matches!(refused(&garbage), RefreshError::NotUnderstood(_)));
    let format = published(
        "[]".to_owned(),
        MODEL_PRICES.replacen(r#""schema": 1"#, r#""schema": 2"#, 1),
        "2026-11-01T00:00:00Z",
    );
    assert!(refused(&format).to_string().contains("format"), "{}", refused(&format));
    let older = published(GENAI_PRICES.to_owned(), MODEL_PRICES.to_owned(), "2026-10-01T00:00:00Z");
    let message = refused(&older).to_string();
    assert!(message.contains("a mirror") && message.contains("prices in use stay"), "{message}");
}

#[test]
fn an_unknown_unit_leaves_out_one_model_and_not_the_list() {
    let lists = changed(|list| list.replacen(r#""input_mtok":4,"#, r#""input_gtok":4,"#, 1));
    let changes = candidate(&lists).changes;
    assert_eq!((changes.left_out, changes.gone), (1, 1), "{changes:?}");
    assert!(!changes.are_calm());
}
