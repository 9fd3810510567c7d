//! What a person should know about this desktop while looking at the dashboard.

use serde::Serialize;
use ts_rs::TS;

/// Something about this desktop that the person should know while using the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub(crate) struct Notice {
    /// What it is about.
    #[ts(inline)]
    pub(crate) code: NoticeCode,
    /// What is missing, and what follows from it.
    pub(crate) message: &'static str,
    /// What to do about it; `null` when there is nothing to do.
    pub(crate) action: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NoticeCode {
    NoTrayHost,
}

impl Notice {
    /// The desktop has no place for a tray item. No platform reports that as an error, so it is said here.
    pub(crate) const NO_TRAY_HOST: Self = Self {
        code: NoticeCode::NoTrayHost,
        message: "This desktop shows no tray icons, so there is no meter in the panel. Closing this window quits \
                  Spendmeter; it can be started again at any time.",
        action: Some(
            "On GNOME, install the extension \u{201c}AppIndicator and KStatusNotifierItem Support\u{201d} and turn it on. \
             Elsewhere, add a system tray to the panel.",
        ),
    };
}
