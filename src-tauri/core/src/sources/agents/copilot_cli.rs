//! GitHub Copilot CLI: events of a session in `session-state/<session>/events.jsonl` of `~/.copilot`.
//!
//! One record per call, from `session.usage_record`, keyed by its accounting id, which is the provider's response id.
//! Subagents' calls are in the log of the session that the person began, under an id of the subagent's own; its name is
//! told when it starts.
//!
//! Versions before that tell only what each model was used in all, when the session is left (`session.shutdown`). These
//! sums go on where the session was left the last time, or start again; then some figure is lower than it was. One record
//! per model and shutdown is made of what was added. In a log with usage records they are passed over.
//!
//! Input includes cached and cache-written tokens, output includes reasoning. The costs in the log are credits, not money.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::row::row;
use crate::places::Places;
use crate::sources::logs::{Agent, Figure, Format, LineError, LineReader, Lines, Sink, Text, known, sane};
use crate::usage::{Attribution, Basis, CacheWrites, Tokens, UsageRecord, Witness};

/// The source.
pub const COPILOT_CLI: Agent = Agent {
    id: "copilot-cli",
    name: "Copilot CLI",
    docs: "docs/sources/copilot-cli.md",
    roots,
    format: |path| path.file_name().is_some_and(|name| name == "events.jsonl").then_some(Format::Lines(EVENTS)),
};

const EVENTS: Lines = Lines {
    worth_reading: &[
        "\"session.start\"",
        "\"session.resume\"",
        "\"session.context_changed\"",
        "\"subagent.started\"",
        "\"session.usage_record\"",
        "\"session.shutdown\"",
    ],
    reader: |path, memory| {
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        Box::new(Events { folder, memory: serde_json::from_str(memory).unwrap_or_default(), last: Arc::default() })
    },
};

/// Names that are remembered of a session, at most: of subagents, of models. No real session comes near.
const MOST_NAMES: usize = 1_000;

/// The longest of them, in bytes.
const LONGEST_NAME: usize = 200;

fn roots(places: &Places) -> Vec<PathBuf> {
    let mut homes = places.folders("COPILOT_HOME");
    if homes.is_empty() {
        homes.push(places.home().join(".copilot"));
    }
    homes.into_iter().map(|home| home.join("session-state")).collect()
}

/// Reads the events of a session.
struct Events {
    /// The session's folder, which is named after it.
    folder: String,
    memory: Memory,
    /// Who made the last call.
    last: Arc<Attribution>,
}

/// What has to be known to read on in the middle of a session.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    session: Option<String>,
    cwd: Option<String>,
    branch: Option<String>,
    /// Names of subagents by their id.
    subagents: BTreeMap<String, String>,
    /// The log has usage records.
    states_calls: bool,
    /// What each model was used in all, when the session was last left.
    totals: BTreeMap<String, Tokens>,
}

impl LineReader for Events {
    fn line(&mut self, line: &str, sink: &mut dyn Sink) -> Result<(), LineError> {
        let tells_of_calls = |kind: Option<&str>| matches!(kind, Some("session.usage_record" | "session.shutdown"));
        let Some(event): Option<Event<'_>> = row(line, tells_of_calls)? else { return Ok(()) };
        let Some(data) = &event.data else { return Ok(()) };
        match event.kind.as_deref() {
            Some("session.start" | "session.resume") => self.memory.begin(data),
            Some("session.context_changed") => self.memory.move_to(data.cwd.as_ref(), data.branch.as_ref()),
            Some("subagent.started") => self.memory.name_subagent(&event, data),
            Some("session.usage_record") => return self.stated(&event, data, sink),
            Some("session.shutdown") => return self.left(&event, data, sink),
            _ => {}
        }
        Ok(())
    }

    fn memory(&self) -> String {
        serde_json::to_string(&self.memory).unwrap_or_default()
    }
}

