//! The arithmetic of one call: kinds, lengths of prompt, tiers, regions, fees, moments.

use super::super::PriceStatus::{Alias, Disputed, Expected, Priced, TierAssumed, TtlAssumed};
use jiff::Timestamp;
use spendmeter_catalogue::{Context, Kind};

use super::{NOON, call, input, prompt_and_output};
use crate::usage::{CacheWrites, Tier, Tokens, UsageRecord};

#[test]
fn every_kind_of_token_has_its_own_rate() {
    let tokens = Tokens {
        input: 1_000,
        cache_read: 100_000,
        cache_write_short: 10_000,
        cache_write_long: 20_000,
        output: 3_000,
        reasoning: 2_000,
    };
    // 1_000 × $4/M + 100_000 × $0.20/M + 10_000 × $5/M + 20_000 × $8/M + 3_000 × $20/M; reasoning is part of output
    // 0.004 + 0.02 + 0.05 + 0.16 + 0.06
    call("anthropic", "claude-opus-5-5", tokens).costs("0.294", Priced);
}

#[test]
fn t07_an_hour_long_write_costs_more_than_one_of_five_minutes() {
    let short = Tokens { cache_write_short: 100_000, ..Tokens::default() };
    let long = Tokens { cache_write_long: 100_000, ..Tokens::default() };
    // 100_000 × $5/M, 100_000 × $8/M
    call("anthropic", "claude-opus-5-5", short).costs("0.5", Priced);
    call("anthropic", "claude-opus-5-5", long).costs("0.8", Priced);
    call("anthropic", "claude-opus-5-5", short + long).costs("1.3", Priced);
    // Haiku 4.5: 100_000 × $1.25/M + 100_000 × $2/M
    call("anthropic", "claude-haiku-4-5", short + long).costs("0.325", Priced);
}

#[test]
fn t07_a_twelve_hour_write_costs_two_and_a_half_times_input() {
    // GPT-5.6 Sol: 100_000 × $10/M, and 100_000 × $5/M for 30 minutes
    let long = Tokens { cache_write_long: 100_000, ..Tokens::default() };
    let short = Tokens { cache_write_short: 100_000, ..Tokens::default() };
    call("openai", "gpt-5.6-sol", long).costs("1", Priced);
    call("openai", "gpt-5.6-sol", short).costs("0.5", Priced);
    // Before GPT-5.6 writing cost nothing more than input: 100_000 × $5/M.
    call("openai", "gpt-5.5", long).costs("0.5", Priced);
}

#[test]
fn t07_a_long_write_without_a_listed_rate_costs_between_a_short_one_and_the_dearest_anywhere() {
    // Copilot lists one write price for Opus 5.5: 100_000 × $5/M; the dearest anywhere is 2.5 × input: 100_000 × $10/M
    let long = Tokens { cache_write_long: 100_000, ..Tokens::default() };
    call("github-copilot", "claude-opus-5.5", long).costs_between("0.5", "0.5", "1", TtlAssumed);
}

#[test]
fn t07_what_codex_calls_uncached_may_have_been_written_to_the_cache() {
    let tokens = Tokens { input: 100_000, cache_read: 100_000, output: 1_000, ..Tokens::default() };
    let codex = |model| UsageRecord { cache_writes: CacheWrites::Untold, ..call("openai", model, tokens) };
    // GPT-5.6 Sol: 100_000 × $4/M + 100_000 × $0.40/M + 1_000 × $20/M; all of it written: 100_000 × $5/M instead of $4/M
    codex("gpt-5.6-sol").costs_between("0.46", "0.46", "0.56", TtlAssumed);
    // Writing costs nothing with GPT-5.5: 100_000 × $5/M + 100_000 × $0.50/M + 1_000 × $30/M
    codex("gpt-5.5").costs("0.58", Priced);
    // And other agents tell what was written.
    call("openai", "gpt-5.6-sol", tokens).costs("0.46", Priced);
}

