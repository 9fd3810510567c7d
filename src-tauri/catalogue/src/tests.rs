//! What becomes of lists, made up for the purpose.

mod jumps;

use serde_json::{Value, json};

use crate::{Catalogue, Context, Evidence, Kind, List, Listing, Rates, Source, Verdict, compile};

/// 2026-11-10, when the one list was published.
const PUBLISHED: i64 = 1_794_268_800;

fn source(list: List) -> Source {
    Source { list, version: "test".to_owned(), published: PUBLISHED, sha256: String::new() }
}

fn model(id: &str, prices: &Value) -> Value {
    json!({ "id": id, "match": { "equals": id }, "prices": prices })
}

/// One provider, `openai`, with these models.
fn today(models: &[Value]) -> String {
    json!([{ "id": "openai", "name": "x", "models": models }]).to_string()
}

/// What models of `openai` cost over time.
fn history(models: &Value) -> String {
    json!({
        "schema": 1, "updated_at": "2026-10-26T00:00:00Z", "prices": { "openai": models },
        "aliases": { "models": {}, "providers": {} }, "bases": {}, "plans": [],
        "schedules": { "holidays": {}, "schedule": [] }, "models_dev": {}, "estimates": [], "status": {},
    })
    .to_string()
}

fn step(start: Option<&str>, input: f64, output: f64, basis: &str) -> Value {
    let seen = start.unwrap_or("2026-01-01T00:00:00Z");
    json!({ "start": start, "rates": {
        "input": input, "output": output, "valid_from": seen, "valid_from_basis": basis, "source": "https://example.com",
    } })
}

fn merged(models: &[Value], others: &Value) -> Catalogue {
    let (catalogue, problems) =
        compile((&today(models), source(List::GenaiPrices)), (&history(others), source(List::ModelPrices))).unwrap();
    assert_eq!(problems, Vec::<String>::new());
    catalogue
}

fn only(models: &[Value]) -> Catalogue {
    merged(models, &json!({}))
}

fn toy(catalogue: &Catalogue) -> Listing<'_> {
    catalogue.find(Some("openai"), "toy").expect("it is listed")
}

/// Input and output in pico-dollars.
fn in_and_out(rates: Rates) -> [Option<i64>; 2] {
    [rates.of(Kind::Input), rates.of(Kind::Output)]
}

fn at(date: &str) -> i64 {
    crate::instant::moment(date).unwrap()
}

#[test]
fn t09_zero_is_not_free() {
    for nothing in [json!({ "input_mtok": 0, "output_mtok": 0 }), json!({})] {
        assert!(only(&[model("toy", &nothing)]).find(Some("openai"), "toy").is_none());
    }
    // Nor does a price that became zero go on as it was: from that day on there is none.
    let dated = json!([
        { "prices": { "input_mtok": 1, "output_mtok": 2 } },
        { "constraint": { "start_date": "2026-08-17" }, "prices": { "input_mtok": 0, "output_mtok": 0 } },
    ]);
    let catalogue = only(&[model("toy", &dated)]);
    assert!(toy(&catalogue).point(at("2026-08-16"), Context::Standard, 1).is_some());
    assert!(toy(&catalogue).point(at("2026-08-17"), Context::Standard, 1).is_none());
    // Free reading from a cache is a price.
    let catalogue = only(&[model("toy", &json!({ "input_mtok": 1, "output_mtok": 2, "cache_read_mtok": 0 }))]);
    assert_eq!(toy(&catalogue).points()[0].rates.of(Kind::CacheRead), Some(0));
}

#[test]
fn of_several_limits_the_highest_that_is_crossed_counts() {
    let tiered = json!({ "base": 1, "tiers": [{ "start": 1000, "price": 2 }, { "start": 5000, "price": 3 }] });
    let catalogue = only(&[model("toy", &json!({ "input_mtok": tiered, "output_mtok": 9 }))]);
    let input = |prompt| toy(&catalogue).point(PUBLISHED, Context::Standard, prompt).unwrap().rates.of(Kind::Input);
    assert_eq!([1000, 1001, 5000, 5001].map(input), [1_000_000, 2_000_000, 2_000_000, 3_000_000].map(Some));
}

