//! Anthropic: limits, hour-long writes, reads at a fortieth, fast, batch, region.

use super::super::super::PriceStatus::{Priced, TierAssumed};
use super::{call, input, long_writes, output, reads, short_writes};
use crate::usage::{Tier, Tokens};

#[test]
fn haiku_5_5_costs_five_times_as_much_from_token_100_001_on() {
    // 99_999 × $0.10/M + 1_000 × $0.50/M
    call("anthropic", "claude-haiku-5-5", input(99_999) + output(1_000)).costs("0.0104999", Priced);
    // 100_000 × $0.10/M + 1_000 × $0.50/M
    call("anthropic", "claude-haiku-5-5", input(100_000) + output(1_000)).costs("0.0105", Priced);
    // 100_001 × $0.50/M + 1_000 × $2.50/M
    call("anthropic", "claude-haiku-5-5", input(100_001) + output(1_000)).costs("0.0525005", Priced);
}

#[test]
fn haiku_5_5_in_batch_has_the_same_limit_at_half_the_price() {
    // 99_999 × $0.05/M + 1_000 × $0.25/M
    call("anthropic", "claude-haiku-5-5", input(99_999) + output(1_000)).run(Tier::Batch).costs("0.00524995", Priced);
    // 100_000 × $0.05/M + 1_000 × $0.25/M
    call("anthropic", "claude-haiku-5-5", input(100_000) + output(1_000)).run(Tier::Batch).costs("0.00525", Priced);
    // 100_001 × $0.25/M + 1_000 × $1.25/M
    call("anthropic", "claude-haiku-5-5", input(100_001) + output(1_000)).run(Tier::Batch).costs("0.02625025", Priced);
}

#[test]
fn whatever_was_read_or_written_counts_towards_the_limit_and_output_does_not() {
    // 60_000 × $0.01/M + 20_000 × $0.125/M + 19_999 × $0.20/M + 500_000 × $0.50/M
    call("anthropic", "claude-haiku-5-5", reads(60_000) + short_writes(20_000) + long_writes(19_999) + output(500_000))
        .costs("0.2570998", Priced);
    // 1 × $0.10/M + 60_000 × $0.01/M + 20_000 × $0.125/M + 19_999 × $0.20/M + 500_000 × $0.50/M
    call(
        "anthropic",
        "claude-haiku-5-5",
        input(1) + reads(60_000) + short_writes(20_000) + long_writes(19_999) + output(500_000),
    )
    .costs("0.2570999", Priced);
    // 1 × $0.50/M + 60_000 × $0.05/M + 20_000 × $0.625/M + 20_000 × $1/M + 500_000 × $2.50/M
    call(
        "anthropic",
        "claude-haiku-5-5",
        input(1) + reads(60_000) + short_writes(20_000) + long_writes(20_000) + output(500_000),
    )
    .costs("1.2855005", Priced);
    // 100_001 × $0.05/M
    call("anthropic", "claude-haiku-5-5", reads(100_001)).costs("0.00500005", Priced);
}

#[test]
fn a_write_for_an_hour_costs_twice_the_input_of_its_own_point() {
    // 10_000 × $4/M
    call("anthropic", "claude-sonnet-5-5", long_writes(10_000)).costs("0.04", Priced);
    // 10_000 × $2.50/M
    call("anthropic", "claude-sonnet-5-5", short_writes(10_000)).costs("0.025", Priced);
    // 100_000 × $0.20/M
    call("anthropic", "claude-haiku-5-5", long_writes(100_000)).costs("0.02", Priced);
    // 100_001 × $1/M
    call("anthropic", "claude-haiku-5-5", long_writes(100_001)).costs("0.100001", Priced);
    // 100_001 × $0.50/M
    call("anthropic", "claude-haiku-5-5", long_writes(100_001)).run(Tier::Batch).costs("0.0500005", Priced);
    // 10_000 × $5/M
    call("anthropic", "claude-opus-4-5", long_writes(10_000)).run(Tier::Batch).costs("0.05", Priced);
    // 10_000 × $32/M
    call("anthropic", "claude-fable-5-2", long_writes(10_000)).run(Tier::Fast).costs("0.32", Priced);
}

