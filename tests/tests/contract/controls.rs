//! That the check can fail: what must not come through Prism does not.

use stub::providers::anthropic::Organisation;
use stub::providers::{Peer, faults};
use stub::{Answer, providers};

use crate::between::Between;
use crate::{NOW, at};

const REPORT: &str = "/v1/organizations/usage_report/messages?starting_at=2026-11-20T00:00:00Z";

fn between() -> (Peer<Organisation>, Between) {
    let peer = Peer::start(Organisation::default(), at(NOW));
    let headers = [("x-api-key", "sk-ant-admin01-test"), ("anthropic-version", "2023-06-01")];
    let between = Between::new("anthropic", peer.url(""), &headers);
    (peer, between)
}

#[test]
fn a_bad_request_is_refused_and_does_not_reach_the_stub() {
    let (peer, mut between) = between();
    let analytics = REPORT.replace("usage_report/messages", "analytics/usage");
    for bad in [
        "/v1/organizations/usage_report/messages",
        "/v1/organizations/usage_report/messages?starting_at=yesterday",
        &format!("{REPORT}&bucket_width=1w"),
        &format!("{REPORT}&limit=1441"),
        // Without its beta.
        &analytics,
    ] {
        assert_eq!(between.through_prism(bad).status, 422, "{bad}");
    }
    between.with("anthropic-version", None);
    assert_eq!(between.through_prism(REPORT).status, 422, "no version");
    assert!(peer.asked().is_empty());
}

/// What Prism does not do by itself: see `tests/prism/prism.js`.
#[test]
fn a_bad_value_in_a_bracketed_parameter_is_refused() {
    let (peer, between) = between();
    for good in ["group_by[]=model", "group_by%5B%5D=model&group_by[]=api_key_id"] {
        assert_eq!(between.get(&format!("{REPORT}&{good}")).status, 200, "{good}");
    }
    let asked = peer.asked().len();
    for bad in
        ["group_by[]=nonsense", "group_by%5B%5D=nonsense", "group_by[]=model&group_by[]=nonsense", "speeds[]=slow"]
    {
        assert_eq!(between.through_prism(&format!("{REPORT}&{bad}")).status, 422, "{bad}");
    }
    assert_eq!(peer.asked().len(), asked);
}

#[test]
fn a_bad_answer_is_told() {
    let (peer, between) = between();
    let missing = r#"{"data": [], "has_more": false}"#;
    let of_another_type = r#"{"data": [], "has_more": "no", "next_page": null}"#;
    let deep = r#"{"data": [{"starting_at": "2026-11-20T00:00:00Z", "ending_at": "2026-11-21T00:00:00Z",
                    "results": [{"uncached_input_tokens": 1.5}]}], "has_more": false, "next_page": null}"#;
    let error_of_another = r#"{"error": "no"}"#;
    for (status, body) in [(200, missing), (200, of_another_type), (200, deep), (401, error_of_another), (206, missing)]
    {
        let headers = ["Content-Type: application/json"];
        peer.fail_next(faults::any, Answer::status(&format!("{status} "), &headers, body), 1);
        assert_eq!(between.through_prism(REPORT).status, 500, "{body}");
    }
    peer.fail_next(faults::any, providers::anthropic::wrong_key(), 1);
    assert_eq!(between.through_prism(REPORT).status, 401, "a good refusal is none");
}
