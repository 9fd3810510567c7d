//! One pass: every source, read once, into the ledger.
//!
//! A source that fails does not keep the others from being read; its last figures stay, and the failure is noted beside
//! it until it is read again.

use jiff::Timestamp;
use serde::Serialize;

use crate::ledger::files::FileRow;
use crate::ledger::usage::Sighting;
use crate::ledger::{Ledger, LedgerError};
use crate::places::Places;
use crate::pricing::Catalogue;
use crate::sources::{self, Source, SourceError};
use crate::spend::view::Progress;

/// What one pass did, in work counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PassReport {
    /// Log files found.
    pub files_seen: u64,
    /// Of these: files with new lines.
    pub files_read: u64,
    /// Bytes of new lines.
    pub bytes_read: u64,
    /// Bytes read beside these: the beginning and end of known content, to recognise files that changed, and last lines
    /// that are not whole yet.
    pub bytes_verified: u64,
    /// Calls not known before.
    pub records_added: u64,
    /// Calls known before, about which more is known now.
    pub records_updated: u64,
    /// Of the added: calls whose model has no price.
    pub records_unpriced: u64,
    /// Rows written to the ledger, of every table.
    pub rows_written: u64,
    /// Lines that should have told of a call and could not be understood; the first thousand of them.
    pub skipped: Vec<Skipped>,
    /// How many such lines there were.
    pub lines_skipped: u64,
    /// Sources that could not be read to the end.
    pub failures: Vec<Failure>,
}

impl PassReport {
    /// Skipped lines that are kept: a damaged log may have millions.
    const SKIPPED_KEPT: usize = 1_000;

    pub(crate) fn skip(&mut self, line: Skipped) {
        self.lines_skipped += 1;
        if self.skipped.len() < Self::SKIPPED_KEPT {
            self.skipped.push(line);
        }
    }
}

/// A line that was skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The file.
    pub path: String,
    /// The line in it, from 1.
    pub line: u64,
    /// Why. Never what the line says.
    pub reason: String,
}

/// A source that could not be read to the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Its identifier.
    pub source: &'static str,
    /// What failed, where, and what to do.
    pub message: String,
}

/// A pass under way: what sources read into, and where they look.
#[expect(missing_debug_implementations, reason = "borrows a closure; nobody prints it")]
pub struct Pass<'a> {
    /// Remembers.
    pub(crate) ledger: &'a mut Ledger,
    /// Where to look.
    pub(crate) places: &'a Places,
    /// What has been done so far.
    pub(crate) report: PassReport,
    catalogue: &'a Catalogue,
    progress: Progress,
    on_progress: &'a mut dyn FnMut(&Progress),
}

impl Pass<'_> {
    /// Writes what was found in a file and how far it was read; gives the file's row.
    pub(crate) fn keep(&mut self, file: &FileRow, found: &[Sighting]) -> Result<i64, LedgerError> {
        let (row, recorded) = self.ledger.record(file, found, self.catalogue)?;
        self.report.records_added += recorded.added;
        self.report.records_updated += recorded.updated;
        self.report.records_unpriced += recorded.unpriced;
        Ok(row)
    }

    /// Tells that reading came from byte `from` to byte `to`. Passed on about every megabyte.
    pub(crate) fn advance(&mut self, from: u64, to: u64) {
        const STEP: u64 = 1 << 20;
        let before = self.progress.bytes_done;
        self.progress.bytes_done += to - from;
        if before / STEP != self.progress.bytes_done / STEP {
            (self.on_progress)(&self.progress);
        }
    }
}

/// Reads every source once. `now` becomes the "as of" of all figures if all of them could be read.
///
/// # Errors
/// [`LedgerError`] when the ledger cannot be used. That a source fails is no error: see [`PassReport::failures`].
pub fn pass(
    ledger: &mut Ledger,
    places: &Places,
    catalogue: &Catalogue,
    now: Timestamp,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<PassReport, LedgerError> {
    let rows_before = ledger.rows_written();
    let progress = Progress { bytes_done: 0, bytes_total: 0 };
    let mut pass = Pass { ledger, places, catalogue, report: PassReport::default(), progress, on_progress };
    let surveys: Vec<_> = sources::ALL.iter().map(|source| (*source, source.survey(&mut pass))).collect();
    pass.progress.bytes_total = surveys.iter().flat_map(|(_, survey)| survey).map(|survey| survey.bytes).sum();
    for (source, survey) in surveys {
        let outcome = survey.and_then(|survey| source.read(survey, &mut pass));
        settle(source, outcome, &mut pass)?;
    }
    let Pass { ledger, mut report, .. } = pass;
    report.rows_written = ledger.rows_written() - rows_before;
    // Figures are as old as the oldest of what is in them.
    if report.failures.is_empty() {
        ledger.mark_read(now)?;
    }
    Ok(report)
}

/// Notes beside the source how reading it ended.
fn settle(
    source: &'static dyn Source,
    outcome: Result<(), SourceError>,
    pass: &mut Pass<'_>,
) -> Result<(), LedgerError> {
    let message = match outcome {
        Ok(()) => None,
        Err(SourceError::Ledger(failure)) => return Err(failure),
        Err(failure) => Some(failure.to_string()),
    };
    pass.ledger.set_failure(source.id(), message.as_deref())?;
    pass.report.failures.extend(message.map(|message| Failure { source: source.id(), message }));
    Ok(())
}