#[test]
fn t07_a_write_of_which_no_lifetime_is_told_costs_at_least_as_a_short_one_and_at_most_as_a_long_one() {
    let tokens = Tokens { input: 1_000, cache_write_short: 100_000, ..Tokens::default() };
    let told_by =
        |provider, model| UsageRecord { cache_writes: CacheWrites::WithoutLifetime, ..call(provider, model, tokens) };
    // Opus 5.5: 1_000 × $4/M + 100_000 × $5/M, or × $8/M
    told_by("anthropic", "claude-opus-5-5").costs_between("0.504", "0.504", "0.804", TtlAssumed);
    // GPT-5.6 Sol: 1_000 × $4/M + 100_000 × $5/M, or × $10/M
    told_by("openai", "gpt-5.6-sol").costs_between("0.504", "0.504", "1.004", TtlAssumed);
    // With GPT-5.5 there is no choice: 101_000 × $5/M.
    told_by("openai", "gpt-5.5").costs("0.505", Priced);
    // Nor is there a question without writes.
    let tokens = Tokens { cache_write_short: 0, ..tokens };
    UsageRecord { tokens, ..told_by("anthropic", "claude-opus-5-5") }.costs("0.004", Priced);
}

#[test]
fn t07_a_write_of_which_no_lifetime_is_told_is_a_range_also_where_the_list_has_one_rate() {
    // As above: 100_000 × $5/M; the dearest anywhere is 2.5 × input: 100_000 × $10/M
    let tokens = Tokens { cache_write_short: 100_000, ..Tokens::default() };
    for (provider, model) in [("github-copilot", "claude-opus-5.5"), ("openrouter", "anthropic/claude-opus-5.5")] {
        let told = UsageRecord { cache_writes: CacheWrites::WithoutLifetime, ..call(provider, model, tokens) };
        told.costs_between("0.5", "0.5", "1", TtlAssumed);
    }
}

#[test]
fn a3_the_sum_of_several_calls_does_not_tell_how_long_each_prompt_was() {
    let sum = |model, prompt, output| {
        let tokens = prompt_and_output(prompt, output);
        UsageRecord { is_sum: true, ..call("anthropic", model, tokens) }
    };
    // Haiku 5.5 costs five times as much beyond 100_000 prompt tokens. Twenty calls of 30_000 each:
    // 600_000 × $0.10/M + 10_000 × $0.50/M; were it one call, 600_000 × $0.50/M + 10_000 × $2.50/M
    sum("claude-haiku-5-5", 600_000, 10_000).costs_between("0.065", "0.065", "0.325", TierAssumed);
    // None of them was longer than all together: 100_000 × $0.10/M + 1_000 × $0.50/M
    sum("claude-haiku-5-5", 100_000, 1_000).costs("0.0105", Priced);
    // Opus 5.5 has no limit: 600_000 × $4/M + 10_000 × $20/M
    sum("claude-opus-5-5", 600_000, 10_000).costs("2.6", Priced);
}

