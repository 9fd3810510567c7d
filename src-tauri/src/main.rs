//! The tray app's binary. Everything is in the library, where tests reach it.

// Windows opens a console for a program unless it says that it has no use for one.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    spendmeter::main()
}
