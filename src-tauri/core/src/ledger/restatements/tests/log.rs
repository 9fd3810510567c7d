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
fn what_tokens_had_no_price_is_found_for_what_was_logged_before_the_log_kept_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = one_got_a_price(folder.path());
    let given = logged(&ledger);
    let before_it_did = "ALTER TABLE restatement DROP COLUMN unpriced_before;
                         ALTER TABLE restatement DROP COLUMN unpriced_after;
                         PRAGMA user_version = 8;";
    ledger.write(|connection| connection.execute_batch(before_it_did)).unwrap();
    drop(ledger);
    let ledger = open(folder.path());
    assert_eq!(logged(&ledger), given);
}