#[test]
fn where_a_cloud_ran_a_call_is_a_range_unless_it_is_told() {
    // Opus 5.5, 1_000 tokens: × $4/M anywhere, × $4.40/M within a region
    for (provider, model) in
        [("aws", "claude-opus-5-5"), ("google", "claude-opus-5-5"), ("google", "claude-opus-5-5@20260922")]
    {
        call(provider, model, input(1_000)).costs_between("0.004", "0.004", "0.0044", TierAssumed);
    }
    call("aws", "global.anthropic.claude-opus-5-5", input(1_000)).costs("0.004", Priced);
    call("aws", "eu.anthropic.claude-opus-5-5", input(1_000)).costs("0.0044", Priced);
    call("aws", "anthropic.claude-opus-5-5", input(1_000)).costs("0.0044", Priced);
    for (region, likely, above) in [("global", "0.004", "0.004"), ("not_available", "0.004", "0.0044")] {
        let status = if likely == above { Priced } else { TierAssumed };
        for cloud in ["aws", "google"] {
            let call = call(cloud, "claude-opus-5-5", input(1_000)).within(region);
            call.costs_between(likely, likely, above, status);
        }
    }
    call("aws", "claude-opus-5-5", input(1_000)).within("eu-west-1").costs("0.0044", Priced);
    call("google", "claude-opus-5-5", input(1_000)).within("europe-west1").costs("0.0044", Priced);
    // Google's list lacks Sonnet 5, and Vertex AI takes it over from Anthropic's: 1_000 × $2/M, × $2.20/M
    let sonnet = || call("google", "claude-sonnet-5", input(1_000));
    sonnet().costs_between("0.002", "0.002", "0.0022", TierAssumed);
    sonnet().within("global").costs("0.002", Alias);
    for region in ["europe-west1", "us"] {
        sonnet().within(region).costs("0.0022", Priced);
    }
    // Azure takes Claude over as Anthropic sells it, within the United States, too: 1_000 × $4.40/M
    call("azure", "claude-opus-5-5", input(1_000)).within("us").costs("0.0044", Alias);
    // Sonnet 4 costs the same in all of Bedrock's regions: 1_000 × $3/M
    let sonnet = || call("aws", "claude-sonnet-4-20250514", input(1_000));
    sonnet().costs("0.003", Priced);
    sonnet().within("eu-west-1").costs("0.003", Priced);
    // GPT-5.6 Sol on Bedrock, 1_000 tokens: × $4/M, × $4.40/M
    call("aws", "gpt-5.6-sol", input(1_000)).costs_between("0.004", "0.004", "0.0044", TierAssumed);
    // Opus 4 costs the same everywhere, as do Google's own models: 1_000 × $15/M.
    call("google", "claude-opus-4", input(1_000)).costs("0.015", Priced);
}

#[test]
fn t08_a_prompt_beyond_the_limit_is_priced_anew_as_a_whole() {
    // Haiku 5.5: $0.10/M and $0.50/M up to 100_000 prompt tokens, five times as much beyond.
    // 100_000 × $0.10/M + 1_000 × $0.50/M
    call("anthropic", "claude-haiku-5-5", prompt_and_output(100_000, 1_000)).costs("0.0105", Priced);
    // 100_001 × $0.50/M + 1_000 × $2.50/M
    call("anthropic", "claude-haiku-5-5", prompt_and_output(100_001, 1_000)).costs("0.0525005", Priced);
}

#[test]
fn t08_cached_tokens_count_towards_the_limit_and_output_does_not() {
    let at_limit = Tokens {
        input: 0,
        cache_read: 60_000,
        cache_write_short: 20_000,
        cache_write_long: 20_000,
        output: 1_000_000,
        reasoning: 0,
    };
    // 60_000 × $0.01/M + 20_000 × $0.125/M + 20_000 × $0.20/M + 1_000_000 × $0.50/M
    call("anthropic", "claude-haiku-5-5", at_limit).costs("0.5071", Priced);
    // One token more: 1 × $0.50/M + 60_000 × $0.05/M + 20_000 × $0.625/M + 20_000 × $1/M + 1_000_000 × $2.50/M
    call("anthropic", "claude-haiku-5-5", at_limit + input(1)).costs("2.5355005", Priced);
}

