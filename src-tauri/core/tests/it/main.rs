//! The core as a whole: real logs on a machine in a temporary folder, read into a real ledger.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up should panic")]

mod accounts;
mod claude_code;
mod cline;
mod figures;
mod fuzz;
mod gemini_cli;
mod growth;
mod http;
#[cfg(unix)]
mod last_read;
mod ledger;
mod machine;
mod opencode;
mod oracles;
mod price_decisions;
mod price_lists_published;
mod price_oracle;
mod price_refresh;
mod price_review;
mod scan;
mod sums;
mod uncounted;
#[cfg(target_os = "linux")]
mod watch;
