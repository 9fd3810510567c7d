//! `spend`: the same ledger as the tray app, for terminals, cron and hooks.
//!
//! This file owns what the process owns: arguments, environment, clock, exit status. What is printed is in the files of
//! the commands; what is computed is in the core.

mod arguments;
mod bar;
mod context;
mod decide;
mod doctor;
mod key;
mod payer;
mod plan;
mod prices;
mod reconcile;
mod report;
mod scan;
mod sync;
mod table;
mod today;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use context::Context;

/// How a command ended, if it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    /// Some of it: what failed was said on stderr.
    Partly,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Partly) => ExitCode::from(3),
        // `spend report | head` has all that it asked for.
        Err(failure) if is_broken_pipe(&failure) => ExitCode::SUCCESS,
        Err(failure) => {
            anstream::eprintln!("spend: {failure:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let mut context = Context::new(&arguments.global)?;
    match &arguments.command {
        Command::Today => today::run(&mut context),
        Command::Scan => scan::run(&mut context),
        Command::Report(wanted) => report::run(&mut context, wanted),
        Command::Prices(wanted) => prices::run(&mut context, wanted),
        Command::Plan(wanted) => plan::run(&mut context, wanted),
        Command::Key(wanted) => key::run(&mut context, wanted),
        Command::Sync { connection } => sync::run(&mut context, connection.as_deref()),
        Command::Payer(wanted) => payer::run(&mut context, wanted),
        Command::Reconcile { last } => reconcile::run(&mut context, *last),
        Command::Doctor => doctor::run(&mut context),
    }
}

fn is_broken_pipe(failure: &anyhow::Error) -> bool {
    failure.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
