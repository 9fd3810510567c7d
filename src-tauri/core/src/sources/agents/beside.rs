//! Small files that stand beside a log and say whose it is. They are read a bounded part of, and what is not there is not
//! known.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::sources::logs::json;

/// The most that is read of such a file.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The beginning of a file of JSON or of plain text; empty if there is none that can be parsed.
pub(super) fn beginning(path: &Path) -> String {
    let content = bounded(path).unwrap_or_default();
    // It may have been cut in the middle of a character.
    let text = content.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    json(text.as_bytes()).map(str::to_owned).unwrap_or_default()
}

fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut content)?;
    Ok(content)
}
