//! Why a key could not be had, in words that say what to do next and never what the key is.

use std::time::Duration;

/// Why the keychain did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The system has no store for keys, or none that can be reached from here.
    #[error("no keychain answers ({reason}); {START_ONE}, then try again")]
    NoBackend {
        /// What the system says.
        reason: String,
    },
    /// The store, or this key in it, can be had only once a person has answered the system.
    #[error("the keychain is locked; unlock it, then try again")]
    Locked,
    /// The person or the system said no.
    #[error("the keychain refused {doing} ({reason}); allow Spendmeter to use it when the system asks, and try again")]
    Denied {
        /// What was asked of it, like "reading the key `anthropic`".
        doing: String,
        /// What the system says.
        reason: String,
    },
    /// There was no answer in time: the store hangs, or a person was asked and has not answered.
    #[error(
        "the keychain did not finish {doing} within {after:?}; answer what the system may be asking, or restart the \
         keychain, and try again"
    )]
    TimedOut {
        /// What was asked of it.
        doing: String,
        /// How long was waited.
        after: Duration,
    },
    /// The store answers, but something in it is not as it should be.
    #[error(
        "the keychain failed at {doing} ({reason}); look at it with the system's own program for passwords, and try again"
    )]
    Failed {
        /// What was asked of it.
        doing: String,
        /// What the system says.
        reason: String,
    },
}

const START_ONE: &str = if cfg!(target_os = "linux") {
    "start one in this session, like GNOME Keyring, KWallet or KeePassXC"
} else {
    "sign in to this computer on its screen"
};
