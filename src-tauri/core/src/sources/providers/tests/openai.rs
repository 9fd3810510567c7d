//! OpenAI.

use super::*;

const PAGES: [&str; 2] = ["openai.usage_completions.page1", "openai.usage_completions.page2"];

fn used<'t>(told: &'t Told, model: &str) -> Vec<&'t Use> {
    told.uses.iter().filter(|used| used.who.model.as_deref() == Some(model)).collect()
}

#[test]
fn usage_is_followed_to_its_last_page_and_taken_apart_into_disjoint_kinds() {
    let (told, asked) = told_of("openai", "completions", &PAGES);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].parameter("page"), Some("page_AAAAAGkf9rAAAAAAaSC5gA"));
    let without_page =
        |request: &stub::Request| request.query.iter().filter(|(name, _)| name != "page").cloned().collect::<Vec<_>>();
    assert_eq!(without_page(&asked[0]), without_page(&asked[1]), "a cursor holds for the same question only");

    let astra = used(&told, "gpt-6-astra-2026-09-15");
    // 1,177,764 input tokens are 812,544 read + 64,000 written + 301,220 neither.
    let first = Tokens {
        input: 301_220,
        cache_read: 812_544,
        cache_write_short: 64_000,
        cache_write_long: 0,
        output: 98_310,
        reasoning: 0,
    };
    assert_eq!((astra[0].tokens, astra[0].requests), (first, Some(1_204)));
    assert_eq!(astra[0].tokens.prompt(), 1_177_764);
    assert_eq!(astra[0].cache_writes, CacheWrites::Told);
    assert_eq!(astra[0].span, day("2026-11-20"));
    let who = Who {
        model: Some("gpt-6-astra-2026-09-15".into()),
        key: Some("key_9fQ2aPjT7mXc1LwZ".into()),
        project: Some("proj_ChatApp01".into()),
        tier: Some("default".into()),
        ..Who::default()
    };
    assert_eq!(astra[0].who, who);
    assert_eq!(astra[1].who.tier.as_deref(), Some("priority"));
    assert_eq!(astra[1].tokens.prompt(), 1_491_809, "1,024,000 + 12,800 + 455,009");
    assert_eq!((astra[2].span, astra[2].tokens.input, astra[2].tokens.output), (day("2026-11-23"), 1_337, 412));
    let batch = used(&told, "gpt-5.5-mini")[1];
    assert_eq!((batch.who.tier.as_deref(), batch.tokens.input), (Some("batch"), 5_410_000));
    assert_eq!(told.uses.len(), 6);
}

#[test]
fn audio_is_a_part_of_the_input_and_not_added_to_it() {
    let (told, _) = told_of("openai", "completions", &PAGES);
    let realtime = used(&told, "gpt-realtime-2")[0];
    // 6,400 of text and 12,000 of audio in, 1,450 and 7,800 out.
    assert_eq!((realtime.tokens.input, realtime.tokens.output), (18_400, 9_250));
    assert_eq!(realtime.who.key, None, "it came without a key");
}

#[test]
fn an_answer_of_the_old_form_is_understood() {
    let (told, asked) =
        told_of("openai", "completions", &["openai.usage_completions.docs_minimal", "openai.usage_completions.page2"]);
    assert_eq!(asked.len(), 2, "it says that there is more");
    let old = &told.uses[0];
    // 1,000 in all, of which 800 came from a cache; of writes nothing is said.
    assert_eq!((old.tokens.input, old.tokens.cache_read, old.tokens.output), (200, 800, 500));
    assert_eq!((old.cache_writes, old.requests), (CacheWrites::Untold, Some(5)));
    let (hours, _) = told_of("openai", "completions", &["openai.usage_completions.ungrouped_1h"]);
    assert_eq!(hours.uses.len(), 1, "an empty hour is nothing");
    assert_eq!(hours.uses[0].span, span("2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z"));
    assert_eq!((hours.uses[0].tokens.input, hours.uses[0].tokens.cache_read), (5_000, 5_000));
}

#[test]
fn costs_are_what_each_line_item_says() {
    let (told, asked) = told_of("openai", "costs", &["openai.costs.page1", "openai.costs.page2"]);
    assert_eq!(asked[1].parameter("page"), Some("page_AAAAAGkfAAAA"));
    let lines: Vec<_> = told
        .charges
        .iter()
        .map(|charge| (charge.span, charge.who.model.as_deref(), charge.item.as_str(), charge.amount))
        .collect();
    let astra = Some("gpt-6-astra");
    let expected = [
        (day("2026-11-20"), astra, "gpt-6-astra, input_tokens", usd("1.5061")),
        (day("2026-11-20"), astra, "gpt-6-astra, cached_input_tokens", usd("0.406272")),
        (day("2026-11-20"), astra, "gpt-6-astra, output_tokens", usd("2.9493")),
        (day("2026-11-20"), None, "web search tool calls", usd("0.1")),
        (day("2026-11-21"), astra, "gpt-6-astra, output_tokens", usd("5.1234")),
        (day("2026-11-23"), Some("text-embedding-3-large"), "text-embedding-3-large, input_tokens", usd("0.00042")),
    ];
    assert_eq!(lines, expected);
    // 1.5061 + 0.406272 + 2.9493 + 0.1 + 5.1234 + 0.00042
    assert_eq!(told.charges.iter().map(|charge| charge.amount).sum::<Usd>(), usd("10.085492"));
    assert_eq!(told.charges[5].who.project.as_deref(), Some("proj_Batch02"));
}

