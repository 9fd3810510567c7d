//! Linux: whether anything shows tray items, what the colour scheme is, and when the page's process dies.
//!
//! A tray item is offered to whoever owns `org.kde.StatusNotifierWatcher` on the session bus. Nobody there, or a watcher
//! without a host, is no error anywhere: the item is just not seen. Hence the look for ourselves, on a thread of its own,
//! since any of the programs asked may take its time.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use gtk::prelude::GtkSettingsExt;
use tauri::WebviewWindow;
use webkit2gtk::WebViewExt;
use zbus::blocking::{Connection, MessageIterator, connection, fdo::DBusProxy};
use zbus::zvariant::{OwnedValue, Value};
use zbus::{MatchRule, Message};

use super::Sign;
use crate::stderr;
use crate::theme::Scheme;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH: &str = "/StatusNotifierWatcher";
const PORTAL: &str = "org.freedesktop.portal.Desktop";
const PORTAL_PATH: &str = "/org/freedesktop/portal/desktop";
const SETTINGS: &str = "org.freedesktop.portal.Settings";
const APPEARANCE: &str = "org.freedesktop.appearance";
const COLOR_SCHEME: &str = "color-scheme";

/// Panels come up after the apps they show, and are gone for a moment when they restart.
const GRACE: Duration = Duration::from_secs(2);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Calls `tell` with each change, and at first with how things are.
pub(crate) fn watch(tell: impl Fn(Sign) + Send + 'static) {
    // Left to itself: it ends with the process.
    thread::spawn(move || {
        if let Err(error) = follow(&tell) {
            stderr::report(format_args!(
                "cannot watch the desktop's session bus ({error}), so a tray icon may not be seen. Start Spendmeter from a \
                 desktop session"
            ));
            tell(Sign::TrayHost(false));
        }
    });
}

/// What may have changed.
enum Change {
    TrayHost,
    Scheme(u32),
}

fn follow(tell: &impl Fn(Sign)) -> anyhow::Result<()> {
    let bus = connection::Builder::session()?.method_timeout(ANSWER_WITHIN).build()?;
    let (inform, changes) = mpsc::channel();
    listen(&bus, inform)?;

    tell(Sign::Scheme(read_scheme(&bus).and_then(scheme)));
    let mut told = None;
    loop {
        let host = has_tray_host(&bus);
        let change = if told == Some(host) {
            changes.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            changes.recv_timeout(if host { Duration::ZERO } else { GRACE })
        };
        match change {
            Ok(Change::TrayHost) => {}
            Ok(Change::Scheme(value)) => tell(Sign::Scheme(scheme(value))),
            Err(RecvTimeoutError::Timeout) => {
                tell(Sign::TrayHost(host));
                told = Some(host);
            }
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("the bus has closed"),
        }
    }
}

/// Forwards signals that mean a change, from a thread that does nothing else.
fn listen(bus: &Connection, inform: Sender<Change>) -> zbus::Result<()> {
    let signals = DBusProxy::new(bus)?;
    let signal = || MatchRule::builder().msg_type(zbus::message::Type::Signal);
    signals.add_match_rule(signal().member("NameOwnerChanged")?.arg(0, WATCHER)?.build())?;
    signals.add_match_rule(signal().interface(WATCHER)?.build())?;
    signals.add_match_rule(signal().interface(SETTINGS)?.arg(0, APPEARANCE)?.build())?;
    let messages = MessageIterator::from(bus);
    thread::spawn(move || {
        for message in messages {
            let Ok(message) = message else { break };
            if let Some(change) = change(&message)
                && inform.send(change).is_err()
            {
                break;
            }
        }
    });
    Ok(())
}

