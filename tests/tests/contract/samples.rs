//! The samples are what the files beside them allow, every one.
//!
//! `openai.costs.string_amount_observed` is, though the provider's own file allows no text as an amount: the file here does,
//! since that was served. Of the examples in `OpenRouter`'s own file those of `/generation` and `/models` lack what the file
//! requires; the samples are whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stub::{Answer, Stub};

use crate::between::Between;

/// Where a kind of sample comes from: the second part of its name, and what is asked for it.
const PLACES: [(&str, &[(&str, &str)]); 4] = [
    (
        "openai",
        &[
            ("admin_api_keys", "/v1/organization/admin_api_keys"),
            ("costs", "/v1/organization/costs?start_time=1"),
            ("error", "/v1/organization/costs?start_time=1"),
            ("project_api_keys", "/v1/organization/projects/proj_1/api_keys"),
            ("projects", "/v1/organization/projects"),
            ("usage_", "/v1/organization/usage/*?start_time=1"),
            ("users", "/v1/organization/users"),
        ],
    ),
    (
        "anthropic",
        &[
            ("analytics_cost", "/v1/organizations/analytics/cost?starting_at=2026-11-01T00:00:00Z"),
            ("analytics_usage", "/v1/organizations/analytics/usage?starting_at=2026-11-01T00:00:00Z"),
            ("api_keys", "/v1/organizations/api_keys"),
            ("claude_code", "/v1/organizations/usage_report/claude_code?starting_at=2026-11-01"),
            ("cost_report", "/v1/organizations/cost_report?starting_at=2026-11-01T00:00:00Z"),
            ("error", "/v1/organizations/me"),
            ("me", "/v1/organizations/me"),
            ("usage_messages", "/v1/organizations/usage_report/messages?starting_at=2026-11-01T00:00:00Z"),
            ("users", "/v1/organizations/users"),
            ("workspaces", "/v1/organizations/workspaces"),
        ],
    ),
    (
        "openrouter",
        &[
            ("activity", "/api/v1/activity"),
            ("analytics_meta", "/api/v1/analytics/meta"),
            ("analytics_query", "/api/v1/analytics/query"),
            ("credits", "/api/v1/credits"),
            ("error", "/api/v1/activity"),
            ("generation", "/api/v1/generation?id=1"),
            ("key", "/api/v1/key"),
            ("keys", "/api/v1/keys"),
            ("models", "/api/v1/models"),
        ],
    ),
    (
        "litellm",
        &[
            ("spend_logs_v2", "/spend/logs/v2?start_date=2026-11-01&end_date=2026-11-24"),
            ("user_daily_activity", "/user/daily/activity?start_date=2026-11-01&end_date=2026-11-24"),
        ],
    ),
];

fn hold(provider: &str, headers: &[(&'static str, &str)]) {
    let served = Arc::new(Mutex::new(Answer::silence()));
    let serve = Arc::clone(&served);
    let stub = Stub::answering(move |_| serve.lock().unwrap().clone());
    let between = Between::new(provider, stub.url(""), headers);
    let places = BTreeMap::from(PLACES)[provider];
    let mut held = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/providers/samples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let Some(kind) = name.strip_prefix(provider).and_then(|name| name.strip_prefix('.')) else { continue };
        let kind = kind.split('.').next().unwrap();
        let (kind, status) = match kind.strip_prefix("error_") {
            Some(status) => ("error", status.parse().unwrap()),
            None => (kind, 200),
        };
        let target = places.iter().find_map(|(known, target)| match known.strip_suffix('_') {
            Some(_) => kind.strip_prefix(known).map(|endpoint| target.replace('*', endpoint)),
            None => (*known == kind).then(|| (*target).to_owned()),
        });
        let target = target.unwrap_or_else(|| panic!("{name}: where does it come from?"));
        let sample: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        *served.lock().unwrap() = Answer::json(status, &sample);
        if kind == "analytics_query" {
            assert_eq!(between.post(&target, &json!({ "metrics": ["total_usage"] })).status, status);
        } else {
            assert_eq!(between.get(&target).status, status);
        }
        held += 1;
    }
    assert!(held > 2, "{provider} has samples");
}

#[test]
fn samples_of_openai_are_what_its_file_allows() {
    hold("openai", &[("authorization", "Bearer key")]);
}

#[test]
fn samples_of_anthropic_are_what_its_file_allows() {
    let beta = ("anthropic-beta", stub::providers::anthropic::ANALYTICS_BETA);
    hold("anthropic", &[("x-api-key", "key"), ("anthropic-version", "2023-06-01"), beta]);
}

#[test]
fn samples_of_openrouter_are_what_its_file_allows() {
    hold("openrouter", &[("authorization", "Bearer key")]);
}

#[test]
fn samples_of_litellm_are_what_its_file_allows() {
    hold("litellm", &[("authorization", "Bearer key")]);
}
