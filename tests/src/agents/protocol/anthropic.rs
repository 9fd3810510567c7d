//! Anthropic's Messages API.

use serde_json::{Value, json};

use super::{Response, call_id, event, list, text_of, word};
use crate::agents::script::{Answer, Ask};

pub(super) fn ask(body: &Value) -> Ask {
    let mut ask = Ask {
        model: word(&body["model"]),
        streamed: body["stream"] == true,
        system: text_of(&body["system"]),
        tools: list(&body["tools"]).map(|tool| word(&tool["name"])).collect(),
        ..Ask::default()
    };
    for message in list(&body["messages"]).filter(|message| message["role"] == "user") {
        let of_tools = list(&message["content"]).filter(|part| part["type"] == "tool_result");
        ask.results = of_tools.map(|part| text_of(&part["content"])).collect();
        if ask.results.is_empty() {
            ask.said.push(text_of(&message["content"]));
        }
    }
    ask
}

pub(super) fn whole(response: &Response) -> Value {
    let mut message = opening(response);
    message["content"] = json!(blocks(response));
    message["stop_reason"] = json!(stop_reason(response));
    message["usage"] = usage(response);
    message
}

pub(super) fn streamed(response: &Response) -> Vec<String> {
    let mut events = vec![event(&json!({ "type": "message_start", "message": opening(response) }))];
    for (index, block) in blocks(response).iter().enumerate() {
        let (start, delta) = if block["type"] == "text" {
            (json!({ "type": "text", "text": "" }), json!({ "type": "text_delta", "text": block["text"] }))
        } else {
            let start = json!({ "type": "tool_use", "id": block["id"], "name": block["name"], "input": {} });
            (start, json!({ "type": "input_json_delta", "partial_json": super::input_text(&block["input"]) }))
        };
        events.push(event(&json!({ "type": "content_block_start", "index": index, "content_block": start })));
        events.push(event(&json!({ "type": "content_block_delta", "index": index, "delta": delta })));
        events.push(event(&json!({ "type": "content_block_stop", "index": index })));
    }
    let end = json!({ "stop_reason": stop_reason(response), "stop_sequence": null });
    events.push(event(&json!({ "type": "message_delta", "delta": end, "usage": usage(response) })));
    events.push(event(&json!({ "type": "message_stop" })));
    events
}

/// The message before anything is said. Its output is what the provider knows at that moment: next to nothing.
fn opening(response: &Response) -> Value {
    let mut usage = usage(response);
    usage["output_tokens"] = json!(1);
    json!({
        "id": response.id,
        "type": "message",
        "role": "assistant",
        "model": response.model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": usage,
    })
}

/// A tool's call is preceded by words, so that a response has more than one block.
fn blocks(response: &Response) -> Vec<Value> {
    match &response.answer {
        Answer::Text(text) => vec![json!({ "type": "text", "text": text })],
        Answer::Call { tool, input } => vec![
            json!({ "type": "text", "text": "Let me see." }),
            json!({ "type": "tool_use", "id": call_id(response), "name": tool, "input": input }),
        ],
    }
}

fn stop_reason(response: &Response) -> &'static str {
    match response.answer {
        Answer::Text(_) => "end_turn",
        Answer::Call { .. } => "tool_use",
    }
}

fn usage(response: &Response) -> Value {
    let tokens = &response.tokens;
    json!({
        "input_tokens": tokens.input,
        "cache_read_input_tokens": tokens.cache_read,
        "cache_creation_input_tokens": tokens.cache_write_short + tokens.cache_write_long,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.cache_write_short,
            "ephemeral_1h_input_tokens": tokens.cache_write_long,
        },
        "output_tokens": tokens.output,
        "output_tokens_details": { "thinking_tokens": tokens.reasoning },
        "service_tier": "standard",
    })
}
