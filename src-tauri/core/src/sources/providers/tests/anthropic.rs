//! Anthropic, both generations.

use super::*;

const OPUS_KEY: &str = "apikey_01Rj2N8SVvo6BePZj99NhmiT";

#[test]
fn analytics_are_followed_to_the_last_page_with_the_beta_they_need() {
    let pages = ["anthropic.analytics_usage.page1", "anthropic.analytics_usage.page2"];
    let (told, asked) = told_of("anthropic", "analytics_usage", &pages);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].parameter("page"), Some("page_eyJvIjoyfQ"));
    for request in &asked {
        assert_eq!(request.header("anthropic-beta"), Some("analytics-usage-cost-2026-08-24"));
        assert_eq!(request.header("anthropic-version"), Some("2023-06-01"));
        assert_eq!(request.header("x-api-key"), Some("not-a-real-key"));
        assert_eq!((request.parameter("order_by"), request.parameter("order")), (Some("time"), Some("asc")));
        assert!(request.parameters("group_by[]").count() <= 5, "more are refused");
    }
    assert_eq!(told.counted_until, Some(at("2026-11-23T16:05:00Z")));
    let opus = &told.uses[0];
    // 245,100 in all: 12,000 + 4,000 written + 220,000 read + 9,100 out.
    assert_eq!(opus.tokens.total(), 245_100);
    assert_eq!((opus.tokens.input, opus.tokens.cache_write_short, opus.tokens.cache_read), (12_000, 4_000, 220_000));
    assert_eq!((opus.requests, opus.web_searches), (Some(61), 2));
    assert_eq!(opus.span, span("2026-11-23T14:00:00Z", "2026-11-23T15:00:00Z"));
    assert_eq!(opus.who.key.as_deref(), Some(OPUS_KEY));
    assert_eq!(told.uses[2].who.key, None, "without a key");
    assert_eq!(told.uses[2].tokens.total(), 780);
}

#[test]
fn costs_are_in_cents_and_what_is_paid_counts_not_the_list() {
    // The sample says that there is more; what follows is of another grouping, which is all the same here.
    let pages = ["anthropic.analytics_cost.page1", "anthropic.analytics_cost.fanout_token_type"];
    let (told, _) = told_of("anthropic", "analytics_cost", &pages);
    let amounts: Vec<Usd> = told.charges.iter().map(|charge| charge.amount).collect();
    // 49.75 ¢, 11.484 ¢ (12.76 ¢ by the list), then $227.50 and $3.10.
    assert_eq!(amounts, [usd("0.4975"), usd("0.11484"), usd("227.5"), usd("3.1")]);
    assert_eq!(told.charges[1].who.model.as_deref(), Some("claude-sonnet-5"));
    assert_eq!(told.charges[3].who.model, None, "a web search is of no model");
}

#[test]
fn the_older_usage_report_has_disjoint_kinds_and_every_page() {
    let pages = ["anthropic.usage_messages.page1", "anthropic.usage_messages.page2"];
    let (told, asked) = told_of("anthropic", "messages", &pages);
    assert_eq!(asked[1].parameter("page"), Some("page_MjAyNi0xMS0yMlQwMDowMDowMFo="));
    assert!(asked[0].header("anthropic-beta").is_none());
    let opus = &told.uses[0];
    let expected = Tokens {
        input: 152_000,
        cache_read: 2_400_000,
        cache_write_short: 48_000,
        cache_write_long: 10_000,
        output: 61_200,
        reasoning: 0,
    };
    assert_eq!((opus.tokens, opus.requests, opus.web_searches), (expected, None, 3));
    assert_eq!((opus.who.region.as_deref(), opus.who.variant.as_deref()), (None, Some("0-200k")));
    assert_eq!(told.uses[1].who.tier.as_deref(), Some("batch"));
    assert_eq!(told.uses[1].who.region, None, "not available is not known");
    assert_eq!(told.uses[2].who.region.as_deref(), Some("us"));
    assert_eq!(told.uses[3].who.tier.as_deref(), Some("priority"));
    assert_eq!(told.uses.len(), 4);
}

