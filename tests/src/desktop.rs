//! One private desktop session without a screen: X server, bus, window manager, keyring, notifications, and a panel that
//! is the tray host. Knows nothing of the app.
//!
//! The programs are those that a person runs, told apart from the person's own session by an environment of their own:
//! home, XDG folders, display and bus address. So several sessions stand side by side, and none sees a real key.

mod keyring;
mod part;
mod windows;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, Proxy, connection};

pub use self::keyring::PASSWORD;
pub use self::part::Part;
use self::part::Parts;
use crate::machine;
use crate::wait::{try_for, wait_for};

/// How long the whole session may take to come up. It takes two seconds; a loaded machine gets its time.
const START: Duration = Duration::from_mins(1);

/// The same size on every machine, so that pictures can be compared.
const SCREEN: &str = "1280x800x24";

/// A calm ground, so that a dark window's edge shows on pictures.
const GROUND: &str = "xc:#5b6472";

/// How long nothing may move on a screen that counts as settled.
const STILL: Duration = Duration::from_secs(1);

const PANEL: &str = include_str!("desktop/xfce4-panel.xml");

/// A running desktop session. Dropping it ends all its programs and removes its folders.
///
/// It belongs to the thread that started it: when that thread ends, so do the programs.
#[derive(Debug)]
pub struct Desktop {
    // Fields drop in this order: first the programs, last the folders that they write to.
    tray_host: Option<Part>,
    keyring: Option<Part>,
    bus: Connection,
    _parts: Parts,
    environment: Vec<(&'static str, OsString)>,
    display: String,
    _runtime: TempDir,
    folder: TempDir,
}

impl Desktop {
    /// Starts a session and waits until all of it answers.
    ///
    /// # Errors
    /// When a part is not installed or does not come up in time: names the part and quotes its log.
    pub fn start() -> Result<Self> {
        let mut desktop = Self::start_without_keyring()?;
        desktop.keyring_start()?;
        Ok(desktop)
    }

    /// Starts a session in which nobody keeps secrets until [`Desktop::keyring_start`].
    ///
    /// # Errors
    /// As [`Desktop::start`].
    pub fn start_without_keyring() -> Result<Self> {
        let until = Instant::now() + START;
        let folder = tempfile::Builder::new().prefix("spendmeter-desktop-").tempdir()?;
        let runtime = runtime_folder()?;
        let mut environment = folders_of_its_own(folder.path(), runtime.path())?;
        let mut parts = Parts::default();
        let log = |name: &str| folder.path().join("logs").join(format!("{name}.log"));

        // The X server before the bus: what the bus starts by itself needs a display.
        let number = folder.path().join("display");
        let xvfb = command(
            "Xvfb",
            &["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"],
            &environment,
        )?;
        let xvfb = Part::start_piped("Xvfb", &xvfb, log("Xvfb"), nothing()?, File::create(&number)?.into())?;
        let display = xvfb.await_ready("a display number", until, || {
            fs::read_to_string(&number).ok()?.strip_suffix('\n').map(|number| format!(":{number}"))
        })?;
        parts.0.push(xvfb);
        environment.push(("DISPLAY", display.clone().into()));

        let address = format!("unix:path={}", runtime.path().join("bus").display());
        let setup = format!("--config-file={}", keyring::bus_without_keyring(folder.path())?.display());
        let daemon = command("dbus-daemon", &[&setup, "--nofork", "--nopidfile", "--address", &address], &environment)?;
        let daemon = Part::start("dbus-daemon", &daemon, log("dbus-daemon"))?;
        let bus = daemon.await_ready("an answer on the session bus", until, || {
            connection::Builder::address(address.as_str()).ok()?.build().ok()
        })?;
        parts.0.push(daemon);
        environment.push(("DBUS_SESSION_BUS_ADDRESS", address.into()));

        let openbox = Part::start("openbox", &command("openbox", &[], &environment)?, log("openbox"))?;
        openbox.await_ready("a window manager on the screen", until, || {
            windows::has_window_manager(&environment).then_some(())
        })?;
        parts.0.push(openbox);

        let notifyd = machine::program_of_lib("xfce4/notifyd/xfce4-notifyd")?;
        let notifyd =
            Part::start("xfce4-notifyd", &command_of(notifyd.as_os_str(), &environment), log("xfce4-notifyd"))?;
        notifyd.await_ready("org.freedesktop.Notifications on the bus", until, || {
            owned(&bus, "org.freedesktop.Notifications")
        })?;
        parts.0.push(notifyd);

        let mut desktop = Self {
            tray_host: None,
            keyring: None,
            bus,
            _parts: parts,
            environment,
            display,
            _runtime: runtime,
            folder,
        };
        desktop.start_tray_host(until)?;
        desktop.paint_ground()?;
        // Out of the way: in the middle of the screen, where it starts, it would hover over whatever opens there.
        desktop.xdotool(&["mousemove", "1279", "799"])?;
        Ok(desktop)
    }

