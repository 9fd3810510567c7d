//! Read models: every figure that a person sees, in tray, page and terminal, is computed here and nowhere else.
//!
//! A [`Viewpoint`] fixes what is looked at and from when; its methods answer one question each, from the ledger's sums.

use std::path::Path;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::calendar::{Calendar, TimeRange};
use crate::ledger::{self, Ledger, LedgerError, QUARTER_SECS};
use crate::money::Usd;
use crate::places::Places;
use crate::sources::{self, Source, watch::POLL_INTERVAL};

pub mod dimension;
mod forecast;
mod ranking;
pub mod report;
mod sessions;
mod sums;
pub mod view;

use dimension::Dimension;
use forecast::{DAYS_BACK, ENOUGH_DAYS, PastDay};
use sums::{Query, Sum};
use view::{
    BurnRate, Change, Day, Forecast, Freshness, Meter, Overview, Period, Progress, ProjectView, ProviderShare, Ranked,
    SourceHealth, SourceState, Spend, UnpricedModel,
};

/// Quarter hours in the spark-line of the burn rate.
const BURN_QUARTERS: i64 = 12;

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

/// What was spent each quarter hour of the last weeks: enough to tell what is usual, and where it is heading.
struct History {
    quarters: Vec<(Timestamp, Usd)>,
}

impl History {
    fn within(&self, range: TimeRange) -> Option<Usd> {
        let mut inside = self.quarters.iter().filter(|(at, _)| range.contains(*at)).map(|(_, spent)| *spent).peekable();
        inside.peek()?;
        Some(inside.sum())
    }
}

