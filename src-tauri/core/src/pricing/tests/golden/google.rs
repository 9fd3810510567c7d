//! Google: the limit of 200,000, batch reads, promotions that are announced to end.

use super::super::super::PriceStatus::{Disputed, Expected, Priced, TierAssumed};
use super::{call, input, output, reads};
use crate::usage::Tier;

#[test]
fn gemini_2_5_pro_is_dearer_from_token_200_001_on() {
    // 199_999 × $1.25/M + 1_000 × $10/M
    call("google", "gemini-2.5-pro", input(199_999) + output(1_000)).costs("0.25999875", Priced);
    // 200_000 × $1.25/M + 1_000 × $10/M
    call("google", "gemini-2.5-pro", input(200_000) + output(1_000)).costs("0.26", Priced);
    // 200_001 × $2.50/M + 1_000 × $15/M
    call("google", "gemini-2.5-pro", input(200_001) + output(1_000)).costs("0.5150025", Priced);
    // 200_000 × $0.625/M + 1_000 × $5/M
    call("google", "gemini-2.5-pro", input(200_000) + output(1_000)).run(Tier::Batch).costs("0.13", Priced);
    // 200_001 × $1.25/M + 1_000 × $7.50/M
    call("google", "gemini-2.5-pro", input(200_001) + output(1_000)).run(Tier::Batch).costs("0.25750125", Priced);
}

#[test]
fn gemini_3_1_pro_counts_what_it_read_towards_the_limit() {
    // 50_000 × $2/M + 150_000 × $0.20/M + 1_000 × $12/M
    call("google", "gemini-3.1-pro-preview", input(50_000) + reads(150_000) + output(1_000)).costs("0.142", Priced);
    // 50_001 × $4/M + 150_000 × $0.40/M + 1_000 × $18/M
    call("google", "gemini-3.1-pro-preview", input(50_001) + reads(150_000) + output(1_000)).costs("0.278004", Priced);
}

#[test]
fn reads_have_no_discount_in_the_batches_of_older_models() {
    // 200_000 × $0.125/M
    call("google", "gemini-2.5-pro", reads(200_000)).run(Tier::Batch).costs("0.025", Priced);
    // 200_001 × $0.25/M
    call("google", "gemini-2.5-pro", reads(200_001)).run(Tier::Batch).costs("0.05000025", Priced);
    // 200_001 × $0.40/M
    call("google", "gemini-3.1-pro-preview", reads(200_001)).run(Tier::Batch).costs("0.0800004", Priced);
    // 200_000 × $0.0375/M
    call("google", "gemini-3.8-flash", reads(200_000)).run(Tier::Batch).costs("0.0075", Priced);
}

