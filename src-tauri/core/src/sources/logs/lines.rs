//! The lines of a log that can matter, found without looking at the others.
//!
//! Most bytes of a log are conversation. A buffer of whole lines is searched for the texts that a line worth reading
//! has; only around a hit are the ends of its line looked for. Memory stays bounded: the buffer grows to the longest
//! line and no further than [`LONGEST`].
//!
//! An agent may be in the middle of writing the last line. It is left for the next time.

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use xxhash_rust::xxh3::xxh3_64;

use super::LARGE;
use super::content::{Bytes, Head, TAIL};
use super::search::Search;

/// What is read at a time. Small enough to stay in a core's cache between being copied and being searched.
const CHUNK: usize = 256 * 1024;

/// The longest line that is read. The largest in real logs carry pictures and have a few megabytes.
const LONGEST: usize = 16 * 1024 * 1024;

/// A line that can matter.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'b> {
    /// Where it begins, in bytes of content.
    pub(super) offset: u64,
    /// The line with its line break; `None` if it is longer than any line that is read.
    pub(super) text: Option<&'b [u8]>,
}

/// The buffer of a reading thread, used for one file after the other.
#[derive(Debug, Default)]
pub(super) struct Buffer(Vec<u8>);

/// A log that is being read.
pub(super) struct LogLines<'b> {
    bytes: Bytes,
    /// Held while the buffer is a large one, so that few are.
    large: &'b Mutex<()>,
    holds_large: Option<MutexGuard<'b, ()>>,
    worth_reading: &'b Search,
    buffer: &'b mut Vec<u8>,
    /// Content offset of the first byte in the buffer.
    base: u64,
    /// Up to here, lines were given or passed over.
    at: usize,
    /// Up to here, lines are whole.
    whole: usize,
    /// Up to here, there is content.
    filled: usize,
    /// The last bytes before the buffer.
    tail: Vec<u8>,
    head: Head,
    /// Bytes of a last line that is not whole.
    torn: u64,
}

impl<'b> LogLines<'b> {
    /// The lines of the file at `path` from byte `offset` on, at which a line must begin. `head` is what is known of
    /// its start.
    pub(super) fn open(
        path: &Path,
        offset: u64,
        head: Head,
        worth_reading: &'b Search,
        buffer: &'b mut Buffer,
        large: &'b Mutex<()>,
    ) -> io::Result<Self> {
        let kept = offset.min(TAIL as u64);
        let mut bytes = Bytes::open(path, offset - kept)?;
        let mut tail = vec![0; usize::try_from(kept).unwrap_or(TAIL)];
        let read = bytes.fill(&mut tail)?;
        tail.truncate(read);
        let buffer = &mut buffer.0;
        buffer.resize(CHUNK, 0);
        let holds_large = None;
        Ok(Self {
            bytes,
            large,
            holds_large,
            worth_reading,
            buffer,
            base: offset,
            at: 0,
            whole: 0,
            filled: 0,
            tail,
            head,
            torn: 0,
        })
    }

