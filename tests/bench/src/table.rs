//! `docs/benchmarks.md`: all of it is written here, from what was measured; nothing in it is edited by hand.

mod rivals;

use std::fmt::Write;

use anyhow::Result;
use spendmeter_core::words::grouped;

use crate::Saved;
use crate::live::Live;
use crate::measure::{Spread, float};
use crate::prices::Prices;
use crate::programs::Program;
use crate::queries::Queries;
use crate::scan::{Before, Scan};
use crate::surroundings::Surroundings;

/// The whole page.
pub(crate) fn page(saved: &Saved) -> Result<String> {
    let mut page = String::from(
        "# Benchmarks\n\nWritten by `make bench`, whole; do not edit. It makes what it measures with: a home in which agents have \
         worked for half a year, the same bytes on every machine, and ledgers of a million and ten million calls. The rivals \
         are run as their authors built them, without a network.\n\n",
    );
    bars(&mut page, saved)?;
    if let Some((scan, surroundings)) = &saved.scan {
        rivals::reading(&mut page, scan)?;
        rivals::totals(&mut page, scan)?;
        rivals::differences(&mut page, scan)?;
        rivals::findings(&mut page, scan)?;
        corpus(&mut page, scan)?;
        measured_on(&mut page, surroundings)?;
    }
    if let Some((queries, surroundings)) = &saved.queries {
        asking(&mut page, queries)?;
        measured_on(&mut page, surroundings)?;
    }
    if let Some((prices, surroundings)) = &saved.prices {
        pricing(&mut page, prices)?;
        measured_on(&mut page, surroundings)?;
    }
    if let Some((live, surroundings)) = &saved.live {
        running(&mut page, live)?;
        measured_on(&mut page, surroundings)?;
    }
    Ok(page)
}

/// What was set as a goal, and what came of it.
fn bars(page: &mut String, saved: &Saved) -> Result<()> {
    let mut rows = Vec::new();
    let mut bar = |what: &str, measured: String, holds: bool| {
        rows.push(vec![what.to_owned(), measured, if holds { "yes" } else { "**no**" }.to_owned()]);
    };
    if let Some((scan, _)) = &saved.scan {
        let ours = |before| scan.of(Program::Spendmeter, before);
        let rivals = [Program::Ccusage, Program::Tokscale];
        let fastest =
            rivals.iter().filter_map(|rival| scan.of(*rival, Before::Nothing)).map(|run| run.wall_seconds.median);
        let fastest = fastest.fold(f64::INFINITY, f64::min);
        if let Some(cold) = ours(Before::Nothing) {
            let ratio = fastest / cold.wall_seconds.median;
            bar(
                "reading everything, committed: 3 × faster than the faster rival",
                format!("{ratio:.2} ×"),
                ratio >= 3.0,
            );
            let peak = cold.peak_bytes.most;
            bar("…in at most 64 MB of memory", megabytes(peak), peak <= 64e6);
        }
        if let Some(unchanged) = ours(Before::Everything) {
            let count = |name: &str| scan.unchanged[name].as_u64().unwrap_or(u64::MAX);
            let milliseconds = unchanged.wall_seconds.median * 1e3;
            let (read, rows) = (count("bytes_read").saturating_add(count("bytes_verified")), count("rows_written"));
            let measured = format!("{milliseconds:.0} ms, {read} bytes, {rows} rows");
            bar(
                "an unchanged tree: 60 ms, nothing read, nothing written",
                measured,
                milliseconds <= 60.0 && (read, rows) == (0, 0),
            );
        }
    }
    if let Some((live, _)) = &saved.live {
        let latest = live.label_milliseconds.most;
        bar("a written line is in the tray within 1 s", format!("{latest:.0} ms at most"), latest <= 1_000.0);
        let processor = live.processor_milliseconds_per_line;
        bar("…for at most 30 ms of processor time", format!("{processor:.1} ms"), processor <= 30.0);
        let minutes = live.idle_minutes;
        bar(
            &format!("{minutes} idle minutes write nothing to disk"),
            format!("{} bytes", live.idle_bytes_written),
            live.idle_bytes_written == 0,
        );
        let percent = live.idle_processor_percent;
        bar("…and take less than 0.1 % of a processor", format!("{percent:.3} %"), percent < 0.1);
        let resident = float(live.idle_resident_bytes);
        bar("…and at most 80 MB of memory, without a window", megabytes(resident), resident <= 80e6);
    }
    for queries in saved.queries.iter().flat_map(|(queries, _)| queries) {
        let limit = if queries.calls > 1_000_000 { 50.0 } else { 20.0 };
        let on_screen = queries.questions.iter().filter(|question| question.is_on_screen);
        let Some(slowest) = on_screen.max_by(|a, b| a.milliseconds.median.total_cmp(&b.milliseconds.median)) else {
            continue;
        };
        bar(
            &format!("every figure on screen, of {} calls: {limit} ms", grouped(queries.calls)),
            format!("{:.1} ms ({})", slowest.milliseconds.median, slowest.what),
            slowest.milliseconds.median <= limit,
        );
    }
    if let Some((prices, _)) = &saved.prices {
        let bytes = prices.catalogue_bytes;
        bar("the price catalogue adds less than 300 kB", format!("{} kB", bytes / 1_000), bytes < 300_000);
        let open = prices.open_milliseconds.median;
        bar("…and is open within 5 ms", format!("{open:.2} ms"), open < 5.0);
        let previews = [&prices.preview_seconds, &prices.preview_of_lists_seconds, &prices.preview_of_plan_seconds];
        let slowest = previews.iter().map(|spread| spread.median).fold(0.0, f64::max);
        bar(
            &format!("what a restatement of {} calls would change, in 2 s", grouped(prices.calls)),
            format!("{slowest:.2} s"),
            slowest < 2.0,
        );
    }
    if !rows.is_empty() {
        writeln!(page, "## Goals\n\n{}", table(&["goal", "measured", "held"], &rows))?;
    }
    Ok(())
}

