//! OpenAI.

use serde_json::{Value, json};
use stub::providers::Peer;
use stub::providers::openai::{Cost, Kind, NAMES, Organisation, Project, Tokens, USAGE, Usage};

use crate::{NOW, ask, at};

const TODAY: &str = "/v1/organization/usage/completions?start_time=1795478400";

fn get(peer: &Peer<Organisation>, target: &str) -> (u16, Value) {
    ask(peer, &format!("GET {target}"), "Authorization: Bearer sk-admin-test", "")
}

fn usage(moment: &str, key: &str, cached_text: i64) -> Usage {
    let tokens = Tokens { cached_text, uncached_text: 100, written_30m: 500, output_text: 7, ..Tokens::default() };
    Usage { at: at(moment), key: Some(key.to_owned()), of: Kind::Completions(tokens), ..Usage::default() }
}

#[test]
fn input_contains_what_was_read_and_written_and_groups_are_apart() {
    let usage = vec![
        usage("2026-11-24T00:00:00Z", "a", 400),
        usage("2026-11-24T12:00:00Z", "b", 1),
        usage("2026-11-24T12:29:59Z", "a", 2),
    ];
    let peer = Peer::start(Organisation { usage, ..Organisation::default() }, at(NOW));
    let results = |target: &str| get(&peer, target).1["data"][0]["results"].clone();
    let all = results(TODAY);
    // 403 + 3 × 500 + 3 × 100
    assert_eq!((&all[0]["input_tokens"], &all[0]["input_cached_tokens"]), (&json!(2_203), &json!(403)));
    assert_eq!((&all[0]["num_model_requests"], &all[0]["api_key_id"]), (&json!(3), &Value::Null));
    for spelling in ["group_by", "group_by[]", "group_by%5B%5D"] {
        let by_key = results(&format!("{TODAY}&{spelling}=api_key_id"));
        // 402 + 2 × 600, 1 + 600
        assert_eq!((&by_key[0]["api_key_id"], &by_key[0]["input_tokens"]), (&json!("a"), &json!(1_602)));
        assert_eq!((&by_key[1]["api_key_id"], &by_key[1]["input_tokens"]), (&json!("b"), &json!(601)));
    }
    assert_eq!(results(&format!("{TODAY}&api_key_ids[]=b"))[0]["num_model_requests"], 1);
    assert_eq!(results(&format!("{TODAY}&batch=true")), json!([]));
    assert_eq!(results(&format!("{TODAY}&end_time=1795521600"))[0]["num_model_requests"], 1, "its end is not in it");
}

#[test]
fn what_is_used_at_midnight_is_of_the_new_day_alone() {
    let usage = vec![usage("2026-11-24T00:00:00Z", "a", 0)];
    let peer = Peer::start(Organisation { usage, ..Organisation::default() }, at(NOW));
    let days = get(&peer, "/v1/organization/usage/completions?start_time=1795392000").1["data"].clone();
    assert_eq!((&days[0]["results"], &days[1]["results"][0]["num_model_requests"]), (&json!([]), &json!(1)));
}

#[test]
fn a_cursor_is_good_for_its_query_alone() {
    let peer = Peer::start(Organisation::default(), at(NOW));
    let week = "/v1/organization/usage/completions?start_time=1793491200&limit=5";
    let (_, page) = get(&peer, week);
    assert_eq!((page["data"].as_array().unwrap().len(), &page["has_more"]), (5, &json!(true)));
    let cursor = page["next_page"].as_str().unwrap();
    let next = get(&peer, &format!("{week}&page={cursor}")).1;
    assert_eq!(next["data"][0]["start_time"], page["data"][4]["end_time"]);
    for changed in ["group_by=model", "end_time=1795478400", "models=gpt"] {
        let (status, refusal) = get(&peer, &format!("{week}&{changed}&page={cursor}"));
        assert_eq!((status, &refusal["error"]["param"]), (400, &json!("page")), "{changed}");
    }
    let other = week.replace("completions", "embeddings");
    assert_eq!(get(&peer, &format!("{other}&page={cursor}")).0, 400);
}

