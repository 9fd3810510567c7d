//! The content of a file from any place on, whether it is compressed or not; and how it is recognised by its first and
//! last bytes.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use crate::ledger::files::FileRow;

/// How many of the first bytes make a file recognisable. Session ids stand within.
const HEAD: usize = 1024;

/// How many of the bytes before the place of reading do.
pub(super) const TAIL: usize = 256;

/// The bytes of a file.
pub(super) enum Bytes {
    Plain(File),
    Compressed(Box<zstd::stream::read::Decoder<'static, BufReader<File>>>),
}

impl Bytes {
    /// The content of the file at `path` from byte `offset` on.
    pub(super) fn open(path: &Path, offset: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        if path.extension().is_none_or(|extension| extension != "zst") {
            if offset > 0 {
                file.seek(SeekFrom::Start(offset))?;
            }
            return Ok(Self::Plain(file));
        }
        let mut decoder = zstd::stream::read::Decoder::new(file)?;
        match io::copy(&mut (&mut decoder).take(offset), &mut io::sink()) {
            Err(cause) if cause.kind() != ErrorKind::UnexpectedEof => Err(cause),
            _ => Ok(Self::Compressed(Box::new(decoder))),
        }
    }

    /// Reads until `buffer` is full or there is no more. A compressed file that is still being written ends where its
    /// last whole frame does.
    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            let read = match self {
                Self::Plain(file) => file.read(&mut buffer[filled..]),
                Self::Compressed(decoder) => decoder.read(&mut buffer[filled..]),
            };
            match read {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(cause) if cause.kind() == ErrorKind::UnexpectedEof => break,
                Err(cause) if filled == 0 => return Err(cause),
                // First what could be read; then it fails again.
                Err(_) => break,
            }
        }
        Ok(filled)
    }
}

/// The first bytes of a file, read when somebody asks for them, and once.
#[derive(Debug, Default)]
pub(super) struct Head {
    bytes: Vec<u8>,
    /// How many bytes were read for it.
    verified: u64,
}

impl Head {
    /// Takes the first bytes from what was read of the start of the file anyway.
    pub(super) fn take_from(&mut self, start: &[u8]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(&start[..start.len().min(HEAD)]);
    }

    /// Hash of the first `size` bytes of the file at `path`; `None` if there are fewer.
    pub(super) fn hash_of_first(&mut self, path: &Path, size: u64) -> io::Result<Option<u64>> {
        if self.bytes.is_empty() {
            let mut bytes = vec![0; HEAD];
            let read = Bytes::open(path, 0)?.fill(&mut bytes)?;
            bytes.truncate(read);
            self.verified += read as u64;
            self.bytes = bytes;
        }
        Ok(usize::try_from(size).ok().and_then(|size| self.bytes.get(..size)).map(xxh3_64))
    }

    /// How many of the first bytes are taken to recognise a file that was read up to `read_to`, and their hash.
    pub(super) fn of_what_was_read(&self, read_to: u64) -> (u64, u64) {
        let size = usize::try_from(read_to).unwrap_or(HEAD).min(self.bytes.len());
        (size as u64, xxh3_64(&self.bytes[..size]))
    }

    /// Whether the file at `path` has the content of `row` up to where that was read.
    pub(super) fn continues(&mut self, path: &Path, row: &FileRow) -> io::Result<bool> {
        if row.read_to == 0 || self.hash_of_first(path, row.head_size)? != Some(row.head) {
            return Ok(false);
        }
        let mut tail = vec![0; usize::try_from(row.read_to).unwrap_or(TAIL).min(TAIL)];
        let read = Bytes::open(path, row.read_to - tail.len() as u64)?.fill(&mut tail)?;
        self.verified += read as u64;
        Ok(read == tail.len() && xxh3_64(&tail) == row.tail)
    }

    /// Bytes read to recognise the file.
    pub(super) fn verified(&self) -> u64 {
        self.verified
    }
}
