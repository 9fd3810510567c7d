//! The product beside its rivals: what they took, what they counted, and why they differ.

use std::fmt::Write;

use anyhow::Result;
use spendmeter_core::words::grouped;

use super::{megabytes, table};
use crate::corpus::truth::{Construct, Counts};
use crate::programs::{Program, undated};
use crate::scan::{Before, Measured, Scan};

/// Time and memory.
pub(super) fn reading(page: &mut String, scan: &Scan) -> Result<()> {
    let Some(ours) = scan.of(Program::Spendmeter, Before::Nothing) else { return Ok(()) };
    let unchanged = scan.of(Program::Spendmeter, Before::Everything);
    let rows: Vec<Vec<String>> = scan
        .measured
        .iter()
        .map(|run| {
            let base = if run.before == Before::Nothing { Some(ours) } else { unchanged };
            let kind = if run.before == Before::Nothing { "first run" } else { "run again, nothing changed" };
            let ratio = |of: fn(&Measured) -> f64| base.map_or(0.0, |base| of(run) / of(base));
            let seconds = |seconds: f64| {
                if seconds < 0.1 { format!("{:.0} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
            };
            let wall = &run.wall_seconds;
            vec![
                format!(
                    "{} {}, {kind}",
                    run.program.name(),
                    scan.versions.get(&run.program).map_or("", String::as_str)
                ),
                format!("{} ({} to {})", seconds(wall.median), seconds(wall.least), seconds(wall.most)),
                format!("{:.2} ×", ratio(|run| run.wall_seconds.median)),
                seconds(run.processor_seconds.median),
                format!("{:.2} ×", ratio(|run| run.processor_seconds.median)),
                megabytes(run.peak_bytes.median),
                format!("{:.2} ×", ratio(|run| run.peak_bytes.median)),
            ]
        })
        .collect();
    writeln!(
        page,
        "## Reading everything\n\nMedian of {} rounds in turns, files in the system's cache. Spendmeter's time includes writing every \
         call to its ledger; × is how many times Spendmeter's. ccusage keeps nothing, so that each of its runs is a first one. \
         tokscale's prices are those in its cache, of which there are none (`TOKSCALE_PRICING_CACHE_ONLY=1`), so that it does not \
         wait for a network; it is run as `tokscale models --json`, ccusage as `ccusage monthly --offline --json`, Spendmeter as \
         `spend scan --json`.\n\n{}",
        scan.rounds,
        table(&["", "time", "×", "processor", "×", "peak memory", "×"], &rows)
    )?;
    Ok(())
}

/// What each of them says was used.
pub(super) fn totals(page: &mut String, scan: &Scan) -> Result<()> {
    type Kind = fn(&Counts) -> u64;
    let kinds: [(&str, Kind); 5] = [
        ("calls", |counts| counts.requests),
        ("input", |counts| counts.input),
        ("cache reads", |counts| counts.cache_read),
        ("cache writes", Counts::cache_write),
        ("output", |counts| counts.output),
    ];
    let truth = scan.truth.total();
    let rows: Vec<Vec<String>> = kinds
        .iter()
        .map(|(name, kind)| {
            let mut row = vec![(*name).to_owned(), grouped(kind(&truth))];
            row.extend(Program::ALL.map(|program| match (program, *name) {
                (Program::Ccusage, "calls") => "not told".to_owned(),
                _ => scan.total(program).map_or_else(|| "—".into(), |counts| against(kind(&counts), kind(&truth))),
            }));
            row
        })
        .collect();
    let header = ["all models", "the truth", "Spendmeter", "ccusage", "tokscale"];
    writeln!(page, "## Totals\n\n{}", table(&header, &rows))?;

    let rows: Vec<Vec<String>> = scan
        .truth
        .by_model
        .iter()
        .map(|(model, truth)| {
            let mut row = vec![format!("`{model}`"), grouped(truth.tokens())];
            row.extend(Program::ALL.map(|program| {
                let said = scan.totals.get(&program).and_then(|totals| totals.get(undated(model)));
                said.map_or_else(|| "—".to_owned(), |said| against(said.tokens(), truth.tokens()))
            }));
            row
        })
        .collect();
    writeln!(page, "{}", table(&["tokens of all kinds", "the truth", "Spendmeter", "ccusage", "tokscale"], &rows))?;
    Ok(())
}

/// Why a program is off, and by how much, given the tokens of the calls concerned.
type Effect = (&'static str, fn(&Counts) -> Signed);

/// What a program is off by where the corpus has this, as its finding shows.
fn effect(program: Program, construct: Construct) -> Option<Effect> {
    let more: fn(&Counts) -> Signed = |tokens| Signed::of(tokens, 1);
    let less: fn(&Counts) -> Signed = |tokens| Signed::of(tokens, -1);
    match (program, construct) {
        (Program::Ccusage, Construct::RepeatedWithoutRequestId) => Some((
            "counts each line of a response that has no request id, and each line again that a fork took along",
            more,
        )),
        (Program::Ccusage, Construct::OnlyInRounds) => Some((
            "takes the zeros on top of a response for its figures; cache writes it takes from their split, which is there",
            |tokens| Signed { cache_write: 0, requests: 0, ..Signed::of(tokens, -1) },
        )),
        (Program::Tokscale, Construct::RepeatedBySideQuestion) => {
            Some(("counts a response again that a side question repeats, since the request id differs", more))
        }
        (Program::Tokscale, Construct::InsideProgress) => {
            Some(("does not look into `progress` rows, where old versions keep subagents' responses", less))
        }
        (Program::Tokscale, Construct::OnlyInRounds) => {
            Some(("takes the zeros on top of a response for its figures", |tokens| Signed {
                requests: 0,
                ..Signed::of(tokens, -1)
            }))
        }
        _ => None,
    }
}

/// Where differences come from, to the token.
pub(super) fn differences(page: &mut String, scan: &Scan) -> Result<()> {
    writeln!(
        page,
        "### Where the differences come from\n\nEach cause is one that the homes below show, with its size as the generator counted it. \
         Names of models differ by the date at their end, which tokscale leaves out; tokscale shows reasoning beside output, here it \
         is in it.\n"
    )?;
    for program in Program::ALL {
        let Some(said) = scan.total(program) else { continue };
        let off = Signed::of(&said, 1).minus(Signed::of(&scan.truth.total(), 1));
        let mut rest = off;
        let mut rows = Vec::new();
        for (construct, tripped) in &scan.truth.constructs {
            let Some((why, of)) = effect(program, *construct) else { continue };
            let by = of(&tripped.tokens);
            rest = rest.minus(by);
            rows.push(by.row(format!("{why} ({} times)", grouped(tripped.times)), program));
        }
        if rows.is_empty() && off == Signed::default() {
            writeln!(page, "**{}** counts what there is, to the token.\n", program.name())?;
            continue;
        }
        rows.push(rest.row("not explained".into(), program));
        rows.push(off.row("together".into(), program));
        writeln!(
            page,
            "**{}**\n\n{}",
            program.name(),
            table(&["", "calls", "input", "cache reads", "cache writes", "output"], &rows)
        )?;
    }
    Ok(())
}

/// What programs make of single constructs.
pub(super) fn findings(page: &mut String, scan: &Scan) -> Result<()> {
    let rows: Vec<Vec<String>> = scan
        .findings
        .iter()
        .map(|finding| {
            let times = finding.construct.and_then(|construct| scan.truth.constructs.get(&construct));
            let mut row = vec![
                finding.what.clone(),
                times.map_or_else(|| "—".into(), |times| grouped(times.times)),
                grouped(finding.tokens),
            ];
            row.extend(Program::ALL.map(|program| {
                finding.counted_by(program).map_or_else(|| "—".to_owned(), |tokens| against(tokens, finding.tokens))
            }));
            row
        })
        .collect();
    writeln!(
        page,
        "### One thing at a time\n\nHomes of a few lines, each with one thing that logs do. What has no number in the second column was not \
         counted in the tree.\n\n{}",
        table(&["tokens counted", "in the tree", "the truth", "Spendmeter", "ccusage", "tokscale"], &rows)
    )?;
    Ok(())
}

/// A figure, and how far it is from what it should be.
fn against(said: u64, truth: u64) -> String {
    if said == truth {
        return "exact".to_owned();
    }
    format!("{}{}", if said > truth { "+" } else { "−" }, grouped(said.abs_diff(truth)))
}

/// Differences of counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Signed {
    requests: i64,
    input: i64,
    cache_read: i64,
    cache_write: i64,
    output: i64,
}

impl Signed {
    fn of(counts: &Counts, sign: i64) -> Self {
        let signed = |count: u64| sign * i64::try_from(count).unwrap_or(i64::MAX);
        Self {
            requests: signed(counts.requests),
            input: signed(counts.input),
            cache_read: signed(counts.cache_read),
            cache_write: signed(counts.cache_write()),
            output: signed(counts.output),
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            requests: self.requests - other.requests,
            input: self.input - other.input,
            cache_read: self.cache_read - other.cache_read,
            cache_write: self.cache_write - other.cache_write,
            output: self.output - other.output,
        }
    }

    fn row(self, what: String, program: Program) -> Vec<String> {
        let signed = |count: i64| match count {
            0 => "0".to_owned(),
            _ => format!("{}{}", if count > 0 { "+" } else { "−" }, grouped(count.unsigned_abs())),
        };
        // ccusage tells no number of calls.
        let requests = if program == Program::Ccusage { "—".into() } else { signed(self.requests) };
        vec![what, requests, signed(self.input), signed(self.cache_read), signed(self.cache_write), signed(self.output)]
    }
}
