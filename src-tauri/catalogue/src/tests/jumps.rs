//! Prices that move too far to be taken in unseen: by what a call costs then, whatever the lists look like.

use serde_json::{Value, json};

use super::{PUBLISHED, at, merged, model, only, source, step};
use crate::{Catalogue, Context, Jump, Kind, List, Move, Part, compile};

fn toy(prices: &Value) -> Catalogue {
    only(&[model("toy", prices)])
}

/// Dollars per million tokens.
fn dollars(jump: &Jump) -> (f64, f64) {
    let dollars = |picos: i64| f64::from(i32::try_from(picos).unwrap()) / 1e6;
    let Move::Rate { before, after, .. } = jump.moved else { panic!("no price any more: {jump:?}") };
    (dollars(before), dollars(after))
}

/// The kind of token whose rate jumps.
fn kind(jump: &Jump) -> Kind {
    let Move::Rate { kind, .. } = jump.moved else { panic!("no price any more: {jump:?}") };
    kind
}

/// The one jump that there is.
#[track_caller]
fn jump(before: &Catalogue, after: &Catalogue) -> Jump {
    let jumps = after.jumps(before, &[], 5);
    let [jump] = &jumps[..] else { panic!("{jumps:#?}") };
    jump.clone()
}

#[test]
fn a_price_that_jumps_or_goes_is_noticed() {
    let with = |input: f64| toy(&json!({ "input_mtok": input, "output_mtok": 2 }));
    let before = with(1.0);
    for calm in [5.0, 0.2] {
        assert_eq!(with(calm).jumps(&before, &[], 5), []);
    }
    for input in [5.1, 0.19, 0.0] {
        let jump = jump(&before, &with(input));
        assert_eq!((kind(&jump), dollars(&jump), jump.since), (Kind::Input, (1.0, input), None));
    }
    assert_eq!(dollars(&jump(&with(0.0), &with(0.001))), (0.0, 0.001), "from nothing to anything");
    let gone = only(&[model("other", &json!({ "input_mtok": 1, "output_mtok": 2 }))]);
    let gone = gone.jumps(&before, &[], 5);
    assert_eq!(gone.iter().map(|jump| (jump.moved, jump.since)).collect::<Vec<_>>(), [(Move::NoPrice, None)]);
    assert_eq!(before.jumps(&only(&[]), &[], 5), [], "what had no price has none to jump from");
}

#[test]
fn a_new_limit_of_the_prompt_is_a_price_of_longer_prompts() {
    let with = |input: Value| toy(&json!({ "input_mtok": input, "output_mtok": 2 }));
    let tiered = |start: u32, price: u32| json!({ "base": 4, "tiers": [{ "start": start, "price": price }] });
    let found = jump(&with(json!(4)), &with(tiered(1, 400)));
    assert_eq!((found.above, kind(&found), dollars(&found)), (1, Kind::Input, (4.0, 400.0)));
    // Both limits, each by itself; and what is true of all prompts is told once.
    let jumps = with(tiered(9, 100)).jumps(&with(tiered(9, 4)), &[], 5);
    assert_eq!(jumps.iter().map(|jump| jump.above).collect::<Vec<_>>(), [9]);
    let jumps = with(json!(40)).jumps(&with(tiered(9, 5)), &[], 5);
    assert_eq!(jumps.iter().map(dollars).collect::<Vec<_>>(), [(4.0, 40.0), (5.0, 40.0)]);
    let jumps = with(tiered(9, 40)).jumps(&with(tiered(9, 4)), &[], 5);
    assert_eq!(jumps.iter().map(|jump| jump.above).collect::<Vec<_>>(), [9]);
}

#[test]
fn a_kind_that_had_no_rate_cost_what_another_one_does() {
    let plain = toy(&json!({ "input_mtok": 3, "output_mtok": 3 }));
    for (read, jumps) in [(0.0, true), (0.3, true), (0.6, false), (16.0, true)] {
        let catalogue = toy(&json!({ "input_mtok": 3, "output_mtok": 3, "cache_read_mtok": read }));
        let found = catalogue.jumps(&plain, &[], 5);
        let found: Vec<_> = found.iter().map(|jump| (kind(jump), dollars(jump))).collect();
        let expected = [(Kind::CacheRead, (3.0, read))];
        assert_eq!(found, expected[..usize::from(jumps)], "{read}");
        // And back.
        assert_eq!(plain.jumps(&catalogue, &[], 5).len(), usize::from(jumps), "{read}");
    }
}

