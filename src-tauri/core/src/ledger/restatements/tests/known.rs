//! Which points priced calls, and from when to when they were known.

use super::*;

/// Input rates of all points in the order in which they were first used, when that was, and when they ceased to be known.
fn points(ledger: &Ledger) -> Vec<(i64, i64, Option<i64>)> {
    ledger
        .read(|c| {
            c.prepare("SELECT input, known_from, known_to FROM price_point ORDER BY id")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect()
        })
        .unwrap()
}

/// So many seconds later.
fn at(seconds: i64) -> Timestamp {
    now() + jiff::SignedDuration::from_secs(seconds)
}

fn decide_at(ledger: &mut Ledger, decision: &Decision, seconds: i64) {
    ledger.restate(decision, ledger.last_decision().unwrap(), at(seconds), &calendar()).unwrap();
}

fn undo_at(ledger: &mut Ledger, seconds: i64) {
    let id = ledger.preview_undo().unwrap().unwrap().restatement.id;
    ledger.undo_restatement(id, at(seconds)).unwrap();
}

#[test]
fn a_call_keeps_the_point_that_priced_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    record(
        &mut ledger,
        &[call(1, "claude-opus-5-5", 1_000), call(2, "claude-opus-5-5", 1_000), call(3, "nobody-knows", 1)],
    );
    let points: Vec<(String, String, String, i64, Option<i64>)> = ledger
        .read(|c| {
            c.prepare("SELECT provider, model, evidence, input, known_to FROM price_point ORDER BY id")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
                .collect()
        })
        .unwrap();
    let opus = ("anthropic".to_owned(), "claude-opus-5-5".to_owned(), "commit".to_owned(), 4_000_000, None);
    assert_eq!(points, [opus]);
    let of_calls: Vec<Option<i64>> = ledger
        .read(|c| c.prepare("SELECT price_point FROM usage ORDER BY id")?.query_map([], |row| row.get(0))?.collect())
        .unwrap();
    assert_eq!(of_calls, [Some(1), Some(1), None]);
}

#[test]
fn a_point_is_known_from_its_first_use_until_a_decision_puts_another_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    record(&mut ledger, &[call(1, "claude-opus-5-5", 1_000)]);
    let began = now().as_second();
    assert_eq!(points(&ledger), [(4_000_000, began, None)]);
    decide_at(&mut ledger, &Decision::TakeIn(lists(bundled().published() + 1, 5)), 10);
    assert_eq!(points(&ledger), [(4_000_000, began, Some(began + 10)), (5_000_000, began + 10, None)]);
    undo_at(&mut ledger, 20);
    assert_eq!(points(&ledger), [(4_000_000, began, None), (5_000_000, began + 10, Some(began + 20))]);
}

#[test]
fn what_a_person_says_is_known_until_they_say_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    record(&mut ledger, &[call(1, "my-model", 1_000)]);
    let began = now().as_second();
    decide_at(&mut ledger, &say("my-model", rates("1", "0")), 10);
    decide_at(&mut ledger, &say("my-model", rates("2", "0")), 20);
    assert_eq!(points(&ledger), [(1_000_000, began + 10, Some(began + 20)), (2_000_000, began + 20, None)]);
    undo_at(&mut ledger, 30);
    assert_eq!(points(&ledger), [(1_000_000, began + 10, None), (2_000_000, began + 20, Some(began + 30))]);
    decide_at(&mut ledger, &Decision::ForgetOwn { provider: None, model: "my-model".into() }, 40);
    let ends: Vec<_> = points(&ledger).into_iter().map(|(_, _, known_to)| known_to).collect();
    assert_eq!(ends, [Some(began + 40), Some(began + 30)]);
}

#[test]
fn a_call_that_is_read_again_writes_no_point_and_takes_none_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    // Priced by a list of before, as its row says: the one in use has another point.
    record(&mut ledger, &[call(1, "claude-opus-5-5", 1_000)]);
    ledger.write(|c| c.execute_batch("UPDATE price_point SET digest = digest + 1, input = 7")).unwrap();
    drop(ledger);
    let mut ledger = open(folder.path());
    record(&mut ledger, &[call(1, "claude-opus-5-5", 1_000)]);
    let began = now().as_second();
    // The list that came with a newer version does not say it any more.
    assert_eq!(points(&ledger), [(7, began, Some(began))]);
    let before = (points(&ledger), ledger.rows_written());
    record(&mut ledger, &[call(1, "claude-opus-5-5", 1_000)]);
    // The file and the announcement that something changed.
    assert_eq!((points(&ledger), ledger.rows_written() - before.1), (before.0, 2));
    // One that is new does.
    record(&mut ledger, &[call(2, "claude-opus-5-5", 1_000)]);
    assert_eq!(points(&ledger), [(7, began, Some(began)), (4_000_000, began, None)]);
    let of_calls: Vec<i64> = ledger
        .read(|c| c.prepare("SELECT price_point FROM usage ORDER BY id")?.query_map([], |row| row.get(0))?.collect())
        .unwrap();
    assert_eq!(of_calls, [1, 2]);
}
