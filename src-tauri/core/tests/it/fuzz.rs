//! Whatever bytes stand where an agent's logs should be, reading ends, without panic, and the rest is read all the same.
//!
//! Every small sample of every agent is damaged and read through a whole scan, so that a new agent is fuzzed without
//! further ado. Random bytes alone would hardly get past the parser; so most damage leaves JSON intact and puts something
//! else where a value was.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::machine::Machine;
use crate::oracles::Expected;
use proptest::prelude::*;
use proptest::sample::Index;
use spendmeter_core::sources;
use walkdir::WalkDir;

/// Larger samples say nothing new and take long.
const LARGEST: u64 = 320 * 1024;

/// Values that stand where no agent has put them.
const VALUES: [&str; 16] = [
    "null",
    "true",
    "-1",
    "1.5",
    "0",
    "10000000000",
    "18446744073709551616",
    "1e999",
    "\"\"",
    "\"2026-13-45T99:99:99Z\"",
    "\"\\ud800\"",
    "[]",
    "{}",
    "[{\"id\":7,\"type\":[],\"tokens\":{}}]",
    "{\"usage\":{\"usage\":{}},\"messages\":[null,7]}",
    "\u{feff}",
];

/// What happens to a file. Places are shares of its length.
#[derive(Clone, Debug)]
enum Damage {
    /// Another value stands behind a colon.
    Value(Index, &'static str),
    /// A value is nested so deeply that a parser which calls itself would run out of stack.
    Deep(Index),
    /// A byte is another.
    Flip(Index, u8),
    /// A part is missing.
    Cut(Index, Index),
    /// A part stands elsewhere a second time.
    Splice(Index, Index, Index),
    /// Something is put in.
    Insert(Index, Vec<u8>),
    /// Nothing is left but this.
    Replace(Vec<u8>),
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..400);
        let at = any::<Index>;
        prop_oneof![
            12 => (at(), prop::sample::select(VALUES.to_vec())).prop_map(|(at, value)| Self::Value(at, value)),
            1 => at().prop_map(Self::Deep),
            3 => (at(), any::<u8>()).prop_map(|(at, byte)| Self::Flip(at, byte)),
            2 => (at(), at()).prop_map(|(from, to)| Self::Cut(from, to)),
            2 => (at(), at(), at()).prop_map(|(from, to, at)| Self::Splice(from, to, at)),
            2 => (at(), bytes()).prop_map(|(at, bytes)| Self::Insert(at, bytes)),
            1 => bytes().prop_map(Self::Replace),
        ]
    }

    fn of(&self, content: &mut Vec<u8>) {
        let length = content.len();
        let place = |at: &Index| at.index(length + 1);
        let part = |a: &Index, b: &Index| place(a).min(place(b))..place(a).max(place(b));
        match self {
            Self::Value(at, value) => put_value(content, *at, value.as_bytes()),
            Self::Deep(at) => put_value(content, *at, &b"[".repeat(100_000)),
            Self::Flip(at, byte) => {
                if let Some(old) = content.get_mut(place(at)) {
                    *old ^= byte;
                }
            }
            Self::Cut(from, to) => drop(content.drain(part(from, to))),
            Self::Splice(from, to, at) => {
                let copied = content[part(from, to)].to_vec();
                drop(content.splice(place(at)..place(at), copied));
            }
            Self::Insert(at, bytes) => drop(content.splice(place(at)..place(at), bytes.iter().copied())),
            Self::Replace(bytes) => bytes.clone_into(content),
        }
    }
}

/// Puts `value` in the place of what stands behind one of the colons.
fn put_value(content: &mut Vec<u8>, at: Index, value: &[u8]) {
    let colons: Vec<usize> = memchr::memchr_iter(b':', content).collect();
    if colons.is_empty() {
        return;
    }
    let start = colons[at.index(colons.len())] + 1;
    let old = content[start..].iter().position(|byte| b",}\n".contains(byte)).unwrap_or(content.len() - start);
    drop(content.splice(start..start + old, value.iter().copied()));
}

/// The small samples, laid out in one home, and which agents have any.
fn machine_with_samples() -> (Machine, BTreeSet<String>) {
    let machine = Machine::new();
    let mut agents = BTreeSet::new();
    for (entry, expected) in Expected::all() {
        if expected.size(&entry) <= LARGEST {
            expected.lay_out(&entry, &machine);
            agents.insert(entry.split_once('/').unwrap().0.to_owned());
        }
    }
    (machine, agents)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

#[test]
fn every_agent_has_a_sample_that_is_fuzzed() {
    let (_, agents) = machine_with_samples();
    for source in sources::ALL {
        assert!(agents.contains(source.id()), "{}: no sample of at most {LARGEST} bytes", source.name());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn whatever_the_bytes_reading_ends_and_the_rest_is_read(
        damages in prop::collection::vec(Damage::any(), 1..6),
        later in prop::collection::vec(Damage::any(), 0..3),
    ) {
        let (mut machine, _) = machine_with_samples();
        let files = files_below(&machine.home(""));
        // Once as they are found first, once as what is known already has changed.
        for damages in [damages, later] {
            for file in &files {
                let mut content = fs::read(file).unwrap();
                for damage in &damages {
                    damage.of(&mut content);
                }
                fs::write(file, content).unwrap();
            }
            machine.scan();
        }
        machine.total();
        machine.append_sound_log();
        machine.scan();
        prop_assert_eq!(machine.by_model()["sound"].0, 1);
    }
}

impl Machine {
    /// A call of a model that no sample has, in a log that nothing happened to.
    fn append_sound_log(&self) {
        let line = r#"{"type":"assistant","timestamp":"2026-11-24T07:00:00Z","sessionId":"s","message":{"id":"msg_sound","model":"sound","usage":{"input_tokens":3,"output_tokens":4}}}"#;
        self.write(".claude/projects/sound/s.jsonl", format!("{line}\n"));
    }
}
