//! Coding agents, one file each. Their logs need no key and no configuration.
//!
//! What an agent writes may stand in a file of its own, named after it: `claude_code_usage`, `codex_rows`. Beside them
//! stands what several have in common: `beside`, small files that say whose a log is; `caller`, who makes the calls that
//! a log tells of; `row`, how a line becomes a row of an agent's own form; `gemini_counts`, tokens as Gemini's API counts
//! them; `cline_family` and `cline_surroundings`, the tasks of Cline and its relatives; `editors`, where extensions keep
//! their files; `opencode_store` and `opencode_changes`, databases like opencode's.

mod beside;
mod caller;
pub mod claude_code;
mod claude_code_usage;
pub mod cline;
mod cline_family;
mod cline_surroundings;
pub mod codex;
mod codex_rows;
pub mod copilot_cli;
pub mod cursor;
mod editors;
pub mod gemini_cli;
mod gemini_counts;
pub mod kilo_code;
pub mod opencode;
mod opencode_changes;
mod opencode_store;
pub mod pi;
pub mod qwen_code;
pub mod roo_code;
mod row;
