//! Rows as they stand in rollouts, and the records that come of them.

use super::*;
use crate::sources::logs::found::Found;

/// What one row after another gives. The reader is made anew from its memory for each, as if every row came in a scan
/// of its own.
fn read(lines: &[String]) -> (Vec<UsageRecord>, Vec<String>) {
    let Found { records, reasons } = Found::in_lines(ROLLOUT, "rollout.jsonl", lines);
    (records, reasons)
}

fn row(kind: &str, payload: &str) -> String {
    format!(r#"{{"timestamp":"2026-11-24T07:13:55.267Z","type":"{kind}","payload":{payload}}}"#)
}

fn meta(fields: &str) -> String {
    row(
        "session_meta",
        &format!(
            r#"{{"cwd":"/src/app","originator":"codex_exec","model_provider":"openai","git":{{"branch":"main"}}{fields}}}"#
        ),
    )
}

fn turn(id: &str) -> String {
    row("turn_context", &format!(r#"{{"turn_id":"{id}","cwd":"/src/app","model":"gpt-5.5"}}"#))
}

/// A `token_count` with running total and last step, each as (input, output).
fn count(total: (u64, u64), last: Option<(u64, u64)>) -> String {
    let usage =
        |(input, output)| format!(r#"{{"input_tokens":{input},"cached_input_tokens":0,"output_tokens":{output}}}"#);
    let last = last.map_or("null".into(), usage);
    let info = format!(r#"{{"total_token_usage":{},"last_token_usage":{last}}}"#, usage(total));
    row("event_msg", &format!(r#"{{"type":"token_count","info":{info}}}"#))
}

fn totals(records: &[UsageRecord]) -> Vec<u64> {
    records.iter().map(|record| record.tokens.total()).collect()
}

fn keys(records: &[UsageRecord]) -> Vec<&str> {
    records.iter().map(|record| record.key.as_str()).collect()
}

#[test]
fn t05_a_reemitted_token_count_is_not_a_call() {
    let first = count((10, 1), Some((10, 1)));
    let (records, _) = read(&[meta(r#","id":"t""#), turn("1"), first.clone(), first, count((30, 3), Some((20, 2)))]);
    assert_eq!(totals(&records), [11, 22]);
}

#[test]
fn t06_cached_input_and_reasoning_are_parts_not_additions() {
    let usage = r#"{"input_tokens":12000,"cached_input_tokens":9000,"cache_write_input_tokens":1000,"output_tokens":450,"reasoning_output_tokens":200}"#;
    let stated = row("token_usage_record", &format!(r#"{{"response_id":"resp_1","turn_id":"1","usage":{usage}}}"#));
    let (records, _) = read(&[meta(r#","id":"t""#), turn("1"), stated]);
    let expected = Tokens {
        input: 2_000,
        cache_read: 9_000,
        cache_write_short: 1_000,
        output: 450,
        reasoning: 200,
        ..Tokens::default()
    };
    assert_eq!((records[0].tokens, records[0].tokens.total()), (expected, 12_450));
    assert_eq!((records[0].key.as_str(), records[0].cache_writes), ("resp_1", CacheWrites::WithoutLifetime));
    let usage = usage.replace(":1000", ":0");
    let stated = row("token_usage_record", &format!(r#"{{"response_id":"resp_1","turn_id":"1","usage":{usage}}}"#));
    let as_ever = read(&[meta(r#","id":"t""#), turn("1"), stated]).0.remove(0);
    assert_eq!(as_ever.cache_writes, CacheWrites::Untold, "zero was never seen to mean that nothing was written");
}

#[test]
fn t05_the_first_total_of_a_fork_is_its_parents() {
    let fork = meta(r#","id":"child","forked_from_id":"parent""#);
    let (records, reasons) = read(&[fork, turn("2"), count((50, 5), None), count((70, 7), None)]);
    assert_eq!((totals(&records), reasons.len()), (vec![22], 1));
}

#[test]
fn once_calls_are_stated_running_totals_are_for_the_screen() {
    let usage = r#"{"input_tokens":20,"output_tokens":2}"#;
    let stated = row("token_usage_record", &format!(r#"{{"response_id":"resp_1","usage":{usage}}}"#));
    // A thread that an older version began and a newer one resumed.
    let lines = [meta(r#","id":"t""#), turn("1"), count((10, 1), Some((10, 1))), stated, count((30, 3), Some((20, 2)))];
    assert_eq!(totals(&read(&lines).0), [11, 22]);
}

#[test]
fn t05_copied_turns_have_the_keys_of_the_originals_and_own_turns_do_not() {
    let history = [turn("1"), count((10, 1), Some((10, 1))), turn("2"), count((30, 3), Some((20, 2)))];
    let parent: Vec<String> = [meta(r#","id":"parent""#)].into_iter().chain(history.clone()).collect();
    let own = [turn("3"), count((60, 6), Some((30, 3)))];
    let child: Vec<String> =
        [meta(r#","id":"child","forked_from_id":"parent""#)].into_iter().chain(history).chain(own).collect();
    // A fork of the fork, whose parent is two steps away from the root.
    let third: Vec<String> =
        [meta(r#","id":"third","forked_from_id":"child""#)].into_iter().chain(child[1..].to_vec()).collect();
    let (parent, child, third) = (read(&parent).0, read(&child).0, read(&third).0);
    assert_eq!(keys(&parent), keys(&child)[..2]);
    assert_eq!(keys(&child), keys(&third));
    assert_ne!(keys(&child)[1], keys(&child)[2]);
    assert_eq!(child[0].witness, Witness::Secondary);
}

#[test]
fn t05_without_turn_ids_the_root_of_the_family_begins_the_key() {
    let history = [count((10, 1), Some((10, 1))), count((30, 3), Some((20, 2)))];
    let of = |first: &[String]| read(&first.iter().cloned().chain(history.clone()).collect::<Vec<_>>()).0;
    let parent = of(&[meta(r#","id":"root""#)]);
    let child = of(&[meta(r#","id":"child","forked_from_id":"root""#)]);
    // Copied along: the first rows of the ancestors.
    let grandchild = of(&[
        meta(r#","id":"grandchild","forked_from_id":"child""#),
        meta(r#","id":"child","forked_from_id":"root""#),
        meta(r#","id":"root""#),
    ]);
    let stranger = of(&[meta(r#","id":"stranger""#)]);
    assert_eq!(keys(&parent), keys(&child));
    assert_eq!(keys(&parent), keys(&grandchild));
    assert_ne!(keys(&parent)[0], keys(&stranger)[0], "equal figures of strangers are two calls");
}

#[test]
fn a_subagents_thread_belongs_to_the_session_that_spawned_it() {
    let source = r#","id":"sub","source":{"subagent":{"thread_spawn":{"parent_thread_id":"main","depth":1,"agent_role":"reviewer"}}}"#;
    let (records, _) = read(&[meta(source), turn("1"), count((10, 1), Some((10, 1)))]);
    let attribution = &records[0].attribution;
    assert_eq!((attribution.session.as_deref(), attribution.subagent.as_deref()), (Some("main"), Some("reviewer")));
    let review = r#","id":"r","source":{"subagent":"review"}"#;
    let (records, _) = read(&[meta(review), turn("1"), count((10, 1), Some((10, 1)))]);
    assert_eq!(records[0].attribution.subagent.as_deref(), Some("review"));
}

#[test]
fn t09_a_rollout_that_names_no_model_gets_none() {
    let (records, _) = read(&[meta(r#","id":"t""#), count((10, 1), Some((10, 1)))]);
    assert_eq!(records[0].attribution.model, None);
}

#[test]
fn words_in_the_conversation_are_not_rows() {
    let talk = row("response_item", r#"{"type":"message","info":"about \"token_count\"","usage":"none","source":5}"#);
    let empty = row("event_msg", r#"{"type":"token_count","info":null,"rate_limits":{"plan_type":null}}"#);
    assert_eq!(read(&[talk, empty, row("world_state", r#"{"x":"\"session_meta\""}"#)]), (vec![], vec![]));
}

#[test]
fn a_total_that_claims_more_cached_than_sent_is_kept_within_what_was_sent() {
    let counts = Counts { input: 10, cached: 25, written: 5, output: 2, reasoning: 9 };
    assert_eq!(counts.tokens(), Tokens { cache_read: 10, output: 2, reasoning: 2, ..Tokens::default() });
}

#[test]
fn t05_threads_without_their_first_rows_are_told_apart_by_their_files() {
    let event = [count((10, 1), Some((10, 1)))];
    let key = |name: &str| Found::in_lines(ROLLOUT, name, &event).records.remove(0).key;
    assert_ne!(key("one.jsonl"), key("two.jsonl"));
}
