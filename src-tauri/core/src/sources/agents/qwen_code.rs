//! Qwen Code: chats below `projects/<folder>/chats/` of `~/.qwen`.
//!
//! One record per response, from the telemetry that a chat carries for its screen (`qwen-code.api_response`), keyed by the
//! response's id. It has every call: those of subagents and of the agent that keeps the memory appear nowhere else in the
//! chat. Answers (`assistant` rows) repeat the figures without an id; they count only in chats from before there was
//! telemetry. It is written before the answer it belongs to, so answers behind the first of it are known already, also
//! where an old chat is gone on with.
//!
//! A fork copies rows into a new chat and says of each where it is from. What subagents say is logged once more in
//! `projects/<folder>/subagents/`, and sums per process in `usage_record.jsonl`: neither is read.
//!
//! Input includes cached tokens. Whether output includes thoughts depends on who serves the model; the total tells.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use super::caller::Caller;
use super::gemini_counts::GeminiCounts;
use super::row::row;
use crate::places::Places;
use crate::sources::logs::{Agent, Figure, Format, LineError, LineReader, Lines, Sink, Text, known, sane};
use crate::usage::{Attribution, Basis, CacheWrites, Tokens, UsageRecord, Witness};

/// The source.
pub const QWEN_CODE: Agent = Agent {
    id: "qwen-code",
    name: "Qwen Code",
    docs: "docs/sources/qwen-code.md",
    roots,
    format: |path| is_chat(path).then_some(Format::Lines(CHAT)),
};

const CHAT: Lines = Lines {
    worth_reading: &["\"qwen-code.api_response\"", "\"usageMetadata\""],
    reader: |_path, memory| Box::new(Chat { has_telemetry: memory == HAS_TELEMETRY, last: Arc::default() }),
};

/// What is remembered of a chat in which telemetry was seen.
const HAS_TELEMETRY: &str = "telemetry";

/// `projects` in `$QWEN_RUNTIME_DIR`, `$QWEN_HOME` or `~/.qwen`.
fn roots(places: &Places) -> Vec<PathBuf> {
    let configured = ["QWEN_RUNTIME_DIR", "QWEN_HOME"].into_iter().map(|variable| places.folders(variable));
    let mut homes = configured.into_iter().find(|folders| !folders.is_empty()).unwrap_or_default();
    if homes.is_empty() {
        homes.push(places.home().join(".qwen"));
    }
    homes.into_iter().map(|home| home.join("projects")).collect()
}

fn is_chat(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jsonl")
        && path.components().any(|part| part.as_os_str() == "chats")
}

/// Reads chats.
struct Chat {
    /// Telemetry was seen, so answers are known already.
    has_telemetry: bool,
    /// Who made the last call.
    last: Arc<Attribution>,
}

impl LineReader for Chat {
    fn line(&mut self, line: &str, sink: &mut dyn Sink) -> Result<(), LineError> {
        let tells_of_calls = |kind: Option<&str>| matches!(kind, Some("system" | "assistant"));
        let Some(row): Option<Row<'_>> = row(line, tells_of_calls)? else { return Ok(()) };
        match (row.kind.as_deref(), &row.system_payload, &row.usage_metadata) {
            (Some("system"), Some(Payload { event: Some(event) }), _)
                if event.name.as_deref() == Some("qwen-code.api_response") =>
            {
                self.has_telemetry = true;
                self.response(&row, event, sink)
            }
            (Some("assistant"), _, Some(usage)) if !self.has_telemetry => self.answer(&row, usage, sink),
            _ => Ok(()),
        }
    }

    fn memory(&self) -> String {
        if self.has_telemetry { HAS_TELEMETRY } else { "" }.to_owned()
    }
}

impl Chat {
    /// A call as telemetry has it.
    fn response(&mut self, row: &Row<'_>, event: &Event<'_>, sink: &mut dyn Sink) -> Result<(), LineError> {
        let caller = Caller {
            provider: known(event.auth_type.as_ref()).and_then(provider_of),
            model: known(event.model.as_ref()),
            subagent: known(event.subagent_name.as_ref()),
            ..Caller::default()
        };
        let key = known(event.response_id.as_ref()).or_else(|| known(row.uuid.as_ref()));
        self.call(row, key, event.tokens()?, caller, sink)
    }

