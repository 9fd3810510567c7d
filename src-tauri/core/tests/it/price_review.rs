//! What the vendored lists say that a person must have looked at: every price of today about which they disagree, every
//! price that ever moved by more than three times, to zero or from zero, in the course of time or with a newer release of
//! the lists. `prices/reviewed.csv` has them with the reason; whatever is not in it fails here and is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use spendmeter_core::pricing::catalogue::{Context, Kind, Part, Schedule};
use spendmeter_core::pricing::{bundled, view};

const REVIEWED: &str = include_str!("../../prices/reviewed.csv");

/// What ordinary calls with short prompts cost by the release that was looked at last, in pico-dollars per token.
const STANDARD: &str = include_str!("../../prices/standard.csv");

/// The lists that the core carries.
const LISTS: [&str; 2] =
    [include_str!("../../prices/genai-prices-0.2.3.json"), include_str!("../../prices/model-prices-0.0.5.json")];

/// A price that moves further than this is looked at.
const FACTOR: u32 = 3;

/// At which hours, as a cell: `01:00–04:00 UTC Monday to Friday`; nothing if at all. Up to when holidays are known moves
/// every year, and no price with it.
fn hours(hours: Option<(&Schedule, Part)>) -> String {
    let text = hours.map(|(schedule, part)| view::hours(schedule, part)).unwrap_or_default();
    text.split(", without holidays").next().unwrap_or_default().replace(',', "")
}

fn found() -> Vec<String> {
    let catalogue = bundled();
    let differences = catalogue.differences(catalogue.published());
    let disputed = differences.iter().map(|found| {
        let ((provider, model), (one, other)) = (found.listing, found.rates);
        let (context, kind) = (found.context.as_str(), found.kind.as_str());
        let (above, hours) = (found.above, hours(found.hours));
        format!("disputed,{provider},{model},{context},{above},{hours},{kind},{one},{other}")
    });
    let jumps = catalogue.jumps_over_time(FACTOR);
    let jumped = jumps.iter().map(|jump| {
        let ((provider, model), (before, after)) = (&jump.listing, jump.rates);
        let (context, kind, above) = (jump.context.as_str(), jump.kind.as_str(), jump.above);
        let hours = hours(jump.hours.as_ref().map(|(schedule, part)| (schedule, *part)));
        format!("jump,{provider},{model},{context},{above},{hours},{kind},{before},{}", after.unwrap_or_default())
    });
    disputed.chain(jumped).collect()
}

/// What ordinary calls cost now: a line per model, in the order of [`Kind::ALL`].
fn standard() -> BTreeMap<String, [Option<i64>; Kind::ALL.len()]> {
    let catalogue = bundled();
    let price = |listing: spendmeter_core::pricing::catalogue::Listing<'_>| {
        let point = listing.point(catalogue.published(), Context::Standard, 1)?;
        Some((format!("{},{}", listing.provider(), listing.model()), Kind::ALL.map(|kind| point.rates.charged(kind))))
    };
    catalogue.models().filter_map(price).collect()
}

fn line(model: &str, rates: &[Option<i64>]) -> String {
    let rates = rates.iter().map(|rate| rate.map(|rate| rate.to_string()).unwrap_or_default());
    rates.fold(model.to_owned(), |line, rate| line + "," + &rate)
}

/// Prices that a newer release of the lists moved so far that somebody has to look.
fn moved_by_the_release(now: &BTreeMap<String, [Option<i64>; Kind::ALL.len()]>) -> Vec<String> {
    let jumped = |line: &str| {
        let mut cells = line.rsplitn(Kind::ALL.len() + 1, ',').collect::<Vec<_>>().into_iter().rev();
        let model = cells.next().unwrap().to_owned();
        let after = now.get(&model).copied().unwrap_or_default();
        let moved = cells.zip(Kind::ALL).zip(after).filter_map(|((before, kind), after)| {
            let before: i64 = before.parse().ok()?;
            let factor = i64::from(FACTOR);
            let is_calm =
                |after: i64| (before > 0) == (after > 0) && after <= before * factor && before <= after * factor;
            (!after.is_some_and(is_calm)).then_some((kind, before, after))
        });
        let row = |(kind, before, after): (Kind, i64, Option<i64>)| {
            let after = after.map(|after| after.to_string()).unwrap_or_default();
            format!("release,{model},standard,0,,{},{before},{after}", kind.as_str())
        };
        moved.map(row).collect::<Vec<_>>()
    };
    STANDARD.lines().skip(1).flat_map(jumped).collect()
}

#[test]
fn the_lists_are_the_files_whose_hashes_the_catalogue_names() {
    let named: Vec<String> = bundled().sources().iter().map(|source| source.sha256.clone()).collect();
    assert_eq!(LISTS.map(|list| format!("{:x}", Sha256::digest(list))).to_vec(), named);
    let readme = include_str!("../../prices/README.md");
    assert!(named.iter().all(|hash| readme.contains(hash)), "prices/README.md names them too");
}

#[test]
fn a_release_that_moves_a_price_far_was_looked_at() {
    let now = standard();
    let new: Vec<String> =
        moved_by_the_release(&now).into_iter().filter(|row| !REVIEWED.contains(&format!("{row},"))).collect();
    assert!(new.is_empty(), "look at these, and add them with the reason to prices/reviewed.csv:\n{new:#?}");
    // Only then there is a file that can be taken over.
    let header = Kind::ALL.iter().fold("provider,model".to_owned(), |line, kind| line + "," + kind.as_str());
    let lines: Vec<String> = [header].into_iter().chain(now.iter().map(|(model, rates)| line(model, rates))).collect();
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("standard.csv");
    fs::write(&written, lines.join("\n") + "\n").unwrap();
    let (known, found): (BTreeSet<&str>, BTreeSet<&str>) =
        (STANDARD.lines().collect(), lines.iter().map(String::as_str).collect());
    let changed: Vec<_> = known.symmetric_difference(&found).take(20).collect();
    assert!(
        changed.is_empty(),
        "prices/standard.csv is of another release; take over {}: {changed:#?}",
        written.display()
    );
}

#[test]
fn no_two_differences_are_of_the_same_calls() {
    let found = found();
    let disputed = found.iter().filter(|line| line.starts_with("disputed,"));
    let calls: Vec<&str> = disputed.map(|line| line.rsplitn(3, ',').last().unwrap()).collect();
    assert_eq!(calls.iter().collect::<BTreeSet<_>>().len(), calls.len(), "{calls:#?}");
}

#[test]
fn every_difference_and_every_jump_of_the_lists_was_looked_at() {
    let reviewed: BTreeMap<&str, &str> =
        REVIEWED.lines().skip(1).map(|line| line.split_at(line.match_indices(',').nth(8).unwrap().0)).collect();
    let found = found();
    let new: Vec<&String> = found.iter().filter(|line| !reviewed.contains_key(line.as_str())).collect();
    assert!(new.is_empty(), "look at these, and add them with the reason to prices/reviewed.csv:\n{new:#?}");
    // What a release moved stays in the file: the next release is compared with that one.
    let lasting = reviewed.keys().filter(|line| !line.starts_with("release,"));
    let gone: Vec<&&str> = lasting.filter(|line| !found.iter().any(|found| found == **line)).collect();
    assert!(gone.is_empty(), "the lists do not say this any more; take it out of prices/reviewed.csv:\n{gone:#?}");
    assert!(reviewed.values().all(|why| why.len() > 5), "every line has a reason");
}
