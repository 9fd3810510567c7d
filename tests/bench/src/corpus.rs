//! A home folder in which agents have worked for half a year: 3,142 logs of Claude Code and Codex, 1.24 GB, the same bytes
//! for the same seed on every machine. What it holds is counted while it is written; nothing is read back.
//!
//! Sizes are given (half of the files below 105 kB, 1 % above 5.4 MB, one of 87 MB); all else follows from chance.

mod claude_code;
mod codex;
mod filler;
pub(crate) mod log;
pub(crate) mod random;
mod sizes;
pub(crate) mod truth;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use self::claude_code::Transcript;
use self::codex::{Origin, Rollout};
use self::filler::Filler;
use self::log::{Moment, hex, last_within, uuid, uuid_of};
use self::random::Random;
pub(crate) use self::sizes::{HALF_A_YEAR, Sizes};
use self::truth::Truth;

/// Any will do.
const SEED: u64 = 20_261_124;
/// Raised whenever something else is written or counted, so that a corpus of before is not taken for this one.
const EDITION: u32 = 3;

/// The last moment in the logs: 2026-11-24, noon.
const LAST_MOMENT: Moment = Moment(1_795_521_600_000);
const DAY: u64 = 86_400_000;
/// How far back the logs go.
const DAYS: u64 = 200;

/// Of a hundred conversations, those held with Codex.
const PERCENT_CODEX: u64 = 20;

/// A corpus on the disk.
#[derive(Debug)]
pub(crate) struct Corpus {
    /// The home folder that has the agents' folders in it.
    pub(crate) home: PathBuf,
    pub(crate) truth: Truth,
}

impl Corpus {
    /// The corpus in `folder`, written there unless it is there already.
    pub(crate) fn at(folder: &Path, sizes: &Sizes) -> Result<Self> {
        let (home, truth) = (folder.join("home"), folder.join("truth.json"));
        let edition = folder.join(format!("edition-{EDITION}"));
        if edition.exists() {
            let truth = serde_json::from_slice(&fs::read(&truth)?)?;
            return Ok(Self { home, truth });
        }
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        let corpus = Self { truth: write(&home, sizes)?, home };
        fs::write(truth, serde_json::to_string_pretty(&corpus.truth)?)?;
        // Last, so that half a corpus is not taken for one.
        fs::write(edition, "")?;
        Ok(corpus)
    }
}

fn write(home: &Path, sizes: &Sizes) -> Result<Truth> {
    let mut random = Random::new(SEED);
    let filler = Filler::new(&mut random.branch());
    let mut truth = Truth::default();
    let sizes = sizes.shuffled(&mut random.branch());
    let mut tree = Tree { home, filler: &filler, truth: &mut truth, random, sizes };
    tree.write()?;
    truth.sizes.sort_unstable();
    Ok(truth)
}

/// The home while it is filled.
struct Tree<'c> {
    home: &'c Path,
    filler: &'c Filler,
    truth: &'c mut Truth,
    random: Random,
    /// Of the files to come; the next is the last.
    sizes: Vec<u64>,
}

