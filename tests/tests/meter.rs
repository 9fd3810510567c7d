//! The meter in the tray: the real app, in a real panel, over agents' logs that grow.

use std::time::Duration;

use acceptance::app::{App, Arguments};
use acceptance::desktop::Desktop;
use acceptance::home::{Home, two_dollars};
use acceptance::machine::{built_binary, now};
use acceptance::tray::TrayItem;
use acceptance::wait::{stays, wait_for};
use anyhow::{Result, ensure};

const PATIENCE: Duration = Duration::from_secs(30);

/// How long a written line may take to be in the label. Far below the poll, so that it was noticed and not found.
const NOTICED: Duration = Duration::from_secs(10);

/// The title of the window.
const DASHBOARD: &str = "Spendmeter";

/// A desktop with the app in its tray, over a home of its own.
struct Stage {
    app: App,
    tray: TrayItem,
    home: Home,
    arguments: Arguments,
    desktop: Desktop,
}

impl Stage {
    /// The app started hidden, over a home with what `prepare` puts there.
    fn set(prepare: impl FnOnce(&Home) -> Result<()>) -> Result<Self> {
        let desktop = Desktop::start()?;
        let home = Home::new(desktop.home().join("agents"))?;
        prepare(&home)?;
        let mut arguments = Arguments::new(desktop.home().join("data"), home.path());
        arguments.more = vec!["--timezone".into(), "UTC".into(), "--hidden".into()];
        let app = App::start(&desktop, &arguments)?;
        let tray = app.tray(&desktop, PATIENCE)?;
        Ok(Self { app, tray, home, arguments, desktop })
    }

    /// With one call of $2 today.
    fn two_dollars_spent() -> Result<Self> {
        let stage = Self::set(|home| home.call(&two_dollars("web-api", "first", now())))?;
        stage.tray.await_label(PATIENCE, |label| label == "$2.00")?;
        Ok(stage)
    }

    fn row(&self, beginning: &str) -> Result<String> {
        Ok(self.tray.menu_row(beginning)?.label)
    }

    fn await_row(&self, wanted: &str) -> Result<()> {
        wait_for(wanted, PATIENCE, || self.tray.menu_rows().ok()?.into_iter().find(|row| row.label == wanted)).map(drop)
    }