fn change(message: &Message) -> Option<Change> {
    let header = message.header();
    match header.member()?.as_str() {
        "NameOwnerChanged" | "StatusNotifierHostRegistered" | "StatusNotifierHostUnregistered" => {
            Some(Change::TrayHost)
        }
        "SettingChanged" => {
            let body = message.body();
            let (space, key, value): (&str, &str, Value<'_>) = body.deserialize().ok()?;
            (space == APPEARANCE && key == COLOR_SCHEME).then_some(Change::Scheme(value.downcast().ok()?))
        }
        _ => None,
    }
}

fn has_tray_host(bus: &Connection) -> bool {
    let arguments = (WATCHER, "IsStatusNotifierHostRegistered");
    bus.call_method(Some(WATCHER), WATCHER_PATH, Some("org.freedesktop.DBus.Properties"), "Get", &arguments)
        .and_then(|reply| reply.body().deserialize::<OwnedValue>())
        .is_ok_and(|value| bool::try_from(value).unwrap_or(false))
}

/// The desktop's setting, where there is a portal.
fn read_scheme(bus: &Connection) -> Option<u32> {
    let reply = bus.call_method(Some(PORTAL), PORTAL_PATH, Some(SETTINGS), "Read", &(APPEARANCE, COLOR_SCHEME)).ok()?;
    let body = reply.body();
    // `Read` wraps its answer twice.
    match body.deserialize::<Value<'_>>().ok()? {
        Value::Value(inner) => inner.downcast_ref().ok(),
        plain => plain.downcast_ref().ok(),
    }
}

/// The portal's numbers: 0 is no preference.
const fn scheme(value: u32) -> Option<Scheme> {
    match value {
        1 => Some(Scheme::Dark),
        2 => Some(Scheme::Light),
        _ => None,
    }
}

/// The scheme of the GTK theme. Only on the main thread.
pub(crate) fn toolkit_scheme() -> Option<Scheme> {
    let settings = gtk::Settings::default()?;
    let dark = settings.is_gtk_application_prefer_dark_theme()
        || settings.gtk_theme_name().is_some_and(|name| name.to_lowercase().contains("dark"));
    Some(if dark { Scheme::Dark } else { Scheme::Light })
}

/// Calls `changed` whenever [`toolkit_scheme`] may say something new. Only on the main thread.
pub(crate) fn watch_toolkit(changed: impl Fn() + Clone + 'static) {
    let Some(settings) = gtk::Settings::default() else { return };
    let again = changed.clone();
    settings.connect_gtk_theme_name_notify(move |_| changed());
    settings.connect_gtk_application_prefer_dark_theme_notify(move |_| again());
}

/// Calls `crashed` when the process that draws the page in `window` ends. Without this the window stays, blank.
pub(crate) fn on_page_crash(window: &WebviewWindow, crashed: impl Fn() + Send + 'static) {
    let watched = window.with_webview(move |webview| {
        webview.inner().connect_web_process_terminated(move |_, _| crashed());
    });
    if let Err(error) = watched {
        stderr::report(format_args!("cannot watch the page ({error}); if the window goes blank, close and open it"));
    }
}

/// Whether there is a display that lets us in. Asked before Tauri does, which panics without one. Only on the main thread.
pub(crate) fn can_open_windows() -> bool {
    gtk::init().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_preference_is_not_light() {
        assert_eq!([0, 1, 2, 3].map(scheme), [None, Some(Scheme::Dark), Some(Scheme::Light), None]);
    }

    #[test]
    fn only_the_signals_we_asked_for_are_changes() {
        fn signal<'m>(interface: &'m str, member: &'m str) -> zbus::message::Builder<'m> {
            Message::signal("/x", interface, member).unwrap()
        }
        let settings = |key: &str, value: Value<'_>| {
            change(&signal(SETTINGS, "SettingChanged").build(&(APPEARANCE, key, value)).unwrap())
        };
        assert!(matches!(settings(COLOR_SCHEME, Value::U32(1)), Some(Change::Scheme(1))));
        assert!(settings("contrast", Value::U32(1)).is_none());
        assert!(settings(COLOR_SCHEME, Value::from("dark")).is_none());
        assert!(matches!(
            change(&signal(WATCHER, "StatusNotifierHostUnregistered").build(&()).unwrap()),
            Some(Change::TrayHost)
        ));
        assert!(change(&signal(WATCHER, "StatusNotifierItemRegistered").build(&("x",)).unwrap()).is_none());
    }
}
