//! The real agents: each has a turn with a subagent, is resumed and forked, and the ledger must have exactly the calls that
//! the mock served. This is how it is noticed that a new version writes its logs differently.

mod claude_code;
mod codex;
mod copilot_cli;
mod gemini_cli;
mod opencode;
mod pi;
mod qwen_code;
