//! JSON documents that their agent writes anew as a whole. They are read as a whole, each time they change.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest document that is read. Sessions of real agents have a few megabytes.
const LARGEST: u64 = 32 * 1024 * 1024;

/// The file's content; `None` if it is larger than any document that is read.
pub(super) fn content(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut content)?;
    Ok((content.len() as u64 <= LARGEST).then_some(content))
}
