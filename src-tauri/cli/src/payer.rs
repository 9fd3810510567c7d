//! `spend payer`: which account pays the calls of which source on this machine.

use std::io::Write;

use anyhow::{Context as _, bail};
use serde_json::json;
use spendmeter_core::accounts::keys::KeyError;
use spendmeter_core::accounts::{Account, PaidBy};
use spendmeter_core::ledger::Ledger;
use spendmeter_core::sources;

use crate::Outcome;
use crate::arguments::Payer;
use crate::context::Context;
use crate::table::Table;

pub(crate) fn run(context: &mut Context, wanted: &Payer) -> anyhow::Result<Outcome> {
    match wanted {
        Payer::List => return list(context),
        Payer::Set { source, connection } => {
            if !sources::ALL.iter().any(|known| known.id() == source) {
                let known: Vec<&str> = sources::ALL.iter().map(|source| source.id()).collect();
                bail!("there is no source `{source}`; there are {}", known.join(", "));
            }
            let mut ledger = context.ledger_to_change()?;
            let account = account_of(&ledger, connection)?;
            ledger.set_payer(&PaidBy { source: source.clone(), account: account.id })?;
            let explains =
                format!("Calls of {source} explain the bill of {} from now on, past ones included.", account.name);
            tell(context, &explains)?;
        }
        Payer::Forget { source, connection } => {
            let mut ledger = context.ledger_to_change()?;
            let account = account_of(&ledger, connection)?;
            ledger.forget_payer(source, &account.provider)?;
            tell(
                context,
                &format!("Nobody knows any more who pays {source}: its calls stand beside the bill, as estimates."),
            )?;
        }
    }
    Ok(Outcome::Done)
}

fn account_of(ledger: &Ledger, connection: &str) -> anyhow::Result<Account> {
    let known = ledger.connection(connection)?.ok_or_else(|| KeyError::Unknown(connection.to_owned()))?;
    let account = ledger.accounts()?.into_iter().find(|account| Some(account.id) == known.account);
    account.with_context(|| format!("`{connection}` was not asked yet whose key it is; `spend sync {connection}` asks"))
}

fn tell(context: &mut Context, what: &str) -> anyhow::Result<()> {
    if context.json {
        writeln!(context.out, "{}", json!({ "applied": true }))?;
    } else {
        writeln!(context.out, "{what}")?;
    }
    Ok(())
}

fn list(context: &mut Context) -> anyhow::Result<Outcome> {
    let ledger = context.ledger()?;
    let accounts = ledger.accounts()?;
    let named = |paid: &PaidBy| accounts.iter().find(|account| account.id == paid.account);
    let payers = ledger.payers()?;
    let rows = payers.iter().filter_map(|paid| Some((&paid.source, named(paid)?)));
    if context.json {
        let rows: Vec<_> = rows
            .map(|(source, account)| json!({ "source": source, "provider": account.provider, "account": account.name }))
            .collect();
        writeln!(context.out, "{}", json!({ "payers": rows }))?;
    } else if payers.is_empty() {
        writeln!(
            context.out,
            "Nobody said which account pays which source: all calls here are estimated, beside any bill."
        )?;
    } else {
        let mut table = Table::new(3, ["Source", "Provider", "Account"]);
        rows.for_each(|(source, account)| table.row([source, &account.provider, &account.name]));
        table.print(&mut context.out)?;
    }
    Ok(Outcome::Done)
}
