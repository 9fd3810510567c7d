//! What a scan reads and writes, counted; and what it survives.

use std::fs;

use crate::machine::{Machine, first_lines, fixture_bytes, line_count};
use spendmeter_core::spend::view::{Freshness, SourceState};
use spendmeter_core::sync;
use spendmeter_core::usage::Tokens;

const LONG: &str = "claude-code/pv-case-review.t2.jsonl";
const SHORT: &str =
    "claude-code/captured-2.1.197/projects/-tmp-cap-claude-proj/dd3e6ed9-8898-42ef-ae0a-972a2724c089.jsonl";
const LOG: &str = ".claude/projects/p/session.jsonl";
const ROLLOUT: &str = ".codex/sessions/2026/05/01/rollout-1.jsonl";

/// A length of the long sample at which it was really seen, in the middle of a session.
const EARLIER_SIZE: usize = 2_558_034;

#[test]
fn t13_an_unchanged_tree_reads_no_byte_and_writes_no_row() {
    let mut machine = Machine::new();
    machine.write(LOG, fixture_bytes(LONG));
    machine.write(ROLLOUT, fixture_bytes("codex/raze-0.114.reemits.jsonl"));
    let first = machine.scan();
    assert_eq!((first.files_seen, first.files_read), (2, 2));
    assert_eq!(first.bytes_read, (fixture_bytes(LONG).len() + 546_567) as u64);
    let generation = machine.ledger.generation().unwrap();
    let second = machine.scan();
    assert_eq!((second.files_seen, second.files_read, second.bytes_read, second.bytes_verified), (2, 0, 0, 0));
    assert_eq!(second.rows_written, 0);
    assert_eq!(machine.ledger.generation().unwrap(), generation);
}

#[test]
fn an_unchanged_tree_is_as_of_now_without_a_write_to_the_disk() {
    let mut machine = Machine::with_variables(&[("XDG_RUNTIME_DIR", "~/runtime")]);
    fs::create_dir(machine.home("runtime")).unwrap();
    machine.write(LOG, fixture_bytes(SHORT));
    machine.scan();
    let first = machine.viewpoint().as_of();
    let mark = machine.places.ledger().with_extension("read");
    let marked = fs::metadata(&mark).unwrap().modified().unwrap();
    machine.now = "2026-11-24T13:00:00Z".parse().unwrap();
    assert_eq!(machine.scan().rows_written, 0);
    assert_eq!(fs::metadata(&mark).unwrap().modified().unwrap(), marked);
    assert_ne!(machine.viewpoint().as_of(), first);
    assert_eq!(machine.viewpoint().as_of().as_deref(), Some("2026-11-24T13:00:00+00:00"));
    assert_eq!(machine.viewpoint().freshness(), Freshness::Current);
    // The folder went with the session of the desktop; what is on the disk is older and no less true.
    fs::remove_dir_all(machine.home("runtime")).unwrap();
    assert_eq!(machine.viewpoint().as_of(), first);
    machine.scan();
    assert_eq!(machine.viewpoint().freshness(), Freshness::Current);
}

#[test]
fn what_was_appended_is_all_that_is_read() {
    let later = fixture_bytes(LONG);
    for replace in [false, true] {
        let mut machine = Machine::new();
        let path = machine.write(LOG, &later[..EARLIER_SIZE]);
        machine.scan();
        assert_eq!(machine.total().requests, 230);
        if replace {
            // Another file with the same beginning takes its place, as when a folder is restored or synchronised.
            let beside = machine.write("later.jsonl", &later);
            fs::rename(beside, path).unwrap();
        } else {
            machine.append(LOG, &later[EARLIER_SIZE..]);
        }
        let report = machine.scan();
        assert_eq!(report.bytes_read, (later.len() - EARLIER_SIZE) as u64, "replaced: {replace}");
        assert!(report.bytes_verified <= 1_280, "{}", report.bytes_verified);
        assert_eq!((report.records_added, report.files_read), (35, 1));
        let tokens = Tokens {
            input: 530,
            cache_read: 27_531_443,
            cache_write_long: 832_115,
            output: 286_123,
            ..Tokens::default()
        };
        assert_eq!(machine.by_model()["claude-sonnet-4-6"], (265, tokens));
    }
}

