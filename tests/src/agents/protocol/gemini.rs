//! Gemini's `generateContent`.

use serde_json::{Value, json};

use super::{Response, data, list, text_of, word};
use crate::agents::script::{Answer, Ask};

pub(super) fn ask(path: &str, body: &Value) -> Ask {
    let (before, action) = path.rsplit_once(':').unwrap_or((path, ""));
    let mut ask = Ask {
        model: before.rsplit('/').next().unwrap_or_default().to_owned(),
        streamed: action == "streamGenerateContent",
        system: text_of(&body["systemInstruction"]["parts"]),
        tools: list(&body["tools"])
            .flat_map(|tool| list(&tool["functionDeclarations"]))
            .map(|tool| word(&tool["name"]))
            .collect(),
        ..Ask::default()
    };
    for content in list(&body["contents"]).filter(|content| content["role"] != "model") {
        let results = list(&content["parts"]).filter_map(|part| part.get("functionResponse"));
        ask.results = results.map(|result| result["response"].to_string()).collect();
        if ask.results.is_empty() {
            ask.said.push(text_of(&content["parts"]));
        }
    }
    ask
}

pub(super) fn whole(response: &Response) -> Value {
    let part = match &response.answer {
        Answer::Text(text) => json!({ "text": text }),
        Answer::Call { tool, input } => json!({ "functionCall": { "name": tool, "args": input } }),
    };
    let tokens = &response.tokens;
    json!({
        "responseId": response.id,
        "modelVersion": response.model,
        "candidates": [{ "index": 0, "content": { "role": "model", "parts": [part] }, "finishReason": "STOP" }],
        "usageMetadata": {
            "promptTokenCount": tokens.prompt(),
            "cachedContentTokenCount": tokens.cache_read,
            "candidatesTokenCount": tokens.output - tokens.reasoning,
            "thoughtsTokenCount": tokens.reasoning,
            "totalTokenCount": tokens.prompt() + tokens.output,
        },
    })
}

/// Every chunk has the figures so far: those of the prompt at once, those of the answer at the end.
pub(super) fn streamed(response: &Response) -> Vec<String> {
    let last = whole(response);
    let mut first = last.clone();
    first["candidates"][0]["finishReason"] = Value::Null;
    first["candidates"][0]["content"]["parts"] = json!([{ "text": "" }]);
    first["usageMetadata"]["candidatesTokenCount"] = json!(1);
    first["usageMetadata"]["thoughtsTokenCount"] = json!(0);
    first["usageMetadata"]["totalTokenCount"] = json!(response.tokens.prompt() + 1);
    vec![data(&first), data(&last)]
}
