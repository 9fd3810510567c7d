//! What the ledger keeps, looked at with other eyes: straight through SQLite.

use rusqlite::Connection;

use crate::machine::{Machine, fixture_bytes};

fn ledger(machine: &Machine) -> Connection {
    Connection::open(machine.places.ledger()).unwrap()
}

/// A machine on which calls were added, completed and moved from one session to another.
fn lived_in() -> Machine {
    let mut machine = Machine::new();
    let long = fixture_bytes("claude-code/pv-case-review.t2.jsonl");
    machine.lay_out("claude-code", ".claude/projects/p");
    machine.lay_out("codex", ".codex/sessions");
    machine.write(".claude/projects/p/growing.jsonl", &long[..1_000_000]);
    machine.scan();
    // A fork that is read before what it copied, and a call whose answer goes on.
    let call = |session: &str, from: &str, at: &str, output: u32| {
        format!(
            r#"{{"type":"assistant","timestamp":"{at}","sessionId":"{session}"{from},"cwd":"/src/app","message":{{"id":"msg_moved","model":"claude-opus-5-5","usage":{{"output_tokens":{output}}}}}}}"#
        ) + "\n"
    };
    let copy = call("fork", r#","requestSessionId":"origin""#, "2026-11-24T07:20:00Z", 5);
    machine.write(".claude/projects/p/fork.jsonl", copy);
    machine.scan();
    machine.write(".claude/projects/p/origin.jsonl", call("origin", "", "2026-11-24T07:00:00Z", 9));
    machine.append(".claude/projects/p/growing.jsonl", &long[1_000_000..]);
    let report = machine.scan();
    assert_eq!(report.records_updated, 1, "{report:?}");
    machine
}

/// Tables with a reference that leads nowhere.
fn dangling(ledger: &Connection) -> Vec<String> {
    let mut check = ledger.prepare("PRAGMA foreign_key_check").unwrap();
    check.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn every_reference_leads_somewhere() {
    let machine = lived_in();
    let ledger = ledger(&machine);
    assert_eq!(dangling(&ledger), Vec::<String>::new());
    let sound: String = ledger.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

/// The sums in every table, and what they should be: worked out from the calls by SQL of the test's own.
pub(crate) fn assert_sums_are_those_of_the_calls(machine: &Machine) {
    let ledger = ledger(machine);
    let columns = "basis, requests, input, cache_read, cache_write_short, cache_write_long, output, reasoning,
         priced_requests, cost, cost_below, cost_above, unpriced_tokens, first_at, last_at";
    for (table, key, of_calls) in [
        ("usage_quarter", "quarter, attribution", "occurred_at / 900000, attribution"),
        ("usage_hour", "hour, attribution", "occurred_at / 3600000, attribution"),
        ("usage_total", "quarter, 'all'", "occurred_at / 900000, 'all'"),
    ] {
        let kept = format!("SELECT {key}, {columns} FROM {table}");
        let summed = format!(
            "SELECT {of_calls}, basis, count(*), sum(input), sum(cache_read), sum(cache_write_short),
               sum(cache_write_long), sum(output), sum(reasoning), count(cost), coalesce(sum(cost), 0),
               sum(cost_below), sum(cost_above),
               sum(iif(cost IS NULL, input + cache_read + cache_write_short + cache_write_long + output, 0)),
               min(occurred_at), max(occurred_at)
             FROM usage GROUP BY 1, 2, 3"
        );
        for (one, other) in [(&kept, &summed), (&summed, &kept)] {
            let differing: i64 = ledger
                .query_row(&format!("SELECT count(*) FROM ({one} EXCEPT {other})"), [], |row| row.get(0))
                .unwrap();
            assert_eq!(differing, 0, "{table}");
        }
    }
}

#[test]
fn the_sums_are_those_of_the_calls() {
    let machine = lived_in();
    assert_sums_are_those_of_the_calls(&machine);
    let rows = |table: &str| {
        let query = format!("SELECT count(*) FROM {table}");
        ledger(&machine).query_row(&query, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let (quarters, hours, totals) = (rows("usage_quarter"), rows("usage_hour"), rows("usage_total"));
    assert!(quarters > hours && quarters > totals && hours.min(totals) > 20, "{quarters} {hours} {totals}");
}

/// The calls with a price, and the lists that they were priced by, in the order of their keys.
fn priced_by(ledger: &Connection) -> Vec<(String, String)> {
    ledger
        .prepare(
            "SELECT key, price_point.source FROM usage JOIN price_point ON price_point.id = price_point ORDER BY key",
        )
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn a_ledger_of_the_fifth_format_keeps_its_figures_and_what_priced_them() {
    let mut machine = Machine::new();
    let path = machine.places.ledger();
    for file in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(path.with_file_name(file));
    }
    let old = Connection::open(&path).unwrap();
    for migration in [
        include_str!("../../src/ledger/migrations/001_usage.sql"),
        include_str!("../../src/ledger/migrations/002_scan.sql"),
        include_str!("../../src/ledger/migrations/003_watches.sql"),
        include_str!("../../src/ledger/migrations/004_sums.sql"),
        // Nothing has a key to be hashed yet.
        &include_str!("../../src/ledger/migrations/005_key_hash.sql").replace("key_hash(source, key)", "id"),
    ] {
        old.execute_batch(migration).unwrap();
    }
    old.execute_batch(
        "PRAGMA user_version = 5;
         INSERT INTO name VALUES (1, 'claude-code'), (2, 's1'), (3, 'claude-opus-5-5'), (4, 'list 2'), (5, 'list 1'),
           (6, 'list of nothing'), (8, 'codex'), (9, 'opencode');
         INSERT INTO attribution VALUES (1, 1, 0, 3, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0);
         INSERT INTO source_file VALUES (7, 1, '/gone.jsonl', 1, 2, 99, 5, 99, 99, 11, 12, '', 0);
         INSERT INTO usage VALUES
           (1, 1, 'msg_1', 1763967660000, 1, 0, 0, 0, 10, 0, 0, 0, 20, 0, 0, 'estimated', 550000, 'priced', 5, 7, 0, 31),
           (2, 1, 'msg_2', 1763967720000, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 'estimated', NULL, 'unpriced', 6, 7, 50, 32),
           (5, 1, 'msg_3', 1763967730000, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 'billed', 70, 'tier_assumed', 4, NULL, NULL, 33),
           (6, 8, 'call_4', 1763967740000, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 'billed', 70, 'priced', 4, NULL, NULL, 34),
           (7, 9, 'call_5', 1763967750000, 1, 0, 0, 0, 1, 0, 4, 0, 2, 0, 0, 'billed', 70, 'priced', 4, NULL, NULL, 35);
         INSERT INTO usage_quarter VALUES
           (1763967660 / 900, 1, 'estimated', 2, 11, 0, 0, 0, 22, 0, 1, 550000, 3, 1763967660000, 1763967720000),
           (1763967660 / 900, 1, 'billed', 3, 3, 0, 4, 0, 6, 0, 3, 210, 0, 1763967730000, 1763967750000);
         INSERT INTO usage_hour SELECT quarter / 4, attribution, basis, requests, input, cache_read, cache_write_short,
           cache_write_long, output, reasoning, priced_requests, cost, unpriced_tokens, first_at, last_at
           FROM usage_quarter;
         INSERT INTO usage_total SELECT quarter, basis, requests, input, cache_read, cache_write_short,
           cache_write_long, output, reasoning, priced_requests, cost, unpriced_tokens, first_at, last_at
           FROM usage_quarter;",
    )
    .unwrap();
    let calls =
        "SELECT group_concat(concat_ws(' ', usage.id, source, key, occurred_at, attribution, input, output, basis,
                   coalesce(cost, 'none'), price_status, coalesce(file, 'none'), coalesce(offset, 'none'), key_hash))
                 FROM usage";
    let told = |ledger: &Connection| ledger.query_row(calls, [], |row| row.get::<_, String>(0)).unwrap();
    let before = told(&old);
    drop(old);
    machine.ledger = spendmeter_core::ledger::Ledger::open(&path).unwrap();
    let total = machine.total();
    let nanos = |amount: Option<spendmeter_core::money::Usd>| amount.map(spendmeter_core::money::Usd::nanos);
    assert_eq!((nanos(total.estimated), nanos(total.billed)), (Some(550_000), Some(210)));
    assert_eq!((total.requests, total.tokens.total(), total.unpriced_tokens), (5, 46, 3));
    assert_sums_are_those_of_the_calls(&machine);
    let ledger = ledger(&machine);
    assert_eq!(told(&ledger), before);
    let by = |call: &str, list: &str| (call.to_owned(), list.to_owned());
    assert_eq!(
        priced_by(&ledger),
        ["call_4", "call_5", "msg_1", "msg_3"].map(|call| by(call, if call == "msg_1" { "list 1" } else { "list 2" }))
    );
    let told_of_writes = "SELECT group_concat(cache_writes) FROM (SELECT cache_writes FROM usage ORDER BY id)";
    let told_of_writes: String = ledger.query_row(told_of_writes, [], |row| row.get(0)).unwrap();
    assert_eq!(told_of_writes, "0,0,0,2,1", "Codex tells nothing of them, opencode no lifetime");
    let points: Vec<(i64, String)> = ledger
        .prepare("SELECT digest, evidence FROM price_point ORDER BY id")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(points, [(-1, "unrecorded".into()), (-2, "unrecorded".into())], "and none for what priced nothing");
    assert_eq!(dangling(&ledger), Vec::<String>::new());
    drop(ledger);
    let rows = spendmeter_core::ledger::Ledger::open(&path).unwrap().rows_written();
    assert_eq!(rows, 0, "nothing is left to do");
}

#[test]
fn a_ledger_of_the_eleventh_format_learns_which_rows_are_sums_of_calls() {
    let machine = Machine::new();
    let path = machine.places.ledger();
    let old = Connection::open(&path).unwrap();
    old.execute_batch(
        "DROP TABLE paid_by; DROP TABLE account_name; DROP TABLE account_use; DROP TABLE account_charge;
         DROP TABLE account_feed; DROP TABLE connection; DROP TABLE account;
         ALTER TABLE usage DROP COLUMN is_sum;
         PRAGMA user_version = 11;
         INSERT INTO name VALUES (101, 'copilot-cli'), (102, 'cline'), (103, 'subagents'), (104, 'qwen-code'), (105, 'gpt-5.5');
         INSERT INTO attribution VALUES (1, 101, 0, 105, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
           (2, 102, 0, 0, 0, 0, 0, 0, 0, 0, 103, 0, 0, 0, 0), (3, 102, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
         INSERT INTO usage (source, key, attribution, key_hash, occurred_at, task, tool, secondary, input, cache_read,
           cache_write_short, cache_write_long, output, reasoning, web_searches, basis, price_status)
         SELECT column1, column2, column3, row_number() OVER (), 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 'estimated', 'unpriced'
         FROM (VALUES (101, 'event/gpt-5.5', 1), (101, 'resp/1', 1), (102, 'task/1', 2), (102, 'task/2', 3), (104, 'id', 1));",
    )
    .unwrap();
    drop(spendmeter_core::ledger::Ledger::open(&path).unwrap());
    let told = "SELECT group_concat(concat_ws(' ', key, is_sum, cache_writes)) FROM (SELECT * FROM usage ORDER BY id)";
    let told: String = old.query_row(told, [], |row| row.get(0)).unwrap();
    assert_eq!(told, "event/gpt-5.5 1 0,resp/1 0 0,task/1 1 0,task/2 0 0,id 0 2");
}

#[test]
fn a_ledger_of_the_first_format_is_brought_up_to_date_with_all_that_it_knows() {
    let mut machine = Machine::new();
    let path = machine.places.ledger();
    for file in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let _ = std::fs::remove_file(path.with_file_name(file));
    }
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../../src/ledger/migrations/001_usage.sql")).unwrap();
    old.execute_batch(
        "PRAGMA user_version = 1;
         INSERT INTO name VALUES (1, 'claude-code'), (2, 's1'), (3, 'claude-opus-5-5');
         INSERT INTO attribution VALUES (1, 1, 0, 3, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0);
         INSERT INTO source_file VALUES (7, 1, '/gone.jsonl', 1, 2, 99, 5, 99, 3, 99, 11, 12, '');
         INSERT INTO usage VALUES
           (1, 1, 'msg_1', 1763967660000, 1, 0, 0, 0, 10, 0, 0, 0, 20, 0, 0, 'estimated', 550000, 'priced', 'list 1', 7, 0),
           (2, 1, 'msg_2', 1763967720000, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 'estimated', NULL, 'unpriced', 'list 1', 7, 50);
         INSERT INTO usage_quarter VALUES
           (1763967660 / 900, 1, 'estimated', 2, 11, 0, 0, 0, 22, 0, 1, 550000, 3);",
    )
    .unwrap();
    drop(old);
    machine.ledger = spendmeter_core::ledger::Ledger::open(&path).unwrap();
    let total = machine.total();
    assert_eq!((total.requests, total.tokens.total(), total.unpriced_tokens), (2, 33, 3));
    assert_eq!(total.estimated.map(spendmeter_core::money::Usd::nanos), Some(550_000));
    let ledger = ledger(&machine);
    let span: [i64; 2] = ledger
        .query_row("SELECT first_at, last_at FROM usage_quarter", [], |row| Ok([row.get(0)?, row.get(1)?]))
        .unwrap();
    assert_eq!(span, [1_763_967_660_000, 1_763_967_720_000]);
    assert_sums_are_those_of_the_calls(&machine);
    assert_eq!(priced_by(&ledger), [("msg_1".into(), "list 1".into())]);
    let copy = path.with_extension("before-13.db");
    let known: i64 =
        Connection::open(&copy).unwrap().query_row("SELECT count(*) FROM usage", [], |row| row.get(0)).unwrap();
    assert_eq!(known, 2, "a copy was saved first");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(copy).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
