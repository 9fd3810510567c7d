//! Refreshed lists: what they would change, what in them needs consent, what is refused.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use spendmeter_core::pricing::catalogue::{Catalogue, Context};
use spendmeter_core::pricing::{Candidate, PublishedList, PublishedLists, RefreshError, bundled};

const GENAI_PRICES: &str = include_str!("../../prices/genai-prices-0.2.3.json");
const MODEL_PRICES: &str = include_str!("../../prices/model-prices-0.0.5.json");

fn now() -> Timestamp {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn published(genai_prices: String, model_prices: String, updated_at: &str) -> PublishedLists {
    let list = |text: String| PublishedList {
        sha256: format!("{:x}", Sha256::digest(&text)),
        text,
        from: "a mirror".to_owned(),
        written: None,
    };
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

pub(super) fn candidate(lists: &PublishedLists) -> Candidate {
    let opus = "claude-opus-5-5";
    let used = [("anthropic", opus), ("my-gateway", opus), ("openai", "gpt-5.5"), ("nobody", "my-model")];
    let used = used.map(|(provider, model)| (Some(provider.to_owned()), model.to_owned()));
    Candidate::of(lists, &bundled(), &used, now()).unwrap()
}

/// The lists in use, with something else in the entry of the one list that begins so.
pub(super) fn with_entry(begin: &str, replaced: &str, by: &str) -> PublishedLists {
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
    assert_eq!((changes.changed, changes.new, changes.gone, changes.left_out.len()), (0, 0, 0, 0), "{changes:?}");
    assert!(changes.are_calm() && changes.in_use.is_empty() && !changes.are_news());
    assert_eq!(changes.version, "genai-prices 0.2.3, model-prices 0.0.5", "they are what they were, whoever has them");
}

#[test]
fn a_moderate_change_is_told_with_the_models_in_use() {
    let changes = candidate(&with_opus_at("5")).changes;
    assert_eq!((changes.changed, changes.in_use), (1, vec!["claude-opus-5-5".to_owned()]));
    assert!(changes.jumps.is_empty());
}

#[test]
fn a_model_in_use_that_gets_its_first_price_has_no_other_price() {
    let new = r#"{"id":"my-model","match":{"equals":"my-model"},"prices":{"input_mtok":1,"output_mtok":2}},"#;
    let lists = changed(|list| {
        let opus = r#"{"id":"claude-opus-5-5","name""#;
        list.replacen(opus, &format!("{new}{opus}"), 1)
    });
    let used = [Some("anthropic"), Some("my-gateway"), Some("openai")];
    let used = used.map(|provider| (provider.map(str::to_owned), "my-model".to_owned()));
    let changes = Candidate::of(&lists, &bundled(), &used, now()).unwrap().changes;
    assert_eq!((changes.changed, changes.new, changes.gone), (0, 1, 0));
    assert_eq!((changes.in_use.clone(), changes.first_priced.clone()), (vec![], vec!["my-model".to_owned()]));
    assert_eq!(changes.models_in_use().len(), 1);
}

#[test]
fn lists_in_which_a_name_alone_means_another_model_are_news() {
    // The list knows GPT-5.5 with two dates.
    let used = [(Some("openai".to_owned()), "gpt-5.5-2026-05-01".to_owned())];
    let known = r#"{"equals":"gpt-5.5-2026-04-24"},"#;
    let named = changed(|list| list.replacen(known, &format!(r#"{known}{{"equals":"gpt-5.5-2026-05-01"}},"#), 1));
    let changes = |used: &[_]| Candidate::of(&named, &bundled(), used, now()).unwrap().changes;
    let of_used = changes(&used);
    assert_eq!((of_used.changed, of_used.new, of_used.gone), (0, 0, 0));
    assert_eq!(of_used.first_priced, ["gpt-5.5-2026-05-01"]);
    assert!(of_used.are_news(), "they give a call its first price");
    assert!(!changes(&[]).are_news(), "nobody has such a call");
    // A name that means another model by now, and one that means another of the same price.
    let moved = |name: &str, to: &str| {
        let lists = changed(|list| {
            let list = list.replacen(&format!(r#"{{"equals":"{name}"}},"#), "", 1);
            list.replacen(
                &format!(r#"{{"equals":"{to}"}},"#),
                &format!(r#"{{"equals":"{to}"}},{{"equals":"{name}"}},"#),
                1,
            )
        });
        let used = [(Some("openai".to_owned()), name.to_owned())];
        Candidate::of(&lists, &bundled(), &used, now()).unwrap().changes
    };
    let dearer = moved("gpt-5.5-2026-04-24", "gpt-5.4");
    assert_eq!((dearer.changed, &dearer.in_use[..]), (0, &["gpt-5.5-2026-04-24".to_owned()][..]), "{dearer:?}");
    assert!(dearer.are_news());
}

#[test]
fn lists_that_wait_are_held_against_what_is_in_use_by_then() {
    let waiting = candidate(&with_opus_at("5"));
    assert!(waiting.changes.are_news());
    let used = [(None, "claude-opus-5-5".to_owned())];
    let again = waiting.again(&bundled(), &used).unwrap();
    assert_eq!((again.changes.changed, again.changes.in_use.len()), (1, 1));
    assert_eq!(waiting.again(&bundled(), &[]).unwrap().changes.in_use, Vec::<String>::new());
    assert!(waiting.again(&waiting.catalogue, &used).is_none(), "they were taken in meanwhile");
    let tomorrow = "2026-11-27T12:00:00Z".parse().unwrap();
    let newer = Candidate::of(&with_opus_at("6"), &bundled(), &used, tomorrow).unwrap();
    assert!(waiting.again(&newer.catalogue, &used).is_none(), "newer ones were taken in meanwhile");
    assert!(newer.again(&waiting.catalogue, &used).is_some());
}

#[test]
fn t10_zero_and_a_jump_beyond_five_times_need_consent() {
    for (input, after) in [("0", Some("0")), ("20.1", Some("20.1")), ("0.79", Some("0.79"))] {
        let changes = candidate(&with_opus_at(input)).changes;
        let [jump] = &changes.jumps[..] else { panic!("{input}: {:?}", changes.jumps) };
        assert_eq!(
            (jump.model.as_str(), jump.kind, &jump.contexts[..]),
            ("anthropic/claude-opus-5-5", "input", &["standard"][..])
        );
        assert_eq!((jump.before.as_deref(), jump.after.as_deref()), (Some("4"), after));
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
    let jumps = jumps.iter().filter(|jump| jump.model == "github-copilot/gpt-5.4" && jump.contexts == ["standard"]);
    let rows: Vec<_> = jumps.map(|jump| (jump.prompt_above, jump.before.as_deref(), jump.after.as_deref())).collect();
    assert_eq!(rows, [(0, Some("2.5"), Some("25")), (272_000, Some("5"), Some("50"))]);
}

#[test]
fn t10_a_limit_that_only_longer_prompts_reach_needs_consent_too() {
    let lists = with_opus_at(r#"{"base":4,"tiers":[{"start":1,"price":400}]}"#);
    let jumps = candidate(&lists).changes.jumps;
    let [jump] = &jumps[..] else { panic!("{jumps:#?}") };
    assert_eq!((jump.prompt_above, jump.before.as_deref(), jump.after.as_deref()), (1, Some("4"), Some("400")));
}

#[test]
fn a_model_whose_names_go_is_one_row_under_its_id() {
    let dated = r#"{"regex":"^claude-opus-5-5-\\d{8}$"},"#;
    let changes = candidate(&with_entry(r#""id":"claude-opus-5-5","name""#, dated, "")).changes;
    let [jump] = &changes.jumps[..] else { panic!("{:#?}", changes.jumps) };
    assert_eq!((jump.model.as_str(), jump.kind, &jump.after), ("anthropic/claude-opus-5-5", "all", &None));
    assert_eq!(jump.names, ["claude-opus-5-5-YYYYMMDD"]);
    assert!(jump.also.contains(&"azure".to_owned()), "{jump:?}");
    assert!(!changes.are_calm() && changes.are_news());
}

#[test]
fn a_provider_that_goes_is_a_row_for_each_of_its_models() {
    let lists = changed(|list| {
        let Ok(serde_json::Value::Array(mut providers)) = serde_json::from_str(list) else { return list.to_owned() };
        providers.retain(|provider| provider["id"] != "anthropic");
        serde_json::Value::Array(providers).to_string()
    });
    let jumps = candidate(&lists).changes.jumps;
    let gone: Vec<&str> = jumps.iter().filter(|jump| jump.kind == "all").map(|jump| jump.model.as_str()).collect();
    let models: BTreeSet<&str> = gone.iter().copied().collect();
    assert!(models.contains("anthropic/claude-fable-5-2"), "{jumps:#?}");
    assert_eq!(models.len(), gone.len(), "each once: {gone:?}");
    assert!(jumps.len() < 60, "{}", jumps.len());
}

#[test]
fn web_searches_are_told_by_the_thousand() {
    let lists =
        with_entry(r#""id":"claude-opus-5-5","name""#, r#""web_searches_kcount":10"#, r#""web_searches_kcount":0"#);
    let jumps = candidate(&lists).changes.jumps;
    let search = jumps.iter().find(|jump| jump.kind == "web_search").expect("it is told");
    assert_eq!((search.before.as_deref(), search.after.as_deref()), (Some("10"), Some("0")));
}

#[test]
fn a3_a_forecast_is_confirmed_by_a_later_list_and_not_by_the_same_one() {
    let argon = |catalogue: &Catalogue, at: &str| {
        let at: Timestamp = at.parse().unwrap();
        let listing = catalogue.find(Some("google"), "gemini-4-argon").unwrap();
        listing.point(at.as_second(), Context::Standard, 1).unwrap().evidence.as_str()
    };
    let later: Timestamp = "2026-12-03T00:00:00Z".parse().unwrap();
    let refreshed =
        |lists: &PublishedLists, in_use: &Catalogue| Candidate::of(lists, in_use, &[], later).unwrap().catalogue;
    assert_eq!(argon(&bundled(), "2026-12-02T00:00:00Z"), "forecast");
    // What was announced on 10 November stands in that file for ever.
    let same = refreshed(&changed(str::to_owned), &bundled());
    assert_eq!(argon(&same, "2026-12-02T00:00:00Z"), "forecast");
    // Nor does it help that another list is newer.
    let history = MODEL_PRICES.replacen("2026-10-26T18:46:35", "2026-12-02T18:46:35", 1);
    assert_ne!(history, MODEL_PRICES);
    let newer = refreshed(&published(GENAI_PRICES.to_owned(), history, "2026-12-02T18:46:35Z"), &bundled());
    assert_eq!(argon(&newer, "2026-12-02T00:00:00Z"), "forecast");
    assert_eq!(newer.version(), "genai-prices 0.2.3, model-prices 2026-12-02");
    assert!(newer.is_newer_than(&bundled()), "it is taken in");
    // Another file that says so still is another matter, and is the same one when it comes a second time.
    let other = changed(|list| format!("{list}\n"));
    let confirmed = refreshed(&other, &bundled());
    assert_eq!(argon(&confirmed, "2026-12-02T00:00:00Z"), "listed");
    let days_later: Timestamp = "2026-12-20T00:00:00Z".parse().unwrap();
    let again = Candidate::of(&other, &confirmed, &[], days_later).unwrap().catalogue;
    assert_eq!(again.version(), "genai-prices 2026-12-03, model-prices 2026-10-26");
}

#[test]
fn a_list_from_a_folder_is_no_newer_than_its_file() {
    let mut lists = with_opus_at("5");
    let written = |lists: &mut PublishedLists, at: &str| lists.genai_prices.written = Some(at.parse().unwrap());
    written(&mut lists, "2026-11-20T08:00:00Z");
    assert_eq!(candidate(&lists).changes.version, "genai-prices 2026-11-20, model-prices 0.0.5");
    // A file is not written tomorrow, whatever its time says.
    written(&mut lists, "2027-01-01T00:00:00Z");
    assert_eq!(candidate(&lists).changes.version, "genai-prices 2026-11-26, model-prices 0.0.5");
    // Older than what is in use, it outranks nothing.
    written(&mut lists, "2026-11-01T00:00:00Z");
    assert!(matches!(Candidate::of(&lists, &bundled(), &[], now()), Err(RefreshError::Older { .. })));
}

#[test]
fn lists_that_would_not_be_used_are_refused() {
    // With a clock that stands before the day of the lists that the program brought along.
    let early: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap();
    let refused =
        Candidate::of(&with_opus_at("5"), &bundled(), &[], early).expect_err("the bundled lists would be used");
    assert!(matches!(refused, RefreshError::Older { .. }), "{refused}");
    // Of the same moment as those, but others.
    let same_moment = published(GENAI_PRICES.to_owned(), format!("{MODEL_PRICES}\n"), "2026-10-26T18:46:35Z");
    let refused = Candidate::of(&same_moment, &bundled(), &[], now()).expect_err("the bundled lists would be used");
    assert!(matches!(refused, RefreshError::Older { .. }), "{refused}");
}

#[test]
fn a_list_of_a_day_to_come_is_refused() {
    let of = |updated_at| {
        Candidate::of(&published(GENAI_PRICES.to_owned(), MODEL_PRICES.to_owned(), updated_at), &bundled(), &[], now())
    };
    let refused = of("2099-01-01T00:00:00Z").expect_err("it would outrank every other");
    assert!(refused.to_string().contains("2099-01-01") && refused.to_string().contains("clock"), "{refused}");
    assert!(of("2026-11-27T12:00:01Z").is_err());
    assert!(of("2026-11-27T12:00:00Z").is_ok(), "clocks differ");
}

#[test]
fn a_price_dearer_than_any_leaves_out_its_model() {
    let changes = candidate(&with_opus_at("9223372036854")).changes;
    assert_eq!(changes.left_out.len(), 1, "{changes:?}");
    assert!(
        changes.jumps.iter().all(|jump| jump.after.is_none()),
        "what the other list does not have goes: {changes:?}"
    );
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
    let history = MODEL_PRICES.replacen("2026-10-26T18:46:35", "2026-10-01T00:00:00", 1);
    let older = published(GENAI_PRICES.to_owned(), history, "2026-10-01T00:00:00Z");
    let message = refused(&older).to_string();
    assert!(message.contains("a mirror") && message.contains("prices in use stay"), "{message}");
}

#[test]
fn an_unknown_unit_leaves_out_one_model_and_not_the_list() {
    let lists = changed(|list| list.replacen(r#""input_mtok":4,"#, r#""input_gtok":4,"#, 1));
    let changes = candidate(&lists).changes;
    assert_eq!((changes.left_out.len(), changes.gone), (1, 1), "{changes:?}");
    assert!(!changes.are_calm());
}
