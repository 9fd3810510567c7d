//! A line of a log, or a part of one, as a row of an agent's own form.

use serde::Deserialize;

use crate::sources::logs::{LineError, Text};

/// Enough of a row to tell its kind.
#[derive(Deserialize)]
struct Head<'l> {
    #[serde(rename = "type", borrow)]
    kind: Option<Text<'l>>,
}

/// The row that `line` is; `None` if it has another form and is of a kind that tells of no call. The texts by which lines
/// are found may also stand in a conversation, in rows whose fields mean something else.
///
/// # Errors
/// [`LineError`] when a row that should tell of a call has another form.
pub(super) fn row<'l, R: Deserialize<'l>>(
    line: &'l str,
    tells_of_calls: impl FnOnce(Option<&str>) -> bool,
) -> Result<Option<R>, LineError> {
    row_with_head(line, |head: &Head<'l>| tells_of_calls(head.kind.as_deref()))
}

/// The same where an agent writes the kind in another way, in a head `H`.
///
/// # Errors
/// As for [`row`].
pub(super) fn row_with_head<'l, R: Deserialize<'l>, H: Deserialize<'l>>(
    line: &'l str,
    tells_of_calls: impl FnOnce(&H) -> bool,
) -> Result<Option<R>, LineError> {
    match sonic_rs::from_str(line) {
        Ok(row) => Ok(Some(row)),
        Err(_) if sonic_rs::from_str(line).is_ok_and(|head: H| !tells_of_calls(&head)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