#[test]
fn t08_each_provider_draws_its_limit_where_it_says() {
    let thousand_out = |prompt| prompt_and_output(prompt, 1_000);
    // Sonnet 4.5, more than 200_000: 200_000 × $3/M + 1_000 × $15/M; 200_001 × $6/M + 1_000 × $22.50/M
    call("anthropic", "claude-sonnet-4-5", thousand_out(200_000)).costs("0.615", Priced);
    call("anthropic", "claude-sonnet-4-5", thousand_out(200_001)).costs("1.222506", Priced);
    // GPT-5.5, more than 272_000: 272_000 × $5/M + 1_000 × $30/M; 272_001 × $10/M + 1_000 × $45/M
    call("openai", "gpt-5.5", thousand_out(272_000)).costs("1.39", Priced);
    call("openai", "gpt-5.5", thousand_out(272_001)).costs("2.76501", Priced);
    // Gemini 2.5 Pro, more than 200_000: 200_000 × $1.25/M + 1_000 × $10/M; 200_001 × $2.50/M + 1_000 × $15/M
    call("google", "gemini-2.5-pro", thousand_out(200_000)).costs("0.26", Priced);
    call("google", "gemini-2.5-pro", thousand_out(200_001)).costs("0.5150025", Priced);
    // Grok 4.7, 200_000 and more: 199_999 × $2/M + 1_000 × $6/M; 200_000 × $4/M + 1_000 × $12/M
    call("x-ai", "grok-4.7", thousand_out(199_999)).costs("0.405998", Priced);
    call("x-ai", "grok-4.7", thousand_out(200_000)).costs("0.812", Priced);
    // Opus 5.5 has no limit: 1_000_000 × $4/M + 1_000 × $20/M
    call("anthropic", "claude-opus-5-5", thousand_out(1_000_000)).costs("4.02", Priced);
}

#[test]
fn t08_of_two_limits_the_highest_that_is_crossed_counts() {
    // Qwen3 Coder Flash at OpenRouter: one price to 32_000, one to 128_000, one beyond.
    let listing = super::BOOK.catalogue().find(Some("openrouter"), "qwen/qwen3-coder-flash").unwrap();
    let input_rate = |prompt| {
        listing
            .point(NOON.parse::<Timestamp>().unwrap().as_second(), Context::Standard, prompt)
            .unwrap()
            .rates
            .of(Kind::Input)
    };
    assert_eq!([32_000, 32_001, 128_000, 128_001].map(input_rate), [195_000, 325_000, 325_000, 520_000].map(Some));
}

#[test]
fn t11_a_tier_has_its_own_rates() {
    let tokens = prompt_and_output(100_000, 10_000);
    // Opus 5.5: 100_000 × $4/M + 10_000 × $20/M; batch $2 and $10; fast $8 and $40
    call("anthropic", "claude-opus-5-5", tokens).costs("0.6", Priced);
    call("anthropic", "claude-opus-5-5", tokens).run(Tier::Batch).costs("0.3", Priced);
    call("anthropic", "claude-opus-5-5", tokens).run(Tier::Fast).costs("1.2", Priced);
    // GPT-5.5: $5 and $30; flex $2.50 and $15; priority and fast $12.50 and $75
    call("openai", "gpt-5.5", tokens).costs("0.8", Priced);
    call("openai", "gpt-5.5", tokens).run(Tier::Flex).costs("0.4", Priced);
    call("openai", "gpt-5.5", tokens).run(Tier::Batch).costs("0.4", Priced);
    call("openai", "gpt-5.5", tokens).run(Tier::Priority).costs("2", Priced);
    call("openai", "gpt-5.5", tokens).run(Tier::Fast).costs("2", Priced);
}

#[test]
fn t11_tiers_and_long_prompts_stack() {
    // Haiku 5.5 in batch: 100_001 × $0.25/M + 1_000 × $1.25/M = 0.02500025 + 0.00125
    call("anthropic", "claude-haiku-5-5", prompt_and_output(100_001, 1_000))
        .run(Tier::Batch)
        .costs("0.02625025", Priced);
    // Cache multipliers apply on top of fast: 50_000 × $0.40/M + 10_000 × $16/M
    let cached = Tokens { cache_read: 50_000, cache_write_long: 10_000, ..Tokens::default() };
    call("anthropic", "claude-opus-5-5", cached).run(Tier::Fast).costs("0.18", Priced);
}

