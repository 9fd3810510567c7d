//! The app's tray item as a panel sees it on the bus: its label, its icon, its menu. Reads and presses; knows no words of
//! the product.
//!
//! The item is a `StatusNotifierItem` with Ayatana's extension for the label; its menu speaks `com.canonical.dbusmenu`.
//! `Activate` does not exist with this backend: everything a person can do goes through the menu.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};

use crate::desktop::Desktop;
use crate::wait::{try_for, wait_for};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// Below this path libayatana-appindicator puts its items.
const ITEMS: &str = "/org/ayatana/NotificationItem/";

/// How long the app may take to put one picture in place of another.
const REPLACED_WITHIN: Duration = Duration::from_secs(5);

/// One item in the tray.
#[derive(Clone, Debug)]
pub struct TrayItem {
    bus: Connection,
    service: String,
    path: String,
}

/// A row of the item's menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuRow {
    /// What [`TrayItem::click`] sends.
    pub id: i32,
    /// The words on it, without the underscore that marks an access key.
    pub label: String,
    /// Whether it can be pressed.
    pub enabled: bool,
    /// Whether it is a line between rows.
    pub separator: bool,
}

/// A menu as it comes over the bus: id, properties, rows below it.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl TrayItem {
    /// All items that are registered with the session's tray. The watcher lists one for a moment after its end.
    ///
    /// # Errors
    /// When there is no tray host.
    pub fn all(desktop: &Desktop) -> Result<Vec<Self>> {
        let watcher = Proxy::new(desktop.bus(), WATCHER, "/StatusNotifierWatcher", WATCHER)?;
        let registered: Vec<String> = watcher.get_property("RegisteredStatusNotifierItems")?;
        let parts = registered.iter().filter_map(|item| item.split_at_checked(item.find('/')?));
        Ok(parts
            .filter(|(_service, path)| path.starts_with(ITEMS))
            .map(|(service, path)| Self { bus: desktop.bus().clone(), service: service.into(), path: path.into() })
            .collect())
    }

    /// Waits for the first item in the tray.
    ///
    /// # Errors
    /// When none is there after `patience`.
    pub fn appears(desktop: &Desktop, patience: Duration) -> Result<Self> {
        try_for("an item in the tray", patience, || Ok(Self::all(desktop)?.into_iter().next()))
    }

    /// The process that shows the item.
    ///
    /// # Errors
    /// When it is gone.
    pub fn process_id(&self) -> Result<u32> {
        let service = self.service.as_str().try_into()?;
        Ok(DBusProxy::new(&self.bus)?.get_connection_unix_process_id(service)?)
    }

    /// The text beside the icon; empty when there is none.
    ///
    /// # Errors
    /// When the item is gone.
    pub fn label(&self) -> Result<String> {
        self.property("XAyatanaLabel")
    }

    /// The widest text that the item asks room for.
    ///
    /// # Errors
    /// When the item is gone.
    pub fn label_guide(&self) -> Result<String> {
        self.property("XAyatanaLabelGuide")
    }

    /// `Active`, `Passive` or `NeedsAttention`.
    ///
    /// # Errors
    /// When the item is gone.
    pub fn status(&self) -> Result<String> {
        self.property("Status")
    }

    /// What the item is called where a panel lists items by name.
    ///
    /// # Errors
    /// When the item is gone.
    pub fn title(&self) -> Result<String> {
        self.property("Title")
    }

    /// The file that holds the icon. Its name changes with each picture, which is how panels notice a new one.
    ///
    /// # Errors
    /// When the item is gone or its icon is no file.
    pub fn icon_file(&self) -> Result<PathBuf> {
        let name: String = self.property("IconName")?;
        let folder: String = self.property("IconThemePath")?;
        let plain = Path::new(&folder).join(&name);
        let candidates = [plain.clone(), plain.with_added_extension("png")];
        let found = candidates.into_iter().find(|file| file.is_file());
        found.with_context(|| format!("the tray icon `{name}` is no file in `{folder}`"))
    }

    /// The bytes of [`TrayItem::icon_file`]. A picture that is replaced while it is looked at is asked for again.
    ///
    /// # Errors
    /// When the item is gone or its icon is no file.
    pub fn icon(&self) -> Result<Vec<u8>> {
        let drawn = || fs::read(self.icon_file().ok()?).ok();
        wait_for("the tray icon's file", REPLACED_WITHIN, drawn)
    }

    /// Waits until the label satisfies `wanted`, and gives it.
    ///
    /// # Errors
    /// When it still does not after `patience`: says what it was last.
    pub fn await_label(&self, patience: Duration, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let mut last = String::new();
        try_for("the tray label", patience, || {
            last = self.label()?;
            Ok(wanted(&last).then(|| last.clone()))
        })
        .with_context(|| format!("the tray label is `{last}`"))
    }

    /// The rows of the menu, top to bottom; rows of submenus follow the row that opens them.
    ///
    /// # Errors
    /// When the item or its menu is gone.
    pub fn menu_rows(&self) -> Result<Vec<MenuRow>> {
        let everything: (i32, i32, Vec<&str>) = (0, -1, Vec::new());
        let (_revision, (_, _, children)): (u32, Layout) = self.menu()?.call("GetLayout", &everything)?;
        let mut rows = Vec::new();
        collect_rows(children, &mut rows)?;
        Ok(rows)
    }

    /// The first row whose label starts with `label`.
    ///
    /// # Errors
    /// When there is none: lists those that there are.
    pub fn menu_row(&self, label: &str) -> Result<MenuRow> {
        let rows = self.menu_rows()?;
        rows.iter().find(|row| row.label.starts_with(label)).cloned().ok_or_else(|| {
            let labels: Vec<&str> = rows.iter().filter(|row| !row.separator).map(|row| row.label.as_str()).collect();
            anyhow!("the tray menu has no row `{label}…`; it has {labels:?}")
        })
    }

    /// Presses the first row whose label starts with `label`.
    ///
    /// Waits for no answer, as no tray host does: an app that quits at once may be gone before its answer is sent.
    ///
    /// # Errors
    /// When there is no such row, or the item is gone.
    pub fn click(&self, label: &str) -> Result<()> {
        let press = (self.menu_row(label)?.id, "clicked", Value::from(0_i32), 0_u32);
        Ok(self.menu()?.call_noreply("Event", &press)?)
    }

    fn menu(&self) -> Result<Proxy<'static>> {
        let path: OwnedObjectPath = self.property("Menu")?;
        Ok(Proxy::new(&self.bus, self.service.clone(), path, MENU)?)
    }

    fn property<T>(&self, name: &str) -> Result<T>
    where
        T: TryFrom<OwnedValue>,
        T::Error: Into<zbus::Error>,
    {
        // A proxy that caches would be told of changes only by signals, and this item announces few of them.
        let item: Proxy<'_> = zbus::blocking::proxy::Builder::new(&self.bus)
            .destination(self.service.as_str())?
            .path(self.path.as_str())?
            .interface(ITEM)?
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()?;
        item.get_property(name).with_context(|| format!("cannot read {name} of the tray item"))
    }
}

