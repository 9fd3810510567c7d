//! One pass: every source, read once, into the ledger.
//!
//! A source that fails does not keep the others from being read; its last figures stay, and the failure is noted beside
//! it until it is read again.

pub mod accounts;

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use crate::ledger::recorder::Recorded;
use crate::ledger::skipped::SkippedLines;
use crate::ledger::{self, Ledger, LedgerError};
use crate::places::Places;
use crate::sources::watch::Changes;
use crate::sources::{self, SourceError};
use crate::spend::view::Progress;

/// What one pass did, in work counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PassReport {
    /// Log files found.
    pub files_seen: u64,
    /// Of these: files with something new.
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

    /// Lines were skipped.
    pub(crate) fn skip(&mut self, skipped: SkippedLines) {
        self.lines_skipped += skipped.count;
        let room = Self::SKIPPED_KEPT - self.skipped.len();
        self.skipped.extend(skipped.first.into_iter().take(room));
    }

    /// Calls were written.
    pub(crate) fn recorded(&mut self, recorded: Recorded) {
        self.records_added += recorded.added;
        self.records_updated += recorded.updated;
        self.records_unpriced += recorded.unpriced;
    }
}

/// A line that was skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The file.
    pub path: String,
    /// The line in it, or the entry of a document or database, from 1.
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
    /// What there is to look at.
    pub(crate) changes: &'a Changes,
    /// When it began.
    pub(crate) now: Timestamp,
    /// What has been done so far.
    pub(crate) report: PassReport,
    /// How much is still to be read.
    pub(crate) ahead: Ahead<'a>,
}

/// Tells how far reading has come.
#[expect(missing_debug_implementations, reason = "borrows a closure; nobody prints it")]
pub struct Ahead<'a> {
    progress: Progress,
    tell: &'a mut dyn FnMut(&Progress),
}

impl Ahead<'_> {
    /// Of all that was ahead, `bytes` have been read. Told about every megabyte, and at the end.
    pub(crate) fn reached(&mut self, bytes: u64) {
        const STEP: u64 = 1 << 20;
        let before = std::mem::replace(&mut self.progress.bytes_done, bytes);
        if before / STEP != bytes / STEP || before < bytes && bytes == self.progress.bytes_total {
            (self.tell)(&self.progress);
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
    now: Timestamp,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<PassReport, LedgerError> {
    let report = pass_over(&Changes::Anything, ledger, places, now, on_progress)?;
    // Figures are as old as the oldest of what is in them.
    if report.failures.is_empty() {
        if report.rows_written > 0 {
            ledger.mark_read(now)?;
            // While the disk is written to anyway. Where it cannot be done, `nothing_changed` does without.
            let _ = places.read_mark().map(|mark| ledger.lead_to_mark(&mark));
        } else {
            nothing_changed(ledger, places, now)?;
        }
    }
    Ok(report)
}

/// When the sources were last read to the end, or known to be unchanged since, by whichever process: also by one of a
/// session whose runtime folder this one does not know, as a job of cron knows none.
pub fn last_read(ledger: &Ledger, places: &Places) -> Option<Timestamp> {
    let here = places.read_mark().and_then(|mark| ledger::time_of(&mark));
    ledger.last_read().max(here).max(ledger.last_read_elsewhere())
}

/// Notes that nothing changed since the sources were last read: the figures are as of `now`. In memory, where there is
/// such a place, since this happens twice a minute for weeks.
///
/// # Errors
/// [`LedgerError`] when no mark can be written.
pub fn nothing_changed(ledger: &Ledger, places: &Places, now: Timestamp) -> Result<(), LedgerError> {
    let in_memory = |mark: &Path| ledger::mark(mark, now).and_then(|()| ledger.lead_to_mark(mark)).is_ok();
    match places.read_mark() {
        Some(mark) if ledger.last_read().is_some() && in_memory(&mark) => Ok(()),
        _ => ledger.mark_read(now),
    }
}

/// Reads what is new among `changes` only, at `now`: what a single line costs does not depend on how many logs there are. The "as
/// of" of the figures stays, since nobody looked at the rest.
///
/// # Errors
/// As for [`pass`].
pub fn pass_over(
    changes: &Changes,
    ledger: &mut Ledger,
    places: &Places,
    now: Timestamp,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<PassReport, LedgerError> {
    let rows_before = ledger.rows_written();
    let ahead = Ahead { progress: Progress { bytes_done: 0, bytes_total: 0 }, tell: on_progress };
    let mut pass = Pass { ledger, places, changes, now, report: PassReport::default(), ahead };
    let surveys = sources::ALL.iter().map(|source| source.survey(&mut pass)).collect::<Result<Vec<_>, _>>()?;
    pass.ahead.progress.bytes_total = surveys.iter().flat_map(|survey| &survey.changed).map(|file| file.ahead).sum();
    for (source, failure) in sources::logs::read(surveys, &mut pass)? {
        settle(source, failure, &mut pass)?;
    }
    let Pass { ledger, mut report, .. } = pass;
    report.rows_written = ledger.rows_written() - rows_before;
    Ok(report)
}

/// Notes beside the source how reading it ended.
fn settle(source: &'static str, failure: Option<SourceError>, pass: &mut Pass<'_>) -> Result<(), LedgerError> {
    // What failed elsewhere may fail still.
    if failure.is_none() && *pass.changes != Changes::Anything {
        return Ok(());
    }
    let message = failure.map(|failure| failure.to_string());
    pass.ledger.set_failure(source, message.as_deref(), last_read(pass.ledger, pass.places))?;
    pass.report.failures.extend(message.map(|message| Failure { source, message }));
    Ok(())
}
