//! The real program on a home in a temporary folder: what it prints, what it changes, and how it exits.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up should panic")]

mod doctor;
mod home;
mod plan;
mod prices;
mod report;
mod scan;
