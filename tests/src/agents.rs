//! Real agents at work: the programs that people install, in a home of their own, against an API of ours on loopback.
//!
//! [`agent::Agent`] runs one and [`mock::Mock`] answers it, in the provider's own [`protocol`], by a [`script`] that has it
//! start a subagent. [`served`] is what the mock says was spent, [`ledger`] what the product says.

pub mod agent;
pub mod ledger;
pub mod mock;
pub mod protocol;
pub mod script;
pub mod served;
