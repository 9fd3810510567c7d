//! Anthropic, both generations of its reports.

use std::collections::BTreeMap;

use stub::providers::anthropic::{
    ANALYTICS_BETA, Access, Actor, Call, Charge, Key, Organisation, SPEED_BETA, Sessions, Tokens, User, Workspace,
    broken, forbidden, overloaded, rate_limited,
};
use stub::providers::{Peer, faults};

use crate::between::{Between, next_names, next_page};
use crate::{NOW, at, days_back};

const REPORT: &str = "/v1/organizations/usage_report/messages?starting_at=2026-10-10T00:00:00Z";
const COSTS: &str = "/v1/organizations/cost_report?starting_at=2026-10-10T00:00:00Z";
const CLAUDE_CODE: &str = "/v1/organizations/usage_report/claude_code?starting_at=2026-11-24";
const RANGE: &str = "starting_at=2026-10-25T00:00:00Z&ending_at=2026-11-25T00:00:00Z";

const DIMENSIONS: [&str; 19] = [
    "actor",
    "actor_type",
    "agent_id",
    "api_key_id",
    "claude_tag_category",
    "claude_tag_user_id",
    "context_window",
    "deployment_id",
    "environment_id",
    "inference_geo",
    "model",
    "organization_id",
    "product",
    "rbac_group_id",
    "service_tier",
    "session_id",
    "slack_channel_id",
    "speed",
    "workspace_id",
];

pub(crate) fn organisation() -> Organisation {
    let charge = |cost_type: &str, token_type: Option<&str>, nanos| Charge {
        cost_type: cost_type.to_owned(),
        token_type: token_type.map(str::to_owned),
        description: format!("Claude Opus 5.5 Usage - {}", token_type.unwrap_or(cost_type)),
        nanos,
        list_nanos: nanos + 1,
    };
    let call = |at| Call {
        at,
        key: Some("apikey_1".to_owned()),
        workspace: Some("wrkspc_1".to_owned()),
        requests: 2,
        tokens: Tokens { uncached: 1_000, written_5m: 20, written_1h: 30, cache_read: 400, output: 500 },
        web_searches: 1,
        charges: vec![
            charge("tokens", Some("uncached_input_tokens"), 5_000_001),
            charge("tokens", Some("output_tokens"), 12_500_000),
            charge("web_search", None, 10_000_000),
        ],
        ..Call::default()
    };
    // Without a key and in the default workspace; by a user, by a service account; ahead of others, in another place.
    let variants = |at| {
        [
            call(at),
            Call { key: None, workspace: None, account: Some("user_1".to_owned()), ..call(at) },
            Call {
                service_account: Some("svac_1".to_owned()),
                tier: "priority".to_owned(),
                geo: "us".to_owned(),
                ..call(at)
            },
            Call {
                tier: "batch".to_owned(),
                geo: "not_available".to_owned(),
                context_window: "200k-1M".to_owned(),
                ..call(at)
            },
            Call { model: "claude-haiku-5".to_owned(), speed: "fast".to_owned(), tier: "flex".to_owned(), ..call(at) },
        ]
    };
    let actors = |number: usize| {
        if number == 0 { Actor::Key("ci-bot".to_owned()) } else { Actor::User(format!("user{number}@example.com")) }
    };
    let sessions = |number| Sessions {
        at: at("2026-11-24T08:00:00Z"),
        actor: actors(number),
        model: "claude-opus-5-5".to_owned(),
        sessions: 3,
        tokens: Tokens { uncached: 1, ..Tokens::default() },
        nanos: 1_867_000_000,
    };
    let access = [
        ("sk-ant-admin01-test", Access::Admin),
        ("sk-ant-api01-analytics", Access::Analytics),
        ("sk-ant-api03-models", Access::Models),
    ];
    let workspace = |number| Workspace {
        id: format!("wrkspc_{number}"),
        name: format!("workspace {number}"),
        created: at(NOW),
        archived: (number == 2).then(|| at(NOW)),
    };
    let key = |number| Key {
        id: format!("apikey_{number}"),
        name: format!("key {number}"),
        workspace: (number % 2 == 0).then(|| "wrkspc_1".to_owned()),
        ..Key::default()
    };
    let user = User {
        id: "user_1".to_owned(),
        name: "Alice".to_owned(),
        email: "alice@example.com".to_owned(),
        added: at(NOW),
    };
    Organisation {
        keys: BTreeMap::from(access.map(|(key, access)| (key.to_owned(), access))),
        calls: days_back(45).step_by(3).flat_map(variants).collect(),
        claude_code: (0..45).map(sessions).collect(),
        workspaces: (1..=45).map(workspace).collect(),
        api_keys: (1..=45).map(key).collect(),
        users: vec![user],
        ..Organisation::default()
    }
}

#[test]
fn anthropic_is_asked_and_answers_as_it_says_itself() {
    let peer = Peer::start(organisation(), at(NOW));
    let headers = [("x-api-key", "sk-ant-admin01-test"), ("anthropic-version", "2023-06-01")];
    let mut between = Between::new("anthropic", peer.url(""), &headers);
    every_page_of_reports(&mut between);
    every_page_of_names(&between);
    between.with("anthropic-version", Some("2026-10-21"));
    every_page_of_names(&between);
    peer.change(|organisation| organisation.fields_of_2025 = true);
    every_page_of_reports(&mut between);
    between.with("anthropic-beta", Some(ANALYTICS_BETA));
    every_page_of_analytics(&between);
    peer.change(|organisation| organisation.refreshed = Some(at("2026-11-24T10:00:00Z")));
    every_page_of_analytics(&between);
    refusals(&peer, &mut between);
}

