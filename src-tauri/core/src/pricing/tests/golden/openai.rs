//! OpenAI: the limit of 272,000, twelve-hour writes, service tiers, cuts of 2026.

use super::super::super::PriceStatus::{Disputed, Priced, TierAssumed};
use super::{call, input, long_writes, output, reads, short_writes};
use crate::usage::{Tier, Tokens};

#[test]
fn gpt_5_5_doubles_from_token_272_001_on() {
    // 271_999 × $5/M + 1_000 × $30/M
    call("openai", "gpt-5.5", input(271_999) + output(1_000)).costs("1.389995", Priced);
    // 272_000 × $5/M + 1_000 × $30/M
    call("openai", "gpt-5.5", input(272_000) + output(1_000)).costs("1.39", Priced);
    // 272_001 × $10/M + 1_000 × $45/M
    call("openai", "gpt-5.5", input(272_001) + output(1_000)).costs("2.76501", Priced);
}

#[test]
fn batch_and_flex_have_the_limit_too() {
    // 272_000 × $2.50/M + 1_000 × $15/M
    call("openai", "gpt-5.5", input(272_000) + output(1_000)).run(Tier::Batch).costs("0.695", Priced);
    // 272_001 × $5/M + 1_000 × $22.50/M
    call("openai", "gpt-5.5", input(272_001) + output(1_000)).run(Tier::Batch).costs("1.382505", Priced);
    // 272_000 × $2.50/M + 1_000 × $15/M
    call("openai", "gpt-5.5", input(272_000) + output(1_000)).run(Tier::Flex).costs("0.695", Priced);
    // 272_001 × $5/M + 1_000 × $22.50/M
    call("openai", "gpt-5.5", input(272_001) + output(1_000)).run(Tier::Flex).costs("1.382505", Priced);
}

#[test]
fn cached_tokens_count_towards_the_limit_of_272_000() {
    // 200_000 × $0.10/M + 50_000 × $2.50/M + 21_999 × $5/M + 1_000 × $10/M
    call("openai", "gpt-6.1-sol", reads(200_000) + short_writes(50_000) + long_writes(21_999) + output(1_000))
        .costs("0.264995", Priced);
    // 200_000 × $0.10/M + 50_000 × $2.50/M + 22_000 × $5/M + 1_000 × $10/M
    call("openai", "gpt-6.1-sol", reads(200_000) + short_writes(50_000) + long_writes(22_000) + output(1_000))
        .costs("0.265", Priced);
    // 1 × $4/M + 200_000 × $0.20/M + 50_000 × $5/M + 22_000 × $10/M + 1_000 × $15/M
    call(
        "openai",
        "gpt-6.1-sol",
        input(1) + reads(200_000) + short_writes(50_000) + long_writes(22_000) + output(1_000),
    )
    .costs("0.525004", Priced);
}

#[test]
fn a_write_for_twelve_hours_costs_two_and_a_half_times_the_input_of_its_own_point() {
    // 100_000 × $5/M
    call("openai", "gpt-6-sol", long_writes(100_000)).costs("0.5", Priced);
    // 272_001 × $10/M
    call("openai", "gpt-6-sol", long_writes(272_001)).costs("2.72001", Priced);
    // 100_000 × $2.50/M
    call("openai", "gpt-6-sol", long_writes(100_000)).run(Tier::Batch).costs("0.25", Priced);
    // 272_001 × $5/M
    call("openai", "gpt-6-sol", long_writes(272_001)).run(Tier::Batch).costs("1.360005", Priced);
    // 100_000 × $10/M
    call("openai", "gpt-6-sol", long_writes(100_000)).run(Tier::Fast).costs("1", Priced);
    // 100_000 × $150/M
    call("openai", "gpt-6-astra", long_writes(100_000)).run(Tier::Ultrafast).costs("15", Priced);
    // 100_000 × $12.50/M
    call("openai", "gpt-5.6-sol", long_writes(100_000)).at("2026-08-20T23:59:59Z").costs("1.25", Priced);
}

