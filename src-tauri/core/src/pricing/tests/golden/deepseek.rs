//! Peak hours on working days in China, and the nights of 2025.

use super::super::super::PriceStatus::{Priced, TierAssumed};
use super::{call, input, output, reads};
use crate::usage::Tier;

#[test]
fn v4_pro_is_twice_as_dear_in_peak_hours_of_a_tuesday() {
    // 1_000 × $0.66/M + 1_000 × $0.022/M + 1_000 × $1.98/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-24T00:59:59Z")
        .costs("0.002662", Priced);
    // 1_000 × $1.32/M + 1_000 × $0.044/M + 1_000 × $3.96/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-24T01:00:00Z")
        .costs("0.005324", Priced);
    // 1_000 × $1.32/M + 1_000 × $0.044/M + 1_000 × $3.96/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-24T03:59:59Z")
        .costs("0.005324", Priced);
    // 1_000 × $0.66/M + 1_000 × $0.022/M + 1_000 × $1.98/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-24T04:00:00Z")
        .costs("0.002662", Priced);
    // 1_000 × $0.66/M + 1_000 × $0.022/M + 1_000 × $1.98/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-24T05:59:59Z")
        .costs("0.002662", Priced);
    // 1_000 × $1.32/M + 1_000 × $0.044/M + 1_000 × $3.96/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-24T06:00:00Z")
        .costs("0.005324", Priced);
    // 1_000 × $1.32/M + 1_000 × $0.044/M + 1_000 × $3.96/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-24T09:59:59Z")
        .costs("0.005324", Priced);
    // 1_000 × $0.66/M + 1_000 × $0.022/M + 1_000 × $1.98/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-24T10:00:00Z")
        .costs("0.002662", Priced);
}

#[test]
fn weekends_and_chinese_holidays_have_no_peak_hours() {
    // A Saturday:
    // 1_000 × $0.66/M + 1_000 × $0.022/M + 1_000 × $1.98/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-21T02:00:00Z")
        .costs("0.002662", Priced);
    // A Sunday:
    // 1_000 × $0.66/M + 1_000 × $0.022/M + 1_000 × $1.98/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-22T07:00:00Z")
        .costs("0.002662", Priced);
    // The Monday after:
    // 1_000 × $1.32/M + 1_000 × $0.044/M + 1_000 × $3.96/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-23T02:00:00Z")
        .costs("0.005324", Priced);
    // Mid-Autumn, a Friday:
    // 1_000 × $0.66/M + 1_000 × $0.022/M + 1_000 × $1.98/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-09-25T07:00:00Z")
        .costs("0.002662", Priced);
    // The Monday after:
    // 1_000 × $1.32/M + 1_000 × $0.044/M + 1_000 × $3.96/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-09-28T02:00:00Z")
        .costs("0.005324", Priced);
    // National Day, a Thursday:
    // 1_000 × $0.66/M + 1_000 × $0.022/M + 1_000 × $1.98/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-10-01T02:00:00Z")
        .costs("0.002662", Priced);
    // The last day of the holidays:
    // 1_000 × $0.66/M + 1_000 × $0.022/M + 1_000 × $1.98/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-10-07T09:59:59Z")
        .costs("0.002662", Priced);
    // The first day after:
    // 1_000 × $1.32/M + 1_000 × $0.044/M + 1_000 × $3.96/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-10-08T02:00:00Z")
        .costs("0.005324", Priced);
}

