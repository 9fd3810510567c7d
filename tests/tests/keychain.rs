//! Keys in a real keyring: whether it is there, locked, hangs or comes and goes while the app runs. What uses it is a
//! program of our own, `keychain`, since it is the process's environment and lifetime that matter.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use acceptance::desktop::{Desktop, PASSWORD};
use acceptance::wait::{stays, wait_for};
use anyhow::{Context, Result, ensure};
use zbus::blocking::Proxy;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::OwnedBusName;
use zbus::zvariant::OwnedObjectPath;

/// For what a person would see at once, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// No call may take longer. The program's own patience is 3 s for the keyring, and for a person less than this where it matters.
const BOUND: Duration = Duration::from_secs(15);

/// So that a key is never found by chance.
const NAMESPACE: &str = "keychain";
const SERVICE: &str = "Spendmeter (test keychain)";

const LOCKED: &str = "Locked: the keychain is locked; unlock it, then try again";

/// A process that uses the keychain.
struct User {
    process: Child,
    input: ChildStdin,
    answers: Receiver<String>,
}

impl User {
    fn start(desktop: &Desktop) -> Result<Self> {
        Self::start_command(desktop.command(env!("CARGO_BIN_EXE_keychain")), "60")
    }

    /// `patience` is for a person who is asked, in seconds.
    fn start_command(mut command: Command, patience: &str) -> Result<Self> {
        let mut process = command.args([NAMESPACE, patience]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = process.stdin.take().context("no input")?;
        let output = BufReader::new(process.stdout.take().context("no output")?);
        let (answer, answers) = channel();
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| answer.send(line)));
        Ok(Self { process, input, answers })
    }

    fn ask(&mut self, line: &str) -> Result<()> {
        Ok(writeln!(self.input, "{line}")?)
    }

    fn answer(&self) -> Result<String> {
        self.answers.recv_timeout(BOUND).context("no answer in time")
    }

    fn does(&mut self, line: &str) -> Result<String> {
        self.ask(line)?;
        self.answer().with_context(|| format!("asked for `{line}`"))
    }

    /// The names of its connections to the session bus.
    fn connections(&self, desktop: &Desktop) -> Result<Vec<String>> {
        let bus = DBusProxy::new(desktop.bus())?;
        let names = bus.list_names()?.into_iter().filter(|name| name.starts_with(':'));
        // A connection may be gone by now.
        let is_its = |name: &OwnedBusName| {
            bus.get_connection_unix_process_id(name.as_ref()).is_ok_and(|process| process == self.process.id())
        };
        Ok(names.filter(is_its).map(|name| name.to_string()).collect())
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_key_is_in_the_keyring_for_the_next_process_and_for_other_programs() -> Result<()> {
    let desktop = Desktop::start()?;
    let mut user = User::start(&desktop)?;
    assert_eq!(user.does("read anthropic")?, "none");
    assert_eq!(user.does("save anthropic sk-one")?, "done");
    drop(user);

    let mut next = User::start(&desktop)?;
    assert_eq!(next.does("read anthropic")?, "key sk-one");
    assert_eq!(next.does("read openai")?, "none");
    assert_eq!(lookup(&desktop, "anthropic")?.as_deref(), Some("sk-one"));

    assert_eq!(next.does("remove anthropic")?, "done");
    assert_eq!(next.does("remove anthropic")?, "done", "absent is fine");
    assert_eq!(next.does("read anthropic")?, "none");
    assert_eq!(lookup(&desktop, "anthropic")?, None);
    Ok(())
}

#[test]
fn t16_a_key_is_replaced_in_its_entry() -> Result<()> {
    let desktop = Desktop::start()?;
    let mut user = User::start(&desktop)?;
    user.does("save anthropic sk-one")?;
    let entries = entries(&desktop)?;
    assert_eq!(entries.len(), 1);
    // What the person wrote there is a part of the entry, and would be gone with it.
    label(&desktop, &entries, "mine")?;
    assert_eq!(user.does("save anthropic sk-two")?, "done");
    assert_eq!(lookup(&desktop, "anthropic")?.as_deref(), Some("sk-two"));
    assert_eq!(self::entries(&desktop)?, entries);
    assert_eq!(label_of(&desktop, &entries)?, "mine");
    Ok(())
}

#[test]
fn t16_a_locked_keyring_is_told_at_once_without_a_prompt_and_used_again_when_it_is_open() -> Result<()> {
    let desktop = Desktop::start()?;
    User::start(&desktop)?.does("save anthropic sk-one")?;
    desktop.keyring_lock()?;

    let mut user = User::start(&desktop)?;
    let began = Instant::now();
    for line in ["read anthropic", "read openai", "save anthropic sk-two", "save openai sk-new", "remove anthropic"] {
        assert_eq!(user.does(line)?, LOCKED, "{line}");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "nobody waits for a timeout");
    assert!(stays(Duration::from_secs(2), || prompts(&desktop).is_ok_and(|prompts| prompts == 0)), "nobody is asked");

    desktop.keyring_unlock()?;
    assert_eq!(user.does("read anthropic")?, "key sk-one", "not overwritten, not removed");
    assert_eq!(user.does("read openai")?, "none");
    Ok(())
}

#[test]
fn t16_the_person_is_asked_when_they_want_to_unlock() -> Result<()> {
    let desktop = Desktop::start()?;
    User::start(&desktop)?.does("save anthropic sk-one")?;
    let mut user = User::start(&desktop)?;
    assert_eq!(user.does("unlock")?, "done", "nobody is asked when nothing is locked");
    desktop.keyring_lock()?;
    assert_eq!(user.does("read anthropic")?, LOCKED);

    user.ask("unlock")?;
    await_prompt(&desktop)?;
    desktop.screenshot("keyring-prompt")?;
    desktop.xdotool(&["key", "Escape"])?;
    let declined = user.answer()?;
    assert!(declined.starts_with("Denied: the keychain refused unlocking"), "{declined}");
    assert_eq!(user.does("read anthropic")?, LOCKED);

    user.ask("unlock")?;
    await_prompt(&desktop)?;
    desktop.xdotool(&["type", "--delay", "40", PASSWORD])?;
    desktop.xdotool(&["key", "Return"])?;
    assert_eq!(user.answer()?, "done");
    assert_eq!(user.does("read anthropic")?, "key sk-one");
    Ok(())
}

#[test]
fn t16_a_prompt_that_nobody_answers_holds_nothing_up() -> Result<()> {
    let mut desktop = Desktop::start()?;
    desktop.keyring_lock()?;
    let mut user = User::start_command(desktop.command(env!("CARGO_BIN_EXE_keychain")), "8")?;
    user.ask("unlock")?;
    await_prompt(&desktop)?;
    let unanswered = user.answer()?;
    assert!(unanswered.starts_with("TimedOut: the keychain did not finish unlocking within 8s"), "{unanswered}");
    assert_eq!(user.does("read openai")?, LOCKED);
    let shown = || stays(Duration::from_secs(2), || prompts(&desktop).is_ok_and(|count| count > 0));
    assert!(shown(), "an answer is still welcome");

    // Whatever ends the need for an answer ends the wait for it.
    user.ask("unlock")?;
    assert!(shown());
    desktop.keyring_unlock()?;
    assert_eq!(user.answer()?, "done");
    assert_eq!(user.does("read openai")?, "none");
    desktop.keyring_lock()?;
    user.ask("unlock")?;
    assert!(shown());
    desktop.keyring_stop()?;
    // A keyring that ends takes back its objects before its name: either may be missed first.
    let gone = user.answer()?;
    assert!(gone.starts_with("NoBackend: ") || gone.starts_with("Failed: "), "{gone}");
    assert!(user.does("read mistral")?.starts_with("NoBackend: "));
    Ok(())
}

#[test]
fn t16_a_keyring_that_comes_up_late_or_anew_is_used_without_a_restart() -> Result<()> {
    let mut desktop = Desktop::start_without_keyring()?;
    let mut user = User::start(&desktop)?;
    for line in ["read anthropic", "save anthropic sk-one", "unlock"] {
        let answer = user.does(line)?;
        assert!(answer.starts_with("NoBackend: no keychain answers ("), "{answer}");
        assert!(answer.ends_with("like GNOME Keyring, KWallet or KeePassXC, then try again"), "{answer}");
    }
    desktop.keyring_start()?;
    assert_eq!(user.does("read anthropic")?, "none");
    assert_eq!(user.does("save anthropic sk-one")?, "done");

    User::start(&desktop)?.does("save mistral sk-two")?;

    // What was agreed on with the keyring ends with it.
    desktop.keyring_stop()?;
    assert_eq!(user.does("read anthropic")?, "key sk-one", "it is known");
    assert!(user.does("read openai")?.starts_with("NoBackend: "));
    desktop.keyring_start_locked()?;
    assert_eq!(user.does("read openai")?, LOCKED);
    desktop.keyring_unlock()?;
    assert_eq!(user.does("read openai")?, "none");
    assert_eq!(user.does("read mistral")?, "key sk-two");
    assert_eq!(lookup(&desktop, "anthropic")?.as_deref(), Some("sk-one"));
    Ok(())
}

#[test]
fn t16_where_there_is_no_collection_yet_the_person_is_asked_before_one_is_made() -> Result<()> {
    let mut desktop = Desktop::start_without_keyring()?;
    desktop.keyring_start_locked()?;
    let mut user = User::start(&desktop)?;
    assert_eq!(user.does("read anthropic")?, "none");
    assert_eq!(user.does("save anthropic sk-one")?, LOCKED);
    assert_eq!(prompts(&desktop)?, 0);

    user.ask("unlock")?;
    await_prompt(&desktop)?;
    // The new password, twice.
    for key in ["type", "Tab", "type", "Return"] {
        match key {
            "type" => desktop.xdotool(&["type", "--delay", "40", PASSWORD])?,
            key => desktop.xdotool(&["key", key])?,
        };
    }
    assert_eq!(user.answer()?, "done");
    assert_eq!(user.does("save anthropic sk-one")?, "done");
    assert_eq!(lookup(&desktop, "anthropic")?.as_deref(), Some("sk-one"));
    Ok(())
}

#[test]
fn a_keyring_that_hangs_holds_nobody_up_and_is_used_again_when_it_answers() -> Result<()> {
    let desktop = Desktop::start()?;
    User::start(&desktop)?.does("save anthropic sk-one")?;
    let mut user = User::start(&desktop)?;
    desktop.keyring_hang()?;
    let hung = user.does("read anthropic")?;
    assert!(hung.starts_with("TimedOut: the keychain did not finish reading the key `anthropic` within 3s"), "{hung}");
    assert!(user.does("save anthropic sk-two")?.starts_with("TimedOut: "));
    desktop.keyring_go_on()?;
    wait_for("the keychain to be used again", PATIENCE, || {
        (user.does("read anthropic").ok()? == "key sk-one").then_some(())
    })
}

#[test]
fn without_a_bus_there_is_no_keychain_and_no_other_place_for_a_key() -> Result<()> {
    let desktop = Desktop::start()?;
    for address in [Some("unix:path=/nowhere/bus"), Some(""), None] {
        let mut command = desktop.command(env!("CARGO_BIN_EXE_keychain"));
        match address {
            Some(address) => command.env("DBUS_SESSION_BUS_ADDRESS", address),
            // Else it would look there.
            None => command.env_remove("DBUS_SESSION_BUS_ADDRESS").env("XDG_RUNTIME_DIR", desktop.home()),
        };
        let mut user = User::start_command(command, "60")?;
        for line in ["read anthropic", "save anthropic sk-one", "remove anthropic", "unlock", "read anthropic"] {
            let answer = user.does(line)?;
            assert!(
                answer.starts_with("NoBackend: no keychain answers (no session bus: "),
                "{address:?} {line}: {answer}"
            );
        }
    }
    Ok(())
}

#[test]
fn one_connection_serves_all_calls_since_gnome_keyring_can_end_when_clients_come_and_go() -> Result<()> {
    let desktop = Desktop::start()?;
    let mut user = User::start(&desktop)?;
    user.does("read anthropic")?;
    let connections = user.connections(&desktop)?;
    assert_eq!(connections.len(), 1);
    for line in ["read anthropic", "save anthropic sk-one", "unlock", "remove anthropic", "read anthropic"] {
        user.does(line)?;
    }
    assert_eq!(user.connections(&desktop)?, connections);
    Ok(())
}

/// What `secret-tool` finds under the attributes that we say.
fn lookup(desktop: &Desktop, name: &str) -> Result<Option<String>> {
    let output = desktop.command("secret-tool").args(["lookup", "service", SERVICE, "username", name]).output()?;
    ensure!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// The paths of our entries.
fn entries(desktop: &Desktop) -> Result<Vec<OwnedObjectPath>> {
    let service = Proxy::new(
        desktop.bus(),
        "org.freedesktop.secrets",
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service",
    )?;
    let attributes = std::collections::HashMap::from([("service", SERVICE)]);
    let (open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = service.call("SearchItems", &(attributes,))?;
    Ok([open, locked].concat())
}

fn entry<'a>(desktop: &'a Desktop, entries: &'a [OwnedObjectPath]) -> Result<Proxy<'a>> {
    let path = entries.first().context("no entry")?.as_ref();
    Ok(Proxy::new(desktop.bus(), "org.freedesktop.secrets", path, "org.freedesktop.Secret.Item")?)
}

fn label(desktop: &Desktop, entries: &[OwnedObjectPath], label: &str) -> Result<()> {
    Ok(entry(desktop, entries)?.set_property("Label", label)?)
}

fn label_of(desktop: &Desktop, entries: &[OwnedObjectPath]) -> Result<String> {
    Ok(entry(desktop, entries)?.get_property("Label")?)
}

fn prompts(desktop: &Desktop) -> Result<usize> {
    Ok(desktop.windows_of_class("gcr-prompter")?.len())
}

/// Waits for a prompt that takes what is typed: it is on the screen a while before it does. It never stands still, since its
/// cursor blinks.
fn await_prompt(desktop: &Desktop) -> Result<()> {
    let has_focus = || {
        let focus = desktop.xdotool(&["getwindowfocus"]).ok()?.trim().parse().ok()?;
        desktop.windows_of_class("gcr-prompter").ok()?.contains(&focus).then_some(())
    };
    wait_for("a prompt that keeps the keyboard's focus", PATIENCE, || {
        stays(Duration::from_secs(1), || has_focus().is_some()).then_some(())
    })
}