fn corpus(page: &mut String, scan: &Scan) -> Result<()> {
    let truth = &scan.truth;
    let total = truth.total();
    writeln!(
        page,
        "### The tree\n\n{} files, {:.2} GB; half of them below {:.0} kB, 99 % below {:.1} MB, the largest {:.0} MB. {} calls of {} \
         models by Claude Code (2.1.81 to 2.1.330) and Codex (0.101 to 0.169), in transcripts, subagents' and side questions' \
         files, forks of both kinds and rollouts; text, tool results and pictures as long as they are in real logs. The generator \
         counts every call while it writes it: that is \"the truth\" above.\n",
        grouped(truth.files),
        float(truth.bytes) / 1e9,
        float(truth.size_at(500)) / 1e3,
        float(truth.size_at(990)) / 1e6,
        float(truth.size_at(1_000)) / 1e6,
        grouped(total.requests),
        truth.by_model.len(),
    )?;
    Ok(())
}

fn pricing(page: &mut String, prices: &Prices) -> Result<()> {
    writeln!(
        page,
        "## Prices\n\n{}",
        table(
            &["what", "measured"],
            &[
                vec!["the catalogue in the program".to_owned(), format!("{} bytes", grouped(prices.catalogue_bytes))],
                vec!["opening it".to_owned(), format!("{:.2} ms", prices.open_milliseconds.median)],
                vec![
                    "understanding fetched lists, and comparing them with those in use".to_owned(),
                    format!("{:.0} ms", prices.refresh_milliseconds.median),
                ],
                vec![
                    format!("pricing {} calls anew to see that none changes", grouped(prices.calls)),
                    format!("{:.2} s", prices.preview_seconds.median),
                ],
                vec![
                    format!(
                        "seeing that {} of them cost something else by other lists",
                        grouped(prices.repriced_calls)
                    ),
                    format!("{:.2} s", prices.preview_of_lists_seconds.median),
                ],
                vec![
                    format!("seeing that {} of them come under a plan", grouped(prices.restated_calls)),
                    format!("{:.2} s", prices.preview_of_plan_seconds.median),
                ],
                vec![
                    "putting them under it, once it is confirmed".to_owned(),
                    format!("{:.1} s", prices.restate_seconds)
                ],
                vec!["taking that back".to_owned(), format!("{:.1} s", prices.undo_seconds)],
            ],
        )
    )?;
    Ok(())
}

