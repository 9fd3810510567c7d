//! `spend prices`: what models cost, where that is from, and what the user says about it.

mod daily;
mod diff;
mod log;
mod refresh;
mod show;

use spendmeter_core::ledger::restatements::Decision;
use spendmeter_core::pricing::{OwnPrice, OwnPriceOf, OwnRates};

use crate::Outcome;
use crate::arguments::{ModelName, Prices, Switch};
use crate::context::Context;
use crate::decide::decide;

pub(crate) fn run(context: &mut Context, wanted: &Prices) -> anyhow::Result<Outcome> {
    match wanted {
        Prices::Show { model, provider, at, all } => show::run(context, model, provider.as_deref(), *at, *all),
        Prices::Diff => diff::run(context),
        Prices::Set { of, input, output, cache_read, cache_write, cache_write_long, consent } => {
            let rates = OwnRates {
                input: *input,
                output: *output,
                cache_read: *cache_read,
                cache_write_short: *cache_write,
                cache_write_long: *cache_write_long,
            };
            decide(context, say(of, OwnPrice::Rates(rates)), *consent)
        }
        Prices::Like { of, other, of_provider, consent } => {
            let like = OwnPrice::Like { provider: of_provider.clone(), model: other.clone() };
            decide(context, say(of, like), *consent)
        }
        Prices::Free { of, consent } => decide(context, say(of, OwnPrice::Free), *consent),
        Prices::Forget { of: ModelName { model, provider }, consent } => {
            decide(context, Decision::ForgetOwn { provider: provider.clone(), model: model.clone() }, *consent)
        }
        Prices::Restate { consent } => decide(context, Decision::Reprice, *consent),
        Prices::Refresh { daily: Some(switch), .. } => daily::run(context, *switch == Switch::On),
        Prices::Refresh { from, accept_jumps, consent, daily: None } => {
            refresh::run(context, from.as_deref(), *accept_jumps, *consent)
        }
        Prices::Undo { consent } => log::undo(context, *consent),
        Prices::Log => log::run(context),
    }
}

fn say(of: &ModelName, price: OwnPrice) -> Decision {
    Decision::SetOwn(OwnPriceOf { provider: of.provider.clone(), model: of.model.clone(), price })
}

/// For which calls a price is: `batch, prompt > 272000, 01:00–04:00 UTC`.
fn call(context: &str, prompt_above: u32, hours: Option<&str>) -> String {
    let prompt = (prompt_above > 0).then(|| format!("prompt > {prompt_above}"));
    [Some(context), prompt.as_deref(), hours].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