impl Tree<'_> {
    fn write(&mut self) -> Result<()> {
        // The largest file comes first, and is a conversation with Claude Code.
        self.claude_code_family()?;
        while !self.sizes.is_empty() {
            if self.random.percent(PERCENT_CODEX) { self.codex_family()? } else { self.claude_code_family()? }
        }
        Ok(())
    }

    /// A conversation, what its subagents and side questions were about, and its fork.
    fn claude_code_family(&mut self) -> Result<()> {
        let Some(size) = self.sizes.pop() else { return Ok(()) };
        let begins = self.beginning(size);
        let session = self.claude_code_session(begins);
        let folder = self.home.join(".claude/projects").join(session.cwd.replace('/', "-"));
        let main = |id: &str| folder.join(format!("{id}.jsonl"));
        let aside = |id: &str, session: &str| folder.join(session).join(format!("subagents/agent-{id}.jsonl"));
        let (path, ends) = self.transcript(main(&session.id), &session, None, size, begins)?.finish()?;

        let subagents = if self.random.percent(34) { self.random.skewed(2, 9) } else { 0 };
        for _ in 0..subagents {
            let Some(size) = self.sizes.pop() else { return Ok(()) };
            let id = format!("a{}", hex(&mut self.random, 16));
            let begins = self.random.pick(&ends).at;
            let mut own = session.clone();
            if self.random.one_in(3) {
                own.model = "claude-haiku-4-5-20251001";
            }
            let path = aside(&id, &session.id);
            self.transcript(path.clone(), &own, Some(id), size, begins)?.finish()?;
            fs::write(
                path.with_extension("meta.json"),
                r#"{"agentType":"general-purpose","isBuiltIn":true,"description":"an errand","spawnDepth":1}"#,
            )?;
        }
        if self.random.percent(5)
            && let Some(size) = self.sizes.pop()
        {
            let id = format!("a{}", hex(&mut self.random, 16));
            let end = self.random.pick(&ends);
            let mut question = self.transcript(aside(&id, &session.id), &session, Some(id), size, end.at)?;
            question.repeat(&path, end)?;
            question.finish()?;
        }
        if self.random.percent(12)
            && let Some(size) = self.size_of_fork()
        {
            let mut fork = session.clone();
            fork.id = uuid(&mut self.random);
            let end = last_within(&ends, size / 10 * 7);
            let mut transcript = self.transcript(main(&fork.id), &fork, None, size, begins)?;
            if let Some(end) = end {
                transcript.fork(&path, end)?;
            }
            transcript.finish()?;
        }
        Ok(())
    }

    /// The largest of the next few sizes, since a fork begins with what it was forked from.
    fn size_of_fork(&mut self) -> Option<u64> {
        let next = self.sizes.len().saturating_sub(6);
        let largest = (next..self.sizes.len()).max_by_key(|at| self.sizes[*at])?;
        Some(self.sizes.swap_remove(largest))
    }

    fn transcript(
        &mut self,
        path: PathBuf,
        session: &claude_code::Session,
        side: Option<String>,
        bytes: u64,
        begins: Moment,
    ) -> Result<Transcript<'_>> {
        let random = self.random.branch();
        let times = (begins, LAST_MOMENT);
        Transcript::begin(path, session.clone(), side, bytes, times, self.filler, self.truth, random)
    }

    fn claude_code_session(&mut self, begins: Moment) -> claude_code::Session {
        const MODELS: [&str; 5] =
            ["claude-opus-4-7", "claude-sonnet-4-6", "claude-opus-4-8", "claude-opus-5-5", "claude-sonnet-5-5"];
        let through_gateway = self.random.one_in(50);
        // Newer models come into use with the months.
        let age = age_of(begins, 4);
        let model = if through_gateway { "moonshotai/kimi-k2-thinking" } else { MODELS[age + self.random.index(2)] };
        claude_code::Session {
            id: uuid(&mut self.random),
            cwd: self.folder_of_project(),
            branch: self.branch(),
            version: claude_code::Version::ALL[age],
            model,
            through_gateway,
        }
    }

    /// A conversation, and what was forked or spawned from it.
    fn codex_family(&mut self) -> Result<()> {
        let Some(size) = self.sizes.pop() else { return Ok(()) };
        let begins = self.beginning(size);
        let age = age_of(begins, 4);
        let session = codex::Session {
            id: uuid_of(begins, &mut self.random),
            cwd: self.folder_of_project(),
            branch: self.branch(),
            version: codex::Version::ALL[age],
            model: ["gpt-5.3-codex", "gpt-5.4", "gpt-5.5", "gpt-5.5"][age],
        };
        let parent = self.rollout(session.clone(), Origin::Fresh, size, begins)?;
        let children = if self.random.percent(22) { self.random.between(1, 4) } else { 0 };
        for _ in 0..children {
            let Some(size) = self.size_of_fork() else { return Ok(()) };
            let end = last_within(&parent.ends, size / 10 * 6);
            let begins = end.map_or(begins, |end| end.at);
            let child = codex::Session { id: uuid_of(begins, &mut self.random), ..session.clone() };
            let origin = match end {
                Some(end) if session.version.spawns() => Origin::Spawned(&parent, end),
                Some(end) => Origin::Fork(&parent, end),
                None => Origin::Fresh,
            };
            self.rollout(child, origin, size, begins)?;
        }
        Ok(())
    }

    fn rollout(
        &mut self,
        session: codex::Session,
        origin: Origin<'_>,
        size: u64,
        begins: Moment,
    ) -> Result<codex::Parent> {
        let at = begins.timestamp()?;
        let name = format!("rollout-{}-{}.jsonl", at.strftime("%Y-%m-%dT%H-%M-%S"), session.id);
        let folder = self.home.join(".codex");
        let path = if self.random.one_in(8) {
            folder.join("archived_sessions").join(name)
        } else {
            folder.join("sessions").join(at.strftime("%Y/%m/%d").to_string()).join(name)
        };
        let random = self.random.branch();
        Rollout::begin(path, session, origin, size, (begins, LAST_MOMENT), self.filler, self.truth, random)?.finish()
    }

    /// When a conversation of `size` may begin, so that it ends in time.
    fn beginning(&mut self, size: u64) -> Moment {
        // About 9 kB a call, a call and its pauses about two minutes.
        let lasts = (size / 9_000 * 120_000).min(DAYS / 2 * DAY);
        let days = self.random.below(DAYS * DAY - lasts) + lasts;
        Moment(LAST_MOMENT.0.saturating_sub_unsigned(days))
    }

    /// One of sixty; a few have most of the work.
    fn folder_of_project(&mut self) -> String {
        const OF: [&str; 10] = ["web", "api", "infra", "docs", "billing", "search", "mobile", "data", "auth", "tools"];
        const KIND: [&str; 6] = ["app", "service", "lib", "site", "jobs", "poc"];
        let (a, b) = (self.random.index(60), self.random.index(60));
        let number = a.min(b).min(self.random.index(60));
        format!("/home/dev/src/{}-{}", OF[number % 10], KIND[number / 10])
    }

    fn branch(&mut self) -> &'static str {
        self.random.pick(&["main", "main", "feature/export", "fix/rounding", "chore/deps"])
    }
}

