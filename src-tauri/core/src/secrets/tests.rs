//! A keychain over a store that does as the test says. The system's own stores are tested where they are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::*;

/// Long enough for a thread to start on a busy machine.
const PATIENT: Timeouts = Timeouts { store: Duration::from_secs(30), person: Duration::from_secs(30) };
const IMPATIENT: Timeouts = Timeouts { store: Duration::from_millis(50), person: Duration::from_millis(50) };

/// A store in memory that counts what is asked of it.
#[derive(Clone, Default)]
struct Fake(Arc<Inside>);

#[derive(Default)]
struct Inside {
    entries: Mutex<BTreeMap<String, Secret>>,
    /// What every call fails with.
    trouble: Mutex<Option<SecretError>>,
    /// What every save fails with.
    write_trouble: Mutex<Option<SecretError>>,
    /// A call tells the first that it is there, and hangs until the second tells it something.
    hang: Mutex<Option<(Sender<()>, Receiver<()>)>>,
    reads: AtomicUsize,
    writes: AtomicUsize,
    asked_for: Mutex<Vec<String>>,
}

impl Fake {
    fn with(name: &str, secret: &str) -> Self {
        let fake = Self::default();
        fake.0.entries.lock().unwrap().insert(name.to_owned(), Secret::new(secret));
        fake
    }

    fn keychain(&self, timeouts: Timeouts) -> Keychain {
        Keychain::with(self.clone(), timeouts)
    }

    fn trouble(&self, trouble: impl Into<Option<SecretError>>) {
        *self.0.trouble.lock().unwrap() = trouble.into();
    }

    /// Has the next call hang: gives what tells that it does, and what lets it go on.
    fn hang(&self) -> (Receiver<()>, Sender<()>) {
        let ((hangs, hanging), (go_on, waiting)) = (channel(), channel());
        *self.0.hang.lock().unwrap() = Some((hangs, waiting));
        (hanging, go_on)
    }

    fn reads(&self) -> usize {
        self.0.reads.load(Ordering::SeqCst)
    }

    fn writes(&self) -> usize {
        self.0.writes.load(Ordering::SeqCst)
    }

    fn call(&self) -> Result<(), SecretError> {
        let hang = self.0.hang.lock().unwrap().take();
        if let Some((hangs, waiting)) = hang {
            hangs.send(()).unwrap();
            let _ = waiting.recv();
        }
        self.0.trouble.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

impl Store for Fake {
    fn read(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        self.call()?;
        Ok(self.0.entries.lock().unwrap().get(name).cloned())
    }

    fn save(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        self.0.writes.fetch_add(1, Ordering::SeqCst);
        self.call()?;
        self.0.write_trouble.lock().unwrap().clone().map_or(Ok(()), Err)?;
        self.0.entries.lock().unwrap().insert(name.to_owned(), secret.clone());
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        self.0.writes.fetch_add(1, Ordering::SeqCst);
        self.call()?;
        self.0.entries.lock().unwrap().remove(name);
        Ok(())
    }

    fn unlock(&self, wanted: &[String]) -> Result<(), SecretError> {
        wanted.clone_into(&mut self.0.asked_for.lock().unwrap());
        self.call()
    }
}

fn no_backend() -> SecretError {
    SecretError::NoBackend { reason: "nobody is there".to_owned() }
}

fn timed_out(doing: &str) -> SecretError {
    SecretError::TimedOut { doing: doing.to_owned(), after: IMPATIENT.store }
}

/// Asks until it is no longer somebody else's turn.
fn settled<T>(mut call: impl FnMut() -> Result<T, SecretError>) -> Result<T, SecretError> {
    loop {
        match call() {
            Err(SecretError::TimedOut { .. }) => thread::sleep(Duration::from_millis(5)),
            result => return result,
        }
    }
}

#[test]
fn a_key_is_read_from_the_store_once_whoever_asks() {
    let fake = Fake::with("anthropic", "sk-one");
    let keychain = fake.keychain(PATIENT);
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let keychain = keychain.clone();
            thread::spawn(move || keychain.read("anthropic"))
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.join().unwrap(), Ok(Some(Secret::new("sk-one"))));
    }
    assert_eq!(fake.reads(), 1);
}

#[test]
fn a_key_that_is_not_there_is_looked_for_again() {
    let fake = Fake::default();
    let keychain = fake.keychain(PATIENT);
    assert_eq!(keychain.read("anthropic"), Ok(None));
    fake.0.entries.lock().unwrap().insert("anthropic".to_owned(), Secret::new("sk-by-another-process"));
    assert_eq!(keychain.read("anthropic"), Ok(Some(Secret::new("sk-by-another-process"))));
}

