//! `OpenAI`'s Chat Completions API.

use serde_json::{Value, json};

use super::{Response, call_id, data, input_text, list, text_of, word};
use crate::agents::script::{Answer, Ask};

pub(super) fn ask(body: &Value) -> Ask {
    let mut ask = Ask {
        model: word(&body["model"]),
        streamed: body["stream"] == true,
        tools: list(&body["tools"]).map(|tool| word(&tool["function"]["name"])).collect(),
        ..Ask::default()
    };
    for message in list(&body["messages"]) {
        let text = text_of(&message["content"]);
        match message["role"].as_str() {
            Some("system" | "developer") => ask.system += &text,
            Some("tool") => ask.results.push(text),
            Some("user") => {
                ask.results.clear();
                ask.said.push(text);
            }
            _ => ask.results.clear(),
        }
    }
    ask
}

pub(super) fn whole(response: &Response) -> Value {
    let mut completion = head(response, "chat.completion");
    completion["choices"] =
        json!([{ "index": 0, "message": message(response), "finish_reason": finish_reason(response) }]);
    completion["usage"] = usage(response);
    completion
}

pub(super) fn streamed(response: &Response) -> Vec<String> {
    let chunk = |delta: Value, reason: Option<&str>| {
        let mut chunk = head(response, "chat.completion.chunk");
        chunk["choices"] = json!([{ "index": 0, "delta": delta, "finish_reason": reason }]);
        data(&chunk)
    };
    let mut said = message(response);
    for call in said["tool_calls"].as_array_mut().into_iter().flatten() {
        call["index"] = json!(0);
    }
    let mut last = head(response, "chat.completion.chunk");
    last["choices"] = json!([]);
    last["usage"] = usage(response);
    vec![chunk(said, None), chunk(json!({}), Some(finish_reason(response))), data(&last), "data: [DONE]\n\n".to_owned()]
}

fn head(response: &Response, object: &str) -> Value {
    json!({ "id": response.id, "object": object, "created": 1_795_000_000, "model": response.model })
}

fn message(response: &Response) -> Value {
    match &response.answer {
        Answer::Text(text) => json!({ "role": "assistant", "content": text }),
        Answer::Call { tool, input } => json!({
            "role": "assistant",
            "content": null,
            "tool_calls": [{
                "id": call_id(response),
                "type": "function",
                "function": { "name": tool, "arguments": input_text(input) },
            }],
        }),
    }
}

fn finish_reason(response: &Response) -> &'static str {
    match response.answer {
        Answer::Text(_) => "stop",
        Answer::Call { .. } => "tool_calls",
    }
}

fn usage(response: &Response) -> Value {
    let tokens = &response.tokens;
    json!({
        "prompt_tokens": tokens.prompt(),
        "prompt_tokens_details": { "cached_tokens": tokens.cache_read },
        "completion_tokens": tokens.output,
        "completion_tokens_details": { "reasoning_tokens": tokens.reasoning },
        "total_tokens": tokens.prompt() + tokens.output,
    })
}
