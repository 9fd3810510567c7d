//! Real and captured logs give the totals that were worked out by hand.

use std::collections::BTreeMap;
use std::fs;

use crate::machine::{Machine, fixture, fixture_bytes};
use serde::Deserialize;
use spendmeter_core::sources;
use spendmeter_core::usage::Tokens;

/// An entry of EXPECTED.json: a sample, where it lies in a home, and what must come out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// Folder below home; the sample's own folders are below it.
    lay_out: String,
    /// The file or folder of the samples, if it is not the entry's name.
    sample: Option<String>,
    /// Only so much of it: the log as it was at an earlier moment.
    first_bytes: Option<usize>,
    models: BTreeMap<String, Calls>,
    /// Calls per session, the most first.
    sessions: Option<Vec<u64>>,
    /// Calls per project; a project without a name has the calls of which none is known.
    projects: Option<BTreeMap<String, u64>>,
    #[serde(rename = "note")]
    _note: Option<String>,
}

#[derive(Deserialize)]
struct Calls {
    requests: u64,
    tokens: Tokens,
}

impl Expected {
    /// All entries, by the name of the sample.
    pub(crate) fn all() -> BTreeMap<String, Self> {
        serde_json::from_slice(&fixture_bytes("EXPECTED.json")).unwrap()
    }

    fn sample<'e>(&'e self, entry: &'e str) -> &'e str {
        self.sample.as_deref().unwrap_or(entry)
    }

    /// Lays out the sample as the agent would have.
    pub(crate) fn lay_out(&self, entry: &str, machine: &Machine) {
        let sample = self.sample(entry);
        match self.first_bytes {
            None => machine.lay_out(sample, &self.lay_out),
            Some(size) => {
                let name = sample.rsplit('/').next().unwrap();
                machine.write(&format!("{}/{name}", self.lay_out), &fixture_bytes(sample)[..size]);
            }
        }
    }

    /// Holds the ledger to what must come out.
    pub(crate) fn check(&self, entry: &str, machine: &Machine) {
        let models = self.models.iter().map(|(model, calls)| (model.clone(), (calls.requests, calls.tokens)));
        assert_eq!(machine.by_model(), models.collect(), "{entry}");
        if let Some(sessions) = &self.sessions {
            let mut found: Vec<u64> = requests_by(machine, "session").into_values().collect();
            found.sort_unstable_by(|a, b| b.cmp(a));
            assert_eq!(found, *sessions, "{entry}");
        }
        if let Some(projects) = &self.projects {
            assert_eq!(requests_by(machine, "project"), *projects, "{entry}");
        }
    }

    /// Its bytes.
    pub(crate) fn size(&self, entry: &str) -> u64 {
        let files = walkdir::WalkDir::new(fixture(self.sample(entry))).into_iter().flatten();
        files.map(|file| file.metadata().unwrap()).filter(fs::Metadata::is_file).map(|file| file.len()).sum()
    }

    fn requests(&self) -> u64 {
        self.models.values().map(|calls| calls.requests).sum()
    }
}

/// Calls by the value of a cut.
fn requests_by(machine: &Machine, cut: &str) -> BTreeMap<String, u64> {
    let rows = machine.report(cut).rows.into_iter();
    rows.map(|row| (row.values[0].clone(), row.requests)).collect()
}

#[test]
fn every_sample_gives_its_expected_totals() {
    for (entry, expected) in &Expected::all() {
        let mut machine = Machine::new();
        expected.lay_out(entry, &machine);
        let report = machine.scan();
        assert_eq!(report.skipped, [], "{entry}");
        assert_eq!(report.records_added, expected.requests(), "{entry}");
        expected.check(entry, &machine);
        let again = machine.scan();
        assert_eq!((again.files_read, again.bytes_read, again.rows_written), (0, 0, 0), "{entry}");
    }
}

#[test]
fn all_samples_in_one_home_give_the_sum_of_all() {
    let mut machine = Machine::new();
    let mut requests = 0;
    for (entry, expected) in &Expected::all() {
        // The whole of a sample is there, beside what it was at an earlier moment.
        if expected.first_bytes.is_none() {
            expected.lay_out(entry, &machine);
            requests += expected.requests();
        }
    }
    let report = machine.scan();
    assert_eq!(report.records_added, requests);
    assert_eq!(machine.total().requests, requests);
    let again = machine.scan();
    assert_eq!((again.files_read, again.bytes_read, again.rows_written), (0, 0, 0));
}

