//! What is said when a provider does not tell: every error that there is a sample of, and answers that are none.

use super::*;
use crate::http::HttpError;

fn refused(provider: &str, id: &str, answer: Answer) -> FetchError {
    let stub = Stub::answering(move |_| answer.clone());
    access(provider, &stub).read(feed(provider, id), day("2026-11-23"), at(NOW)).0.unwrap_err()
}

fn status(line: &str, sample_name: &str) -> Answer {
    Answer::status(line, &[], sample(sample_name))
}

#[test]
fn a_key_that_the_provider_does_not_know_is_refused_with_the_key_that_it_takes() {
    for (provider, id, error) in [
        ("openai", "costs", "openai.error_401"),
        ("anthropic", "messages", "anthropic.error_401"),
        ("openrouter", "credits", "openrouter.error_401"),
    ] {
        let error = refused(provider, id, status("401 Unauthorized", error));
        assert!(matches!(error, FetchError::Refused { .. }), "{error:?}");
        assert!(error.to_string().contains(named(provider).unwrap().key.least), "{error}");
    }
}

#[test]
fn a_key_that_lacks_a_permission_is_told_which() {
    // OpenAI has answered 401 to this, too.
    for line in ["403 Forbidden", "401 Unauthorized"] {
        let error = refused("openai", "costs", status(line, "openai.error_403"));
        assert_eq!(
            error.to_string(),
            "OpenAI refused this key for costs: it lacks the scope api.usage.read. Give it that, or enter a key that has it"
        );
    }
    let error = refused("anthropic", "cost_report", status("403 Forbidden", "anthropic.error_403"));
    assert!(matches!(&error, FetchError::Forbidden { lacks, .. } if lacks.contains("Admin key")), "{error}");
    let error = refused("openrouter", "analytics", status("403 Forbidden", "openrouter.error_403"));
    assert!(matches!(&error, FetchError::Forbidden { lacks, .. } if lacks.contains("management key")), "{error}");
}

#[test]
fn a_provider_that_wants_to_be_left_alone_says_for_how_long() {
    let with = Answer::status("429 Too Many Requests", &["Retry-After: 90"], sample("anthropic.error_429"));
    assert!(refused("anthropic", "messages", with).to_string().contains("in 90 s"));
    let without = refused("openai", "costs", status("429 Too Many Requests", "openai.error_429"));
    assert!(matches!(without, FetchError::Busy { retry_after: None, .. }));
    for overloaded in ["500 Internal Server Error", "503 Service Unavailable", "529 Overloaded"] {
        let error = refused("anthropic", "messages", Answer::status(overloaded, &[], ""));
        assert!(matches!(error, FetchError::Failing { .. }), "{error}");
    }
}

#[test]
fn a_question_that_is_not_understood_is_told_in_the_providers_words() {
    let error = refused("openai", "costs", status("400 Bad Request", "openai.error_400"));
    assert!(error.to_string().contains("status 400: Invalid value for query parameter."), "{error}");
    let error = refused("anthropic", "messages", status("400 Bad Request", "anthropic.error_400"));
    assert!(error.to_string().contains("starting_at: Field required"), "{error}");
}

#[test]
fn no_words_of_a_provider_bring_a_key_along() {
    for said in ["bad key not-a-real-key!", "bad key sk-abcdef123!", "bad key \u{1b}[31mnot-a-real-key"] {
        let body = serde_json::json!({ "error": { "message": said } }).to_string();
        let error = refused("openai", "costs", Answer::status("400 Bad Request", &[], body));
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains("not-a-real-key") && !text.contains("sk-abc") && !text.contains('\u{1b}'), "{text}");
        }
    }
}

#[test]
fn half_an_answer_is_none() {
    let whole = sample("openai.costs.page2");
    for end in [0, 1, 20, whole.len() / 2, whole.trim_end().len() - 1] {
        let error = refused("openai", "costs", Answer::ok(&whole[..end]));
        assert!(matches!(error, FetchError::Malformed { .. }), "{end}: {error}");
    }
    let error = refused("openai", "costs", Answer::ok("<html>Sign in</html>"));
    assert!(error.to_string().contains("no whole JSON, line 1 column 1"), "{error}");
}

