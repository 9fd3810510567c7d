//! Requests as a proper client makes them, and answers as the stubs of the providers give them, held against what the
//! providers themselves say of their endpoints, by a program that nobody here wrote.
//!
//! Each test has a [`Between`]: a stub, Prism in front of it, and a client of both. What comes through Prism must be what
//! the stub said. The product's client is held by the same means: give it [`Prism::url`](acceptance::prism::Prism::url)
//! as the provider's address, and whatever it asks or gets wrongly fails as 422 or 500.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up should panic")]

mod anthropic;
mod between;
mod client;
mod controls;
mod litellm;
mod openai;
mod openrouter;
mod samples;

/// The moment in which the stubs live.
const NOW: &str = "2026-11-24T12:30:00Z";

/// A moment.
fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// `now` and the same moment of days before, `count` of them.
fn days_back(count: i64) -> impl Iterator<Item = jiff::Timestamp> {
    (0..count).map(|day| at(NOW) - jiff::SignedDuration::from_hours(24 * day))
}
