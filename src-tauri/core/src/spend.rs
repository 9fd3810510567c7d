//! Read models: every figure that a person sees, in tray, page and terminal, is computed here and nowhere else.
//!
//! A [`Viewpoint`] fixes what is looked at and from when; its methods answer one question each, from the ledger's sums.

use std::path::Path;

use jiff::Timestamp;

use crate::calendar::{Calendar, TimeRange};
use crate::ledger::{Ledger, LedgerError};
use crate::money::Usd;
use crate::places::Places;
use crate::sources::{self, Source, watch::POLL_INTERVAL};
use crate::sync;
use crate::usage::Basis;

#[cfg(test)]
mod apart;
pub mod bills;
mod breakdown;
pub mod dimension;
mod forecast;
mod history;
mod pieces;
mod ranking;
pub mod report;
mod sessions;
mod sums;
pub mod view;
#[cfg(test)]
mod work;

use breakdown::Breakdown;
use dimension::Dimension;
use history::History;
use pieces::Pieces;
use ranking::Before;
use sums::Query;
use view::{
    Bases, Change, Freshness, Meter, Overview, Period, Progress, ProjectView, Ranked, SourceHealth, SourceState, Spend,
    UnpricedModel,
};

/// What is looked at, and from which moment.
#[derive(Clone, Copy, Debug)]
pub struct Viewpoint<'v> {
    /// What is known.
    pub ledger: &'v Ledger,
    /// The user's days.
    pub calendar: &'v Calendar,
    /// Where sources are.
    pub places: &'v Places,
    /// The moment that is "now": today is its day.
    pub now: Timestamp,
}

