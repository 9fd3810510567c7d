//! A line of a log, or a part of one, as a row of an agent's own form.

use std::borrow::Cow;

use serde::Deserialize;

use crate::sources::logs::LineError;

/// Enough of a row to tell its kind.
#[derive(Deserialize)]
struct Head<'l> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'l, str>>,
}

/// The row that `line` is; `None` if it has another form and is of a kind that tells of no call. The texts by which lines
/// are found may also stand in a conversation, in rows whose fields mean something else.
///
/// # Errors
/// [`LineError`] when a row that should tell of a call has another form.
pub(super) fn row<'l, R: Deserialize<'l>>(
    line: &'l [u8],
    tells_of_calls: impl Fn(Option<&str>) -> bool,
) -> Result<Option<R>, LineError> {
    let line = text(line)?;
    match sonic_rs::from_str(line) {
        Ok(row) => Ok(Some(row)),
        Err(_) if sonic_rs::from_str(line).is_ok_and(|head: Head<'_>| !tells_of_calls(head.kind.as_deref())) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The bytes as text. They are checked before and not by the parser (sonic-rs 0.5.10), which looks only when it is done:
/// too late for a [`sonic_rs::LazyValue`], which it takes for text by then.
///
/// # Errors
/// [`LineError`] when they are none.
pub(super) fn text(bytes: &[u8]) -> Result<&str, LineError> {
    std::str::from_utf8(bytes)
        .map_err(|cause| LineError::new(format!("it is no UTF-8, at byte {}", cause.valid_up_to())))
}

/// The text, if it says anything: what an agent does not know, it may leave out, or write as null or as nothing.
pub(super) fn known<'t>(text: Option<&'t Cow<'_, str>>) -> Option<&'t str> {
    text.map(AsRef::as_ref).filter(|text: &&str| !text.is_empty())
}
