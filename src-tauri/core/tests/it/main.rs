//! The core as a whole: real logs on a machine in a temporary folder, read into a real ledger.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up should panic")]

mod claude_code;
mod figures;
mod ledger;
mod machine;
mod oracles;
mod scan;
mod sums;
#[cfg(target_os = "linux")]
mod watch;
