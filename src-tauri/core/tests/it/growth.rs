//! Every small sample again, as logs come about: piece by piece, and copied. What comes out is the same.

use std::fs;
use std::path::PathBuf;

use crate::machine::Machine;
use crate::oracles::Expected;
use walkdir::WalkDir;

/// Larger samples say nothing new and take long.
const LARGEST: u64 = 128 * 1024;

/// Into how many pieces a log is torn. No line of a sample ends where one of them does, but by chance.
const PIECES: usize = 13;

/// A machine with a sample, and the logs of lines in it.
fn machine_with(entry: &str, expected: &Expected) -> (Machine, Vec<PathBuf>) {
    let machine = Machine::new();
    expected.lay_out(entry, &machine);
    let files = WalkDir::new(machine.home("")).sort_by_file_name().into_iter().map(|file| file.unwrap().into_path());
    let logs = files.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")).collect();
    (machine, logs)
}

fn small_samples() -> impl Iterator<Item = (String, Expected)> {
    Expected::all().into_iter().filter(|(entry, expected)| expected.size(entry) <= LARGEST)
}

#[test]
fn t14_logs_that_grow_by_torn_pieces_give_what_they_give_as_a_whole() {
    for (entry, expected) in small_samples() {
        let (mut machine, logs) = machine_with(&entry, &expected);
        let whole: Vec<Vec<u8>> = logs.iter().map(|path| fs::read(path).unwrap()).collect();
        for piece in 0..=PIECES {
            for (path, content) in logs.iter().zip(&whole) {
                fs::write(path, &content[..content.len() * piece / PIECES]).unwrap();
            }
            machine.scan();
        }
        expected.check(&entry, &machine);
    }
}

#[test]
fn t05_a_copy_of_a_log_is_counted_once() {
    for (entry, expected) in small_samples() {
        let (mut machine, logs) = machine_with(&entry, &expected);
        machine.scan();
        for path in logs {
            fs::copy(&path, path.with_file_name(format!("copy-of-{}", path.file_name().unwrap().display()))).unwrap();
        }
        let report = machine.scan();
        assert_eq!(report.records_added, 0, "{entry}");
        expected.check(&entry, &machine);
    }
}
