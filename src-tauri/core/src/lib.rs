//! Everything Spendmeter knows and does, without a window.
//!
//! Data flows one way: [`sources`] turn agents' logs into [`usage`] records, [`sync`] prices them and writes them to the
//! [`ledger`], [`spend`] reads figures out of it. Nothing in here asks for the time, the environment or a home folder:
//! these are parameters ([`places::Places`], [`calendar::Calendar`]), so that all of it runs on a fixed clock.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod accounts;
pub mod calendar;
pub mod http;
pub mod ledger;
pub mod money;
pub mod places;
mod polling;
pub mod pricing;
pub mod secrets;
pub mod sources;
pub mod spend;
pub mod sync;
pub mod usage;
pub mod words;
