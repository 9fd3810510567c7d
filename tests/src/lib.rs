//! The real app on a real desktop, without a screen: everything a test needs to stand where a person stands.
//!
//! [`desktop::Desktop`] is one private desktop session, [`app`] starts the product in it, [`tray`] reads and presses what the
//! panel shows, [`webdriver`] reads and presses what the window shows. Nothing here knows the product's insides: it goes
//! through the screen, the bus and the command line, as people and their desktops do. Only the program `keychain` does, which
//! stands in for the app where nothing but the keyring matters.

#[cfg(feature = "agents")]
pub mod agents;
pub mod app;
pub mod desktop;
pub mod home;
pub mod machine;
pub mod prism;
pub mod stage;
pub mod tray;
pub mod wait;
pub mod webdriver;
