//! `spend doctor`: what a person, or whoever helps them, has to know. Never a secret.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;
use serde_json::{Value, json};
use spendmeter_core::accounts::view::ConnectionView;
use spendmeter_core::calendar::TimeRange;
use spendmeter_core::ledger::price_statuses::PricedAlike;
use spendmeter_core::ledger::watches::PolledRoot;
use spendmeter_core::ledger::{Ledger, LedgerError};
use spendmeter_core::places::Places;
use spendmeter_core::pricing::{DailyLook, Look, LookOutcome};
use spendmeter_core::sources::ALL;
use spendmeter_core::sources::watch::POLL_INTERVAL;
use spendmeter_core::spend::bills::reconciled::Drift;
use spendmeter_core::spend::not_counted;
use spendmeter_core::spend::view::{SourceHealth, SourceState, UnpricedModel};
use spendmeter_core::sync::Skipped;
use spendmeter_core::words;

use crate::Outcome;
use crate::context::Context;
use crate::{key, reconcile};

/// What is looked at.
struct Findings {
    sources: Vec<SourceHealth>,
    connections: Vec<ConnectionView>,
    drifts: Vec<Drift>,
    unpriced: Vec<UnpricedModel>,
    /// Calls by how their price was found.
    priced: Vec<PricedAlike>,
    as_of: Option<String>,
    /// Lines that could not be understood: how many of which source, and the first of them.
    skipped: Vec<SkippedOf>,
    /// Folders of which the system does not tell everything; `None` when the tray app does not run, and nobody watches.
    polled: Option<Vec<PolledRoot>>,
    /// Whether the tray app looks for newer price lists, and the last look for them.
    daily: DailyLook,
}

/// Lines of one source that could not be understood.
#[derive(Serialize)]
struct SkippedOf {
    source: &'static str,
    lines: u64,
    first: Vec<Skipped>,
}

/// Lines that are named one by one, of each source.
const NAMED: usize = 10;

pub(crate) fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let findings = match context.ledger() {
        Ok(ledger) => look(context, &ledger)?,
        // Before the first scan there is still something to say: which agents there are.
        Err(LedgerError::Missing(_)) => look_without_ledger(context),
        Err(failure) => return Err(failure.into()),
    };
    if context.json {
        print_json(context, &findings)?;
    } else {
        print(context, &findings)?;
    }
    let failing = findings.sources.iter().any(|source| source.state == SourceState::Failing)
        || findings.connections.iter().any(|connection| connection.trouble.is_some());
    Ok(if failing { Outcome::Partly } else { Outcome::Done })
}

fn look(context: &Context, ledger: &Ledger) -> anyhow::Result<Findings> {
    let viewpoint = context.viewpoint(ledger);
    Ok(Findings {
        sources: viewpoint.sources()?,
        connections: viewpoint.connections()?,
        drifts: viewpoint.drifts()?,
        unpriced: viewpoint.unpriced(TimeRange::EVER, &[])?,
        priced: ledger.priced_alike()?,
        as_of: viewpoint.as_of(),
        skipped: skipped(ledger)?,
        polled: ledger.polled_roots()?,
        daily: ledger.daily_look()?,
    })
}

fn skipped(ledger: &Ledger) -> anyhow::Result<Vec<SkippedOf>> {
    let mut all = Vec::new();
    for source in ALL {
        let (lines, first) = ledger.skipped_lines(source.id(), NAMED)?;
        if lines > 0 {
            all.push(SkippedOf { source: source.id(), lines, first });
        }
    }
    Ok(all)
}

fn look_without_ledger(context: &Context) -> Findings {
    let sources = ALL.iter().map(|source| {
        let found = source.roots(&context.places).iter().any(|root| root.exists());
        let folders = source.roots(&context.places).iter().map(|root| root.display().to_string()).collect::<Vec<_>>();
        SourceHealth {
            id: source.id().into(),
            name: source.name().into(),
            state: if found { SourceState::Live } else { SourceState::Absent },
            last_read: None,
            files: 0,
            detail: Some(if found { "not read yet: run `spend scan`".into() } else { folders.join(", ") }),
        }
    });
    let sources = sources.chain(not_counted(&context.places));
    Findings {
        sources: sources.collect(),
        connections: Vec::new(),
        drifts: Vec::new(),
        unpriced: Vec::new(),
        priced: Vec::new(),
        as_of: None,
        skipped: Vec::new(),
        polled: None,
        daily: DailyLook::default(),
    }
}

fn print_json(context: &mut Context, findings: &Findings) -> anyhow::Result<()> {
    let document = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "ledger": context.places.ledger(),
        "home": context.places.home(),
        "time_zone": context.calendar.zone().iana_name(),
        "price_lists": context.catalogue()?.version(),
        "prices_looked_for_daily": findings.daily.on,
        "prices_last_looked_for": findings.daily.last.as_ref().map(|look| {
            json!({ "at": context.calendar.rfc3339(look.at), "outcome": look.outcome })
        }),
        "as_of": findings.as_of,
        "app_running": findings.polled.is_some(),
        "sources": findings.sources,
        "connections": findings.connections,
        "drifts": findings.drifts,
        "polled": findings.polled,
        "skipped": findings.skipped,
        "unpriced": findings.unpriced,
        "priced": findings.priced.iter().map(priced_json).collect::<Vec<_>>(),
    });
    Ok(writeln!(context.out, "{document}")?)
}

