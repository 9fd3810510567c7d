//! `spend sync`: asks the connected providers once, for everything that is new.

use std::io::Write;

use anyhow::bail;
use serde_json::json;
use spendmeter_core::accounts::keys::{self, KeyError};
use spendmeter_core::sync::accounts::{Looked, look_at_all};
use spendmeter_core::words;

use crate::Outcome;
use crate::context::Context;

pub(crate) fn run(context: &mut Context, only: Option<&str>) -> anyhow::Result<Outcome> {
    let mut ledger = context.ledger_to_change()?;
    let mut connections = ledger.connections()?;
    if let Some(name) = only {
        connections.retain(|connection| connection.name == name);
        if connections.is_empty() {
            return Err(KeyError::Unknown(name.to_owned()).into());
        }
    }
    if connections.is_empty() {
        bail!("no provider is connected; `spend key add PROVIDER` connects one");
    }
    let mut told = Vec::new();
    let mut is_whole = true;
    for connection in &connections {
        let looked = match keys::access(connection, &context.keychain, &context.places) {
            Ok(access) => look_at_all(&mut ledger, &access, &connection.name, context.now)?,
            Err(failure) => {
                is_whole = false;
                anstream::eprintln!("spend: {}: {failure}", connection.name);
                Looked::default()
            }
        };
        for failure in &looked.failures {
            is_whole = false;
            anstream::eprintln!("spend: {}: {failure}", connection.name);
        }
        told.push((connection.name.clone(), looked));
    }
    if context.json {
        let told: Vec<_> = told
            .iter()
            .map(|(name, looked)| {
                let failures: Vec<String> = looked.failures.iter().map(ToString::to_string).collect();
                json!({ "connection": name, "requests": looked.requests, "rows": looked.rows, "failures": failures })
            })
            .collect();
        writeln!(context.out, "{}", json!({ "connections": told }))?;
    } else {
        for (name, Looked { requests, rows, .. }) in &told {
            let (questions, changed) = (words::counted(*requests, "question"), words::counted(*rows, "figure"));
            writeln!(context.out, "{name}: {questions} asked, {changed} new or corrected")?;
        }
    }
    Ok(if is_whole { Outcome::Done } else { Outcome::Partly })
}
