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

/// Opus 5.5's entry of the one list with another price for input.
fn with_opus_at(input: &str) -> PublishedLists {
    changed(|list| {
        let at = list.find(r#""id":"claude-opus-5-5","name""#);
        let Some(at) = at else { return list.to_owned() };
        let (before, after) = list.split_at(at);
        let replaced = after.replacen(r#""input_mtok":4,"#, &format!(r#""input_mtok":{input},"#), 1);
        assert_ne!(replaced, after, "the list has another form than this test thinks");
        format!("{before}{replaced}")
    })
}

#[test]
fn the_same_lists_change_nothing() {
    let changes = candidate(&changed(str::to_owned)).changes;
    assert_eq!((changes.changed, changes.new, changes.gone, changes.left_out), (0, 0, 0, 0), "{changes:?}");
    assert!(changes.are_calm() && changes.in_use.is_empty() && !changes.are_news());
    assert_eq!(changes.version, "genai-prices 2026-11-26, model-prices 2026-10-26");
}

#[test]
fn a_moderate_change_is_told_with_the_models_in_use() {
    let changes = candidate(&with_opus_at("5")).changes;
    assert_eq!((changes.changed, changes.in_use), (1, vec!["claude-opus-5-5".to_owned()]));
    assert!(changes.jumps.is_empty());
}

#[test]
fn lists_that_wait_are_held_against_what_is_in_use_by_then() {
    let waiting = candidate(&with_opus_at("5"));
    assert!(waiting.changes.are_news());
    let used = [(None, "claude-opus-5-5".to_owned())];
    let again = waiting.again(&bundled(), &used, now()).unwrap();
    assert_eq!((again.changes.changed, again.changes.in_use.len()), (1, 1));
    assert_eq!(waiting.again(&bundled(), &[], now()).unwrap().changes.in_use, Vec::<String>::new());
    assert!(waiting.again(&waiting.catalogue, &used, now()).is_none(), "they were taken in meanwhile");
    let tomorrow = "2026-11-27T12:00:00Z".parse().unwrap();
    let newer = Candidate::of(&with_opus_at("6"), &bundled(), &used, tomorrow).unwrap();
    assert!(waiting.again(&newer.catalogue, &used, tomorrow).is_none(), "newer ones were taken in meanwhile");
    assert!(newer.again(&waiting.catalogue, &used, tomorrow).is_some());
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
