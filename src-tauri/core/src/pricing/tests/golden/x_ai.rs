//! xAI: long from 200,000 on, that token included; a fifth off in batch.

use super::super::super::PriceStatus::{Priced, TierAssumed};
use super::{call, input, output, reads};
use crate::usage::Tier;

#[test]
fn grok_doubles_at_token_200_000_itself() {
    // 199_998 × $2/M + 1_000 × $6/M
    call("x-ai", "grok-4.7", input(199_998) + output(1_000)).costs("0.405996", Priced);
    // 199_999 × $2/M + 1_000 × $6/M
    call("x-ai", "grok-4.7", input(199_999) + output(1_000)).costs("0.405998", Priced);
    // 200_000 × $4/M + 1_000 × $12/M
    call("x-ai", "grok-4.7", input(200_000) + output(1_000)).costs("0.812", Priced);
    // 199_999 × $1/M + 1_000 × $2/M
    call("x-ai", "grok-build-0.1", input(199_999) + output(1_000)).costs("0.201999", Priced);
    // 200_000 × $2/M + 1_000 × $4/M
    call("x-ai", "grok-build-0.1", input(200_000) + output(1_000)).costs("0.404", Priced);
}

#[test]
fn grok_counts_what_it_read_towards_the_limit() {
    // 49_999 × $2/M + 150_000 × $0.50/M + 1_000 × $6/M
    call("x-ai", "grok-4.7", input(49_999) + reads(150_000) + output(1_000)).costs("0.180998", Priced);
    // 50_000 × $4/M + 150_000 × $1/M + 1_000 × $12/M
    call("x-ai", "grok-4.7", input(50_000) + reads(150_000) + output(1_000)).costs("0.362", Priced);
}

#[test]
fn batch_is_a_fifth_off_on_both_sides_of_the_limit() {
    // 100_000 × $1/M + 99_999 × $0.16/M + 1_000 × $2/M
    call("x-ai", "grok-4.3", input(100_000) + reads(99_999) + output(1_000))
        .run(Tier::Batch)
        .costs("0.11799984", Priced);
    // 100_000 × $2/M + 100_000 × $0.32/M + 1_000 × $4/M
    call("x-ai", "grok-4.3", input(100_000) + reads(100_000) + output(1_000)).run(Tier::Batch).costs("0.236", Priced);
    // 100_000 × $1.60/M + 99_999 × $0.40/M + 1_000 × $4.80/M
    call("x-ai", "grok-4.7", input(100_000) + reads(99_999) + output(1_000))
        .run(Tier::Batch)
        .costs("0.2047996", Priced);
    // 100_000 × $3.20/M + 100_001 × $0.80/M + 1_000 × $9.60/M
    call("x-ai", "grok-4.7", input(100_000) + reads(100_001) + output(1_000))
        .run(Tier::Batch)
        .costs("0.4096008", Priced);
}

#[test]
fn batch_is_long_at_token_200_000_itself_whichever_list_has_it() {
    // 100_000 × $3.20/M + 100_000 × $0.80/M + 1_000 × $9.60/M
    call("x-ai", "grok-4.7", input(100_000) + reads(100_000) + output(1_000)).run(Tier::Batch).costs("0.4096", Priced);
    // 200_000 × $3.20/M
    call("x-ai", "grok-4.6", input(200_000)).run(Tier::Batch).costs("0.64", Priced);
}

#[test]
fn batch_counts_from_the_moment_that_a_list_knows_it() {
    // 1_000 × $2/M
    call("x-ai", "grok-4.7", input(1_000)).at("2026-10-21T23:59:59Z").run(Tier::Batch).costs("0.002", TierAssumed);
    // 1_000 × $1.60/M
    call("x-ai", "grok-4.7", input(1_000)).at("2026-10-22T00:00:00Z").run(Tier::Batch).costs("0.0016", Priced);
    // 1_000 × $1.25/M
    call("x-ai", "grok-4.3", input(1_000)).at("2026-10-13T23:59:59Z").run(Tier::Batch).costs("0.00125", TierAssumed);
    // 1_000 × $1/M
    call("x-ai", "grok-4.3", input(1_000)).at("2026-10-14T00:00:00Z").run(Tier::Batch).costs("0.001", Priced);
}

#[test]
fn grok_4_5_reads_became_cheaper_in_july_2026() {
    // 100_000 × $0.50/M
    call("x-ai", "grok-4.5", reads(100_000)).at("2026-07-19T04:20:55Z").costs("0.05", Priced);
    // 100_000 × $0.30/M
    call("x-ai", "grok-4.5", reads(100_000)).at("2026-07-19T04:20:56Z").costs("0.03", Priced);
}

#[test]
fn grok_4_6_was_fast_for_four_days_without_a_limit() {
    // 200_001 × $4/M + 1_000 × $12/M
    call("x-ai", "grok-4.6", input(200_001) + output(1_000))
        .at("2026-08-16T04:26:57Z")
        .run(Tier::Fast)
        .costs("0.812004", Priced);
    // 100_000 × $4/M
    call("x-ai", "grok-4.6", input(100_000)).at("2026-08-16T04:26:57Z").run(Tier::Fast).costs("0.4", Priced);
    // 100_000 × $2/M
    call("x-ai", "grok-4.6", input(100_000)).at("2026-08-16T04:26:58Z").run(Tier::Fast).costs("0.2", TierAssumed);
}
