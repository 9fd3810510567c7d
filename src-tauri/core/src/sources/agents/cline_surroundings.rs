//! What the files beside a task of the Cline family say of it: in which folder it worked, and with which models.

use std::path::Path;

use memchr::memmem;
use serde::Deserialize;

use super::beside;
use crate::sources::logs::Text;

/// Milliseconds after the beginning of a request within which its model is in Cline's list.
const LISTED_WITHIN: i64 = 1_000;

/// What is known of a task.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// The folder in which it worked.
    pub(super) folder: Option<String>,
    /// Its models, each with the moment at which it began to be used, earliest first.
    models: Vec<Known>,
    /// They are from Cline's list, which is written as a request begins. In front of the request's own words, which may
    /// take a while to gather, they stand later.
    are_listed: bool,
}

/// A model that was in use.
#[derive(Debug)]
pub(super) struct Known {
    since: i64,
    pub(super) model: String,
    pub(super) provider: Option<String>,
}

impl Surroundings {
    /// Looks beside a task in `folder` whose window is `document`.
    pub(super) fn of(folder: &Path, document: &str) -> Self {
        let read = |name: &str| beside::beginning(&folder.join(name));
        let item = read("history_item.json");
        let history = read("api_conversation_history.json");
        let stated = stated_folder(&item);
        let mut models = listed_models(&read("task_metadata.json"));
        let are_listed = !models.is_empty();
        if models.is_empty() {
            models = named_models(&history);
        }
        models.sort_by_key(|known| known.since);
        Self {
            folder: stated.or_else(|| folder_in(document.as_bytes())).or_else(|| folder_in(history.as_bytes())),
            models,
            are_listed,
        }
    }

    /// The model of a request that began at this moment, or the first one; `next` is the moment of the request after it.
    pub(super) fn model_of(&self, at: i64, next: Option<i64>) -> Option<&Known> {
        let before = if self.are_listed { at.saturating_add(LISTED_WITHIN) } else { next.unwrap_or(i64::MAX) };
        let behind = self.models.partition_point(|known| known.since < before);
        self.models.get(behind.saturating_sub(1))
    }
}

/// Roo Code and Kilo Code note it.
fn stated_folder(item: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Item {
        workspace: Option<String>,
    }
    let item: Item = sonic_rs::from_str(item).ok()?;
    item.workspace.filter(|folder| !folder.is_empty())
}

/// The folder that is named to the model in front of a request, in JSON or in JSON within JSON.
pub(super) fn folder_in(text: &[u8]) -> Option<String> {
    const BEFORE: [&str; 2] = ["Current Workspace Directory (", "Current Working Directory ("];
    /// Longer than any path.
    const LONGEST: usize = 8 * 1024;
    let begin = BEFORE.iter().filter_map(|before| Some(memmem::find(text, before.as_bytes())? + before.len())).min()?;
    let rest = &text[begin..text.len().min(begin + LONGEST)];
    // A path may have brackets itself.
    let end = memmem::find(rest, b") Files").or_else(|| memchr::memchr(b')', rest))?;
    let written = std::str::from_utf8(&rest[..end]).ok()?;
    let mut folder = String::with_capacity(written.len());
    for character in written.chars() {
        // Every layer of JSON doubles a backslash.
        if character != '\\' || !folder.ends_with('\\') {
            folder.push(character);
        }
    }
    // Where several folders are open, they are not named by their paths.
    let is_path = folder.starts_with(['/', '\\', '~']) || folder.get(1..2) == Some(":");
    is_path.then_some(folder)
}

/// Cline lists a model whenever another is chosen.
fn listed_models(metadata: &str) -> Vec<Known> {
    #[derive(Deserialize)]
    struct Metadata {
        model_usage: Option<Vec<Used>>,
    }
    #[derive(Deserialize)]
    struct Used {
        ts: Option<i64>,
        model_id: Option<String>,
        model_provider_id: Option<String>,
    }
    let metadata = sonic_rs::from_str(metadata).unwrap_or(Metadata { model_usage: None });
    let used = metadata.model_usage.into_iter().flatten();
    used.filter_map(|used| {
        Some(Known { since: used.ts.unwrap_or(i64::MIN), model: used.model_id?, provider: used.model_provider_id })
    })
    .collect()
}

/// Roo Code and Kilo Code tell the model its own name in front of each request.
fn named_models(history: &str) -> Vec<Known> {
    #[derive(Deserialize)]
    struct Message<'a> {
        ts: Option<i64>,
        #[serde(borrow)]
        role: Option<Text<'a>>,
    }
    let mut models: Vec<Known> = Vec::new();
    // Only the beginning was read, so the last message may be torn.
    for message in sonic_rs::to_array_iter(history).map_while(Result::ok) {
        let text = message.as_raw_str();
        let Some(model) = named_in(text) else { continue };
        if models.last().is_some_and(|known| known.model == model) {
            continue;
        }
        match sonic_rs::from_str(text) {
            Ok(Message { ts, role: Some(role) }) if &*role == "user" => {
                models.push(Known { since: ts.unwrap_or(i64::MIN), model: model.to_owned(), provider: None });
            }
            _ => {}
        }
    }
    models
}

/// The last model that is named: what a person pasted stands before what the agent adds.
fn named_in(text: &str) -> Option<&str> {
    /// Longer than any model's name.
    const LONGEST: usize = 200;
    let (_, behind) = text.rsplit_once("<model>")?;
    let (model, _) = behind.split_once("</model>")?;
    let is_name = !model.is_empty() && model.len() <= LONGEST && !model.contains(['<', '\\', '"', ' ']);
    is_name.then_some(model)
}
