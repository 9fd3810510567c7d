//! Cline: tasks of the extension for VS Code and its relatives, or below `~/.cline/data/tasks`; and from 4.1 on, as from
//! the command line's 3.0 on, sessions below `~/.cline/data/sessions`, written by both.
//!
//! Tasks are the family's (`cline_family`). A session is a document `<session>/<session>.messages.json`, each
//! message of the assistant with what it consumed; those of a subagent are beside it, in a document named after the
//! subagent. There, input includes cached tokens. Sums over a session, which include its subagents, stand elsewhere and
//! are not read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use sonic_rs::LazyValue;

use super::cline_family::{self, Member, Prompt};
use super::{beside, editors};
use crate::places::Places;
use crate::sources::logs::{Agent, Figure, Format, LineError, Sink, Text, known, sane};
use crate::usage::{Attribution, CacheWrites, Tokens, UsageRecord, Witness};

/// The source.
pub const CLINE: Agent = Agent {
    id: "cline",
    name: "Cline",
    docs: "docs/sources/cline.md",
    roots,
    format: |path| {
        if cline_family::is_task(path) {
            Some(Format::Document(|path, document, sink| cline_family::task(MEMBER, path, document, sink)))
        } else if is_session(path) {
            Some(Format::Document(session))
        } else {
            None
        }
    },
};

const MEMBER: Member = Member { id: "cline", prompt: Prompt::Rest };

const ENDING: &str = ".messages.json";

fn roots(places: &Places) -> Vec<PathBuf> {
    let folder = places.folder("CLINE_DIR").unwrap_or_else(|| places.home().join(".cline"));
    let data = places.folder("CLINE_DATA_DIR").unwrap_or_else(|| folder.join("data"));
    let sessions = places.folder("CLINE_SESSION_DATA_DIR").unwrap_or_else(|| data.join("sessions"));
    let extensions = editors::folders_of_extension(places, "saoudrizwan.claude-dev");
    let mut roots: Vec<PathBuf> = extensions.into_iter().map(|folder| folder.join("tasks")).collect();
    roots.extend([data.join("tasks"), sessions]);
    roots
}

fn is_session(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ENDING))
}

#[derive(Deserialize)]
struct Session<'a> {
    #[serde(borrow)]
    messages: Option<Vec<LazyValue<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    ts: Option<i64>,
    #[serde(borrow)]
    model_info: Option<Model<'a>>,
    #[serde(borrow)]
    metrics: Option<Metrics<'a>>,
}

#[derive(Deserialize)]
struct Model<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    provider: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Metrics<'a> {
    #[serde(rename = "inputTokens")]
    input: Option<Figure>,
    #[serde(rename = "outputTokens")]
    output: Option<Figure>,
    #[serde(rename = "cacheReadTokens")]
    cache_read: Option<Figure>,
    #[serde(rename = "cacheWriteTokens")]
    cache_write: Option<Figure>,
    #[serde(borrow)]
    cost: Option<LazyValue<'a>>,
}

impl Metrics<'_> {
    fn tokens(&self) -> Result<Tokens, LineError> {
        let (cache_read, cache_write_short) = (sane(self.cache_read)?, sane(self.cache_write)?);
        let input = sane(self.input)?;
        let input = input.checked_sub(cache_read + cache_write_short).unwrap_or(input);
        Ok(Tokens { input, cache_read, cache_write_short, output: sane(self.output)?, ..Tokens::default() })
    }
}

/// What the file about a session says of it.
#[derive(Debug, Default, Deserialize)]
struct Manifest {
    cwd: Option<String>,
    workspace_root: Option<String>,
    model: Option<String>,
    provider: Option<String>,
}

/// Reads the document of a session, or of a subagent in it.
fn session(path: &Path, document: &str, sink: &mut dyn Sink) -> Result<(), LineError> {
    let folder = path.parent().unwrap_or(path);
    let session = folder.file_name().unwrap_or_default().to_string_lossy();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(ENDING).unwrap_or(&name);
    let manifest = beside::beginning(&folder.join(format!("{session}.json")));
    let manifest: Manifest = sonic_rs::from_str(&manifest).unwrap_or_default();
    let of_session = Attribution {
        agent: Some(CLINE.id.to_owned()),
        provider: manifest.provider.as_deref().and_then(cline_family::provider_named).map(str::to_owned),
        model: manifest.model,
        project: manifest.cwd.or(manifest.workspace_root),
        session: Some(session.to_string()),
        subagent: (name != session).then(|| name.to_owned()),
        ..Attribution::default()
    };
    let mut last = Arc::new(of_session.clone());
    let messages = sonic_rs::from_str::<Session<'_>>(document)?.messages.unwrap_or_default();
    for (number, message) in (1..).zip(&messages) {
        match call(message.as_raw_str(), &of_session, &mut last) {
            Ok(call) => call.into_iter().for_each(|mut call| {
                call.key = format!("{session}/{name}/{}", call.key);
                sink.call(call);
            }),
            Err(error) => sink.skip(number, error),
        }
    }
    Ok(())
}

/// The call of a message, its key being the message's own.
fn call(
    message: &str,
    of_session: &Attribution,
    last: &mut Arc<Attribution>,
) -> Result<Option<UsageRecord>, LineError> {
    let message: Message<'_> = sonic_rs::from_str(message)?;
    let Some(metrics) = message.metrics else { return Ok(None) };
    let tokens = metrics.tokens()?;
    if tokens.total() == 0 {
        return Ok(None);
    }
    let at = message.ts.ok_or_else(|| LineError::new("a call without a time"))?;
    let mut attribution = of_session.clone();
    if let Some(Model { id: Some(model), provider }) = message.model_info {
        attribution.model = Some(model.into_owned());
        attribution.provider = provider.as_deref().and_then(cline_family::provider_named).map(str::to_owned);
    }
    let reported = cline_family::reported(attribution.provider.as_deref(), metrics.cost.as_ref());
    if **last != attribution {
        *last = Arc::new(attribution);
    }
    Ok(Some(UsageRecord {
        source: CLINE.id,
        // Its place in the list would be another one once those before it are taken out.
        key: known(message.id.as_ref()).map_or_else(|| at.to_string(), str::to_owned),
        occurred_at: Timestamp::from_millisecond(at).map_err(LineError::time)?,
        tokens,
        cache_writes: CacheWrites::WithoutLifetime,
        is_sum: false,
        web_searches: 0,
        basis: cline_family::basis(reported),
        reported,
        attribution: Arc::clone(last),
        witness: Witness::Primary,
    }))
}

#[cfg(test)]
#[path = "cline_tests.rs"]
mod tests;
