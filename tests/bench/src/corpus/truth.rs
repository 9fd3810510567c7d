//! What the corpus holds, counted while it is written: the oracle that all programs are held against.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Calls and their tokens. The kinds of tokens are disjoint, but `reasoning` is part of `output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Counts {
    pub(crate) requests: u64,
    pub(crate) input: u64,
    pub(crate) cache_read: u64,
    pub(crate) cache_write_5m: u64,
    pub(crate) cache_write_1h: u64,
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
}

impl Counts {
    pub(crate) fn cache_write(&self) -> u64 {
        self.cache_write_5m + self.cache_write_1h
    }

    /// All kinds of tokens together.
    pub(crate) fn tokens(&self) -> u64 {
        self.input + self.cache_read + self.cache_write() + self.output
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.input += other.input;
        self.cache_read += other.cache_read;
        self.cache_write_5m += other.cache_write_5m;
        self.cache_write_1h += other.cache_write_1h;
        self.output += other.output;
        self.reasoning += other.reasoning;
    }
}

/// Totals by model, as a program states them or as they are.
pub(crate) type ByModel = BTreeMap<String, Counts>;

/// What makes programs differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Construct {
    /// A line that repeats a response: one per further block of content.
    RepeatedLine,
    /// Of these: one with figures that were not final yet.
    EarlyFigures,
    /// A line that repeats a response without request id in a main conversation, be it in a fork.
    RepeatedWithoutRequestId,
    /// Such a line in a subagent's transcript.
    RepeatedWithoutRequestIdAside,
    /// A response that a fork took along.
    TakenAlongByFork,
    /// A response that a fork took along that says where it is from.
    TakenAlongByMarkedFork,
    /// A response that a side question repeats, with another request id.
    RepeatedBySideQuestion,
    /// A response inside a `progress` row.
    InsideProgress,
    /// A response with all figures zero but those of its rounds.
    OnlyInRounds,
    /// An answer that no model gave.
    MadeUp,
    /// A running total that was written again.
    TotalAgain,
    /// A running total that a fork copied.
    TotalCopied,
    /// A fork without history whose first total is its parent's.
    TotalInherited,
}

/// How often a construct occurs, and by how much a program is off that takes it for something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tripped {
    pub(crate) times: u64,
    pub(crate) tokens: Counts,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Truth {
    /// Log files.
    pub(crate) files: u64,
    /// Bytes in them.
    pub(crate) bytes: u64,
    /// Sizes of the files, in order.
    pub(crate) sizes: Vec<u64>,
    /// Every call once.
    pub(crate) by_model: ByModel,
    /// What the corpus has that programs are known to trip over.
    pub(crate) constructs: BTreeMap<Construct, Tripped>,
}

impl Truth {
    /// A call was made.
    pub(crate) fn call(&mut self, model: &str, tokens: Counts) {
        // Looked up first: a name is not copied for each of a hundred thousand calls.
        if let Some(counts) = self.by_model.get_mut(model) {
            *counts += tokens;
        } else {
            self.by_model.insert(model.to_owned(), tokens);
        }
    }

    /// Something was written that programs are known to trip over; who does, is off by `tokens`.
    pub(crate) fn has(&mut self, construct: Construct, tokens: Counts) {
        let tripped = self.constructs.entry(construct).or_default();
        tripped.times += 1;
        tripped.tokens += tokens;
    }

    /// A log file is complete.
    pub(crate) fn file(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
        self.sizes.push(bytes);
    }

    /// The size that `permille` of the files do not exceed.
    pub(crate) fn size_at(&self, permille: usize) -> u64 {
        let last = self.sizes.len().saturating_sub(1);
        self.sizes.get(last * permille / 1_000).copied().unwrap_or_default()
    }

    /// Everything together.
    pub(crate) fn total(&self) -> Counts {
        total(&self.by_model)
    }
}

/// Everything together.
pub(crate) fn total(by_model: &ByModel) -> Counts {
    let mut sum = Counts::default();
    for counts in by_model.values() {
        sum += *counts;
    }
    sum
}
