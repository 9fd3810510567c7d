//! The sessions of a project.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Viewpoint;
use super::dimension::Dimension;
use super::ranking::{or_unknown, plus};
use super::view::{Session, Spend};
use crate::calendar::TimeRange;
use crate::ledger::LedgerError;
use crate::money::Usd;
use crate::sources;

/// How many are listed.
const LISTED: usize = 200;

/// What is gathered of one session.
#[derive(Default)]
struct Gathered {
    spend: Spend,
    by_model: BTreeMap<String, Option<Usd>>,
    by_branch: BTreeMap<String, u64>,
    span: Option<(Timestamp, Timestamp)>,
}

/// Sessions of a project, the dearest first, and how many more there are than are listed.
pub(super) fn sessions(
    viewpoint: &Viewpoint<'_>,
    range: TimeRange,
    project: &str,
) -> Result<(Vec<Session>, u64), LedgerError> {
    let by = [Dimension::Agent, Dimension::Session, Dimension::Model, Dimension::Branch];
    let sums = viewpoint.sums(range, &by, false, &[(Dimension::Project, project.to_owned())])?;
    let mut gathered: BTreeMap<(String, String), Gathered> = BTreeMap::new();
    for sum in &sums {
        let [agent, session, model, branch] = sum.values.as_slice() else { continue };
        let entry = gathered.entry((agent.clone(), session.clone())).or_default();
        entry.spend.add(sum);
        let cost = entry.by_model.entry(or_unknown(model)).or_default();
        *cost = plus(*cost, sum.estimate());
        *entry.by_branch.entry(branch.clone()).or_default() += sum.requests;
        let (first, last) = entry.span.unwrap_or(sum.span);
        entry.span = Some((first.min(sum.span.0), last.max(sum.span.1)));
    }
    let mut rows: Vec<_> = gathered.into_iter().collect();
    rows.sort_by(|(a_key, a), (b_key, b)| {
        let order = |row: &Gathered| (row.spend.estimated, row.spend.tokens.total());
        order(b).cmp(&order(a)).then_with(|| a_key.cmp(b_key))
    });
    let left_out = rows.len().saturating_sub(LISTED) as u64;
    let rows = rows.into_iter().take(LISTED).map(|((agent, session), row)| {
        let moment = |at: Timestamp| viewpoint.calendar.rfc3339(at);
        let (first, last) = row.span.unwrap_or((range.start, range.start));
        Session {
            session,
            agent: sources::ALL.iter().find(|source| source.id() == agent).map_or(agent, |source| source.name().into()),
            branch: row
                .by_branch
                .into_iter()
                .max_by_key(|(_, requests)| *requests)
                .map(|(branch, _)| branch)
                .filter(|b| !b.is_empty()),
            models: dearest(row.by_model),
            started: moment(first),
            last: moment(last),
            spend: row.spend,
        }
    });
    Ok((rows.collect(), left_out))
}

fn dearest(by_model: BTreeMap<String, Option<Usd>>) -> Vec<String> {
    let mut models: Vec<_> = by_model.into_iter().collect();
    models.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    models.into_iter().map(|(model, _)| model).collect()
}
