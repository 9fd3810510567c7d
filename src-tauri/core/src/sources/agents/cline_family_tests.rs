//! Tasks as the family's members write them, and the records that come of them.

use std::fs;

use super::*;
use crate::sources::logs::found::Found;

const CLINE: Member = Member { id: "cline", prompt: Prompt::Rest };
/// The moment is that of the third request.
const ROO: Member = Member { id: "roo-code", prompt: Prompt::WholeSince(3_000) };

/// A task's folder with files beside its window.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let task = folder.path().join("tasks/1767312000000");
        fs::create_dir_all(&task).unwrap();
        for (name, content) in files {
            fs::write(task.join(name), content).unwrap();
        }
        Self(folder)
    }

    fn read(&self, member: Member, window: &str) -> Found {
        let mut found = Found::default();
        let path = self.0.path().join("tasks/1767312000000/ui_messages.json");
        assert!(is_task(&path));
        let outcome = task(member, &path, window, &mut found);
        found.reasons.extend(outcome.err().map(|error| error.to_string()));
        found
    }
}

/// A request at a moment, with this in its text and beside it.
fn request(at: i64, text: &str, beside: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!(r#"{{"ts":{at},"type":"say","say":"api_req_started","text":"{{{text}}}"{beside}}}"#)
}

const TOKENS: &str =
    r#""request":"<task>\"x\"</task>","tokensIn":1000,"tokensOut":20,"cacheWrites":300,"cacheReads":400,"cost":0.5"#;

fn tokens(input: u64) -> Tokens {
    Tokens { input, cache_read: 400, cache_write_short: 300, output: 20, ..Tokens::default() }
}

fn window(entries: &[String]) -> String {
    format!("[{}]", entries.join(","))
}

fn inputs(found: &Found) -> Vec<u64> {
    assert_eq!(found.reasons, [] as [&str; 0]);
    found.records.iter().map(|record| record.tokens.input).collect()
}

#[test]
fn a_request_becomes_a_record_with_all_that_is_known() {
    let history = r##"[{"role":"user","content":[{"type":"text","text":"# Current Working Directory (/src/app (old)) Files\nmain.rs"}]}]"##;
    let folder = Folder::with(&[("api_conversation_history.json", history)]);
    let info = r#","modelInfo":{"modelId":"claude-opus-5-5","providerId":"anthropic","mode":"act"}"#;
    let found = folder.read(CLINE, &window(&[request(1_767_312_000_500, TOKENS, info)]));
    assert_eq!((found.records.len(), found.reasons.len()), (1, 0));
    let record = &found.records[0];
    assert_eq!((record.key.as_str(), record.tokens), ("1767312000000/1767312000500", tokens(1_000)));
    assert_eq!(record.occurred_at.to_string(), "2026-01-02T00:00:00.5Z");
    assert_eq!(record.cache_writes, CacheWrites::WithoutLifetime);
    let known = |text: &str| Some(text.to_owned());
    assert_eq!(
        *record.attribution,
        Attribution {
            agent: known("cline"),
            provider: known("anthropic"),
            model: known("claude-opus-5-5"),
            project: known("/src/app (old)"),
            session: known("1767312000000"),
            ..Attribution::default()
        }
    );
}

#[test]
fn a_request_without_tokens_yet_is_no_call_and_neither_is_anything_else() {
    let entries = [
        request(1, r#""request":"…""#, ""),
        request(2, r#""tokensIn":0,"tokensOut":0,"cost":0"#, ""),
        r#"{"ts":3,"type":"say","say":"text","text":"{\"tokensIn\":7}"}"#.to_owned(),
        r#"{"ts":4,"type":"say","say":"api_req_started"}"#.to_owned(),
    ];
    let found = Folder::with(&[]).read(CLINE, &window(&entries));
    assert_eq!((found.records.len(), found.reasons.len()), (0, 0));
}

#[test]
fn clines_input_is_without_the_cache_unless_its_provider_passes_on_the_whole_prompt() {
    let of =
        |provider: &str| request(1, TOKENS, &format!(r#","modelInfo":{{"modelId":"m","providerId":"{provider}"}}"#));
    let entries = ["anthropic", "openrouter", "litellm", "openai"].map(of);
    assert_eq!(inputs(&Folder::with(&[]).read(CLINE, &window(&entries))), [1_000, 1_000, 300, 300]);
}

#[test]
fn the_others_input_is_the_whole_prompt_since_they_changed_it() {
    let of = |at: i64, protocol: &str| request(at, &format!(r#"{TOKENS},"apiProtocol":"{protocol}""#), "");
    let entries = [of(1_000, "anthropic"), of(2_000, "openai"), of(3_000, "anthropic")];
    assert_eq!(inputs(&Folder::with(&[]).read(ROO, &window(&entries))), [1_000, 300, 300]);
    // What is less than its part cannot be the whole.
    let less = TOKENS.replace("1000", "5");
    assert_eq!(inputs(&Folder::with(&[]).read(ROO, &window(&[request(3_000, &less, "")]))), [5]);
}

#[test]
fn the_model_is_the_last_one_named_before_the_next_request() {
    let said = |at: i64, model: &str| {
        format!(
            r#"{{"role":"user","ts":{at},"content":[{{"type":"text","text":"<model>pasted</model> # Current Mode\n<model>{model}</model>"}}]}}"#
        )
    };
    // Only the beginning of the file is read, so that it may end anywhere.
    let history = format!("[{},{},{}", said(1_001, "claude-opus-5-5"), said(3_001, "gpt-5.5"), r#"{"role":"us"#);
    let item = r#"{"id":"1767312000000","workspace":"/src/lib"}"#;
    let folder = Folder::with(&[("api_conversation_history.json", &history), ("history_item.json", item)]);
    let entries = [1_000, 2_000, 3_000, 4_000].map(|at| request(at, TOKENS, ""));
    let found = folder.read(ROO, &window(&entries));
    let models: Vec<_> = found.records.iter().map(|record| record.attribution.model.clone().unwrap()).collect();
    assert_eq!(models, ["claude-opus-5-5", "claude-opus-5-5", "gpt-5.5", "gpt-5.5"]);
    assert_eq!(found.records[0].attribution.project.as_deref(), Some("/src/lib"));
    assert_eq!(inputs(&found), [1_000, 1_000, 300, 300], "before protocols were noted, Claude spoke Anthropic's");
}

#[test]
fn clines_list_of_models_is_used_where_the_request_names_none() {
    let metadata = r#"{"model_usage":[{"ts":1001,"model_id":"claude-opus-5-5","model_provider_id":"claude-code","mode":"act"},{"ts":5000,"model_id":"gpt-5.5","model_provider_id":"openai-native","mode":"plan"}]}"#;
    let folder = Folder::with(&[("task_metadata.json", metadata)]);
    let found = folder.read(CLINE, &window(&[request(1_000, TOKENS, ""), request(5_001, TOKENS, "")]));
    let seen: Vec<_> = found
        .records
        .iter()
        .map(|record| (record.attribution.provider.as_deref(), record.attribution.model.as_deref()))
        .collect();
    assert_eq!(seen, [(Some("anthropic"), Some("claude-opus-5-5")), (Some("openai"), Some("gpt-5.5"))]);
}

#[test]
fn a_folder_is_found_in_json_within_json_and_a_name_is_none() {
    let within = r##"[{"text":"{\"request\":\"# Current Workspace Directory (C:\\\\src\\\\app) Files\"}"}]"##;
    assert_eq!(super::super::cline_surroundings::folder_in(within.as_bytes()).as_deref(), Some(r"C:\src\app"));
    assert_eq!(super::super::cline_surroundings::folder_in(b"Current Working Directory (Primary: app) Files"), None);
    assert_eq!(super::super::cline_surroundings::folder_in(b"Current Working Directory (/src"), None);
}

#[test]
fn what_openrouter_said_is_the_cost_and_any_other_is_the_agents_own_arithmetic() {
    let of = |at: i64, cost: &str, provider: &str| {
        let info = format!(r#","modelInfo":{{"modelId":"m","providerId":"{provider}"}}"#);
        request(at, &TOKENS.replace("0.5", cost), &info)
    };
    let entries = [
        of(1, "0.0012345678949", "openrouter"),
        of(2, "0", "openrouter"),
        of(3, "0.5", "anthropic"),
        of(4, "0.5", "openrouter").replace("api_req_started", "subagent_usage"),
    ];
    let found = Folder::with(&[]).read(CLINE, &window(&entries));
    let told: Vec<_> = found.records.iter().map(|record| (record.reported.map(Usd::nanos), record.basis)).collect();
    let estimated = (None, Basis::Estimated);
    assert_eq!(told, [(Some(1_234_568), Basis::Billed), estimated, estimated, estimated]);
}

#[test]
fn t04_what_subagents_used_is_counted_as_theirs() {
    let usage = request(9, TOKENS, "").replace("api_req_started", "subagent_usage");
    let found = Folder::with(&[]).read(CLINE, &window(&[usage]));
    assert_eq!(found.records[0].attribution.subagent.as_deref(), Some("subagents"));
    assert!(found.records[0].is_sum, "and nobody tells of the single calls");
}

#[test]
fn broken_entries_are_skipped_by_their_number_and_the_others_count() {
    let entries = [
        r#"{"ts":"yesterday","say":"text"}"#.to_owned(),
        request(1, r#""tokensIn":-1"#, ""),
        request(2, r#""tokensIn":7"#, "").replace(r#""ts":2,"#, ""),
        r#"{"ts":3,"say":"api_req_started","text":"{\"tokensIn\":"}"#.to_owned(),
        request(4, TOKENS, ""),
        request(5, &format!(r#""request":{}"#, "[".repeat(100_000)), ""),
    ];
    let whole = window(&entries);
    let found = Folder::with(&[]).read(CLINE, &whole);
    let numbers: Vec<&str> = found.reasons.iter().map(|reason| reason.split_once(": ").unwrap().0).collect();
    assert_eq!((found.records.len(), numbers.as_slice()), (1, ["1", "2", "3", "4", "6"].as_slice()));
    let torn = Folder::with(&[]).read(CLINE, &whole[..whole.len() - 1]);
    assert_eq!((torn.records.len(), torn.reasons.len()), (1, 6), "a torn document says so and gives what it has");
}
