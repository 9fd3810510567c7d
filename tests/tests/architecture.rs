//! What the packages may be built on, so that the direction of dependencies is kept by a test and not by attention.

use std::process::Command;

use anyhow::{Result, ensure};

/// The crates of a window. The core runs without one: in the command line, in tests, on a server. The session bus is none of
/// them: keys are behind it, for the command line as well.
const WINDOW: [&str; 8] = ["tauri", "wry", "tao", "muda", "tray-icon", "gtk", "webkit2gtk", "rfd"];

#[test]
fn the_core_and_the_command_line_know_no_window() -> Result<()> {
    for package in ["spendmeter-core", "spendmeter-cli"] {
        let found: Vec<String> = crates_below(package)?.into_iter().filter(|name| is_of_a_window(name)).collect();
        assert!(found.is_empty(), "{package} must not be built on {found:?}");
    }
    Ok(())
}

/// Tauri's other tray backend, `ksni`, has no label: the figure in the panel would be gone without any error.
#[test]
fn the_tray_backend_is_the_one_with_a_label() -> Result<()> {
    let crates = crates_below("spendmeter")?;
    assert!(crates.iter().any(|name| name == "libappindicator"), "{crates:?}");
    assert!(!crates.iter().any(|name| name == "ksni"), "a feature has changed the tray's backend");
    Ok(())
}

fn is_of_a_window(name: &str) -> bool {
    WINDOW.iter().any(|banned| name == *banned || name.starts_with(&format!("{banned}-")))
}

/// Names of all crates that end up in `package` on this machine.
fn crates_below(package: &str) -> Result<Vec<String>> {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--locked", "--package", package, "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let output = tree.current_dir(env!("CARGO_MANIFEST_DIR")).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut names: Vec<String> =
        String::from_utf8(output.stdout)?.lines().filter_map(|line| Some(line.split(' ').next()?.to_owned())).collect();
    names.sort();
    names.dedup();
    ensure!(names.len() > 1, "`cargo tree` lists nothing below {package}");
    Ok(names)
}