    /// Ids of the processes that draw pages in this session.
    fn page_processes(&self) -> Result<Vec<String>> {
        let home = self.desktop.home();
        let mut ids = Vec::new();
        for entry in std::fs::read_dir("/proc")? {
            let entry = entry?;
            let read = |file| std::fs::read(entry.path().join(file)).unwrap_or_default();
            let ours = String::from_utf8_lossy(&read("environ")).contains(home.to_string_lossy().as_ref());
            if ours && read("comm").starts_with(b"WebKitWebProces") {
                ids.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        Ok(ids)
    }
}

#[test]
fn label_rows_and_icon_follow_the_ledger() -> Result<()> {
    let stage = Stage::two_dollars_spent()?;
    assert_eq!(stage.row("Today")?, "Today  $2.00 · estimated");
    assert_eq!(stage.row("web-api")?, "web-api  $2.00");
    assert!(stage.row("Forecast")?.contains("seven days"));
    stage.home.call(&two_dollars("infra", "second", now()))?;
    stage.home.call(&two_dollars("infra", "third", now()))?;
    stage.tray.await_label(NOTICED, |label| label == "$6.00")?;
    stage.await_row("Today  $6.00 · estimated")?;
    stage.await_row("infra  $4.00")?;
    // A model without a price is named and is not in the amount.
    let mut unheard_of = two_dollars("infra", "fourth", now());
    unheard_of.model = "unheard-of-1";
    stage.home.call(&unheard_of)?;
    stage.await_row("unheard-of-1 has no price: 100 K tokens")?;
    assert_eq!(stage.tray.label()?, "$6.00");
    stage.desktop.settled_screenshot("meter", PATIENCE)?;
    Ok(())
}

#[test]
fn t19_the_menu_is_never_replaced() -> Result<()> {
    let stage = Stage::two_dollars_spent()?;
    let ids = || -> Result<Vec<i32>> { Ok(stage.tray.menu_rows()?.iter().map(|row| row.id).collect()) };
    let before = ids()?;
    assert!(before.len() >= 12, "{before:?}");
    for number in 0..5 {
        stage.home.call(&two_dollars(["a", "b", "c", "d", "e"][number], format!("call-{number}"), now()))?;
        stage.tray.await_label(NOTICED, |label| label == format!("${}.00", 2 * (number + 2)))?;
    }
    assert_eq!(ids()?, before, "rows are re-labelled in place");
    Ok(())
}

#[test]
fn the_icon_changes_with_the_state_and_only_then() -> Result<()> {
    let stage = Stage::set(|_| Ok(()))?;
    stage.await_row("Today  — · no agent logs found")?;
    let nothing_connected = stage.tray.icon()?;
    stage.home.call(&two_dollars("web-api", "first", now()))?;
    // The folder is new, so the poll has to find it unless it is asked for.
    stage.tray.click("Refresh now")?;
    stage.tray.await_label(PATIENCE, |label| label == "$2.00")?;
    let connected =
        wait_for("another icon", PATIENCE, || stage.tray.icon().ok().filter(|icon| *icon != nothing_connected))?;
    let file = stage.tray.icon_file()?;
    stage.home.call(&two_dollars("web-api", "second", now()))?;
    stage.tray.await_label(PATIENCE, |label| label == "$4.00")?;
    assert_eq!((stage.tray.icon()?, stage.tray.icon_file()?), (connected, file), "the same state is not drawn again");
    Ok(())
}

#[test]
fn a_click_opens_the_window_and_closing_it_frees_the_page() -> Result<()> {
    let stage = Stage::two_dollars_spent()?;
    assert_eq!(
        (stage.desktop.windows_titled(DASHBOARD)?.len(), stage.page_processes()?.len()),
        (0, 0),
        "started hidden"
    );
    for _ in 0..2 {
        stage.tray.click("Open dashboard")?;
        let window = stage.desktop.await_drawn_window(DASHBOARD, PATIENCE)?;
        assert!(!stage.page_processes()?.is_empty());
        stage.desktop.settled_screenshot("dashboard", PATIENCE)?;
        stage.desktop.close_window(window)?;
        stage.desktop.await_windows(DASHBOARD, 0, PATIENCE)?;
        wait_for("the page's process to end", PATIENCE, || stage.page_processes().ok()?.is_empty().then_some(()))?;
        ensure!(!stage.app.ended(), "the app ended with its window");
    }
    // It is alive, not only there.
    stage.home.call(&two_dollars("web-api", "after", now()))?;
    stage.tray.await_label(NOTICED, |label| label == "$4.00").map(drop)
}

#[test]
fn t21_a_page_that_crashes_is_drawn_again() -> Result<()> {
    let stage = Stage::two_dollars_spent()?;
    stage.tray.click("Open dashboard")?;
    stage.desktop.await_drawn_window(DASHBOARD, PATIENCE)?;
    let crashed = stage.page_processes()?;
    let killed = stage.desktop.command("kill").arg("-KILL").args(&crashed).status()?;
    ensure!(killed.success(), "cannot kill {crashed:?}");
    wait_for("another page process", PATIENCE, || {
        stage.page_processes().ok().filter(|now| now.iter().any(|id| !crashed.contains(id)))
    })?;
    stage.desktop.await_drawn_window(DASHBOARD, PATIENCE)?;
    stage.desktop.settled_screenshot("after-crash", PATIENCE)?;
    ensure!(!stage.app.ended(), "the app ended with its page");
    Ok(())
}

#[test]
fn t13_while_nobody_writes_nothing_is_read() -> Result<()> {
    let stage = Stage::two_dollars_spent()?;
    let mark = stage.arguments.data_dir.join("ledger.read");
    wait_for("the first pass", PATIENCE, || mark.exists().then_some(()))?;
    // Every call to read, whatever is read, and what goes to the disk.
    let counts = || {
        let io = std::fs::read_to_string(format!("/proc/{}/io", stage.app.id())).unwrap_or_default();
        ["syscr", "write_bytes"].map(|name| {
            let line = io.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.and_then(|count| count.parse::<u64>().ok())
        })
    };
    // Until all is drawn; then long enough for an app that wakes itself to be found out. A handful is the toolkit's.
    wait_for("quiet", PATIENCE, || {
        let before = counts();
        stays(Duration::from_secs(1), || true);
        (counts() == before).then_some(())
    })?;
    let [reads, writes] = counts();
    stays(Duration::from_secs(3), || true);
    let [reads_after, writes_after] = counts();
    let read = reads_after.zip(reads).map(|(after, before)| after - before);
    ensure!(read.is_some_and(|read| read < 20), "it goes on reading: {read:?} times in 3 seconds");
    ensure!(writes.is_some() && writes == writes_after, "it goes on writing");
    Ok(())
}

#[test]
fn a_second_start_shows_the_window_of_the_first() -> Result<()> {
    let stage = Stage::two_dollars_spent()?;
    let mut second = stage.desktop.command(built_binary("spendmeter")?);
    let status = second.args(stage.arguments.to_vec()).status()?;
    assert!(status.success(), "{status}");
    stage.desktop.await_drawn_window(DASHBOARD, PATIENCE)?;
    assert_eq!(TrayItem::all(&stage.desktop)?.len(), 1, "one app, one item");
    ensure!(!stage.app.ended(), "the first app ended");
    Ok(())
}

#[test]
fn without_a_tray_host_the_window_comes_back_and_with_one_the_item() -> Result<()> {
    let mut stage = Stage::two_dollars_spent()?;
    stage.desktop.tray_host_stop()?;
    let window = stage.desktop.await_drawn_window(DASHBOARD, PATIENCE)?;
    stage.desktop.settled_screenshot("no-tray-host", PATIENCE)?;
    stage.desktop.tray_host_start()?;
    let tray = stage.app.tray(&stage.desktop, PATIENCE)?;
    tray.await_label(PATIENCE, |label| label == "$2.00")?;
    // With a tray again, closing the window does not end the app.
    stage.desktop.close_window(window)?;
    stage.desktop.await_windows(DASHBOARD, 0, PATIENCE)?;
    tray.click("Quit")?;
    stage.app.await_end(PATIENCE)
}

#[test]
fn quit_ends_it() -> Result<()> {
    let stage = Stage::two_dollars_spent()?;
    stage.tray.click("Quit")?;
    stage.app.await_end(PATIENCE)
}

#[test]
fn paused_means_that_nothing_is_read_until_it_goes_on() -> Result<()> {
    let stage = Stage::two_dollars_spent()?;
    stage.tray.click("Pause")?;
    stage.await_row("Today  $2.00 · estimated · paused")?;
    stage.home.call(&two_dollars("web-api", "meanwhile", now()))?;
    // Many times as long as it takes to notice otherwise.
    let unread = stays(Duration::from_secs(2), || stage.tray.label().is_ok_and(|label| label == "$2.00"));
    ensure!(unread, "it read on: {}", stage.tray.label()?);
    stage.tray.click("Resume")?;
    stage.tray.await_label(PATIENCE, |label| label == "$4.00")?;
    stage.await_row("Today  $4.00 · estimated")
}

#[test]
fn t26_what_was_spent_stays_when_the_logs_are_gone() -> Result<()> {
    let stage = Stage::two_dollars_spent()?;
    std::fs::remove_dir_all(stage.home.path().join(".claude"))?;
    stage.tray.click("Refresh now")?;
    stage.home.codex_call("web-api", "other", now(), 10_000)?;
    stage.tray.click("Refresh now")?;
    // $2, and a call of GPT-5.5: 3,000 × $5/M + 9,000 × $0.50/M + 10,000 × $30/M = $0.3195.
    stage.tray.await_label(PATIENCE, |label| label == "$2.32").map(drop)
}

#[test]
fn after_a_month_of_work_there_is_a_forecast_and_the_gauge_fills() -> Result<()> {
    let stage = Stage::set(|_| Ok(()))?;
    let empty = stage.tray.icon()?;
    stage.home.a_month(now())?;
    stage.tray.click("Refresh now")?;
    stage.tray.await_label(PATIENCE, |label| label.starts_with('$') && label != "$0.00")?;
    let forecast = stage.row("Forecast")?;
    ensure!(forecast.starts_with("Forecast  $"), "{forecast}");
    wait_for("another icon", PATIENCE, || stage.tray.icon().ok().filter(|icon| *icon != empty))?;
    // The row of a project opens that project.
    stage.tray.click("web-api")?;
    stage.desktop.await_drawn_window(DASHBOARD, PATIENCE)?;
    stage.desktop.settled_screenshot("month-project", PATIENCE)?;
    // The row of the forecast opens the month.
    stage.tray.click("Forecast")?;
    stage.desktop.settled_screenshot("month", PATIENCE)?;
    Ok(())
}
