//! How far off an amount may be.

use std::ops::Add;

use serde::Serialize;
use ts_rs::TS;

use super::Usd;

/// By how much an amount may be less and more than is told. Zero where it is certain, and never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Margin {
    /// It may be so much less.
    #[ts(type = "string")]
    pub below: Usd,
    /// It may be so much more.
    #[ts(type = "string")]
    pub above: Usd,
}

impl Add for Margin {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { below: self.below + other.below, above: self.above + other.above }
    }
}

impl Margin {
    /// The least and the most that `amount` may be.
    pub fn around(self, amount: Usd) -> (Usd, Usd) {
        (amount - self.below, amount + self.above)
    }
}