/// In which of `parts` of the half year a moment lies.
fn age_of(moment: Moment, parts: u64) -> usize {
    let past = LAST_MOMENT.0.abs_diff(moment.0).min(DAYS * DAY - 1);
    usize::try_from((DAYS * DAY - 1 - past) * parts / (DAYS * DAY)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use spendmeter_core::calendar::{Calendar, TimeRange};
    use spendmeter_core::ledger::Ledger;
    use spendmeter_core::places::Places;
    use spendmeter_core::spend::dimension::Dimension;
    use spendmeter_core::spend::report::{Cut, report};
    use spendmeter_core::sync;
    use xxhash_rust::xxh3::Xxh3;

    use super::*;

    /// A corpus of three megabytes.
    const SMALL: Sizes = Sizes { files: 60, largest: 600_000 };

    fn small() -> (tempfile::TempDir, Corpus) {
        let folder = tempfile::tempdir().unwrap();
        let corpus = Corpus::at(&folder.path().join("corpus"), &SMALL).unwrap();
        (folder, corpus)
    }

    fn logs(home: &Path) -> BTreeSet<PathBuf> {
        let mut folders = vec![home.to_owned()];
        let mut logs = BTreeSet::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "jsonl") {
                    logs.insert(path);
                }
            }
        }
        logs
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let (_folder, corpus) = small();
        let mut hash = Xxh3::new();
        for log in logs(&corpus.home) {
            hash.update(log.strip_prefix(&corpus.home).unwrap().to_string_lossy().as_bytes());
            hash.update(&fs::read(log).unwrap());
        }
        // When this changes, other bytes are written: raise EDITION.
        assert_eq!(format!("{:016x}", hash.digest()), "bb449726f0142681");
    }

    #[test]
    fn every_line_is_json_and_the_truth_knows_every_file() {
        let (_folder, corpus) = small();
        let mut bytes = 0;
        let logs = logs(&corpus.home);
        for log in &logs {
            let text = fs::read_to_string(log).unwrap();
            bytes += u64::try_from(text.len()).unwrap();
            for line in text.lines() {
                let row: serde_json::Value =
                    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                assert!(row["type"].is_string());
            }
        }
        assert_eq!((u64::try_from(logs.len()).unwrap(), bytes), (corpus.truth.files, corpus.truth.bytes));
    }

    #[test]
    fn a_corpus_that_is_there_is_not_written_again() {
        let (folder, corpus) = small();
        let log = logs(&corpus.home).pop_first().unwrap();
        fs::write(&log, "touched").unwrap();
        let again = Corpus::at(&folder.path().join("corpus"), &SMALL).unwrap();
        assert_eq!(fs::read_to_string(log).unwrap(), "touched");
        assert_eq!(again.truth, corpus.truth);
    }

    #[test]
    fn the_product_counts_what_the_generator_counted() {
        let (folder, corpus) = small();
        let data = folder.path().join("data");
        let places = Places::of_user([("HOME".into(), corpus.home.clone().into())], None, Some(data)).unwrap();
        let mut ledger = Ledger::open(&places.ledger()).unwrap();
        let now = LAST_MOMENT.timestamp().unwrap();
        sync::pass(&mut ledger, &places, now, &mut |_| {}).unwrap();
        let calendar = Calendar::new(jiff::tz::TimeZone::UTC);
        let by_model = [Cut::By(Dimension::Model)];
        let report = report(&ledger, &calendar, TimeRange::EVER, &by_model, &[]).unwrap();
        let counted = report.rows.into_iter().map(|row| {
            let tokens = row.tokens;
            let counts = truth::Counts {
                requests: row.requests,
                input: tokens.input,
                cache_read: tokens.cache_read,
                cache_write_5m: tokens.cache_write_short,
                cache_write_1h: tokens.cache_write_long,
                output: tokens.output,
                reasoning: tokens.reasoning,
            };
            (row.values[0].clone(), counts)
        });
        assert_eq!(counted.collect::<truth::ByModel>(), corpus.truth.by_model);
        assert!(corpus.truth.constructs.len() > 6, "too few pitfalls: {:?}", corpus.truth.constructs.keys());
    }
}
