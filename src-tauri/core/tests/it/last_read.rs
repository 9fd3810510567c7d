//! When was last read, as other processes see it: those of another session and those without any.

use std::fs;

use spendmeter_core::ledger::Ledger;
use spendmeter_core::places::Places;
use spendmeter_core::spend::Viewpoint;
use spendmeter_core::spend::view::Freshness;

use crate::machine::{Machine, fixture_bytes};

const LOG: &str = ".claude/projects/p/session.jsonl";

/// Where a session has its runtime folder, with a log that was read and, an hour later, found unchanged.
fn unchanged_for_an_hour() -> Machine {
    let mut machine = Machine::with_variables(&[("XDG_RUNTIME_DIR", "~/runtime")]);
    fs::create_dir(machine.home("runtime")).unwrap();
    machine.write(LOG, fixture_bytes("claude-code/fundwise.jsonl"));
    machine.scan();
    machine.now = "2026-11-24T13:00:00Z".parse().unwrap();
    assert_eq!(machine.scan().rows_written, 0);
    machine
}

/// How fresh the figures are to a process in whose environment there is nothing but a home folder.
fn freshness_without_a_session(machine: &Machine) -> Freshness {
    let environment = [("HOME".into(), machine.places.home().into())];
    let places = Places::of_user(environment, None, Some(machine.places.data().to_owned())).unwrap();
    let ledger = &Ledger::open_reader(&places.ledger()).unwrap();
    Viewpoint { ledger, calendar: &machine.calendar, places: &places, now: machine.now }.freshness()
}

#[test]
fn a_job_of_cron_without_a_runtime_folder_sees_that_nothing_changed_since() {
    let mut machine = unchanged_for_an_hour();
    assert_eq!(machine.viewpoint().freshness(), Freshness::Current);
    assert_eq!(freshness_without_a_session(&machine), Freshness::Current);
    // The session ended, and nobody looks any more.
    fs::remove_dir_all(machine.home("runtime")).unwrap();
    assert_eq!(freshness_without_a_session(&machine), Freshness::Outdated);
    // Without the folder, the mark is on the disk.
    machine.scan();
    assert_eq!(freshness_without_a_session(&machine), Freshness::Current);
}

#[test]
fn a_runtime_folder_that_moved_is_found_where_it_is_now() {
    let mut machine = unchanged_for_an_hour();
    let way = machine.places.ledger().with_extension("read-now");
    let led = fs::read_link(&way).unwrap();
    fs::remove_file(&way).unwrap();
    // As left by a session that is over.
    std::os::unix::fs::symlink("/nowhere/spendmeter.read", &way).unwrap();
    assert_eq!(freshness_without_a_session(&machine), Freshness::Outdated);
    machine.now = "2026-11-24T14:00:00Z".parse().unwrap();
    machine.scan();
    assert_eq!(fs::read_link(&way).unwrap(), led);
    assert_eq!(freshness_without_a_session(&machine), Freshness::Current);
}

#[test]
fn where_the_way_to_the_runtime_folder_cannot_be_left_the_disk_says_when_was_read() {
    let mut machine = unchanged_for_an_hour();
    let way = machine.places.ledger().with_extension("read-now");
    fs::remove_file(&way).unwrap();
    // Something that is no link, and that does not go.
    fs::create_dir_all(way.join("in-the-way")).unwrap();
    machine.now = "2026-11-24T14:00:00Z".parse().unwrap();
    machine.scan();
    assert_eq!(machine.ledger.last_read(), Some(machine.now));
}