fn asking(page: &mut String, queries: &[Queries]) -> Result<()> {
    let names: Vec<&str> =
        queries.iter().flat_map(|queries| &queries.questions).map(|question| question.what.as_str()).collect();
    let mut distinct: Vec<&str> = Vec::new();
    for name in names {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    let time = |spread: &Spread| format!("{:.1} ({:.1})", spread.median, spread.most);
    let rows: Vec<Vec<String>> = distinct
        .iter()
        .map(|name| {
            let found = queries.iter().map(|queries| queries.questions.iter().find(|question| question.what == *name));
            let mut row = vec![(*name).to_owned()];
            row.extend(
                found.map(|question| question.map_or_else(|| "—".to_owned(), |question| time(&question.milliseconds))),
            );
            row
        })
        .collect();
    let ledgers = queries
        .iter()
        .map(|queries| format!("{} calls, {}", grouped(queries.calls), megabytes(float(queries.ledger_bytes))));
    let header: Vec<String> = std::iter::once("milliseconds, median (most)".to_owned()).chain(ledgers).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    writeln!(
        page,
        "## Asking\n\nTwo years of work in 60 projects, with 8 models of 3 providers, in sessions of 150 calls. The ledger is opened \
         for each question, as the app does. Reports are asked on the command line only.\n\n{}",
        table(&header, &rows)
    )?;
    Ok(())
}

fn running(page: &mut String, live: &Live) -> Result<()> {
    let label = &live.label_milliseconds;
    let rows = [
        (
            "a line is written to the largest file → the tray is told the new label",
            format!("{:.0} ms ({:.0} to {:.0})", label.median, label.least, label.most),
        ),
        ("processor time of the app for it", format!("{:.1} ms", live.processor_milliseconds_per_line)),
        ("watching, while nobody writes", format!("{} min", live.idle_minutes)),
        ("…bytes that it had written to disk", live.idle_bytes_written.to_string()),
        ("…processor time", format!("{:.3} % of one", live.idle_processor_percent)),
        ("…resident memory, without a window", megabytes(float(live.idle_resident_bytes))),
    ];
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(what, measured)| vec![what.to_owned(), measured]).collect();
    writeln!(
        page,
        "## Running\n\nThe app in the panel of a virtual desktop, over the same tree; 20 lines, one after another.\n\n{}",
        table(&["", "measured"], &rows)
    )?;
    Ok(())
}

fn measured_on(page: &mut String, surroundings: &Surroundings) -> Result<()> {
    let Surroundings { processor, cores, memory_bytes, system, kernel, file_system, date, commit, load_before } =
        surroundings;
    writeln!(
        page,
        "<sub>{date}, Spendmeter at {commit}; {processor}, {cores} cores, {:.0} GB; {system}, Linux {kernel}, {file_system}; load \
         before: {load_before}</sub>\n",
        float(*memory_bytes) / 1e9
    )?;
    Ok(())
}

fn megabytes(bytes: f64) -> String {
    format!("{:.0} MB", bytes / 1e6)
}

/// A table in Markdown; all columns but the first to the right.
fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let header: Vec<String> = header.iter().map(|&cell| cell.to_owned()).collect();
    let rule: Vec<String> =
        (0..header.len()).map(|column| if column == 0 { "---" } else { "---:" }.to_owned()).collect();
    let rows: String = rows.iter().map(|row| line(row)).collect();
    line(&header) + &line(&rule) + &rows
}
