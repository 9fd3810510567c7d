//! The session's keyring, which holds what a person's programs keep secret: whether it runs, whether it is locked.
//!
//! The bus of the session does not start one by itself, unlike on a real desktop, so that there is one exactly when a test
//! says so.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use zbus::blocking::Proxy;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use super::part::Part;
use super::{Desktop, START, command, nothing, owned};
use crate::wait::wait_for;

const SECRETS: &str = "org.freedesktop.secrets";
const SERVICE: (&str, &str) = ("/org/freedesktop/secrets", "org.freedesktop.Secret.Service");

/// What unlocks the keyring. It protects nothing: the keyring is private to the session and gone with it.
pub const PASSWORD: &str = "test";

/// Where programs say that the bus may start them.
const SERVICES: &str = "/usr/share/dbus-1/services";

/// How a session's bus is set up on every machine.
const BUS: &str = "/usr/share/dbus-1/session.conf";

impl Desktop {
    /// Starts a keyring that is unlocked, as the login screen does. It is made if there is none.
    ///
    /// # Errors
    /// When it does not come up: quotes its log.
    pub fn keyring_start(&mut self) -> Result<()> {
        let password = self.folder.path().join("password");
        fs::write(&password, PASSWORD)?;
        self.start_keyring(&["--foreground", "--unlock", "--components=secrets"], File::open(password)?.into())
    }

    /// Starts a keyring as the bus does where nobody logged in with a password: locked, or without any collection if there
    /// was never an unlocked one in this session.
    ///
    /// # Errors
    /// When it does not come up: quotes its log.
    pub fn keyring_start_locked(&mut self) -> Result<()> {
        self.start_keyring(&["--foreground", "--components=secrets"], nothing()?)
    }

    /// Ends the keyring, as if it had crashed, and waits until the bus knows.
    ///
    /// # Errors
    /// When its name stays on the bus.
    pub fn keyring_stop(&mut self) -> Result<()> {
        self.keyring = None;
        wait_for("the bus to miss the keyring", START, || owned(&self.bus, SECRETS).is_none().then_some(()))
    }

    /// Has the keyring answer nothing until [`Desktop::keyring_go_on`].
    ///
    /// # Errors
    /// When there is none.
    pub fn keyring_hang(&self) -> Result<()> {
        self.signal_keyring(Signal::STOP)
    }

    /// Has the keyring answer again, what it was asked meanwhile included.
    ///
    /// # Errors
    /// When there is none.
    pub fn keyring_go_on(&self) -> Result<()> {
        self.signal_keyring(Signal::CONT)
    }

    /// Locks the keyring, as its own program does.
    ///
    /// # Errors
    /// When it stays open.
    pub fn keyring_lock(&self) -> Result<()> {
        let collection = self.keyring_collection()?;
        let locked: (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.secrets()?.call("Lock", &(vec![collection.as_ref()],))?;
        ensure!(locked.0 == [collection], "the keyring wants to ask before it locks");
        Ok(())
    }

    /// Unlocks the keyring behind the back of the programs that use it, and without a prompt, as a login does.
    ///
    /// # Errors
    /// When it stays locked.
    pub fn keyring_unlock(&self) -> Result<()> {
        let session: (OwnedValue, OwnedObjectPath) =
            self.secrets()?.call("OpenSession", &("plain", Value::from("")))?;
        let nothing: &[u8] = &[];
        let password = (session.1.as_ref(), nothing, PASSWORD.as_bytes(), "text/plain");
        let inside =
            Proxy::new(&self.bus, SECRETS, SERVICE.0, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")?;
        inside.call::<_, _, ()>("UnlockWithMasterPassword", &(self.keyring_collection()?.as_ref(), password))?;
        Ok(())
    }

    /// The collection that programs use when they name none.
    fn keyring_collection(&self) -> Result<OwnedObjectPath> {
        let collection: OwnedObjectPath = self.secrets()?.call("ReadAlias", &("default",))?;
        ensure!(collection.as_ref() != ObjectPath::from_static_str("/")?, "the keyring has no default collection");
        Ok(collection)
    }

    fn secrets(&self) -> Result<Proxy<'_>> {
        Ok(Proxy::new(&self.bus, SECRETS, SERVICE.0, SERVICE.1)?)
    }

    fn start_keyring(&mut self, arguments: &[&str], input: Stdio) -> Result<()> {
        let until = Instant::now() + START;
        let daemon = command("gnome-keyring-daemon", arguments, &self.environment)?;
        let log = self.folder.path().join("logs/gnome-keyring-daemon.log");
        // It prints where its sockets are, which nobody needs.
        let output = File::create(self.folder.path().join("keyring"))?;
        let keyring = Part::start_piped("gnome-keyring-daemon", &daemon, log, input, output.into())?;
        keyring.await_ready("org.freedesktop.secrets on the bus", until, || owned(&self.bus, SECRETS))?;
        self.keyring = Some(keyring);
        Ok(())
    }

    fn signal_keyring(&self, signal: Signal) -> Result<()> {
        let keyring = self.keyring.as_ref().context("no keyring runs")?;
        let process = Pid::from_raw(keyring.id().try_into()?).context("the keyring has no process id")?;
        Ok(kill_process(process, signal)?)
    }
}

/// Writes to `folder` how a session's bus is set up, but for the keyring, which it must not start; gives the file.
pub(super) fn bus_without_keyring(folder: &Path) -> Result<std::path::PathBuf> {
    let services = folder.join("services");
    fs::create_dir_all(&services)?;
    for service in fs::read_dir(SERVICES).with_context(|| format!("cannot read {SERVICES}"))? {
        let service = service?;
        let text = fs::read_to_string(service.path())?;
        if !text.contains("gnome-keyring-daemon") {
            fs::write(services.join(service.file_name()), text)?;
        }
    }
    let standard = fs::read_to_string(BUS).with_context(|| format!("cannot read {BUS}"))?;
    let ours = standard
        .replace("<standard_session_servicedirs />", &format!("<servicedir>{}</servicedir>", services.display()));
    ensure!(ours != standard, "{BUS} does not say where services are, or says it otherwise");
    let file = folder.join("bus.conf");
    fs::write(&file, ours)?;
    Ok(file)
}
