//! A LiteLLM proxy.

use super::*;

const KEY: &str = "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b";

#[test]
fn activity_is_followed_to_the_last_page_and_counted_once_though_it_is_told_by_model_and_by_key() {
    let pages = ["litellm.user_daily_activity.page1", "litellm.user_daily_activity.page2"];
    let (told, asked) = told_of("litellm", "activity", &pages);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].parameter("page"), Some("2"));
    assert_eq!(
        (asked[0].parameter("start_date"), asked[0].parameter("end_date")),
        (Some("2026-11-20"), Some("2026-11-24"))
    );
    let charges: Vec<_> = told.charges.iter().map(|charge| (charge.span, charge.amount)).collect();
    assert_eq!(charges, [(day("2026-11-23"), usd("1.25")), (day("2026-11-22"), usd("0.5"))], "1.75, as its totals say");
    let used = &told.uses[0];
    assert_eq!((used.tokens.input, used.tokens.output, used.requests), (21_000, 3_000, Some(12)));
    assert_eq!((used.who.key.as_deref(), used.who.project.as_deref()), (Some(KEY), Some("team-1")));
    assert_eq!(told.names, [name(Kind::Key, KEY, "chat-prod")]);
}

#[test]
fn the_log_of_calls_is_summed_by_the_hour() {
    let (told, asked) =
        told_in("litellm", "logs", &["litellm.spend_logs_v2"], span("2026-11-23T08:00:00Z", "2026-11-23T14:00:00Z"));
    assert_eq!(asked[0].parameter("start_date"), Some("2026-11-23 08:00:00"));
    assert_eq!(asked[0].parameter("end_date"), Some("2026-11-23 13:59:59"));
    let [charge] = &told.charges[..] else { panic!("{:?}", told.charges) };
    assert_eq!((charge.span, charge.amount), (span("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z"), usd("0.00042")));
    assert_eq!(charge.who.model.as_deref(), Some("gpt-5.5-mini"));
    assert_eq!(told.uses[0].tokens.total(), 812);
}

#[test]
fn a_call_that_comes_on_two_pages_is_counted_once() {
    let call =
        |id: &str| format!(r#"{{"request_id":"{id}","spend":1,"startTime":"2026-11-23T10:00:00Z","model":"m"}}"#);
    let stub = Stub::answering(move |request| {
        let (page, calls) = match request.parameter("page") {
            Some("1") => (1, [call("a"), call("b")]),
            _ => (2, [call("b"), call("c")]),
        };
        Answer::ok(format!(r#"{{"data":[{}],"page":{page},"total_pages":2}}"#, calls.join(",")))
    });
    let (told, _) = access("litellm", &stub).read(feed("litellm", "logs"), day("2026-11-23"), at(NOW));
    assert_eq!(told.unwrap().charges.iter().map(|charge| charge.amount).sum::<Usd>(), usd("3"));
}

#[test]
fn a_proxy_is_an_organisation_of_its_own() {
    let stub = serving(&["litellm.user_daily_activity.page2"]);
    let access = access("litellm", &stub);
    let whose = access.organisation(at(NOW)).0.unwrap();
    assert_eq!(whose.id.as_deref(), Some(access.base.as_str()));
    assert_eq!(stub.asked().len(), 1, "whether it takes the key");
}
