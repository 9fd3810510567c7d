//! Light or dark: what the person chose, else what the desktop says. Pure.
//!
//! WebKitGTK tells every page that the desktop is light, so on Linux the page is told by an attribute instead. Where
//! the web view knows by itself nothing is said, unless the person chose.

use clap::ValueEnum;
use tauri::window::Color;

/// What the person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Theme {
    /// As the desktop.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How the page is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    /// The page's own ground (`--ground` in `ui/src/tokens.css`), so that an empty window is not a flash.
    pub(crate) const fn ground(self) -> Color {
        match self {
            Self::Light => Color(0xf4, 0xf4, 0xf2, 0xff),
            Self::Dark => Color(0x16, 0x16, 0x18, 0xff),
        }
    }

    /// A script that tells the page. Runs before the first paint and again on each change.
    pub(crate) const fn script(self) -> &'static str {
        match self {
            Self::Light => "document.documentElement.dataset.theme = 'light'",
            Self::Dark => "document.documentElement.dataset.theme = 'dark'",
        }
    }
}

/// Everything there is to decide from.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes {
    pub(crate) person: Theme,
    /// The desktop's setting, where it has one and has said so.
    pub(crate) desktop: Option<Scheme>,
    /// The theme of the toolkit that draws the window's frame.
    pub(crate) toolkit: Option<Scheme>,
}

impl Wishes {
    /// The scheme to draw in; `None` to leave it to the web view.
    pub(crate) fn scheme(self) -> Option<Scheme> {
        match self.person {
            Theme::Light => Some(Scheme::Light),
            Theme::Dark => Some(Scheme::Dark),
            Theme::Auto => self.desktop.or(self.toolkit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_person_outranks_the_desktop_and_the_desktop_the_toolkit() {
        use Scheme::{Dark, Light};
        for (person, desktop, toolkit, scheme) in [
            (Theme::Light, Some(Dark), Some(Dark), Some(Light)),
            (Theme::Dark, None, None, Some(Dark)),
            (Theme::Auto, Some(Dark), Some(Light), Some(Dark)),
            (Theme::Auto, Some(Light), Some(Dark), Some(Light)),
            (Theme::Auto, None, Some(Dark), Some(Dark)),
            (Theme::Auto, None, None, None),
        ] {
            assert_eq!(Wishes { person, desktop, toolkit }.scheme(), scheme);
        }
    }

    #[test]
    fn an_empty_window_has_the_ground_of_the_page() {
        let tokens = include_str!("../../ui/src/tokens.css");
        let hex = |Color(red, green, blue, _)| format!("#{red:02x}{green:02x}{blue:02x}");
        let grounds = format!("--ground: light-dark({}, {})", hex(Scheme::Light.ground()), hex(Scheme::Dark.ground()));
        assert!(tokens.contains(&grounds), "tokens.css no longer says `{grounds}`");
    }
}