fn every_page_of_reports(between: &mut Between) {
    for groups in [
        &[][..],
        &["model", "api_key_id", "workspace_id", "service_tier", "context_window"],
        &["account_id", "service_account_id", "inference_geo"],
    ] {
        for spelling in ["group_by[]", "group_by%5B%5D"] {
            let by: Vec<String> = groups.iter().map(|group| format!("&{spelling}={group}")).collect();
            let target = format!("{REPORT}&bucket_width=1d&limit=31{}", by.concat());
            assert_eq!(between.pages(&target, next_page(&target)).len(), 2, "46 days, 31 a page");
        }
    }
    assert_eq!(between.pages(REPORT, next_page(REPORT)).len(), 7, "46 days, 7 a page");
    between.with("anthropic-beta", Some(SPEED_BETA));
    let speeds = format!("{REPORT}&limit=31&group_by[]=speed&speeds[]=fast&models[]=claude-haiku-5");
    assert!(between.pages(&speeds, next_page(&speeds))[1].to_string().contains(r#""speed":"fast""#));
    between.with("anthropic-beta", None);
    for (start, width, limit) in [("2026-11-17T01:00:00Z", "1h", 168), ("2026-11-23T12:00:00%2B00:00", "1m", 1_440)] {
        let target = format!(
            "/v1/organizations/usage_report/messages?starting_at={start}&ending_at={NOW}&bucket_width={width}&limit={limit}\
             &group_by[]=model&context_window[]=0-200k&service_tiers[]=standard&service_tiers[]=priority"
        );
        assert_eq!(between.pages(&target, next_page(&target)).len(), 2, "{width}");
    }
    for by in
        ["", "&group_by[]=workspace_id", "&group_by[]=description", "&group_by[]=workspace_id&group_by[]=description"]
    {
        let target = format!("{COSTS}&bucket_width=1d&limit=31{by}");
        assert_eq!(between.pages(&target, next_page(&target)).len(), 2, "46 days, 31 a page");
    }
    let pages = between.pages(&format!("{CLAUDE_CODE}&limit=20"), next_page(&format!("{CLAUDE_CODE}&limit=20")));
    assert_eq!(pages.len(), 3, "45 actors, 20 a page");
}

fn every_page_of_names(between: &Between) {
    assert_eq!(between.get("/v1/organizations/me").status, 200);
    for (list, pages) in [
        ("workspaces?limit=20", 3),
        ("workspaces?limit=1000&include_archived=true", 1),
        ("api_keys?limit=20", 3),
        ("api_keys?status=active&workspace_id=wrkspc_1", 2),
        ("users?limit=1000", 1),
        ("users?email=bob@example.com&roles[]=developer", 1),
    ] {
        let target = format!("/v1/organizations/{list}");
        assert_eq!(between.pages(&target, next_names(&target, "after_id")).len(), pages, "{list}");
    }
}

fn every_page_of_analytics(between: &Between) {
    for report in ["usage", "cost"] {
        let base = format!("/v1/organizations/analytics/{report}?{RANGE}");
        for groups in DIMENSIONS.chunks(5) {
            let by: Vec<String> = groups.iter().map(|group| format!("&group_by[]={group}")).collect();
            for width in ["", "&time_bucket_width=1d", "&time_bucket_width=1h"] {
                let target = format!("{base}{width}&order_by=time&order=asc&limit=4{}", by.concat());
                between.pages(&target, next_page(&target));
            }
        }
        let minutes = format!(
            "/v1/organizations/analytics/{report}?starting_at=2026-11-23T13:00:00Z&ending_at=2026-11-24T13:00:00Z\
             &time_bucket_width=1m&group_by[]=model&api_key_ids[]=&api_key_ids[]=apikey_1"
        );
        between.pages(&minutes, next_page(&minutes));
        let whole = format!("/v1/organizations/analytics/{report}?starting_at=2026-11-01T00:00:00Z");
        between.pages(&whole, next_page(&whole));
    }
    let fanned =
        format!("/v1/organizations/analytics/cost?{RANGE}&group_by[]=model&group_by[]=cost_type&group_by[]=token_type");
    let page = between.get(&fanned).body;
    assert!(page.to_string().contains(r#""token_type":"output_tokens""#), "{page}");
}

fn refusals(peer: &Peer<Organisation>, between: &mut Between) {
    let analytics = format!("/v1/organizations/analytics/usage?{RANGE}");
    for (key, target, status) in [
        ("sk-ant-nobody", COSTS, 401),
        ("sk-ant-api03-models", COSTS, 403),
        ("sk-ant-api01-analytics", COSTS, 403),
        ("sk-ant-api01-analytics", &analytics, 200),
    ] {
        assert_eq!(between.with("x-api-key", Some(key)).get(target).status, status, "{key} {target}");
    }
    between.with("x-api-key", Some("sk-ant-admin01-test"));
    let too_long = analytics.replace("2026-10-25", "2026-10-24");
    for (target, wrong) in [
        (REPORT, "limit=32"),
        (REPORT, "group_by[]=speed"),
        (COSTS, "page=page_of_something_else"),
        (COSTS, "ending_at=2026-10-01T00:00:00Z"),
        (&analytics, "time_bucket_width=1m"),
        (&too_long, "time_bucket_width=1d"),
    ] {
        assert_eq!(between.get(&format!("{target}&{wrong}")).status, 400, "{target}&{wrong}");
    }
    for (answer, status) in [
        (rate_limited(Some(7)), 429),
        (rate_limited(None), 429),
        (forbidden(), 403),
        (broken(), 500),
        (overloaded(), 529),
    ] {
        peer.fail_next(faults::on("/v1/organizations/cost_report"), answer, 2);
        assert_eq!(between.get(COSTS).status, status);
    }
}
