//! opencode's database is read while it is written, without a trace; and its calls count once, wherever they stand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::machine::{Machine, fixture_bytes};
use rusqlite::{Connection, params};
use spendmeter_core::spend::view::SourceState;
use spendmeter_core::usage::Tokens;
use xxhash_rust::xxh3::xxh3_64;

const SAMPLE: &str = "opencode/captured-1.18.33/opencode.db";
const FOLDER: &str = ".local/share/opencode";
const DATABASE: &str = ".local/share/opencode/opencode.db";

/// The five calls of the sample; a sixth, for the title of a session, is in no log.
const CALLS: Tokens =
    Tokens { input: 15_015, cache_read: 45_150, cache_write_short: 0, cache_write_long: 0, output: 382, reasoning: 95 };

fn sample() -> Machine {
    let machine = Machine::new();
    machine.write(DATABASE, fixture_bytes(SAMPLE));
    machine
}

/// The agent's own connection.
fn agent(machine: &Machine) -> Connection {
    let connection = Connection::open(machine.home(DATABASE)).unwrap();
    let mode: String = connection.query_row("PRAGMA journal_mode = wal", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    // Changes stay in the log until they are told to leave it.
    connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    connection
}

/// The agent writes an answer of `output` tokens.
fn answer(connection: &Connection, output: i64) {
    let data = format!(
        r#"{{"role":"assistant","agent":"build","path":{{"cwd":"/code/proj"}},"tokens":{{"input":1,"output":{output},"reasoning":0,"cache":{{"read":0,"write":0}}}},"modelID":"m1","providerID":"mock","time":{{"created":1795570000000,"completed":1795570000001}},"finish":"stop"}}"#
    );
    connection
        .execute(
            "INSERT INTO message SELECT ?1, id, 1795570000000, 1795570000000 + ?2, ?3 FROM session LIMIT 1",
            params![format!("msg_{output}"), output, data],
        )
        .unwrap();
}

/// All that can be seen of the files in a folder.
fn traces(folder: &Path) -> BTreeMap<PathBuf, (u64, u64, SystemTime)> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let (content, metadata) = (fs::read(&path).unwrap(), path.metadata().unwrap());
            (path, (xxh3_64(&content), metadata.len(), metadata.modified().unwrap()))
        })
        .collect()
}

fn state(machine: &Machine) -> (SourceState, Option<String>) {
    let sources = machine.viewpoint().sources().unwrap();
    let source = sources.into_iter().find(|source| source.id == "opencode").unwrap();
    (source.state, source.detail)
}

#[test]
fn t05_forks_count_once_and_subagents_belong_to_their_session() {
    let mut machine = sample();
    let report = machine.scan();
    assert_eq!((report.records_added, report.skipped.len()), (5, 0));
    assert_eq!(machine.by_model()["m1"], (5, CALLS));
    // Four calls of the session, the subagent's among them, and the one that the fork made itself.
    let sessions: Vec<u64> = machine.report("session").rows.iter().map(|row| row.requests).collect();
    assert_eq!(sessions, [4, 1]);
    let again = machine.scan();
    assert_eq!((again.files_read, again.bytes_read, again.rows_written), (0, 0, 0));
}

#[test]
fn t24_a_database_at_rest_is_read_without_a_trace() {
    for wal in [false, true] {
        let mut machine = sample();
        if wal {
            // Closed properly: the database is in the mode with a log of changes, and has none.
            drop(agent(&machine));
        }
        let before = traces(&machine.home(FOLDER));
        assert_eq!(before.len(), 1);
        machine.scan();
        assert_eq!(machine.total().requests, 5);
        assert_eq!(traces(&machine.home(FOLDER)), before);
    }
}

#[test]
fn t24_a_log_of_changes_is_read_though_its_index_is_missing() {
    let mut machine = sample();
    let connection = agent(&machine);
    answer(&connection, 7);
    let copies = [DATABASE, ".local/share/opencode/opencode.db-wal"].map(|file| fs::read(machine.home(file)).unwrap());
    drop(connection);
    // As a backup would restore it.
    fs::remove_dir_all(machine.home(FOLDER)).unwrap();
    machine.write(DATABASE, &copies[0]);
    machine.write(".local/share/opencode/opencode.db-wal", &copies[1]);
    let before = traces(&machine.home(FOLDER));
    machine.scan();
    assert_eq!(machine.total().requests, 6);
    assert_eq!(traces(&machine.home(FOLDER)), before);
}

