//! A key in memory: never shown by accident, and wiped when nobody holds it any more.

use std::fmt;

use zeroize::{Zeroize as _, Zeroizing};

/// With fewer characters than this, the last few would give too much away.
const LONG: usize = 12;

/// How many characters tell keys apart.
const END: usize = 4;

/// A key of a provider. Its memory is wiped when it is dropped; what libraries and the system copied on the way is not.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The key that reads `text`, which is moved and not copied where it is a `String`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The key whose UTF-8 is `bytes`, as stores have it; `None` if it is none.
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Option<Self> {
        match String::from_utf8(bytes) {
            Ok(text) => Some(Self::new(text)),
            Err(error) => {
                error.into_bytes().zeroize();
                None
            }
        }
    }

    /// The key itself, for the header of a request and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four characters, by which a person recognises the key; nothing of one that is too short for that.
    pub fn ends(&self) -> String {
        let count = self.0.chars().count();
        if count < LONG { String::new() } else { self.0.chars().skip(count - END).collect() }
    }
}

impl fmt::Debug for Secret {
    // By hand, and without the end: this is what logs and failed tests show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
