//! Coding agents, one file each. Their logs need no key and no configuration.
//!
//! Beside them stands what several have in common: `row`, how a line becomes a row of an agent's own form; `caller`,
//! who makes the calls that a log tells of; `gemini_counts`, tokens as Gemini's API counts them.

mod caller;
pub mod claude_code;
pub mod codex;
pub mod copilot_cli;
pub mod gemini_cli;
mod gemini_counts;
pub mod pi;
pub mod qwen_code;
mod row;
