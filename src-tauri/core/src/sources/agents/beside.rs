//! Small files that stand beside a log and say whose it is. They are read a bounded part of, and what is not there is not
//! known.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The most that is read of such a file.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The beginning of a file.
pub(super) fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut content)?;
    Ok(content)
}
