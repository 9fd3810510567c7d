//! The app's only log: one line to standard error for what a person should look into. Never a secret, never a prompt.

use std::fmt::Display;
use std::panic::PanicHookInfo;
use std::process;

/// Says that something went wrong: what, where, and what to do.
#[expect(clippy::print_stderr, reason = "standard error is the app's log")]
pub(crate) fn report(trouble: impl Display) {
    eprintln!("spendmeter: {trouble}");
}

/// Ends the app when any of its threads panics: a tray that lives on without the thread that feeds it would show old
/// figures as if they were new.
pub(crate) fn stop_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        report(describe(panic));
        process::exit(1);
    }));
}

fn describe(panic: &PanicHookInfo<'_>) -> String {
    let what = panic.payload_as_str().unwrap_or("no message");
    let place = panic.location().map(|location| format!(" at {}:{}", location.file(), location.line()));
    format!(
        "stopped: {what}{}. This is a bug, nothing recorded is lost; start it again, and if it comes back report this line \
         with the output of `spend doctor`",
        place.unwrap_or_default()
    )
}
