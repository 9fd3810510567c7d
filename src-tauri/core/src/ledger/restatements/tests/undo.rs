//! Taking a decision back: everything is as it was, and what came since is as if it had never been.

use rusqlite::StatementStatus;

use super::super::log::KEPT;
use super::super::recount::Which;
use super::*;

/// A ledger in which nothing was ever decided.
fn never(calls: &[UsageRecord]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    record(&mut ledger, calls);
    everything(&ledger)
}

fn plan() -> Decision {
    let (source, name) = ("claude-code".to_owned(), "Claude Max 20x".to_owned());
    Decision::SetPlan(PlanSetting { source, name, seller: None, per_month: None, since: None, until: None })
}

#[test]
fn t10_what_is_taken_back_is_as_it_was_with_what_came_in_between() {
    let free = say("claude-opus-5-5", OwnPrice::Free);
    let output_is_free = say("claude-opus-5-5", rates("1", "0"));
    for decision in [free, output_is_free, plan(), Decision::TakeIn(lists(bundled().published() + 1, 5))] {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        record(&mut ledger, &[call(1, "claude-opus-5-5", 1_000), call(2, "my-model", 1_000)]);
        let before = everything(&ledger);
        let changed = decide(&mut ledger, &decision);
        assert_ne!(everything(&ledger), before, "{decision:?}");
        let undone = undo(&mut ledger).restated;
        assert_eq!((undone.before, undone.after), (changed.after, changed.before));
        assert_eq!(everything(&ledger), before, "{decision:?}");

        decide(&mut ledger, &decision);
        // Since then one call more came, and of another more became known: its cost may be the same all the while.
        let mut grown = call(1, "claude-opus-5-5", 1_000);
        Arc::make_mut(&mut grown.attribution).session = Some("1".into());
        grown.tokens.output = 500;
        let later = [call(3, "claude-opus-5-5", 700), grown.clone()];
        record(&mut ledger, &later);
        undo(&mut ledger);
        sums_are_those_of_the_calls(&ledger);
        let calls = [grown, call(2, "my-model", 1_000), call(3, "claude-opus-5-5", 700)];
        assert_eq!(everything(&ledger), never(&calls), "{decision:?}");
        assert_eq!(ledger.preview_undo().unwrap(), None);
        assert!(ledger.restatements().unwrap().iter().all(|logged| logged.undone_at.is_some() && !logged.can_undo));
    }
}

#[test]
fn t10_an_absurd_price_is_taken_back_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    // Ten billion tokens at the dearest price are $10 billion, which no call costs; a hundred million are $100 million.
    let calls = [10_000_000_000, 100_000_000, 100_000_001].map(|tokens| call(1, "my-model", tokens));
    let calls: Vec<_> = (1..).zip(calls).map(|(key, call)| UsageRecord { key: key.to_string(), ..call }).collect();
    record(&mut ledger, &calls);
    let before = everything(&ledger);
    let restated = decide(&mut ledger, &say("my-model", rates("1000000", "1000000")));
    assert_eq!(restated.after.estimated, Usd::parse("100000000").unwrap());
    assert_eq!(restated.calls, 1, "the others have no price as before");
    record(&mut ledger, &[call(7, "claude-opus-5-5", 1_000)]);
    sums_are_those_of_the_calls(&ledger);
    undo(&mut ledger);
    assert_eq!(everything(&ledger)[..3], before[..3]);
    sums_are_those_of_the_calls(&ledger);
}

#[test]
fn t10_that_a_plan_ended_is_undone_for_what_came_since_too() {
    let calls = [call(1, "claude-opus-5-5", 1_000), call(9, "claude-opus-5-5", 2_000)];
    let later = [call(2, "claude-opus-5-5", 500)];
    let under_the_plan = |calls: &[UsageRecord]| {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        decide(&mut ledger, &plan());
        record(&mut ledger, calls);
        (ledger, folder)
    };
    let (mut ledger, _folder) = under_the_plan(&calls);
    let Decision::SetPlan(plan) = plan() else { unreachable!() };
    let until = Some(now() - jiff::SignedDuration::from_mins(5));
    let ended = decide(&mut ledger, &Decision::SetPlan(PlanSetting { until, ..plan }));
    // 1,000 × $4/M
    assert_eq!((ended.calls, ended.after.estimated), (1, Usd::parse("0.004").unwrap()));
    record(&mut ledger, &later);
    let undone = undo(&mut ledger).restated;
    assert_eq!((undone.calls, undone.after.api_equivalent), (2, Usd::parse("0.006").unwrap()));
    sums_are_those_of_the_calls(&ledger);
    let (never_ended, _folder) = under_the_plan(&[calls.as_slice(), &later].concat());
    assert_eq!(everything(&ledger), everything(&never_ended));
}

#[test]
fn t10_a_call_that_turned_out_to_be_another_is_taken_back_through_all_decisions() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    let mut overheard = call(1, "another-model", 1_000);
    overheard.witness = Witness::Secondary;
    record(&mut ledger, &[overheard]);
    decide(&mut ledger, &say("my-model", rates("2", "3")));
    decide(&mut ledger, &say("my-model", rates("4", "3")));
    // Neither of them changed it then.
    record(&mut ledger, &[call(1, "my-model", 1_000)]);
    assert_eq!(costs(&ledger), [Some(4_000_000)]);
    undo(&mut ledger);
    assert_eq!(costs(&ledger), [Some(2_000_000)]);
    undo(&mut ledger);
    assert_eq!(costs(&ledger), [None]);
    sums_are_those_of_the_calls(&ledger);
}

