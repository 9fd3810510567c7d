//! `OpenRouter`.

use serde_json::{Value, json};
use stub::providers::Peer;
use stub::providers::openrouter::{Call, Key, Organisation};

use crate::{NOW, ask, at};

const AUTHORIZATION: &str = "Authorization: Bearer sk-or-v1-test";

fn get(peer: &Peer<Organisation>, target: &str) -> (u16, Value) {
    ask(peer, &format!("GET /api/v1/{target}"), AUTHORIZATION, "")
}

fn query(peer: &Peer<Organisation>, asked: &Value) -> (u16, Value) {
    ask(peer, "POST /api/v1/analytics/query", AUTHORIZATION, &asked.to_string())
}

fn peer() -> Peer<Organisation> {
    let call = |moment: &str, nanos| Call {
        at: at(moment),
        key: "hash".to_owned(),
        model: "model".to_owned(),
        requests: 1,
        prompt: 4,
        cached: 1,
        nanos,
        ..Call::default()
    };
    let key = Key { hash: "hash".to_owned(), name: "chat".to_owned(), secret: "own".to_owned(), ..Key::default() };
    let mut organisation = Organisation::default();
    organisation.keys.push(key);
    // Tuesday is today; of this week is Monday, of this month the 22nd, a Sunday.
    organisation.calls.extend([
        call("2026-10-20T01:00:00Z", 1_000_000_000),
        call("2026-11-22T01:00:00Z", 100_000_000),
        call("2026-11-23T01:00:00Z", 10_000_000),
        call("2026-11-24T01:00:00Z", 1_000_001),
    ]);
    Peer::start(organisation, at(NOW))
}

#[test]
fn activity_is_of_days_that_are_over() {
    let dates: Vec<Value> =
        get(&peer(), "activity").1["data"].as_array().unwrap().iter().map(|row| row["date"].clone()).collect();
    assert_eq!(dates, ["2026-11-22", "2026-11-23"], "not today, not before 30 days");
    for (date, status) in [("2026-10-25", 200), ("2026-10-24", 400), ("2026-11-23", 200), ("2026-11-24", 400)] {
        assert_eq!(get(&peer(), &format!("activity?date={date}")).0, status, "{date}");
    }
    assert_eq!(get(&peer(), "activity?api_key_hash=other").1["data"], json!([]));
}

#[test]
fn a_key_tells_of_its_day_week_month_and_all_in_utc() {
    let key = get(&peer(), "keys").1["data"][0].clone();
    let figures = ["usage_daily", "usage_weekly", "usage_monthly", "usage"].map(|name| key[name].to_string());
    assert_eq!(figures, ["0.001000001", "0.011000001", "0.111000001", "1.111000001"]);
    assert_eq!(get(&peer(), "credits").1["data"]["total_usage"].to_string(), "1.111000001");
}

#[test]
fn analytics_take_ids_and_tell_names() {
    let asked = json!({
        "metrics": ["total_usage", "request_count", "cache_hit_rate"],
        "dimensions": ["api_key_id"],
        "granularity": "week",
        "time_range": { "start": "2026-11-01T00:00:00Z", "end": "2026-11-24T01:00:00Z" },
        "filters": [{ "field": "api_key_id", "operator": "eq", "value": "hash" }],
    });
    let peer = peer();
    let rows = query(&peer, &asked).1["data"]["data"].clone();
    assert_eq!(rows[0]["date__week"], "2026-11-23T00:00:00.000Z", "the latest first");
    assert_eq!(
        (&rows[0]["api_key_id"], &rows[0]["request_count"]),
        (&json!("chat"), &json!(1)),
        "its end is not in it"
    );
    assert_eq!((rows[1]["total_usage"].to_string().as_str(), &rows[1]["cache_hit_rate"]), ("0.1", &json!(0.25)));
    peer.change(|organisation| (organisation.counts_as_text, organisation.time_is_created_at) = (true, true));
    let row = query(&peer, &asked).1["data"]["data"][0].clone();
    assert_eq!((&row["request_count"], &row["created_at__week"]), (&json!("1"), &json!("2026-11-23T00:00:00.000Z")));
}

#[test]
fn analytics_say_when_they_cut_and_refuse_what_they_cannot() {
    let range = json!({ "start": "2026-11-01T00:00:00Z", "end": "2026-11-25T00:00:00Z" });
    let cut =
        query(&peer(), &json!({ "metrics": ["total_usage"], "granularity": "day", "time_range": range, "limit": 2 }));
    assert_eq!(cut.1["data"]["metadata"], json!({ "query_time_ms": 42, "row_count": 2, "truncated": true }));
    for bad in [
        json!({ "metrics": [] }),
        json!({ "metrics": ["nonsense"] }),
        json!({ "metrics": ["total_usage"], "dimensions": ["model", "user", "app"] }),
        json!({ "metrics": ["total_usage"], "granularity": "year" }),
        json!({ "metrics": ["total_usage"], "time_range": { "start": "2026-11-01T00:00Z", "end": "2026-11-02T00:00Z" } }),
        json!({ "metrics": ["total_usage"], "filters": [{ "field": "model", "operator": "like", "value": "m" }] }),
    ] {
        assert_eq!(query(&peer(), &bad).0, 400, "{bad}");
    }
}

#[test]
fn management_keys_alone_look_at_the_account() {
    let own = |target: &str| ask(&peer(), &format!("GET /api/v1/{target}"), "Authorization: Bearer own", "");
    let (status, refusal) = own("activity");
    assert_eq!(
        (status, &refusal["error"]["message"]),
        (403, &json!("Only management keys can perform this operation"))
    );
    assert_eq!((own("key").0, own("keys").0), (200, 403));
    assert_eq!(ask(&peer(), "GET /api/v1/key", "Authorization: Bearer nobody", "").0, 401);
}

#[test]
fn keys_come_a_hundred_at_a_time() {
    let peer = peer();
    peer.change(|organisation| organisation.keys.extend((0..150).map(|_| Key::default())));
    let page = |offset| get(&peer, &format!("keys?offset={offset}")).1["data"].as_array().unwrap().len();
    assert_eq!((page(0), page(100), page(151)), (100, 51, 0));
}
