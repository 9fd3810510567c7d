//! What the vendored lists say that a person must have looked at: every price of today about which they disagree, every
//! price that ever moved by more than three times, to zero or from zero, in the course of time or with a newer release of
//! the lists. `prices/reviewed.csv` has them with the reason; whatever is not in it fails here and is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use spendmeter_core::pricing::catalogue::{Catalogue, Context, Jump, Kind, Listing, Move, Part, Schedule};
use spendmeter_core::pricing::{bundled, view};

use super::price_refresh::{candidate, with_entry};

const REVIEWED: &str = include_str!("../../prices/reviewed.csv");

/// What calls of every kind cost by the release that was looked at last, in pico-dollars per token.
const CURRENT: &str = include_str!("../../prices/current.csv");

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
        let Move::Rate { kind, before, after } = jump.moved else { panic!("a price that ended: {jump:?}") };
        let ((provider, model), kind, above) = (&jump.listing, kind.as_str(), jump.above);
        let context = jump.contexts[0].as_str();
        let hours = hours(jump.hours.as_ref().map(|(schedule, part)| (schedule, *part)));
        format!("jump,{provider},{model},{context},{above},{hours},{kind},{before},{after}")
    });
    disputed.chain(jumped).collect()
}

/// How a call is run, the prompt length above which its price holds, and at which hours.
type Call = (Context, u32, String);

/// Pico-dollars per token, in the order of [`Kind::ALL`].
type Costs = [Option<i64>; Kind::ALL.len()];

/// What each kind of call of a listing costs, by `provider,model`.
type Listed = BTreeMap<String, BTreeMap<Call, Costs>>;

/// What every listing costs as of the day on which the newer list was published.
fn current(catalogue: &Catalogue) -> Listed {
    let at = catalogue.published();
    let of_listing = |listing: Listing<'_>| {
        let priced = listing.in_force(at).filter(|point| !point.is_end());
        let costs = priced.map(|point| {
            let call = (point.context, point.above, hours(listing.hours(point)));
            (call, Kind::ALL.map(|kind| point.rates.charged(kind)))
        });
        (format!("{},{}", listing.provider(), listing.model()), costs.collect())
    };
    catalogue.models().map(of_listing).collect()
}

/// The file, as [`current`] says it.
fn known() -> Listed {
    let mut known = Listed::new();
    for line in CURRENT.lines().skip(1) {
        let mut cells = line.rsplitn(Kind::ALL.len() + 4, ',').collect::<Vec<_>>().into_iter().rev();
        let mut next = || cells.next().unwrap();
        let (listing, context, above, hours) = (next(), next(), next(), next());
        let context = Context::ALL.into_iter().find(|one| one.as_str() == context).unwrap();
        let costs = Kind::ALL.map(|_| next().parse().ok());
        known.entry(listing.to_owned()).or_default().insert((context, above.parse().unwrap(), hours.to_owned()), costs);
    }
    known
}

fn lines(listed: &Listed) -> Vec<String> {
    let header =
        Kind::ALL.iter().fold("provider,model,context,above,hours".to_owned(), |line, kind| line + "," + kind.as_str());
    let rows = listed.iter().flat_map(|(listing, calls)| calls.iter().map(move |(call, costs)| (listing, call, costs)));
    let line = |(listing, (context, above, hours), costs): (&String, &Call, &Costs)| {
        let costs = costs.map(|cost| cost.map(|cost| cost.to_string()).unwrap_or_default());
        format!("{listing},{},{above},{hours},{}", context.as_str(), costs.join(","))
    };
    [header].into_iter().chain(rows.map(line)).collect()
}

/// What such a call costs by these: by the price of ordinary calls where its way of running has none, and by the longest
/// prompt that it exceeds. Of hours that only the other release has, by any.
fn charged(calls: &BTreeMap<Call, Costs>, (run, above, hours): &Call) -> Vec<Costs> {
    let context = if calls.keys().any(|(context, ..)| context == run) { *run } else { Context::Standard };
    let bounds = calls.keys().filter(|call| call.0 == context && call.1 <= *above);
    let bound = bounds.map(|call| call.1).max();
    let of_prompt = calls.iter().filter(|(call, _)| call.0 == context && Some(call.1) == bound);
    let at_hours: Vec<Costs> =
        of_prompt.clone().filter(|(call, _)| call.2 == *hours).map(|(_, costs)| *costs).collect();
    if at_hours.is_empty() { of_prompt.map(|(_, costs)| *costs).collect() } else { at_hours }
}

