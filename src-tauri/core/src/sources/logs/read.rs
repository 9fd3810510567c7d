//! Reading the changed files of all sources: several at a time, each by one thread, into the ledger by one writer.
//!
//! ```text
//! changed files ─► reading threads ─► deliveries (bounded) ─► recorder ─► ledger
//! ```
//! Which thread is first is chance; nothing may depend on it. A call that several files tell of is owned by the oldest
//! of them, which the recorder knows by [`Delivery::rank`].

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use super::file::{Closed, End, Part, Reading, Tools};
use super::survey::Changed;
use crate::ledger::LedgerError;
use crate::sources::{SourceError, Survey};
use crate::sync::Pass;

/// Batches that wait for the writer, at most; then the threads do.
const WAITING: usize = 64;

/// Threads that read. More of them only wait for the writer.
const THREADS: usize = 4;

/// How long others may have to wait for the ledger while a slow disk is read.
const COMMIT_EVERY: Duration = Duration::from_secs(2);

/// How often progress is told when nothing was found meanwhile.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// What a thread found in a file, or in a part of it.
struct Delivery {
    /// Place of the file among the changed ones; of those of a source, from the oldest.
    rank: usize,
    /// What was found and the file as far as it is read with this; nothing if it could not be opened.
    part: Option<Part>,
    /// How reading ended, in the last delivery of a file.
    end: Option<End>,
}

/// Reads what is new of all sources into the ledger. Gives for each of them what could not be read, if anything.
///
/// # Errors
/// [`LedgerError`] when the ledger cannot be written. What was committed until then is kept.
pub(crate) fn read(
    mut surveys: Vec<Survey>,
    pass: &mut Pass<'_>,
) -> Result<Vec<(&'static str, Option<SourceError>)>, LedgerError> {
    let mut failures: Vec<_> = surveys.iter_mut().map(|survey| (survey.source, survey.failure.take())).collect();
    let desk = Desk::new(&surveys);
    if desk.jobs.is_empty() {
        return Ok(failures);
    }
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS).min(desk.jobs.len());
    let Pass { ledger, places, report, now, ahead, .. } = pass;
    let side = places.side();
    let mut recorder = ledger.recorder(*now)?;
    thread::scope(|scope| {
        // Dropped when this closure ends, however it does: the threads notice and end as well.
        let (deliver, deliveries) = mpsc::sync_channel(WAITING);
        for _ in 0..threads {
            let (desk, deliver) = (&desk, deliver.clone());
            scope.spawn(move || desk.work(Tools::new(side), &deliver));
        }
        drop(deliver);
        let mut ids: HashMap<usize, i64> = HashMap::new();
        let mut committed = Instant::now();
        loop {
            let delivery = deliveries.recv_timeout(TELL_EVERY);
            ahead.reached(desk.reading.bytes_done());
            if committed.elapsed() >= COMMIT_EVERY {
                recorder.commit()?;
                committed = Instant::now();
            }
            let Delivery { rank, part, end } = match delivery {
                Ok(delivery) => delivery,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Ok::<_, LedgerError>(()),
            };
            if let Some(Part { mut row, found, skipped }) = part {
                row.id = row.id.or_else(|| ids.get(&rank).copied());
                ids.insert(rank, recorder.record(&row, rank, &found, &skipped)?);
                report.skip(skipped);
            }
            let Some(end) = end else { continue };
            ids.remove(&rank);
            report.files_read += u64::from(end.was_read);
            report.bytes_read += end.bytes_read;
            report.bytes_verified += end.bytes_verified;
            match end.failure {
                // Gone between being found and being read: agents move and delete files.
                Some(SourceError::Unreadable { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {}
                Some(failure) => drop(failures[desk.jobs[rank].source].1.get_or_insert(failure)),
                None => {}
            }
        }
    })?;
    report.recorded(recorder.finish()?);
    Ok(failures)
}

/// From where the reading threads take their work.
struct Desk<'d> {
    jobs: Vec<Job<'d>>,
    /// The job that nobody has taken yet.
    next: AtomicUsize,
    /// What the threads share.
    reading: Reading,
}

/// A file to be read.
struct Job<'d> {
    /// Place of its source among all.
    source: usize,
    survey: &'d Survey,
    file: &'d Changed,
}

impl<'d> Desk<'d> {
    fn new(surveys: &'d [Survey]) -> Self {
        let jobs_of =
            |(source, survey): (usize, &'d Survey)| survey.changed.iter().map(move |file| Job { source, survey, file });
        let jobs = surveys.iter().enumerate().flat_map(jobs_of).collect();
        Self { jobs, next: AtomicUsize::new(0), reading: Reading::new(surveys) }
    }

    /// Reads one file after the other until none is left, or nobody takes deliveries any more.
    fn work(&self, mut tools: Tools, deliver: &SyncSender<Delivery>) {
        loop {
            let rank = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(Job { survey, file, .. }) = self.jobs.get(rank) else { return };
            let hand_on = &mut |part, end| deliver.send(Delivery { rank, part, end }).map_err(|_| Closed);
            if self.reading.file(survey, file, &mut tools, hand_on).is_err() {
                return;
            }
        }
    }
}