#[test]
fn of_variants_the_first_in_force_wins_for_each_kind_and_the_rest_is_the_standard_price() {
    let batch = |day: &str, prices: Value| json!({ "when": { "processing": "batch" }, "constraint": { "start_date": day }, "prices": prices });
    let mut model = model("toy", &json!({ "input_mtok": 8, "output_mtok": 9, "cache_read_mtok": 7 }));
    model["price_variants"] = json!([
        batch("2026-11-01", json!({ "input_mtok": 1 })),
        batch("2026-10-14", json!({ "input_mtok": 2, "output_mtok": 3 })),
    ]);
    let catalogue = only(&[model]);
    let rates = |date| {
        let point = toy(&catalogue).point(at(date), Context::Batch, 1)?;
        Some([Kind::Input, Kind::Output, Kind::CacheRead].map(|kind| point.rates.of(kind).unwrap() / 1_000_000))
    };
    assert_eq!(rates("2026-10-13"), None, "before the first variant is in force");
    assert_eq!(rates("2026-10-14"), Some([2, 3, 7]));
    assert_eq!(rates("2026-11-01"), Some([1, 3, 7]));
}

#[test]
fn what_is_not_understood_is_left_out_and_told() {
    let price = json!({ "input_mtok": 1, "output_mtok": 1 });
    let with_variant = |when: Value| {
        let mut model = model("toy", &price);
        model["price_variants"] = json!([{ "when": when, "prices": {} }]);
        model
    };
    let weekday = json!([{ "prices": price }, { "constraint": { "weekday": "monday" }, "prices": price }]);
    let only_later = json!([{ "constraint": { "start_date": "2026-08-17" }, "prices": price }]);
    for (model, problem) in [
        (model("toy", &json!({ "input_gtok": 1 })), "the unknown unit `input_gtok`"),
        (with_variant(json!({ "speeed": "fast" })), "the unknown condition"),
        (with_variant(json!({ "speed": "fast", "geo": "us" })), "other than one condition"),
        (model("toy", &weekday), "unknown field `weekday`"),
        (model("toy", &only_later), "moments without a price"),
        (model("toy", &json!({ "input_mtok": 0.000_000_1 })), "is not a plain decimal"),
        (json!({ "id": "toy", "match": { "like": "x" }, "prices": price }), "unknown variant `like`"),
    ] {
        let fine = self::model("fine", &price);
        let lists = (today(&[model, fine]), history(&json!({})));
        let (catalogue, problems) =
            compile((&lists.0, source(List::GenaiPrices)), (&lists.1, source(List::ModelPrices))).unwrap();
        assert!(problems.len() == 1 && problems[0].contains(problem), "{problem}: {problems:?}");
        assert!(catalogue.find(Some("openai"), "toy").is_none());
        assert!(catalogue.find(Some("openai"), "fine").is_some(), "the rest of the list is fine");
    }
    let lists = ["{}", "[{}]", "<html>", r#"{"schema": 2}"#];
    for wrong in lists {
        assert!(
            compile((wrong, source(List::GenaiPrices)), (&history(&json!({})), source(List::ModelPrices))).is_err()
        );
        assert!(compile((&today(&[]), source(List::GenaiPrices)), (wrong, source(List::ModelPrices))).is_err());
    }
}

#[test]
fn a_model_whose_price_has_a_part_that_we_cannot_count_has_none() {
    let sonar = model("toy", &json!({ "input_mtok": 1, "output_mtok": 1, "requests_kcount": 12 }));
    let others = json!({ "toy": { "standard": [step(None, 1.0, 1.0, "documented")] } });
    assert!(merged(&[sonar], &others).find(Some("openai"), "toy").is_none());
}

#[test]
fn where_the_lists_agree_the_price_is_confirmed_and_has_the_better_evidence() {
    let catalogue = merged(
        &[model("toy", &json!({ "input_mtok": 1, "output_mtok": 2, "cache_read_mtok": 0.1 }))],
        &json!({ "toy": { "standard": [step(None, 1.0, 2.0, "documented")] } }),
    );
    let point = toy(&catalogue).point(PUBLISHED, Context::Standard, 1).unwrap();
    assert_eq!((point.verdict, point.evidence), (Verdict::Confirmed, Evidence::Documented));
    assert_eq!(point.address.and_then(|number| catalogue.address(number)), Some("https://example.com"));
    assert_eq!(point.rates.of(Kind::CacheRead), Some(100_000), "what only one of them lists is taken from it");
    let before = toy(&catalogue).point(at("2025-06-01"), Context::Standard, 1).unwrap();
    assert_eq!(before.evidence, Evidence::LaunchAssumed);
}

#[test]
fn where_they_disagree_about_today_both_are_kept() {
    let catalogue = merged(
        &[model("toy", &json!({ "input_mtok": 1, "output_mtok": 2 }))],
        &json!({ "toy": { "standard": [step(None, 5.0, 2.0, "models.dev commit")] } }),
    );
    let point = toy(&catalogue).point(PUBLISHED, Context::Standard, 1).unwrap();
    assert_eq!(point.verdict, Verdict::Disputed);
    // The one that is dated later counts, and the other one is what a call may cost instead.
    assert_eq!((point.list, in_and_out(point.rates)), (List::ModelPrices, [Some(5_000_000), Some(2_000_000)]));
    assert_eq!(in_and_out(point.rival.unwrap()), [Some(1_000_000), Some(2_000_000)]);
    let differences = catalogue.differences(PUBLISHED);
    let [difference] = &differences[..] else { panic!("{differences:?}") };
    assert_eq!((difference.kind, difference.rates), (Kind::Input, (1_000_000, 5_000_000)));
    let dated = json!([
        { "prices": { "input_mtok": 9, "output_mtok": 2 } },
        { "constraint": { "start_date": "2026-03-01" }, "prices": { "input_mtok": 1, "output_mtok": 2 } },
    ]);
    let catalogue =
        merged(&[model("toy", &dated)], &json!({ "toy": { "standard": [step(None, 5.0, 2.0, "models.dev commit")] } }));
    let point = |date| toy(&catalogue).point(at(date), Context::Standard, 1).unwrap();
    assert_eq!(in_and_out(point("2026-03-01").rates)[0], Some(1_000_000));
    assert_eq!(in_and_out(point("2026-02-28").rates)[0], Some(5_000_000), "what was recorded then");
    assert_eq!(in_and_out(point("2025-12-31").rates)[0], Some(9_000_000), "before anything was recorded");
}

#[test]
fn of_the_past_the_documented_list_is_taken_and_nothing_is_disputed() {
    let catalogue = merged(
        &[model("toy", &json!({ "input_mtok": 1, "output_mtok": 2 }))],
        &json!({ "toy": { "standard": [
            step(None, 5.0, 9.0, "models.dev commit"), step(Some("2026-10-01T12:00:00Z"), 1.0, 2.0, "documented"),
        ] } }),
    );
    let rates = |moment| in_and_out(toy(&catalogue).point(moment, Context::Standard, 1).unwrap().rates);
    let change = at("2026-10-01T12:00:00Z");
    assert_eq!(rates(change - 1), [Some(5_000_000), Some(9_000_000)]);
    assert_eq!(rates(change), [Some(1_000_000), Some(2_000_000)]);
    let before = toy(&catalogue).point(change - 1, Context::Standard, 1).unwrap();
    assert_eq!((before.verdict, before.rival), (Verdict::Preferred, None));
    assert_eq!(toy(&catalogue).end(before), Some(change));
}

#[test]
fn of_a_change_after_it_was_made_the_older_list_cannot_know() {
    let dated = json!([
        { "prices": { "input_mtok": 1, "output_mtok": 2 } },
        { "constraint": { "start_date": "2026-11-01" }, "prices": { "input_mtok": 3, "output_mtok": 4 } },
    ]);
    let others = json!({ "toy": { "standard": [step(None, 1.0, 2.0, "documented")] } });
    let catalogue = merged(&[model("toy", &dated)], &others);
    let point = |date| toy(&catalogue).point(at(date), Context::Standard, 1).unwrap();
    assert_eq!(point("2026-10-31").verdict, Verdict::Confirmed);
    assert_eq!((point("2026-11-01").verdict, point("2026-11-01").rival), (Verdict::Single, None));
}

#[test]
fn an_announcement_is_a_forecast_beside_the_last_price_that_was_confirmed() {
    let dated = |day: &str| {
        json!([
            { "prices": { "input_mtok": 2, "output_mtok": 10 } },
            { "constraint": { "start_date": day }, "prices": { "input_mtok": 3, "output_mtok": 15 } },
        ])
    };
    let catalogue = only(&[model("toy", &dated("2026-12-01"))]);
    let before = toy(&catalogue).point(at("2026-12-01") - 1, Context::Standard, 1).unwrap();
    assert_eq!((before.evidence, before.rival), (Evidence::Listed, None));
    let after = toy(&catalogue).point(at("2026-12-01"), Context::Standard, 1).unwrap();
    assert_eq!(after.evidence, Evidence::Forecast);
    assert_eq!(in_and_out(after.rival.unwrap()), [Some(2_000_000), Some(10_000_000)]);
    // The same in a list that was published after that day is a fact.
    let catalogue = only(&[model("toy", &dated("2026-11-09"))]);
    let after = toy(&catalogue).point(PUBLISHED, Context::Standard, 1).unwrap();
    assert_eq!((after.evidence, after.rival), (Evidence::Listed, None));
}

#[test]
fn a3_a_forecast_gives_way_to_what_was_seen_since_its_day() {
    let dated = json!([
        { "prices": { "input_mtok": 2, "output_mtok": 10 } },
        { "constraint": { "start_date": "2026-12-01" }, "prices": { "input_mtok": 4, "output_mtok": 20 } },
    ]);
    let in_december = |seen: &[Value], day: &str| {
        let steps: Vec<Value> = [step(None, 2.0, 10.0, "documented")].iter().chain(seen).cloned().collect();
        let catalogue = merged(&[model("toy", &dated)], &json!({ "toy": { "standard": steps } }));
        let point = toy(&catalogue).point(at(day), Context::Standard, 1).unwrap();
        (point.evidence, in_and_out(point.rates), point.rival.map(in_and_out))
    };
    let dollars = |input, output| [input, output].map(|dollars: i64| Some(dollars * 1_000_000));
    let forecast = (Evidence::Forecast, dollars(4, 20), Some(dollars(2, 10)));
    assert_eq!(in_december(&[], "2026-12-02"), forecast);
    // It came out otherwise.
    let seen = step(Some("2026-12-01T00:00:00Z"), 3.0, 15.0, "documented");
    assert_eq!(in_december(&[seen], "2026-12-02"), (Evidence::Documented, dollars(3, 15), None));
    // What changed later says nothing of the days before.
    let later = [step(Some("2026-12-20T00:00:00Z"), 5.0, 25.0, "first observed")];
    assert_eq!(in_december(&later, "2026-12-19"), forecast);
    assert_eq!(in_december(&later, "2026-12-20"), (Evidence::FirstObserved, dollars(5, 25), None));
}

#[test]
fn a_limit_that_only_one_list_has_is_no_disagreement_and_one_token_beside_is_the_same_limit() {
    let tiered = |start: u32, price: u32| json!({ "base": 1, "tiers": [{ "start": start, "price": price }] });
    let listed = model("toy", &json!({ "input_mtok": tiered(199_999, 2), "output_mtok": 1 }));
    let mut flat = step(None, 1.0, 1.0, "documented");
    let catalogue = merged(std::slice::from_ref(&listed), &json!({ "toy": { "standard": [flat] } }));
    let verdicts = |catalogue: &Catalogue| {
        [199_999, 200_000].map(|prompt| toy(catalogue).point(PUBLISHED, Context::Standard, prompt).unwrap().verdict)
    };
    assert_eq!(verdicts(&catalogue), [Verdict::Confirmed, Verdict::Single]);
    flat = step(None, 1.0, 1.0, "documented");
    flat["rates"]["tiers"] = json!([{ "above": 200_000, "input": 2.0 }]);
    assert_eq!(verdicts(&merged(&[listed], &json!({ "toy": { "standard": [flat] } }))), [Verdict::Confirmed; 2]);
}

#[test]
fn a_long_write_is_a_multiple_of_input_however_the_call_is_run() {
    let mut listed = model("toy", &json!({ "input_mtok": 4, "output_mtok": 1, "cache_write_mtok": 5 }));
    listed["price_variants"] =
        json!([{ "when": { "service_tier": "flex" }, "prices": { "input_mtok": 2, "cache_write_mtok": 2.5 } }]);
    let mut known = step(None, 4.0, 1.0, "documented");
    known["rates"]["cache_write"] = json!(5.0);
    known["rates"]["cache_write_1h_multiple"] = json!(2.5);
    let catalogue = merged(&[listed], &json!({ "toy": { "standard": [known] } }));
    let long = |context| toy(&catalogue).point(PUBLISHED, context, 1).unwrap().rates.of(Kind::CacheWriteLong);
    assert_eq!([Context::Standard, Context::Flex].map(long), [10_000_000, 5_000_000].map(Some));
    assert_eq!(catalogue.dearest_long_write(), 2_500);
}

#[test]
fn a_catalogue_comes_back_as_it_was_packed() {
    let catalogue = merged(
        &[
            model("toy", &json!({ "input_mtok": 1, "output_mtok": 2 })),
            model("toy-2", &json!({ "input_mtok": 3, "output_mtok": 2 })),
        ],
        &json!({ "toy": { "standard": [step(None, 5.0, 9.0, "documented")] } }),
    );
    let packed = catalogue.pack().unwrap();
    assert_eq!(Catalogue::unpack(&packed), Ok(catalogue));
    // Whatever happens to it on a disk is an error and no panic, and no other price than was packed goes unnoticed as
    // one that leads nowhere.
    for cut in 0..packed.len() {
        assert!(Catalogue::unpack(&packed[..cut]).is_err(), "cut at {cut}");
    }
    for byte in 0..packed.len() {
        let mut damaged = packed.clone();
        damaged[byte] ^= 0xFF;
        if let Ok(catalogue) = Catalogue::unpack(&damaged) {
            for listing in catalogue.models() {
                let _ = listing.point(PUBLISHED, Context::Standard, 1);
            }
        }
    }
}

#[test]
fn two_catalogues_are_compared_by_what_calls_cost() {
    let with = |input: f64, name: &str| only(&[model(name, &json!({ "input_mtok": input, "output_mtok": 2 }))]);
    let before = with(1.0, "toy");
    assert_eq!(with(1.0, "toy").compared_to(&before), crate::Comparison::default());
    let toy = ("openai".to_owned(), "toy".to_owned());
    assert_eq!(with(2.0, "toy").compared_to(&before).changed, std::slice::from_ref(&toy));
    let other = with(1.0, "other").compared_to(&before);
    assert_eq!((other.new, other.gone), (1, vec![toy]));
    // That the other list says the same by now changes no price.
    let confirmed = merged(
        &[model("toy", &json!({ "input_mtok": 1, "output_mtok": 2 }))],
        &json!({ "toy": { "standard": [step(None, 1.0, 2.0, "documented")] } }),
    );
    assert_eq!(confirmed.compared_to(&before), crate::Comparison::default());
    // A limit that is taken away changes what long prompts cost, though short ones cost the same.
    let tiered = || json!({ "base": 1, "tiers": [{ "start": 1000, "price": 2 }] });
    let dated = |then: Value| {
        let prices = [tiered(), then].map(|input| json!({ "input_mtok": input, "output_mtok": 2 }));
        let [first, then] = prices.map(|prices| json!({ "prices": prices }));
        let mut then = then;
        then["constraint"] = json!({ "start_date": "2026-06-01" });
        only(&[model("toy", &json!([first, then]))])
    };
    let toy = ("openai".to_owned(), "toy".to_owned());
    assert_eq!(dated(json!(1)).compared_to(&dated(tiered())).changed, [toy]);
}

#[test]
fn hours_of_a_provider_are_those_of_models_that_the_same_list_has() {
    let mut known: Value = serde_json::from_str(&history(&json!({
        "toy": { "standard": [step(None, 1.0, 2.0, "documented")] }
    })))
    .unwrap();
    known["schedules"]["schedule"] = json!([{
        "provider": "openai", "valid_from": "2026-01-01", "peak_hours_utc": [["01:00", "04:00"]], "peak_multiplier": 2,
    }]);
    let listed = ["toy", "flat"].map(|id| model(id, &json!({ "input_mtok": 1, "output_mtok": 2 })));
    let lists = (today(&listed), known.to_string());
    let (catalogue, _) = compile((&lists.0, source(List::GenaiPrices)), (&lists.1, source(List::ModelPrices))).unwrap();
    let input = |model| {
        let point =
            catalogue.find(Some("openai"), model).unwrap().point(at("2026-11-02") + 7_200, Context::Standard, 1);
        point.unwrap().rates.of(Kind::Input)
    };
    assert_eq!((input("toy"), input("flat")), (Some(2_000_000), Some(1_000_000)), "no list says so of the other");
}

#[test]
fn of_two_catalogues_the_one_with_the_later_list_is_newer() {
    let made = |genai_prices: i64, model_prices: i64| {
        let source = |list, published| Source { published, ..source(list) };
        let lists = (source(List::GenaiPrices, genai_prices), source(List::ModelPrices, model_prices));
        compile((&today(&[]), lists.0), (&history(&json!({})), lists.1)).unwrap().0
    };
    for (newer, older) in [((3, 1), (2, 2)), ((2, 3), (2, 2)), ((1, 4), (3, 3)), ((2, 2), (2, 1))] {
        let (newer, older) = (made(newer.0, newer.1), made(older.0, older.1));
        assert!(newer.is_newer_than(&older) && !older.is_newer_than(&newer) && !newer.is_newer_than(&newer));
    }
}

#[test]
fn a_price_that_ended_is_told_as_such() {
    let catalogue = merged(
        &[],
        &json!({ "toy": {
            "standard": [step(None, 1.0, 2.0, "documented")],
            "fast": [step(None, 4.0, 8.0, "documented"), json!({ "start": "2026-08-06T00:00:00Z" })],
        } }),
    );
    let points = toy(&catalogue).points().iter().filter(|point| point.context == Context::Fast);
    let ended: Vec<_> = points.map(|point| (point.evidence, point.is_end())).collect();
    assert_eq!(ended[0], (Evidence::Ended, true));
    assert!(ended[1..].iter().all(|(_, is_end)| !is_end));
}
