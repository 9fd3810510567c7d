//! The conversation that every agent has with the mock: it is told to have a subagent look, later to say it again, and in a
//! fork to say it differently.

use serde_json::Value;

/// The first thing that the person says.
pub const ASSIGNMENT: &str = "Let a subagent look at the folder.";
/// What the subagent is told.
pub const TASK: &str = "Tell which files are here.";
/// What the person says on resuming.
pub const AGAIN: &str = "Say it once more.";
/// What the person says in a fork.
pub const DIFFERENTLY: &str = "Say it in other words.";
/// What the model says whenever it calls no tool.
pub const ANSWER: &str = "There is one file, and it is empty.";

/// What an agent asks of a model, in whichever protocol.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// The model.
    pub model: String,
    /// Whether the answer is to be streamed.
    pub streamed: bool,
    /// What the agent is told to be.
    pub system: String,
    /// Names of the tools that may be called.
    pub tools: Vec<String>,
    /// All that was said by the person, or by the agent in the person's name, in order.
    pub said: Vec<String>,
    /// What the tools that were called last came to, when nothing was said since.
    pub results: Vec<String>,
}

impl Ask {
    /// Whether the last thing said has `words`, and no tool was called since.
    pub fn begins_with(&self, words: &str) -> bool {
        self.results.is_empty() && self.said.last().is_some_and(|said| said.contains(words))
    }

    /// Whether the conversation is a subagent's.
    pub fn is_of_subagent(&self) -> bool {
        self.said.iter().any(|said| said.contains(TASK)) && !self.said.iter().any(|said| said.contains(ASSIGNMENT))
    }
}

/// What the model answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// With words.
    Text(String),
    /// With the wish that a tool be called.
    Call {
        /// Its name.
        tool: String,
        /// Its arguments.
        input: Value,
    },
}

/// The model's part in one agent's conversation.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// The tool to call and its arguments, where it is time for one.
    pub call: fn(&Ask) -> Option<(&'static str, Value)>,
    /// Whether a subagent asks.
    pub by_subagent: fn(&Ask) -> bool,
    /// The calls that the agent makes and does not log.
    pub unlogged: &'static [Unlogged],
}

/// A kind of call that an agent does not log.
#[derive(Clone, Copy, Debug)]
pub struct Unlogged {
    /// What it is for.
    pub what: &'static str,
    /// How it is told from others: by what is asked, never by its figures.
    pub is_such: fn(&Ask) -> bool,
}

impl Script {
    /// The script of an agent that logs all its calls and whose subagents know no more than their task.
    pub const fn new(call: fn(&Ask) -> Option<(&'static str, Value)>) -> Self {
        Self { call, by_subagent: Ask::is_of_subagent, unlogged: &[] }
    }

    /// The answer to what is asked, and what the call is for if the agent will not log it.
    pub(super) fn answer(&self, ask: &Ask) -> (Answer, Option<&'static str>) {
        let unlogged = self.unlogged.iter().find(|kind| (kind.is_such)(ask)).map(|kind| kind.what);
        let call = if unlogged.is_none() { (self.call)(ask) } else { None };
        let answer = call.map_or_else(
            || Answer::Text(ANSWER.to_owned()),
            |(tool, input)| Answer::Call { tool: tool.to_owned(), input },
        );
        (answer, unlogged)
    }
}
