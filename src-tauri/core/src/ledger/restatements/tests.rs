//! What a decision changes, and what it leaves alone.

mod known;
mod log;
mod undo;

use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use spendmeter_catalogue::Catalogue;

use super::*;
use crate::ledger::files::FileRow;
use crate::ledger::recorder::{Recorder, Sighting};
use crate::ledger::skipped::SkippedLines;
use crate::money::Rate;
use crate::pricing::{OwnPrice, OwnPriceOf, OwnRates, PlanSetting, bundled};
use crate::usage::{Attribution, Basis, CacheWrites, Tokens, UsageRecord, Witness};

fn calendar() -> Calendar {
    Calendar::new(TimeZone::get("Europe/Berlin").unwrap())
}

fn now() -> Timestamp {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn call(key: usize, model: &str, input: u64) -> UsageRecord {
    UsageRecord {
        source: "claude-code",
        key: key.to_string(),
        occurred_at: now() - jiff::SignedDuration::from_mins(i64::try_from(key).unwrap()),
        tokens: Tokens { input, ..Tokens::default() },
        cache_writes: CacheWrites::Told,
        is_sum: false,
        web_searches: 0,
        basis: Basis::Estimated,
        reported: None,
        attribution: Arc::new(Attribution {
            provider: Some("anthropic".into()),
            model: Some(model.into()),
            session: Some((key % 3).to_string()),
            ..Attribution::default()
        }),
        witness: Witness::Primary,
    }
}

fn file() -> FileRow {
    FileRow {
        id: None,
        source: "claude-code",
        path: "a".to_owned(),
        identity: (1, 1),
        size: 1,
        modified: 1,
        read_to: 1,
        head_size: 0,
        head: 0,
        tail: 0,
        memory: String::new(),
    }
}

fn record(ledger: &mut Ledger, calls: &[UsageRecord]) {
    let mut recorder = ledger.recorder(now()).unwrap();
    take_in(&mut recorder, calls);
    recorder.finish().unwrap();
}

fn take_in(recorder: &mut Recorder<'_>, calls: &[UsageRecord]) {
    let found: Vec<Sighting> = calls.iter().map(|call| Sighting { record: call.clone(), offset: 0 }).collect();
    recorder.record(&file(), 0, &found, &SkippedLines::default()).unwrap();
}

/// Looks at what a decision changes, and decides.
fn decide(ledger: &mut Ledger, decision: &Decision) -> Restated {
    let Preview { against, restated } = ledger.preview(decision).unwrap();
    let done = ledger.restate(decision, against, now(), &calendar()).unwrap();
    assert_eq!(done, restated);
    done
}

/// Takes the last restatement back, having looked at what that changes.
fn undo(ledger: &mut Ledger) -> Undone {
    let preview = ledger.preview_undo().unwrap().unwrap();
    let undone = ledger.undo_restatement(preview.restatement.id, now()).unwrap();
    assert_eq!(undone, preview);
    undone
}

fn open(folder: &Path) -> Ledger {
    Ledger::open(&folder.join("ledger.db")).unwrap()
}

/// Everything that a call costs, and everything in the sums, as text.
fn everything(ledger: &Ledger) -> Vec<String> {
    let tables = [
        "SELECT id, basis, cost, cost_below, cost_above, price_status, price_point FROM usage ORDER BY id",
        "SELECT * FROM usage_quarter ORDER BY 1, 2, 3",
        "SELECT * FROM usage_hour ORDER BY 1, 2, 3",
        "SELECT * FROM usage_total ORDER BY 1, 2",
    ];
    let rows = |sql: &str| {
        ledger
            .read(|c| {
                let mut statement = c.prepare(sql)?;
                let columns = statement.column_count();
                let rows = statement.query_map([], |row| {
                    let cells = (0..columns).map(|column| row.get::<_, rusqlite::types::Value>(column));
                    Ok(format!("{:?}", cells.collect::<Result<Vec<_>, _>>()?))
                })?;
                rows.collect::<Result<Vec<_>, _>>()
            })
            .unwrap()
    };
    tables.iter().flat_map(|sql| rows(sql)).collect()
}

/// What each call costs, in the order in which they came.
fn costs(ledger: &Ledger) -> Vec<Option<i64>> {
    ledger
        .read(|c| c.prepare("SELECT cost FROM usage ORDER BY id")?.query_map([], |row| row.get(0))?.collect())
        .unwrap()
}

/// Sums of the calls themselves against each of the tables of sums.
fn sums_are_those_of_the_calls(ledger: &Ledger) {
    let of = |sql: &str| {
        let (a, b, c, d): (i64, i64, i64, i64) = ledger
            .read(|c| c.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))))
            .unwrap();
        [a, b, c, d]
    };
    for basis in ["estimated", "api_equivalent"] {
        let calls = of(&format!(
            "SELECT count(*), coalesce(sum(cost), 0), coalesce(sum(cost_above), 0),
                    coalesce(sum(iif(cost IS NULL, input + output, 0)), 0) FROM usage WHERE basis = '{basis}'"
        ));
        for table in ["usage_quarter", "usage_hour", "usage_total"] {
            let sums = of(&format!(
                "SELECT coalesce(sum(requests), 0), coalesce(sum(cost), 0), coalesce(sum(cost_above), 0),
                        coalesce(sum(unpriced_tokens), 0) FROM {table} WHERE basis = '{basis}'"
            ));
            assert_eq!(sums, calls, "{table}, {basis}");
        }
    }
}

