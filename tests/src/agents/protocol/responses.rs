//! `OpenAI`'s Responses API.

use serde_json::{Value, json};

use super::{Response, call_id, event, input_text, list, text_of, word};
use crate::agents::script::{Answer, Ask};

pub(super) fn ask(body: &Value) -> Ask {
    let mut ask = Ask {
        model: word(&body["model"]),
        streamed: body["stream"] == true,
        system: text_of(&body["instructions"]),
        tools: list(&body["tools"]).flat_map(tool_names).collect(),
        ..Ask::default()
    };
    if let Some(prompt) = body["input"].as_str() {
        ask.said.push(prompt.to_owned());
    }
    for item in list(&body["input"]) {
        if item["type"] == "function_call_output" {
            let output = &item["output"];
            ask.results.push(output.as_str().map_or_else(|| text_of(output), str::to_owned));
        } else if item["role"] == "user" {
            ask.results.clear();
            ask.said.push(text_of(&item["content"]));
        } else if item["type"] == "function_call" {
            ask.results.clear();
        }
    }
    ask
}

/// Tools may be grouped in a namespace.
fn tool_names(tool: &Value) -> Vec<String> {
    let inner: Vec<String> = list(&tool["tools"]).map(|tool| word(&tool["name"])).collect();
    if inner.is_empty() { vec![word(&tool["name"])] } else { inner }
}

pub(super) fn whole(response: &Response) -> Value {
    let tokens = &response.tokens;
    json!({
        "id": response.id,
        "object": "response",
        "created_at": 1_795_000_000,
        "status": "completed",
        "model": response.model,
        "output": [item(response)],
        "usage": {
            "input_tokens": tokens.prompt(),
            "input_tokens_details": { "cached_tokens": tokens.cache_read, "cache_write_tokens": tokens.cache_write_short },
            "output_tokens": tokens.output,
            "output_tokens_details": { "reasoning_tokens": tokens.reasoning },
            "total_tokens": tokens.prompt() + tokens.output,
        },
    })
}

pub(super) fn streamed(response: &Response) -> Vec<String> {
    let item = item(response);
    let mut opening = whole(response);
    opening["status"] = json!("in_progress");
    opening["output"] = json!([]);
    opening["usage"] = Value::Null;
    let mut added = item.clone();
    added["status"] = json!("in_progress");
    let mut events = vec![json!({ "type": "response.created", "response": opening })];
    if let Answer::Text(text) = &response.answer {
        added["content"] = json!([]);
        let place = |kind: &str| json!({ "type": kind, "item_id": item["id"], "output_index": 0, "content_index": 0 });
        let (mut begun, mut delta, mut done, mut ended) = (
            place("response.content_part.added"),
            place("response.output_text.delta"),
            place("response.output_text.done"),
            place("response.content_part.done"),
        );
        begun["part"] = json!({ "type": "output_text", "text": "", "annotations": [] });
        delta["delta"] = json!(text);
        done["text"] = json!(text);
        ended["part"] = item["content"][0].clone();
        events.push(json!({ "type": "response.output_item.added", "output_index": 0, "item": added }));
        events.extend([begun, delta, done, ended]);
    } else {
        added["arguments"] = json!("");
        let all = &item["arguments"];
        let of_item =
            |kind: &str, key: &str| json!({ "type": kind, "item_id": item["id"], "output_index": 0, key: all });
        events.push(json!({ "type": "response.output_item.added", "output_index": 0, "item": added }));
        events.push(of_item("response.function_call_arguments.delta", "delta"));
        events.push(of_item("response.function_call_arguments.done", "arguments"));
    }
    events.push(json!({ "type": "response.output_item.done", "output_index": 0, "item": item }));
    events.push(json!({ "type": "response.completed", "response": whole(response) }));
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = json!(number);
    }
    events.iter().map(event).collect()
}

fn item(response: &Response) -> Value {
    match &response.answer {
        Answer::Text(text) => json!({
            "type": "message",
            "id": format!("item_{}", response.id),
            "role": "assistant",
            "status": "completed",
            "content": [{ "type": "output_text", "text": text, "annotations": [] }],
        }),
        Answer::Call { tool, input } => {
            let mut call = json!({
                "type": "function_call",
                "id": format!("item_{}", response.id),
                "call_id": call_id(response),
                "name": tool,
                "arguments": input_text(input),
                "status": "completed",
            });
            // A tool of a group is called by both names.
            if let Some((group, tool)) = tool.split_once("::") {
                call["namespace"] = json!(group);
                call["name"] = json!(tool);
            }
            call
        }
    }
}
