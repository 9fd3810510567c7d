//! What is known about the desktop around the app while it runs, and what follows from it.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::notice::Notice;

/// The desktop around us.
#[derive(Debug)]
pub(crate) struct Desktop {
    shows_tray: AtomicBool,
}

impl Desktop {
    /// Before anything is known: a tray is assumed, since that is how nearly every desktop is.
    pub(crate) const fn unknown() -> Self {
        Self { shows_tray: AtomicBool::new(true) }
    }

    pub(crate) fn set_shows_tray(&self, shows_tray: bool) {
        self.shows_tray.store(shows_tray, Ordering::Relaxed);
    }

    /// Whether the app can be reached without a window. If not, closing the last window must end it, or it would run on
    /// where nobody can see or stop it.
    pub(crate) fn shows_tray(&self) -> bool {
        self.shows_tray.load(Ordering::Relaxed)
    }

    /// What the person should know, if anything.
    pub(crate) fn notice(&self) -> Option<Notice> {
        (!self.shows_tray()).then_some(Notice::NO_TRAY_HOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t19_a_missing_tray_is_told_until_it_is_back() {
        let desktop = Desktop::unknown();
        assert_eq!(desktop.notice(), None);
        desktop.set_shows_tray(false);
        let notice = desktop.notice().unwrap();
        assert!(notice.action.unwrap().contains("AppIndicator and KStatusNotifierItem Support"));
        assert!(notice.message.contains("Closing this window quits"));
        desktop.set_shows_tray(true);
        assert_eq!(desktop.notice(), None);
    }
}