#[test]
fn fable_5_1_and_5_2_read_at_a_fortieth_of_input_and_fable_5_at_a_tenth() {
    // 1_000_000 × $0.20/M
    call("anthropic", "claude-fable-5-2", reads(1_000_000)).costs("0.2", Priced);
    // 1_000_000 × $0.25/M
    call("anthropic", "claude-fable-5-1", reads(1_000_000)).costs("0.25", Priced);
    // 1_000_000 × $1/M
    call("anthropic", "claude-fable-5", reads(1_000_000)).costs("1", Priced);
    // 1_000 × $4/M + 1_000_000 × $0.10/M + 1_000 × $20/M
    call("anthropic", "claude-fable-5-2", input(1_000) + reads(1_000_000) + output(1_000))
        .run(Tier::Batch)
        .costs("0.124", Priced);
    // 1_000 × $16/M + 1_000_000 × $0.40/M + 1_000 × $80/M
    call("anthropic", "claude-fable-5-2", input(1_000) + reads(1_000_000) + output(1_000))
        .run(Tier::Fast)
        .costs("0.496", Priced);
    // 1_000_000 × $0.125/M
    call("anthropic", "claude-fable-5-1", reads(1_000_000)).run(Tier::Batch).costs("0.125", Priced);
}

#[test]
fn sonnet_5_5_reads_became_half_as_dear_at_midnight_before_2026_10_07() {
    // 1_000 × $2/M + 1_000_000 × $0.20/M + 1_000 × $10/M
    call("anthropic", "claude-sonnet-5-5", input(1_000) + reads(1_000_000) + output(1_000))
        .at("2026-10-06T23:59:59Z")
        .costs("0.212", Priced);
    // 1_000 × $2/M + 1_000_000 × $0.10/M + 1_000 × $10/M
    call("anthropic", "claude-sonnet-5-5", input(1_000) + reads(1_000_000) + output(1_000))
        .at("2026-10-07T00:00:00Z")
        .costs("0.112", Priced);
    // 1_000_000 × $0.10/M
    call("anthropic", "claude-sonnet-5-5", reads(1_000_000))
        .at("2026-10-06T23:59:59.999999999Z")
        .run(Tier::Batch)
        .costs("0.1", Priced);
    // 1_000_000 × $0.05/M
    call("anthropic", "claude-sonnet-5-5", reads(1_000_000))
        .at("2026-10-07T00:00:00Z")
        .run(Tier::Batch)
        .costs("0.05", Priced);
    // Before the first entry its price is assumed to be that of the launch.
    // 1_000_000 × $0.20/M
    call("anthropic", "claude-sonnet-5-5", reads(1_000_000)).at("2026-09-01T00:00:00Z").costs("0.2", Priced);
}

#[test]
fn sonnet_4_5_has_one_price_up_to_200_000_tokens() {
    // 199_999 × $3/M + 1_000 × $15/M
    call("anthropic", "claude-sonnet-4-5", input(199_999) + output(1_000)).costs("0.614997", Priced);
    // 200_000 × $3/M + 1_000 × $15/M
    call("anthropic", "claude-sonnet-4-5", input(200_000) + output(1_000)).costs("0.615", Priced);
    // 200_000 × $1.50/M + 1_000 × $7.50/M
    call("anthropic", "claude-sonnet-4-5", input(200_000) + output(1_000)).run(Tier::Batch).costs("0.3075", Priced);
}

#[test]
fn sonnet_4_5_is_dearer_beyond_200_000_as_the_one_list_says_that_knows_of_long_prompts() {
    // 200_001 × $6/M + 1_000 × $22.50/M
    call("anthropic", "claude-sonnet-4-5", input(200_001) + output(1_000)).costs("1.222506", Priced);
    // 200_001 × $3/M + 1_000 × $11.25/M
    call("anthropic", "claude-sonnet-4-5", input(200_001) + output(1_000)).run(Tier::Batch).costs("0.611253", Priced);
}