fn rates(input: &str, output: &str) -> OwnPrice {
    let rate = |price| Rate::per_million(price).unwrap();
    OwnPrice::Rates(OwnRates {
        input: rate(input),
        output: rate(output),
        cache_read: None,
        cache_write_short: None,
        cache_write_long: None,
    })
}

fn say(model: &str, price: OwnPrice) -> Decision {
    Decision::SetOwn(OwnPriceOf { provider: None, model: model.into(), price })
}

/// A list as published then, with nothing in it but Opus 5.5 at dollars per million input tokens.
fn lists(published: i64, input: u32) -> Arc<Catalogue> {
    let source =
        |list| spendmeter_catalogue::Source { list, version: "later".into(), published, sha256: String::new() };
    let history = r#"{"schema":1,"updated_at":"2026-12-01","prices":{"anthropic":{"claude-opus-5-5":{"standard":[{"start":null,
        "rates":{"input":INPUT,"output":20,"valid_from":"2026-09-22","valid_from_basis":"documented","source":"x"}}]}}},
        "aliases":{"models":{},"providers":{}},"bases":{},"plans":[],"schedules":{"holidays":{},"schedule":[]},
        "models_dev":{},"estimates":[],"status":{}}"#;
    let history = history.replace("INPUT", &input.to_string());
    let (catalogue, problems) = spendmeter_catalogue::compile(
        ("[]", source(spendmeter_catalogue::List::GenaiPrices)),
        (&history, source(spendmeter_catalogue::List::ModelPrices)),
    )
    .unwrap();
    assert_eq!(problems, Vec::<String>::new());
    Arc::new(catalogue)
}

#[test]
fn what_an_estimate_may_be_is_told_with_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    let untold = UsageRecord { cache_writes: CacheWrites::Untold, ..call(1, "my-model", 1_000) };
    record(&mut ledger, &[untold]);
    let like = OwnPrice::Like { provider: Some("openai".into()), model: "gpt-5.6-sol".into() };
    let restated = decide(&mut ledger, &say("my-model", like));
    // 1_000 × $4/M, or × $5/M if they were written to the cache
    let margin = Margin { below: Usd::ZERO, above: Usd::parse("0.001").unwrap() };
    let estimated = Usd::parse("0.004").unwrap();
    assert_eq!(restated.after, Amounts { estimated, margin, ..Amounts::default() });
    assert_eq!(restated.models[0].after, restated.after);
    assert_eq!(undo(&mut ledger).restated.before, restated.after);
}

#[test]
fn t10_a_preview_touches_nothing_and_says_what_a_restatement_then_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    record(&mut ledger, &[call(1, "claude-opus-5-5", 1_000), call(2, "my-model", 1_000), call(3, "my-model", 500)]);
    let (before, generation) = (everything(&ledger), ledger.generation().unwrap());
    let decision = say("my-model", rates("2", "3"));
    let preview = ledger.preview(&decision).unwrap().restated;
    assert_eq!((everything(&ledger), ledger.generation().unwrap()), (before, generation));
    // 1_500 tokens without a price; then 1_500 × $2/M
    assert_eq!(preview.calls, 2);
    assert_eq!(preview.before, Amounts { unpriced_tokens: 1_500, ..Amounts::default() });
    assert_eq!(preview.after, Amounts { estimated: Usd::parse("0.003").unwrap(), ..Amounts::default() });
    assert_eq!(decide(&mut ledger, &decision), preview);
    assert!(ledger.generation().unwrap() > generation);
    sums_are_those_of_the_calls(&ledger);
    // And calls that come later cost the same.
    record(&mut ledger, &[call(4, "my-model", 1_000)]);
    let cost: i64 =
        ledger.read(|c| c.query_row("SELECT cost FROM usage WHERE key = '4'", [], |row| row.get(0))).unwrap();
    assert_eq!(cost, 2_000_000);
}