/// Prices that a newer release of the lists moved so far that somebody has to look.
fn moved_by_the_release(before: &Listed, now: &Listed) -> BTreeSet<String> {
    let mut moved = BTreeSet::new();
    let gone = BTreeMap::new();
    for (listing, before) in before {
        let now = now.get(listing).unwrap_or(&gone);
        for call in before.keys().chain(now.keys()) {
            let mut after: Vec<Option<Costs>> = charged(now, call).into_iter().map(Some).collect();
            if after.is_empty() {
                after.push(None);
            }
            for (was, is) in charged(before, call).iter().flat_map(|was| after.iter().map(move |is| (was, is))) {
                for kind in Kind::ALL {
                    let is = is.and_then(|is| is[kind as usize]);
                    let Some(was) = was[kind as usize].filter(|was| !Jump::is_calm(*was, is, FACTOR)) else { continue };
                    let (context, above, hours) = (call.0.as_str(), call.1, &call.2);
                    let is = is.map(|is| is.to_string()).unwrap_or_default();
                    moved.insert(format!("release,{listing},{context},{above},{hours},{},{was},{is}", kind.as_str()));
                }
            }
        }
    }
    moved
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
    let now = current(&bundled());
    let moved = moved_by_the_release(&known(), &now);
    let new: Vec<&String> = moved.iter().filter(|row| !REVIEWED.contains(&format!("{row},"))).collect();
    assert!(new.is_empty(), "look at these, and add them with the reason to prices/reviewed.csv:\n{new:#?}");
    // Only then there is a file that can be taken over.
    let lines = lines(&now);
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("current.csv");
    fs::write(&written, lines.join("\n") + "\n").unwrap();
    let (known, found): (BTreeSet<&str>, BTreeSet<&str>) =
        (CURRENT.lines().collect(), lines.iter().map(String::as_str).collect());
    let changed: Vec<_> = known.symmetric_difference(&found).take(20).collect();
    assert!(
        changed.is_empty(),
        "prices/current.csv is of another release; take over {}: {changed:#?}",
        written.display()
    );
}

#[test]
fn a_release_that_overwrites_a_rate_of_any_kind_of_call_is_noticed() {
    let fable = r#""id":"claude-fable-5-2","name""#;
    let (openai, copilot) = (r#"{"equals":"gpt-5.4-2026-03-05"}"#, r#""id":"gpt-5.4","name""#);
    let tier = |tier: &str, input: &str| {
        format!(
            r#"{{"service_tier":"{tier}"}},"constraint":{{"start_date":"2026-10-12"}},"prices":{{"input_mtok":{input}"#
        )
    };
    for (begin, rate, wrong, row) in [
        (
            fable,
            r#""input_mtok":4,"#.to_owned(),
            r#""input_mtok":40,"#.to_owned(),
            "anthropic,claude-fable-5-2,batch,0,,input,4000000,40000000",
        ),
        (
            fable,
            r#""output_mtok":80,"#.to_owned(),
            r#""output_mtok":8,"#.to_owned(),
            "anthropic,claude-fable-5-2,fast,0,,output,80000000,8000000",
        ),
        (
            openai,
            tier("flex", r#"{"base":1.25"#),
            tier("flex", r#"{"base":12.5"#),
            "openai,gpt-5.4,flex,0,,input,1250000,12500000",
        ),
        (openai, tier("priority", "5"), tier("priority", "50"), "openai,gpt-5.4,priority,0,,input,5000000,50000000"),
        (
            copilot,
            r#"{"start":272000,"price":5}"#.to_owned(),
            r#"{"start":272000,"price":50}"#.to_owned(),
            "github-copilot,gpt-5.4,standard,272000,,input,5000000,50000000",
        ),
    ] {
        let release = candidate(&with_entry(begin, &rate, &wrong)).catalogue;
        let moved = moved_by_the_release(&known(), &current(&release));
        assert!(moved.contains(&format!("release,{row}")), "{row}: {moved:#?}");
    }
}

#[test]
fn a_call_of_a_new_kind_is_held_against_what_it_cost_so_far() {
    let costs = |input: i64| Kind::ALL.map(|kind| (kind == Kind::Input).then_some(input));
    let listed = |calls: &[(Context, u32, &str, i64)]| -> Listed {
        let calls = calls.iter().map(|(run, above, hours, input)| ((*run, *above, (*hours).to_owned()), costs(*input)));
        BTreeMap::from([("toy".to_owned(), calls.collect())])
    };
    let (standard, batch) = (Context::Standard, Context::Batch);
    let plain = (standard, 0, "", 10);
    let rows = |before: &[_], after: &[_]| {
        moved_by_the_release(&listed(before), &listed(after)).into_iter().collect::<Vec<String>>()
    };
    for calm in [(batch, 0, "", 5), (standard, 9, "", 30)] {
        assert_eq!(rows(&[plain], &[plain, calm]), Vec::<String>::new());
        assert_eq!(rows(&[plain, calm], &[plain]), Vec::<String>::new());
    }
    assert_eq!(rows(&[plain], &[plain, (batch, 0, "", 1)]), ["release,toy,batch,0,,input,10,1"]);
    assert_eq!(rows(&[plain, (batch, 0, "", 1)], &[plain]), ["release,toy,batch,0,,input,1,10"]);
    assert_eq!(rows(&[plain], &[plain, (standard, 9, "", 31)]), ["release,toy,standard,9,,input,10,31"]);
    let at_night = (standard, 0, "at night", 1);
    assert_eq!(
        rows(&[plain], &[at_night, (standard, 0, "by day", 10)]),
        ["release,toy,standard,0,,input,10,1", "release,toy,standard,0,at night,input,10,1"]
    );
    assert_eq!(rows(&[plain], &[(standard, 0, "", 0)]), ["release,toy,standard,0,,input,10,0"]);
    assert_eq!(rows(&[plain], &[]), ["release,toy,standard,0,,input,10,"]);
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
