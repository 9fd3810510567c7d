//! When macOS asks the person: by itself, in any call that meets a locked keychain or an entry that another program saved,
//! unless the process says that it must not.

use std::error::Error;

use security_framework::os::macos::keychain::{SecKeychain, SecPreferencesDomain};

/// Does `call` without the person being asked: what would ask fails. Holds for the whole process, in which nothing else
/// uses the keychain.
pub(super) fn quietly<T>(call: impl FnOnce() -> keyring_core::Result<T>) -> keyring_core::Result<T> {
    let _quiet = SecKeychain::disable_user_interaction().map_err(failed)?;
    call()
}

/// Has the system ask for the keychain's password, if it is locked.
pub(super) fn ask_for_keychain() -> keyring_core::Result<()> {
    SecKeychain::default_for_domain(SecPreferencesDomain::User)
        .and_then(|mut keychain| keychain.unlock(None))
        .map_err(failed)
}

/// The number by which the system knows this error.
pub(super) fn status_of(error: &(dyn Error + Send + Sync + 'static)) -> Option<i32> {
    error.downcast_ref::<security_framework::base::Error>().map(|error| error.code())
}

fn failed(error: security_framework::base::Error) -> keyring_core::Error {
    keyring_core::Error::PlatformFailure(Box::new(error))
}