impl Events {
    /// A call as the agent states it.
    fn stated(&mut self, event: &Event<'_>, data: &Data<'_>, sink: &mut dyn Sink) -> Result<(), LineError> {
        self.memory.states_calls = true;
        let Some(usage) = &data.usage else { return Ok(()) };
        let tokens = usage.tokens()?;
        if tokens.total() == 0 {
            return Ok(());
        }
        let usage_id = usage.accounting.as_ref().and_then(|accounting| known(accounting.usage_id.as_ref()));
        let Some(key) = usage_id.or_else(|| known(usage.api_call_id.as_ref())).or_else(|| known(event.id.as_ref()))
        else {
            return Err(LineError::new("a usage record without id cannot be told from its copies"));
        };
        let provider = match (usage.is_byok, known(usage.provider_type.as_ref())) {
            (Some(true), provider) => provider,
            _ => Some("github-copilot"),
        };
        self.call(event, key.to_owned(), Counted { tokens, is_sum: false }, provider, known(usage.model.as_ref()), sink)
    }

    /// Calls as far as the sums of a session that is left tell.
    fn left(&mut self, event: &Event<'_>, data: &Data<'_>, sink: &mut dyn Sink) -> Result<(), LineError> {
        if self.memory.states_calls {
            return Ok(());
        }
        let mut outcome = Ok(());
        for (model, metrics) in data.model_metrics.iter().flatten() {
            // One that makes no sense does not hold up the others.
            outcome = outcome.and(self.left_of_model(event, model, metrics, sink));
        }
        outcome
    }

    fn left_of_model(
        &mut self,
        event: &Event<'_>,
        model: &str,
        metrics: &Metrics<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), LineError> {
        let Some(total) = metrics.usage.as_ref().map(Usage::tokens).transpose()? else { return Ok(()) };
        let before = self.memory.totals.get(model).copied();
        let is_one =
            metrics.requests.as_ref().is_some_and(|requests| sane(requests.count).is_ok_and(|count| count == 1));
        let is_sum = before.is_some() || !is_one;
        let added = since(total, before.unwrap_or_default()).unwrap_or(total);
        if added.total() == 0 {
            return Ok(());
        }
        let Some(id) = known(event.id.as_ref()) else {
            return Err(LineError::new("a shutdown without id cannot be told from its copies"));
        };
        if !has_room(&self.memory.totals, model) {
            return Err(LineError::new("a sum that cannot be remembered would be counted again by the next"));
        }
        let sum = Counted { tokens: added, is_sum };
        self.call(event, format!("{id}/{model}"), sum, Some("github-copilot"), Some(model), sink)?;
        remember(&mut self.memory.totals, model, total);
        Ok(())
    }

    fn call(
        &mut self,
        event: &Event<'_>,
        key: String,
        Counted { tokens, is_sum }: Counted,
        provider: Option<&str>,
        model: Option<&str>,
        sink: &mut dyn Sink,
    ) -> Result<(), LineError> {
        let memory = &self.memory;
        let subagent = known(event.agent_id.as_ref());
        let caller = Caller {
            provider,
            model,
            project: memory.cwd.as_deref(),
            branch: memory.branch.as_deref(),
            session: Some(memory.session.as_deref().unwrap_or(&self.folder)),
            subagent: subagent.map(|id| memory.subagents.get(id).map_or(id, String::as_str)),
            ..Caller::default()
        };
        sink.call(UsageRecord {
            source: COPILOT_CLI.id,
            key,
            occurred_at: event
                .timestamp
                .as_deref()
                .unwrap_or_default()
                .parse::<Timestamp>()
                .map_err(LineError::time)?,
            tokens,
            cache_writes: CacheWrites::WithoutLifetime,
            is_sum,
            web_searches: 0,
            basis: Basis::Estimated,
            reported: None,
            attribution: caller.attribution(COPILOT_CLI.id, &mut self.last),
            witness: Witness::Primary,
        });
        Ok(())
    }
}

/// What a record of the log counts.
struct Counted {
    tokens: Tokens,
    /// Of several calls.
    is_sum: bool,
}

/// What was added to a total; `None` if it started again.
fn since(total: Tokens, before: Tokens) -> Option<Tokens> {
    Some(Tokens {
        input: total.input.checked_sub(before.input)?,
        cache_read: total.cache_read.checked_sub(before.cache_read)?,
        cache_write_short: total.cache_write_short.checked_sub(before.cache_write_short)?,
        cache_write_long: total.cache_write_long.checked_sub(before.cache_write_long)?,
        output: total.output.checked_sub(before.output)?,
        reasoning: total.reasoning.checked_sub(before.reasoning)?,
    })
}