#[test]
fn sol_5_6_became_cheaper_on_2026_08_21_in_every_tier_that_was_listed() {
    // 1_000 × $5/M + 1_000 × $0.50/M + 1_000 × $6.25/M + 1_000 × $30/M
    call("openai", "gpt-5.6-sol", input(1_000) + reads(1_000) + short_writes(1_000) + output(1_000))
        .at("2026-08-20T23:59:59Z")
        .costs("0.04175", Priced);
    // 1_000 × $4/M + 1_000 × $0.40/M + 1_000 × $5/M + 1_000 × $20/M
    call("openai", "gpt-5.6-sol", input(1_000) + reads(1_000) + short_writes(1_000) + output(1_000))
        .at("2026-08-21T00:00:00Z")
        .costs("0.0294", Priced);
    // 272_001 × $10/M + 1_000 × $45/M
    call("openai", "gpt-5.6-sol", input(272_001) + output(1_000)).at("2026-08-20T23:59:59Z").costs("2.76501", Priced);
    // 272_001 × $8/M + 1_000 × $30/M
    call("openai", "gpt-5.6-sol", input(272_001) + output(1_000)).at("2026-08-21T00:00:00Z").costs("2.206008", Priced);
    // 1_000 × $2.50/M + 1_000 × $15/M
    call("openai", "gpt-5.6-sol", input(1_000) + output(1_000))
        .at("2026-08-20T23:59:59Z")
        .run(Tier::Batch)
        .costs("0.0175", Priced);
    // 1_000 × $2/M + 1_000 × $10/M
    call("openai", "gpt-5.6-sol", input(1_000) + output(1_000))
        .at("2026-08-21T00:00:00Z")
        .run(Tier::Batch)
        .costs("0.012", Priced);
    // 1_000 × $10/M + 1_000 × $60/M
    call("openai", "gpt-5.6-sol", input(1_000) + output(1_000))
        .at("2026-08-20T23:59:59Z")
        .run(Tier::Fast)
        .costs("0.07", Priced);
    // 1_000 × $8/M + 1_000 × $40/M
    call("openai", "gpt-5.6-sol", input(1_000) + output(1_000))
        .at("2026-08-21T00:00:00Z")
        .run(Tier::Fast)
        .costs("0.048", Priced);
}

#[test]
fn luna_and_terra_5_6_became_cheaper_on_2026_07_30() {
    // 1_000 × $1/M + 1_000 × $6/M
    call("openai", "gpt-5.6-luna", input(1_000) + output(1_000)).at("2026-07-29T23:59:59Z").costs("0.007", Priced);
    // 1_000 × $0.20/M + 1_000 × $1.20/M
    call("openai", "gpt-5.6-luna", input(1_000) + output(1_000)).at("2026-07-30T00:00:00Z").costs("0.0014", Priced);
    // 1_000_000 × $0.50/M
    call("openai", "gpt-5.6-terra", reads(1_000_000)).at("2026-07-29T23:59:59Z").costs("0.5", Priced);
    // 1_000_000 × $0.40/M
    call("openai", "gpt-5.6-terra", reads(1_000_000)).at("2026-07-30T00:00:00Z").costs("0.4", Priced);
}

#[test]
fn a_tier_counts_from_the_moment_that_a_list_knows_it() {
    // 1_000 × $5/M
    call("openai", "gpt-5.5", input(1_000)).at("2026-10-11T23:59:59Z").run(Tier::Priority).costs("0.005", TierAssumed);
    // 1_000 × $12.50/M
    call("openai", "gpt-5.5", input(1_000)).at("2026-10-12T00:00:00Z").run(Tier::Priority).costs("0.0125", Priced);
    // 1_000 × $1.25/M
    call("openai", "gpt-5", input(1_000)).at("2026-10-01T01:47:30Z").run(Tier::Flex).costs("0.00125", TierAssumed);
    // 1_000 × $0.625/M
    call("openai", "gpt-5", input(1_000)).at("2026-10-01T01:47:31Z").run(Tier::Flex).costs("0.000625", Priced);
    // 1_000 × $2.50/M
    call("openai", "gpt-4o", input(1_000)).at("2024-04-14T23:59:59Z").run(Tier::Batch).costs("0.0025", TierAssumed);
    // 1_000 × $1.25/M
    call("openai", "gpt-4o", input(1_000)).at("2024-04-15T00:00:00Z").run(Tier::Batch).costs("0.00125", Priced);
    // 1_000 × $2.50/M + 1_000 × $15/M
    call("openai", "gpt-5.5", input(1_000) + output(1_000))
        .at("2026-10-13T23:59:59Z")
        .run(Tier::Batch)
        .costs("0.0175", Priced);
}

