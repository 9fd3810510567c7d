//! Rows of Codex's rollouts, as they are written.
//!
//! Input includes cached and cache-written tokens, output includes reasoning.

use serde::{Deserialize, Serialize};

use crate::sources::logs::{Figure, LineError, Text, sane};
use crate::usage::Tokens;

/// Enough of a row to tell its kind.
#[derive(Deserialize)]
pub(super) struct Head<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    payload: Option<InnerHead<'a>>,
}

impl Head<'_> {
    pub(super) fn tells_of_calls(&self) -> bool {
        let inner = self.payload.as_ref().and_then(|payload| payload.kind.as_deref());
        matches!(self.kind.as_deref(), Some("session_meta" | "turn_context" | "token_usage_record"))
            || inner == Some("token_count")
    }
}

#[derive(Deserialize)]
pub(super) struct InnerHead<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Row<'a> {
    #[serde(borrow)]
    pub(super) timestamp: Option<Text<'a>>,
    #[serde(rename = "type", borrow)]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) payload: Option<Payload<'a>>,
}

/// The fields of all four kinds of row that are read. A row has those of its kind.
#[derive(Deserialize)]
pub(super) struct Payload<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) session_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) forked_from_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) source: Option<Source<'a>>,
    #[serde(borrow)]
    pub(super) originator: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) model_provider: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) git: Option<Git<'a>>,
    #[serde(borrow)]
    pub(super) turn_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) cwd: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) model: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) service_tier: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) response_id: Option<Text<'a>>,
    pub(super) usage: Option<Usage>,
    pub(super) info: Option<Info>,
}

#[derive(Deserialize)]
pub(super) struct Git<'a> {
    #[serde(borrow)]
    pub(super) branch: Option<Text<'a>>,
}

/// How a thread came to be: a word (`"exec"`, `"cli"`) or, for subagents, who spawned it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Source<'a> {
    Spawned {
        #[serde(borrow)]
        subagent: Spawned<'a>,
    },
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Spawned<'a> {
    Thread {
        #[serde(borrow)]
        thread_spawn: ThreadSpawn<'a>,
    },
    /// Codex's own: `"review"`, `"compact"`.
    Named(#[serde(borrow)] Text<'a>),
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
pub(super) struct ThreadSpawn<'a> {
    #[serde(borrow)]
    parent_thread_id: Option<Text<'a>>,
    #[serde(borrow)]
    agent_role: Option<Text<'a>>,
    #[serde(borrow)]
    agent_nickname: Option<Text<'a>>,
}

impl Source<'_> {
    pub(super) fn parent_thread(&self) -> Option<&str> {
        match self {
            Self::Spawned { subagent: Spawned::Thread { thread_spawn } } => thread_spawn.parent_thread_id.as_deref(),
            _ => None,
        }
    }

    pub(super) fn subagent(&self) -> Option<String> {
        match self {
            Self::Spawned { subagent: Spawned::Thread { thread_spawn } } => {
                let name = thread_spawn.agent_role.as_deref().or(thread_spawn.agent_nickname.as_deref());
                Some(name.unwrap_or("subagent").to_owned())
            }
            Self::Spawned { subagent: Spawned::Named(name) } => Some(name.to_string()),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Info {
    pub(super) total_token_usage: Option<Usage>,
    pub(super) last_token_usage: Option<Usage>,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names in the log")]
pub(super) struct Usage {
    input_tokens: Option<Figure>,
    cached_input_tokens: Option<Figure>,
    cache_write_input_tokens: Option<Figure>,
    output_tokens: Option<Figure>,
    reasoning_output_tokens: Option<Figure>,
}

impl Usage {
    pub(super) fn counts(&self) -> Result<Counts, LineError> {
        Ok(Counts {
            input: sane(self.input_tokens)?,
            cached: sane(self.cached_input_tokens)?,
            written: sane(self.cache_write_input_tokens)?,
            output: sane(self.output_tokens)?,
            reasoning: sane(self.reasoning_output_tokens)?,
        })
    }
}

/// Token counts as Codex means them: `cached` and `written` are part of `input`, `reasoning` is part of `output`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) input: u64,
    pub(super) cached: u64,
    pub(super) written: u64,
    pub(super) output: u64,
    pub(super) reasoning: u64,
}

impl Counts {
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            input: self.input.saturating_sub(before.input),
            cached: self.cached.saturating_sub(before.cached),
            written: self.written.saturating_sub(before.written),
            output: self.output.saturating_sub(before.output),
            reasoning: self.reasoning.saturating_sub(before.reasoning),
        }
    }

    pub(super) fn tokens(self) -> Tokens {
        let cache_read = self.cached.min(self.input);
        let cache_write_short = self.written.min(self.input - cache_read);
        Tokens {
            input: self.input - cache_read - cache_write_short,
            cache_read,
            cache_write_short,
            cache_write_long: 0,
            output: self.output,
            reasoning: self.reasoning.min(self.output),
        }
    }
}
