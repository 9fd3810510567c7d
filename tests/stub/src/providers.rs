//! Peers of the product's client: four providers on this machine, each an organisation made of plain data and the server
//! that answers from it as the provider would.
//!
//! Facts are from `tests/fixtures/providers` and the providers' documentation; what is inferred is marked `[unverified]`.
//! A peer has no clock of its own: the moment is set by the test, and moves only when the test moves it.

pub mod anthropic;
mod buckets;
mod cursor;
pub mod faults;
mod listing;
pub mod litellm;
pub mod openai;
pub mod openrouter;
mod peer;
mod query;
mod rows;

pub use self::peer::{Organisation, Peer};
