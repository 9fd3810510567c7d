//! Compiles `tauri.conf.json`, the capability and the commands' permissions into the binary.

use tauri_build::{AppManifest, Attributes};

/// Each gets a permission, `allow-…`, that `capabilities/dashboard.json` has to name: what is missing there or here is
/// refused to the page, and a test compares the capability with the commands that there are.
const COMMANDS: &[&str] = &[
    "overview",
    "project",
    "refresh",
    "notice",
    "page_ready",
    "price_lists",
    "preview_decision",
    "decide",
    "undo_restatement",
    "look_daily",
    "fetch_prices",
    "waiting_prices",
    "take_in_prices",
    "leave_prices",
];

fn main() {
    let manifest = AppManifest::new().commands(COMMANDS);
    if let Err(error) = tauri_build::try_build(Attributes::new().app_manifest(manifest)) {
        panic!("tauri.conf.json or the capability does not fit this app: {error:#}");
    }
}
