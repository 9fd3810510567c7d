//! Which messages of a database are new or have changed since it was last looked at.
//!
//! A message is written anew in place, and the time it carries is that of a clock, which people set back: the latest time
//! that was seen does not tell what is new, and numbers of rows are given out again. So what is remembered is a
//! fingerprint of every few rows, made of their numbers, times and lengths, which can be had without reading the
//! messages. Rows with another fingerprint are read once more; a call that was read before keeps its key.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use rusqlite::Statement;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Rows that have a fingerprint together. The fewer, the more has to be remembered; the more, the more is read again
/// when one of them changes.
const TOGETHER: i64 = 128;

/// Rows of which it is remembered that they were told to make no sense, at most. No real database comes near.
const MOST_TOLD: usize = 1_000;

/// What is remembered of a table of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    /// Fingerprints, by the number of the first row over [`TOGETHER`].
    fingerprints: BTreeMap<i64, u64>,
    /// Rows that make no sense. They are not told of again when one of their neighbours changes.
    senseless: BTreeSet<i64>,
}

impl Seen {
    /// Takes in how the table is now, and gives the ranges of rows that have to be read. `rows` gives the number, time
    /// and length of each row, in the order of the numbers.
    pub(super) fn take_in(&mut self, rows: &mut Statement<'_>) -> rusqlite::Result<Vec<RangeInclusive<i64>>> {
        let mut fingerprints = BTreeMap::new();
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            // In a damaged database there may be anything.
            let [time, length]: [i64; 2] = [1, 2].map(|column| row.get(column).unwrap_or_default());
            let fingerprint = fingerprints.entry(number.div_euclid(TOGETHER)).or_default();
            *fingerprint = xxh3_64_with_seed(&bytes_of([number, time, length]), *fingerprint);
        }
        let changed = fingerprints.iter().filter(|(block, now)| self.fingerprints.get(block) != Some(now));
        let changed = changed.map(|(block, _)| {
            let first = block * TOGETHER;
            first..=first + (TOGETHER - 1)
        });
        let changed = changed.collect();
        self.fingerprints = fingerprints;
        Ok(changed)
    }

    /// Whether nobody was told yet that this row makes no sense.
    pub(super) fn is_news(&mut self, row: i64) -> bool {
        self.senseless.len() >= MOST_TOLD || self.senseless.insert(row)
    }
}

fn bytes_of(numbers: [i64; 3]) -> [u8; 24] {
    let mut bytes = [0; 24];
    for (place, number) in bytes.chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    bytes
}
