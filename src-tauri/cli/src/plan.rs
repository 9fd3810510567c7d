//! `spend plan`: sources that are paid by the month instead of by the token.

use std::io::Write;

use anyhow::Context as _;
use serde_json::json;
use spendmeter_core::ledger::restatements::{Decision, NotDecided};
use spendmeter_core::money::Usd;
use spendmeter_core::pricing::PlanSetting;
use spendmeter_core::pricing::view::{PlanView, lasting};
use spendmeter_core::words;

use crate::Outcome;
use crate::arguments::Plan;
use crate::context::Context;
use crate::decide::decide;
use crate::table::Table;

pub(crate) fn run(context: &mut Context, wanted: &Plan) -> anyhow::Result<Outcome> {
    match wanted {
        Plan::List => list(context),
        Plan::Set { source, plan, usd_per_month, since, until, consent } => {
            let (name, per_month) = match usd_per_month {
                Some(amount) => (plan.clone(), Some(*amount)),
                None => listed(context, plan)?,
            };
            let since = since.map(|moment| context.moment(moment));
            let until = until.map(|moment| context.end(moment));
            let setting = PlanSetting { source: source.clone(), name, seller: None, per_month, since, until };
            decide(context, Decision::SetPlan(setting), *consent)
        }
        Plan::End { source, last_day, consent } => {
            let book = context.price_book()?;
            let plan = book.plans().last_of(source).ok_or_else(|| NotDecided::NoPlan(source.clone()))?;
            let ended = PlanSetting { until: Some(context.end(*last_day)), ..plan.clone() };
            decide(context, Decision::SetPlan(ended), *consent)
        }
        Plan::Forget { source, consent } => decide(context, Decision::ForgetPlan { source: source.clone() }, *consent),
    }
}

/// Name and price of a plan as the list has it: `anthropic/max_20x`.
fn listed(context: &Context, plan: &str) -> anyhow::Result<(String, Option<Usd>)> {
    let catalogue = context.catalogue()?;
    let mut sold = catalogue.plans().iter().filter(|known| known.is_sold(context.now.as_second()));
    let found = sold.find(|known| format!("{}/{}", known.provider, known.id) == plan);
    let found = found.with_context(|| {
        format!("the list has no plan `{plan}` today; `spend plan list` shows those it has, or say what yours costs with --usd-per-month")
    })?;
    Ok((found.name.clone(), Some(Usd::from_nanos(found.nanos_per_month))))
}

fn list(context: &mut Context) -> anyhow::Result<Outcome> {
    let book = context.price_book()?;
    let catalogue = book.catalogue();
    let plans = &book.plans().0;
    let sold = catalogue.plans().iter().filter(|plan| plan.is_sold(context.now.as_second()));
    if context.json {
        let known: Vec<_> = sold
            .map(|plan| {
                json!({
                    "plan": format!("{}/{}", plan.provider, plan.id),
                    "name": plan.name,
                    "usd_per_month": Usd::from_nanos(plan.nanos_per_month),
                    "checked": plan.checked,
                    "source": catalogue.address_of_plan(plan),
                })
            })
            .collect();
        let said: Vec<PlanView> = plans.iter().map(|plan| PlanView::of(plan, &context.calendar)).collect();
        writeln!(context.out, "{}", json!({ "sources": said, "known": known }))?;
        return Ok(Outcome::Done);
    }
    let out = &mut context.out;
    if plans.is_empty() {
        writeln!(out, "Every source is taken to be paid by the token.\n")?;
    }
    for plan in plans {
        let price =
            plan.per_month.map_or_else(|| "price unknown".into(), |price| format!("{} a month", words::cents(price)));
        writeln!(out, "{}: {}, {price}{}", plan.source, plan.name, lasting(plan, &context.calendar))?;
    }
    if !plans.is_empty() {
        writeln!(out)?;
    }
    let mut table = Table::new(2, ["Plan", "Name", "A month", "Looked up"]);
    for plan in sold {
        let price = words::cents(Usd::from_nanos(plan.nanos_per_month));
        table.row([format!("{}/{}", plan.provider, plan.id), plan.name.clone(), price, plan.checked.clone()]);
    }
    table.print(out)?;
    Ok(Outcome::Done)
}
