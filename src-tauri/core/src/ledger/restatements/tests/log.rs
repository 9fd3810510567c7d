//! What the log keeps of a decision.

use super::*;

/// Before and after, as the log has it of the latest decision.
fn logged(ledger: &Ledger) -> [Amounts; 2] {
    let log = ledger.restatements().unwrap();
    [log[0].before, log[0].after]
}

/// A ledger in which two calls had no price, and one of them got one.
fn one_got_a_price(folder: &Path) -> Ledger {
    let mut ledger = open(folder);
    record(&mut ledger, &[call(1, "my-model", 1_000), call(2, "another", 50), call(3, "claude-opus-5-5", 1_000)]);
    decide(&mut ledger, &say("my-model", rates("2", "3")));
    ledger
}

fn amounts(estimated: &str, unpriced_tokens: u64) -> Amounts {
    Amounts { estimated: Usd::parse(estimated).unwrap(), unpriced_tokens, ..Amounts::default() }
}

#[test]
fn the_log_keeps_that_tokens_had_no_price() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = one_got_a_price(folder.path());
    let given = [amounts("0", 1_000), amounts("0.002", 0)];
    assert_eq!(logged(&ledger), given);
    decide(&mut ledger, &Decision::ForgetOwn { provider: None, model: "my-model".into() });
    assert_eq!(logged(&ledger), [given[1], given[0]]);
}

#[test]
fn of_what_was_logged_before_the_log_kept_it_nobody_knows_what_tokens_had_no_price() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = one_got_a_price(folder.path());
    let given = logged(&ledger);
    assert!(ledger.restatements().unwrap()[0].knows_unpriced);
    let before_it_did =
        "DROP TABLE paid_by; DROP TABLE account_name; DROP TABLE account_use; DROP TABLE account_charge;
         DROP TABLE account_feed; DROP TABLE connection; DROP TABLE account;
         ALTER TABLE restatement DROP COLUMN unpriced_before;
                         ALTER TABLE restatement DROP COLUMN unpriced_after;
                         ALTER TABLE usage DROP COLUMN cache_writes;
                         ALTER TABLE usage DROP COLUMN is_sum;
                         PRAGMA user_version = 8;";
    ledger.write(|connection| connection.execute_batch(before_it_did)).unwrap();
    drop(ledger);
    // Whoever comes first after an update may want to read only.
    let ledger = Ledger::open_reader(&folder.path().join("ledger.db")).unwrap();
    let log = ledger.restatements().unwrap();
    assert!(!log[0].knows_unpriced);
    assert_eq!([log[0].before, log[0].after].map(|amounts| amounts.estimated), given.map(|amounts| amounts.estimated));
}

#[test]
fn the_log_says_of_a_plan_when_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    let plan = PlanSetting {
        source: "codex".into(),
        name: "Plus".into(),
        seller: None,
        per_month: None,
        since: Some("2026-10-31T23:00:00Z".parse().unwrap()),
        until: None,
    };
    let mut why = |plan: PlanSetting| {
        decide(&mut ledger, &Decision::SetPlan(plan));
        ledger.restatements().unwrap()[0].why.clone()
    };
    assert_eq!(why(plan.clone()), "codex runs under Plus since 2026-11-01");
    let ended = PlanSetting { until: Some("2026-11-20T23:00:00Z".parse().unwrap()), ..plan.clone() };
    assert_eq!(why(ended), "codex runs under Plus since 2026-11-01 until 2026-11-20");
    let at_noon = PlanSetting { since: None, until: Some("2026-11-20T11:00:00Z".parse().unwrap()), ..plan };
    assert_eq!(why(at_noon), "codex runs under Plus until 2026-11-20T12:00:00+01:00");
}
