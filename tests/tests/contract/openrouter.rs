//! `OpenRouter`.

use serde_json::{Value, json};
use stub::providers::openrouter::{Call, Key, Organisation, broken, management_only, rate_limited};
use stub::providers::{Peer, faults};

use crate::between::Between;
use crate::{NOW, at, days_back};

const OTHER_WORKSPACE: &str = "1df9e665-d932-5740-b2c7-b52af166bc11";

pub(crate) fn organisation() -> Organisation {
    let call = |at| Call {
        at,
        key: "hash_1".to_owned(),
        user: Some("user_1".to_owned()),
        app: Some("app".to_owned()),
        model: "openai/gpt-4.1".to_owned(),
        permaslug: "openai/gpt-4.1-2025-04-14".to_owned(),
        provider: "OpenAI".to_owned(),
        endpoint: "550e8400-e29b-41d4-a716-446655440000".to_owned(),
        requests: 5,
        prompt: 50,
        cached: 20,
        completion: 125,
        reasoning: 25,
        nanos: 15_000_000,
        byok_nanos: 12_000_000,
        ..Call::default()
    };
    let variants = |at| {
        let elsewhere = Call {
            workspace: Some(OTHER_WORKSPACE.to_owned()),
            user: None,
            app: None,
            key: "hash_2".to_owned(),
            ..call(at)
        };
        [call(at), elsewhere]
    };
    let key = |number: usize| Key {
        secret: format!("sk-or-v1-{number}"),
        hash: format!("hash_{number}"),
        name: format!("key {number}"),
        disabled: number == 3,
        limit_nanos: number.is_multiple_of(2).then_some(100_000_000_000),
        ..Key::default()
    };
    let mut organisation = Organisation::default();
    organisation.keys.extend((1..=230).map(key));
    organisation.calls.extend(days_back(45).flat_map(variants));
    organisation.workspaces.push((OTHER_WORKSPACE.to_owned(), "Other".to_owned()));
    organisation.credits_nanos = 100_000_000_000;
    organisation
}

#[test]
fn openrouter_is_asked_and_answers_as_it_says_itself() {
    let peer = Peer::start(organisation(), at(NOW));
    let mut between = Between::new("openrouter", peer.url(""), &[("authorization", "Bearer sk-or-v1-test")]);
    activity(&between);
    analytics(&between);
    peer.change(|organisation| (organisation.counts_as_text, organisation.time_is_created_at) = (true, true));
    let page = analytics(&between);
    assert!(page.contains(r#""created_at__month":"2026-11-01T00:00:00.000Z""#), "{page}");
    keys(&mut between);
    refusals(&peer, &mut between);
}

fn activity(between: &Between) {
    for (query, rows) in [
        ("", 30),
        ("?date=2026-11-23", 1),
        ("?date=2026-11-23&group_by=workspace", 2),
        ("?date=2026-11-23&api_key_hash=hash_2&user_id=user_1", 0),
        ("?workspace_id=1df9e665-d932-5740-b2c7-b52af166bc11", 30),
    ] {
        let found = between.get(&format!("/api/v1/activity{query}"));
        assert_eq!((found.status, found.body["data"].as_array().unwrap().len()), (200, rows), "{query}");
    }
    let credits = between.get("/api/v1/credits").body;
    // 45 days of two calls of $0.015.
    assert_eq!(credits, json!({ "data": { "total_credits": 100.0, "total_usage": 1.35 } }));
}

fn analytics(between: &Between) -> String {
    assert_eq!(between.get("/api/v1/analytics/meta").status, 200);
    let range = json!({ "start": "2026-10-01T00:00:00Z", "end": "2026-11-25T00:00:00Z" });
    let metrics = json!(["total_usage", "request_count", "tokens_prompt", "tokens_completion", "cache_hit_rate"]);
    let mut all = String::new();
    for granularity in ["minute", "hour", "day", "week", "month"] {
        for dimensions in
            [json!([]), json!(["model", "api_key_id"]), json!(["user", "workspace"]), json!(["app", "provider"])]
        {
            let asked = json!({
                "metrics": metrics,
                "dimensions": dimensions,
                "granularity": granularity,
                "time_range": range,
                "filters": [{ "field": "api_key_id", "operator": "in", "value": ["hash_1", "hash_2"] }],
                "order_by": { "field": "total_usage", "direction": "desc" },
                "limit": 10,
            });
            all += &query(between, &asked).to_string();
        }
    }
    let cut = query(between, &json!({ "metrics": metrics, "granularity": "day", "time_range": range, "limit": 10 }));
    assert_eq!(cut["data"]["metadata"]["truncated"], true);
    query(between, &json!({ "metrics": ["total_usage"] }));
    all
}

fn query(between: &Between, asked: &Value) -> Value {
    let found = between.post("/api/v1/analytics/query", asked);
    assert_eq!(found.status, 200, "{asked}: {}", found.body);
    found.body
}

fn keys(between: &mut Between) {
    let mut seen = 0;
    loop {
        let page = between.get(&format!("/api/v1/keys?offset={seen}&include_disabled=true")).body;
        let page = page["data"].as_array().unwrap().len();
        if page == 0 {
            break;
        }
        seen += page;
    }
    assert_eq!(seen, 230);
    assert_eq!(between.get(&format!("/api/v1/keys?workspace_id={OTHER_WORKSPACE}")).body, json!({ "data": [] }));
    for key in ["test", "1", "2"] {
        between.with("authorization", Some(&format!("Bearer sk-or-v1-{key}")));
        assert_eq!(between.get("/api/v1/key").status, 200);
    }
    between.with("authorization", Some("Bearer sk-or-v1-test"));
}

fn refusals(peer: &Peer<Organisation>, between: &mut Between) {
    assert_eq!(between.with("authorization", Some("Bearer nobody")).get("/api/v1/keys").status, 401);
    between.with("authorization", Some("Bearer sk-or-v1-1"));
    assert_eq!(
        between.get("/api/v1/activity").body["error"]["message"],
        "Only management keys can perform this operation"
    );
    between.with("authorization", Some("Bearer sk-or-v1-test"));
    for date in ["2026-11-24", "2026-10-24"] {
        assert_eq!(
            between.get(&format!("/api/v1/activity?date={date}")).status,
            400,
            "today is not over, {date} too old"
        );
    }
    let wrong = json!({ "metrics": ["total_usage"], "dimensions": ["model", "tags"] });
    assert_eq!(between.post("/api/v1/analytics/query", &wrong).status, 400);
    // Of refusals the file has not all: any endpoint may be asked too often, and `/keys` is for management keys alone.
    for path in ["/api/v1/keys", "/api/v1/credits", "/api/v1/activity"] {
        for (answer, status) in
            [(rate_limited(Some(7)), 429), (rate_limited(None), 429), (management_only(), 403), (broken(), 500)]
        {
            peer.fail_next(faults::on(path), answer, 2);
            assert_eq!(between.get(path).status, status, "{path}");
        }
    }
}
