//! The sessions of a project.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::dimension::Dimension;
use super::ranking::{dearness, or_unknown};
use super::sums::Sum;
use super::view::{Session, Spend};
use crate::calendar::Calendar;
use crate::sources;
use crate::usage::Basis;

/// How many are listed.
const LISTED: usize = 200;

/// What has to be known of their sums, before whatever else is.
pub(super) const BY: [Dimension; 4] = [Dimension::Agent, Dimension::Session, Dimension::Branch, Dimension::Model];

/// What is gathered of one session.
struct Gathered<'s> {
    spend: Spend,
    by_model: BTreeMap<String, Spend>,
    by_branch: BTreeMap<&'s str, u64>,
    /// When the first and the last of its calls were made.
    span: (Timestamp, Timestamp),
}

impl Gathered<'_> {
    /// Nothing yet, of the session of `sum`.
    fn of(sum: &Sum) -> Self {
        Self { spend: Spend::default(), by_model: BTreeMap::new(), by_branch: BTreeMap::new(), span: sum.span }
    }
}

/// The sessions that `sums` by [`BY`] are of, the dearest first, and how many more there are than are listed.
pub(super) fn sessions(calendar: &Calendar, sums: &[Sum], lead: Basis) -> (Vec<Session>, u64) {
    let mut gathered: BTreeMap<(&str, &str), Gathered<'_>> = BTreeMap::new();
    for sum in sums {
        let [agent, session, branch, model, ..] = sum.values.as_slice() else { continue };
        let entry = gathered.entry((agent, session)).or_insert_with(|| Gathered::of(sum));
        entry.spend.add(sum);
        entry.by_model.entry(or_unknown(model)).or_default().add(sum);
        *entry.by_branch.entry(branch).or_default() += sum.requests;
        entry.span = (entry.span.0.min(sum.span.0), entry.span.1.max(sum.span.1));
    }
    let mut rows: Vec<_> = gathered.into_iter().collect();
    rows.sort_by(|(a_key, a), (b_key, b)| {
        dearness(&b.spend, lead).cmp(&dearness(&a.spend, lead)).then_with(|| a_key.cmp(b_key))
    });
    let left_out = rows.len().saturating_sub(LISTED) as u64;
    let rows = rows.into_iter().take(LISTED).map(|((agent, session), row)| {
        let moment = |at: Timestamp| calendar.rfc3339(at);
        let (first, last) = row.span;
        Session {
            session: session.to_owned(),
            agent: sources::ALL
                .iter()
                .find(|source| source.id() == agent)
                .map_or(agent, |source| source.name())
                .to_owned(),
            branch: row
                .by_branch
                .into_iter()
                .max_by_key(|(_, requests)| *requests)
                .map(|(branch, _)| branch.to_owned())
                .filter(|branch| !branch.is_empty()),
            models: dearest(row.by_model, lead),
            started: moment(first),
            last: moment(last),
            spend: row.spend,
        }
    });
    (rows.collect(), left_out)
}

fn dearest(by_model: BTreeMap<String, Spend>, lead: Basis) -> Vec<String> {
    let mut models: Vec<_> = by_model.into_iter().collect();
    models.sort_by_key(|(_, spend)| Reverse(dearness(spend, lead)));
    models.into_iter().map(|(model, _)| model).collect()
}