    /// A command that runs inside the session and knows nothing of the environment outside.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = command_of(program.as_ref(), &self.environment);
        command.current_dir(self.home());
        command
    }

    /// Has whatever is started from now on see this variable.
    pub fn set_variable(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.environment.push((name, value.into()));
    }

    /// A command on this screen and bus, but with the environment and so the home of whoever runs this program.
    pub fn command_of_caller(&self, program: impl AsRef<OsStr>) -> Command {
        let session = ["DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_CURRENT_DESKTOP", "NO_AT_BRIDGE"];
        let mut command = Command::new(program);
        command.envs(machine::variables()).env_remove("WAYLAND_DISPLAY");
        command.envs(self.environment.iter().filter(|(name, _)| session.contains(name)).cloned());
        command
    }

    /// Starts `command` (one of [`Desktop::command`]) as a part of the session that ends when dropped.
    ///
    /// # Errors
    /// When the program does not start.
    pub fn run(&self, name: &str, command: &Command) -> Result<Part> {
        Part::start(name, command, self.folder.path().join("logs").join(format!("{name}.log")))
    }

    /// The home folder that programs in the session see.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The X display, like `:3`.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// A connection to the session bus.
    pub fn bus(&self) -> &Connection {
        &self.bus
    }

    /// Whether somebody on the bus shows tray icons.
    pub fn has_tray_host(&self) -> bool {
        owned(&self.bus, "org.kde.StatusNotifierWatcher").is_some() && host_registered(&self.bus).is_some()
    }

    /// Ends the panel, as if it had crashed, and waits until the bus knows.
    ///
    /// # Errors
    /// When the tray host's name stays on the bus.
    pub fn tray_host_stop(&mut self) -> Result<()> {
        self.tray_host = None;
        wait_for("the bus to miss the tray host", START, || {
            owned(&self.bus, "org.kde.StatusNotifierWatcher").is_none().then_some(())
        })
    }

    /// Starts the panel again.
    ///
    /// # Errors
    /// When it does not come up: quotes its log.
    pub fn tray_host_start(&mut self) -> Result<()> {
        self.start_tray_host(Instant::now() + START)
    }

    fn start_tray_host(&mut self, until: Instant) -> Result<()> {
        let panel = self.run("xfce4-panel", &command("xfce4-panel", &["--disable-wm-check"], &self.environment)?)?;
        panel.await_ready("org.kde.StatusNotifierWatcher on the bus", until, || {
            owned(&self.bus, "org.kde.StatusNotifierWatcher")
        })?;
        panel.await_ready("IsStatusNotifierHostRegistered to be true", until, || host_registered(&self.bus))?;
        self.tray_host = Some(panel);
        Ok(())
    }

    /// Takes a picture of the whole screen, `target/screenshots/{name}.png`.
    ///
    /// # Errors
    /// When the screen cannot be read or the file not be written.
    pub fn screenshot(&self, name: &str) -> Result<PathBuf> {
        let file = machine::screenshots_folder()?.join(format!("{name}.png"));
        let taken = self.command(machine::program("import")?).args(["-window", "root"]).arg(&file).output()?;
        ensure!(taken.status.success(), "no picture of the screen: {}", String::from_utf8_lossy(&taken.stderr));
        Ok(file)
    }