#[test]
fn t13_of_many_logs_only_the_one_that_changed_is_looked_at() {
    let mut machine = Machine::new();
    let long = fixture_bytes(LONG);
    for number in 0..200 {
        machine.write(&format!(".claude/projects/p/{number}.jsonl"), fixture_bytes(SHORT));
    }
    machine.write(LOG, &long[..EARLIER_SIZE]);
    machine.scan();
    let as_of = machine.ledger.last_read();
    machine.append(LOG, &long[EARLIER_SIZE..]);
    let report = machine.scan_only(&[LOG]);
    assert_eq!((report.files_seen, report.files_read, report.records_added), (1, 1, 35));
    assert_eq!(report.bytes_read, (long.len() - EARLIER_SIZE) as u64);
    assert_eq!(machine.ledger.last_read(), as_of, "nobody looked at the rest");
    // What is new, moved, gone or no log at all.
    machine.write(".claude/projects/new/s.jsonl", fixture_bytes("claude-code/fundwise.jsonl"));
    fs::rename(machine.home(LOG), machine.home(".claude/projects/p/moved.jsonl")).unwrap();
    let report = machine.scan_only(&[
        ".claude/projects/new",
        ".claude/projects/p/moved.jsonl",
        LOG,
        ".claude/projects/p/gone.jsonl",
        "elsewhere/s.jsonl",
    ]);
    assert_eq!((report.files_seen, report.records_added), (2, 71));
    assert_eq!(report.bytes_read, fixture_bytes("claude-code/fundwise.jsonl").len() as u64);
    let rest = machine.scan();
    assert_eq!((rest.files_read, rest.rows_written), (0, 0));
}

#[test]
fn t14_a_log_torn_at_every_byte_loses_and_doubles_nothing() {
    let whole = fixture_bytes(SHORT);
    let mut machine = Machine::new();
    machine.write(LOG, b"");
    let mut read = 0;
    for at in 0..whole.len() {
        machine.append(LOG, &whole[at..=at]);
        read += machine.scan().bytes_read;
        let lines = line_count(&whole[..=at]);
        let whole_lines = first_lines(&whole, lines).len() as u64;
        assert_eq!(read, whole_lines, "after byte {at}");
    }
    let (requests, tokens) = machine.by_model()["claude-opus-4-8"];
    assert_eq!((requests, tokens.output, tokens.cache_read, tokens.cache_write_long), (2, 642, 20_480, 2_048));
}

#[test]
fn t14_running_totals_survive_a_tear_at_every_line_too() {
    let whole = fixture_bytes("codex/fundwise-0.128.jsonl");
    for lines in 0..line_count(&whole) {
        let kept = first_lines(&whole, lines).len();
        // In the middle of the line after.
        let torn = (kept + 40).min(whole.len());
        let mut machine = Machine::new();
        machine.write(ROLLOUT, &whole[..torn]);
        machine.scan();
        machine.append(ROLLOUT, &whole[torn..]);
        machine.scan();
        let total = machine.total();
        assert_eq!((total.requests, total.tokens.total()), (4, 172_559), "torn at byte {torn}");
    }
}

#[test]
fn t15_a_renamed_log_is_not_read_again() {
    let mut machine = Machine::new();
    let path = machine.write(ROLLOUT, fixture_bytes("codex/raze-0.114.reemits.jsonl"));
    machine.scan();
    let archived = machine.home(".codex/archived_sessions/rollout-1.jsonl");
    fs::create_dir_all(archived.parent().unwrap()).unwrap();
    fs::rename(path, archived).unwrap();
    let report = machine.scan();
    assert_eq!((report.bytes_read, report.records_added, report.records_updated), (0, 0, 0));
    assert_eq!(machine.total().tokens.total(), 1_276_492);
    assert_eq!(machine.scan().rows_written, 0, "the new place is known now");
}

