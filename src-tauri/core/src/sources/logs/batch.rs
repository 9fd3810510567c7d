//! What was found in one file and is not handed on yet.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_64;

use super::{LineError, Sink};
use crate::ledger::recorder::Sighting;
use crate::sources::project::Projects;
use crate::usage::{Attribution, UsageRecord, Written};

/// Skipped lines of a file that are told one by one; of the others only the number is.
const SKIPPED_KEPT: usize = 100;

/// Calls of one file, merged before they are written: agents repeat a call on several lines.
pub(super) struct Batch<'b> {
    projects: &'b mut Projects,
    pub(super) found: Vec<Sighting>,
    /// Places in `found`, by hash of the key.
    by_key: HashMap<u64, usize>,
    /// Where the line begins that is being read, or the number of an entry.
    pub(super) offset: u64,
    /// The last attribution as the reader gave it, and with its project. Most calls of a file share it.
    folded: Option<(Arc<Attribution>, Arc<Attribution>)>,
    skipped: SkippedEntries,
    /// Of those that were handed on: how many were told one by one.
    told: usize,
}

/// Lines, by where they begin, or entries that were skipped.
#[derive(Debug, Default)]
pub(super) struct SkippedEntries {
    /// The first of them, and why.
    pub(super) first: Vec<(u64, String)>,
    /// How many there were.
    pub(super) count: u64,
}

impl<'b> Batch<'b> {
    pub(super) fn new(projects: &'b mut Projects) -> Self {
        Self {
            projects,
            found: Vec::new(),
            by_key: HashMap::new(),
            offset: 0,
            folded: None,
            skipped: SkippedEntries::default(),
            told: 0,
        }
    }

    /// What was found since the last time.
    pub(super) fn take(&mut self) -> Vec<Sighting> {
        self.by_key.clear();
        std::mem::take(&mut self.found)
    }

    /// What was skipped since the last time.
    pub(super) fn take_skipped(&mut self) -> SkippedEntries {
        self.told += self.skipped.first.len();
        std::mem::take(&mut self.skipped)
    }

    /// What was found and skipped since it was last taken does not count.
    pub(super) fn forget(&mut self) {
        self.take();
        self.skipped = SkippedEntries::default();
    }

    /// The attribution with the project in place of the folder.
    fn fold(&mut self, given: &Arc<Attribution>) -> Arc<Attribution> {
        if let Some((known, folded)) = &self.folded
            && Arc::ptr_eq(known, given)
        {
            return Arc::clone(folded);
        }
        let mut folded = Arc::clone(given);
        if let Some(folder) = &given.project {
            Arc::make_mut(&mut folded).project = Some(self.projects.root_of(folder));
        }
        self.folded = Some((Arc::clone(given), Arc::clone(&folded)));
        folded
    }
}

impl Sink for Batch<'_> {
    fn call(&mut self, mut record: UsageRecord) {
        record.attribution = self.fold(&record.attribution);
        // As exact as the ledger is: what is finer would decide between two sightings only until the first is stored.
        let at = record.occurred_at.as_millisecond();
        record.occurred_at = Timestamp::from_millisecond(at).unwrap_or(record.occurred_at);
        let hash = xxh3_64(record.key.as_bytes());
        match self.by_key.get(&hash).map(|at| &mut self.found[*at]) {
            Some(known) if known.record.key == record.key => {
                if known.record.merge(&record, Written::After).closer {
                    known.offset = self.offset;
                }
            }
            _ => {
                self.by_key.insert(hash, self.found.len());
                self.found.push(Sighting { record, offset: self.offset });
            }
        }
    }

    fn skip(&mut self, entry: u64, error: LineError) {
        self.skipped.count += 1;
        if self.told + self.skipped.first.len() < SKIPPED_KEPT {
            self.skipped.first.push((entry, error.to_string()));
        }
    }
}