#[test]
fn t24_a_log_of_changes_that_is_just_begun_is_left_alone() {
    let mut machine = sample();
    let connection = agent(&machine);
    answer(&connection, 7);
    let log = fs::read(machine.home(".local/share/opencode/opencode.db-wal")).unwrap();
    drop(connection);
    // Its header is there, and no change yet.
    machine.write(".local/share/opencode/opencode.db-wal", &log[..32]);
    let before = traces(&machine.home(FOLDER));
    assert_eq!(before.len(), 2);
    machine.scan();
    assert_eq!(machine.total().requests, 6, "the last to close put the change into the database");
    assert_eq!(traces(&machine.home(FOLDER)), before);
}

#[test]
fn t24_reading_neither_waits_for_a_writer_nor_holds_one_up() {
    let mut machine = sample();
    let mut connection = agent(&machine);
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    answer(&connection, 7);
    let change = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive).unwrap();
    answer(&change, 8);
    let before = traces(&machine.home(FOLDER));
    let report = machine.scan();
    assert_eq!((report.failures.len(), report.records_added), (0, 6), "what is not yet committed is not there");
    assert_eq!(traces(&machine.home(FOLDER)), before);
    change.commit().unwrap();
    let report = machine.scan();
    assert_eq!((report.records_added, report.records_updated), (1, 0));
    assert_eq!(machine.by_model()["m1"].1.output, CALLS.output + 7 + 8);
    assert_eq!(machine.scan().rows_written, 0);
}

#[test]
fn t24_a_checkpoint_that_empties_the_log_changes_no_figure() {
    let mut machine = sample();
    let connection = agent(&machine);
    answer(&connection, 7);
    machine.scan();
    let checkpoint = || {
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
        assert_eq!(busy, 0, "we hold it up");
    };
    checkpoint();
    let report = machine.scan();
    assert_ne!(report.rows_written, 0, "it is looked at");
    assert_eq!((report.records_added, report.records_updated), (0, 0));
    // The log begins anew, in the same file.
    answer(&connection, 8);
    assert_eq!(machine.scan().records_added, 1);
    checkpoint();
    assert_eq!(machine.scan().records_added, 0);
    assert_eq!(machine.total().requests, 7);
}

#[test]
fn t24_a_change_that_is_only_in_the_log_beside_the_database_is_enough_to_look() {
    let mut machine = sample();
    let agent = agent(&machine);
    answer(&agent, 1);
    machine.scan();
    answer(&agent, 2);
    let report = machine.scan_only(&[&format!("{DATABASE}-wal")]);
    assert_eq!((report.files_seen, report.files_read, report.records_added), (1, 1, 1));
    assert_eq!(machine.scan_only(&[&format!("{DATABASE}-shm")]).rows_written, 0);
}

#[test]
fn t24_a_row_that_is_updated_in_place_is_a_call_when_it_is_over() {
    let mut machine = sample();
    let connection = agent(&machine);
    answer(&connection, 7);
    let whole: String =
        connection.query_row("SELECT data FROM message WHERE id = 'msg_7'", [], |row| row.get(0)).unwrap();
    let begun = r#"{"role":"assistant","tokens":{"input":0,"output":0,"reasoning":0,"cache":{"read":0,"write":0}},"modelID":"m1","providerID":"mock","time":{"created":1795570000000}}"#;
    connection.execute("UPDATE message SET data = ?1 WHERE id = 'msg_7'", [begun]).unwrap();
    assert_eq!(machine.scan().records_added, 5);
    // In the same millisecond.
    connection.execute("UPDATE message SET data = ?1 WHERE id = 'msg_7'", [whole]).unwrap();
    assert_eq!(machine.scan().records_added, 1);
}

#[test]
fn t24_a_clock_that_was_set_back_hides_no_call() {
    let mut machine = sample();
    let connection = agent(&machine);
    answer(&connection, 7);
    machine.scan();
    answer(&connection, 8);
    connection.execute("UPDATE message SET time_updated = 1 WHERE id = 'msg_8'", []).unwrap();
    let report = machine.scan();
    assert_eq!((report.records_added, report.records_updated), (1, 0));
}

