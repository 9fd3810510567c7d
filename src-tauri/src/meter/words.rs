//! What the tray says: from a [`Reading`] to the label and the text of each row. Pure; draws and sets nothing.
//!
//! The menu has no hover and no second look, so its rows are exact to the cent; the label is short.

use jiff::civil::Date;
use spendmeter_core::money::Usd;
use spendmeter_core::spend::view::{Freshness, Meter, Ranked, Spend, UnpricedModel};
use spendmeter_core::usage::Basis;
use spendmeter_core::words::{
    basis, billed, cents, count, covered, estimate, fixed, plus_unpriced, range, short, unpriced_in_the_last_hour,
    with_range,
};

/// How many projects of today the menu has room for.
pub(crate) const PROJECT_ROWS: usize = 3;

/// What stands where nothing is known. Never `$0.00`: that would be a claim.
const UNKNOWN: &str = "—";

/// All that the tray tells about.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The last figures that could be read; `None` before the first.
    pub(crate) meter: Option<Meter>,
    /// Whether the person has paused reading.
    pub(crate) paused: bool,
    /// The user's date now, to tell an old time of day from today's.
    pub(crate) today: Date,
}

/// Every text of the tray item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// Beside the icon.
    pub(crate) label: String,
    /// Under the pointer, where the platform has no label.
    pub(crate) tooltip: String,
    pub(crate) today: String,
    pub(crate) burn: String,
    pub(crate) month: String,
    /// What was billed today, and what a subscription covers: never added to the rows above.
    pub(crate) apart: String,
    pub(crate) forecast: String,
    /// A row without a project is there and says nothing: rows are never added or taken away.
    pub(crate) projects: [Option<ProjectRow>; PROJECT_ROWS],
    pub(crate) unpriced: String,
    pub(crate) pause: &'static str,
}

/// A project's row and where a click on it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProjectRow {
    pub(crate) text: String,
    pub(crate) key: String,
}

impl ProjectRow {
    fn of(project: &Ranked, lead: Basis) -> Self {
        let total = total(&project.spend, lead, None);
        let figure = match project.spend.shown(lead) {
            Some((_, Basis::Estimated)) | None => total,
            Some((_, other)) => format!("{total} {}", basis(other)),
        };
        Self { text: format!("{}  {figure}", project.label), key: project.key.clone() }
    }
}

impl Words {
    /// What to say about `reading`.
    pub(crate) fn about(reading: &Reading) -> Self {
        let pause = if reading.paused { "Resume" } else { "Pause" };
        let Some(meter) = &reading.meter else {
            return Self {
                label: UNKNOWN.to_owned(),
                tooltip: "Spendmeter · reading".to_owned(),
                today: format!("Today  {UNKNOWN} · reading"),
                burn: format!("Burning now  {UNKNOWN}"),
                month: format!("This month so far  {UNKNOWN}"),
                forecast: format!("Forecast  {UNKNOWN}"),
                apart: format!("Billed or covered by a subscription  {UNKNOWN}"),
                projects: [None, None, None],
                unpriced: format!("Models without a price  {UNKNOWN}"),
                pause,
            };
        };
        let label = label(&meter.today, meter.lead);
        let today = today(meter, reading);
        Self {
            tooltip: format!("Spendmeter · {today}"),
            label,
            today,
            burn: burn(meter, reading.paused),
            month: month(meter),
            forecast: forecast(meter),
            apart: apart(&meter.today, meter.lead),
            projects: std::array::from_fn(|nth| {
                meter.top_projects.get(nth).map(|project| ProjectRow::of(project, meter.lead))
            }),
            unpriced: unpriced(&meter.unpriced),
            pause,
        }
    }
}

/// What is no money is not shown without its word.
fn label(today: &Spend, lead: Basis) -> String {
    match today.shown(lead) {
        Some((amount, Basis::ApiEquivalent)) => format!("API-eq. {}", short(amount)),
        Some((amount, _)) => short(amount),
        None => UNKNOWN.to_owned(),
    }
}

/// The amount to show, where it may lie, and what is missing in it.
fn total(spend: &Spend, lead: Basis, unpriced_models: Option<usize>) -> String {
    let missing = plus_unpriced(spend.unpriced_tokens, unpriced_models);
    match spend.shown(lead) {
        Some((_, Basis::Estimated)) => estimate(spend, unpriced_models).unwrap_or_default(),
        Some((amount, other)) => format!("{}{missing}", with_range(amount, spend.margin_of(other))),
        None => format!("{UNKNOWN}{missing}"),
    }
}