    /// [`Desktop::screenshot`] of a screen that has stopped moving: all pictures of a second show the same.
    ///
    /// # Errors
    /// As [`Desktop::screenshot`], or when the screen still moves after `patience`.
    pub fn settled_screenshot(&self, name: &str, patience: Duration) -> Result<PathBuf> {
        let mut pixels = Vec::new();
        let mut still_since = Instant::now();
        try_for("the screen to stand still", patience, || {
            let file = self.screenshot(name)?;
            let seen = self.command(machine::program("convert")?).arg(&file).arg("rgb:-").output()?.stdout;
            if seen != pixels {
                (pixels, still_since) = (seen, Instant::now());
            }
            Ok((still_since.elapsed() >= STILL).then_some(file))
        })
    }

    fn paint_ground(&self) -> Result<()> {
        let size = SCREEN.rsplit_once('x').map_or(SCREEN, |(size, _depth)| size);
        let mut display = self.command(machine::program("display")?);
        let errors = display.args(["-window", "root", "-size", size, GROUND]).output()?.stderr;
        // Its exit status is 1 either way, since it has shown no window.
        ensure!(errors.is_empty(), "no ground on the screen: {}", String::from_utf8_lossy(&errors));
        Ok(())
    }
}

/// The session's folder for sockets and marks. In memory, where a real session has it: what is written there is nothing
/// written to disk.
fn runtime_folder() -> Result<TempDir> {
    let mut folder = tempfile::Builder::new();
    folder.prefix("spendmeter-run-").permissions(Permissions::from_mode(0o700));
    Ok(folder.tempdir_in("/dev/shm").or_else(|_| folder.tempdir())?)
}

/// Makes the session's folders and gives the environment that points to them.
fn folders_of_its_own(folder: &Path, runtime: &Path) -> Result<Vec<(&'static str, OsString)>> {
    let place = |name: &str| {
        let place = folder.join(name);
        fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
        anyhow::Ok(place)
    };
    place("logs")?;
    let config = place("home/.config")?;
    let panel = place("home/.config/xfce4/xfconf/xfce-perchannel-xml")?.join("xfce4-panel.xml");
    fs::write(&panel, PANEL).with_context(|| format!("cannot write {}", panel.display()))?;
    Ok(vec![
        ("PATH", machine::variable("PATH").context("PATH is not set")?),
        ("LANG", "C.UTF-8".into()),
        ("HOME", place("home")?.into()),
        ("XDG_RUNTIME_DIR", runtime.into()),
        ("XDG_CONFIG_HOME", config.into()),
        ("XDG_DATA_HOME", place("home/.local/share")?.into()),
        ("XDG_CACHE_HOME", place("home/.cache")?.into()),
        ("XDG_CURRENT_DESKTOP", "XFCE".into()),
        ("GSETTINGS_BACKEND", "memory".into()),
        // There is no accessibility bus; without this every GTK program waits for one and complains.
        ("NO_AT_BRIDGE", "1".into()),
    ])
}

fn command(program: &str, arguments: &[&str], environment: &[(&'static str, OsString)]) -> Result<Command> {
    let mut command = command_of(machine::program(program)?.as_os_str(), environment);
    command.args(arguments);
    Ok(command)
}

fn command_of(program: &OsStr, environment: &[(&'static str, OsString)]) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(environment.iter().cloned());
    command
}

fn nothing() -> Result<std::process::Stdio> {
    Ok(File::open("/dev/null")?.into())
}

fn owned(bus: &Connection, name: &str) -> Option<()> {
    DBusProxy::new(bus).ok()?.name_has_owner(name.try_into().ok()?).ok()?.then_some(())
}

fn host_registered(bus: &Connection) -> Option<()> {
    let service = "org.kde.StatusNotifierWatcher";
    let watcher = Proxy::new(bus, service, "/StatusNotifierWatcher", service).ok()?;
    watcher.get_property::<bool>("IsStatusNotifierHostRegistered").ok()?.then_some(())
}