#[test]
fn a_way_of_running_a_call_that_is_new_cost_what_an_ordinary_call_does() {
    let prices = json!({ "input_mtok": 4, "output_mtok": 4 });
    let batch = |input: f64| {
        let mut model = model("toy", &prices);
        model["price_variants"] = json!([{ "when": { "processing": "batch" }, "prices": { "input_mtok": input } }]);
        only(&[model])
    };
    assert_eq!(batch(2.0).jumps(&toy(&prices), &[], 5), []);
    let found = jump(&toy(&prices), &batch(0.004));
    assert_eq!((found.contexts[0], kind(&found), dollars(&found)), (Context::Batch, Kind::Input, (4.0, 0.004)));
    let found = jump(&batch(0.004), &toy(&prices));
    assert_eq!((found.contexts[0], dollars(&found)), (Context::Batch, (0.004, 4.0)));
}

#[test]
fn the_past_is_compared_too_and_says_since_when() {
    let listed = model("toy", &json!({ "input_mtok": 1, "output_mtok": 2 }));
    let known = |steps: Value| merged(std::slice::from_ref(&listed), &json!({ "toy": { "standard": steps } }));
    let now = step(Some("2026-08-01T00:00:00Z"), 1.0, 2.0, "documented");
    let before = known(json!([step(None, 1.5, 2.0, "documented"), now]));
    // An interval of last summer that nobody knew of.
    let summer = step(Some("2026-06-01T00:00:00Z"), 15.0, 2.0, "documented");
    let found = jump(&before, &known(json!([step(None, 1.5, 2.0, "documented"), summer, now])));
    assert_eq!((found.since, dollars(&found)), (Some(at("2026-06-01")), (1.5, 15.0)));
    // One that was known, and whose beginning is a month earlier by now.
    let moved = step(Some("2026-05-01T00:00:00Z"), 15.0, 2.0, "documented");
    let summer = known(json!([step(None, 1.5, 2.0, "documented"), summer, now]));
    let found = jump(&summer, &known(json!([step(None, 1.5, 2.0, "documented"), moved, now])));
    assert_eq!((found.since, dollars(&found)), (Some(at("2026-05-01")), (1.5, 15.0)));
}

#[test]
fn what_is_said_of_a_day_to_come_is_looked_at_before_it_comes() {
    let dated = |input: f64| {
        toy(&json!([
            { "prices": { "input_mtok": 1, "output_mtok": 2 } },
            { "constraint": { "start_date": "2026-12-01" }, "prices": { "input_mtok": input, "output_mtok": 2 } },
        ]))
    };
    let found = jump(&dated(2.0), &dated(20.0));
    assert_eq!((found.since, dollars(&found)), (Some(at("2026-12-01")), (2.0, 20.0)));
    assert_eq!(dated(2.0).jumps(&toy(&json!({ "input_mtok": 1, "output_mtok": 2 })), &[], 5), [], "twice as much");
    let free = toy(&json!([
        { "prices": { "input_mtok": 1, "output_mtok": 2 } },
        { "constraint": { "start_date": "2026-12-01" }, "prices": { "input_mtok": 0, "output_mtok": 0 } },
    ]));
    let gone = free.jumps(&dated(2.0), &[], 5);
    assert_eq!(
        gone.iter().map(|jump| (jump.since, jump.moved)).collect::<Vec<_>>(),
        [(Some(at("2026-12-01")), Move::NoPrice)]
    );
}

/// `azure`, which takes over what `openai` lists, and lists these models itself.
fn with_azure(own: &[Value]) -> Catalogue {
    let prices = json!({ "input_mtok": 1, "output_mtok": 1 });
    let lists = json!([
        { "id": "openai", "name": "x", "models": [model("toy", &prices)] },
        { "id": "azure", "name": "x", "fallback_model_providers": ["openai"], "models": own },
    ]);
    let history = super::history(&json!({}));
    compile((&lists.to_string(), source(List::GenaiPrices)), (&history, source(List::ModelPrices))).unwrap().0
}