#[test]
fn peak_hours_began_with_2026_08_17_in_beijing() {
    // A Friday, at an hour that would be peak now:
    // 1_000 × $0.435/M + 1_000 × $0.003625/M + 1_000 × $0.87/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-08-14T02:00:00Z")
        .costs("0.001308625", Priced);
    // 1_000 × $0.435/M + 1_000 × $0.003625/M + 1_000 × $0.87/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-08-16T15:59:59Z")
        .costs("0.001308625", Priced);
    // 1_000 × $0.66/M + 1_000 × $0.022/M + 1_000 × $1.98/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-08-16T16:00:00Z")
        .costs("0.002662", Priced);
    // 1_000 × $1.32/M + 1_000 × $0.044/M + 1_000 × $3.96/M
    call("deepseek", "deepseek-v4-pro", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-08-17T01:00:00Z")
        .costs("0.005324", Priced);
}

#[test]
fn flash_has_the_same_hours() {
    // 1_000 × $0.15/M + 1_000 × $0.003/M + 1_000 × $0.60/M
    call("deepseek", "deepseek-flash", input(1_000) + reads(1_000) + output(1_000)).costs("0.000753", Priced);
    // 1_000 × $0.30/M + 1_000 × $0.006/M + 1_000 × $1.20/M
    call("deepseek", "deepseek-flash", input(1_000) + reads(1_000) + output(1_000))
        .at("2026-11-24T06:00:00Z")
        .costs("0.001506", Priced);
    // A peak hour at the price of V4, then an ordinary one at that of V4.1.
    // 1_000 × $0.44/M
    call("deepseek", "deepseek-v4-flash", input(1_000)).at("2026-09-10T03:59:59Z").costs("0.00044", Priced);
    // 1_000 × $0.15/M
    call("deepseek", "deepseek-v4-flash", input(1_000)).at("2026-09-10T04:00:00Z").costs("0.00015", Priced);
    // 1_000 × $0.14/M
    call("deepseek", "deepseek-v4-flash", input(1_000)).at("2026-08-16T15:59:59Z").costs("0.00014", Priced);
}

#[test]
fn nights_of_2025_were_at_half_price_for_chat_and_at_a_quarter_for_reasoner() {
    // 1_000 × $0.27/M + 1_000 × $0.07/M + 1_000 × $1.10/M
    call("deepseek", "deepseek-chat", input(1_000) + reads(1_000) + output(1_000))
        .at("2025-07-01T16:29:59Z")
        .costs("0.00144", Priced);
    // 1_000 × $0.135/M + 1_000 × $0.035/M + 1_000 × $0.55/M
    call("deepseek", "deepseek-chat", input(1_000) + reads(1_000) + output(1_000))
        .at("2025-07-01T16:30:00Z")
        .costs("0.00072", Priced);
    // 1_000 × $0.135/M + 1_000 × $0.035/M + 1_000 × $0.55/M
    call("deepseek", "deepseek-chat", input(1_000) + reads(1_000) + output(1_000))
        .at("2025-07-02T00:29:59Z")
        .costs("0.00072", Priced);
    // 1_000 × $0.27/M + 1_000 × $0.07/M + 1_000 × $1.10/M
    call("deepseek", "deepseek-chat", input(1_000) + reads(1_000) + output(1_000))
        .at("2025-07-02T00:30:00Z")
        .costs("0.00144", Priced);
    // 1_000 × $0.55/M + 1_000 × $0.14/M + 1_000 × $2.19/M
    call("deepseek", "deepseek-reasoner", input(1_000) + reads(1_000) + output(1_000))
        .at("2025-07-01T12:00:00Z")
        .costs("0.00288", Priced);
    // Weekends, too:
    // 1_000 × $0.1375/M + 1_000 × $0.035/M + 1_000 × $0.5475/M
    call("deepseek", "deepseek-reasoner", input(1_000) + reads(1_000) + output(1_000))
        .at("2025-07-05T20:00:00Z")
        .costs("0.00072", Priced);
}

#[test]
fn the_discount_of_2025_has_a_beginning_and_an_end() {
    // 1_000 × $0.27/M
    call("deepseek", "deepseek-chat", input(1_000)).at("2025-02-26T16:29:59Z").costs("0.00027", Priced);
    // 1_000 × $0.135/M
    call("deepseek", "deepseek-chat", input(1_000)).at("2025-02-26T16:30:00Z").costs("0.000135", Priced);
    // 1_000 × $0.285/M
    call("deepseek", "deepseek-chat", input(1_000)).at("2025-09-04T16:30:00Z").costs("0.000285", Priced);
    // 1_000 × $0.57/M
    call("deepseek", "deepseek-chat", input(1_000)).at("2025-09-05T16:30:00Z").costs("0.00057", Priced);
}

#[test]
fn half_a_nano_dollar_of_reads_is_rounded_up() {
    // 3.625 nano-dollars:
    // 1 × $0.003625/M
    call("deepseek", "deepseek-v4-pro", reads(1)).at("2026-07-01T12:00:00Z").costs("0.000000004", Priced);
    // 14.5, not four times 4:
    // 4 × $0.003625/M
    call("deepseek", "deepseek-v4-pro", reads(4)).at("2026-07-01T12:00:00Z").costs("0.000000015", Priced);
}

#[test]
fn deepseek_has_no_tiers() {
    // 1_000 × $0.66/M
    call("deepseek", "deepseek-v4-pro", input(1_000)).run(Tier::Batch).costs("0.00066", TierAssumed);
    // 1_000 × $1.32/M
    call("deepseek", "deepseek-v4-pro", input(1_000))
        .at("2026-11-24T01:00:00Z")
        .run(Tier::Flex)
        .costs("0.00132", TierAssumed);
}
