//! How sightings of a call merge, and what its tokens add up to.

use proptest::prelude::*;

use super::*;

fn seen(output: u64, at: &str, session: &str, witness: Witness) -> UsageRecord {
    UsageRecord {
        source: "claude-code",
        key: "msg_1".into(),
        occurred_at: at.parse().unwrap(),
        tokens: Tokens { input: 2, output, ..Tokens::default() },
        cache_writes: CacheWrites::Told,
        is_sum: false,
        web_searches: 0,
        basis: Basis::Estimated,
        reported: None,
        attribution: Arc::new(Attribution { session: Some(session.into()), ..Attribution::default() }),
        witness,
    }
}

#[test]
fn t02_the_final_usage_wins_and_the_first_moment_stays() {
    let mut record = seen(8, "2026-11-24T07:00:00Z", "a", Witness::Primary);
    assert!(record.merge(&seen(150, "2026-11-24T07:00:04Z", "a", Witness::Primary), Written::After).is_change());
    assert_eq!(record, seen(150, "2026-11-24T07:00:00Z", "a", Witness::Primary));
    assert!(
        !record.merge(&seen(40, "2026-11-24T07:00:02Z", "a", Witness::Primary), Written::After).is_change(),
        "nothing new"
    );
}

#[test]
fn t04_the_conversation_of_the_call_owns_it_in_whichever_order_it_is_seen() {
    let original = seen(150, "2026-11-24T07:00:00Z", "parent", Witness::Primary);
    let replay = seen(150, "2026-11-24T06:59:00Z", "side", Witness::Secondary);
    let (mut forward, mut backward) = (original.clone(), replay.clone());
    forward.merge(&replay, Written::After);
    backward.merge(&original, Written::After);
    assert_eq!(forward, original);
    assert_eq!(backward, original);
}

#[test]
fn what_a_later_look_knows_of_the_call_is_taken_over() {
    let mut record = seen(150, "2026-11-24T07:00:00Z", "a", Witness::Primary);
    let mut known = record.clone();
    Arc::make_mut(&mut known.attribution).model = Some("claude-opus-5-5".into());
    let first = record.clone();
    assert_eq!(record.merge(&known, Written::After), Merged { fuller: false, closer: true });
    assert_eq!(record, known);
    assert!(!record.merge(&first, Written::After).is_change());
    // Of two that know as much, the one that was there first stays.
    let mut other = known.clone();
    Arc::make_mut(&mut other.attribution).model = Some("claude-haiku-4-5".into());
    assert!(!record.merge(&other, Written::After).is_change());
    assert!(record.merge(&other, Written::Before).closer);
}

#[test]
fn what_the_provider_said_of_the_cost_belongs_to_the_usage_that_it_was_said_with() {
    let said = |output, nanos: Option<i64>| UsageRecord {
        reported: nanos.map(Usd::from_nanos),
        basis: if nanos.is_some() { Basis::Billed } else { Basis::Estimated },
        ..seen(output, "2026-11-24T07:00:00Z", "a", Witness::Primary)
    };
    for (first, second, left) in [
        (said(8, None), said(8, Some(5)), said(8, Some(5))),
        (said(8, Some(3)), said(150, Some(5)), said(150, Some(5))),
        (said(8, Some(3)), said(150, None), said(150, None)),
    ] {
        let (mut forward, mut backward) = (first.clone(), second.clone());
        forward.merge(&second, Written::After);
        backward.merge(&first, Written::After);
        assert_eq!((&forward, &backward), (&left, &left));
        assert!(!left.costs_as(&first) || left.reported == first.reported);
    }
}

/// Sightings of one call that differ in all that merging looks at, often in little.
fn any_sighting() -> impl Strategy<Value = UsageRecord> {
    let name = || prop::option::of(prop::sample::select(vec!["a", "b"]));
    let reported = prop::option::of((1..3_i64).prop_map(Usd::from_nanos));
    let cache_writes = (0..3_i64).prop_map(CacheWrites::numbered);
    let of_call = (0..2_u64, 0..2_u64, 0..2_i64, prop::bool::ANY, 0..2_u64, reported, cache_writes);
    let of_caller = (name(), name(), name(), name(), name(), prop::sample::select(vec!["", "fast", "odd"]));
    (of_call, of_caller).prop_map(|(of_call, of_caller)| {
        let (input, output, second, is_primary, web_searches, reported, cache_writes) = of_call;
        let (provider, model, project, session, region, tier) = of_caller;
        let [provider, model, project, session, region] =
            [provider, model, project, session, region].map(|name| name.map(str::to_owned));
        let tier = Tier::named(tier);
        UsageRecord {
            tokens: Tokens { input, output, ..Tokens::default() },
            cache_writes,
            web_searches,
            reported,
            basis: if reported.is_some() { Basis::Billed } else { Basis::Estimated },
            occurred_at: Timestamp::from_second(second).unwrap(),
            attribution: Arc::new(Attribution {
                provider,
                model,
                project,
                session,
                tier,
                region,
                ..Attribution::default()
            }),
            witness: if is_primary { Witness::Primary } else { Witness::Secondary },
            ..seen(0, "2026-11-24T07:00:00Z", "", Witness::Primary)
        }
    })
}

/// What comes of sightings in this order, each with its age.
fn merged(sightings: &[(usize, &UsageRecord)]) -> UsageRecord {
    let (mut age, mut record) = (sightings[0].0, sightings[0].1.clone());
    for (other_age, other) in &sightings[1..] {
        let other_was = if *other_age < age { Written::Before } else { Written::After };
        // Who owns the call says how old it is.
        if record.merge(other, other_was).closer {
            age = *other_age;
        }
    }
    record
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn t05_the_order_in_which_sightings_are_taken_in_changes_nothing(
        sightings in prop::collection::vec(any_sighting(), 2..5),
        shuffled in Just([0, 1, 2, 3]).prop_shuffle(),
    ) {
        let by_age: Vec<_> = sightings.iter().enumerate().collect();
        let shuffled: Vec<_> = shuffled.iter().filter_map(|at| by_age.get(*at).copied()).collect();
        prop_assert_eq!(merged(&by_age), merged(&shuffled));
    }

    #[test]
    fn t05_a_sighting_that_was_taken_in_changes_nothing_again(first in any_sighting(), second in any_sighting()) {
        let mut record = first.clone();
        record.merge(&second, Written::After);
        for again in [first, second] {
            prop_assert!(!record.merge(&again, Written::After).is_change());
        }
    }
}

#[test]
fn t06_reasoning_is_part_of_output() {
    let tokens = Tokens { input: 3_000, cache_read: 9_000, output: 450, reasoning: 200, ..Tokens::default() };
    assert_eq!(tokens.total(), 12_450);
    assert_eq!(tokens.prompt(), 12_000);
}

#[test]
fn t27_sums_beyond_32_bits_do_not_wrap() {
    let many = Tokens { cache_read: 3_000_000_000, output: u64::MAX, ..Tokens::default() };
    let sum = many + many;
    assert_eq!(sum.cache_read, 6_000_000_000);
    assert_eq!(sum.total(), u64::MAX, "absurd figures stay at the limit");
}