#[test]
fn absurd_figures_are_not_taken_in() {
    let costs = |value: &str| {
        format!(
            r#"{{"data":[{{"start_time":1795132800,"end_time":1795219200,"results":[{{"amount":{{"value":{value},"currency":"usd"}}}}]}}],"has_more":false}}"#
        )
    };
    for absurd in ["1e300", "\"many\"", "-1e12"] {
        let error = refused("openai", "costs", Answer::ok(costs(absurd)));
        assert!(matches!(error, FetchError::Malformed { .. }), "{absurd}: {error}");
    }
    let euros = costs("1").replace("usd", "eur");
    assert!(refused("openai", "costs", Answer::ok(euros)).to_string().contains("only dollars"));
    let backwards = costs("1").replace("1795219200", "1795132800");
    assert!(refused("openai", "costs", Answer::ok(backwards)).to_string().contains("ends before it begins"));
    let more_cached_than_all = r#"{"data":[{"start_time":1795132800,"end_time":1795219200,"results":[{"input_tokens":5,"input_cached_tokens":6,"output_tokens":1,"num_model_requests":1}]}],"has_more":false}"#;
    assert!(refused("openai", "completions", Answer::ok(more_cached_than_all)).to_string().contains("cached tokens"));
}

#[test]
fn what_is_unknown_is_let_through() {
    let page = r#"{"object":"page","novelty":{"a":[1]},"data":[{"start_time":1795132800,"end_time":1795219200,"novelty":1,
        "results":[{"input_tokens":5,"output_tokens":1,"num_model_requests":1,"novelty":null,"service_tier":"warp","model":"gpt-9"}]}],
        "has_more":false,"next_page":null}"#;
    let stub = Stub::answering(move |_| Answer::ok(page));
    let (told, _) = access("openai", &stub).read(feed("openai", "completions"), day("2026-11-20"), at(NOW));
    let told = told.unwrap();
    assert_eq!(told.uses[0].who.tier.as_deref(), Some("warp"), "kept as it is called");
    assert_eq!(told.uses[0].who.tier().as_str(), "warp");
}

#[test]
fn pages_that_go_in_a_circle_or_nowhere_are_not_followed() {
    let page = |next: &str| format!(r#"{{"data":[],"has_more":true,"next_page":{next}}}"#);
    let error = refused("openai", "costs", Answer::ok(page("\"the same\"")));
    assert!(matches!(error, FetchError::Endless { .. }), "{error}");
    let error = refused("openai", "costs", Answer::ok(page("null")));
    assert!(error.to_string().contains("no way to it"), "{error}");
    let count = AtomicUsize::new(0);
    let stub = Stub::answering(move |_| Answer::ok(page(&format!("\"{}\"", count.fetch_add(1, Ordering::Relaxed)))));
    let (told, asked) = access("openai", &stub).read(feed("openai", "costs"), day("2026-11-23"), at(NOW));
    assert!(matches!(told, Err(FetchError::Endless { .. })));
    assert_eq!(asked.requests, 1_000, "always a new one, and never the last");
}

#[test]
fn a_key_goes_to_the_provider_and_to_nobody_else() {
    let elsewhere = Stub::serve([("/", Answer::ok("{}"))]);
    let error = refused("openai", "costs", Answer::redirect(&elsewhere.url_at("localhost", "/")));
    assert!(matches!(error, FetchError::Http(HttpError::Redirected { .. })), "{error}");
    assert!(elsewhere.asked().is_empty());
    let mut access = access("openai", &elsewhere);
    access.base = "https://api.openai.com.example".to_owned();
    let error = access.read(feed("openai", "costs"), day("2026-11-23"), at(NOW)).0.unwrap_err();
    assert!(matches!(error, FetchError::Http(HttpError::HostNotAllowed { .. })), "{error}");
}