#[test]
fn a_plan_is_taken_back_from_calls_that_the_lists_price_otherwise_by_now() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    decide(&mut ledger, &plan());
    record(&mut ledger, &[call(1, "claude-opus-5-5", 1_000)]);
    // As if by a list that has given way to that of a newer version.
    ledger
        .write(|c| {
            c.execute_batch(
                "UPDATE usage SET cost = 7; UPDATE usage_quarter SET cost = 7; UPDATE usage_hour SET cost = 7;
                 UPDATE usage_total SET cost = 7",
            )
        })
        .unwrap();
    undo(&mut ledger);
    let told: (String, i64, String) = ledger
        .read(|c| {
            let sql = "SELECT basis, cost, price_status FROM usage";
            c.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        })
        .unwrap();
    assert_eq!(told, ("estimated".to_owned(), 7, "priced".to_owned()));
    sums_are_those_of_the_calls(&ledger);
}

#[test]
fn t10_taking_back_leaves_what_something_else_has_priced() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    record(&mut ledger, &[call(1, "my-model", 1_000)]);
    decide(&mut ledger, &say("my-model", rates("2", "3")));
    // Came since, and was priced by lists that have given way to newer ones.
    record(&mut ledger, &[call(2, "claude-opus-5-5", 1_000)]);
    ledger
        .write(|c| {
            c.execute_batch(
                "UPDATE usage SET cost = 7 WHERE key = '2';
                 UPDATE usage_quarter SET cost = cost - 4000000 + 7 WHERE input = 1000 AND cost = 4000000;",
            )
        })
        .unwrap();
    undo(&mut ledger);
    assert_eq!(costs(&ledger), [None, Some(7)]);
}

#[test]
fn what_was_looked_at_is_what_is_decided_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (mut page, mut terminal) = (open(folder.path()), open(folder.path()));
    record(&mut page, &[call(1, "my-model", 1_000)]);
    let decision = say("my-model", rates("2", "3"));
    let seen = page.preview(&decision).unwrap().against;
    decide(&mut terminal, &say("my-model", OwnPrice::Free));
    let before = (everything(&page), page.generation().unwrap());
    assert!(matches!(page.restate(&decision, seen, now(), &calendar()), Err(NotRestated::Meanwhile)));
    // The page offers to take the one decision back, and another is made before that is agreed to.
    let offered = page.preview_undo().unwrap().unwrap().restatement;
    assert_eq!((offered.why.as_str(), offered.can_undo), ("my-model is free", true));
    assert_eq!((everything(&page), page.generation().unwrap()), before);
    decide(&mut terminal, &decision);
    assert!(matches!(page.undo_restatement(offered.id, now()), Err(NotRestated::Meanwhile)));
    assert_eq!(costs(&page), [Some(2_000_000)]);
    // Taken back twice, as by two clicks, is taken back once.
    let last = undo(&mut page).restatement;
    assert!(matches!(page.undo_restatement(last.id, now()), Err(NotRestated::Meanwhile)));
    assert_eq!(costs(&page), [Some(0)]);
    // Taking back is a decision as well.
    assert!(matches!(page.restate(&decision, last.id, now(), &calendar()), Err(NotRestated::Meanwhile)));
}

#[test]
fn the_last_ten_decisions_can_be_taken_back_and_no_more_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    record(&mut ledger, &[call(1, "my-model", 1_000)]);
    for dollars in 1..=KEPT + 2 {
        decide(&mut ledger, &say("my-model", rates(&dollars.to_string(), "0")));
    }
    let kept = |ledger: &Ledger| -> i64 {
        ledger.read(|c| c.query_row("SELECT count(*) FROM restated_call", [], |row| row.get(0))).unwrap()
    };
    assert_eq!(kept(&ledger), KEPT);
    for _ in 0..KEPT {
        undo(&mut ledger);
    }
    // The first two cannot be taken back any more: $2/M stays.
    assert_eq!((kept(&ledger), costs(&ledger)), (0, vec![Some(2_000_000)]));
    assert_eq!(ledger.preview_undo().unwrap(), None);
    assert!(ledger.restatements().unwrap().iter().all(|logged| !logged.can_undo));
}

#[test]
fn taking_back_looks_at_each_call_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    // Many batches of them.
    let calls: Vec<UsageRecord> = (0..2_000).map(|key| call(key, "my-model", 1_000)).collect();
    record(&mut ledger, &calls);
    decide(&mut ledger, &say("my-model", OwnPrice::Free));
    let undone = undo(&mut ledger);
    assert_eq!(undone.restated.calls, 2_000);
    let steps = ledger
        .read(|c| {
            let reading = c.prepare_cached(&Which::RestatedBy(0).sql())?;
            Ok(reading.get_status(StatementStatus::VmStep))
        })
        .unwrap();
    // Once to look and once to do it: some thirty instructions for each call.
    assert!((2 * 2_000 * 20..2 * 2_000 * 40).contains(&steps), "{steps}");
}
