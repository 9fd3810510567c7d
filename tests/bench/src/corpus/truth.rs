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
    /// How often the corpus has what makes programs differ.
    pub(crate) constructs: BTreeMap<String, u64>,
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

    /// Something was written that programs are known to trip over.
    pub(crate) fn has(&mut self, construct: &str, times: u64) {
        *self.constructs.entry(construct.to_owned()).or_default() += times;
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