#[test]
fn t15_a_log_that_is_cut_or_written_anew_is_read_again_and_counts_once() {
    let long = fixture_bytes(LONG);
    let half = first_lines(&long, 600);
    let mut machine = Machine::new();
    machine.write(LOG, &long);
    machine.scan();
    let before = machine.total();
    // Cut.
    machine.write(LOG, half);
    let report = machine.scan();
    assert_eq!((report.bytes_read, report.records_added), (half.len() as u64, 0));
    assert_eq!(machine.total(), before, "what is known stays known");
    // Written anew, longer than what was read: another beginning.
    let mut anew = b"{\"type\":\"summary\",\"summary\":\"compacted\"}\n".to_vec();
    anew.extend_from_slice(&long);
    machine.write(LOG, &anew);
    assert_eq!(machine.scan().bytes_read, anew.len() as u64);
    assert_eq!(machine.total(), before);
    // The same beginning and another middle: where reading stopped are other bytes now.
    let mut middle = first_lines(&anew, 100).to_vec();
    middle.extend_from_slice(&anew);
    machine.write(LOG, &middle);
    assert_eq!(machine.scan().bytes_read, middle.len() as u64);
    assert_eq!(machine.total(), before);
}

#[test]
fn t15_a_compressed_rollout_is_the_same_rollout() {
    let whole = fixture_bytes("codex/raze-0.114.reemits.jsonl");
    let half = first_lines(&whole, 80);
    let mut machine = Machine::new();
    let path = machine.write(ROLLOUT, half);
    machine.scan();
    let requests = machine.total().requests;
    assert!(requests > 0);
    fs::remove_file(path).unwrap();
    machine.write(".codex/archived_sessions/rollout-1.jsonl.zst", zstd::encode_all(whole.as_slice(), 3).unwrap());
    let report = machine.scan();
    assert_eq!(report.bytes_read, (whole.len() - half.len()) as u64);
    assert_eq!((machine.total().requests, machine.total().tokens.total()), (18, 1_276_492));
}

#[test]
fn a_compressed_rollout_that_is_torn_is_finished_later() {
    let packed = zstd::encode_all(fixture_bytes("codex/raze-0.114.reemits.jsonl").as_slice(), 3).unwrap();
    let log = ".codex/archived_sessions/rollout-1.jsonl.zst";
    for torn in [0, 3, packed.len() / 2, packed.len() - 1] {
        let mut machine = Machine::new();
        machine.write(log, &packed[..torn]);
        let report = machine.scan();
        assert_eq!(report.failures, [], "torn at {torn}");
        machine.append(log, &packed[torn..]);
        machine.scan();
        assert_eq!((machine.total().requests, machine.total().tokens.total()), (18, 1_276_492), "torn at {torn}");
    }
}

#[test]
fn t26_history_outlives_the_logs() {
    let mut machine = Machine::new();
    let path = machine.write(LOG, fixture_bytes(LONG));
    machine.scan();
    let before = machine.total();
    fs::remove_file(path).unwrap();
    let report = machine.scan();
    assert_eq!((report.files_seen, report.rows_written), (0, 0));
    fs::remove_dir_all(machine.home(".claude")).unwrap();
    machine.scan();
    assert_eq!(machine.total(), before);
    assert_eq!(before.requests, 265);
}

