//! The APIs that agents speak: what a request asks for, and an answer as the provider would stream it.

mod anthropic;
mod chat;
mod gemini;
mod responses;

use serde_json::{Value, json};

use super::script::{Answer, Ask};
use super::served::Tokens;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Anthropic's Messages.
    Messages,
    /// `OpenAI`'s Responses.
    Responses,
    /// `OpenAI`'s Chat Completions, which everyone else speaks, too.
    Chat,
    /// Gemini's `generateContent`.
    Gemini,
}

/// The provider's side of one call.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its id.
    pub id: String,
    /// The model that answers.
    pub model: String,
    /// What it says.
    pub answer: Answer,
    /// What it consumed.
    pub tokens: Tokens,
}

impl Protocol {
    /// The protocol of a request for an answer; `None` when the path asks for something else.
    pub fn of_path(path: &str) -> Option<Self> {
        [
            ("/messages", Self::Messages),
            ("/responses", Self::Responses),
            ("/chat/completions", Self::Chat),
            (":generateContent", Self::Gemini),
            (":streamGenerateContent", Self::Gemini),
        ]
        .into_iter()
        .find(|(end, _)| path.ends_with(end))
        .map(|(_, protocol)| protocol)
    }

    /// What is asked for.
    pub fn ask(self, path: &str, body: &Value) -> Ask {
        match self {
            Self::Messages => anthropic::ask(body),
            Self::Responses => responses::ask(body),
            Self::Chat => chat::ask(body),
            Self::Gemini => gemini::ask(path, body),
        }
    }

    /// The id of the `number`th response, in the provider's form.
    pub fn id(self, number: u32) -> String {
        match self {
            Self::Messages => format!("msg_{number:024}"),
            Self::Responses => format!("resp_{number:048}"),
            Self::Chat => format!("chatcmpl-{number:032}"),
            Self::Gemini => format!("gemini{number:018}"),
        }
    }

    /// The tokens of a call, as far as the API can tell of them.
    pub fn tokens(self, number: u32) -> Tokens {
        let all = Tokens::of_call(number);
        match self {
            Self::Messages => all,
            Self::Responses => Tokens { cache_write_long: 0, ..all },
            Self::Chat | Self::Gemini => Tokens { cache_write_short: 0, cache_write_long: 0, ..all },
        }
    }

    /// The response in one piece.
    pub fn whole(self, response: &Response) -> Value {
        match self {
            Self::Messages => anthropic::whole(response),
            Self::Responses => responses::whole(response),
            Self::Chat => chat::whole(response),
            Self::Gemini => gemini::whole(response),
        }
    }

    /// The response as server-sent events.
    pub fn streamed(self, response: &Response) -> Vec<String> {
        match self {
            Self::Messages => anthropic::streamed(response),
            Self::Responses => responses::streamed(response),
            Self::Chat => chat::streamed(response),
            Self::Gemini => gemini::streamed(response),
        }
    }
}

/// An event whose name is also its data's type.
fn event(data: &Value) -> String {
    format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or("message"))
}

/// An event without a name.
fn data(data: &Value) -> String {
    format!("data: {data}\n\n")
}

/// All text of a message, which may be a string or a list of parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The id of the tool's call within a response.
fn call_id(response: &Response) -> String {
    format!("call_{}", response.id)
}

/// Arguments of a tool as most APIs pass them on: JSON in a string.
fn input_text(input: &Value) -> Value {
    json!(input.to_string())
}