#[test]
fn an_item_of_2025_is_understood() {
    let (told, _) = told_of("anthropic", "messages", &["anthropic.usage_messages.ungrouped_1h_2025shape"]);
    let [used] = &told.uses[..] else { panic!("{:?}", told.uses) };
    // 1,500 + 500 + 1,000 + 200 + 500
    assert_eq!((used.tokens.total(), used.web_searches), (3_700, 10));
    assert_eq!(used.who, Who::default());
    assert_eq!(used.span, span("2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z"));
}

#[test]
fn the_older_cost_report_is_in_cents_with_decimals() {
    let pages = ["anthropic.cost_report.page1", "anthropic.cost_report.page2"];
    let (told, asked) = told_of("anthropic", "cost_report", &pages);
    assert_eq!(asked[1].parameter("page"), Some("page_MjAyNi0xMS0yMlQwMDowMDowMFo="));
    assert_eq!(asked[0].parameters("group_by[]").collect::<Vec<_>>(), ["workspace_id", "description"]);
    let lines: Vec<_> =
        told.charges.iter().map(|charge| (charge.item.as_str(), charge.who.model.as_deref(), charge.amount)).collect();
    let opus = Some("claude-opus-5-5");
    let expected = [
        ("Claude Opus 5.5 Usage - Input Tokens", opus, usd("0.76")),
        ("Claude Opus 5.5 Usage - Output Tokens", opus, usd("1.53")),
        ("Claude Opus 5.5 Usage - Cache Read", opus, usd("1.2")),
        ("Web Search Usage", None, usd("0.03")),
        ("Code Execution Usage", None, usd("0.003125")),
        ("Claude Sonnet 5 Usage - Input Tokens (Batch)", Some("claude-sonnet-5"), usd("1.2378912")),
    ];
    assert_eq!(lines, expected);
    assert_eq!(told.charges[5].who.tier.as_deref(), Some("batch"));
    assert_eq!(told.charges[5].span, day("2026-11-22"));
    let (ungrouped, _) = told_of("anthropic", "cost_report", &["anthropic.cost_report.ungrouped"]);
    assert_eq!(ungrouped.charges[0].amount, usd("352.3142"));
}

#[test]
fn claude_code_is_told_by_person_in_numbers_of_cents() {
    let (told, asked) = told_in("anthropic", "claude_code", &["anthropic.claude_code"], day("2026-11-20"));
    assert_eq!(asked[0].parameter("starting_at"), Some("2026-11-20"));
    let [used] = &told.uses[..] else { panic!("{:?}", told.uses) };
    // 45,230 + 8,790 + 2,340 + 12,450
    assert_eq!((used.tokens.total(), used.who.user.as_deref()), (68_810, Some("alice@example.com")));
    assert_eq!(told.charges[0].amount, usd("1.86"));
    assert_eq!(feed("anthropic", "claude_code").tells, Tells::Details, "all of it is in the other reports, too");
}

#[test]
fn names_are_followed_to_the_last_page_in_both_versions() {
    let samples = [
        "anthropic.workspaces",
        "anthropic.api_keys.v2023-06-01.page1",
        "anthropic.api_keys.v2026-10-21.page2",
        "anthropic.users",
    ];
    let (told, asked) = told_of("anthropic", "names", &samples);
    assert_eq!(asked[2].parameter("after_id"), Some(OPUS_KEY));
    for expected in [
        name(Kind::Key, OPUS_KEY, "prod-backend"),
        name(Kind::Key, "apikey_01Xq7Lk2Wb9TfHcYp3VdSmEa", "batch"),
        name(Kind::User, "user_01WCz1FkmYMm4gnmykNKUu3Q", "Alice"),
    ] {
        assert!(told.names.contains(&expected), "{expected:?}");
    }
    assert!(told.names.iter().any(|name| name.kind == Kind::Project));
    let known = organisation("anthropic", &["anthropic.me"]);
    assert_eq!(known.id.as_deref(), Some("12345678-1234-5678-1234-567812345678"));
    assert_eq!(known.name.as_deref(), Some("Acme Robotics"));
}