#[test]
fn what_was_saved_is_read_without_asking_and_what_was_removed_is_gone() {
    let fake = Fake::default();
    let keychain = fake.keychain(PATIENT);
    keychain.save("openai", &Secret::new("sk-one")).unwrap();
    let reads = fake.reads();
    assert_eq!(keychain.read("openai"), Ok(Some(Secret::new("sk-one"))));
    assert_eq!(fake.reads(), reads);
    keychain.remove("openai").unwrap();
    assert_eq!(keychain.read("openai"), Ok(None));
    assert_eq!(keychain.remove("openai"), Ok(()), "absent is fine");
}

#[test]
fn t16_a_store_that_comes_up_late_is_found() {
    let fake = Fake::with("anthropic", "sk-one");
    let keychain = fake.keychain(PATIENT);
    fake.trouble(no_backend());
    assert_eq!(keychain.read("anthropic"), Err(no_backend()));
    assert_eq!(keychain.save("anthropic", &Secret::new("sk-two")), Err(no_backend()));
    fake.trouble(None);
    assert_eq!(keychain.read("anthropic"), Ok(Some(Secret::new("sk-one"))));
}

#[test]
fn t16_an_entry_that_cannot_be_read_is_not_overwritten() {
    for trouble in [
        SecretError::Locked,
        SecretError::Denied { doing: "reading".to_owned(), reason: "you are not on the list".to_owned() },
        SecretError::Failed { doing: "reading".to_owned(), reason: "it broke".to_owned() },
    ] {
        let fake = Fake::with("anthropic", "sk-one");
        let keychain = fake.keychain(PATIENT);
        keychain.read("anthropic").unwrap();
        fake.trouble(trouble.clone());
        assert_eq!(keychain.save("anthropic", &Secret::new("sk-two")), Err(trouble), "though it was read before");
        assert_eq!(fake.writes(), 0);
    }
}

#[test]
fn t16_the_person_is_asked_by_unlock_alone_and_for_what_was_wanted() {
    let fake = Fake::with("anthropic", "sk-one");
    let keychain = fake.keychain(PATIENT);
    fake.trouble(SecretError::Locked);
    assert_eq!(keychain.read("anthropic"), Err(SecretError::Locked));
    assert_eq!(keychain.read("openai"), Err(SecretError::Locked));
    assert_eq!(*fake.0.asked_for.lock().unwrap(), Vec::<String>::new());
    fake.trouble(None);
    keychain.unlock().unwrap();
    assert_eq!(*fake.0.asked_for.lock().unwrap(), ["anthropic", "openai"]);
    assert_eq!(keychain.read("anthropic"), Ok(Some(Secret::new("sk-one"))));
}

#[test]
fn a_store_that_hangs_holds_nobody_up_and_is_used_again_when_it_answers() {
    let fake = Fake::with("anthropic", "sk-one");
    let keychain = fake.keychain(IMPATIENT);
    let (hanging, go_on) = fake.hang();
    assert_eq!(keychain.read("anthropic"), Err(timed_out("reading the key `anthropic`")));
    hanging.recv().unwrap();

    // Whoever comes now is told at once, though their own patience has just begun.
    let patient = Keychain { timeouts: PATIENT, ..keychain.clone() };
    for _ in 0..20 {
        assert!(matches!(patient.read("openai"), Err(SecretError::TimedOut { .. })));
    }
    assert_eq!(fake.reads(), 1, "no second thread hangs in the store");

    go_on.send(()).unwrap();
    assert_eq!(settled(|| patient.read("anthropic")), Ok(Some(Secret::new("sk-one"))));
    assert_eq!(patient.read("openai"), Ok(None));
    assert_eq!(fake.reads(), 2, "the late answer counts");
}

#[test]
fn a_known_key_is_there_even_while_the_store_hangs() {
    let fake = Fake::with("anthropic", "sk-one");
    let keychain = fake.keychain(IMPATIENT);
    settled(|| keychain.read("anthropic")).unwrap();
    let (hanging, _go_on) = fake.hang();
    assert!(matches!(keychain.read("openai"), Err(SecretError::TimedOut { .. })));
    hanging.recv().unwrap();
    assert_eq!(keychain.read("anthropic"), Ok(Some(Secret::new("sk-one"))));
}

#[test]
fn while_the_person_is_asked_everything_else_is_locked_at_once() {
    let fake = Fake::with("anthropic", "sk-one");
    let keychain = fake.keychain(PATIENT);
    let (hanging, go_on) = fake.hang();
    let unlocking = thread::spawn({
        let keychain = keychain.clone();
        move || keychain.unlock()
    });
    hanging.recv().unwrap();
    assert_eq!(keychain.read("anthropic"), Err(SecretError::Locked));
    assert_eq!(keychain.unlock(), Err(SecretError::Locked), "one prompt at a time");
    go_on.send(()).unwrap();
    assert_eq!(unlocking.join().unwrap(), Ok(()));
    assert_eq!(keychain.read("anthropic"), Ok(Some(Secret::new("sk-one"))));
}