#[test]
fn priority_doubles_sol_5_6_on_both_sides_of_the_limit_and_gpt_5_5_has_none_there() {
    // 272_000 × $8/M + 1_000 × $40/M
    call("openai", "gpt-5.6-sol", input(272_000) + output(1_000)).run(Tier::Priority).costs("2.216", Priced);
    // 272_001 × $16/M + 1_000 × $60/M
    call("openai", "gpt-5.6-sol", input(272_001) + output(1_000)).run(Tier::Priority).costs("4.412016", Priced);
    // 272_001 × $12.50/M + 1_000 × $75/M
    call("openai", "gpt-5.5", input(272_001) + output(1_000)).run(Tier::Priority).costs("3.4750125", Priced);
    // 272_001 × $12.50/M + 1_000 × $75/M
    call("openai", "gpt-5.5", input(272_001) + output(1_000)).run(Tier::Fast).costs("3.4750125", Priced);
}

#[test]
fn the_fast_tier_doubles_every_rate_up_to_the_limit() {
    // 271_999 × $8/M + 1_000 × $40/M
    call("openai", "gpt-5.6-sol", input(271_999) + output(1_000)).run(Tier::Fast).costs("2.215992", Priced);
    // 272_000 × $8/M + 1_000 × $40/M
    call("openai", "gpt-5.6-sol", input(272_000) + output(1_000)).run(Tier::Fast).costs("2.216", Priced);
    // 272_000 × $0.02/M + 1_000 × $1/M
    call("openai", "gpt-6-luna", reads(272_000) + output(1_000)).run(Tier::Fast).costs("0.00644", Priced);
    // Only one list knew the tier then, and it had no limit there.
    // 272_001 × $8/M + 1_000 × $40/M
    call("openai", "gpt-5.6-sol", input(272_001) + output(1_000))
        .at("2026-09-01T00:00:00Z")
        .run(Tier::Fast)
        .costs("2.216008", Priced);
}

#[test]
fn one_list_knows_of_long_prompts_in_the_fast_tier() {
    // 272_001 × $16/M + 1_000 × $60/M
    call("openai", "gpt-5.6-sol", input(272_001) + output(1_000)).run(Tier::Fast).costs("4.412016", Priced);
    // 272_001 × $0.04/M + 1_000 × $1.50/M
    call("openai", "gpt-6-luna", reads(272_001) + output(1_000)).run(Tier::Fast).costs("0.01238004", Priced);
}

#[test]
fn a_limit_that_was_recorded_wrongly_at_first_is_the_one_of_today() {
    // GPT-5.4 in April: 272_000 × $2.50/M, then 272_001 × $5/M, though the record of that month says 200 000
    let at = "2026-04-10T00:00:00Z";
    call("openai", "gpt-5.4", input(272_000)).at(at).costs("0.68", Priced);
    call("openai", "gpt-5.4", input(272_001)).at(at).costs("1.360005", Priced);
}

#[test]
fn a_first_price_that_was_noticed_late_gives_way_to_a_list_that_knows_the_change() {
    // o3 was cut on 2025-06-10: 1_000 × $10/M + 1_000 × $40/M before
    let call = call("openai", "o3", input(1_000) + output(1_000));
    call.clone().at("2025-05-01T00:00:00Z").costs("0.05", Priced);
    // 1_000 × $2/M + 1_000 × $8/M
    call.at("2025-06-20T00:00:00Z").costs("0.01", Priced);
}

