//! `spend key`: the keys of providers. A key comes from a prompt or from standard input, never from an argument, and is never
//! printed but for its last letters.

use std::io::{self, IsTerminal, Read, Write};

use serde_json::json;
use spendmeter_core::accounts::keys::{self, Entered};
use spendmeter_core::accounts::view::{ConnectionState, ConnectionView};
use spendmeter_core::ledger::{Ledger, LedgerError};
use spendmeter_core::secrets::Secret;
use spendmeter_core::sources::providers::{Home, Provider};

use crate::Outcome;
use crate::arguments::Key;
use crate::context::Context;
use crate::table::Table;

pub(crate) fn run(context: &mut Context, wanted: &Key) -> anyhow::Result<Outcome> {
    match wanted {
        Key::Add { provider, name, base_url } => add(context, provider, name.as_ref(), base_url.as_ref()),
        Key::List => list(context),
        Key::Test { name } => test(context, name),
        Key::Remove { name } => remove(context, name),
    }
}

fn add(
    context: &mut Context,
    provider: &'static Provider,
    name: Option<&String>,
    base: Option<&String>,
) -> anyhow::Result<Outcome> {
    let key = ask_for_key(provider)?;
    let mut ledger = Ledger::open(&context.places.ledger())?;
    let entered = Entered { provider, name: name.cloned(), base: base.cloned(), key };
    let called = name.map_or(provider.id, String::as_str).to_owned();
    keys::connect(&mut ledger, &context.keychain, &context.places, entered, context.now)?;
    tell(context, &ledger, &called)
}

/// Asks on a terminal without showing what is typed; reads the first line of anything else.
fn ask_for_key(provider: &Provider) -> io::Result<Secret> {
    if io::stdin().is_terminal() {
        anstream::eprintln!("{} needs {}.", provider.name, provider.key.least);
        if !provider.key.page.is_empty() {
            anstream::eprintln!("It is made at {}.", provider.key.page);
        }
        return rpassword::prompt_password("Key (not shown): ").map(Secret::new);
    }
    let mut text = String::new();
    // A key has some hundred letters; more is a mistake.
    io::stdin().take(64 * 1_024).read_to_string(&mut text)?;
    Ok(Secret::new(text.lines().next().unwrap_or_default()))
}

fn test(context: &mut Context, name: &str) -> anyhow::Result<Outcome> {
    let mut ledger = context.ledger_to_change()?;
    keys::test(&mut ledger, &context.keychain, &context.places, name, context.now)?;
    tell(context, &ledger, name)
}

fn tell(context: &mut Context, ledger: &Ledger, name: &str) -> anyhow::Result<Outcome> {
    let all = context.viewpoint(ledger).connections()?;
    let Some(view) = all.into_iter().find(|view| view.name == name) else { return Ok(Outcome::Done) };
    if context.json {
        writeln!(context.out, "{}", json!(view))?;
    } else {
        writeln!(
            context.out,
            "{} takes the key that ends …{}. It is connected as `{}`; `spend sync {}` reads what is billed.",
            view.provider_name, view.key_ends, view.name, view.name
        )?;
    }
    Ok(Outcome::Done)
}

fn remove(context: &mut Context, name: &str) -> anyhow::Result<Outcome> {
    let mut ledger = context.ledger_to_change()?;
    keys::disconnect(&mut ledger, &context.keychain, name)?;
    if context.json {
        writeln!(context.out, "{}", json!({ "removed": name }))?;
    } else {
        writeln!(context.out, "The key of `{name}` was removed. What its account was charged stays known.")?;
    }
    Ok(Outcome::Done)
}

fn list(context: &mut Context) -> anyhow::Result<Outcome> {
    let views = match context.ledger() {
        Ok(ledger) => context.viewpoint(&ledger).connections()?,
        Err(LedgerError::Missing(_)) => Vec::new(),
        Err(failure) => return Err(failure.into()),
    };
    if context.json {
        writeln!(context.out, "{}", json!({ "connections": views }))?;
    } else if views.is_empty() {
        writeln!(context.out, "No provider is connected. `spend key add PROVIDER` connects one:")?;
        for provider in spendmeter_core::sources::providers::ALL {
            let own = if matches!(provider.home, Home::Own(_)) { " (with --base-url)" } else { "" };
            writeln!(context.out, "  {}{own}: {}", provider.id, provider.key.least)?;
        }
    } else {
        print(&mut context.out, &views)?;
    }
    Ok(Outcome::Done)
}

/// The connections, and below them what is wrong with any.
pub(crate) fn print(out: &mut impl Write, views: &[ConnectionView]) -> io::Result<()> {
    let mut table = Table::new(6, ["Name", "Provider", "Account", "Key", "State", "As of"]);
    for view in views {
        let as_of = view.as_of.as_deref().map_or("never", |at| at.get(..16).unwrap_or(at)).replace('T', " ");
        table.row([
            view.name.clone(),
            view.provider_name.clone(),
            view.account.clone().unwrap_or_default(),
            format!("…{}", view.key_ends),
            state(view),
            as_of,
        ]);
    }
    table.print(out)?;
    for view in views {
        if let Some(trouble) = &view.trouble {
            writeln!(out, "\n{}: {trouble}{}", view.name, again(view.again_at.as_deref()))?;
        }
        for missing in &view.missing {
            writeln!(out, "\n{}: {}{}", view.name, missing.trouble, again(missing.again_at.as_deref()))?;
        }
        if let Some(minutes) = view.clock_minutes {
            let (far, where_to) = (minutes.abs(), if minutes > 0 { "behind" } else { "ahead of" });
            writeln!(
                out,
                "\n{}: this machine's clock is {far} minutes {where_to} the provider's; set it right",
                view.name
            )?;
        }
    }
    Ok(())
}

fn state(view: &ConnectionView) -> String {
    let word = match view.state {
        ConnectionState::New => "not read yet",
        ConnectionState::Fresh => "fresh",
        ConnectionState::Stale => "outdated",
        ConnectionState::Refused => "refused",
    };
    match view.history {
        Some(history) => format!("{word}, history {} %", history.days_read * 100 / history.days.max(1)),
        None => word.to_owned(),
    }
}

fn again(at: Option<&str>) -> String {
    at.map(|at| format!(" (again at {})", at.get(11..16).unwrap_or(at))).unwrap_or_default()
}