    /// The next line that can matter; `None` at the end, or if the last line is not whole yet.
    ///
    /// # Errors
    /// When the file cannot be read. What was given until then stands.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        loop {
            let ahead = &self.buffer[self.at..self.whole];
            if let Some(hit) = self.worth_reading.find(ahead) {
                let start = memchr::memrchr(b'\n', &ahead[..hit]).map_or(0, |end| end + 1);
                let rest = memchr::memchr(b'\n', &ahead[hit..]).map_or(ahead.len(), |end| hit + end + 1);
                let line = self.at + start..self.at + rest;
                self.at = line.end;
                return Ok(Some(Line { offset: self.base + line.start as u64, text: Some(&self.buffer[line]) }));
            }
            self.at = self.whole;
            if self.whole == 0 && self.filled == LONGEST {
                match self.pass_over()? {
                    Passed::WorthReading(offset) => return Ok(Some(Line { offset, text: None })),
                    Passed::Other => {}
                    // Whatever is added to it from now on is read at the next look.
                    Passed::NotWhole => return Ok(None),
                }
            } else if !self.read_on()? {
                return Ok(None);
            }
        }
    }

    /// Makes room and reads more. Returns whether there was any.
    fn read_on(&mut self) -> io::Result<bool> {
        self.forget(self.whole);
        if self.filled == self.buffer.len() {
            let size = (self.filled * 2).min(LONGEST);
            if size > LARGE && self.holds_large.is_none() {
                self.holds_large = Some(self.large.lock().unwrap_or_else(PoisonError::into_inner));
            }
            self.buffer.resize(size, 0);
        }
        let read = self.bytes.fill(&mut self.buffer[self.filled..])?;
        if self.base == 0 && self.filled == 0 {
            self.head.take_from(&self.buffer[..read]);
        }
        let news = self.filled..self.filled + read;
        self.filled = news.end;
        self.whole = end_of_lines(&self.buffer[news.clone()]).map_or(0, |end| news.start + end);
        self.torn = (self.filled - self.whole) as u64;
        Ok(read > 0)
    }

    /// Passes over a line that fills the buffer and goes on.
    fn pass_over(&mut self) -> io::Result<Passed> {
        let (offset, tail) = (self.base, self.tail.clone());
        // What is looked for may stand across the border of two chunks.
        let overlap = self.worth_reading.longest();
        let mut matters = self.worth_reading.find(&self.buffer[..self.filled]).is_some();
        loop {
            self.forget(self.filled - overlap);
            let read = self.bytes.fill(&mut self.buffer[self.filled..CHUNK.max(self.filled + 1)])?;
            if read == 0 {
                (self.base, self.tail) = (offset, tail);
                (self.at, self.whole, self.filled) = (0, 0, 0);
                return Ok(Passed::NotWhole);
            }
            self.filled += read;
            let end = memchr::memchr(b'\n', &self.buffer[..self.filled]).map(|end| end + 1);
            matters |= self.worth_reading.find(&self.buffer[..end.unwrap_or(self.filled)]).is_some();
            if let Some(end) = end {
                self.at = end;
                self.whole = end_of_lines(&self.buffer[..self.filled]).unwrap_or(end);
                return Ok(if matters { Passed::WorthReading(offset) } else { Passed::Other });
            }
        }
    }

    /// Drops the first `count` bytes of the buffer.
    fn forget(&mut self, count: usize) {
        keep_last(&mut self.tail, &self.buffer[..count]);
        self.buffer.copy_within(count..self.filled, 0);
        self.base += count as u64;
        self.filled -= count;
        self.at = self.at.saturating_sub(count);
        self.whole = self.whole.saturating_sub(count);
    }

    /// Up to which byte of the content lines were given or passed over.
    pub(super) fn read_to(&self) -> u64 {
        self.base + self.at as u64
    }

    /// How many of the first bytes are taken to recognise the file, and their hash.
    pub(super) fn head(&self) -> (u64, u64) {
        self.head.of_what_was_read(self.read_to())
    }

    /// Hash of the bytes before the place of reading.
    pub(super) fn tail(&self) -> u64 {
        let mut tail = self.tail.clone();
        keep_last(&mut tail, &self.buffer[..self.at]);
        xxh3_64(&tail)
    }

    /// Bytes read beside whole lines: to recognise the file, and of a last line that is not whole yet.
    pub(super) fn verified(&self) -> u64 {
        self.head.verified() + self.torn
    }
}

impl Drop for LogLines<'_> {
    fn drop(&mut self) {
        if self.holds_large.is_some() {
            self.buffer.truncate(CHUNK);
            self.buffer.shrink_to_fit();
        }
    }
}

/// What was passed over.
enum Passed {
    /// A line that could have mattered, and where it began.
    WorthReading(u64),
    /// Another line.
    Other,
    /// A line whose end is not there yet. It is read again when it is, from its start.
    NotWhole,
}

/// Where the last whole line ends.
fn end_of_lines(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr(b'\n', bytes).map(|end| end + 1)
}

/// Keeps the last [`TAIL`] bytes of `tail` and `bytes` together.
fn keep_last(tail: &mut Vec<u8>, bytes: &[u8]) {
    let from_bytes = bytes.len().min(TAIL);
    let from_tail = (TAIL - from_bytes).min(tail.len());
    tail.drain(..tail.len() - from_tail);
    tail.extend_from_slice(&bytes[bytes.len() - from_bytes..]);
}

/// Numbers lines, from 1, ever further into a log. Only what lies between is read.
#[derive(Debug)]
pub(super) struct LineNumbers {
    /// Where a line begins, and its number.
    known: (u64, u64),
}

impl LineNumbers {
    pub(super) fn new() -> Self {
        Self { known: (0, 1) }
    }

