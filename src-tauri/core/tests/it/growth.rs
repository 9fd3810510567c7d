//! Every small sample again, as logs come about: piece by piece, and copied. What comes out is the same.

use std::fs;
use std::path::{Path, PathBuf};

use crate::machine::Machine;
use crate::oracles::Expected;
use rusqlite::Connection;
use walkdir::WalkDir;

/// Larger samples say nothing new and take long.
const LARGEST: u64 = 128 * 1024;

/// Databases begin with many empty tables.
const LARGEST_DATABASE: u64 = 1024 * 1024;

/// Into how many pieces a log is torn. No line of a sample ends where one of them does, but by chance.
const PIECES: usize = 13;

/// A machine with a sample, and the files in it that have one of these endings.
fn machine_with(entry: &str, expected: &Expected, endings: &[&str]) -> (Machine, Vec<PathBuf>) {
    let machine = Machine::new();
    expected.lay_out(entry, &machine);
    let files = WalkDir::new(machine.home("")).sort_by_file_name().into_iter().map(|file| file.unwrap().into_path());
    let ends = |path: &PathBuf| path.extension().is_some_and(|found| endings.iter().any(|ending| found == *ending));
    (machine, files.filter(ends).collect())
}

fn samples_up_to(largest: u64) -> impl Iterator<Item = (String, Expected)> {
    Expected::all().into_iter().filter(move |(entry, expected)| expected.size(entry) <= largest)
}

/// How an agent writes a file that it had written before.
#[derive(Clone, Copy, Debug)]
enum Writing {
    InPlace,
    /// Into a new file, which then takes the place of the old one.
    Anew,
}

impl Writing {
    fn write(self, path: &Path, content: &[u8]) {
        match self {
            Self::InPlace => fs::write(path, content).unwrap(),
            Self::Anew => {
                let new = path.with_extension("tmp");
                fs::write(&new, content).unwrap();
                fs::rename(new, path).unwrap();
            }
        }
    }
}

#[test]
fn t14_logs_and_documents_that_grow_by_torn_pieces_give_what_they_give_as_a_whole() {
    for writing in [Writing::InPlace, Writing::Anew] {
        for (entry, expected) in samples_up_to(LARGEST) {
            let (mut machine, files) = machine_with(&entry, &expected, &["jsonl", "json"]);
            let whole: Vec<Vec<u8>> = files.iter().map(|path| fs::read(path).unwrap()).collect();
            for piece in 0..=PIECES {
                for (path, content) in files.iter().zip(&whole) {
                    writing.write(path, &content[..content.len() * piece / PIECES]);
                }
                machine.scan();
            }
            assert_eq!(machine.scan().skipped, [], "{entry}, written {writing:?}");
            expected.check(&entry, &machine);
        }
    }
}

#[test]
fn t14_databases_that_grow_row_by_row_give_what_they_give_as_a_whole() {
    let mut grown = 0;
    for (entry, expected) in samples_up_to(LARGEST_DATABASE) {
        let (mut machine, databases) = machine_with(&entry, &expected, &["db"]);
        for path in &databases {
            let whole = machine.home("whole");
            fs::copy(path, &whole).unwrap();
            let database = Connection::open(path).unwrap();
            database.execute("ATTACH ?1 AS whole", [whole.to_str().unwrap()]).unwrap();
            database.execute_batch("DELETE FROM message").unwrap();
            machine.scan();
            let mut ids = database.prepare("SELECT id FROM whole.message ORDER BY rowid").unwrap();
            let ids: Vec<String> = ids.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            for id in &ids {
                // It is there before it is over.
                let begin = "INSERT INTO message SELECT * FROM whole.message WHERE id = ?1";
                let lasts = "UPDATE message SET data = json_remove(data, '$.tokens') WHERE id = ?1";
                let end = "UPDATE message SET data = (SELECT data FROM whole.message WHERE id = ?1) WHERE id = ?1";
                for change in [begin, lasts] {
                    database.execute(change, [id]).unwrap();
                }
                machine.scan();
                database.execute(end, [id]).unwrap();
                assert_eq!(machine.scan().skipped, [], "{entry}");
            }
            grown += 1;
        }
        if !databases.is_empty() {
            expected.check(&entry, &machine);
        }
    }
    assert_eq!(grown, 2, "opencode's and Kilo's");
}

#[test]
fn t05_a_copy_of_a_log_is_counted_once() {
    for (entry, expected) in samples_up_to(LARGEST_DATABASE) {
        let (mut machine, logs) = machine_with(&entry, &expected, &["jsonl", "db"]);
        machine.scan();
        for path in logs {
            // A database beside another is one of another channel.
            let [name, ending] = [path.file_stem(), path.extension()].map(|part| part.unwrap().display());
            fs::copy(&path, path.with_file_name(format!("{name}-copy.{ending}"))).unwrap();
        }
        let report = machine.scan();
        assert_eq!(report.records_added, 0, "{entry}");
        expected.check(&entry, &machine);
    }
}