#[test]
fn an_answer_of_the_person_that_comes_late_counts() {
    let fake = Fake::with("anthropic", "sk-one");
    let keychain = fake.keychain(IMPATIENT);
    let (hanging, go_on) = fake.hang();
    assert_eq!(keychain.unlock(), Err(timed_out("unlocking")));
    hanging.recv().unwrap();
    assert_eq!(keychain.read("anthropic"), Err(SecretError::Locked), "they are still asked");
    go_on.send(()).unwrap();
    let read = loop {
        match settled(|| keychain.read("anthropic")) {
            Err(SecretError::Locked) => thread::sleep(Duration::from_millis(5)),
            read => break read,
        }
    };
    assert_eq!(read, Ok(Some(Secret::new("sk-one"))));
}

#[test]
fn a_save_that_ends_late_counts() {
    let fake = Fake::with("anthropic", "sk-one");
    let keychain = fake.keychain(IMPATIENT);
    settled(|| keychain.read("anthropic")).unwrap();
    let (hanging, go_on) = fake.hang();
    let saved = keychain.save("anthropic", &Secret::new("sk-two"));
    assert_eq!(saved, Err(timed_out("saving the key `anthropic`")));
    hanging.recv().unwrap();
    go_on.send(()).unwrap();
    settled(|| keychain.read("openai")).unwrap();
    assert_eq!(keychain.read("anthropic"), Ok(Some(Secret::new("sk-two"))));
}

#[test]
fn after_a_save_that_failed_the_store_is_asked_what_it_has() {
    let fake = Fake::with("anthropic", "sk-one");
    let keychain = fake.keychain(PATIENT);
    keychain.read("anthropic").unwrap();
    *fake.0.write_trouble.lock().unwrap() = Some(no_backend());
    assert_eq!(keychain.save("anthropic", &Secret::new("sk-two")), Err(no_backend()));
    // It was written all the same.
    fake.0.entries.lock().unwrap().insert("anthropic".to_owned(), Secret::new("sk-two"));
    assert_eq!(keychain.read("anthropic"), Ok(Some(Secret::new("sk-two"))));
}

#[test]
fn a_store_that_breaks_down_is_an_error_and_can_be_asked_again() {
    struct Broken;
    impl Store for Broken {
        fn read(&self, name: &str) -> Result<Option<Secret>, SecretError> {
            assert_ne!(name, "anthropic", "this test wants a panic");
            Ok(None)
        }
        fn save(&self, _: &str, _: &Secret) -> Result<(), SecretError> {
            Ok(())
        }
        fn remove(&self, _: &str) -> Result<(), SecretError> {
            Ok(())
        }
        fn unlock(&self, _: &[String]) -> Result<(), SecretError> {
            Ok(())
        }
    }
    let keychain = Keychain::with(Broken, PATIENT);
    assert!(matches!(keychain.read("anthropic"), Err(SecretError::Failed { .. })));
    assert_eq!(keychain.read("openai"), Ok(None));
}

#[test]
fn a_secret_is_shown_by_nothing() {
    let secret = Secret::new("sk-ant-admin-0123456789");
    let keychain = Fake::with("anthropic", secret.expose()).keychain(PATIENT);
    keychain.read("anthropic").unwrap();
    for shown in [format!("{secret:?}"), format!("{keychain:?}"), format!("{:#?}", keychain.read("anthropic"))] {
        assert!(!shown.contains("sk-") && !shown.contains("789"), "{shown}");
    }
}

#[test]
fn the_end_of_a_long_key_tells_which_it_is_and_of_a_short_one_nothing() {
    assert_eq!(Secret::new("sk-ant-0123x3Qf").ends(), "x3Qf");
    assert_eq!(Secret::new("12345678abcd").ends(), "abcd");
    assert_eq!(Secret::new("1234567abcd").ends(), "");
    assert_eq!(Secret::new("schlüssel-äöüß").ends(), "äöüß", "characters, not bytes");
    assert_eq!(Secret::new("äöüäöüäöü").ends(), "", "9 characters in 18 bytes");
}

#[test]
fn errors_say_what_failed_and_what_to_do_next() {
    let (doing, reason) = ("reading the key `anthropic`".to_owned(), "no".to_owned());
    for (error, words) in [
        (SecretError::Locked, "the keychain is locked; unlock it, then try again"),
        (
            SecretError::TimedOut { doing: doing.clone(), after: Duration::from_secs(10) },
            "the keychain did not finish reading the key `anthropic` within 10s; answer what the system may be asking, or \
             restart the keychain, and try again",
        ),
        (
            SecretError::Failed { doing, reason },
            "the keychain failed at reading the key `anthropic` (no); look at it with the system's own program for passwords, \
             and try again",
        ),
    ] {
        assert_eq!(error.to_string(), words);
    }
}

#[test]
fn each_kind_of_build_has_entries_of_its_own() {
    let all =
        [Namespace::Release, Namespace::Development, Namespace::Test("one".to_owned())].map(|one| one.to_string());
    assert_eq!(all, ["Spendmeter", "Spendmeter (development)", "Spendmeter (test one)"]);
    assert_eq!(Namespace::of_this_build(), Namespace::Development, "tests are built with debug assertions");
}