#[test]
fn a_name_that_another_list_has_by_now_is_compared_with_what_it_cost() {
    let listed = |id: &str, input: f64| with_azure(&[model(id, &json!({ "input_mtok": input, "output_mtok": 1 }))]);
    let azure = ("azure".to_owned(), "toy".to_owned());
    let found = jump(&listed("other", 1.0), &{
        let prices = |input: f64| json!({ "input_mtok": input, "output_mtok": 1 });
        with_azure(&[model("other", &prices(1.0)), model("toy", &prices(0.0001))])
    });
    let moved = Move::Rate { kind: Kind::Input, before: 1_000_000, after: 100 };
    assert_eq!((found.listing, found.moved), (azure, moved));
    // A provider that no list knew is asked for only where it is used: all that its maker lists had a price there.
    let (before, after) = (only(&[model("toy", &json!({ "input_mtok": 1, "output_mtok": 1 }))]), listed("toy", 50.0));
    assert_eq!(after.jumps(&before, &[], 5), []);
    let used = [(Some("azure".to_owned()), "toy".to_owned()), (Some("azure".to_owned()), "unknown".to_owned())];
    let found = after.jumps(&before, &used, 5);
    assert_eq!(found.iter().map(dollars).collect::<Vec<_>>(), [(1.0, 50.0)]);
}

#[test]
fn a_name_that_goes_is_told_though_its_model_stays() {
    let named = |rule: Value| {
        let mut model = model("toy", &json!({ "input_mtok": 1, "output_mtok": 1 }));
        model["match"] = rule;
        only(&[model])
    };
    let before = named(json!({ "or": [{ "equals": "toy" }, { "equals": "toy-fast" }] }));
    let found = jump(&before, &named(json!({ "equals": "toy" })));
    assert_eq!(found.listing, ("openai".to_owned(), "toy".to_owned()), "by its id");
    assert_eq!((&found.names[..], found.moved), (&["toy-fast".to_owned()][..], Move::NoPrice));
    // Of several names, all are in the one row.
    let before = named(json!({ "or": [{ "equals": "toy" }, { "equals": "toy-fast" }, { "equals": "toy-slow" }] }));
    assert_eq!(jump(&before, &named(json!({ "equals": "toy" }))).names, ["toy-fast", "toy-slow"]);
}

#[test]
fn a_model_that_goes_is_one_row_whatever_it_cost_and_whoever_takes_its_price_over() {
    let mut toy = model(
        "toy",
        &json!([
            { "prices": { "input_mtok": 1, "output_mtok": 2, "cache_read_mtok": 0.1 } },
            { "constraint": { "start_date": "2026-08-17" }, "prices": {
                "input_mtok": { "base": 3, "tiers": [{ "start": 9, "price": 6 }] }, "output_mtok": 2, "cache_read_mtok": 0.2,
            } },
        ]),
    );
    toy["price_variants"] = json!([{ "when": { "processing": "batch" }, "prices": { "input_mtok": 1 } }]);
    toy["match"] = json!({ "starts_with": "toy" });
    let lists = |models: &[Value]| {
        let azure = model("other", &json!({ "input_mtok": 1, "output_mtok": 1 }));
        let lists = json!([
            { "id": "openai", "name": "x", "models": models },
            { "id": "azure", "name": "x", "fallback_model_providers": ["openai"], "models": [azure] },
        ]);
        let history = super::history(&json!({}));
        compile((&lists.to_string(), source(List::GenaiPrices)), (&history, source(List::ModelPrices))).unwrap().0
    };
    let other = model("another", &json!({ "input_mtok": 1, "output_mtok": 1 }));
    let found = jump(&lists(&[toy, other.clone()]), &lists(&[other]));
    assert_eq!(found.listing, ("openai".to_owned(), "toy".to_owned()));
    assert_eq!((&found.names[..], &found.also[..]), (&[][..], &["azure".to_owned()][..]));
    assert_eq!((found.moved, &found.contexts[..]), (Move::NoPrice, &[Context::Standard, Context::Batch][..]));
    assert_eq!((found.above, found.since, found.hours), (0, None, None), "all calls ever");
}

