//! What Cline and the extensions made from it have in common: `tasks/<task>/ui_messages.json`, a list of all that the
//! task's window shows, written anew at every change.
//!
//! A request is an entry `api_req_started`, whose text is JSON of its own. It is there from the beginning, and gets its
//! tokens when the request is over. Its moment is unique in the task and never changes, so task and moment are the key;
//! a task that was taken along to another editor has the same.
//!
//! What `tokensIn` says depends on who wrote it and when ([`Prompt`]). The model and the folder are in the same entry, or
//! in files beside it: in `history_item.json`, in `task_metadata.json`, or in the words about its surroundings that each
//! request begins with, in `api_conversation_history.json`.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use sonic_rs::LazyValue;

use super::caller::Caller;
use super::cline_surroundings::Surroundings;
use crate::money::Usd;
use crate::sources::logs::{Figure, LineError, Sink, Text, cost, json, sane};
use crate::usage::{Attribution, Basis, CacheWrites, Tokens, UsageRecord, Witness};

/// Name of the file that has a task's requests.
const WINDOW: &str = "ui_messages.json";

/// An extension of the family.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) id: &'static str,
    /// What it writes as `tokensIn`.
    pub(super) prompt: Prompt,
}

/// Whether `tokensIn` includes what was read from and written to the cache.
#[derive(Clone, Copy, Debug)]
pub(super) enum Prompt {
    /// It does not, but for providers whose figures were passed on as they came.
    Rest,
    /// It does since this moment, in milliseconds since 1970. Before, only where the provider speaks `OpenAI`'s protocol.
    WholeSince(i64),
}

/// Providers, as Cline calls them, whose prompt includes cached tokens.
const WHOLE_PROMPT: [&str; 9] = ["openai", "litellm", "doubao", "fireworks", "hicap", "lmstudio", "qwen", "xai", "zai"];

impl Prompt {
    /// The tokens that were neither read from the cache nor written to it.
    fn uncached(self, (stated, cached): (u64, u64), at: i64, speaks_anthropic: bool, provider: Option<&str>) -> u64 {
        // What is less than its part is not the whole.
        let Some(rest) = stated.checked_sub(cached) else { return stated };
        let is_whole = match self {
            Self::Rest => provider.is_some_and(|provider| WHOLE_PROMPT.contains(&provider)),
            Self::WholeSince(moment) => at >= moment || !speaks_anthropic,
        };
        if is_whole { rest } else { stated }
    }
}

/// Whether a file has a task's requests.
pub(super) fn is_task(path: &Path) -> bool {
    let tasks = path.parent().and_then(Path::parent);
    path.ends_with(WINDOW) && tasks.is_some_and(|tasks| tasks.ends_with("tasks"))
}

/// Gives the requests of the task at `path`.
pub(super) fn task(member: Member, path: &Path, document: &str, sink: &mut dyn Sink) -> Result<(), LineError> {
    let folder = path.parent().unwrap_or(path);
    let mut task = Task {
        member,
        id: folder.file_name().unwrap_or_default().to_string_lossy(),
        folder,
        document,
        surroundings: None,
        last: Arc::default(),
    };
    let mut entries = sonic_rs::to_array_iter(document);
    // The moments of requests tell which model they had, so each needs to know that of the next.
    let mut waiting: Option<(u64, LazyValue<'_>)> = None;
    let mut number = 0;
    let broken = loop {
        let entry = match entries.next() {
            None => break None,
            Some(Err(cause)) => break Some(cause),
            Some(Ok(entry)) => entry,
        };
        number += 1;
        let (is_request, at) = match sonic_rs::from_str(entry.as_raw_str()) {
            Ok(head @ Head { ts, .. }) => (head.is_request(), ts),
            Err(cause) => {
                sink.skip(number, cause.into());
                continue;
            }
        };
        if is_request && let Some((number, earlier)) = waiting.replace((number, entry)) {
            task.give(number, earlier.as_raw_str(), at, sink);
        }
    };
    if let Some((number, entry)) = waiting {
        task.give(number, entry.as_raw_str(), None, sink);
    }
    broken.map_or(Ok(()), |cause| Err(cause.into()))
}

/// Enough of an entry of a task's window to tell its kind.
#[derive(Deserialize)]
struct Head<'a> {
    ts: Option<i64>,
    #[serde(borrow)]
    say: Option<Text<'a>>,
}

impl Head<'_> {
    fn is_request(&self) -> bool {
        matches!(self.say.as_deref(), Some("api_req_started" | "subagent_usage"))
    }
}

/// An entry about a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    ts: Option<i64>,
    #[serde(borrow)]
    say: Option<Text<'a>>,
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    model_info: Option<ModelInfo<'a>>,
    #[serde(borrow)]
    api_protocol: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ModelInfo<'a> {
    #[serde(borrow)]
    model_id: Option<Text<'a>>,
    #[serde(borrow)]
    provider_id: Option<Text<'a>>,
}

impl Entry<'_> {
    /// Cline's subagents have no requests of their own in the window, only their sum.
    fn is_of_subagents(&self) -> bool {
        self.say.as_deref() == Some("subagent_usage")
    }
}

