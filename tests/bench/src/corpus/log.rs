//! A log file while it is written, and what all agents' logs have in common: names, moments, copies of rows.

use std::fmt::Arguments;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use jiff::Timestamp;

use super::random::Random;
use super::truth::Truth;

/// One file of lines.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    out: BufWriter<File>,
    written: u64,
    line: Vec<u8>,
}

impl Log {
    pub(crate) fn create(path: PathBuf) -> Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, out: BufWriter::with_capacity(1 << 18, file), written: 0, line: Vec::new() })
    }

    /// Writes one line.
    pub(crate) fn line(&mut self, row: Arguments<'_>) -> Result<()> {
        self.line.clear();
        self.line.write_fmt(row)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.written += u64::try_from(self.line.len())?;
        Ok(())
    }

    /// Bytes so far.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Completes the file, last touched at `touched`.
    pub(crate) fn close(self, touched: Moment, truth: &mut Truth) -> Result<()> {
        let file = self.out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.set_modified(touched.timestamp()?.try_into()?)?;
        truth.file(self.written);
        Ok(())
    }
}

/// Milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) i64);

impl Moment {
    pub(crate) fn timestamp(self) -> Result<Timestamp> {
        Ok(Timestamp::from_millisecond(self.0)?)
    }

    /// As agents write it: `2026-11-24T07:13:04.763Z`.
    pub(crate) fn text(self) -> String {
        Timestamp::from_millisecond(self.0).map(|at| format!("{at:.3}")).unwrap_or_default()
    }

    /// A while later, but not after `last`.
    pub(crate) fn after(self, milliseconds: u64, last: Self) -> Self {
        Self(self.0.saturating_add_unsigned(milliseconds)).min(last)
    }
}

/// A place in a log at which a turn ended, where forks may begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TurnEnd<State> {
    /// Bytes before it.
    pub(crate) bytes: u64,
    pub(crate) at: Moment,
    /// How far the conversation was.
    pub(crate) state: State,
}

/// The last turn end before which there are no more than `most` bytes.
pub(crate) fn last_within<State: Copy>(ends: &[TurnEnd<State>], most: u64) -> Option<TurnEnd<State>> {
    ends.iter().rev().find(|end| end.bytes <= most).copied()
}

/// The first `bytes` of a log, line by line.
pub(crate) fn rows(path: &Path, bytes: u64) -> Result<impl Iterator<Item = std::io::Result<String>>> {
    Ok(BufReader::new(File::open(path)?).take(bytes).lines())
}

/// The row with the first value of the string field `name` replaced. In text quotes are escaped, so that a field with
/// this name is a field.
pub(crate) fn with_field(row: &str, name: &str, value: &str) -> String {
    let field = format!("\"{name}\":\"");
    match row.split_once(&field) {
        Some((before, rest)) => match rest.split_once('"') {
            Some((_old, after)) => format!("{before}{field}{value}\"{after}"),
            None => row.to_owned(),
        },
        None => row.to_owned(),
    }
}

/// The value of a string field.
pub(crate) fn field<'r>(row: &'r str, name: &str) -> Option<&'r str> {
    let (_before, rest) = row.split_once(&format!("\"{name}\":\""))?;
    rest.split_once('"').map(|(value, _after)| value)
}

/// A random UUID.
pub(crate) fn uuid(random: &mut Random) -> String {
    let (high, low) = (random.next(), random.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

/// A UUID that begins with the moment, as Codex's are.
pub(crate) fn uuid_of(at: Moment, random: &mut Random) -> String {
    let (high, low) = (random.next(), random.next());
    format!(
        "{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}",
        at.0 >> 16,
        at.0 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

/// `length` letters and digits.
pub(crate) fn identifier(random: &mut Random, length: usize) -> String {
    let alphabet = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789";
    (0..length).map(|_| char::from(random.pick(alphabet))).collect()
}

/// `length` hexadecimal digits.
pub(crate) fn hex(random: &mut Random, length: usize) -> String {
    (0..length).map(|_| char::from(random.pick(b"0123456789abcdef"))).collect()
}
