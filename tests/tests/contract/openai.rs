//! OpenAI.

use std::collections::BTreeMap;

use serde_json::Value;
use stub::providers::openai::{
    Cost, Key, Kind, NAMES, Organisation, Owner, Project, Tokens, USAGE, Usage, User, broken, missing_scope,
    rate_limited,
};
use stub::providers::{Peer, faults};

use crate::between::{Between, next_names, next_page};
use crate::{NOW, at, days_back};

/// 2026-10-10 and 2026-11-24, midnight.
const START: i64 = 1_791_590_400;

const KINDS: [(&str, &[&str]); 10] = [
    ("completions", &["project_id", "user_id", "api_key_id", "model", "batch", "service_tier", "api_source"]),
    ("embeddings", MODELS),
    ("moderations", MODELS),
    ("images", &["project_id", "user_id", "api_key_id", "model", "size", "source"]),
    ("audio_speeches", MODELS),
    ("audio_transcriptions", MODELS),
    ("vector_stores", &["project_id"]),
    ("code_interpreter_sessions", &["project_id"]),
    ("file_search_calls", &["project_id", "user_id", "api_key_id", "vector_store_id"]),
    ("web_search_calls", &["project_id", "user_id", "api_key_id", "model", "context_level", "api_source"]),
];
const MODELS: &[&str] = &["project_id", "user_id", "api_key_id", "model"];

fn of_every_kind() -> Vec<Kind> {
    let tokens = Tokens {
        uncached_text: 400,
        uncached_audio: 30,
        cached_text: 100,
        written_30m: 500,
        output_text: 50,
        output_audio: 7,
        batch: true,
        tier: Some("default".to_owned()),
        ..Tokens::default()
    };
    vec![
        Kind::Completions(tokens),
        Kind::Completions(Tokens::default()),
        Kind::Embeddings { input: 10 },
        Kind::Moderations { input: 11 },
        Kind::Images { images: 2, size: "1024x1024".to_owned(), source: "image.generation".to_owned() },
        Kind::Speeches { characters: 13 },
        Kind::Transcriptions { seconds: 14 },
        Kind::VectorStores { bytes: 15 },
        Kind::Sessions { sessions: 16 },
        Kind::FileSearches { searches: 17, vector_store: "vs_1".to_owned() },
        Kind::WebSearches { searches: 18, context_level: "medium".to_owned() },
    ]
}

pub(crate) fn organisation() -> Organisation {
    // Every third day, so that there are days without usage.
    let usage = days_back(45).step_by(3).flat_map(|at| {
        of_every_kind().into_iter().map(move |of| Usage {
            at,
            project: Some("proj_1".to_owned()),
            user: None,
            key: Some("key_1".to_owned()),
            model: Some("gpt-6-astra".to_owned()),
            api_source: Some("unlabeled".to_owned()),
            requests: 3,
            of,
        })
    });
    let costs = days_back(45).step_by(2).map(|at| Cost {
        at,
        project: Some("proj_1".to_owned()),
        key: Some("key_1".to_owned()),
        line_item: Some("gpt-6-astra, input_tokens".to_owned()),
        nanos: 1_506_100_000,
        quantity_milli: 3_200,
        quantity_unit: Some("1000_tokens".to_owned()),
        ..Cost::default()
    });
    let user = User {
        id: "user-1".to_owned(),
        name: "Alice".to_owned(),
        email: "alice@example.com".to_owned(),
        added: at(NOW),
    };
    let key = |number: usize| Key {
        id: format!("key_{number}"),
        name: format!("key {number}"),
        created: at(NOW),
        last_used: (number == 1).then(|| at(NOW)),
        owner: if number == 2 { Owner::User("user-1".to_owned()) } else { Owner::default() },
    };
    let project = |number: usize| Project {
        id: format!("proj_{number}"),
        name: format!("project {number}"),
        created: at(NOW),
        archived: (number == 3).then(|| at(NOW)),
        keys: (1..=45).map(key).collect(),
    };
    let scopes =
        [("sk-admin-test", vec![USAGE, NAMES]), ("sk-admin-names", vec![NAMES]), ("sk-admin-usage", vec![USAGE])];
    Organisation {
        keys: BTreeMap::from(scopes.map(|(key, scopes)| (key.to_owned(), scopes))),
        usage: usage.collect(),
        costs: costs.collect(),
        projects: (1..=45).map(project).collect(),
        users: vec![user],
        ..Organisation::default()
    }
}

fn between() -> (Peer<Organisation>, Between) {
    let peer = Peer::start(organisation(), at(NOW));
    let between = Between::new("openai", peer.url(""), &[("authorization", "Bearer sk-admin-test")]);
    (peer, between)
}

