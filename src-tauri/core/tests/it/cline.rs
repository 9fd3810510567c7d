//! Tasks of Cline's family, written anew and taken along, count once.

use std::fs;

use crate::machine::{Machine, fixture_bytes};

const TASK: &str = ".cline/data/tasks/1780300800000/ui_messages.json";

fn sample() -> Vec<u8> {
    fixture_bytes("cline/tasks/1780300800000/ui_messages.json")
}

#[test]
fn t15_a_task_in_two_editors_counts_once_and_the_later_one_has_the_last_word() {
    let mut machine = Machine::new();
    machine.lay_out("cline/tasks", ".cline/data/tasks");
    assert_eq!(machine.scan().records_added, 4);
    let total = machine.total().tokens;
    machine.lay_out("cline/tasks", ".vscode-server/data/User/globalStorage/saoudrizwan.claude-dev/tasks");
    let report = machine.scan();
    assert_eq!((report.records_added, report.records_updated), (0, 0));
    // The request that had no tokens is over, in one of them.
    let over = String::from_utf8(sample())
        .unwrap()
        .replace(r#"{\"request\": \"xxxxxxxx\"}"#, r#"{\"request\": \"xxxxxxxx\", \"tokensIn\": 5, \"tokensOut\": 6}"#);
    machine.write(TASK, over);
    assert_eq!(machine.scan().records_added, 1);
    assert_eq!(machine.total().tokens.total(), total.total() + 11);
    let again = machine.scan();
    assert_eq!((again.files_read, again.bytes_read, again.rows_written), (0, 0, 0));
}

#[test]
fn what_the_files_beside_a_task_say_later_is_taken_over() {
    let mut machine = Machine::new();
    machine.write(TASK, sample());
    assert_eq!(machine.scan().records_added, 4);
    let unknown = machine.by_model();
    machine.lay_out("cline/tasks", ".cline/data/tasks");
    // As it is written anew when something else is shown.
    machine.write(TASK, [&sample(), b"\n".as_slice()].concat());
    machine.scan();
    let mut at_once = Machine::new();
    at_once.lay_out("cline/tasks", ".cline/data/tasks");
    at_once.scan();
    assert_ne!(machine.by_model(), unknown);
    assert_eq!(machine.by_model(), at_once.by_model());
    assert_eq!(machine.report("project").rows, at_once.report("project").rows);
}

#[test]
fn t14_a_task_torn_at_any_byte_is_told_of_and_nothing_counts_twice() {
    let mut machine = Machine::new();
    let whole = sample();
    for end in (0..whole.len()).step_by(37) {
        machine.write(TASK, &whole[..end]);
        assert_ne!(machine.scan().skipped, [], "torn at {end}");
    }
    machine.write(TASK, &whole);
    assert_eq!(machine.scan().skipped, []);
    assert_eq!(machine.total().requests, 4);
}

#[test]
fn t13_the_repositories_beside_tasks_are_not_walked_through() {
    let mut machine = Machine::new();
    machine.lay_out("cline/tasks", ".cline/data/tasks");
    machine.lay_out("cline/tasks", ".cline/data/tasks/1780300800000/checkpoints/.git/tasks");
    machine.lay_out("cline/tasks", ".cline/data/tasks/1780300800000/checkpoints/state/tasks");
    assert_eq!(machine.scan().files_seen, 2);
}

#[test]
fn t26_a_task_that_is_deleted_leaves_its_figures() {
    let mut machine = Machine::new();
    machine.lay_out("cline/tasks", ".cline/data/tasks");
    machine.scan();
    fs::remove_dir_all(machine.home(".cline/data/tasks")).unwrap();
    machine.scan();
    assert_eq!(machine.total().requests, 4);
}
