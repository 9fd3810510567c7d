//! How long a person waits: for the first scan, for a scan with nothing new, for a line that was just written, and for
//! the dashboard.
//!
//! The corpus is a real transcript, repeated with other ids, on the disk that holds the temporary folder; the ledger is
//! committed. The first scan reads from the page cache.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot set itself up should panic")]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use spendmeter_core::calendar::Calendar;
use spendmeter_core::ledger::Ledger;
use spendmeter_core::places::Places;
use spendmeter_core::spend::Viewpoint;
use spendmeter_core::spend::view::Period;
use spendmeter_core::sync::{self, PassReport};
use tempfile::TempDir;

/// Transcripts in the corpus: 98 MB, 9,230 calls.
const TRANSCRIPTS: usize = 130;

struct Corpus {
    home: TempDir,
    bytes: u64,
}

impl Corpus {
    fn new() -> Self {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/claude-code/fundwise.jsonl");
        let sample = fs::read_to_string(sample).unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut bytes = 0;
        for number in 0..TRANSCRIPTS {
            let path = Self::transcript(home.path(), number);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let own = sample
                .replace("\"id\":\"msg_", &format!("\"id\":\"msg_{number}_"))
                .replace("\"sessionId\":\"", &format!("\"sessionId\":\"{number}-"));
            bytes += own.len() as u64;
            fs::write(path, own).unwrap();
        }
        Self { home, bytes }
    }

    fn transcript(home: &Path, number: usize) -> PathBuf {
        home.join(format!(".claude/projects/project-{}/{number}.jsonl", number % 10))
    }

    fn places(&self, data: &Path) -> Places {
        Places::of_user([("HOME".into(), self.home.path().into())], None, Some(data.into())).unwrap()
    }
}

fn scan(ledger: &mut Ledger, places: &Places) -> PassReport {
    sync::pass(ledger, places, now(), &mut |_| {}).unwrap()
}

fn now() -> Timestamp {
    "2026-04-24T12:00:00Z".parse().unwrap()
}

fn benches(criterion: &mut Criterion) {
    let corpus = Corpus::new();

    let mut first = criterion.benchmark_group("first scan");
    first.sample_size(10).throughput(Throughput::Bytes(corpus.bytes));
    first.bench_function("98 MB into a new ledger", |bencher| {
        bencher.iter_batched(
            || tempfile::tempdir().unwrap(),
            |data| {
                let places = corpus.places(data.path());
                let report = scan(&mut Ledger::open(&places.ledger()).unwrap(), &places);
                assert_eq!(report.records_added, 71 * TRANSCRIPTS as u64);
                data
            },
            BatchSize::PerIteration,
        );
    });
    first.finish();

    let data = tempfile::tempdir().unwrap();
    let places = corpus.places(data.path());
    let mut ledger = Ledger::open(&places.ledger()).unwrap();
    scan(&mut ledger, &places);

    criterion.bench_function("scan with nothing new", |bencher| {
        bencher.iter(|| assert_eq!(scan(&mut ledger, &places).bytes_read, 0));
    });

    let mut number = 0;
    criterion.bench_function("scan after one line was written", |bencher| {
        bencher.iter_batched(
            || {
                number += 1;
                let line = format!(
                    "{{\"type\":\"assistant\",\"timestamp\":\"2026-04-24T11:00:00Z\",\"message\":{{\"id\":\"msg_new_{number}\",\"model\":\"claude-opus-4-7\",\"usage\":{{\"output_tokens\":7}}}}}}\n"
                );
                let path = Corpus::transcript(corpus.home.path(), 0);
                std::io::Write::write_all(&mut fs::OpenOptions::new().append(true).open(path).unwrap(), line.as_bytes()).unwrap();
            },
            |()| assert_eq!(scan(&mut ledger, &places).records_added, 1),
            BatchSize::PerIteration,
        );
    });

    let calendar = Calendar::new(TimeZone::get("Europe/Berlin").unwrap());
    let reader = Ledger::open_reader(&places.ledger()).unwrap();
    let viewpoint = Viewpoint { ledger: &reader, calendar: &calendar, places: &places, now: now() };
    criterion.bench_function("tray", |bencher| bencher.iter(|| black_box(viewpoint.meter().unwrap())));
    criterion.bench_function("dashboard of 30 days", |bencher| {
        bencher.iter(|| black_box(viewpoint.overview(Period::Last30Days, None, None).unwrap()));
    });
}

criterion_group!(all, benches);
criterion_main!(all);
