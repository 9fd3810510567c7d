//! Coding agents, one file each. Their logs need no key and no configuration.

pub mod claude_code;
pub mod codex;
