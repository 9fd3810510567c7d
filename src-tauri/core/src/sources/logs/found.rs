//! For tests of agents: keeps what a reader gives.

use std::path::Path;

use super::{LineError, Lines, Sink};
use crate::usage::UsageRecord;

/// All that a reader gave, in its order.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) records: Vec<UsageRecord>,
    /// Why lines and entries were skipped.
    pub(crate) reasons: Vec<String>,
}

impl Sink for Found {
    fn call(&mut self, record: UsageRecord) {
        self.records.push(record);
    }

    fn skip(&mut self, entry: u64, error: LineError) {
        self.reasons.push(format!("{entry}: {error}"));
    }
}

impl Found {
    /// What one line after another of a log at `path` gives. Reading is interrupted behind each line, as it may be.
    pub(crate) fn in_lines(lines: Lines, path: &str, log: &[impl AsRef<str>]) -> Self {
        let mut found = Self::default();
        let mut memory = String::new();
        for line in log.iter().map(AsRef::as_ref) {
            if !lines.worth_reading.iter().any(|text| line.contains(text)) {
                continue;
            }
            let mut reader = (lines.reader)(Path::new(path), &memory);
            let outcome = reader.line(line.as_bytes(), &mut found);
            found.reasons.extend(outcome.err().map(|error| error.to_string()));
            memory = reader.memory();
        }
        found
    }
}