#[test]
fn lists_that_disagree_about_today_give_a_range() {
    // One list has no batch rate for GPT-4o's cached input, so that it costs as usual, and the other halves it:
    // 100_000 × $1.25/M + 100_000 × $1.25/M + 10_000 × $5/M, or 100_000 × $0.625/M in the middle
    let tokens = Tokens { input: 100_000, cache_read: 100_000, output: 10_000, ..Tokens::default() };
    call("openai", "gpt-4o", tokens).run(Tier::Batch).costs_between("0.2375", "0.3", "0.3", Disputed);
    // Where it makes no difference nothing is in doubt: 100_000 × $1.25/M
    call("openai", "gpt-4o", input(100_000)).run(Tier::Batch).costs("0.125", Priced);
}

#[test]
fn t11_a_tier_without_rates_is_priced_as_usual_and_says_so() {
    // Sonnet 5.5 has no fast mode, Anthropic lists no priority rates, and nobody has heard of `turbo`: 1_000 × $2/M
    for tier in [Tier::Fast, Tier::Priority, Tier::Other("turbo".to_owned())] {
        call("anthropic", "claude-sonnet-5-5", input(1_000)).run(tier).costs("0.002", TierAssumed);
    }
    // OpenAI's flex rates are known from 2026-10-12 on.
    let flex = call("openai", "gpt-5.5", input(1_000)).run(Tier::Flex);
    flex.clone().at("2026-10-11T23:59:59Z").costs("0.005", TierAssumed);
    flex.at("2026-10-12T00:00:00Z").costs("0.0025", Priced);
}

#[test]
fn t11_web_searches_are_charged_by_the_piece() {
    // 3 × $10/1000 + 1_000 × $4/M; the batch discount is for tokens
    call("anthropic", "claude-opus-5-5", input(1_000)).searching(3).costs("0.034", Priced);
    call("anthropic", "claude-opus-5-5", input(1_000)).searching(3).run(Tier::Batch).costs("0.032", Priced);
    // Where the list has no fee, the tokens are priced, and the status says that something is missing.
    call("deepseek", "deepseek-flash", input(1_000)).searching(3).costs("0.00015", TierAssumed);
}

#[test]
fn t11_staying_in_the_us_costs_a_tenth_more_on_top_of_everything() {
    let tokens = Tokens { input: 1_000, cache_read: 1, cache_write_short: 3, output: 7, ..Tokens::default() };
    // 1.1 × (1_000 × $4/M + 1 × $0.20/M + 3 × $5/M + 7 × $20/M) = 1.1 × 0.0041552
    call("anthropic", "claude-opus-5-5", tokens).within("us").costs("0.00457072", Priced);
    // In batch half of that; searches are no tokens: 0.00228536 + 0.01
    let batch = call("anthropic", "claude-opus-5-5", tokens).within("us").run(Tier::Batch);
    batch.searching(1).costs("0.01228536", Priced);
    for anywhere in ["", "global", "not_available"] {
        call("anthropic", "claude-opus-5-5", tokens).within(anywhere).costs("0.0041552", Priced);
    }
    call("anthropic", "claude-opus-5-5", tokens).within("mars").costs("0.0041552", TierAssumed);
    call("openai", "gpt-5.5", input(1_000)).within("us").costs("0.005", TierAssumed);
}

#[test]
fn t27_counts_beyond_32_bits_are_priced_exactly() {
    let tokens = Tokens { cache_read: 5_000_000_000, output: 4_294_967_297, ..Tokens::default() };
    // 5_000_000_000 × $0.20/M + 4_294_967_297 × $20/M
    call("anthropic", "claude-opus-5-5", tokens).costs("86899.34594", Priced);
    // 4_294_967_297 searches × $10/1000
    call("anthropic", "claude-opus-5-5", input(0)).searching(4_294_967_297).costs("42949672.97", Priced);
    // What comes to more than $100 million is no price of a call: 5_000_000_000_000 × $20/M, and a token more.
    call("anthropic", "claude-opus-5-5", Tokens { output: 5_000_000_000_000, ..Tokens::default() })
        .costs("100000000", Priced);
    call("anthropic", "claude-opus-5-5", Tokens { output: 5_000_000_000_001, ..Tokens::default() }).has_no_price();
    let absurd = Tokens { input: u64::MAX, output: u64::MAX, cache_read: u64::MAX, ..Tokens::default() };
    call("anthropic", "claude-opus-5-5", absurd).has_no_price();
}