#[test]
fn a_line_that_is_damaged_is_named_and_the_rest_is_read() {
    let mut machine = Machine::new();
    let mut log = b"{\"type\":\"assistant\",\"message\":{\"id\":\"msg_1\",\"usage\":{\"input_tokens\":\n".to_vec();
    log.extend_from_slice(b"\xff\xfe \"usage\" not even text\n");
    let absurd = r#"{"type":"assistant","timestamp":"2026-11-24T07:00:00Z","message":{"id":"msg_2","model":"claude-opus-5-5","usage":{"input_tokens":-5,"output_tokens":1}}}"#;
    let timeless = absurd.replace("-5", "5").replace("T07:00:00Z", "T07:00:00Z and msg_3 behind it");
    log.extend_from_slice(format!("{absurd}\n{timeless}\n").as_bytes());
    log.extend_from_slice(&fixture_bytes(SHORT));
    machine.write(LOG, log);
    let report = machine.scan();
    let lines: Vec<u64> = report.skipped.iter().map(|line| line.line).collect();
    assert_eq!(lines, [1, 2, 3, 4], "{:?}", report.skipped);
    assert!(report.skipped[2].reason.contains("negative"), "{}", report.skipped[2].reason);
    assert!(report.skipped.iter().all(|line| !line.reason.contains("msg_")), "a reason never quotes the line");
    assert_eq!(machine.total().requests, 2);
    machine.append(LOG, "{\"type\":\"assistant\",\"usage\"\n");
    let report = machine.scan();
    let size = fs::metadata(machine.home(LOG)).unwrap().len();
    assert_eq!((report.bytes_read, report.skipped[0].line), (28, 17));
    assert!(report.bytes_verified > size, "what is read to number a line is counted: {}", report.bytes_verified);
}

