//! What holds for every price there is.

use proptest::prelude::*;
use spendmeter_catalogue::Listing;

use super::{BOOK, call};
use crate::money::Usd;
use crate::usage::{Tier, Tokens, UsageRecord};

const TIERS: [Tier; 6] = [Tier::Standard, Tier::Batch, Tier::Flex, Tier::Priority, Tier::Fast, Tier::Ultrafast];

/// What a call may have used, of every kind.
fn any_tokens() -> impl Strategy<Value = Tokens> {
    let count = || prop_oneof![0..3_000_u64, 90_000..300_000_u64];
    (count(), count(), count(), count(), count()).prop_map(|(input, read, short, long, output)| Tokens {
        input,
        cache_read: read,
        cache_write_short: short,
        cache_write_long: long,
        output,
        reasoning: 0,
    })
}

/// A call of any listed model at any moment of the last years.
fn any_call() -> impl Strategy<Value = UsageRecord> {
    let models = BOOK.catalogue().models().count();
    (0..models, 0..TIERS.len(), 1_735_689_600..1_830_000_000_i64, any_tokens()).prop_map(|(model, tier, at, tokens)| {
        let listing: Listing<'static> = BOOK.catalogue().models().nth(model).unwrap();
        let mut call = call(listing.provider(), listing.model(), tokens).run(TIERS[tier].clone());
        call.occurred_at = jiff::Timestamp::from_second(at).unwrap();
        call
    })
}

/// One more token of one kind.
fn with_one_more(call: &UsageRecord, kind: usize) -> UsageRecord {
    let mut more = call.clone();
    let Tokens { input, cache_read, cache_write_short, cache_write_long, output, .. } = &mut more.tokens;
    *[input, cache_read, cache_write_short, cache_write_long, output][kind] += 1;
    more
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn a_token_more_never_costs_less(call in any_call(), kind in 0..5_usize) {
        let cost = |call: &UsageRecord| BOOK.price(call).price.cost.map(|cost| cost.likely);
        if let (Some(before), Some(after)) = (cost(&call), cost(&with_one_more(&call, kind))) {
            prop_assert!(after >= before, "{:?} {before} {after}", call.attribution);
        }
    }

    #[test]
    fn the_likely_cost_lies_within_its_margin_and_none_is_negative(call in any_call()) {
        if let Some(cost) = BOOK.price(&call).price.cost {
            prop_assert!(cost.below >= Usd::ZERO && cost.above >= Usd::ZERO);
            prop_assert!(cost.likely - cost.below >= Usd::ZERO, "{cost:?}");
        }
    }

    #[test]
    fn two_calls_cost_as_much_as_both_together_where_one_point_prices_them(call in any_call(), more in any_tokens()) {
        let priced = |tokens| BOOK.price(&UsageRecord { tokens, ..call.clone() });
        let [one, other, both] = [call.tokens, more, call.tokens + more].map(priced);
        // What is turned away here is drawn anew, so that every case is one of three prices by one point.
        prop_assume!(one.by.is_some() && one.by == other.by && other.by == both.by);
        let [one, other, both] = [one, other, both].map(|priced| priced.price.cost.unwrap().likely.nanos());
        // Each of the three is rounded once, by half a nano-dollar at most.
        prop_assert!((one + other - both).abs() <= 1, "{one} + {other} is not {both}");
    }
}
