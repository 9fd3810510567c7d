//! A user's machine in a temporary folder: a home with agents' logs, a ledger, and a clock that stands still.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use spendmeter_core::calendar::{Calendar, TimeRange};
use spendmeter_core::ledger::Ledger;
use spendmeter_core::places::Places;
use spendmeter_core::sources::watch::Changes;
use spendmeter_core::spend::Viewpoint;
use spendmeter_core::spend::report::{Cut, Report, report};
use spendmeter_core::spend::view::Spend;
use spendmeter_core::sync::{self, PassReport};
use spendmeter_core::usage::Tokens;
use tempfile::TempDir;

pub(crate) struct Machine {
    /// Removed with the machine.
    _folder: TempDir,
    pub(crate) places: Places,
    pub(crate) ledger: Ledger,
    pub(crate) calendar: Calendar,
    pub(crate) now: Timestamp,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self::with_variables(&[])
    }

    /// `~` in a value is the home folder.
    pub(crate) fn with_variables(variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        fs::create_dir(&home).unwrap();
        let expand = |value: &str| value.replace('~', &home.to_string_lossy());
        let variables = variables.iter().map(|(name, value)| ((*name).into(), expand(value).into()));
        let variables = variables.chain([("HOME".into(), home.clone().into())]);
        let places = Places::of_user(variables, None, Some(folder.path().join("data"))).unwrap();
        let ledger = Ledger::open(&places.ledger()).unwrap();
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        Self { _folder: folder, places, ledger, calendar: Calendar::new(TimeZone::UTC), now }
    }

    pub(crate) fn home(&self, below: &str) -> PathBuf {
        self.places.home().join(below)
    }

    pub(crate) fn write(&self, below: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn append(&self, below: &str, content: impl AsRef<[u8]>) {
        use std::io::Write;
        fs::OpenOptions::new().append(true).open(self.home(below)).unwrap().write_all(content.as_ref()).unwrap();
    }

    /// Lays out a sample folder below home, as the agent would have.
    pub(crate) fn lay_out(&self, sample: &str, below: &str) {
        let from = fixture(sample);
        if from.is_file() {
            let name = from.file_name().unwrap().to_string_lossy().into_owned();
            self.write(&format!("{below}/{name}"), fs::read(&from).unwrap());
            return;
        }
        for entry in fs::read_dir(&from).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            let below = if from.join(&name).is_dir() { format!("{below}/{name}") } else { below.to_owned() };
            self.lay_out(&format!("{sample}/{name}"), &below);
        }
    }

    pub(crate) fn scan(&mut self) -> PassReport {
        sync::pass(&mut self.ledger, &self.places, self.now, &mut |_| {}).unwrap()
    }

    /// Reads only what is at these places below home.
    pub(crate) fn scan_only(&mut self, below: &[&str]) -> PassReport {
        let changes = Changes::Paths(below.iter().map(|below| self.home(below)).collect());
        sync::pass_over(&changes, &mut self.ledger, &self.places, self.now, &mut |_| {}).unwrap()
    }

    pub(crate) fn viewpoint(&self) -> Viewpoint<'_> {
        Viewpoint { ledger: &self.ledger, calendar: &self.calendar, places: &self.places, now: self.now }
    }

    pub(crate) fn report(&self, cuts: &str) -> Report {
        let cuts: Vec<Cut> = cuts.split(',').map(|cut| Cut::named(cut).unwrap()).collect();
        report(&self.ledger, &self.calendar, TimeRange::EVER, &cuts, &[]).unwrap()
    }

    pub(crate) fn by_model(&self) -> BTreeMap<String, (u64, Tokens)> {
        let rows = self.report("model").rows.into_iter();
        rows.map(|row| (row.values[0].clone(), (row.requests, row.tokens))).collect()
    }

    pub(crate) fn total(&self) -> Spend {
        self.report("agent").total
    }
}

/// A file or folder of the samples.
pub(crate) fn fixture(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(below)
}

pub(crate) fn fixture_bytes(below: &str) -> Vec<u8> {
    fs::read(fixture(below)).unwrap()
}

/// The first `lines` whole lines.
pub(crate) fn first_lines(content: &[u8], lines: usize) -> &[u8] {
    let end = content.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(lines.saturating_sub(1));
    if lines == 0 { &[] } else { &content[..=end.unwrap().0] }
}

/// Whole lines.
pub(crate) fn line_count(content: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', content).count()
}