impl Viewpoint<'_> {
    /// What the tray shows.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn meter(&self) -> Result<Meter, LedgerError> {
        let history = self.history()?;
        let today = self.range(Period::Today);
        let mut top_projects = self.ranked(Dimension::Project, today, &[])?;
        top_projects.truncate(3);
        Ok(Meter {
            as_of: self.as_of(),
            freshness: self.freshness(),
            connected: self.is_connected()?,
            today: self.so_far(today)?,
            month: self.so_far(self.range(Period::Month))?,
            month_name: self.month_name(),
            forecast: self.forecast(&history)?,
            burn: self.burn(&history),
            top_projects,
            unpriced: self.unpriced(today, &[])?,
        })
    }

    /// The dashboard. `progress` is that of the pass under way, if any.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn overview(&self, period: Period, progress: Option<Progress>) -> Result<Overview, LedgerError> {
        let history = self.history()?;
        let range = self.range(period);
        let (days, providers) = self.days(range, &[])?;
        Ok(Overview {
            period,
            as_of: self.as_of(),
            freshness: self.freshness(),
            today: self.so_far(self.range(Period::Today))?,
            today_against_usual_permille: self.against_usual(&history),
            month: self.so_far(self.range(Period::Month))?,
            month_name: self.month_name(),
            forecast: self.forecast(&history)?,
            burn: self.burn(&history),
            total: self.spend(range)?,
            days,
            providers,
            projects: self.ranked(Dimension::Project, range, &[])?,
            unpriced: self.unpriced(range, &[])?,
            sources: self.sources()?,
            progress,
        })
    }

    /// One project; its key is its folder, empty for what no project is known of. `None` if it has no usage at all.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn project(&self, key: &str, period: Period) -> Result<Option<ProjectView>, LedgerError> {
        let range = self.range(period);
        let Some(project) = self.ranked_project(key, range)? else { return Ok(None) };
        let only = [(Dimension::Project, key.to_owned())];
        let (days, providers) = self.days(range, &only)?;
        let (sessions, sessions_left_out) = sessions::sessions(self, range, key)?;
        Ok(Some(ProjectView {
            project,
            period,
            as_of: self.as_of(),
            freshness: self.freshness(),
            days,
            providers,
            models: self.ranked(Dimension::Model, range, &only)?,
            unpriced: self.unpriced(range, &only)?,
            sessions,
            sessions_left_out,
        }))
    }

    fn ranked_project(&self, key: &str, range: TimeRange) -> Result<Option<Ranked>, LedgerError> {
        let find = |ranked: Vec<Ranked>| ranked.into_iter().find(|project| project.key == key);
        if let Some(project) = find(self.ranked(Dimension::Project, range, &[])?) {
            return Ok(Some(project));
        }
        // Quiet in this period, but known from another.
        let ever = find(self.ranked(Dimension::Project, TimeRange { end: range.end, ..TimeRange::EVER }, &[])?);
        Ok(ever.map(|known| Ranked {
            spend: Spend::default(),
            share_permille: None,
            change: Change::Unknown,
            trend: vec![Usd::ZERO; known.trend.len()],
            ..known
        }))
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
        Ok(Spend::of(&self.sums(range, &[], false, &[])?))
    }

    /// A span that is still counting. Where there is something to read, it was read since the span began, and nothing
    /// was used, that is known: $0.00 and not "no data".
    fn so_far(&self, range: TimeRange) -> Result<Spend, LedgerError> {
        let mut spend = self.spend(range)?;
        let was_read = self.last_read().is_some_and(|at| at >= range.start);
        if spend.requests == 0 && was_read && self.is_connected()? {
            spend.estimated = Some(Usd::ZERO);
        }
        Ok(spend)
    }

    fn is_connected(&self) -> Result<bool, LedgerError> {
        Ok(self.sources()?.iter().any(|source| !matches!(source.state, SourceState::Absent | SourceState::NotCounted)))
    }

    fn last_read(&self) -> Option<Timestamp> {
        let looked_at = self.places.read_mark().and_then(|mark| ledger::time_of(&mark));
        self.ledger.last_read().max(looked_at)
    }

    /// When the sources were last read to the end, on the user's clock.
    pub fn as_of(&self) -> Option<String> {
        self.last_read().map(|at| self.calendar.rfc3339(at))
    }

    /// How old the figures are.
    pub fn freshness(&self) -> Freshness {
        let missed_two = 2 * i64::try_from(POLL_INTERVAL.as_secs()).unwrap_or(i64::MAX);
        match self.last_read() {
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

    /// Models of a span that have no price.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn unpriced(&self, range: TimeRange, only: &[(Dimension, String)]) -> Result<Vec<UnpricedModel>, LedgerError> {
        let sums = self.sums(range, &[Dimension::Model], false, only)?;
        let mut models: Vec<UnpricedModel> = sums
            .into_iter()
            .filter(|sum| sum.unpriced_tokens > 0)
            .map(|sum| UnpricedModel { model: ranking::or_unknown(&sum.values[0]), tokens: sum.unpriced_tokens })
            .collect();
        models.sort_by(|a, b| b.tokens.cmp(&a.tokens).then_with(|| a.model.cmp(&b.model)));
        Ok(models)
    }

    fn sums(
        &self,
        range: TimeRange,
        by: &[Dimension],
        by_quarter: bool,
        only: &[(Dimension, String)],
    ) -> Result<Vec<Sum>, LedgerError> {
        Query { range, by, by_quarter, only }.run(self.ledger)
    }

    fn days(&self, range: TimeRange, only: &[(Dimension, String)]) -> Result<(Vec<Day>, Vec<String>), LedgerError> {
        let sums = self.sums(range, &[Dimension::Provider], true, only)?;
        let providers = ranking::dearest_first(&sums);
        let today = self.calendar.date(self.now);
        let day = |date: Date| {
            let span = self.calendar.day(date);
            let inside: Vec<&Sum> = sums.iter().filter(|sum| span.contains(sum.at)).collect();
            let by_provider = providers
                .iter()
                .filter_map(|provider| {
                    let own =
                        inside.iter().copied().filter(|sum| ranking::or_unattributed(&sum.values[0]) == *provider);
                    Some(ProviderShare { provider: provider.clone(), estimated: Spend::of(own).estimated? })
                })
                .collect();
            Day {
                date: date.to_string(),
                spend: Spend::of(inside.iter().copied()),
                by_provider,
                counting: date == today,
            }
        };
        Ok((self.calendar.dates(range).map(day).collect(), providers))
    }

    fn month_name(&self) -> String {
        self.calendar.zoned(self.now).strftime("%Y-%m").to_string()
    }

    fn history(&self) -> Result<History, LedgerError> {
        let today = self.calendar.date(self.now);
        let first = today.saturating_sub(i64::from(DAYS_BACK).days());
        let sums = self.sums(self.calendar.days(first, today), &[], true, &[])?;
        let priced = sums.iter().filter_map(|sum| Some((sum.at, sum.estimate()?)));
        Ok(History { quarters: priced.collect() })
    }

    /// The days before today from the first with any spend on.
    fn past_days(&self, history: &History) -> Vec<PastDay> {
        let today = self.calendar.date(self.now);
        let mut days: Vec<PastDay> = (1..=i64::from(DAYS_BACK))
            .rev()
            .map(|back| today.saturating_sub(back.days()))
            .map(|date| PastDay { date, spent: history.within(self.calendar.day(date)).unwrap_or_default() })
            .collect();
        let quiet = days.iter().take_while(|day| day.spent == Usd::ZERO).count();
        days.drain(..quiet);
        days
    }

    fn forecast(&self, history: &History) -> Result<Option<Forecast>, LedgerError> {
        let today = self.calendar.date(self.now);
        let month = self.spend(self.range(Period::Month))?;
        let day = self.calendar.day(today);
        let left = (day.end.as_second() - self.now.as_second()) * 1_000 / day.seconds().max(1);
        Ok(forecast::forecast(&self.past_days(history), month.estimated.unwrap_or_default(), today, left))
    }

    fn against_usual(&self, history: &History) -> Option<i64> {
        let today = self.calendar.day(self.calendar.date(self.now));
        let elapsed = self.now.as_second() - today.start.as_second();
        let by_now = |date: Date| {
            let start = self.calendar.midnight(date);
            let end = start.saturating_add(elapsed.seconds()).unwrap_or(start);
            history.within(TimeRange { start, end }).unwrap_or_default()
        };
        let past = self.past_days(history);
        if past.iter().filter(|day| day.spent > Usd::ZERO).count() < ENOUGH_DAYS {
            return None;
        }
        let usual = forecast::median(past.iter().map(|day| by_now(day.date)).collect())?;
        history.within(today)?.permille_of(usual)
    }

    fn burn(&self, history: &History) -> BurnRate {
        let quarter = self.now.as_second().div_euclid(QUARTER_SECS);
        let span = |first: i64, last: i64| TimeRange {
            start: Timestamp::from_second(first * QUARTER_SECS).unwrap_or(self.now),
            end: Timestamp::from_second(last * QUARTER_SECS).unwrap_or(self.now),
        };
        let quarters = (quarter - BURN_QUARTERS + 1..=quarter)
            .map(|quarter| history.within(span(quarter, quarter + 1)).unwrap_or_default())
            .collect();
        // The quarter under way and the four before: between one hour and five quarters of one.
        let last = span(quarter - 4, quarter + 1);
        let seconds = self.now.as_second() - last.start.as_second();
        BurnRate { per_hour: history.within(last).and_then(|spent| spent.per_hour(seconds)), quarters }
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
