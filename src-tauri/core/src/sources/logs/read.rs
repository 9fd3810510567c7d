//! Reading an agent's changed files: several at a time, each by one thread, into the ledger by one writer.
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

use super::Agent;
use super::file::{Closed, End, Part, Reading, Tools};
use super::survey::Changed;
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
    /// Place of the file among the changed ones, from the oldest.
    rank: usize,
    /// What was found and the file as far as it is read with this; nothing if it could not be opened.
    part: Option<Part>,
    /// How reading ended, in the last delivery of a file.
    end: Option<End>,
}

/// Reads what is new into the ledger.
pub(super) fn read(agent: &Agent, survey: Survey, pass: &mut Pass<'_>) -> Result<(), SourceError> {
    let Survey { changed, known, failure: mut first_failure, .. } = survey;
    if changed.is_empty() {
        return first_failure.map_or(Ok(()), Err);
    }
    let desk = Desk { changed: &changed, next: AtomicUsize::new(0), reading: Reading::new(agent.id, &known, &changed) };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS).min(changed.len());
    let Pass { ledger, places, report, catalogue, ahead, .. } = pass;
    let side = places.side();
    let mut recorder = ledger.recorder(catalogue)?;
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
                Err(RecvTimeoutError::Disconnected) => return Ok::<_, SourceError>(()),
            };
            if let Some(Part { mut row, found }) = part {
                row.id = row.id.or_else(|| ids.get(&rank).copied());
                ids.insert(rank, recorder.record(&row, rank, &found)?);
            }
            let Some(end) = end else { continue };
            if let Some(file) = ids.remove(&rank) {
                recorder.set_skipped(file, &end.skipped)?;
            }
            report.files_read += u64::from(end.was_read);
            report.bytes_read += end.bytes_read;
            report.bytes_verified += end.bytes_verified;
            report.skip(end.skipped);
            match end.failure {
                // Gone between being found and being read: agents move and delete files.
                Some(SourceError::Unreadable { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {}
                Some(failure) => drop(first_failure.get_or_insert(failure)),
                None => {}
            }
        }
    })?;
    report.recorded(recorder.finish()?);
    ahead.passed(desk.reading.bytes_done());
    first_failure.map_or(Ok(()), Err)
}

/// From where the reading threads take their work.
struct Desk<'d> {
    changed: &'d [Changed],
    /// The file that nobody has taken yet.
    next: AtomicUsize,
    /// What they share.
    reading: Reading<'d>,
}

impl Desk<'_> {
    /// Reads one file after the other until none is left, or nobody takes deliveries any more.
    fn work(&self, mut tools: Tools, deliver: &SyncSender<Delivery>) {
        loop {
            let rank = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = self.changed.get(rank) else { return };
            let hand_on = &mut |part, end| deliver.send(Delivery { rank, part, end }).map_err(|_| Closed);
            if self.reading.file(file, &mut tools, hand_on).is_err() {
                return;
            }
        }
    }
}
