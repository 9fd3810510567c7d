//! Real and captured logs give the totals that were worked out by hand.

use std::fs;

use crate::machine::{Machine, fixture, fixture_bytes};
use serde_json::Value;
use spendmeter_core::sources;
use spendmeter_core::usage::Tokens;

/// The sample of a long session as it was at an earlier moment: a prefix of the later one.
const EARLIER_SIZE: usize = 2_558_034;

fn expected() -> serde_json::Map<String, Value> {
    serde_json::from_slice(&fixture_bytes("EXPECTED.json")).unwrap()
}

fn number(value: &Value, field: &str) -> u64 {
    value[field].as_u64().unwrap_or_else(|| panic!("{field} in {value}"))
}

/// The calls of an entry.
fn requests(expected: &Value) -> u64 {
    let models = expected["models"].as_object().into_iter().flat_map(|models| models.values());
    expected["requests"].as_u64().unwrap_or_else(|| models.map(|figures| number(figures, "requests")).sum())
}

/// Lays out the sample of an entry of EXPECTED.json.
fn lay_out(machine: &Machine, entry: &str, expected: &Value) {
    let sample = entry.trim_end_matches(" (all files together)");
    if let Some(home) = expected["lay_out"].as_str() {
        machine.lay_out(sample, home);
        return;
    }
    let (agent, name) = sample.split_once('/').unwrap();
    match (agent, name) {
        ("claude-code", "pv-case-review.t1.jsonl") => {
            let later = fixture_bytes("claude-code/pv-case-review.t2.jsonl");
            machine.write(".claude/projects/pv/pv-case-review.jsonl", &later[..EARLIER_SIZE]);
        }
        ("claude-code", captured) if captured.starts_with("captured") => {
            machine.lay_out(&format!("{sample}/projects"), ".claude/projects");
        }
        ("claude-code", _) => machine.lay_out(sample, &format!(".claude/projects/{name}")),
        ("codex", _) => machine.lay_out(sample, ".codex/sessions/2026/05/01"),
        _ => panic!("an agent without a place in a home: {agent}"),
    }
}

fn claude_tokens(expected: &Value, model: &Value) -> Tokens {
    // Where a response's figures are all in its iterations, the effective ones count.
    let effective = expected.get("effective_with_iterations_fallback").unwrap_or(model);
    let written = number(effective, "cache_creation_input_tokens");
    let long = number(model, "cache_1h");
    Tokens {
        input: number(effective, "input_tokens"),
        cache_read: number(effective, "cache_read_input_tokens"),
        cache_write_short: written - long,
        cache_write_long: long,
        output: number(effective, "output_tokens"),
        reasoning: 0,
    }
}

fn codex_tokens(usage: &Value) -> Tokens {
    let cached = number(usage, "cached_input_tokens");
    Tokens {
        input: number(usage, "input_tokens") - cached,
        cache_read: cached,
        output: number(usage, "output_tokens"),
        reasoning: number(usage, "reasoning_output_tokens"),
        ..Tokens::default()
    }
}

#[test]
fn every_sample_gives_its_expected_totals() {
    for (entry, expected) in &expected() {
        let mut machine = Machine::new();
        lay_out(&machine, entry, expected);
        let report = machine.scan();
        assert_eq!(report.skipped, [], "{entry}");
        assert_eq!(report.records_added, requests(expected), "{entry}");
        let models = machine.by_model();
        if let Some(by_model) = expected["models"].as_object() {
            let wanted = by_model.iter().map(|(model, figures)| {
                let tokens: Tokens = serde_json::from_value(figures["tokens"].clone()).unwrap();
                (model.clone(), (number(figures, "requests"), tokens))
            });
            assert_eq!(models, wanted.collect(), "{entry}");
        } else if entry.starts_with("claude-code/") {
            let by_model = expected["by_model"].as_object().unwrap();
            assert_eq!(models.len(), by_model.len(), "{entry}");
            for (model, figures) in by_model {
                let wanted = (number(figures, "requests"), claude_tokens(expected, figures));
                assert_eq!(models[model], wanted, "{entry}: {model}");
            }
        } else {
            let model = expected["models"][0].as_str().unwrap();
            assert_eq!(models.len(), 1, "{entry}");
            assert_eq!(models[model], (number(expected, "requests"), codex_tokens(&expected["usage"])), "{entry}");
        }
    }
}

#[test]
fn all_samples_in_one_home_give_the_sum_of_all() {
    let mut machine = Machine::new();
    let mut requests = 0;
    for (entry, expected) in &expected() {
        if !entry.contains("pv-case-review.t1") {
            lay_out(&machine, entry, expected);
            requests += self::requests(expected);
        }
    }
    machine.lay_out("codex/captured-0.169.0/sessions", ".codex/sessions");
    let report = machine.scan();
    // Three calls of a thread and one of its fork, beside those that EXPECTED.json lists.
    assert_eq!(report.records_added, requests + 4);
    assert_eq!(machine.total().requests, requests + 4);
    let again = machine.scan();
    assert_eq!((again.files_read, again.bytes_read, again.rows_written), (0, 0, 0));
}

#[test]
fn stated_calls_are_taken_and_running_totals_are_not() {
    let mut machine = Machine::new();
    machine.lay_out("codex/captured-0.169.0/sessions", ".codex/sessions");
    machine.scan();
    let call = Tokens { input: 3_000, cache_read: 9_000, output: 450, reasoning: 200, ..Tokens::default() };
    let (requests, tokens) = machine.by_model()["gpt-5.5"];
    assert_eq!((requests, tokens), (4, call + call + call + call));
    // The fork is a session of its own; its first running total, its parent's, is nobody's usage.
    let sessions: Vec<u64> = machine.report("session").rows.iter().map(|row| row.requests).collect();
    assert_eq!(sessions, [3, 1]);
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
fn every_source_has_samples_an_oracle_and_a_page() {
    let expected = expected();
    for source in sources::ALL {
        let id = source.id();
        assert!(fixture(id).is_dir(), "tests/fixtures/{id}: no samples");
        let oracle = expected.keys().any(|entry| entry.starts_with(&format!("{id}/")));
        assert!(oracle, "tests/fixtures/EXPECTED.json: no totals for {id}");
        let page = fixture("../..").join(source.docs());
        assert!(page.is_file(), "{}: no page about {}", source.docs(), source.name());
    }
}
