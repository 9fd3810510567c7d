//! What a Secret Service does only after it asked the person: unlock something, make a collection.
//!
//! Not by the library, whose prompts wait for one signal and so for ever if the service ends, or if the person unlocks the
//! keyring in another way. A prompt that is not answered in time stays on the screen: GNOME Keyring 42 ends with a failed
//! assertion when it is told to dismiss one (`gkd-secret-unlock.c`, `perform_next_unlock`), and does not take it back
//! when whoever wanted it hangs up. An answer that comes late has its effect all the same.

use std::collections::HashMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use secret_service::Error;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use super::NAME;

/// That nobody need be asked.
const NO_PROMPT: &str = "/";

/// How often to look whether there is still something to wait for.
const LOOK: Duration = Duration::from_secs(1);

/// The one whom the service asks.
pub(super) struct Person<'a> {
    pub(super) bus: &'a Connection,
    /// When to stop waiting.
    pub(super) until: Instant,
}

impl Person<'_> {
    /// Unlocks `objects`, collections or items, asking for passwords if need be. `is_done` tells if they are open.
    pub(super) fn unlock(
        &self,
        objects: Vec<OwnedObjectPath>,
        is_done: impl Fn() -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let (_unlocked, prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            self.service()?.call("Unlock", &(objects,))?;
        self.answer(prompt, is_done)
    }

    /// Makes a default collection, asking for a new password. `is_done` tells if there is one.
    pub(super) fn make_default_collection(
        &self,
        label: &str,
        is_done: impl Fn() -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let properties = HashMap::from([("org.freedesktop.Secret.Collection.Label", Value::from(label))]);
        let (_collection, prompt): (OwnedObjectPath, OwnedObjectPath) =
            self.service()?.call("CreateCollection", &(properties, "default"))?;
        self.answer(prompt, is_done)
    }

    fn service(&self) -> Result<Proxy<'_>, Error> {
        Ok(Proxy::new(self.bus, NAME, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service")?)
    }

    /// Shows `prompt` and waits for the answer, or until `is_done` without one.
    fn answer(&self, prompt: OwnedObjectPath, is_done: impl Fn() -> Result<bool, Error>) -> Result<(), Error> {
        if prompt.as_str() == NO_PROMPT {
            return Ok(());
        }
        let prompt: Proxy<'static> = Proxy::new(self.bus, NAME, prompt, "org.freedesktop.Secret.Prompt")?;
        let mut signals = prompt.receive_signal("Completed")?;
        let (answer, answers) = channel();
        // It ends with the answer, whenever that is, or with the connection.
        thread::spawn(move || signals.next().map(|signal| answer.send(signal)));
        prompt.call::<_, _, ()>("Prompt", &("",))?;
        loop {
            let left = self.until.saturating_duration_since(Instant::now());
            match answers.recv_timeout(left.min(LOOK)) {
                Ok(signal) => {
                    let (dismissed, _result): (bool, OwnedValue) = signal.body().deserialize()?;
                    return if dismissed { Err(Error::Prompt) } else { Ok(()) };
                }
                Err(RecvTimeoutError::Timeout) if is_done()? => return Ok(()),
                Err(RecvTimeoutError::Timeout) if left > LOOK => {}
                Err(_) => return Err(Error::PromptDisconnected),
            }
        }
    }
}
