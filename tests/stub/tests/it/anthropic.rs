//! Anthropic, both generations of its reports.

use serde_json::{Value, json};
use stub::providers::Peer;
use stub::providers::anthropic::{
    ANALYTICS_BETA, Actor, Call, Charge, Key, Organisation, SPEED_BETA, Sessions, Tokens,
};

use crate::{NOW, ask, at};

const REPORT: &str = "/v1/organizations/usage_report/messages?starting_at=2026-11-22T15:00:00Z";
const ANALYTICS: &str = "/v1/organizations/analytics";
const RANGE: &str = "starting_at=2026-11-22T00:00:00Z&ending_at=2026-11-25T00:00:00Z";

fn get(peer: &Peer<Organisation>, target: &str, headers: &str) -> (u16, Value) {
    let key = "x-api-key: sk-ant-admin01-test\r\nanthropic-version: 2023-06-01";
    ask(peer, &format!("GET {target}"), &format!("{key}{headers}"), "")
}

fn analytics(peer: &Peer<Organisation>, target: &str) -> (u16, Value) {
    get(peer, &format!("{ANALYTICS}/{target}"), &format!("\r\nanthropic-beta: other, {ANALYTICS_BETA}"))
}

fn call(moment: &str, model: &str, output: i64) -> Call {
    let charge = |token_type: &str, nanos| Charge {
        cost_type: "tokens".to_owned(),
        token_type: Some(token_type.to_owned()),
        description: format!("{model} {token_type}"),
        nanos,
        list_nanos: 2 * nanos,
    };
    Call {
        at: at(moment),
        model: model.to_owned(),
        key: Some("apikey_1".to_owned()),
        tokens: Tokens { uncached: 10, output, ..Tokens::default() },
        charges: vec![charge("uncached_input_tokens", 12_345_678), charge("output_tokens", output * 10_000_000)],
        ..Call::default()
    }
}

fn peer() -> Peer<Organisation> {
    let calls = vec![call("2026-11-22T10:15:00Z", "small", 1), call("2026-11-24T10:15:00Z", "large", 9)];
    Peer::start(Organisation { calls, ..Organisation::default() }, at(NOW))
}

#[test]
fn the_older_report_snaps_to_days_and_shows_empty_ones() {
    let page = get(&peer(), REPORT, "").1;
    let outputs: Vec<_> =
        page["data"].as_array().unwrap().iter().map(|day| &day["results"][0]["output_tokens"]).collect();
    assert_eq!(outputs, [&json!(1), &Value::Null, &json!(9)]);
    assert_eq!(page["data"][0]["starting_at"], "2026-11-22T00:00:00Z");
    assert_eq!(get(&peer(), &format!("{REPORT}&limit=32"), "").0, 400);
    let speed = format!("{REPORT}&group_by[]=speed");
    assert_eq!(
        (get(&peer(), &speed, "").0, get(&peer(), &speed, &format!("\r\nanthropic-beta: {SPEED_BETA}")).0),
        (400, 200)
    );
}

#[test]
fn what_is_used_at_midnight_is_of_the_new_day_alone() {
    let calls = vec![call("2026-11-23T00:00:00Z", "small", 1)];
    let peer = Peer::start(Organisation { calls, ..Organisation::default() }, at(NOW));
    let page = get(&peer, REPORT, "").1;
    assert_eq!((&page["data"][0]["results"], &page["data"][1]["results"][0]["output_tokens"]), (&json!([]), &json!(1)));
    let rows = analytics(&peer, &format!("usage?{RANGE}&time_bucket_width=1d")).1["data"].clone();
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["starting_at"]), (1, &json!("2026-11-23T00:00:00Z")));
}

#[test]
fn costs_are_texts_of_cents_without_the_priority_tier() {
    let peer = peer();
    let costs = "/v1/organizations/cost_report?starting_at=2026-11-22T00:00:00Z&limit=1";
    // 1.2345678 ¢ + 1 ¢
    assert_eq!(get(&peer, costs, "").1["data"][0]["results"][0]["amount"], "2.2345678");
    let described = get(&peer, &format!("{costs}&group_by[]=description"), "").1["data"][0]["results"].clone();
    assert_eq!((&described[0]["token_type"], &described[0]["model"]), (&json!("output_tokens"), &json!("small")));
    assert_eq!(get(&peer, &format!("{costs}&group_by[]=model"), "").0, 400);
    peer.change(|organisation| organisation.calls[0].tier = "priority".to_owned());
    assert_eq!(get(&peer, costs, "").1["data"][0]["results"], json!([]));
}