#[test]
fn what_is_decided_during_a_pass_holds_for_the_rest_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut reading, mut deciding) = (open(folder.path()), open(folder.path()));
    let mut recorder = reading.recorder(now()).unwrap();
    take_in(&mut recorder, &[call(1, "my-model", 1_000)]);
    recorder.commit().unwrap();
    decide(&mut deciding, &say("my-model", rates("2", "3")));
    take_in(&mut recorder, &[call(2, "my-model", 1_000)]);
    recorder.commit().unwrap();
    // Both 1_000 × $2/M, the one that was known and the one that was read then.
    assert_eq!(costs(&deciding), [Some(2_000_000), Some(2_000_000)]);
    undo(&mut deciding);
    take_in(&mut recorder, &[call(3, "my-model", 1_000)]);
    recorder.finish().unwrap();
    assert_eq!(costs(&deciding), [None, None, None]);
    // The next pass goes on with what holds by then, too.
    decide(&mut deciding, &say("my-model", OwnPrice::Free));
    record(&mut reading, &[call(4, "my-model", 1_000)]);
    assert_eq!(costs(&deciding), [Some(0); 4]);
    sums_are_those_of_the_calls(&deciding);
}

#[test]
fn sums_are_the_same_in_whichever_order_calls_arrive() {
    let sums = |calls: &[UsageRecord]| {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        for call in calls {
            record(&mut ledger, std::slice::from_ref(call));
        }
        sums_are_those_of_the_calls(&ledger);
        let sql = "SELECT quarter, requests, cost, cost_above, unpriced_tokens, first_at, last_at FROM usage_total";
        ledger
            .read(|c| {
                c.prepare(sql)?
                    .query_map([], |row| (0..7).map(|at| row.get(at)).collect::<Result<Vec<i64>, _>>())?
                    .collect::<Result<Vec<_>, _>>()
            })
            .unwrap()
    };
    let models = ["claude-opus-5-5", "my-model", "claude-haiku-5-5", "claude-sonnet-5-5"];
    let calls: Vec<UsageRecord> =
        (0..24).map(|key| call(key, models[key % 4], 1_000 + 7_001 * u64::try_from(key).unwrap())).collect();
    let forwards = sums(&calls);
    let backwards: Vec<UsageRecord> = calls.iter().rev().cloned().collect();
    let (odd, even): (Vec<_>, Vec<_>) = calls.iter().cloned().enumerate().partition(|(number, _)| number % 2 == 1);
    let mixed: Vec<UsageRecord> = odd.into_iter().chain(even).map(|(_, call)| call).collect();
    assert!(forwards.len() > 1);
    assert_eq!(sums(&backwards), forwards);
    assert_eq!(sums(&mixed), forwards);
}

#[test]
fn t10_a_later_list_alone_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    // As if priced by an older list: the row says so, and reading the file again leaves it.
    record(&mut ledger, &[call(1, "claude-opus-5-5", 1_000)]);
    ledger
        .write(|c| {
            c.execute_batch(
                "UPDATE usage SET cost = 7; UPDATE usage_quarter SET cost = 7; UPDATE usage_hour SET cost = 7;
                 UPDATE usage_total SET cost = 7",
            )
        })
        .unwrap();
    let before = everything(&ledger);
    drop(ledger);
    let mut ledger = open(folder.path());
    record(&mut ledger, &[call(1, "claude-opus-5-5", 1_000)]);
    assert_eq!(everything(&ledger), before);
    // Only a decision does, and it says by how much: 1_000 × $4/M.
    let restated = decide(&mut ledger, &Decision::Reprice);
    assert_eq!((restated.before.estimated.nanos(), restated.after.estimated.nanos()), (7, 4_000_000));
    sums_are_those_of_the_calls(&ledger);
    assert_eq!(ledger.preview(&Decision::Reprice).unwrap().restated, Restated::default());
}

