//! The desktop session itself: what the other tests stand on has to be true before they mean anything.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use acceptance::desktop::Desktop;
use acceptance::wait::wait_for;
use anyhow::{Context, Result, ensure};
use zbus::blocking::Proxy;
use zbus::zvariant::Value;

const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn the_session_comes_up_with_a_tray_host_and_can_be_photographed() -> Result<()> {
    let desktop = Desktop::start()?;
    assert!(desktop.has_tray_host());
    let picture = desktop.settled_screenshot("empty-desktop", PATIENCE)?;
    let size = output(desktop.command("identify").args(["-format", "%wx%h"]).arg(picture))?;
    assert_eq!(size, "1280x800");
    Ok(())
}

#[test]
fn programs_in_the_session_see_nothing_of_the_environment_outside() -> Result<()> {
    let desktop = Desktop::start()?;
    let environment = output(&mut desktop.command("env"))?;
    assert!(!environment.contains("CARGO"), "{environment}");
    assert!(environment.contains(&format!("HOME={}", desktop.home().display())), "{environment}");
    Ok(())
}

#[test]
fn a_notification_is_on_the_screen() -> Result<()> {
    let desktop = Desktop::start()?;
    assert_eq!(notifications(&desktop)?, 0);
    notify(&desktop)?;
    wait_for("the notification on the screen", PATIENCE, || (notifications(&desktop).ok()? == 1).then_some(()))?;
    desktop.screenshot("notification")?;
    Ok(())
}

#[test]
fn a_secret_is_stored_and_read_back() -> Result<()> {
    let desktop = Desktop::start()?;
    store(&desktop, "a word")?;
    assert_eq!(output(&mut lookup(&desktop))?, "a word");
    Ok(())
}

#[test]
fn a_tray_host_that_stops_is_missed_and_one_that_starts_is_found() -> Result<()> {
    let mut desktop = Desktop::start()?;
    desktop.tray_host_stop()?;
    assert!(!desktop.has_tray_host());
    desktop.tray_host_start()?;
    assert!(desktop.has_tray_host());
    Ok(())
}

#[test]
fn two_sessions_do_not_disturb_each_other() -> Result<()> {
    let mut one = Desktop::start()?;
    let two = Desktop::start()?;
    assert_ne!(one.display(), two.display());

    store(&one, "only in one")?;
    assert!(!lookup(&two).status()?.success(), "a secret of one session is readable in the other");

    notify(&one)?;
    wait_for("the notification on its own screen", PATIENCE, || (notifications(&one).ok()? == 1).then_some(()))?;
    assert_eq!(notifications(&two)?, 0);

    one.tray_host_stop()?;
    assert!(two.has_tray_host());
    drop(one);
    assert!(two.has_tray_host());
    two.screenshot("survivor")?;
    Ok(())
}

#[test]
fn a_session_leaves_no_process_and_no_file_behind() -> Result<()> {
    let desktop = Desktop::start()?;
    notify(&desktop)?;
    let home = desktop.home();
    let marked = || running_with(&home.to_string_lossy());
    assert!(marked()? >= 6, "the session's programs carry its home in their environment");
    drop(desktop);
    wait_for("the session's last process to end", PATIENCE, || (marked().ok()? == 0).then_some(()))?;
    assert!(!home.exists());
    Ok(())
}

/// Processes whose environment mentions `text`.
fn running_with(text: &str) -> Result<usize> {
    let processes =
        std::fs::read_dir("/proc")?.filter_map(|entry| std::fs::read(entry.ok()?.path().join("environ")).ok());
    Ok(processes.filter(|environment| String::from_utf8_lossy(environment).contains(text)).count())
}

fn notify(desktop: &Desktop) -> Result<u32> {
    let service = "org.freedesktop.Notifications";
    let server = Proxy::new(desktop.bus(), service, "/org/freedesktop/Notifications", service)?;
    let nothing: HashMap<&str, Value<'_>> = HashMap::new();
    let buttons = ["show", "Show", "expected", "It's expected"];
    let words = ("Spend is up", "web-api: $9.80 where $2.10 is usual");
    Ok(server.call("Notify", &("test", 0_u32, "", words.0, words.1, &buttons[..], nothing, -1_i32))?)
}

fn notifications(desktop: &Desktop) -> Result<usize> {
    Ok(desktop.windows_of_class("xfce4-notifyd")?.len())
}

fn store(desktop: &Desktop, secret: &str) -> Result<()> {
    let mut command = desktop.command("secret-tool");
    command.args(["store", "--label", "a test", "purpose", "test"]).stdin(Stdio::piped());
    let mut child = command.spawn()?;
    std::io::Write::write_all(&mut child.stdin.take().context("no way to tell secret-tool")?, secret.as_bytes())?;
    ensure!(child.wait()?.success(), "secret-tool did not store");
    Ok(())
}

fn lookup(desktop: &Desktop) -> Command {
    let mut command = desktop.command("secret-tool");
    command.args(["lookup", "purpose", "test"]);
    command
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