#[test]
fn an_amount_that_comes_as_a_text_is_an_amount() {
    let (told, _) = told_of("openai", "costs", &["openai.costs.string_amount_observed"]);
    let amounts: Vec<Usd> = told.charges.iter().map(|charge| charge.amount).collect();
    assert_eq!(amounts, [usd("12.5"), usd("0.000185")]);
    assert_eq!(told.charges[0].who.model, None, "`Text tokens` is no model");
    let (ungrouped, _) = told_of("openai", "costs", &["openai.costs.ungrouped"]);
    assert_eq!((ungrouped.charges[0].amount, ungrouped.charges[0].item.as_str()), (usd("0.06"), ""));
}

#[test]
fn what_is_not_counted_in_tokens_keeps_its_unit() {
    for (id, sample, quantity, unit, requests) in [
        ("images", "openai.usage_images", 6, Some("images image.generation 1024x1024"), Some(5)),
        ("audio_speeches", "openai.usage_audio_speeches", 4_521, Some("characters"), Some(9)),
        ("audio_transcriptions", "openai.usage_audio_transcriptions", 1_290, Some("seconds"), Some(4)),
        ("vector_stores", "openai.usage_vector_stores", 734_003_200, Some("bytes"), None),
        ("code_interpreter_sessions", "openai.usage_code_interpreter_sessions", 7, Some("sessions"), None),
        ("file_search_calls", "openai.usage_file_search_calls", 61, Some("searches of vs_68a1"), Some(61)),
        ("web_search_calls", "openai.usage_web_search_calls", 55, Some("searches, context medium"), Some(40)),
        ("embeddings", "openai.usage_embeddings", 0, None, Some(310)),
        ("moderations", "openai.usage_moderations", 0, None, Some(2)),
    ] {
        let (told, _) = told_of("openai", id, &[sample]);
        let [used] = &told.uses[..] else { panic!("{id}: {:?}", told.uses) };
        assert_eq!((used.quantity, used.who.variant.as_deref(), used.requests), (quantity, unit, requests), "{id}");
        assert_eq!(used.who.project.as_deref(), Some("proj_ChatApp01"), "{id}");
        let tokens = match id {
            "embeddings" => 188_220,
            "moderations" => 16,
            _ => 0,
        };
        assert_eq!(used.tokens.total(), tokens, "{id}");
    }
}

#[test]
fn names_of_projects_people_and_keys_are_read_and_the_oldest_project_is_the_organisation() {
    let keys = "openai.project_api_keys";
    let (told, asked) = told_of("openai", "names", &["openai.projects", "openai.users", keys, keys]);
    let paths: Vec<&str> = asked.iter().map(|request| request.path.as_str()).collect();
    let expected = [
        "/organization/projects",
        "/organization/users",
        "/organization/projects/proj_ChatApp01/api_keys",
        "/organization/projects/proj_Batch02/api_keys",
    ];
    assert_eq!(paths, expected);
    for expected in [
        name(Kind::Project, "proj_ChatApp01", "Chat app"),
        name(Kind::Project, "proj_Batch02", "Nightly batch"),
        name(Kind::User, "user-8sKdT1vQpLr4", "Alice"),
        name(Kind::Key, "key_9fQ2aPjT7mXc1LwZ", "chat-backend"),
        name(Kind::Key, "key_7cV1", "alice laptop"),
    ] {
        assert!(told.names.contains(&expected), "{expected:?}");
    }
    assert_eq!(organisation("openai", &["openai.projects"]).id.as_deref(), Some("proj_ChatApp01"));
}

#[test]
fn what_is_asked_reads_names_the_key_and_stays_within_the_limits_of_the_endpoint() {
    let (_, asked) = told_of("openai", "completions", &["openai.usage_completions.page2"]);
    let request = &asked[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/organization/usage/completions"));
    assert_eq!(request.header("authorization"), Some("Bearer not-a-real-key"));
    assert_eq!(request.parameter("start_time"), Some("1795132800"));
    assert_eq!(request.parameter("end_time"), Some("1795564800"));
    assert_eq!((request.parameter("bucket_width"), request.parameter("limit")), (Some("1h"), Some("168")));
    let by = ["project_id", "user_id", "api_key_id", "model", "batch", "service_tier"];
    assert_eq!(request.parameters("group_by[]").collect::<Vec<_>>(), by);
}