/// When the app last looked for newer price lists, and what came of it.
fn looked(context: &Context, daily: &DailyLook) -> String {
    let Some(Look { at, outcome }) = &daily.last else { return String::new() };
    let came = match outcome {
        LookOutcome::NothingNew => "nothing new",
        LookOutcome::Found => "newer ones were there",
        LookOutcome::Failed { why, .. } => why.as_str(),
    };
    format!(", last {}: {came}", context.calendar.rfc3339(*at))
}

fn print(context: &mut Context, findings: &Findings) -> anyhow::Result<()> {
    let zone = context.calendar.zone().iana_name().unwrap_or("UTC offset only").to_owned();
    let prices = context.catalogue()?.version();
    let daily = if findings.daily.on { "looked for every day" } else { "looked for only when you ask" };
    let looked = looked(context, &findings.daily);
    let out = &mut context.out;
    writeln!(out, "Spendmeter   {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "Ledger       {}", context.places.ledger().display())?;
    writeln!(out, "Logs below   {}", context.places.home().display())?;
    writeln!(out, "Time zone    {zone}")?;
    writeln!(out, "Price lists  {prices}; newer ones are {daily}{looked}")?;
    writeln!(out, "As of        {}", findings.as_of.as_deref().unwrap_or("never"))?;
    writeln!(out, "Tray app     {}", if findings.polled.is_some() { "running" } else { "not running" })?;
    writeln!(out)?;
    for source in &findings.sources {
        let state = match source.state {
            SourceState::Live => format!("read, {}", words::counted(source.files, "file")),
            SourceState::Absent => "not found".into(),
            SourceState::Failing => "failing".into(),
            SourceState::NotCounted => "found, cannot be counted".into(),
        };
        let detail = match (&source.detail, source.state) {
            (Some(folders), SourceState::Absent) => format!("; looked in {folders}"),
            (Some(reason), SourceState::NotCounted) => format!(", because {reason}"),
            (Some(detail), _) => format!("; {detail}"),
            (None, _) => String::new(),
        };
        let polled = polled_words(&polled_of(&source.id, &context.places, findings));
        writeln!(out, "{:<12} {state}{detail}{polled}", source.name)?;
        for skipped in findings.skipped.iter().filter(|skipped| skipped.source == source.id) {
            writeln!(out, "{:<12} {} skipped, as not understood:", "", words::counted(skipped.lines, "line"))?;
            for line in &skipped.first {
                writeln!(out, "{:<14} {}:{}: {}", "", line.path, line.line, line.reason)?;
            }
        }
    }
    if !findings.connections.is_empty() {
        writeln!(out)?;
        key::print(out, &findings.connections)?;
        writeln!(out)?;
    }
    for drift in &findings.drifts {
        writeln!(out, "drift        {}", reconcile::told(drift))?;
    }
    for model in &findings.unpriced {
        writeln!(out, "no price     {}: {} tokens are in no total", model.told(), words::count(model.tokens))?;
    }
    for PricedAlike { status, model, requests, tokens } in
        findings.priced.iter().filter(|alike| alike.status.is_assumed())
    {
        let (calls, tokens) = (words::counted(*requests, "call"), words::count(*tokens));
        writeln!(out, "assumed      {model}: {calls}, {tokens} tokens; {}", status.meaning())?;
    }
    Ok(())
}

fn priced_json(alike: &PricedAlike) -> Value {
    let PricedAlike { status, model, requests, tokens } = alike;
    json!({ "status": status.as_str(), "model": model, "requests": requests, "tokens": tokens, "meaning": status.meaning() })
}

/// The roots of a source that are polled.
fn polled_of<'f>(source: &str, places: &Places, findings: &'f Findings) -> Vec<&'f PolledRoot> {
    let roots = ALL.iter().filter(|known| known.id() == source).flat_map(|known| known.roots(places));
    let roots: Vec<_> = roots.map(|root| root.to_string_lossy().into_owned()).collect();
    findings.polled.iter().flatten().filter(|polled| roots.contains(&polled.path)).collect()
}

/// How they are polled, those with the same reason in one; empty if none is.
fn polled_words(roots: &[&PolledRoot]) -> String {
    let mut by_reason = BTreeMap::<&str, (u64, u64)>::new();
    for root in roots {
        let (polled, all) = by_reason.entry(&root.reason).or_default();
        *polled += root.folders_polled;
        *all += root.folders_polled + root.folders_watched;
    }
    let words = |(reason, (polled, all)): (&str, (u64, u64))| {
        let (polled, all, every) = (words::grouped(polled), words::grouped(all), POLL_INTERVAL.as_secs());
        format!("; {polled} of {all} folders polled every {every} s: {reason}")
    };
    by_reason.into_iter().map(words).collect()
}