/// The text of such an entry.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    tokens_in: Option<Figure>,
    tokens_out: Option<Figure>,
    cache_writes: Option<Figure>,
    cache_reads: Option<Figure>,
    #[serde(borrow)]
    cost: Option<LazyValue<'a>>,
    #[serde(borrow)]
    api_protocol: Option<Text<'a>>,
}

impl Request<'_> {
    /// Whether the provider counts as Anthropic does. Before it was noted, only such models had a cache that is written to.
    fn speaks_anthropic(&self, model: Option<&str>) -> bool {
        match self.api_protocol.as_deref() {
            Some(protocol) => protocol == "anthropic",
            None => model.is_some_and(|model| model.contains("claude")),
        }
    }
}

/// Reads a task.
struct Task<'t> {
    member: Member,
    id: Cow<'t, str>,
    folder: &'t Path,
    document: &'t str,
    /// What the files beside it say, once they are needed.
    surroundings: Option<Surroundings>,
    /// Who made the last request: most often the next one, too.
    last: Arc<Attribution>,
}

impl Task<'_> {
    /// Gives the call of an entry. `next` is the moment of the request after it.
    fn give(&mut self, number: u64, entry: &str, next: Option<i64>, sink: &mut dyn Sink) {
        match sonic_rs::from_str(entry).map_err(LineError::from).and_then(|entry| self.request(&entry, next)) {
            Ok(record) => record.into_iter().for_each(|record| sink.call(record)),
            Err(error) => sink.skip(number, error),
        }
    }

    /// The call of an entry; `None` as long as it lasts.
    fn request(&mut self, entry: &Entry<'_>, next: Option<i64>) -> Result<Option<UsageRecord>, LineError> {
        let Some(text) = entry.text.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
        let mut request: Request<'_> = sonic_rs::from_str(json(text.as_bytes())?)?;
        request.api_protocol = request.api_protocol.or_else(|| entry.api_protocol.clone());
        let (stated, output) = (sane(request.tokens_in)?, sane(request.tokens_out)?);
        let (cache_read, cache_write_short) = (sane(request.cache_reads)?, sane(request.cache_writes)?);
        if stated + output + cache_read + cache_write_short == 0 {
            return Ok(None);
        }
        let at = entry.ts.ok_or_else(|| LineError::new("a request without a time"))?;
        let occurred_at = Timestamp::from_millisecond(at).map_err(LineError::time)?;
        let (document, folder) = (self.document, self.folder);
        let surroundings = self.surroundings.get_or_insert_with(|| Surroundings::of(folder, document));
        let info = entry.model_info.as_ref();
        let known = surroundings.model_of(at, next);
        let model = info.and_then(|info| info.model_id.as_deref()).or(known.map(|known| known.model.as_str()));
        let provider = info.and_then(|info| info.provider_id.as_deref());
        let provider = provider.or(known.and_then(|known| known.provider.as_deref()));
        let cached = cache_read + cache_write_short;
        let speaks_anthropic = request.speaks_anthropic(model);
        let input = self.member.prompt.uncached((stated, cached), at, speaks_anthropic, provider);
        // What stands there for subagents is a sum, and they may have run elsewhere.
        let alone = (!entry.is_of_subagents()).then_some(request.cost.as_ref()).flatten();
        let reported = reported(provider, alone);
        let caller = Caller {
            provider: provider.and_then(provider_named),
            model,
            project: surroundings.folder.as_deref(),
            session: Some(&self.id),
            subagent: entry.is_of_subagents().then_some("subagents"),
            ..Caller::default()
        };
        Ok(Some(UsageRecord {
            source: self.member.id,
            key: format!("{}/{at}", self.id),
            occurred_at,
            tokens: Tokens { input, cache_read, cache_write_short, output, ..Tokens::default() },
            cache_writes: CacheWrites::WithoutLifetime,
            is_sum: entry.is_of_subagents(),
            web_searches: 0,
            basis: basis(reported),
            reported,
            attribution: caller.attribution(self.member.id, &mut self.last),
            witness: Witness::Primary,
        }))
    }
}

/// What the provider said that a request cost: `OpenRouter` alone does, and it is passed on. For all others, the cost is
/// the agent's own arithmetic.
pub(super) fn reported(provider: Option<&str>, number: Option<&LazyValue<'_>>) -> Option<Usd> {
    (provider == Some("openrouter")).then(|| cost(number)).flatten()
}

/// Whose figure the cost of such a request is.
pub(super) const fn basis(reported: Option<Usd>) -> Basis {
    if reported.is_some() { Basis::Billed } else { Basis::Estimated }
}

/// The provider behind the name of a connection; `None` for a connection to any server that speaks `OpenAI`'s protocol.
pub(super) fn provider_named(connection: &str) -> Option<&str> {
    match connection {
        "" | "openai" | "openai-compatible" => None,
        "openai-native" | "openai-codex" => Some("openai"),
        "claude-code" => Some("anthropic"),
        "vscode-lm" => Some("github-copilot"),
        other => Some(other),
    }
}

#[cfg(test)]
#[path = "cline_family_tests.rs"]
mod tests;
