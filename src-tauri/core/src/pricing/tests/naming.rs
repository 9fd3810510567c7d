//! Which model a name means, and whose price it has.

use std::sync::Arc;

use spendmeter_catalogue::Found;

use super::super::Price;
use super::super::PriceStatus::{Alias, Priced, TierAssumed};
use super::super::servers;
use super::{BOOK, call, input};
use crate::usage::Tier;

fn known(provider: Option<&str>, model: &str) -> Option<(&'static str, &'static str)> {
    BOOK.catalogue().find(provider, model).map(|listing| (listing.provider(), listing.model()))
}

#[test]
fn t09_an_unknown_model_has_no_price_however_similar_its_name() {
    for model in [
        "claude-opus-5-6",
        "claude-opus-5-5-turbo",
        "claude-opus-5-5-2026",
        "claude-opus-5-5-20261301",
        "claude-opus-5-5-preview",
        "claude-haiku-4-5-fast",
        // A version is a part of Bedrock's names alone.
        "claude-opus-5-5-v2",
        "claude-opus-5-5-v1:0",
        "claude-opus-5[2m]",
        "claude",
        "opus",
        "<synthetic>",
        "",
        " ",
    ] {
        call("anthropic", model, input(1_000)).has_no_price();
    }
    for model in
        ["gpt-6.2-sol", "gpt-6.2-astra", "gpt-5.5-turbo", "gpt-5.50", "gpt-5.4-sol", "gpt-6-sol-pro", "gpt-6.1-sol-v2"]
    {
        call("openai", model, input(1_000)).has_no_price();
    }
    call("google", "gemini-2.5-pro-tts-2026", input(1_000)).has_no_price();
}

#[test]
fn t09_a_call_without_a_model_has_no_price() {
    let mut nameless = call("anthropic", "", input(1_000));
    Arc::make_mut(&mut nameless.attribution).model = None;
    assert_eq!(BOOK.price(&nameless).price, Price::UNPRICED);
}

#[test]
fn t09_a_known_provider_does_not_borrow_the_price_of_another() {
    call("openai", "claude-opus-5-5", input(1_000)).has_no_price();
    call("anthropic", "gpt-5.5", input(1_000)).has_no_price();
    call("anthropic", "openai/gpt-5.5", input(1_000)).has_no_price();
    call("groq", "gpt-5.5", input(1_000)).has_no_price();
}

#[test]
fn t09_what_runs_on_the_users_own_hardware_has_no_list_price() {
    // Whoever else serves it, as a gateway of the user's own does.
    assert_eq!(known(Some("my-gateway"), "openai/gpt-oss-20b"), Some(("openai", "gpt-oss-20b")));
    for server in ["ollama", "LMStudio", "llama.cpp", "vllm"] {
        call(server, "openai/gpt-oss-20b", input(1_000)).has_no_price();
        call(server, "codestral", input(1_000)).has_no_price();
    }
}

#[test]
fn t09_what_cannot_be_counted_in_full_has_no_price() {
    // Sonar charges by the request too, and `:free` models list no price.
    call("perplexity", "sonar-pro", input(1_000)).has_no_price();
    assert_eq!(known(Some("openrouter"), "allenai/molmo-7b-d:free"), None);
}

