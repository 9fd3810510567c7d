//! A `LiteLLM` proxy.

use std::collections::BTreeMap;

use stub::providers::litellm::{Call, Key, Organisation, broken, rate_limited};
use stub::providers::{Peer, faults};

use crate::between::Between;
use crate::{NOW, at, days_back};

const DAYS: &str = "/user/daily/activity?start_date=2026-11-01&end_date=2026-11-24";
const LOGS: &str = "/spend/logs/v2?start_date=2026-11-01&end_date=2026-11-24%2023:59:59";

pub(crate) fn organisation() -> Organisation {
    let key = |number| Key {
        hash: format!("hash_{number}"),
        alias: (number != 1).then(|| format!("key {number}")),
        team: Some("team-1".to_owned()),
        user: Some("user_1".to_owned()),
    };
    let call = |(number, at): (usize, _)| Call {
        id: format!("chatcmpl-{number}"),
        at,
        key: format!("hash_{}", number % 3),
        user: format!("user_{}", number % 2),
        team: (number % 2 == 0).then(|| "team-1".to_owned()),
        model: "gpt-5.5-mini".to_owned(),
        provider: "openai".to_owned(),
        prompt: 700,
        completion: 112,
        cache_read: 100,
        cache_written: 50,
        failed: number % 5 == 0,
        nanos: 420_000,
    };
    let calls = days_back(24).flat_map(|at| [at, at - jiff::SignedDuration::from_hours(1)]);
    Organisation {
        access: BTreeMap::from([
            ("sk-litellm-test".to_owned(), None),
            ("sk-own".to_owned(), Some("user_1".to_owned())),
        ]),
        keys: (0..25).map(key).collect(),
        calls: calls.enumerate().map(call).collect(),
    }
}

#[test]
fn litellm_is_asked_and_answers_as_it_says_itself() {
    let peer = Peer::start(organisation(), at(NOW));
    let mut between = Between::new("litellm", peer.url(""), &[("authorization", "Bearer sk-litellm-test")]);
    every_page(&between, [5, 1, 5, 3]);
    between.with("authorization", Some("Bearer sk-own"));
    every_page(&between, [3, 1, 3, 3]);
    between.with("authorization", Some("Bearer nobody"));
    for target in [DAYS, LOGS, "/key/list"] {
        assert_eq!(between.get(target).status, 401, "{target}");
    }
    between.with("authorization", Some("Bearer sk-litellm-test"));
    assert_eq!(between.get("/spend/logs/v2?start_date=yesterday&end_date=today").status, 400);
    // The file has none of a server that broke or has too much to do.
    for (answer, status) in [(rate_limited(Some(7)), 429), (broken(), 500)] {
        peer.fail_next(faults::any, answer, 2);
        assert_eq!(between.get(DAYS).status, status);
    }
}

/// How many pages there are of rows of days, of the same at once, of calls, of keys.
fn every_page(between: &Between, pages: [u32; 4]) {
    let lists = [
        (format!("{DAYS}&page_size=10"), "/metadata/total_pages"),
        (format!("{DAYS}&page_size=1000&timezone=0&include_current_utc_day=true"), "/metadata/total_pages"),
        (format!("{LOGS}&page_size=10&sort_by=startTime&sort_order=asc"), "/total_pages"),
        ("/key/list?size=10&return_full_object=true".to_owned(), "/total_pages"),
    ];
    for ((target, total), expected) in lists.iter().zip(pages) {
        let page = |number: u32| {
            let target = format!("{target}&page={number}");
            let found = between.get(&target);
            assert_eq!(found.status, 200, "{target}: {}", found.body);
            found.body
        };
        assert_eq!(page(1).pointer(total).and_then(serde_json::Value::as_f64), Some(expected.into()), "{target}");
        for number in 2..=expected {
            page(number);
        }
    }
}
