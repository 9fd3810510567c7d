//! What the vendored lists say that a person must have looked at: every price of today about which they disagree, every
//! price that ever moved by more than three times or to zero. `prices/reviewed.csv` has them with the reason; whatever is
//! not in it fails here and is printed.

use std::collections::BTreeMap;

use spendmeter_core::pricing::bundled;

const REVIEWED: &str = include_str!("../../prices/reviewed.csv");

/// A price that moves further than this is looked at.
const FACTOR: u32 = 3;

fn found() -> Vec<String> {
    let catalogue = bundled();
    let differences = catalogue.differences(catalogue.published());
    let disputed = differences.iter().map(|found| {
        let ((provider, model), (one, other)) = (found.listing, found.rates);
        let (context, kind) = (found.context.as_str(), found.kind.as_str());
        format!("disputed,{provider},{model},{context},{},{kind},{one},{other}", found.above)
    });
    let jumps = catalogue.jumps_over_time(FACTOR);
    let jumped = jumps.iter().map(|jump| {
        let ((provider, model), (before, after)) = (&jump.listing, jump.rates);
        let (context, kind) = (jump.context.as_str(), jump.kind.as_str());
        format!("jump,{provider},{model},{context},{},{kind},{before},{}", jump.above, after.unwrap_or_default())
    });
    disputed.chain(jumped).collect()
}

#[test]
fn every_difference_and_every_jump_of_the_lists_was_looked_at() {
    let reviewed: BTreeMap<&str, &str> =
        REVIEWED.lines().skip(1).map(|line| line.split_at(line.match_indices(',').nth(7).unwrap().0)).collect();
    let found = found();
    let new: Vec<&String> = found.iter().filter(|line| !reviewed.contains_key(line.as_str())).collect();
    assert!(new.is_empty(), "look at these, and add them with the reason to prices/reviewed.csv:\n{new:#?}");
    let gone: Vec<&&str> = reviewed.keys().filter(|line| !found.iter().any(|found| found == **line)).collect();
    assert!(gone.is_empty(), "the lists do not say this any more; take it out of prices/reviewed.csv:\n{gone:#?}");
    assert!(reviewed.values().all(|why| why.len() > 5), "every line has a reason");
}
