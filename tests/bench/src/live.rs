//! The running app over the whole tree: how soon a written call is in the tray's label and what that takes, and what the
//! app takes while nobody writes.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use acceptance::app::{App, Arguments};
use acceptance::desktop::Desktop;
use acceptance::machine;
use acceptance::wait::wait_for;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use zbus::MatchRule;
use zbus::blocking::MessageIterator;
use zbus::message::Type;

use crate::corpus::Corpus;
use crate::measure::{Spread, float};

/// Lines that are written one after another.
const LINES: u32 = 20;
/// Between them: long enough that each is noticed by itself.
const PAUSE: Duration = Duration::from_millis(1_500);
/// For the app to come up and read the tree.
const PATIENCE: Duration = Duration::from_mins(3);
/// For everything that reading the tree set in motion to come to rest.
const REST: Duration = Duration::from_secs(10);
/// Linux tells processor time in hundredths of a second, on every processor that the app is built for.
const TICKS_PER_SECOND: f64 = 100.0;

/// What was found out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Live {
    /// From before a line is written until the tray is told another label.
    pub(crate) label_milliseconds: Spread,
    /// Processor time of the app per line, pauses included.
    pub(crate) processor_milliseconds_per_line: f64,
    pub(crate) idle_minutes: f64,
    /// Bytes that the idle app had written to disk.
    pub(crate) idle_bytes_written: u64,
    pub(crate) idle_processor_percent: f64,
    /// Resident memory of the app, without a window, at the end.
    pub(crate) idle_resident_bytes: u64,
}

pub(crate) fn run(corpus: &Corpus, folder: &Path, idle_minutes: f64) -> Result<Live> {
    let (home, log) = home_of_its_own(corpus, folder)?;
    let desktop = Desktop::start()?;
    let mut arguments = Arguments::new(desktop.home().join("data"), &home);
    arguments.more = vec!["--timezone".into(), "UTC".into(), "--hidden".into()];
    let labels = labels(&desktop)?;
    let app = App::start(&desktop, &arguments)?;
    let tray = app.tray(&desktop, PATIENCE)?;
    let read = arguments.data_dir.join("ledger.read");
    wait_for("the tree to be read", PATIENCE, || read.exists().then_some(()))?;
    thread::sleep(REST);
    while labels.try_recv().is_ok() {}
    let mut shown = tray.label()?;

    let before = Used::of(app.id())?;
    let mut milliseconds = Vec::new();
    for number in 0..LINES {
        thread::sleep(PAUSE);
        let line = two_dollars(number);
        let began = Instant::now();
        OpenOptions::new().append(true).open(&log)?.write_all(line.as_bytes())?;
        shown = another(&labels, &shown)?;
        milliseconds.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    thread::sleep(PAUSE);
    let processor_seconds = Used::of(app.id())?.processor_seconds - before.processor_seconds;

    thread::sleep(REST);
    let before = Used::of(app.id())?;
    let began = Instant::now();
    thread::sleep(Duration::from_secs_f64(idle_minutes * 60.0));
    let (after, took) = (Used::of(app.id())?, began.elapsed().as_secs_f64());
    Ok(Live {
        label_milliseconds: Spread::of(milliseconds),
        processor_milliseconds_per_line: processor_seconds * 1_000.0 / f64::from(LINES),
        idle_minutes,
        idle_bytes_written: after.bytes_written - before.bytes_written,
        idle_processor_percent: (after.processor_seconds - before.processor_seconds) / took * 100.0,
        idle_resident_bytes: after.resident_bytes,
    })
}

/// The corpus under names of its own, without a copy of its bytes; and the largest log, which is copied, to be written to.
fn home_of_its_own(corpus: &Corpus, folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let home = folder.join("home");
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    let mut largest = (0, PathBuf::new());
    link_all(&corpus.home, &home, &mut largest)?;
    let (_size, log) = largest;
    let original = corpus.home.join(log.strip_prefix(&home)?);
    fs::remove_file(&log)?;
    fs::copy(original, &log)?;
    Ok((home, log))
}

fn link_all(from: &Path, to: &Path, largest: &mut (u64, PathBuf)) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (target, about) = (to.join(entry.file_name()), entry.metadata()?);
        if about.is_dir() {
            link_all(&entry.path(), &target, largest)?;
        } else {
            fs::hard_link(entry.path(), &target)?;
            if about.len() > largest.0 {
                *largest = (about.len(), target);
            }
        }
    }
    Ok(())
}

/// Every label that the tray is told from now on. Asking for it would cost the app what is to be measured.
fn labels(desktop: &Desktop) -> Result<Receiver<String>> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .interface("org.kde.StatusNotifierItem")?
        .member("XAyatanaNewLabel")?
        .build();
    let signals = MessageIterator::for_match_rule(rule, desktop.bus(), None)?;
    let (sender, labels) = mpsc::channel();
    thread::spawn(move || {
        for signal in signals.flatten() {
            let Ok((label, _guide)) = signal.body().deserialize::<(String, String)>() else { continue };
            if sender.send(label).is_err() {
                break;
            }
        }
    });
    Ok(labels)
}

/// Waits until the tray is told another label than `shown`, and gives it.
fn another(labels: &Receiver<String>, shown: &str) -> Result<String> {
    loop {
        let label = labels.recv_timeout(PATIENCE).context("the label did not change")?;
        if label != shown {
            return Ok(label);
        }
    }
}

/// A call of Opus 5.5 that was made now and costs two dollars.
fn two_dollars(number: u32) -> String {
    let at = machine::now();
    format!(
        r#"{{"parentUuid":null,"isSidechain":false,"message":{{"model":"claude-opus-5-5","id":"msg_live{number}at{}","type":"message","role":"assistant","content":[],"stop_reason":"end_turn","usage":{{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":100000,"service_tier":"standard"}}}},"requestId":"req_live{number}","type":"assistant","uuid":"00000000-0000-4000-8000-{number:012}","timestamp":"{at:.3}","entrypoint":"cli","cwd":"/home/dev/src/web-app","sessionId":"live","version":"2.1.330","gitBranch":"main"}}
"#,
        at.as_millisecond()
    )
}

/// What a process has used so far.
struct Used {
    processor_seconds: f64,
    bytes_written: u64,
    resident_bytes: u64,
}

impl Used {
    fn of(process: u32) -> Result<Self> {
        let read = |file: &str| {
            let path = format!("/proc/{process}/{file}");
            fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
        };
        let stat = read("stat")?;
        // The name comes first, in brackets, and may itself contain some. Then, 12th and 13th, the ticks.
        let (_name, fields) = stat.rsplit_once(") ").context("no name in stat")?;
        let ticks: u64 = fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Ok(Self {
            processor_seconds: float(ticks) / TICKS_PER_SECOND,
            bytes_written: figure(&read("io")?, "write_bytes:")?,
            resident_bytes: figure(&read("status")?, "VmRSS:")? * 1_024,
        })
    }
}

/// The number behind `name` at the beginning of a line.
fn figure(text: &str, name: &str) -> Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_process_used_can_be_told() {
        let used = Used::of(std::process::id()).unwrap();
        assert!(used.resident_bytes > 100_000, "{}", used.resident_bytes);
        assert_eq!(figure("rchar: 7\nwrite_bytes: 4096\n", "write_bytes:").unwrap(), 4_096);
        assert_eq!(figure("VmRSS:\t   1234 kB\n", "VmRSS:").unwrap(), 1_234);
    }
}
