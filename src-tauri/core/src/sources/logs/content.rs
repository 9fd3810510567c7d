//! The content of a log: whole lines only, from any place on, whether the file is compressed or not.
//!
//! An agent may be in the middle of writing the last line. It is left for the next time, and so is a compressed frame
//! whose end is not there yet.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::ledger::files::FileRow;

/// How many of the first bytes make a file recognisable. Session ids stand within.
const HEAD: usize = 1024;

/// How many of the bytes before the place of reading do.
const TAIL: usize = 256;

/// A log opened for reading.
pub(super) struct Content {
    path: PathBuf,
    reader: BufReader<Box<dyn Read>>,
    /// The first bytes; at least as many of them as have been read, up to [`HEAD`].
    head: Vec<u8>,
    /// The last bytes that were read.
    tail: Vec<u8>,
    line: Vec<u8>,
    at: u64,
    verified: u64,
}

impl Content {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            reader: open_at(path, 0)?,
            head: Vec::new(),
            tail: Vec::new(),
            line: Vec::new(),
            at: 0,
            verified: 0,
        })
    }

    /// The next line with its line break; `None` at the end, or if the last line is not whole yet.
    pub(super) fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        match self.reader.read_until(b'\n', &mut self.line) {
            Ok(_) if self.line.last() == Some(&b'\n') => {}
            // Or a compressed file that is still being written. It is read again when it is whole.
            Err(cause) if cause.kind() != ErrorKind::UnexpectedEof => return Err(cause),
            _ => {
                self.verified += self.line.len() as u64;
                return Ok(None);
            }
        }
        let missing = usize::try_from(self.at).ok().and_then(|at| self.head.len().checked_sub(at));
        if let Some(rest) = missing.and_then(|known| self.line.get(known..)).filter(|_| self.head.len() < HEAD) {
            self.head.extend_from_slice(&rest[..rest.len().min(HEAD - self.head.len())]);
        }
        keep_last(&mut self.tail, &self.line);
        self.at += self.line.len() as u64;
        Ok(Some(&self.line))
    }

    /// Whether this is the content of `row` up to where that was read. If so, the next line is the first that is new.
    pub(super) fn continues(&mut self, row: &FileRow) -> io::Result<bool> {
        if row.read_to == 0 || self.hash_of_first(row.head_size)? != Some(row.head) {
            return Ok(false);
        }
        let tail = (TAIL as u64).min(row.read_to);
        self.reader = open_at(&self.path, row.read_to - tail)?;
        self.tail.clear();
        let read = read_whole(&mut self.reader, tail, &mut self.tail)?;
        self.verified += read;
        self.at = row.read_to;
        Ok(read == tail && xxh3_64(&self.tail) == row.tail)
    }

    /// Goes back to the first line.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        self.reader = open_at(&self.path, 0)?;
        self.tail.clear();
        self.at = 0;
        Ok(())
    }

    /// How many of the first bytes are taken to recognise the file, and their hash.
    pub(super) fn head(&self) -> (u64, u64) {
        let size = usize::try_from(self.at).unwrap_or(HEAD).min(self.head.len());
        (size as u64, xxh3_64(&self.head[..size]))
    }

    /// Hash of the bytes before the place of reading.
    pub(super) fn tail(&self) -> u64 {
        xxh3_64(&self.tail)
    }

    /// Bytes read beside new lines: to recognise the file, and of a last line that is not whole yet.
    pub(super) fn verified(&self) -> u64 {
        self.verified
    }

    /// Hash of the first `size` bytes; `None` if there are fewer.
    pub(super) fn hash_of_first(&mut self, size: u64) -> io::Result<Option<u64>> {
        if self.head.is_empty() {
            let mut start = open_at(&self.path, 0)?;
            self.verified += read_whole(&mut start, HEAD as u64, &mut self.head)?;
        }
        Ok(usize::try_from(size).ok().and_then(|size| self.head.get(..size)).map(xxh3_64))
    }
}

/// The content from byte `offset` on.
fn open_at(path: &Path, offset: u64) -> io::Result<BufReader<Box<dyn Read>>> {
    let mut file = File::open(path)?;
    if path.extension().is_none_or(|extension| extension != "zst") {
        file.seek(SeekFrom::Start(offset))?;
        return Ok(BufReader::with_capacity(64 * 1024, Box::new(file)));
    }
    let mut decoder = zstd::stream::read::Decoder::new(file)?;
    match io::copy(&mut (&mut decoder).take(offset), &mut io::sink()) {
        Err(cause) if cause.kind() != ErrorKind::UnexpectedEof => return Err(cause),
        _ => {}
    }
    Ok(BufReader::new(Box::new(decoder)))
}

/// Reads up to `size` bytes; fewer if there are no more, or not yet.
fn read_whole(reader: &mut impl Read, size: u64, into: &mut Vec<u8>) -> io::Result<u64> {
    match reader.take(size).read_to_end(into) {
        Err(cause) if cause.kind() != ErrorKind::UnexpectedEof => Err(cause),
        _ => Ok(into.len() as u64),
    }
}

/// Keeps the last [`TAIL`] bytes of `tail` and `line` together.
fn keep_last(tail: &mut Vec<u8>, line: &[u8]) {
    let from_line = line.len().min(TAIL);
    let from_tail = (TAIL - from_line).min(tail.len());
    tail.drain(..tail.len() - from_tail);
    tail.extend_from_slice(&line[line.len() - from_line..]);
}