#[test]
fn a_kind_of_token_that_has_no_price_any_more_is_told_once() {
    let with = |search: Option<u32>| {
        let mut toy = model("toy", &json!({ "input_mtok": 1, "output_mtok": 2 }));
        if let Some(search) = search {
            toy["prices"]["web_searches_kcount"] = json!(search);
        }
        toy["price_variants"] = json!([{ "when": { "processing": "batch" }, "prices": { "input_mtok": 0.5 } }]);
        only(&[toy])
    };
    let found = jump(&with(Some(10)), &with(None));
    assert_eq!((found.moved, found.contexts.len()), (Move::NoRate(Kind::WebSearch), 2));
}

/// A model with hours of the day in which it costs so many times as much.
fn with_hours(hours: &Value, multiplier: f64) -> Catalogue {
    listed_with_hours(1.0, hours, multiplier)
}

/// The same, where the list without hours has another price for input.
fn listed_with_hours(input: f64, hours: &Value, multiplier: f64) -> Catalogue {
    let mut history: Value = serde_json::from_str(&super::history(&json!({
        "toy": { "standard": [step(None, 1.0, 1.0, "documented")] }
    })))
    .unwrap();
    history["schedules"]["schedule"] = json!([{
        "provider": "openai", "valid_from": "2026-07-01", "weekdays_only": true, "peak_hours_utc": hours,
        "peak_multiplier": multiplier,
    }]);
    let listed = super::today(&[model("toy", &json!({ "input_mtok": input, "output_mtok": 1 }))]);
    compile((&listed, source(List::GenaiPrices)), (&history.to_string(), source(List::ModelPrices))).unwrap().0
}

#[test]
fn hours_of_the_day_are_prices_of_their_own() {
    let morning = || json!([["01:00", "04:00"]]);
    let before = with_hours(&morning(), 2.0);
    let jumps = with_hours(&morning(), 20.0).jumps(&before, &[], 5);
    let rows: Vec<_> = jumps.iter().map(|jump| (kind(jump), jump.hours.as_ref().map(|hours| hours.1))).collect();
    assert_eq!(rows, [(Kind::Input, Some(Part::Within)), (Kind::Output, Some(Part::Within))]);
    assert_eq!(jumps.iter().map(dollars).collect::<Vec<_>>(), [(2.0, 20.0); 2]);
    assert_eq!(jumps[0].since, Some(at("2026-07-01")));
    // Hours that move have moments of all four kinds; hours that only begin earlier have three, two of which jump.
    let (dear, later) = (with_hours(&morning(), 10.0), with_hours(&json!([["02:00", "05:00"]]), 10.0));
    let moves = |before: &Catalogue, after: &Catalogue| {
        let jumps = after.jumps(before, &[], 5);
        jumps.iter().filter(|jump| kind(jump) == Kind::Input).map(dollars).collect::<Vec<_>>()
    };
    assert_eq!(moves(&dear, &later), [(1.0, 10.0), (10.0, 1.0)]);
    assert_eq!(moves(&dear, &with_hours(&json!([["00:00", "04:00"]]), 10.0)), [(1.0, 10.0)]);
    assert_eq!(
        with_hours(&json!([["00:00", "04:00"]]), 10.0).compared_to(&dear).changed.len(),
        1,
        "also told as changed"
    );
}

#[test]
fn a_disagreement_says_at_which_hours() {
    let catalogue = listed_with_hours(1.5, &json!([["01:00", "04:00"]]), 2.0);
    let found = catalogue.differences(PUBLISHED);
    let rows: Vec<_> = found.iter().map(|one| (one.kind, one.hours.map(|(_, part)| part))).collect();
    assert_eq!(rows, [(Kind::Input, Some(Part::Within)), (Kind::Input, Some(Part::Outside))], "{found:#?}");
}

#[test]
fn where_the_lists_disagree_what_either_says_is_held_against_what_either_said() {
    let with = |input: f64, other: f64| {
        merged(
            &[model("toy", &json!({ "input_mtok": input, "output_mtok": 2 }))],
            &json!({ "toy": { "standard": [step(None, other, 2.0, "documented")] } }),
        )
    };
    let before = with(1.0, 1.0);
    assert_eq!(with(4.0, 1.0).jumps(&before, &[], 5), []);
    assert_eq!(dollars(&jump(&before, &with(9.0, 1.0))), (1.0, 9.0), "a call may cost that much by now");
    assert_eq!(with(9.0, 1.0).jumps(&with(9.0, 1.0), &[], 5), []);
}
