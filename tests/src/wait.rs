//! Waiting for a condition instead of for a time. Nothing in the tests sleeps in any other way.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How often a condition is looked at: often enough not to be felt, seldom enough to leave two cores to what is awaited.
const STEP: Duration = Duration::from_millis(40);

/// Asks `look` until it has an answer, and gives that; after `patience` fails with what was awaited.
///
/// # Errors
/// When `patience` is over.
pub fn wait_for<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Option<T>) -> Result<T> {
    try_for(what, patience, || Ok(look()))
}

/// Whether `holds` stays true for as long as `span`: for what must not happen, which nothing announces.
pub fn stays(span: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < span {
        if !holds() {
            return false;
        }
        thread::sleep(STEP);
    }
    true
}

/// [`wait_for`] a condition whose look can itself show that waiting is pointless.
///
/// # Errors
/// The first error of `look`, or when `patience` is over.
pub fn try_for<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if start.elapsed() >= patience {
            bail!("waited {} s in vain for {what}", patience.as_secs_f32());
        }
        thread::sleep(STEP);
    }
}