#[test]
fn the_surcharge_for_long_prompts_of_the_4_6_models_ended_on_2026_03_13() {
    // 200_000 × $3/M + 1_000 × $15/M
    call("anthropic", "claude-sonnet-4-6", input(200_000) + output(1_000))
        .at("2026-03-01T00:00:00Z")
        .costs("0.615", Priced);
    // 200_001 × $6/M + 1_000 × $22.50/M
    call("anthropic", "claude-sonnet-4-6", input(200_001) + output(1_000))
        .at("2026-03-13T19:13:39Z")
        .costs("1.222506", Priced);
    // 200_001 × $3/M + 1_000 × $15/M
    call("anthropic", "claude-sonnet-4-6", input(200_001) + output(1_000))
        .at("2026-03-13T19:13:40Z")
        .costs("0.615003", Priced);
    // 200_001 × $10/M + 1_000 × $20/M + 1_000 × $37.50/M
    call("anthropic", "claude-opus-4-6", input(200_001) + long_writes(1_000) + output(1_000))
        .at("2026-03-01T00:00:00Z")
        .costs("2.05751", Priced);
    // 200_001 × $5/M + 1_000 × $10/M + 1_000 × $25/M
    call("anthropic", "claude-opus-4-6", input(200_001) + long_writes(1_000) + output(1_000)).costs("1.035005", Priced);
    // 200_001 × $5/M + 1_000 × $18.75/M
    call("anthropic", "claude-opus-4-6", input(200_001) + output(1_000))
        .at("2026-03-01T00:00:00Z")
        .run(Tier::Batch)
        .costs("1.018755", Priced);
}

#[test]
fn batch_is_half_price_since_long_before_one_of_the_lists_knew() {
    // 10_000 × $2.50/M + 50_000 × $0.25/M + 2_000 × $12.50/M
    call("anthropic", "claude-opus-4-5", input(10_000) + reads(50_000) + output(2_000))
        .at("2026-10-13T23:59:59Z")
        .run(Tier::Batch)
        .costs("0.0625", Priced);
    // 10_000 × $2.50/M + 50_000 × $0.25/M + 2_000 × $12.50/M
    call("anthropic", "claude-opus-4-5", input(10_000) + reads(50_000) + output(2_000))
        .at("2026-10-14T00:00:00Z")
        .run(Tier::Batch)
        .costs("0.0625", Priced);
    // 1_000 × $0.80/M
    call("anthropic", "claude-3-5-haiku-latest", input(1_000))
        .at("2024-10-07T23:59:59Z")
        .run(Tier::Batch)
        .costs("0.0008", TierAssumed);
    // 1_000 × $0.40/M
    call("anthropic", "claude-3-5-haiku-latest", input(1_000))
        .at("2024-10-08T00:00:00Z")
        .run(Tier::Batch)
        .costs("0.0004", Priced);
}

#[test]
fn a_kind_that_the_history_does_not_list_has_the_other_lists_price() {
    // 1_000 × $0.08/M + 1_000 × $1/M
    call("anthropic", "claude-3-5-haiku-latest", reads(1_000) + short_writes(1_000))
        .at("2025-01-15T00:00:00Z")
        .costs("0.00108", Priced);
}

#[test]
fn opus_4_6_was_fast_for_four_months_and_is_priced_as_usual_around_them() {
    // 1_000 × $5/M + 1_000 × $25/M
    call("anthropic", "claude-opus-4-6", input(1_000) + output(1_000))
        .at("2026-04-08T04:47:18Z")
        .run(Tier::Fast)
        .costs("0.03", TierAssumed);
    // 1_000 × $30/M + 1_000 × $150/M
    call("anthropic", "claude-opus-4-6", input(1_000) + output(1_000))
        .at("2026-04-08T04:47:19Z")
        .run(Tier::Fast)
        .costs("0.18", Priced);
    // 1_000 × $30/M + 1_000 × $150/M
    call("anthropic", "claude-opus-4-6", input(1_000) + output(1_000))
        .at("2026-08-06T15:30:20Z")
        .run(Tier::Fast)
        .costs("0.18", Priced);
    // 1_000 × $5/M + 1_000 × $25/M
    call("anthropic", "claude-opus-4-6", input(1_000) + output(1_000))
        .at("2026-08-06T15:30:21Z")
        .run(Tier::Fast)
        .costs("0.03", TierAssumed);
}

