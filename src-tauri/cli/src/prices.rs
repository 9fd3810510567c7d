//! `spend prices`: what models cost, where that is from, and what the user says about it.

mod diff;
mod show;

use crate::Outcome;
use crate::arguments::Prices;
use crate::context::Context;

pub(crate) fn run(context: &mut Context, wanted: &Prices) -> anyhow::Result<Outcome> {
    match wanted {
        Prices::Show { model, provider, at, all } => show::run(context, model, provider.as_deref(), *at, *all),
        Prices::Diff => diff::run(context),
    }
}
