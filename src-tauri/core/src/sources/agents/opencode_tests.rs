//! Messages as they stand in rows and documents, and the records that come of them.

use rusqlite::{Connection, params};

use super::*;
use crate::sources::logs::found::Found;
use crate::usage::{Attribution, CacheWrites, UsageRecord, Witness};

const ANSWER: &str = r#"{"role":"assistant","mode":"build","agent":"build","path":{"cwd":"/src/app","root":"/src"},"cost":0.009375,"tokens":{"total":12450,"input":3000,"output":250,"reasoning":200,"cache":{"write":0,"read":9000}},"modelID":"gpt-5.5","providerID":"openai","time":{"created":1795504641837,"completed":1795504643102},"finish":"stop"}"#;

/// A database with one session of a person, one of its subagent and one that forked it, and these messages: session,
/// time of the last change, content.
fn database(messages: &[(&str, i64, &str)]) -> Connection {
    let database = Connection::open_in_memory().unwrap();
    database
        .execute_batch(
            "CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, time_created INTEGER);
             CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER,
                                   data TEXT);
             INSERT INTO session VALUES ('ses_1', NULL, '/src/app', 1795504640000),
                                        ('ses_2', 'ses_1', '/src/app', 1795504641000),
                                        ('ses_3', NULL, '/src/app', 1795504660000);",
        )
        .unwrap();
    for (number, (session, updated, data)) in messages.iter().enumerate() {
        database
            .execute(
                "INSERT INTO message VALUES (?1, ?2, 0, ?3, ?4)",
                params![format!("msg_{number}"), session, updated, data],
            )
            .unwrap();
    }
    database
}

fn read(database: &Connection, memory: &str) -> (Found, String) {
    let mut found = Found::default();
    let memory = opencode_store::calls("opencode", database, memory, &mut found).unwrap();
    (found, memory)
}

fn one(session: &str, data: &str) -> UsageRecord {
    let (Found { mut records, reasons }, _) = read(&database(&[(session, 1, data)]), "");
    assert_eq!((records.len(), reasons.as_slice()), (1, [].as_slice()));
    records.remove(0)
}