#[test]
fn garbage_between_good_lines_is_all_that_is_lost_and_it_is_told_where_it_is() {
    let mut machine = Machine::new();
    let lines = (1..=100_000).map(|number| match number {
        // Every kind of garbage, among it what no text is and what is no JSON although it looks as if it could matter.
        n if n % 1_000 == 0 => format!(r#"{{"type":"assistant","message":{{"id":"msg_{n}","usage":{{"output_tokens":"#).into_bytes(),
        n if n % 1_000 == 1 => b"\xff\x00\xfe \x01 \"usage\" \xc3".to_vec(),
        n if n % 1_000 == 2 => b"]]]]}}}}".to_vec(),
        n => format!(
            r#"{{"type":"assistant","timestamp":"2026-11-24T07:00:00Z","message":{{"id":"msg_{n}","model":"claude-opus-5-5","usage":{{"output_tokens":1}}}}}}"#
        )
        .into_bytes(),
    });
    let log: Vec<u8> = lines.flat_map(|line| [line, b"\n".to_vec()].concat()).collect();
    machine.write(LOG, log);
    let report = machine.scan();
    assert_eq!((report.records_added, report.lines_skipped), (100_000 - 300, 200));
    let told: Vec<u64> = report.skipped.iter().take(4).map(|line| line.line).collect();
    assert_eq!(told, [1, 1_000, 1_001, 2_000]);
    // Kept, so that it can be looked up later; the first hundred of a file.
    let (count, kept) = machine.ledger.skipped_lines("claude-code", 1_000).unwrap();
    assert_eq!((count, kept.len(), kept.as_slice()), (200, 100, &report.skipped[..]));
    assert_eq!(machine.scan().rows_written, 0);
    // The garbage is gone: so is what was told of it.
    machine.write(LOG, fixture_bytes(SHORT));
    machine.scan();
    assert_eq!(machine.ledger.skipped_lines("claude-code", 1_000).unwrap(), (0, vec![]));
    assert_eq!(machine.total().requests, 100_000 - 300 + 2);
}

#[test]
#[cfg(unix)]
fn a_source_that_fails_keeps_its_figures_and_does_not_hold_up_the_others() {
    let mut machine = Machine::new();
    machine.write(LOG, fixture_bytes(SHORT));
    machine.write(ROLLOUT, fixture_bytes("codex/fundwise-0.128.jsonl"));
    machine.scan();
    let before = machine.total();
    // A compressed log that is none.
    let broken = machine.write(".codex/sessions/2026/05/01/broken.jsonl.zst", b"this is not a zstd frame");
    machine.append(LOG, b"{\"type\":\"mode\"}\n");
    let last_good = machine.viewpoint().as_of();
    machine.now = "2026-11-24T12:30:00Z".parse().unwrap();
    let report = machine.scan();
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
    assert_eq!(report.failures[0].source, "codex");
    assert!(report.failures[0].message.contains("broken.jsonl.zst"), "{}", report.failures[0].message);
    assert_eq!(report.files_read, 1, "the other source was read");
    assert_eq!(machine.total(), before);
    let state = |machine: &Machine| machine.viewpoint().sources().unwrap()[1].state;
    assert_eq!(state(&machine), SourceState::Failing);
    assert_eq!(machine.viewpoint().sources().unwrap()[1].last_read, last_good, "its figures are as old as they are");
    assert_eq!(machine.scan().rows_written, 0, "a failure that goes on is told once");
    assert_eq!(machine.viewpoint().as_of(), last_good, "a total is as old as the oldest figure in it");
    assert_eq!(machine.viewpoint().freshness(), Freshness::Outdated);
    fs::remove_file(broken).unwrap();
    machine.scan();
    assert_eq!(state(&machine), SourceState::Live);
}

#[test]
fn a_file_that_breaks_in_the_middle_keeps_what_was_read_and_is_not_taken_for_read() {
    // More calls than are written at a time, then bytes that are no frame.
    let lines: String = (0..20_500)
        .map(|number| {
            format!(
                r#"{{"timestamp":"2026-11-24T07:00:00Z","type":"token_usage_record","payload":{{"response_id":"r{number}","usage":{{"output_tokens":1}}}}}}"#
            ) + "\n"
        })
        .collect();
    let mut packed = zstd::encode_all(lines.as_bytes(), 3).unwrap();
    packed.extend_from_slice(b"these bytes are no frame");
    let mut machine = Machine::new();
    machine.write(".codex/sessions/r.jsonl.zst", packed);
    for _ in 0..2 {
        let report = machine.scan();
        assert_eq!(report.failures.len(), 1, "it goes on being told");
        assert_eq!(machine.total().requests, 20_500);
    }
}

#[test]
#[cfg(unix)]
fn one_bad_entry_does_not_hold_up_its_source() {
    let mut machine = Machine::new();
    machine.write(LOG, fixture_bytes(SHORT));
    let folder = machine.home(".claude/projects");
    std::os::unix::fs::symlink("circle", folder.join("circle")).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", folder.join("gone.jsonl")).unwrap();
    std::os::unix::fs::symlink("..", folder.join("p/up")).unwrap();
    let report = machine.scan();
    assert_eq!((report.failures.as_slice(), report.records_added), ([].as_slice(), 2));
}

#[test]
#[cfg(unix)]
fn a_file_that_two_folders_lead_to_is_read_once_and_then_not_at_all() {
    let mut machine = Machine::new();
    machine.write(LOG, fixture_bytes(SHORT));
    machine.write(ROLLOUT, fixture_bytes("codex/fundwise-0.128.jsonl"));
    fs::create_dir(machine.home(".config")).unwrap();
    std::os::unix::fs::symlink(machine.home(".claude"), machine.home(".config/claude")).unwrap();
    assert_eq!(machine.scan().files_seen, 2);
    let again = machine.scan();
    assert_eq!((again.files_read, again.bytes_read, again.rows_written), (0, 0, 0));
}

#[test]
#[cfg(unix)]
fn t13_a_log_with_two_names_is_unchanged_by_either() {
    let mut machine = Machine::new();
    let log = machine.write(LOG, fixture_bytes(SHORT));
    let [before, behind] = ["a.jsonl", "z.jsonl"].map(|name| format!(".claude/projects/p/{name}"));
    for link in [&before, &behind] {
        std::os::unix::fs::symlink(&log, machine.home(link)).unwrap();
    }
    assert_eq!(machine.scan().records_added, 2);
    for name in [LOG, &before, &behind] {
        let report = machine.scan_only(&[name]);
        assert_eq!((report.bytes_read, report.bytes_verified, report.rows_written), (0, 0, 0), "{name}");
    }
    assert_eq!(machine.scan().rows_written, 0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_name_that_is_no_text_is_a_name_all_the_same() {
    use std::os::unix::ffi::OsStrExt;
    let mut machine = Machine::new();
    let folder = machine.home(".claude/projects").join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("s.jsonl"), fixture_bytes(SHORT)).unwrap();
    assert_eq!(machine.scan().records_added, 2);
    assert_eq!(machine.scan().rows_written, 0);
}

#[test]
fn what_is_left_never_grows_and_ends_at_nothing() {
    let mut machine = Machine::new();
    let megabytes = |count: usize, text: &str| format!("{text}\n").repeat((count << 20) / (text.len() + 1) + 1);
    machine.write(LOG, megabytes(3, "{\"type\":\"mode\"}"));
    machine.scan();
    // Written anew, a little larger: more is read than its size lets expect. And a document, which is always read whole.
    machine.write(LOG, megabytes(5, "{\"type\":\"none\"}"));
    machine.write(
        ".gemini/tmp/p/chats/session-1.json",
        format!("{{\"messages\":[],\"x\":\"{}\"}}", megabytes(2, "x").replace('\n', "")),
    );
    let mut told = Vec::new();
    let Machine { ledger, places, now, .. } = &mut machine;
    let report = sync::pass(ledger, places, *now, &mut |progress| told.push(progress.clone())).unwrap();
    assert_eq!((report.files_read, report.bytes_read >> 20, report.skipped), (2, 6, vec![]));
    let left: Vec<u64> = told.iter().map(|progress| progress.bytes_total - progress.bytes_done).collect();
    assert!(left.is_sorted_by(|earlier, later| earlier >= later), "{told:?}");
    assert_eq!((told[0].bytes_total >> 20, left.last()), (3, Some(&0)));
}

#[test]
fn a_last_line_that_is_not_whole_is_counted_as_work() {
    let mut machine = Machine::new();
    machine.write(LOG, "{\"type\":\"mode\"}\n{\"type\":");
    let report = machine.scan();
    assert_eq!((report.bytes_read, report.bytes_verified), (16, 8));
}

#[test]
fn folders_named_by_the_environment_are_read_instead_of_the_defaults() {
    let variables = [("CLAUDE_CONFIG_DIR", "~/one,~/two"), ("CODEX_HOME", "~/codex"), ("XDG_CONFIG_HOME", "~/config")];
    let mut machine = Machine::with_variables(&variables);
    let log = fixture_bytes(SHORT);
    machine.write(".claude/projects/p/unseen.jsonl", fixture_bytes(LONG));
    machine.write(".codex/sessions/unseen.jsonl", fixture_bytes("codex/raze-0.114.reemits.jsonl"));
    machine.write("one/projects/p/a.jsonl", first_lines(&log, 8));
    machine.write("two/projects/p/b.jsonl", &log);
    machine.write("codex/archived_sessions/r.jsonl", fixture_bytes("codex/fundwise-0.128.jsonl"));
    // The desktop app keeps a projects folder per session.
    machine.write(
        "config/Claude/local-agent-mode-sessions/x/.claude/projects/p/c.jsonl",
        fixture_bytes("claude-code/fundwise.jsonl"),
    );
    let report = machine.scan();
    let platform = if cfg!(any(windows, target_os = "macos")) { 0 } else { 71 };
    assert_eq!(machine.total().requests, 2 + 4 + platform);
    assert!(report.files_seen >= 3);
}
