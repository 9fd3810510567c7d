//! What the mock served: the truth that a ledger is held against.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Tokens by kind, disjoint as in the product's reports; reasoning is part of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Of the prompt, neither read from nor written to a cache.
    pub input: u64,
    /// Of the prompt, read from a cache.
    pub cache_read: u64,
    /// Of the prompt, written to the cache that lives for minutes.
    pub cache_write_short: u64,
    /// Of the prompt, written to the cache that lives for hours.
    pub cache_write_long: u64,
    /// Of the answer, reasoning included.
    pub output: u64,
    /// Of the output.
    pub reasoning: u64,
}

impl Tokens {
    /// What the call with this number is said to consume. All kinds differ, so that one taken for another shows; the
    /// outputs are powers of two and a bit, so that a wrong sum tells which calls are in it.
    pub fn of_call(number: u32) -> Self {
        let nth = u64::from(number);
        Self {
            input: 3_000 + nth,
            cache_read: 9_000 + 10 * nth,
            cache_write_short: 700 + 3 * nth,
            cache_write_long: 500 + 2 * nth,
            output: 64 + (1 << number),
            reasoning: 16 + nth,
        }
    }

    /// All of the prompt, as most APIs count it.
    pub fn prompt(&self) -> u64 {
        self.input + self.cache_read + self.cache_write_short + self.cache_write_long
    }
}

/// A response.
#[derive(Clone, Debug, Serialize)]
pub struct Served {
    /// The provider's id of it.
    pub id: String,
    /// The model that was asked for and answered.
    pub model: String,
    /// What it consumed.
    pub tokens: Tokens,
    /// The run of the agent in which it was asked for; see [`super::mock::Mock::begin`].
    pub run: String,
    /// Whether a subagent asked for it.
    pub by_subagent: bool,
    /// What it was for, if the agent does not log it.
    pub unlogged: Option<&'static str>,
}

/// Calls and their tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many calls.
    pub requests: u64,
    /// What they consumed.
    pub tokens: Tokens,
}

impl Sum {
    /// Adds a call.
    pub fn add(&mut self, call: Tokens) {
        self.requests += 1;
        let sum = &mut self.tokens;
        sum.input += call.input;
        sum.cache_read += call.cache_read;
        sum.cache_write_short += call.cache_write_short;
        sum.cache_write_long += call.cache_write_long;
        sum.output += call.output;
        sum.reasoning += call.reasoning;
    }
}

/// Sums of the calls that the agent logs, by whatever `key` says.
pub fn sums<Key: Ord>(served: &[Served], key: impl Fn(&Served) -> Key) -> BTreeMap<Key, Sum> {
    let mut sums: BTreeMap<Key, Sum> = BTreeMap::new();
    for call in served.iter().filter(|call| call.unlogged.is_none()) {
        sums.entry(key(call)).or_default().add(call.tokens);
    }
    sums
}