    /// The number of the line that begins at each of `offsets`, which ascend; and the bytes read to find out.
    pub(super) fn of(&mut self, path: &Path, offsets: &[u64]) -> io::Result<(Vec<u64>, u64)> {
        let (from, mut number) = self.known;
        let mut bytes = Bytes::open(path, from)?;
        let mut chunk = vec![0; CHUNK];
        let mut base = from;
        let mut numbers = Vec::with_capacity(offsets.len());
        while numbers.len() < offsets.len() {
            let read = bytes.fill(&mut chunk)?;
            if read == 0 {
                break;
            }
            let mut counted = 0;
            while let Some(offset) = offsets.get(numbers.len()).filter(|offset| **offset < base + read as u64) {
                let at = usize::try_from(offset - base).unwrap_or(read);
                number += memchr::memchr_iter(b'\n', &chunk[counted..at]).count() as u64;
                counted = at;
                self.known = (*offset, number);
                numbers.push(number);
            }
            number += memchr::memchr_iter(b'\n', &chunk[counted..read]).count() as u64;
            base += read as u64;
        }
        Ok((numbers, base - from))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    /// What is given of `content` from `offset` on: where each line begins and how long it is, 0 if it is too long to
    /// be read; and up to where it was read.
    fn read(content: &[u8], offset: u64, buffer: &mut Buffer) -> (Vec<(u64, usize)>, u64) {
        let search = Search::new(&["\"usage\"", "\"tokens\""]);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        let large = Mutex::default();
        let mut log = LogLines::open(file.path(), offset, Head::default(), &search, buffer, &large).unwrap();
        let mut given = Vec::new();
        while let Some(line) = log.next().unwrap() {
            if let Some(text) = line.text {
                let start = usize::try_from(line.offset).unwrap();
                assert_eq!(text, &content[start..start + text.len()]);
            }
            given.push((line.offset, line.text.map_or(0, <[u8]>::len)));
        }
        (given, log.read_to())
    }

    /// The same, the slow way.
    fn expected(content: &[u8], offset: u64) -> (Vec<(u64, usize)>, u64) {
        let mut at = usize::try_from(offset).unwrap();
        let mut given = Vec::new();
        for line in content[at..].split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
            let has = |text: &[u8]| memchr::memmem::find(line, text).is_some();
            if has(b"\"usage\"") || has(b"\"tokens\"") {
                given.push((at as u64, line.len()));
            }
            at += line.len();
        }
        (given, at as u64)
    }

    fn a_line() -> impl Strategy<Value = Vec<u8>> {
        let filler = prop_oneof![4 => 0_usize..200, 1 => 0..3 * CHUNK];
        let text = prop_oneof![Just(""), Just("\"usage\""), Just("\"tokens\""), Just("usage"), Just("\"usag")];
        (filler.clone(), text, filler).prop_map(|(before, text, after)| {
            [b".".repeat(before), text.into(), b"\"".repeat(after.min(9)), b"-".repeat(after), b"\n".into()].concat()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn exactly_the_lines_that_can_matter_are_given(
            lines in prop::collection::vec(a_line(), 0..12),
            torn in prop::collection::vec(any::<u8>().prop_filter("a line break", |byte| *byte != b'\n'), 0..300),
            skip in 0_usize..12,
        ) {
            let start: usize = lines.iter().take(skip).map(Vec::len).sum();
            let content = [lines.concat(), torn].concat();
            let mut buffer = Buffer::default();
            prop_assert_eq!(read(&content, start as u64, &mut buffer), expected(&content, start as u64));
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_told_of_if_it_could_matter_and_the_next_is_read() {
        let next = b"{\"usage\":1}\n".to_vec();
        let mut buffer = Buffer::default();
        for (end, told) in [("\"usage\"\n", true), ("nothing\n", false)] {
            // Placed so that the text lies across the border of two chunks, wherever that is.
            for shift in 0..8 {
                let long = [b"-".repeat(LONGEST + CHUNK - shift), end.into()].concat();
                let first = b"first\n".to_vec();
                let content = [first.clone(), long.clone(), next.clone()].concat();
                let after = (first.len() + long.len()) as u64;
                let mut wanted = vec![(after, next.len())];
                if told {
                    wanted.insert(0, (first.len() as u64, 0));
                }
                assert_eq!(read(&content, 0, &mut buffer), (wanted, content.len() as u64), "{end:?} {shift}");
            }
        }
        assert!(buffer.0.capacity() < 2 * CHUNK, "what a long line took is given back: {}", buffer.0.capacity());
    }

    #[test]
    fn t14_a_line_that_is_too_long_and_not_whole_yet_is_left_for_the_next_time() {
        let content = [b"first\n".to_vec(), b"-".repeat(LONGEST + 3 * CHUNK)].concat();
        assert_eq!(read(&content, 0, &mut Buffer::default()), (vec![], 6));
    }

    #[test]
    fn lines_are_numbered_from_one_wherever_they_begin() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines = [b"a\n".to_vec(), [b"b".repeat(CHUNK), b"\n".into()].concat(), b"c\nd\n".into()];
        fs::write(file.path(), lines.concat()).unwrap();
        let third = (lines[0].len() + lines[1].len()) as u64;
        let all = fs::metadata(file.path()).unwrap().len();
        let of = |offsets: &[u64]| LineNumbers::new().of(file.path(), offsets).unwrap();
        assert_eq!(of(&[0, 2, third, third + 2]), (vec![1, 2, 3, 4], all));
        assert_eq!(of(&[0, 2]), (vec![1, 2], CHUNK as u64), "no more than needed");
        let mut numbers = LineNumbers::new();
        assert_eq!(numbers.of(file.path(), &[2]).unwrap(), (vec![2], CHUNK as u64));
        assert_eq!(numbers.of(file.path(), &[third + 2]).unwrap(), (vec![4], all - 2), "and nothing twice");
    }
}