#[test]
fn argon_is_expected_to_double_in_december_and_costs_what_it_costs_until_then() {
    // 1_000 × $2/M + 1_000 × $0.10/M + 1_000 × $10/M
    call("google", "gemini-4-argon", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-30T23:59:59Z")
        .costs("0.0121", Priced);
    // 1_000 × $4/M + 1_000 × $0.20/M + 1_000 × $20/M, at least 1_000 × $2/M + 1_000 × $0.10/M + 1_000 × $10/M
    call("google", "gemini-4-argon", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-12-01T00:00:00Z")
        .costs_between("0.0121", "0.0242", "0.0242", Expected);
    // 1_000 × $1/M + 1_000 × $5/M
    call("google", "gemini-4-argon", input(1_000) + output(1_000))
        .at("2026-11-30T23:59:59Z")
        .run(Tier::Batch)
        .costs("0.006", Priced);
    // 1_000 × $2/M + 1_000 × $10/M, at least 1_000 × $1/M + 1_000 × $5/M
    call("google", "gemini-4-argon", input(1_000) + output(1_000))
        .at("2026-12-01T00:00:00Z")
        .run(Tier::Batch)
        .costs_between("0.006", "0.012", "0.012", Expected);
    // 1_000 × $4/M, at least 1_000 × $2/M
    call("google", "gemini-4-argon", input(1_000))
        .at("2027-06-01T00:00:00Z")
        .costs_between("0.002", "0.004", "0.004", Expected);
}

#[test]
fn flash_3_8_is_expected_to_double_with_the_year() {
    // 1_000 × $0.75/M + 1_000 × $0.075/M + 1_000 × $3.75/M
    call("google", "gemini-3.8-flash", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-12-31T23:59:59Z")
        .costs("0.004575", Priced);
    // 1_000 × $1.50/M + 1_000 × $0.15/M + 1_000 × $7.50/M, at least 1_000 × $0.75/M + 1_000 × $0.075/M + 1_000 × $3.75/M
    call("google", "gemini-3.8-flash", input(1_000) + reads(1_000) + output(1_000))
        .at("2027-01-01T00:00:00Z")
        .costs_between("0.004575", "0.00915", "0.00915", Expected);
    // 1_000 × $0.375/M
    call("google", "gemini-3.8-flash", input(1_000))
        .at("2026-12-31T23:59:59Z")
        .run(Tier::Batch)
        .costs("0.000375", Priced);
    // 1_000 × $0.75/M, at least 1_000 × $0.375/M
    call("google", "gemini-3.8-flash", input(1_000))
        .at("2027-01-01T00:00:00Z")
        .run(Tier::Batch)
        .costs_between("0.000375", "0.00075", "0.00075", Expected);
    // 1_000 × $0.90/M
    call("google", "gemini-3.8-flash-tts", input(1_000))
        .at("2026-12-31T23:59:59Z")
        .run(Tier::Priority)
        .costs("0.0009", Priced);
    // 1_000 × $1.80/M, at least 1_000 × $0.90/M
    call("google", "gemini-3.8-flash-tts", input(1_000))
        .at("2027-01-01T00:00:00Z")
        .run(Tier::Priority)
        .costs_between("0.0009", "0.0018", "0.0018", Expected);
}

#[test]
fn flash_3_6_cost_double_before_its_promotion_of_2026_08_13() {
    // 1_000 × $1.50/M + 1_000 × $7.50/M
    call("google", "gemini-3.6-flash", input(1_000) + output(1_000)).at("2026-08-13T18:11:23Z").costs("0.009", Priced);
    // 1_000 × $0.75/M + 1_000 × $3.75/M
    call("google", "gemini-3.6-flash", input(1_000) + output(1_000)).at("2026-08-13T18:11:24Z").costs("0.0045", Priced);
    // 1_000 × $0.75/M
    call("google", "gemini-3.6-flash", input(1_000))
        .at("2026-08-13T18:11:23Z")
        .run(Tier::Batch)
        .costs("0.00075", Priced);
}

#[test]
fn flash_2_5_reads_became_cheaper_in_april_2026() {
    // 1_000_000 × $0.075/M
    call("google", "gemini-2.5-flash", reads(1_000_000)).at("2026-04-20T18:43:52Z").costs("0.075", Priced);
    // 1_000_000 × $0.03/M
    call("google", "gemini-2.5-flash", reads(1_000_000)).at("2026-04-20T18:43:53Z").costs("0.03", Priced);
}

#[test]
fn batch_and_flex_of_google_as_far_as_they_are_listed() {
    // 1_000 × $0.75/M + 1_000 × $0.075/M + 1_000 × $4.50/M
    call("google", "gemini-3.5-flash", input(1_000) + reads(1_000) + output(1_000))
        .run(Tier::Batch)
        .costs("0.005325", Priced);
    // 1_000 × $1.50/M
    call("google", "gemini-3.5-flash", input(1_000)).run(Tier::Flex).costs("0.0015", TierAssumed);
    // 1_000_000 × $0.02/M, at least 1_000_000 × $0.015/M
    call("google", "gemini-3.5-flash-lite", reads(1_000_000))
        .run(Tier::Batch)
        .costs_between("0.015", "0.02", "0.02", Disputed);
    // 1_000 × $0.30/M
    call("google", "gemini-2.5-flash", input(1_000))
        .at("2025-07-06T23:59:59Z")
        .run(Tier::Batch)
        .costs("0.0003", TierAssumed);
    // 1_000 × $0.15/M
    call("google", "gemini-2.5-flash", input(1_000))
        .at("2025-07-07T00:00:00Z")
        .run(Tier::Batch)
        .costs("0.00015", Priced);
}

#[test]
fn searches_of_google_have_their_own_fees() {
    // 1_000 × $2/M + 3 × $14/1000
    call("google", "gemini-4-argon", input(1_000)).searching(3).costs("0.044", Priced);
    // 1_000 × $1.25/M + 3 × $35/1000
    call("google", "gemini-2.5-pro", input(1_000)).searching(3).costs("0.10625", Priced);
    // 1_000 × $0.50/M + 2 × $14/1000
    call("google", "gemini-3-flash-preview", input(1_000))
        .at("2026-01-05T00:00:00Z")
        .searching(2)
        .costs("0.0285", Priced);
}