#[test]
fn the_newer_reports_have_rows_where_there_was_usage_the_largest_first() {
    let peer = peer();
    let models = |query: &str| {
        let (status, page) = analytics(&peer, &format!("usage?{RANGE}&time_bucket_width=1h&group_by[]=model{query}"));
        assert_eq!(status, 200, "{page}");
        let rows = page["data"].as_array().unwrap().clone();
        rows.iter().map(|row| row["group"]["model"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(models(""), ["large", "small"]);
    assert_eq!(models("&order_by=time&order=asc"), ["small", "large"]);
    assert_eq!(models("&api_key_ids[]="), [""; 0], "all calls have a key");
    peer.change(|organisation| organisation.refreshed = Some(at("2026-11-24T10:00:00Z")));
    assert_eq!(models(""), ["small"], "what came later is not known yet");
    peer.change(|organisation| organisation.calls[0].key = None);
    assert_eq!(models("&api_key_ids[]="), ["small"]);
}

#[test]
fn pages_of_the_newer_reports_are_of_rows_before_they_are_fanned_out() {
    let peer = peer();
    let cost = |query: &str| analytics(&peer, &format!("cost?{RANGE}&group_by[]=model&limit=1{query}"));
    let page = cost("").1;
    // 9 × 1 ¢ + 1.2345678 ¢; by the list twice that.
    assert_eq!(
        page["data"][0]["cost"],
        json!({
            "amount": "10.2345678", "list_amount": "20.4691356", "currency": "USD", "requests": 1,
        })
    );
    let cursor = page["next_page"].as_str().unwrap();
    assert_eq!(cost(&format!("&page={cursor}")).1["data"][0]["group"]["model"], "small");
    assert_eq!(cost(&format!("&order=asc&page={cursor}")).0, 400, "another query's cursor");
    let fanned = cost("&group_by[]=token_type").1;
    assert_eq!(fanned["data"].as_array().unwrap().len(), 2, "one row, fanned out");
    assert_eq!((&fanned["data"][0]["cost"]["requests"], &fanned["has_more"]), (&Value::Null, &json!(true)));
}

#[test]
fn the_newer_reports_keep_to_their_ranges() {
    let peer = peer();
    for (query, status) in [
        ("starting_at=2026-11-01T00:00:00Z", 200),
        ("starting_at=2026-11-01T00:00:00", 400),
        ("starting_at=2026-11-01T00:00:00Z&time_bucket_width=1d", 400),
        ("starting_at=2026-10-01T00:00:00Z&ending_at=2026-11-01T00:00:00Z&time_bucket_width=1d", 200),
        ("starting_at=2026-10-01T00:00:00Z&ending_at=2026-11-01T00:00:01Z&time_bucket_width=1d", 400),
        ("starting_at=2026-11-01T00:00:00Z&ending_at=2026-11-02T00:00:01Z&time_bucket_width=1m", 400),
        ("starting_at=2025-12-31T00:00:00Z&ending_at=2026-01-02T00:00:00Z", 400),
        ("starting_at=2026-11-01T00:00:00Z&limit=1001", 400),
        ("starting_at=2026-11-01T00:00:00Z&order_by=amount", 400),
        (
            "starting_at=2026-11-01T00:00:00Z&group_by[]=model&group_by[]=speed&group_by[]=actor&group_by[]=product\
          &group_by[]=service_tier&group_by[]=session_id",
            400,
        ),
    ] {
        assert_eq!(analytics(&peer, &format!("usage?{query}")).0, status, "{query}");
    }
    let whole = analytics(&peer, "usage?starting_at=2026-11-01T00:10:00Z").1["data"][0].clone();
    assert_eq!(
        (&whole["starting_at"], &whole["ending_at"]),
        (&json!("2026-11-01T00:00:00Z"), &json!("2026-11-24T13:00:00Z"))
    );
}

#[test]
fn headers_decide_who_asks_and_for_what() {
    let peer = peer();
    assert_eq!(ask(&peer, &format!("GET {REPORT}"), "x-api-key: sk-ant-admin01-test", "").0, 400, "no version");
    assert_eq!(ask(&peer, &format!("GET {REPORT}"), "anthropic-version: 2023-06-01", "").0, 401);
    assert_eq!(get(&peer, &format!("{ANALYTICS}/usage?{RANGE}"), "").0, 404, "no beta");
    peer.change(|organisation| organisation.api_keys = vec![Key { id: "apikey_1".to_owned(), ..Key::default() }]);
    let key = |version: &str| {
        let headers = format!("Authorization: Bearer sk-ant-admin01-test\r\nanthropic-version: {version}");
        ask(&peer, "GET /v1/organizations/api_keys", &headers, "").1["data"][0].clone()
    };
    assert_eq!(key("2023-06-01").get("workspace_id"), Some(&Value::Null), "the default one");
    assert_eq!(key("2026-10-21").get("workspace_id"), None);
    assert_eq!(key("2026-10-21")["scope"]["workspace_id"], "wrkspc_default");
    let me = || get(&peer, "/v1/organizations/me", "").1["id"].clone();
    let before = me();
    peer.change(|organisation| organisation.id = "another".to_owned());
    assert_eq!((before, me()), (json!("12345678-1234-5678-1234-567812345678"), json!("another")));
}

#[test]
fn claude_code_is_told_an_hour_late_in_numbers_of_cents() {
    let peer = peer();
    let sessions = Sessions {
        at: at("2026-11-24T12:00:00Z"),
        actor: Actor::Key("ci".to_owned()),
        model: "large".to_owned(),
        sessions: 1,
        tokens: Tokens::default(),
        nanos: 18_600_001,
    };
    peer.change(|organisation| organisation.claude_code.push(sessions));
    let day = || get(&peer, "/v1/organizations/usage_report/claude_code?starting_at=2026-11-24", "").1["data"].clone();
    assert_eq!(day(), json!([]));
    peer.set_now(at("2026-11-24T13:00:00Z"));
    assert_eq!(day()[0]["model_breakdown"][0]["estimated_cost"]["amount"].to_string(), "1.8600001");
}