#[test]
fn what_is_said_of_one_model_touches_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    record(&mut ledger, &[call(1, "claude-opus-5-5", 1_000), call(2, "my-model", 1_000)]);
    ledger.write(|c| c.execute_batch("UPDATE usage SET cost = 7 WHERE key = '1'")).unwrap();
    let like = OwnPrice::Like { provider: None, model: "claude-sonnet-5-5".into() };
    let restated = decide(&mut ledger, &say("MY-MODEL", like));
    assert_eq!(restated.calls, 1);
    // 1_000 × $2/M, like Sonnet 5.5
    assert_eq!(restated.after.estimated, Usd::parse("0.002").unwrap());
    let status = |key: &str| -> (String, Option<i64>) {
        let query = "SELECT price_status, cost FROM usage WHERE key = ?1";
        ledger.read(|c| c.query_row(query, [key], |row| Ok((row.get(0)?, row.get(1)?)))).unwrap()
    };
    assert_eq!(status("2"), ("user".to_owned(), Some(2_000_000)));
    assert_eq!(status("1"), ("priced".to_owned(), Some(7)));
}

#[test]
fn a_plan_takes_the_spend_of_its_source_out_of_money_and_leaves_the_amounts() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    let calls = [call(1, "claude-opus-5-5", 1_000), call(2, "my-model", 1_000), call(90, "claude-opus-5-5", 3_000)];
    record(&mut ledger, &calls);
    let before = everything(&ledger);
    let plan = PlanSetting {
        source: "claude-code".into(),
        name: "Claude Max 20x".into(),
        seller: None,
        per_month: Some(Usd::parse("200").unwrap()),
        // Since then: the call of 90 minutes ago is still money.
        since: Some(now() - jiff::SignedDuration::from_hours(1)),
        until: None,
    };
    let restated = decide(&mut ledger, &Decision::SetPlan(plan.clone()));
    assert_eq!(restated.after.api_equivalent, Usd::parse("0.004").unwrap());
    assert_eq!((restated.before.estimated, restated.after.estimated), (Usd::parse("0.004").unwrap(), Usd::ZERO));
    sums_are_those_of_the_calls(&ledger);
    let of_basis = |basis: &str| -> i64 {
        let query = "SELECT sum(cost) FROM usage WHERE basis = ?1";
        ledger.read(|c| c.query_row(query, [basis], |row| row.get(0))).unwrap()
    };
    assert_eq!((of_basis("estimated"), of_basis("api_equivalent")), (12_000_000, 4_000_000));
    // It ended before the latest of the calls.
    let ended = PlanSetting { until: Some(now() - jiff::SignedDuration::from_secs(90)), ..plan };
    let restated = decide(&mut ledger, &Decision::SetPlan(ended));
    assert_eq!((restated.calls, restated.after.estimated), (1, Usd::parse("0.004").unwrap()));
    sums_are_those_of_the_calls(&ledger);
    decide(&mut ledger, &Decision::ForgetPlan { source: "claude-code".into() });
    assert_eq!(everything(&ledger), before);
}

#[test]
fn what_cannot_be_decided_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = open(folder.path());
    let refused = |decision: &Decision| ledger.preview(decision).unwrap_err().to_string();
    let like = |model: &str| say("my-model", OwnPrice::Like { provider: None, model: model.into() });
    assert!(refused(&like("claude-opus-5-6")).contains("claude-opus-5-6"));
    assert!(ledger.preview(&like("claude-opus-5-5")).is_ok());
    assert!(refused(&Decision::ForgetPlan { source: "nobody".into() }).contains("claude-code"));
    assert!(refused(&Decision::ForgetPlan { source: "claude-code".into() }).contains("no plan"));
    assert!(refused(&Decision::ForgetOwn { provider: None, model: "x".into() }).contains("set no price"));
}

#[test]
fn a_refreshed_list_is_kept_and_gives_way_to_a_newer_version() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    record(&mut ledger, &[call(1, "claude-opus-5-5", 1_000)]);
    let newer = lists(bundled().published() + 1, 5);
    let restated = decide(&mut ledger, &Decision::TakeIn(Arc::clone(&newer)));
    // 1_000 × $5/M instead of $4/M
    assert_eq!((restated.before.estimated.nanos(), restated.after.estimated.nanos()), (4_000_000, 5_000_000));
    assert!(*ledger.price_book().unwrap().catalogue() == newer);
    let older = lists(bundled().published() - 1, 5);
    decide(&mut ledger, &Decision::TakeIn(older));
    assert!(*ledger.price_book().unwrap().catalogue() == bundled());
}
