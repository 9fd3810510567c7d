//! JSON that is safe to parse, wherever it stands: in a row, in a file beside a log, or in a text within JSON.

use crate::sources::logs::{LineError, parseable};

/// The bytes as text, if they can be parsed as JSON. They are checked before and not by the parser (sonic-rs 0.5.10),
/// which looks only when it is done, and has no limit to how deep it follows what is nested.
///
/// # Errors
/// [`LineError`] when they are no text or nested too deeply.
pub(super) fn json(bytes: &[u8]) -> Result<&str, LineError> {
    std::str::from_utf8(parseable(bytes)?)
        .map_err(|cause| LineError::new(format!("it is no UTF-8, at byte {}", cause.valid_up_to())))
}
