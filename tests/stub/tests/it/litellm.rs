//! A `LiteLLM` proxy.

use serde_json::{Value, json};
use stub::providers::Peer;
use stub::providers::litellm::{Call, Organisation};

use crate::{NOW, ask, at};

fn get(peer: &Peer<Organisation>, target: &str) -> (u16, Value) {
    ask(peer, &format!("GET {target}"), "Authorization: Bearer sk-litellm-test", "")
}

fn peer() -> Peer<Organisation> {
    let call = |(moment, model): (&str, &str)| Call {
        id: moment.to_owned(),
        at: at(moment),
        key: "hash".to_owned(),
        user: model.to_owned(),
        model: model.to_owned(),
        prompt: 10,
        nanos: 500_000_001,
        ..Call::default()
    };
    let calls = [
        ("2026-11-23T10:00:00Z", "a"),
        ("2026-11-23T11:00:00Z", "b"),
        ("2026-11-23T12:00:00Z", "b"),
        ("2026-11-24T00:00:00Z", "a"),
    ];
    Peer::start(Organisation { calls: calls.map(call).to_vec(), ..Organisation::default() }, at(NOW))
}

#[test]
fn a_day_may_be_on_two_pages_and_totals_are_of_the_page() {
    let page = |number: u32| {
        let days = "/user/daily/activity?start_date=2026-11-23&end_date=2026-11-24&page_size=2";
        get(&peer(), &format!("{days}&page={number}")).1
    };
    let (first, second) = (page(1), page(2));
    let dates =
        |page: &Value| page["results"].as_array().unwrap().iter().map(|day| day["date"].clone()).collect::<Vec<_>>();
    assert_eq!(
        (dates(&first), dates(&second)),
        (vec![json!("2026-11-24"), json!("2026-11-23")], vec![json!("2026-11-23")])
    );
    assert_eq!(first["metadata"]["total_spend"].to_string(), "1.000000002");
    assert_eq!(second["metadata"]["total_spend"].to_string(), "1.000000002", "two calls with b");
    assert_eq!((&first["metadata"]["has_more"], &second["metadata"]["has_more"]), (&json!(true), &json!(false)));
    assert_eq!(
        second["results"][0]["breakdown"]["models"]["b"]["api_key_breakdown"]["hash"]["metrics"]["api_requests"],
        2
    );
}

#[test]
fn logs_are_between_moments_the_latest_first() {
    let ids = |query: &str| {
        let (status, page) = get(&peer(), &format!("/spend/logs/v2?{query}"));
        assert_eq!(status, 200, "{page}");
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| call["request_id"].as_str().unwrap()[8..13].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("start_date=2026-11-23&end_date=2026-11-24"), ["24T00", "23T12", "23T11", "23T10"]);
    assert_eq!(
        ids("start_date=2026-11-23%2011:00:00&end_date=2026-11-23%2012:00:00&sort_order=asc"),
        ["23T11", "23T12"]
    );
    assert_eq!(ids("start_date=2026-11-23&end_date=2026-11-24&page_size=3&page=2"), ["23T10"]);
    assert_eq!(get(&peer(), "/spend/logs/v2?start_date=2026-11-23").0, 400);
    assert_eq!(get(&peer(), "/spend/logs/v2?start_date=2026-11-23&end_date=2026-11-24&page_size=1001").0, 400);
}

#[test]
fn a_key_of_a_user_sees_that_users_spend() {
    let peer = peer();
    peer.change(|organisation| organisation.access.insert("sk-litellm-test".to_owned(), Some("b".to_owned())));
    assert_eq!(get(&peer, "/spend/logs/v2?start_date=2026-11-23&end_date=2026-11-24").1["total"], 2);
    peer.change(|organisation| organisation.access.clear());
    assert_eq!(get(&peer, "/key/list").0, 401);
}