fn answer_with(tokens: &str) -> String {
    ANSWER.replace(r#""total":12450,"input":3000,"output":250,"reasoning":200,"cache":{"write":0,"read":9000}"#, tokens)
}

#[test]
fn a_message_becomes_a_record_with_all_that_is_known() {
    let record = one("ses_1", ANSWER);
    assert_eq!(
        record.tokens,
        Tokens { input: 3_000, cache_read: 9_000, output: 450, reasoning: 200, ..Tokens::default() }
    );
    assert_eq!(record.occurred_at.to_string(), "2026-11-24T07:17:21.837Z");
    assert_eq!(record.witness, Witness::Primary);
    let known = |text: &str| Some(text.to_owned());
    assert_eq!(
        *record.attribution,
        Attribution {
            agent: known("opencode"),
            provider: known("openai"),
            model: known("gpt-5.5"),
            project: known("/src/app"),
            session: known("ses_1"),
            ..Attribution::default()
        }
    );
}

#[test]
fn t06_reasoning_is_added_only_where_the_output_is_without_it() {
    let with_reasoning = one(
        "ses_1",
        &answer_with(r#""total":12250,"input":3000,"output":250,"reasoning":200,"cache":{"write":0,"read":9000}"#),
    );
    assert_eq!((with_reasoning.tokens.output, with_reasoning.tokens.reasoning), (250, 200));
    let without_total =
        one("ses_1", &answer_with(r#""input":3000,"output":250,"reasoning":200,"cache":{"write":7,"read":9000}"#));
    assert_eq!((without_total.tokens.output, without_total.tokens.cache_write_short), (450, 7));
    assert_eq!(without_total.cache_writes, CacheWrites::WithoutLifetime);
}

#[test]
fn t04_a_subagent_belongs_to_the_session_that_a_person_began() {
    let record = one("ses_2", &ANSWER.replace(r#""agent":"build""#, r#""agent":"general""#));
    assert_eq!(record.attribution.session.as_deref(), Some("ses_1"));
    assert_eq!(record.attribution.subagent.as_deref(), Some("general"));
}

#[test]
fn t05_a_forks_copy_has_its_originals_key_and_gives_way_to_it() {
    let (Found { records, .. }, _) = read(&database(&[("ses_1", 1, ANSWER), ("ses_3", 2, ANSWER)]), "");
    assert_eq!(records[0].key, records[1].key);
    assert_eq!([records[0].witness, records[1].witness], [Witness::Primary, Witness::Secondary]);
    let parallel = ANSWER.replace(r#""input":3000"#, r#""input":3001"#).replace("12450", "12451");
    assert_ne!(one("ses_2", &parallel).key, records[0].key, "another call of the same millisecond");
}

#[test]
fn a_session_that_is_its_own_ancestor_is_no_trap() {
    let database = database(&[("ses_1", 1, ANSWER)]);
    database.execute("UPDATE session SET parent_id = 'ses_2' WHERE id = 'ses_1'", []).unwrap();
    assert_eq!(read(&database, "").0.records.len(), 1);
}

#[test]
fn a_message_is_no_call_before_it_is_over() {
    let lasting = ANSWER.replace(r#","completed":1795504643102"#, "").replace(r#","finish":"stop""#, "");
    let database = database(&[("ses_1", 5, &lasting)]);
    let (found, memory) = read(&database, "");
    assert_eq!((found.records.len(), found.reasons.len()), (0, 0));
    // It changes again within the same millisecond.
    database.execute("UPDATE message SET data = ?1", [ANSWER]).unwrap();
    let (found, memory) = read(&database, &memory);
    assert_eq!(found.records.len(), 1);
    assert_eq!(read(&database, &memory).0.records.len(), 0);
}

#[test]
fn only_what_changed_since_is_read() {
    let messages: Vec<_> = (0..1_000).map(|number| ("ses_1", number, ANSWER)).collect();
    let database = database(&messages);
    let (found, memory) = read(&database, "");
    assert_eq!(found.records.len(), 1_000);
    assert!(memory.len() < 500, "{memory}");
    let (found, unchanged) = read(&database, &memory);
    assert_eq!((found.records.len(), &unchanged), (0, &memory));
    database.execute("UPDATE message SET time_updated = 7000 WHERE rowid = 300", []).unwrap();
    let (found, memory) = read(&database, &memory);
    assert!((1..=128).contains(&found.records.len()), "{}", found.records.len());
    assert_eq!(read(&database, &memory).0.records.len(), 0);
}

#[test]
fn t24_a_clock_that_was_set_back_hides_no_call() {
    let database = database(&[("ses_1", 9_000_000_000, ANSWER)]);
    let (_, memory) = read(&database, "");
    let insert = |time: i64, id: &str| {
        database.execute("INSERT INTO message VALUES (?1, 'ses_1', 0, ?2, ?3)", params![id, time, ANSWER]).unwrap();
    };
    // Days before the latest that was seen.
    insert(5, "msg_a");
    let (found, memory) = read(&database, &memory);
    assert_eq!(found.records.len(), 2);
    // The clock is right again, and beyond; nobody looked while it was wrong.
    insert(6, "msg_b");
    insert(9_900_000_000, "msg_c");
    let (found, memory) = read(&database, &memory);
    assert_eq!(found.records.len(), 4);
    // The number of a row that was taken back is given out again.
    database.execute("DELETE FROM message WHERE id = 'msg_c'", []).unwrap();
    insert(7, "msg_d");
    assert_eq!(read(&database, &memory).0.records.len(), 4);
}

#[test]
fn what_an_older_version_remembered_leads_to_reading_all() {
    let database = database(&[("ses_1", 1, ANSWER), ("ses_1", 9_000_000, ANSWER)]);
    assert_eq!(read(&database, "9000000").0.records.len(), 2);
}

#[test]
fn a_row_that_makes_no_sense_is_told_of_once() {
    let database = database(&[("ses_1", 1, &ANSWER[..100]), ("ses_1", 2, ANSWER)]);
    let (found, memory) = read(&database, "");
    assert_eq!(found.reasons.len(), 1);
    database.execute("UPDATE message SET time_updated = 3 WHERE rowid = 2", []).unwrap();
    let (found, _) = read(&database, &memory);
    assert_eq!((found.records.len(), found.reasons.len()), (1, 0));
}

#[test]
fn what_is_no_answer_or_consumed_nothing_is_no_call() {
    let rows = [
        r#"{"role":"user","time":{"created":1},"tokens":"many","model":{"providerID":"openai","modelID":"gpt-5.5"}}"#,
        &answer_with(r#""input":0,"output":0,"reasoning":0,"cache":{"write":0,"read":0}"#),
        &ANSWER.replace(r#""tokens""#, r#""other""#),
    ];
    let (found, _) = read(&database(&rows.map(|row| ("ses_1", 1, row))), "");
    assert_eq!((found.records.len(), found.reasons.len()), (0, 0));
}

#[test]
fn counts_that_are_missing_are_zero_and_insane_ones_are_skipped_by_their_row() {
    let sparse = one("ses_1", &answer_with(r#""input":3000,"output":null"#));
    assert_eq!(sparse.tokens, Tokens { input: 3_000, ..Tokens::default() });
    let rows = [
        &answer_with(r#""input":-1,"output":5"#),
        &answer_with(r#""input":1.5,"output":5"#),
        &answer_with(r#""input":10000000001,"output":5"#),
        &ANSWER[..100],
        &ANSWER.replace(r#""created":1795504641837,"#, ""),
        &ANSWER.replace("1795504641837", "9223372036854775807"),
        &ANSWER.replace(r#""finish":"stop""#, &format!(r#""finish":{}"#, "[".repeat(100_000))),
        ANSWER,
    ];
    let (Found { records, reasons }, _) = read(&database(&rows.map(|row| ("ses_1", 1, row))), "");
    assert_eq!(records.len(), 1);
    let numbers: Vec<&str> = reasons.iter().map(|reason| reason.split_once(": ").unwrap().0).collect();
    assert_eq!(numbers, ["1", "2", "3", "4", "5", "6", "7"]);
    assert!(reasons[3].contains("the JSON ends in the middle"), "{}", reasons[3]);
}

#[test]
fn the_messages_of_version_2_are_read_and_those_taken_over_count_once() {
    let database = database(&[("ses_1", 1, ANSWER)]);
    let tokens = r#""tokens":{"input":3000,"output":250,"reasoning":200,"cache":{"read":9000,"write":0}}"#;
    let model = r#""model":{"id":"gpt-5.5","providerID":"openai"}"#;
    let answer = format!(
        r#"{{"agent":"explore",{model},{tokens},"content":[],"finish":"stop","time":{{"created":1795504641837}}}}"#
    );
    let later = answer.replace("1795504641837", "1795504651000");
    let compaction = format!(
        r#"{{"status":"completed",{model},{tokens},"time":{{"created":1795504652000,"completed":1795504653000}}}}"#
    );
    database
        .execute_batch(
            "CREATE TABLE session_v2 (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, time_created INTEGER);
             CREATE TABLE session_message (id TEXT PRIMARY KEY, session_id TEXT, type TEXT, seq INTEGER,
                                           time_created INTEGER, time_updated INTEGER, data TEXT);
             INSERT INTO session_v2 VALUES ('ses_9', 'ses_1', '/src/lib', 1795504650000);",
        )
        .unwrap();
    let rows = [
        ("ses_1", "assistant", &answer),
        ("ses_9", "assistant", &later),
        ("ses_1", "compaction", &compaction),
        ("ses_1", "user", &later),
    ];
    for (number, (session, kind, data)) in (0_i64..).zip(rows) {
        database
            .execute(
                "INSERT INTO session_message VALUES (?1, ?2, ?3, ?1, 0, 7, ?4)",
                params![number, session, kind, data],
            )
            .unwrap();
    }
    let (Found { records, reasons }, _) = read(&database, "");
    assert_eq!((records.len(), reasons.len()), (4, 0));
    assert_eq!(records[0].key, records[1].key, "in both tables");
    assert_eq!(records[2].attribution.project.as_deref(), Some("/src/lib"));
    assert_eq!(records[2].attribution.session.as_deref(), Some("ses_1"));
    assert_eq!(records[2].attribution.subagent.as_deref(), Some("explore"));
    assert_eq!(records[3].tokens.output, 450);
}

#[test]
fn a_database_of_another_form_says_so_and_an_empty_one_has_nothing() {
    let database = Connection::open_in_memory().unwrap();
    let (Found { records, reasons }, _) = read(&database, "");
    assert_eq!((records.len(), reasons.len()), (0, 0));
    let calls = |database: &Connection| {
        opencode_store::calls("opencode", database, "", &mut Found::default()).unwrap_err().to_string()
    };
    database.execute_batch("CREATE TABLE notes (id)").unwrap();
    assert!(calls(&database).contains("update Spendmeter"), "{}", calls(&database));
    database.execute_batch("CREATE TABLE message (id, session)").unwrap();
    assert!(calls(&database).contains("update Spendmeter"), "{}", calls(&database));
}

#[test]
fn databases_of_all_channels_and_the_one_a_variable_names_are_roots() {
    use crate::places::Places;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".local/share/opencode");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("opencode-dev.db"), "").unwrap();
    fs::write(folder.join("opencode-dev.db-wal"), "").unwrap();
    let roots = |variable: &str| {
        let variables = [("HOME".into(), home.path().into()), ("OPENCODE_DB".into(), variable.into())];
        (OPENCODE.roots)(&Places::of_user(variables, None, None).unwrap())
    };
    let usual = ["opencode-dev.db", "opencode.db", "storage/message"].map(|name| folder.join(name));
    assert_eq!(roots(""), usual);
    assert_eq!(roots(":memory:"), usual);
    assert!(roots("work.db").contains(&folder.join("work.db")));
    assert!(roots("/elsewhere/work.db").contains(&"/elsewhere/work.db".into()));
}