#[test]
fn a_page_has_as_many_buckets_as_its_width_allows() {
    let peer = Peer::start(Organisation::default(), at(NOW));
    let from = "/v1/organization/usage/completions?start_time=1780000000";
    for (width, default, most) in [("1d", 7, 31), ("1h", 24, 168), ("1m", 60, 1_440)] {
        let buckets = |query: &str| {
            get(&peer, &format!("{from}&bucket_width={width}{query}")).1["data"].as_array().unwrap().len()
        };
        assert_eq!((buckets(""), buckets(&format!("&limit={most}"))), (default, most), "{width}");
        assert_eq!(get(&peer, &format!("{from}&bucket_width={width}&limit={}", most + 1)).0, 400, "{width}");
    }
    let costs = "/v1/organization/costs?start_time=1760000000";
    assert_eq!(get(&peer, &format!("{costs}&limit=180")).1["data"].as_array().unwrap().len(), 180);
    assert_eq!(get(&peer, &format!("{costs}&limit=181")).0, 400);
    assert_eq!(get(&peer, &format!("{costs}&bucket_width=1h")).0, 400);
}

#[test]
fn costs_are_exact_and_may_be_texts() {
    let cost = |nanos| Cost { at: at(NOW), line_item: Some("gpt, input_tokens".to_owned()), nanos, ..Cost::default() };
    let costs = vec![cost(100_000_001), cost(200_000_000)];
    let peer = Peer::start(Organisation { costs, ..Organisation::default() }, at(NOW));
    let costs = "/v1/organization/costs?start_time=1795478400&group_by=line_item";
    let value = || get(&peer, costs).1["data"][0]["results"][0]["amount"]["value"].clone();
    assert_eq!(value().to_string(), "0.300000001");
    peer.change(|organisation| organisation.amounts_as_text = true);
    assert_eq!(value(), "0.300000001");
    // A bucket that is restated while it is open.
    peer.change(|organisation| organisation.costs[0].nanos = 0);
    assert_eq!(value(), "0.2");
    assert_eq!(
        get(&peer, &costs.replace("line_item", "user_id&project_ids=x")).0,
        400,
        "users do not go with projects"
    );
}

#[test]
fn a_scope_that_is_missing_is_named() {
    let peer = Peer::start(Organisation::default(), at(NOW));
    let names = "/v1/organization/projects";
    for (scopes, target, missing) in [(vec![NAMES], TODAY, USAGE), (vec![USAGE], names, NAMES)] {
        peer.change(|organisation| organisation.keys.insert("sk-admin-test".to_owned(), scopes));
        let (status, refusal) = get(&peer, target);
        let message = refusal["error"]["message"].as_str().unwrap().to_owned();
        assert!(status == 403 && message.contains(&format!("Missing scopes: {missing}.")), "{status} {message}");
    }
    peer.change(|organisation| organisation.keys.clear());
    let (status, refusal) = get(&peer, names);
    assert_eq!((status, &refusal["error"]["code"]), (401, &json!("invalid_api_key")));
}

#[test]
fn names_go_on_after_the_last_one() {
    let project = |number| Project { id: format!("proj_{number}"), ..Project::default() };
    let peer =
        Peer::start(Organisation { projects: (0..3).map(project).collect(), ..Organisation::default() }, at(NOW));
    let page = get(&peer, "/v1/organization/projects?limit=2").1;
    assert_eq!(
        (&page["first_id"], &page["last_id"], &page["has_more"]),
        (&json!("proj_0"), &json!("proj_1"), &json!(true))
    );
    let page = get(&peer, "/v1/organization/projects?limit=2&after=proj_1").1;
    assert_eq!(
        (&page["first_id"], &page["last_id"], &page["has_more"]),
        (&json!("proj_2"), &json!("proj_2"), &json!(false))
    );
    assert_eq!(get(&peer, "/v1/organization/projects?after=proj_9").0, 400);
    assert_eq!(get(&peer, "/v1/organization/projects?limit=101").0, 400);
    let empty = get(&peer, "/v1/organization/users").1;
    assert_eq!(empty, json!({ "object": "list", "data": [], "first_id": null, "last_id": null, "has_more": false }));
}