#[cfg(unix)]
#[test]
fn t24_a_folder_that_cannot_be_written_to_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let mut machine = sample();
    drop(agent(&machine));
    let folder = machine.home(FOLDER);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    machine.scan();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(machine.total().requests, 5);
}

#[test]
fn a_database_that_breaks_is_named_and_its_figures_stay() {
    let mut machine = sample();
    machine.scan();
    let whole = fixture_bytes(SAMPLE);
    let cases: [(&[u8], &str); 3] = [
        (
            b"no database, though it is longer than the header of one would have to be: a hundred bytes of prose.....",
            "not a database",
        ),
        (&whole[..whole.len() / 2 + 1_000], "malformed"),
        (b"", ""),
    ];
    for (content, reason) in cases {
        machine.write(DATABASE, content);
        let report = machine.scan();
        let (state, detail) = state(&machine);
        if reason.is_empty() {
            assert_eq!((report.failures.len(), state), (0, SourceState::Live), "an empty file is a database just made");
        } else {
            let detail = detail.unwrap();
            assert_eq!(state, SourceState::Failing);
            assert!(detail.contains("opencode.db") && detail.contains(reason), "{detail}");
        }
        assert_eq!(machine.total().requests, 5);
    }
    machine.write(DATABASE, whole);
    machine.scan();
    assert_eq!((state(&machine).0, machine.total().requests), (SourceState::Live, 5));
}

#[test]
fn a_database_of_an_unknown_form_says_what_to_do() {
    let mut machine = Machine::new();
    let path = machine.write(DATABASE, "");
    Connection::open(path).unwrap().execute_batch("CREATE TABLE conversation (id)").unwrap();
    machine.scan();
    let detail = state(&machine).1.unwrap();
    assert!(detail.contains("opencode.db") && detail.contains("update Spendmeter"), "{detail}");
}

#[test]
fn a_broken_row_is_skipped_by_its_number_and_the_others_count() {
    let mut machine = sample();
    let connection = Connection::open(machine.home(DATABASE)).unwrap();
    connection.execute("UPDATE message SET data = '{\"role\":\"assistant\",' WHERE rowid = 2", []).unwrap();
    drop(connection);
    let report = machine.scan();
    assert_eq!(report.skipped.iter().map(|skipped| skipped.line).collect::<Vec<_>>(), [2]);
    assert_eq!(report.records_added, 5, "the fork has a copy of the call");
}

#[test]
fn documents_of_old_versions_and_the_rows_made_of_them_count_once() {
    let mut machine = Machine::new();
    let database = tempfile::tempdir().unwrap();
    let path = database.path().join("opencode.db");
    fs::write(&path, fixture_bytes(SAMPLE)).unwrap();
    let rows = Connection::open(path).unwrap();
    let mut query = rows.prepare("SELECT session_id, id, data FROM message").unwrap();
    let mut messages = query.query([]).unwrap();
    while let Some(row) = messages.next().unwrap() {
        let [session, id, data] = [0, 1, 2].map(|column| row.get::<_, String>(column).unwrap());
        let document = data.replacen('{', &format!(r#"{{"id":"{id}","sessionID":"{session}","#), 1);
        machine.write(&format!("{FOLDER}/storage/message/{session}/{id}.json"), document);
    }
    let mut query = rows.prepare("SELECT id, coalesce(parent_id, ''), time_created FROM session").unwrap();
    let mut sessions = query.query([]).unwrap();
    while let Some(row) = sessions.next().unwrap() {
        let [id, parent] = [0, 1].map(|column| row.get::<_, String>(column).unwrap());
        let created: i64 = row.get(2).unwrap();
        let document =
            format!(r#"{{"id":"{id}","parentID":"{parent}","directory":"/code/proj","time":{{"created":{created}}}}}"#);
        machine.write(&format!("{FOLDER}/storage/session/project-1/{id}.json"), document);
    }
    assert_eq!(machine.scan().records_added, 5);
    let sessions = machine.report("session").rows;
    machine.write(DATABASE, fixture_bytes(SAMPLE));
    let report = machine.scan();
    assert_eq!((report.records_added, report.records_updated), (0, 0));
    assert_eq!(machine.by_model()["m1"], (5, CALLS));
    assert_eq!(machine.report("session").rows, sessions);
}