impl Viewpoint<'_> {
    /// What the tray shows.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn meter(&self) -> Result<Meter, LedgerError> {
        let history = History::of(self, None)?;
        let lead = history.bases().lead;
        let today = self.range(Period::Today);
        let breakdown = Breakdown::of(self, today, &[Dimension::Project, Dimension::Provider, Dimension::Model], &[])?;
        let before = Before::of(self, today, Dimension::Project, &[], lead)?;
        let mut top_projects = breakdown.ranked(Dimension::Project, before.as_ref(), lead);
        top_projects.truncate(3);
        Ok(Meter {
            as_of: self.as_of(),
            freshness: self.freshness(),
            connected: self.is_connected()?,
            lead,
            fixed: self.ledger.plans()?.fixed_cost(self.range(Period::Month)),
            today: self.so_far(&history, today)?,
            month: self.so_far(&history, self.range(Period::Month))?,
            month_name: self.month_name(),
            forecast: history.forecast(),
            burn: history.burn(),
            top_projects,
            unpriced: breakdown.unpriced(),
        })
    }

    /// The dashboard, by the amounts that are `wanted`, if there are any. `progress` is that of the pass under way, if any.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn overview(
        &self,
        period: Period,
        wanted: Option<Basis>,
        progress: Option<Progress>,
    ) -> Result<Overview, LedgerError> {
        let history = History::of(self, wanted)?;
        let lead = history.bases().lead;
        let range = self.range(period);
        let by = [Dimension::Provider, Dimension::Project, Dimension::Model];
        let breakdown = Breakdown::of(self, range, &by, &[])?;
        let (days, providers) = breakdown.days(self.calendar, self.calendar.date(self.now), lead);
        let before = Before::of(self, range, Dimension::Project, &[], lead)?;
        Ok(Overview {
            period,
            bases: history.bases().clone(),
            fixed: self.ledger.plans()?.fixed_cost(self.range(Period::Month)),
            as_of: self.as_of(),
            freshness: self.freshness(),
            today: self.so_far(&history, self.range(Period::Today))?,
            today_against_usual_permille: history.today_against_usual(),
            month: self.so_far(&history, self.range(Period::Month))?,
            month_name: self.month_name(),
            forecast: history.forecast(),
            burn: history.burn(),
            total: breakdown.total(),
            days,
            providers,
            projects: breakdown.ranked(Dimension::Project, before.as_ref(), lead),
            unpriced: breakdown.unpriced(),
            sources: self.sources()?,
            progress,
        })
    }

    /// One project, by the amounts that are `wanted`, if it has any; its key is its folder, empty for what no project is
    /// known of. `None` if it has no usage at all.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn project(
        &self,
        key: &str,
        period: Period,
        wanted: Option<Basis>,
    ) -> Result<Option<ProjectView>, LedgerError> {
        let range = self.range(period);
        let only = [(Dimension::Project, key.to_owned())];
        let by = [&sessions::BY[..], &[Dimension::Provider]].concat();
        let breakdown = Breakdown::of(self, range, &by, &only)?;
        let bases = Bases::of(breakdown.sums(), wanted);
        let lead = bases.lead;
        let before = Before::of(self, range, Dimension::Model, &only, lead)?;
        let Some(project) = self.ranked_project(key, range, &breakdown, before.as_ref(), lead)? else {
            return Ok(None);
        };
        let (days, providers) = breakdown.days(self.calendar, self.calendar.date(self.now), lead);
        let (sessions, sessions_left_out) = sessions::sessions(self.calendar, breakdown.sums(), lead);
        Ok(Some(ProjectView {
            project,
            period,
            bases,
            as_of: self.as_of(),
            freshness: self.freshness(),
            days,
            providers,
            models: breakdown.ranked(Dimension::Model, before.as_ref(), lead),
            unpriced: breakdown.unpriced(),
            sessions,
            sessions_left_out,
        }))
    }

    /// The row of a project among all of the range; `own` and `before` are its sums. `None` if it has no usage at all.
    fn ranked_project(
        &self,
        key: &str,
        range: TimeRange,
        own: &Breakdown<'_>,
        before: Option<&Before>,
        lead: Basis,
    ) -> Result<Option<Ranked>, LedgerError> {
        let row = |projects: &[&str], share_permille, change| {
            let label = ranking::project_label(key, projects)?;
            let trend = own.trend(lead).into_parts();
            Some(Ranked { key: key.to_owned(), label, spend: own.total(), share_permille, change, trend })
        };
        if own.sums().is_empty() {
            // Quiet in this period, but known from another.
            let projects = self.ledger.projects_before(range.end)?;
            return Ok(row(&projects.iter().map(String::as_str).collect::<Vec<_>>(), None, Change::Unknown));
        }
        let all = Query { pieces: &Pieces::whole(range), by: &[Dimension::Project], only: &[] }
            .run(self.ledger, self.calendar)?;
        let spend = own.total();
        let share = ranking::share(spend.amount(lead), Spend::of(&all).amount(lead));
        let change = before.map_or(Change::Unknown, |before| before.change_of_all(&spend));
        Ok(row(&all.iter().map(|sum| &*sum.values[0]).collect::<Vec<_>>(), share, change))
    }

    /// The span of `period`: whole days, today until its end.
    pub fn range(&self, period: Period) -> TimeRange {
        let today = self.calendar.date(self.now);
        match period {
            Period::Today => self.calendar.day(today),
            Period::Last7Days => self.calendar.last_days(self.now, 7),
            Period::Last30Days => self.calendar.last_days(self.now, 30),
            Period::Month => self.calendar.days(today.first_of_month(), today),
        }
    }

    /// All of a span.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn spend(&self, range: TimeRange) -> Result<Spend, LedgerError> {
        Ok(Spend::of(&Query { pieces: &Pieces::whole(range), by: &[], only: &[] }.run(self.ledger, self.calendar)?))
    }

    /// A span that is still counting. Where there is something to read on this machine, it was read since the span began, and
    /// nothing was used, that is known: $0.00 and not "no data". What a provider has not billed yet is not known to be nothing.
    fn so_far(&self, history: &History<'_>, range: TimeRange) -> Result<Spend, LedgerError> {
        let mut spend = history.spend(range);
        let lead = history.bases().lead;
        let was_read = sync::last_read(self.ledger, self.places).is_some_and(|at| at >= range.start);
        let is_nothing = spend.requests == 0 && Basis::ALL.iter().all(|basis| spend.amount(*basis).is_none());
        if is_nothing && was_read && self.has_agents()? {
            let bill_is_to_come = lead == Basis::Billed && !self.ledger.accounts()?.is_empty();
            *spend.amount_mut(if bill_is_to_come { Basis::Estimated } else { lead }) = Some(Usd::ZERO);
        }
        Ok(spend)
    }

    fn is_connected(&self) -> Result<bool, LedgerError> {
        Ok(self.has_agents()? || !self.ledger.connections()?.is_empty())
    }

    fn has_agents(&self) -> Result<bool, LedgerError> {
        for source in sources::ALL {
            if self.is_present(source)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether there is anything of a source, asked in the order of what it costs to tell.
    fn is_present(&self, source: &dyn Source) -> Result<bool, LedgerError> {
        Ok(source.roots(self.places).iter().any(|root| root.exists())
            || self.ledger.failure(source.id())?.is_some()
            || self.ledger.file_count(source.id())? > 0)
    }

    /// When the sources were last read to the end, on the user's clock.
    pub fn as_of(&self) -> Option<String> {
        sync::last_read(self.ledger, self.places).map(|at| self.calendar.rfc3339(at))
    }

    /// How old the figures are.
    pub fn freshness(&self) -> Freshness {
        let missed_two = 2 * i64::try_from(POLL_INTERVAL.as_secs()).unwrap_or(i64::MAX);
        match sync::last_read(self.ledger, self.places) {
            None if self.is_failing() => Freshness::Outdated,
            None => Freshness::Never,
            // A little more than two polls, since a poll takes its time, too.
            Some(at) if self.now.as_second() - at.as_second() > missed_two + 5 => Freshness::Outdated,
            Some(_) => Freshness::Current,
        }
    }

    fn is_failing(&self) -> bool {
        sources::ALL.iter().any(|source| self.ledger.failure(source.id()).is_ok_and(|failure| failure.is_some()))
    }

    /// Every source and how it is doing.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn sources(&self) -> Result<Vec<SourceHealth>, LedgerError> {
        let counted = sources::ALL.iter().map(|source| self.health(*source));
        counted.chain(not_counted(self.places).map(Ok)).collect()
    }

    fn health(&self, source: &dyn Source) -> Result<SourceHealth, LedgerError> {
        let roots = source.roots(self.places);
        let files = self.ledger.file_count(source.id())?;
        let (state, last_read, detail) = match self.ledger.failure(source.id())? {
            Some(failure) => {
                let last_read = failure.last_read.map(|at| self.calendar.rfc3339(at));
                (SourceState::Failing, last_read, Some(failure.message))
            }
            None if files > 0 || roots.iter().any(|root| root.exists()) => (SourceState::Live, self.as_of(), None),
            None => (SourceState::Absent, None, Some(looked_in(&roots, self.places.home()))),
        };
        Ok(SourceHealth { id: source.id().into(), name: source.name().into(), state, last_read, files, detail })
    }

    /// Models of a span that have no price, the most used first, told from those of the same name that have one.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn unpriced(&self, range: TimeRange, only: &[(Dimension, String)]) -> Result<Vec<UnpricedModel>, LedgerError> {
        let by = [Dimension::Model, Dimension::Provider];
        Ok(Breakdown::timeless(self, range, &by, only)?.unpriced())
    }

    fn month_name(&self) -> String {
        self.calendar.zoned(self.now).strftime("%Y-%m").to_string()
    }
}

/// Agents that are used on this machine and cannot be counted.
pub fn not_counted(places: &Places) -> impl Iterator<Item = SourceHealth> {
    sources::NOT_COUNTED.iter().filter(|agent| agent.is_found(places)).map(|agent| SourceHealth {
        id: agent.id.into(),
        name: agent.name.into(),
        state: SourceState::NotCounted,
        last_read: None,
        files: 0,
        detail: Some(agent.reason.into()),
    })
}

/// The folders in which an agent was looked for, as a person writes them.
fn looked_in(roots: &[std::path::PathBuf], home: &Path) -> String {
    let short = |root: &std::path::PathBuf| match root.strip_prefix(home) {
        Ok(below) => format!("~/{}", below.display()),
        Err(_) => root.display().to_string(),
    };
    let roots: Vec<String> = roots.iter().map(short).collect();
    roots.join(", ")
}