impl Memory {
    fn begin(&mut self, data: &Data<'_>) {
        if let Some(session) = known(data.session_id.as_ref()) {
            self.session = Some(session.to_owned());
        }
        if let Some(context) = &data.context {
            self.move_to(context.cwd.as_ref(), context.branch.as_ref());
        }
    }

    fn move_to(&mut self, cwd: Option<&Text<'_>>, branch: Option<&Text<'_>>) {
        if let Some(cwd) = known(cwd) {
            self.cwd = Some(cwd.to_owned());
            self.branch = known(branch).map(str::to_owned);
        }
    }

    fn name_subagent(&mut self, event: &Event<'_>, data: &Data<'_>) {
        if let (Some(id), Some(name)) = (known(event.agent_id.as_ref()), known(data.agent_name.as_ref()))
            && name.len() <= LONGEST_NAME
        {
            remember(&mut self.subagents, id, name.to_owned());
        }
    }
}

/// Keeps something under a name, unless there is no end to the names.
fn remember<T>(named: &mut BTreeMap<String, T>, name: &str, value: T) {
    if let Some(known) = named.get_mut(name) {
        *known = value;
    } else if has_room(named, name) {
        named.insert(name.to_owned(), value);
    }
}

/// Whether something can be kept under a name.
fn has_room<T>(named: &BTreeMap<String, T>, name: &str) -> bool {
    name.len() <= LONGEST_NAME && (named.len() < MOST_NAMES || named.contains_key(name))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    agent_id: Option<Text<'a>>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow)]
    session_id: Option<Text<'a>>,
    #[serde(borrow)]
    context: Option<Context<'a>>,
    #[serde(borrow)]
    cwd: Option<Text<'a>>,
    #[serde(borrow)]
    branch: Option<Text<'a>>,
    #[serde(borrow)]
    agent_name: Option<Text<'a>>,
    #[serde(borrow)]
    usage: Option<Usage<'a>>,
    #[serde(borrow)]
    model_metrics: Option<BTreeMap<Text<'a>, Metrics<'a>>>,
}

#[derive(Deserialize)]
struct Context<'a> {
    #[serde(borrow)]
    cwd: Option<Text<'a>>,
    #[serde(borrow)]
    branch: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Metrics<'a> {
    #[serde(borrow)]
    usage: Option<Usage<'a>>,
    requests: Option<Requests>,
}

#[derive(Deserialize)]
struct Requests {
    /// Calls in all.
    count: Option<Figure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage<'a> {
    #[serde(borrow)]
    model: Option<Text<'a>>,
    input_tokens: Option<Figure>,
    output_tokens: Option<Figure>,
    cache_read_tokens: Option<Figure>,
    cache_write_tokens: Option<Figure>,
    reasoning_tokens: Option<Figure>,
    /// The call went to a provider of the user's own, with the user's own key.
    is_byok: Option<bool>,
    #[serde(borrow)]
    provider_type: Option<Text<'a>>,
    #[serde(borrow)]
    api_call_id: Option<Text<'a>>,
    #[serde(borrow)]
    accounting: Option<Accounting<'a>>,
}

#[derive(Deserialize)]
struct Accounting<'a> {
    #[serde(rename = "usageId", borrow)]
    usage_id: Option<Text<'a>>,
}

impl Usage<'_> {
    fn tokens(&self) -> Result<Tokens, LineError> {
        let cache_read = sane(self.cache_read_tokens)?;
        let cache_write = sane(self.cache_write_tokens)?;
        let output = sane(self.output_tokens)?;
        Ok(Tokens {
            input: sane(self.input_tokens)?.saturating_sub(cache_read + cache_write),
            cache_read,
            cache_write_short: cache_write,
            cache_write_long: 0,
            output,
            reasoning: sane(self.reasoning_tokens)?.min(output),
        })
    }
}

#[cfg(test)]
#[path = "copilot_cli_tests.rs"]
mod tests;
