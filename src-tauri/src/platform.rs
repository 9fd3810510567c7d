//! What differs by operating system, under one set of names. Tells what it sees; opens and draws nothing.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::{can_open_windows, on_page_crash, toolkit_scheme, watch, watch_toolkit};

use crate::theme::Scheme;

/// A change of the desktop around us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Whether something shows tray items.
    TrayHost(bool),
    /// The desktop's colour scheme; `None` when it has no preference.
    Scheme(Option<Scheme>),
}

/// macOS and Windows always have a place for tray items, and their web views know the colour scheme and come back from
/// a crash by themselves.
#[cfg(not(target_os = "linux"))]
mod native {
    use super::{Scheme, Sign};

    pub(crate) fn watch(_tell: impl Fn(Sign) + Send + 'static) {}
    pub(crate) fn watch_toolkit(_changed: impl Fn() + Clone + 'static) {}
    pub(crate) fn toolkit_scheme() -> Option<Scheme> {
        None
    }
    pub(crate) fn on_page_crash(_window: &tauri::WebviewWindow, _crashed: impl Fn() + Send + 'static) {}
    pub(crate) fn can_open_windows() -> bool {
        true
    }
}
#[cfg(not(target_os = "linux"))]
pub(crate) use native::{can_open_windows, on_page_crash, toolkit_scheme, watch, watch_toolkit};
