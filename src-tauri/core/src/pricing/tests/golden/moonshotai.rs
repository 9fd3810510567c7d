//! Moonshot: writes at the price of input, and at twice that for an hour.

use super::super::super::PriceStatus::{Disputed, Priced, TierAssumed};
use super::{call, input, long_writes, output, reads, short_writes};
use crate::usage::Tier;

#[test]
fn kimi_k3_writes_at_the_price_of_input_and_for_an_hour_at_twice_that() {
    // 1_000 × $3/M + 10_000 × $0.30/M + 1_000 × $3/M + 1_000 × $6/M + 1_000 × $15/M
    call(
        "moonshotai",
        "kimi-k3",
        input(1_000) + reads(10_000) + short_writes(1_000) + long_writes(1_000) + output(1_000),
    )
    .costs("0.03", Priced);
    // 100_000 × $3/M
    call("moonshotai", "kimi-k3", short_writes(100_000)).costs("0.3", Priced);
    // 100_000 × $6/M
    call("moonshotai", "kimi-k3", long_writes(100_000)).costs("0.6", Priced);
    // One list has no write of its own before October, the other has.
    // 1_000 × $3/M + 1_000 × $6/M
    call("moonshotai", "kimi-k3", short_writes(1_000) + long_writes(1_000))
        .at("2026-08-01T00:00:00Z")
        .costs("0.009", Priced);
}

#[test]
fn kimi_k3_1_pro_and_its_faster_sibling() {
    // 1_000 × $2/M + 1_000 × $0.20/M + 1_000 × $2/M + 1_000 × $4/M + 1_000 × $10/M
    call(
        "moonshotai",
        "kimi-k3.1-pro",
        input(1_000) + reads(1_000) + short_writes(1_000) + long_writes(1_000) + output(1_000),
    )
    .costs("0.0182", Priced);
    // 1_000 × $4/M + 1_000 × $0.20/M + 1_000 × $4/M + 1_000 × $8/M + 1_000 × $20/M
    call(
        "moonshotai",
        "kimi-k3.1-pro-highspeed",
        input(1_000) + reads(1_000) + short_writes(1_000) + long_writes(1_000) + output(1_000),
    )
    .costs("0.0362", Priced);
}

#[test]
fn older_kimis_list_reads_and_no_writes() {
    // 1_000 × $0.95/M + 1_000 × $0.16/M + 1_000 × $0.95/M + 1_000 × $4/M
    call("moonshotai", "kimi-k2.6", input(1_000) + reads(1_000) + short_writes(1_000) + output(1_000))
        .costs("0.00606", Priced);
    // 1_000_000 × $0.19/M
    call("moonshotai", "kimi-k2.7-code", reads(1_000_000)).costs("0.19", Priced);
    // 1_000 × $0.60/M + 1_000 × $3/M
    call("moonshotai", "kimi-k2.5", input(1_000) + output(1_000)).at("2026-01-29T08:16:34Z").costs("0.0036", Priced);
}

#[test]
fn the_lists_disagree_about_a_retired_kimi() {
    // 1_000 × $2.40/M + 1_000 × $10/M by the list that is dated later, at least 1_000 × $1.15/M + 1_000 × $8/M
    call("moonshotai", "kimi-k2-turbo-preview", input(1_000) + output(1_000))
        .costs_between("0.00915", "0.0124", "0.0124", Disputed);
}

#[test]
fn moonshot_has_no_tiers() {
    // 1_000 × $3/M
    call("moonshotai", "kimi-k3", input(1_000)).run(Tier::Batch).costs("0.003", TierAssumed);
    // 1_000 × $3/M
    call("moonshotai", "kimi-k3", input(1_000)).run(Tier::Fast).costs("0.003", TierAssumed);
}
