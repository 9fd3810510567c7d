//! Ledgers of a million calls and of ten: two years of work in sixty projects, with two agents, eight models and three
//! providers. They are made as every ledger is, by reading logs; of each call only its line of usage is written, and what
//! was read is deleted, so that the logs of ten million calls never lie on the disk at once.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use jiff::Timestamp;
use spendmeter_core::ledger::Ledger;
use spendmeter_core::places::Places;
use spendmeter_core::sync;

use crate::corpus::log::{Moment, uuid};
use crate::corpus::random::Random;

/// Raised whenever a ledger would hold something else.
const EDITION: u32 = 2;
const SEED: u64 = 7;
/// A session's calls.
const CALLS: u64 = 150;
/// Sessions that are written, read and deleted at a time.
const BATCH: u64 = 1_000;
const TWO_YEARS: u64 = 730 * 86_400_000;
/// 2026-11-24, noon.
const END: i64 = 1_795_521_600_000;

/// The models of its calls; `gpt-5.5` stands for `gpt-5.4` too.
pub(crate) const MODELS: [&str; 7] = [
    "claude-opus-4-8",
    "claude-opus-5-5",
    "claude-sonnet-4-6",
    "claude-sonnet-5-5",
    "claude-haiku-4-5",
    "moonshotai/kimi-k2-thinking",
    "gpt-5.5",
];

/// The moment from which the ledgers are looked at.
pub(crate) fn now() -> Result<Timestamp> {
    Ok(Timestamp::from_millisecond(END)?)
}

/// A ledger of so many calls, made in `folder` unless it is there already.
pub(crate) fn ledger_of(calls: u64, folder: &Path) -> Result<Places> {
    let folder = folder.join(calls.to_string());
    let places = Places::of_user([("HOME".into(), folder.join("home").into())], None, Some(folder.join("data")))?;
    let edition = folder.join(format!("edition-{EDITION}"));
    if edition.exists() {
        // A later version of the product may have to bring it up to date.
        drop(Ledger::open(&places.ledger())?);
        return Ok(places);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut ledger = Ledger::open(&places.ledger())?;
    let mut random = Random::new(SEED);
    let sessions = calls / CALLS;
    let mut added = 0;
    for first in (0..sessions).step_by(usize::try_from(BATCH)?) {
        let logs: Vec<PathBuf> = (first..sessions.min(first + BATCH))
            .map(|number| session(number, sessions, &folder.join("home"), &mut random))
            .collect::<Result<_>>()?;
        added += sync::pass(&mut ledger, &places, now()?, &mut |_| {})?.records_added;
        for log in logs {
            fs::remove_file(log)?;
        }
    }
    ensure!(added == sessions * CALLS, "{added} of {calls} calls arrived in the ledger");
    drop(ledger);
    fs::write(edition, "")?;
    Ok(places)
}

/// Writes the log of one session.
fn session(number: u64, of: u64, home: &Path, random: &mut Random) -> Result<PathBuf> {
    let began = TWO_YEARS / of * number;
    let lasts = random.between(1, 3) * 3_600_000 + random.below(3_600_000);
    let began = Moment(END.saturating_sub_unsigned((TWO_YEARS - began).max(lasts)));
    let id = uuid(random);
    // A few projects have most of the work.
    let project = format!("/home/dev/src/project-{:02}", random.below(60).min(random.below(60)));
    let branch = random.pick(&["main", "feature/export", "fix/rounding"]);
    let model = random.pick(&MODELS);
    let is_codex = model.starts_with("gpt");
    let log = if is_codex {
        home.join(format!(".codex/sessions/rollout-{number}.jsonl"))
    } else {
        home.join(".claude/projects").join(project.replace('/', "-")).join(format!("{id}.jsonl"))
    };
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut lines = Vec::new();
    if is_codex {
        let at = began.text();
        // Two models, so that with the others there are eight.
        let model = random.pick(&["gpt-5.5", "gpt-5.4"]);
        writeln!(
            lines,
            r#"{{"timestamp":"{at}","type":"session_meta","payload":{{"id":"{id}","cwd":"{project}","originator":"codex_cli_rs","model_provider":"openai","git":{{"branch":"{branch}"}}}}}}
{{"timestamp":"{at}","type":"turn_context","payload":{{"turn_id":"{id}-1","cwd":"{project}","model":"{model}"}}}}"#
        )?;
    }
    for call in 0..CALLS {
        let at = began.after(lasts / CALLS * call, Moment(END)).text();
        // In the order of time, as ids are not: building the index of keys is not what is measured.
        let key = number * CALLS + call;
        let (cached, output) = (random.below(150_000), random.skewed(330, 14_000));
        if is_codex {
            let input = cached + random.skewed(1_700, 20_000);
            writeln!(
                lines,
                r#"{{"timestamp":"{at}","type":"token_usage_record","payload":{{"thread_id":"{id}","response_id":"resp_{key:012}","usage":{{"input_tokens":{input},"cached_input_tokens":{cached},"output_tokens":{output},"reasoning_output_tokens":{}}}}}}}"#,
                output / 3
            )?;
        } else {
            let written = random.skewed(1_300, 22_000);
            let form = if model.starts_with("claude") { "msg_" } else { "gen-" };
            // The last third of some sessions is a subagent's.
            let side = if number.is_multiple_of(3) && call >= CALLS / 3 * 2 {
                r#""isSidechain":true,"agentId":"a1","attributionAgent":"reviewer","#
            } else {
                ""
            };
            writeln!(
                lines,
                r#"{{{side}"type":"assistant","timestamp":"{at}","entrypoint":"cli","cwd":"{project}","sessionId":"{id}","gitBranch":"{branch}","requestId":"req_{key:012}","message":{{"model":"{model}","id":"{form}{key:012}","type":"message","role":"assistant","content":[],"usage":{{"input_tokens":3,"cache_creation_input_tokens":{written},"cache_read_input_tokens":{cached},"output_tokens":{output},"service_tier":"standard","cache_creation":{{"ephemeral_1h_input_tokens":{written},"ephemeral_5m_input_tokens":0}}}}}}}}"#
            )?;
        }
    }
    fs::write(&log, lines)?;
    Ok(log)
}

#[cfg(test)]
mod tests {
    use spendmeter_core::calendar::{Calendar, TimeRange};
    use spendmeter_core::spend::Viewpoint;

    use super::*;

    #[test]
    fn a_ledger_has_the_calls_that_it_is_asked_for_and_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let places = ledger_of(3_000, folder.path()).unwrap();
        let made = fs::metadata(places.ledger()).unwrap().modified().unwrap();
        let places = ledger_of(3_000, folder.path()).unwrap();
        assert_eq!(fs::metadata(places.ledger()).unwrap().modified().unwrap(), made);
        let ledger = Ledger::open_reader(&places.ledger()).unwrap();
        let calendar = Calendar::new(jiff::tz::TimeZone::UTC);
        let viewpoint = Viewpoint { ledger: &ledger, calendar: &calendar, places: &places, now: now().unwrap() };
        assert_eq!(viewpoint.spend(TimeRange::EVER).unwrap().requests, 3_000);
    }
}