#[test]
fn a_call_is_priced_by_the_list_of_its_own_moment() {
    // GPT-5.6 Terra became cheaper on 2026-07-30: 1_000 × $2.50/M before, 1_000 × $2/M from then on
    let terra = call("openai", "gpt-5.6-terra", input(1_000));
    terra.clone().at("2024-01-01T00:00:00Z").costs("0.0025", Priced);
    terra.clone().at("2026-07-29T23:59:59.999Z").costs("0.0025", Priced);
    terra.at("2026-07-30T00:00:00Z").costs("0.002", Priced);
}

#[test]
fn an_announced_price_is_a_range_from_its_day_on_and_nothing_before() {
    // Gemini 4 Argon's introductory price ends with November: 1_000 × $2/M, then 1_000 × $4/M; in batch half of both
    let argon = call("google", "gemini-4-argon", input(1_000));
    argon.clone().at("2026-11-30T23:59:59Z").costs("0.002", Priced);
    argon.clone().at("2026-12-01T00:00:00Z").costs_between("0.002", "0.004", "0.004", Expected);
    let batch = argon.run(Tier::Batch);
    batch.clone().at("2026-11-30T23:59:59Z").costs("0.001", Priced);
    batch.at("2026-12-01T00:00:00Z").costs_between("0.001", "0.002", "0.002", Expected);
}

#[test]
fn some_hours_are_dearer() {
    // DeepSeek V4 Pro: 1_000 × $0.66/M off-peak; 1_000 × $1.32/M from 01:00 to 04:00 and from 06:00 to 10:00 UTC
    let pro = call("deepseek", "deepseek-v4-pro", input(1_000));
    for off_peak in ["00:59:59", "04:00:00", "05:59:59", "10:00:00", "23:59:59"] {
        pro.clone().at(&format!("2026-11-24T{off_peak}Z")).costs("0.00066", Priced);
    }
    for peak in ["01:00:00", "03:59:59", "06:00:00", "09:59:59"] {
        pro.clone().at(&format!("2026-11-24T{peak}Z")).costs("0.00132", Priced);
    }
}

#[test]
fn dearer_hours_do_not_reach_back_before_they_were_introduced_nor_into_days_off() {
    let pro = call("deepseek", "deepseek-v4-pro", input(1_000));
    // Until 2026-08-17 in Beijing there was one price at all hours: 1_000 × $0.435/M
    pro.clone().at("2026-07-01T02:00:00Z").costs("0.000435", Priced);
    pro.clone().at("2026-08-16T15:59:59Z").costs("0.000435", Priced);
    pro.clone().at("2026-08-16T16:00:00Z").costs("0.00066", Priced);
    pro.clone().at("2026-08-17T02:00:00Z").costs("0.00132", Priced);
    // Weekends are off-peak, and so are China's public holidays.
    pro.clone().at("2026-11-21T02:00:00Z").costs("0.00066", Priced);
    pro.clone().at("2026-11-22T02:00:00Z").costs("0.00066", Priced);
    pro.clone().at("2026-11-23T02:00:00Z").costs("0.00132", Priced);
    pro.clone().at("2026-10-01T02:00:00Z").costs("0.00066", Priced);
    pro.at("2026-10-08T02:00:00Z").costs("0.00132", Priced);
}

#[test]
fn a_call_that_used_nothing_costs_nothing() {
    call("anthropic", "claude-opus-5-5", Tokens::default()).costs("0", Priced);
}

#[test]
fn tokens_without_a_rate_leave_the_whole_call_without_a_price() {
    // An embedding model generates nothing, and lists no price for it: 1_000 × $0.02/M
    call("openai", "text-embedding-3-small", input(1_000)).costs("0.00002", Priced);
    call("openai", "text-embedding-3-small", prompt_and_output(1_000, 1)).has_no_price();
}