/// A family of forks with a hand-made oracle (see the ORACLE.md beside each).
struct Family {
    name: &'static str,
    requests: u64,
    /// Sum of `last.total_tokens` of all rows, each counted once, as in the manifest.
    stored: u64,
    /// Of these, what rows carry whose running total did not move, so that they are no calls: after a compaction,
    /// Codex shows the size of the new context there.
    no_calls: u64,
    /// Input (cached included) + cached + output, where the oracle has it: the unit of the scanner it was made for.
    scanner_units: Option<u64>,
}

const FAMILIES: [Family; 4] = [
    Family {
        name: "archived-fork-33ce-3869",
        requests: 158 - 3,
        stored: 15_352_834,
        no_calls: 16_650 + 17_858 + 9_148,
        scanner_units: None,
    },
    Family {
        name: "live-fork-4d90-52bf",
        requests: 196 - 2,
        stored: 26_938_802,
        no_calls: 19_666 + 117_225,
        scanner_units: Some(52_185_847),
    },
    Family {
        name: "missing-parent-siblings",
        requests: 161 - 3,
        stored: 15_355_927,
        no_calls: 16_650 + 17_858 + 9_148,
        // "Ideal prefix-once": we need not leave out the first event of an orphan.
        scanner_units: Some(28_862_270),
    },
    Family { name: "harness-smoke", requests: 2, stored: 17, no_calls: 0, scanner_units: None },
];

impl Family {
    fn check(&self, machine: &Machine) {
        let (total, name) = (machine.total(), self.name);
        assert_eq!((total.requests, total.tokens.total()), (self.requests, self.stored - self.no_calls), "{name}");
        if let Some(units) = self.scanner_units {
            assert_eq!(total.tokens.prompt() + total.tokens.cache_read + total.tokens.output, units, "{name}");
        }
    }
}

#[test]
fn t05_copied_history_is_counted_once() {
    for family in FAMILIES {
        let mut machine = Machine::new();
        machine.lay_out(&format!("codex/fork-oracles/{}/codex-home", family.name), ".codex");
        machine.scan();
        family.check(&machine);
    }
}

#[test]
fn t05_in_whichever_order_copies_are_read() {
    for family in FAMILIES {
        let from = fixture(&format!("codex/fork-oracles/{}/codex-home", family.name));
        let mut files: Vec<_> =
            walkdir::WalkDir::new(from).into_iter().flatten().filter(|entry| entry.file_type().is_file()).collect();
        files.sort_by_key(|entry| std::cmp::Reverse(entry.file_name().to_owned()));
        for _ in 0..2 {
            files.reverse();
            let mut machine = Machine::new();
            for (number, file) in files.iter().enumerate() {
                machine.write(&format!(".codex/sessions/{number}.jsonl"), fs::read(file.path()).unwrap());
                machine.scan();
            }
            family.check(&machine);
        }
    }
}

#[test]
fn t05_the_parent_owns_what_its_forks_copied() {
    let mut machine = Machine::new();
    // The child is there first.
    machine.lay_out(
        "codex/fork-oracles/archived-fork-33ce-3869/codex-home/archived_sessions/child.jsonl",
        ".codex/sessions",
    );
    machine.scan();
    assert_eq!(machine.report("session").rows.len(), 1);
    machine.lay_out(
        "codex/fork-oracles/archived-fork-33ce-3869/codex-home/archived_sessions/parent.jsonl",
        ".codex/sessions",
    );
    machine.scan();
    let report = machine.report("session");
    let of = |session: &str| report.rows.iter().find(|row| row.values[0] == session).unwrap();
    assert_eq!(
        (of("parent-session").requests, of("parent-session").tokens.total()),
        (133, 13_432_621 - 16_650 - 17_858)
    );
    assert_eq!((of("child-session").requests, of("child-session").tokens.total()), (22, 1_920_213 - 9_148));
}

#[test]
fn every_source_has_samples_an_oracle_a_page_and_a_row_in_the_readme() {
    let expected = Expected::all();
    let readme = fs::read_to_string(fixture("../../README.md")).unwrap();
    for source in sources::ALL {
        let (id, name, docs) = (source.id(), source.name(), source.docs());
        assert!(fixture(id).is_dir(), "tests/fixtures/{id}: no samples");
        let oracle = expected.keys().any(|entry| entry.starts_with(&format!("{id}/")));
        assert!(oracle, "tests/fixtures/EXPECTED.json: no totals for {id}");
        assert!(fixture("../..").join(docs).is_file(), "{docs}: no page about {name}");
        let row = readme.lines().any(|line| line.starts_with(&format!("| {name} |")) && line.contains(docs));
        assert!(row, "README.md: the table of sources has no row about {name} that leads to {docs}");
    }
}