fn collect_rows(children: Vec<OwnedValue>, rows: &mut Vec<MenuRow>) -> Result<()> {
    for child in children {
        let (id, properties, below): Layout = Structure::try_from(child)?.try_into()?;
        let text = |name: &str| properties.get(name).and_then(|value| value.downcast_ref::<String>().ok());
        let flag = |name: &str| properties.get(name).and_then(|value| value.downcast_ref::<bool>().ok());
        if flag("visible").unwrap_or(true) {
            rows.push(MenuRow {
                id,
                label: without_access_key(&text("label").unwrap_or_default()),
                enabled: flag("enabled").unwrap_or(true),
                separator: text("type").as_deref() == Some("separator"),
            });
        }
        collect_rows(below, rows)?;
    }
    Ok(())
}

/// `_Open` is shown as "Open" and `a__b` as `a_b`.
fn without_access_key(label: &str) -> String {
    let mut shown = String::with_capacity(label.len());
    let mut characters = label.chars();
    while let Some(character) = characters.next() {
        shown.extend(if character == '_' { characters.next() } else { Some(character) });
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::without_access_key;

    #[test]
    fn an_access_key_is_not_part_of_the_words() {
        assert_eq!(without_access_key("_Open dashboard"), "Open dashboard");
        assert_eq!(without_access_key("my__app  $1.20"), "my_app  $1.20");
        assert_eq!(without_access_key("trailing_"), "trailing");
    }
}