#[test]
fn a_model_is_known_by_its_id_its_listed_names_and_their_dates() {
    for (provider, name, model) in [
        ("anthropic", "claude-opus-5-5", "claude-opus-5-5"),
        ("anthropic", " Claude-Opus-5-5 ", "claude-opus-5-5"),
        ("anthropic", "claude-opus-5-5[1m]", "claude-opus-5-5"),
        ("anthropic", "anthropic/claude-opus-5-5", "claude-opus-5-5"),
        ("anthropic", "claude-opus-5-5-20261001", "claude-opus-5-5"),
        ("anthropic", "claude-opus-5.5", "claude-opus-5-5"),
        ("anthropic", "claude-opus-5-latest", "claude-opus-5"),
        ("anthropic", "claude-opus-5@20260801", "claude-opus-5"),
        ("anthropic", "claude-opus-5-2026-08-01", "claude-opus-5"),
        ("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4-5"),
        ("anthropic", "claude-sonnet-4-20250514", "claude-sonnet-4-0"),
        ("anthropic", "claude-opus-4-20250514", "claude-opus-4-0"),
        ("anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("anthropic", "claude-3-5-haiku-20241022", "claude-3-5-haiku-latest"),
        ("anthropic", "claude-3-7-sonnet-20250219", "claude-3-7-sonnet-latest"),
        ("openai", "gpt-5.5-2026-04-23", "gpt-5.5"),
        ("openai", "gpt-5.5-20260423", "gpt-5.5"),
        ("openai", "gpt-5.6-sol-2026-09-01", "gpt-5.6-sol"),
        ("openai", "openai/gpt-5.5", "gpt-5.5"),
        ("google", "models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("x-ai", "grok-4.7-latest", "grok-4.7"),
        ("zai", "glm-5.3", "GLM-5.3"),
        ("openrouter", "anthropic/claude-opus-5.5", "anthropic/claude-opus-5.5"),
        ("github-copilot", "claude-opus-5.5", "claude-opus-5.5"),
    ] {
        assert_eq!(known(Some(provider), name), Some((provider, model)), "{name}");
    }
    // The list knows `claude-sonnet-4` with dates of 2025 only, and GPT-5.5 with two dates.
    assert_eq!(known(Some("anthropic"), "claude-sonnet-4-20260514"), None);
    assert_eq!(known(Some("openai"), "gpt-5.5-2026-05-01"), None);
}

#[test]
fn bedrock_names_say_where_and_the_place_has_its_price() {
    let global = "global.anthropic.claude-opus-4-5-v1:0";
    let regional = "regional.anthropic.claude-opus-4-5-v1:0";
    for (name, model) in [
        ("global.anthropic.claude-opus-4-5-20251101-v1:0", global),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", regional),
        ("anthropic.claude-opus-4-5-20251101-v1:0", regional),
        ("claude-opus-4-5-20251101", regional),
        ("eu.anthropic.claude-opus-5-5", "regional.anthropic.claude-opus-5-5"),
        ("amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
        ("us.amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
    ] {
        assert_eq!(known(Some("bedrock"), name), Some(("aws", model)), "{name}");
    }
    for unknown in ["us.anthropic.claude-opus-5-6", "us.anthropic.claude-opus-5-6-v1:0", "us.openai.gpt-6.2-sol"] {
        assert_eq!(known(Some("bedrock"), unknown), None, "{unknown}");
    }
    // 1_000 × $5/M, and a tenth more within a region
    call("bedrock", "global.anthropic.claude-opus-4-5-20251101-v1:0", input(1_000)).costs("0.005", Priced);
    call("bedrock", "us.anthropic.claude-opus-4-5-20251101-v1:0", input(1_000)).costs("0.0055", Priced);
}

#[test]
fn providers_are_known_by_the_names_that_sources_use() {
    for (name, model, provider) in [
        ("Anthropic", "claude-opus-5-5", "anthropic"),
        ("vertex", "claude-opus-5-5", "google"),
        ("gemini", "gemini-2.5-pro", "google"),
        ("gcp.vertex_ai", "gemini-2.5-pro", "google"),
        ("xai", "grok-4.7", "x-ai"),
        ("amazon-bedrock", "claude-opus-5-5", "aws"),
        ("copilot", "gpt-5.5", "github-copilot"),
    ] {
        assert_eq!(known(Some(name), model).map(|(provider, _)| provider), Some(provider), "{name}");
    }
}

#[test]
fn a_seller_without_a_price_of_its_own_takes_over_the_makers() {
    // Azure sells GPT-5.5 at OpenAI's price: 1_000 × $5/M
    call("azure", "gpt-5.5", input(1_000)).costs("0.005", Alias);
    call("azure", "claude-opus-5-5", input(1_000)).costs("0.004", Alias);
    // but its tiers are its own affair
    call("azure", "gpt-5.5", input(1_000)).run(Tier::Flex).costs("0.005", TierAssumed);
    // It lists o3 itself: 1_000 × $2/M.
    assert_eq!(known(Some("azure"), "o3"), Some(("azure", "o3-2025-04-16")));
}

#[test]
fn behind_a_gateway_the_makers_list_price_is_told_as_such() {
    // 1_000 × $4/M
    call("my-gateway", "claude-opus-5-5", input(1_000)).costs("0.004", Alias);
    call("my-gateway", "anthropic/claude-opus-5-5-20261001", input(1_000)).costs("0.004", Alias);
    call("my-gateway", "claude-opus-5-5", input(1_000)).run(Tier::Batch).costs("0.002", Alias);
    let mut unnamed = call("", "gpt-5.5", input(1_000));
    Arc::make_mut(&mut unnamed.attribution).provider = None;
    unnamed.costs("0.005", Alias);
    for (model, maker) in [
        ("gemini-2.5-pro", "google"),
        ("grok-4.7", "x-ai"),
        ("deepseek-flash", "deepseek"),
        ("kimi-k3", "moonshotai"),
        ("glm-5.3", "zai"),
        ("z-ai/glm-5.3", "zai"),
        ("composer-2.5", "cursor"),
        ("claude-haiku-5-5", "anthropic"),
    ] {
        assert_eq!(known(None, model).map(|(provider, _)| provider), Some(maker), "{model}");
    }
    for model in ["openai/claude-opus-5-5", "claude-opus-5-6", "gpt-6.2-sol", "llama-70b", "anthropic/", "/gpt-5.5"] {
        call("my-gateway", model, input(1_000)).has_no_price();
    }
}

#[test]
fn a_model_without_a_provider_is_of_whoever_served_its_calls() {
    let used = |calls: &[(Option<&str>, &str)]| -> Vec<(Option<String>, String)> {
        calls.iter().map(|(provider, model)| (provider.map(str::to_owned), (*model).to_owned())).collect()
    };
    let of = |calls: &[(Option<&str>, &str)], model: &str| servers(BOOK.catalogue(), &used(calls), model);
    let some = |provider: &str| Some(provider.to_owned());
    let opus = "claude-opus-5-5";
    assert_eq!(of(&[(Some("my-gateway"), "Claude-Opus-5-5")], " claude-opus-5-5 "), [some("my-gateway")]);
    assert_eq!(of(&[(None, opus)], opus), [None], "calls of an unknown provider stay so");
    // The maker goes first, and whoever has its price.
    let calls = [(Some("aws"), opus), (Some("my-gateway"), opus), (Some("anthropic"), opus), (Some("aws"), "nova")];
    assert_eq!(of(&calls, opus), ["anthropic", "my-gateway", "aws"].map(some));
    assert_eq!(of(&calls, "nova"), [some("aws")]);
}

#[test]
fn a_model_that_was_never_called_is_of_who_spells_it_so_and_else_of_its_maker() {
    let of = |model: &str| servers(BOOK.catalogue(), &[], model);
    for (model, server) in [
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", "aws"),
        ("eu.anthropic.claude-opus-5-5", "aws"),
        ("global.anthropic.claude-opus-5-5[1m]", "aws"),
        ("anthropic.claude-opus-5-5", "aws"),
        ("amazon.nova-lite-v1:0", "aws"),
        ("claude-opus-4-5@20251101", "google"),
        ("claude-opus-5-5", "anthropic"),
        ("claude-opus-5.5", "anthropic"),
        ("openai/gpt-5.5", "openai"),
        ("gpt-5.5", "openai"),
    ] {
        assert_eq!(of(model), [Some(server.to_owned())], "{model}");
        let listing = BOOK.catalogue().find(Some(server), model).expect(model);
        assert_eq!(listing.found(), Found::InOwnList, "{model}");
    }
    for unknown in [
        "us.anthropic.claude-opus-5-6",
        "us.claude-opus-5-5",
        "aws.claude-opus-5-5",
        "claude-opus-5-6@20261101",
        "claude-opus-5-6",
        "gpt-6.2-sol",
        "",
    ] {
        assert_eq!(of(unknown), [None], "{unknown}");
    }
}

#[test]
fn google_sells_claude_but_does_not_make_it() {
    // A name that only Google's own list has is no maker's name.
    assert_eq!(known(Some("google"), "claude-4-opus"), Some(("google", "claude-4-opus")));
    assert_eq!(known(None, "claude-4-opus"), None);
}
