//! When the person is asked where it is not macOS: never. The credentials of Windows are open as long as the person is
//! signed in.

use std::error::Error;

/// Does `call` without the person being asked.
pub(super) fn quietly<T>(call: impl FnOnce() -> keyring_core::Result<T>) -> keyring_core::Result<T> {
    call()
}

/// There is nothing to ask for.
#[expect(clippy::unnecessary_wraps, reason = "macOS can fail here")]
pub(super) fn ask_for_keychain() -> keyring_core::Result<()> {
    Ok(())
}

/// The number by which macOS knows an error.
pub(super) fn status_of(_error: &(dyn Error + Send + Sync + 'static)) -> Option<i32> {
    None
}