#[test]
fn fast_is_twice_as_dear_in_every_kind() {
    // 1_000 × $10/M + 10_000 × $1/M + 1_000 × $12.50/M + 1_000 × $20/M + 1_000 × $50/M
    call(
        "anthropic",
        "claude-opus-5",
        input(1_000) + reads(10_000) + short_writes(1_000) + long_writes(1_000) + output(1_000),
    )
    .run(Tier::Fast)
    .costs("0.1025", Priced);
    // 1_000 × $2/M
    call("anthropic", "claude-sonnet-5", input(1_000)).run(Tier::Priority).costs("0.002", TierAssumed);
    // 1_000 × $2/M
    call("anthropic", "claude-sonnet-5", input(1_000)).run(Tier::Ultrafast).costs("0.002", TierAssumed);
}

#[test]
fn the_us_region_adds_a_tenth_to_tokens_and_nothing_to_searches() {
    // 1.1 × (1_000 × $2/M + 1_000 × $0.10/M + 1_000 × $10/M)
    call("anthropic", "claude-sonnet-5-5", input(1_000) + reads(1_000) + output(1_000))
        .within("us")
        .costs("0.01331", Priced);
    // 1.1 × (100_001 × $0.25/M + 1_000 × $1.25/M)
    call("anthropic", "claude-haiku-5-5", input(100_001) + output(1_000))
        .within("us")
        .run(Tier::Batch)
        .costs("0.028875275", Priced);
    // 1.1 × (1_000 × $2/M) + 4 × $10/1000
    call("anthropic", "claude-sonnet-5-5", input(1_000)).within("us").searching(4).costs("0.0422", Priced);
    // 1_000 × $0.05/M + 1 × $10/1000
    call("anthropic", "claude-haiku-5-5", input(1_000)).searching(1).run(Tier::Batch).costs("0.01005", Priced);
}

#[test]
fn half_a_nano_dollar_is_rounded_away_from_zero_and_only_once() {
    // 62.5 nano-dollars:
    // 1 × $0.0625/M
    call("anthropic", "claude-haiku-5-5", short_writes(1)).run(Tier::Batch).costs("0.000000063", Priced);
    // 125, not twice 63:
    // 2 × $0.0625/M
    call("anthropic", "claude-haiku-5-5", short_writes(2)).run(Tier::Batch).costs("0.000000125", Priced);
    // 162.5:
    // 1 × $0.0625/M + 1 × $0.10/M
    call("anthropic", "claude-haiku-5-5", short_writes(1) + long_writes(1))
        .run(Tier::Batch)
        .costs("0.000000163", Priced);
    // 5.5:
    // 1.1 × (1 × $0.005/M)
    call("anthropic", "claude-haiku-5-5", reads(1)).within("us").run(Tier::Batch).costs("0.000000006", Priced);
}

#[test]
fn nothing_costs_nothing_and_billions_of_tokens_are_exact() {
    call("anthropic", "claude-haiku-5-5", Tokens::default()).costs("0", Priced);
    // 9_000_000_000 × $0.20/M + 4_000_000_001 × $40/M
    call("anthropic", "claude-fable-5-2", reads(9_000_000_000) + output(4_000_000_001)).costs("161800.00004", Priced);
    // 5_000_000_001 × $0.50/M
    call("anthropic", "claude-haiku-5-5", input(5_000_000_001)).costs("2500.0000005", Priced);
}

#[test]
fn an_unknown_claude_has_no_price() {
    // No list has it.
    call("anthropic", "claude-opus-5-6", input(1_000)).has_no_price();
}