#[test]
fn openai_is_asked_and_answers_as_it_says_itself() {
    let (peer, mut between) = between();
    every_page_of_usage(&between);
    every_page_of_costs(&between);
    every_page_of_names(&between);
    peer.change(|organisation| (organisation.few_counts, organisation.amounts_as_text) = (true, true));
    every_page_of_usage(&between);
    let costs = every_page_of_costs(&between);
    assert!(costs.contains(r#""value":"1.5061""#), "{costs}");
    refusals(&peer, &mut between);
}

fn every_page_of_usage(between: &Between) {
    for (kind, groups) in KINDS {
        // The least, and 46 buckets on several pages in both spellings of a list.
        let least = format!("/v1/organization/usage/{kind}?start_time={START}");
        assert_eq!(between.pages(&least, next_page(&least)).len(), 7, "46 days, 7 a page");
        for spelling in ["group_by", "group_by[]", "group_by%5B%5D"] {
            let by: Vec<String> = groups.iter().map(|group| format!("{spelling}={group}")).collect();
            let target = format!("{least}&bucket_width=1d&limit=31&project_ids=proj_1&{}", by.join("&"));
            let pages = between.pages(&target, next_page(&target));
            assert_eq!(pages.len(), 2, "46 days, 31 a page");
            assert!(pages[1]["data"].to_string().contains(r#""project_id":"proj_1""#), "{pages:?}");
        }
    }
    let now = at(NOW).as_second();
    for (width, limit, seconds) in [("1h", 168, 3_600), ("1m", 1_440, 60)] {
        let target = format!(
            "/v1/organization/usage/completions?start_time={}&end_time={now}&bucket_width={width}&limit={limit}\
             &models[]=gpt-6-astra&api_key_ids[]=key_1&batch=true",
            now - seconds * (limit + 5)
        );
        assert_eq!(between.pages(&target, next_page(&target)).len(), 2, "{width}");
    }
}

fn every_page_of_costs(between: &Between) -> String {
    let least = format!("/v1/organization/costs?start_time={START}");
    let mut pages = between.pages(&least, next_page(&least));
    assert_eq!(pages.len(), 7, "46 days, 7 a page");
    for by in ["project_id", "line_item", "api_key_id", "user_id", "api_source"] {
        for spelling in ["group_by", "group_by[]"] {
            let target = format!("{least}&end_time={}&bucket_width=1d&limit=40&{spelling}={by}", at(NOW).as_second());
            pages.extend(between.pages(&target, next_page(&target)));
        }
    }
    Value::Array(pages).to_string()
}

fn every_page_of_names(between: &Between) {
    for (list, pages) in [
        ("projects?limit=20", 3),
        ("projects?limit=100&include_archived=true", 1),
        ("projects/proj_1/api_keys?limit=20", 3),
        ("users?limit=100", 1),
        ("users?emails[]=bob@example.com", 1),
    ] {
        let target = format!("/v1/organization/{list}");
        assert_eq!(between.pages(&target, next_names(&target, "after")).len(), pages, "{list}");
    }
}

fn refusals(peer: &Peer<Organisation>, between: &mut Between) {
    let usage = format!("/v1/organization/usage/completions?start_time={START}");
    let names = "/v1/organization/projects?limit=20";
    for (key, target, status) in [
        ("Bearer sk-admin-nobody", usage.as_str(), 401),
        ("Bearer sk-admin-names", &usage, 403),
        ("Bearer sk-admin-usage", names, 403),
        ("Bearer sk-admin-usage", &usage, 200),
    ] {
        assert_eq!(between.with("authorization", Some(key)).get(target).status, status, "{key} {target}");
    }
    peer.change(|organisation| organisation.status_without_scope = 401);
    assert_eq!(between.get(names).status, 401);
    between.with("authorization", Some("Bearer sk-admin-test"));

    // What depends on other parameters the file cannot say, and Prism lets it through to the stub.
    for wrong in ["limit=32", "bucket_width=1h&limit=169", "end_time=1", "page=page_of_something_else"] {
        assert_eq!(between.get(&format!("{usage}&{wrong}")).status, 400, "{wrong}");
    }
    for (answer, status, retry_after) in [
        (rate_limited(Some(7)), 429, Some("7")),
        (rate_limited(None), 429, None),
        (missing_scope(401, USAGE), 401, None),
        (missing_scope(403, USAGE), 403, None),
    ] {
        peer.fail_next(faults::on("/v1/organization/costs"), answer, 2);
        let refusal = between.get(&format!("/v1/organization/costs?start_time={START}"));
        assert_eq!((refusal.status, refusal.retry_after.as_deref()), (status, retry_after));
    }
    // The file has none of a server that broke.
    peer.fail_next(faults::any, broken(), 2);
    assert_eq!(between.get(names).status, 500);
}
