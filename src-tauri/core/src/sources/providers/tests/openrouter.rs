//! OpenRouter.

use super::*;

#[test]
fn analytics_tell_charges_whatever_their_time_is_called_and_whether_counts_are_texts() {
    // The sample is by the day; hours have the same form.
    let by_hour = sample("openrouter.analytics_query.by_key_day").replace("__day", "__hour");
    let stub = Stub::answering(move |_| Answer::ok(by_hour.clone()));
    let asked_for = span("2026-11-20T00:00:00Z", "2026-11-24T00:00:00Z");
    let (told, _) = access("openrouter", &stub).read(feed("openrouter", "analytics"), asked_for, at(NOW));
    let told = told.unwrap();
    let lines: Vec<_> = told
        .charges
        .iter()
        .map(|charge| (charge.who.key.as_deref(), charge.who.model.as_deref(), charge.amount))
        .collect();
    let expected = [
        (Some("batch-pipeline"), Some("google/gemini-3-flash-preview"), usd("6.067")),
        (Some("chat-prod"), Some("anthropic/claude-sonnet-5"), usd("1.2")),
    ];
    assert_eq!(lines, expected);
    let request = &stub.asked()[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/analytics/query"));
    let question: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(question["time_range"]["start"], "2026-11-20T00:00:00Z", "with seconds");
    assert_eq!(question["dimensions"].as_array().unwrap().len(), 2, "a third one is refused");
}

#[test]
fn an_answer_that_was_cut_off_is_asked_for_in_halves_until_it_is_whole() {
    let stub = Stub::answering(|request| {
        let question: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let moment = |end: &str| question["time_range"][end].as_str().unwrap().parse::<Timestamp>().unwrap();
        let (start, end) = (moment("start"), moment("end"));
        let hours = end.duration_since(start).as_hours();
        let rows: Vec<String> = (0..hours.min(3))
            .map(|hour| {
                format!(
                    r#"{{"date__hour":"{}","model":"m","total_usage":1}}"#,
                    start + HOUR * i32::try_from(hour).unwrap()
                )
            })
            .collect();
        let truncated = hours > 3;
        Answer::ok(format!(r#"{{"data":{{"data":[{}],"metadata":{{"truncated":{truncated}}}}}}}"#, rows.join(",")))
    });
    let asked_for = span("2026-11-20T00:00:00Z", "2026-11-21T01:00:00Z");
    let (told, asked) = access("openrouter", &stub).read(feed("openrouter", "analytics"), asked_for, at(NOW));
    let hours: Vec<Timestamp> = told.unwrap().charges.iter().map(|charge| charge.span.start).collect();
    let expected: Vec<Timestamp> = (0..25).map(|hour| asked_for.start + HOUR * hour).collect();
    assert_eq!(hours, expected, "every hour once");
    assert!(asked.requests < 32, "{}", asked.requests);
}

#[test]
fn activity_tells_a_day_by_model_and_endpoint() {
    let days = sample("openrouter.activity");
    let stub = Stub::answering(move |request| {
        let mut page: serde_json::Value = serde_json::from_str(&days).unwrap();
        let date = request.parameter("date").unwrap().to_owned();
        page["data"].as_array_mut().unwrap().retain(|row| row["date"] == date.as_str());
        Answer::ok(page.to_string())
    });
    let asked_for = span("2026-11-22T00:00:00Z", "2026-11-24T00:00:00Z");
    let (told, asked) = access("openrouter", &stub).read(feed("openrouter", "activity"), asked_for, at(NOW));
    let told = told.unwrap();
    assert_eq!(asked.requests, 2, "one a day");
    let amounts: Vec<_> = told.charges.iter().map(|charge| (charge.span, charge.amount)).collect();
    let (first, second) = (day("2026-11-22"), day("2026-11-23"));
    assert_eq!(amounts, [(first, usd("0.015")), (first, usd("1.2874")), (second, usd("0.4021"))]);
    let gpt = &told.uses[0];
    assert_eq!(
        (gpt.tokens.input, gpt.tokens.output, gpt.tokens.reasoning),
        (50, 125, 25),
        "reasoning is in the output"
    );
    assert_eq!(gpt.requests, Some(5));
    assert_eq!(
        (told.uses[1].who.variant.as_deref(), told.uses[2].who.variant.as_deref()),
        (Some("Anthropic"), Some("Google Vertex"))
    );
}

#[test]
fn credits_that_are_left_are_the_difference() {
    let (told, _) = told_of("openrouter", "credits", &["openrouter.credits"]);
    assert_eq!(told.balance, Some(usd("74.75")), "100.50 bought, 25.75 used");
}

#[test]
fn keys_are_followed_until_a_page_is_empty() {
    let page = sample("openrouter.keys");
    let stub = Stub::answering(move |request| match request.parameter("offset") {
        None => Answer::ok(page.clone()),
        Some("2") => Answer::ok(r#"{"data": []}"#),
        other => panic!("{other:?}"),
    });
    let (told, _) = access("openrouter", &stub).read(feed("openrouter", "keys"), day("2026-11-24"), at(NOW));
    let names: Vec<String> = told.unwrap().names.into_iter().map(|name| name.name).collect();
    assert_eq!(names, ["chat-prod", "no-limit"]);
    let whose = organisation("openrouter", &["openrouter.key"]);
    assert_eq!(whose.id.as_deref(), Some("user_2dHFtVWx2n56w6HkM0000000000"));
}
