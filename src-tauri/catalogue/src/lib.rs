//! Published price lists, merged into one catalogue of dated prices.
//!
//! Two lists are read: genai-prices, which has the rates of today with their tiers, variants and rules for names, and
//! model-prices, which has what models cost before and how that is known. [`compile`] merges them; a [`Catalogue`] finds
//! the [`Point`] that holds for a call. The core's build script does so for the lists that it vendors, the program for
//! lists that a person refreshed. Nothing in here reads a file, a clock or the network, and no price is ever a float.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod catalogue;
mod compile;
mod decimal;
mod differences;
mod front_coded;
mod genai_prices;
mod instant;
mod jumps;
mod merge;
mod model_prices;
mod naming;
mod point;
mod rule;
mod schedule;
mod spelling;
mod timeline;

pub use self::catalogue::{Catalogue, Found, Listing, Plan, Source};
pub use self::compile::compile;
pub use self::differences::{Comparison, Difference};
pub use self::instant::Seconds;
pub use self::jumps::{Jump, Move};
pub use self::point::{Context, Evidence, Kind, List, Point, Rates, Verdict};
pub use self::schedule::{Part, Schedule};

#[cfg(test)]
mod tests;
