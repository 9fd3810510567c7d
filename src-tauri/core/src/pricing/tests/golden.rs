//! Cases worked out by hand from the published lists, provider by provider, not from the code that prices them.
//!
//! Where a list has nothing to say about a kind, a tier or a moment, the comment says whose price it is instead.

mod anthropic;
mod deepseek;
mod google;
mod moonshotai;
mod openai;
mod x_ai;

use super::{call, input};
use crate::usage::Tokens;

fn reads(tokens: u64) -> Tokens {
    Tokens { cache_read: tokens, ..Tokens::default() }
}

/// Written to a cache for minutes.
fn short_writes(tokens: u64) -> Tokens {
    Tokens { cache_write_short: tokens, ..Tokens::default() }
}

/// Written to a cache for hours.
fn long_writes(tokens: u64) -> Tokens {
    Tokens { cache_write_long: tokens, ..Tokens::default() }
}

fn output(tokens: u64) -> Tokens {
    Tokens { output: tokens, ..Tokens::default() }
}
