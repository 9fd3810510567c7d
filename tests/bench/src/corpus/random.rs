//! Chance that falls the same way on every machine and for ever: the corpus of a seed has to be the same bytes. Only
//! integers, since functions of the mathematics library differ in their last digit.

/// A sequence of numbers that looks like none (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A sequence of its own, so that what one part of the corpus draws does not move the others.
    pub(crate) fn branch(&mut self) -> Self {
        Self(self.next())
    }

    /// From 0 to one less than `limit`, which must not be 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        // The upper half of a product; the bias of some 2⁻⁵⁰ is nobody's concern here.
        u64::try_from((u128::from(self.next()) * u128::from(limit)) >> 64).unwrap_or_default()
    }

    /// From `low` to one less than `high`.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low)
    }

    /// True in one of `times` cases.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())]
    }

    /// A place in a list of `length`.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).unwrap_or(u64::MAX))).unwrap_or_default()
    }

    /// Half the time less than `median`, now and then a multiple of it, never more than `most`: as lengths of texts and
    /// pauses of people are.
    pub(crate) fn skewed(&mut self, median: u64, most: u64) -> u64 {
        let mut value =
            if self.one_in(2) { self.between(median / 4, median.max(1)) } else { self.between(median, 2 * median + 1) };
        while value > median && value < most && self.one_in(3) {
            value *= 2;
        }
        value.min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_seed_gives_the_published_sequence() {
        let mut random = Random::new(1_234_567);
        // The first outputs for this seed in the reference implementation by Sebastiano Vigna.
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn skewed_values_lie_on_both_sides_of_their_median_and_below_their_limit() {
        let mut random = Random::new(1);
        let mut values: Vec<u64> = (0..10_001).map(|_| random.skewed(1_000, 20_000)).collect();
        values.sort_unstable();
        assert!((970..1_030).contains(&values[5_000]), "{}", values[5_000]);
        assert_eq!(values[10_000], 20_000);
        assert!(values[0] >= 250);
    }
}