/// What was billed and what a subscription covers, unless it is the figure of the first row already.
fn apart(today: &Spend, lead: Basis) -> String {
    let shown = today.shown(lead).map(|(_, basis)| basis);
    let beside = |amount: Option<Usd>, basis| amount.filter(|_| shown != Some(basis));
    let billed = beside(today.billed, Basis::Billed).map(billed);
    let covered = beside(today.api_equivalent, Basis::ApiEquivalent)
        .map(|amount| covered(amount, today.margin_of(Basis::ApiEquivalent)));
    let told: Vec<String> = [billed, covered].into_iter().flatten().collect();
    match (told.as_slice(), shown) {
        ([], Some(Basis::ApiEquivalent)) => "Not money: covered by your subscription".to_owned(),
        ([], _) => "Nothing else billed or covered by a subscription today".to_owned(),
        _ => format!("Today also  {}", told.join(" · ")),
    }
}

fn today(meter: &Meter, reading: &Reading) -> String {
    let figure = match meter.today.shown(meter.lead) {
        Some((_, whose)) => {
            format!("{} · {}", total(&meter.today, meter.lead, Some(meter.unpriced.len())), basis(whose))
        }
        None => format!("{UNKNOWN} · {}", reason_for_nothing(meter)),
    };
    let age = match (&meter.as_of, meter.freshness) {
        (Some(as_of), Freshness::Outdated) => format!(" · as of {}, outdated", time_of(as_of, reading.today)),
        _ => String::new(),
    };
    let paused = if reading.paused { " · paused" } else { "" };
    format!("Today  {figure}{age}{paused}")
}

fn reason_for_nothing(meter: &Meter) -> &'static str {
    if meter.freshness == Freshness::Never {
        "reading"
    } else if !meter.connected {
        "no agent logs found"
    } else {
        "no known price"
    }
}

/// The rate is about this very hour, so figures that are not current say nothing about it.
fn burn(meter: &Meter, paused: bool) -> String {
    let burn = &meter.burn;
    let rate = burn.per_hour.map(|rate| format!("{}/h{}", cents(rate), unless_estimated(burn.basis)));
    let told = match (rate, unpriced_in_the_last_hour(burn.unpriced_tokens)) {
        _ if paused || !meter.connected || meter.freshness != Freshness::Current => UNKNOWN.to_owned(),
        (None, None) => "nothing in the last hour".to_owned(),
        (Some(rate), None) => rate,
        (rate, Some(missing)) => format!("{} + {missing}", rate.as_deref().unwrap_or(UNKNOWN)),
    };
    format!("Burning now  {told}")
}

fn month(meter: &Meter) -> String {
    let name = month_name(&meter.month_name);
    let total = total(&meter.month, meter.lead, None);
    let whose = meter.month.shown(meter.lead).map(|(_, whose)| unless_estimated(whose)).unwrap_or_default();
    let fixed = meter.fixed.as_ref().map(|cost| format!(" · plans {}", fixed(cost))).unwrap_or_default();
    format!("{name} so far  {total}{whose}{fixed}")
}

/// The first row already says "estimated"; the exception is what needs its word.
fn unless_estimated(whose: Basis) -> String {
    if whose == Basis::Estimated { String::new() } else { format!(" · {}", basis(whose)) }
}

fn forecast(meter: &Meter) -> String {
    match &meter.forecast {
        Some(forecast) => {
            format!("Forecast  {}{}", range(forecast.low, forecast.high), unless_estimated(meter.lead))
        }
        None => "Forecast  not yet: needs seven days of spend".to_owned(),
    }
}

fn unpriced(models: &[UnpricedModel]) -> String {
    let tokens = || count(models.iter().fold(0, |sum: u64, model| sum.saturating_add(model.tokens)));
    match models {
        [] => "No model without a price today".to_owned(),
        [one] => format!("{} has no price: {} tokens", one.told(), tokens()),
        several => format!("{} models have no price: {} tokens", several.len(), tokens()),
    }
}

/// `2026-11` as a person says it.
fn month_name(year_and_month: &str) -> String {
    format!("{year_and_month}-01")
        .parse::<Date>()
        .map_or_else(|_| year_and_month.to_owned(), |first| first.strftime("%B").to_string())
}

/// The time of day of an RFC 3339 moment, with its date if that is not `today`. The offset is already the user's.
fn time_of(moment: &str, today: Date) -> String {
    let (Some(date), Some(time)) = (moment.get(..10), moment.get(11..16)) else { return moment.to_owned() };
    match date.parse::<Date>() {
        Ok(date) if date != today => format!("{}, {time}", date.strftime("%b %-d")),
        _ => time.to_owned(),
    }
}

#[cfg(test)]
mod tests;