#[test]
fn the_lists_disagree_about_reads_in_batch_and_about_long_prompts_there() {
    // 200_000 × $0.13/M, at least 200_000 × $0.125/M
    call("openai", "gpt-5.4", reads(200_000)).run(Tier::Batch).costs_between("0.025", "0.026", "0.026", Disputed);
    // 1_000_000 × $0.50/M, at least 1_000_000 × $0.25/M
    call("openai", "gpt-4.1", reads(1_000_000)).run(Tier::Batch).costs_between("0.25", "0.5", "0.5", Disputed);
    // 272_000 × $15/M + 1_000 × $90/M
    call("openai", "gpt-5.5-pro", input(272_000) + output(1_000)).run(Tier::Batch).costs("4.17", Priced);
    // 272_001 × $15/M + 1_000 × $90/M, at most 272_001 × $30/M + 1_000 × $135/M
    call("openai", "gpt-5.5-pro", input(272_001) + output(1_000))
        .run(Tier::Batch)
        .costs_between("4.170015", "4.170015", "8.29503", Disputed);
    // In flex one list alone has them.
    // 200_000 × $0.13/M
    call("openai", "gpt-5.4", reads(200_000)).run(Tier::Flex).costs("0.026", Priced);
}

#[test]
fn ultrafast_costs_six_times_as_much_from_its_first_day_on() {
    // 1_000 × $2/M + 1_000 × $0.10/M + 1_000 × $2.50/M + 1_000 × $10/M
    call("openai", "gpt-6.1-sol", input(1_000) + reads(1_000) + short_writes(1_000) + output(1_000))
        .at("2026-10-08T21:03:50Z")
        .run(Tier::Ultrafast)
        .costs("0.0146", TierAssumed);
    // 1_000 × $12/M + 1_000 × $0.60/M + 1_000 × $15/M + 1_000 × $30/M + 1_000 × $60/M
    call(
        "openai",
        "gpt-6.1-sol",
        input(1_000) + reads(1_000) + short_writes(1_000) + long_writes(1_000) + output(1_000),
    )
    .at("2026-10-08T21:03:51Z")
    .run(Tier::Ultrafast)
    .costs("0.1176", Priced);
    // 272_001 × $12/M + 1_000 × $60/M
    call("openai", "gpt-6.1-sol", input(272_001) + output(1_000)).run(Tier::Ultrafast).costs("3.324012", Priced);
    // 1_000 × $60/M + 1_000 × $300/M
    call("openai", "gpt-6-astra", input(1_000) + output(1_000)).run(Tier::Ultrafast).costs("0.36", Priced);
    // 1_000 × $5/M
    call("openai", "gpt-5.5", input(1_000)).run(Tier::Ultrafast).costs("0.005", TierAssumed);
}

#[test]
fn reads_that_the_history_began_without_cost_what_the_other_list_says() {
    // 1_000_000 × $1.25/M
    call("openai", "gpt-4o", reads(1_000_000)).at("2025-01-15T00:00:00Z").costs("1.25", Priced);
}

#[test]
fn searches_cost_a_cent_each_in_every_tier() {
    // 1_000 × $5/M + 7 × $10/1000
    call("openai", "gpt-5.5", input(1_000)).searching(7).costs("0.075", Priced);
    // 1_000 × $2.50/M + 7 × $10/1000
    call("openai", "gpt-5.5", input(1_000)).searching(7).run(Tier::Flex).costs("0.0725", Priced);
    // 1 × $10/1000
    call("openai", "gpt-5.5", Tokens::default()).searching(1).costs("0.01", Priced);
}

#[test]
fn billions_of_the_cheapest_tokens_are_exact() {
    // 5_000_000_001 × $0.02/M + 3_000_000_000 × $0.75/M
    call("openai", "gpt-6-luna", reads(5_000_000_001) + output(3_000_000_000)).costs("2350.00000002", Priced);
    // 1 × $0.025/M
    call("openai", "gpt-6.1-terra", reads(1)).run(Tier::Batch).costs("0.000000025", Priced);
}

#[test]
fn models_after_the_lists_have_no_price() {
    // No list has it.
    call("openai", "gpt-6.2-sol", input(1_000)).has_no_price();
    // No list has it.
    call("openai", "gpt-6.2-astra", input(1_000)).has_no_price();
}