    /// A call as the answer has it.
    fn answer(&mut self, row: &Row<'_>, usage: &Metadata, sink: &mut dyn Sink) -> Result<(), LineError> {
        let caller =
            Caller { model: known(row.model.as_ref()), subagent: known(row.agent_name.as_ref()), ..Caller::default() };
        self.call(row, known(row.uuid.as_ref()), usage.tokens()?, caller, sink)
    }

    fn call(
        &mut self,
        row: &Row<'_>,
        key: Option<&str>,
        tokens: Tokens,
        caller: Caller<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), LineError> {
        if tokens.total() == 0 {
            // It failed, or the server states no figures.
            return Ok(());
        }
        let Some(key) = key else {
            return Err(LineError::new("a response without id and uuid cannot be told from its copies"));
        };
        let original = row.forked_from.as_ref().and_then(|from| known(from.session_id.as_ref()));
        let caller = Caller {
            project: known(row.cwd.as_ref()),
            branch: known(row.git_branch.as_ref()),
            session: original.or_else(|| known(row.session_id.as_ref())),
            ..caller
        };
        sink.call(UsageRecord {
            source: QWEN_CODE.id,
            key: key.to_owned(),
            occurred_at: row.timestamp.as_deref().unwrap_or_default().parse::<Timestamp>().map_err(LineError::time)?,
            tokens,
            cache_writes: CacheWrites::Untold,
            is_sum: false,
            web_searches: 0,
            basis: Basis::Estimated,
            reported: None,
            attribution: caller.attribution(QWEN_CODE.id, &mut self.last),
            witness: if original.is_some() { Witness::Secondary } else { Witness::Primary },
        });
        Ok(())
    }
}

/// Who serves the model, where the way of signing in tells. `openai` is only the protocol, which many speak.
fn provider_of(auth_type: &str) -> Option<&'static str> {
    match auth_type {
        "gemini" | "vertex-ai" => Some("google"),
        "anthropic" => Some("anthropic"),
        _ => None,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    uuid: Option<Text<'a>>,
    #[serde(borrow)]
    session_id: Option<Text<'a>>,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    cwd: Option<Text<'a>>,
    #[serde(borrow)]
    git_branch: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    agent_name: Option<Text<'a>>,
    #[serde(borrow)]
    forked_from: Option<ForkedFrom<'a>>,
    #[serde(borrow)]
    system_payload: Option<Payload<'a>>,
    usage_metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct ForkedFrom<'a> {
    #[serde(rename = "sessionId", borrow)]
    session_id: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(rename = "uiEvent", borrow)]
    event: Option<Event<'a>>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "event.name", borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    response_id: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    auth_type: Option<Text<'a>>,
    #[serde(borrow)]
    subagent_name: Option<Text<'a>>,
    input_token_count: Option<Figure>,
    output_token_count: Option<Figure>,
    cached_content_token_count: Option<Figure>,
    thoughts_token_count: Option<Figure>,
    tool_token_count: Option<Figure>,
    total_token_count: Option<Figure>,
}

impl Event<'_> {
    fn tokens(&self) -> Result<Tokens, LineError> {
        let counts = GeminiCounts {
            prompt: sane(self.input_token_count)?,
            cached: sane(self.cached_content_token_count)?,
            answer: sane(self.output_token_count)?,
            thoughts: sane(self.thoughts_token_count)?,
            tools: sane(self.tool_token_count)?,
            // Without a total nothing tells of thoughts beside the answer.
            total: Some(sane(self.total_token_count)?),
        };
        Ok(counts.tokens())
    }
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "promptTokenCount")]
    prompt: Option<Figure>,
    #[serde(rename = "candidatesTokenCount")]
    candidates: Option<Figure>,
    #[serde(rename = "cachedContentTokenCount")]
    cached: Option<Figure>,
    #[serde(rename = "thoughtsTokenCount")]
    thoughts: Option<Figure>,
    #[serde(rename = "toolUsePromptTokenCount")]
    tools: Option<Figure>,
    #[serde(rename = "totalTokenCount")]
    total: Option<Figure>,
}

impl Metadata {
    fn tokens(&self) -> Result<Tokens, LineError> {
        let counts = GeminiCounts {
            prompt: sane(self.prompt)?,
            cached: sane(self.cached)?,
            answer: sane(self.candidates)?,
            thoughts: sane(self.thoughts)?,
            tools: sane(self.tools)?,
            total: Some(sane(self.total)?),
        };
        Ok(counts.tokens())
    }
}

#[cfg(test)]
#[path = "qwen_code_tests.rs"]
mod tests;
