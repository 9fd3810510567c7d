//! Everything Spendmeter knows and does, without a window.
//!
//! Data flows one way: [`sources`] turn agents' logs into [`usage`] records, [`sync`] prices them and writes them to the

//! these are parameters ([`places::Places`], [`calendar::Calendar`]), so that all of it runs on a fixed clock.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod calendar;
pub mod money;
pub mod spend;
pub mod usage;
