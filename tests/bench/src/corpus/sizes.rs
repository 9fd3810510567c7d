//! How large the files are: given, not drawn, so that a corpus has the median, the large ones and the sum that it is said
//! to have. Only which file gets which size is chance.

use super::random::Random;

/// Sizes of a corpus.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) files: usize,
    pub(crate) largest: u64,
}

/// As one developer's half year is: 3,142 files, 1.24 GB, median 105 kB, 99 % below 5.4 MB, the largest 87 MB.
pub(crate) const HALF_A_YEAR: Sizes = Sizes { files: 3_142, largest: 87_000_000 };

/// Sizes that a share of the files, in ten-thousandths, does not exceed. Between them the share grows with the logarithm.
const SHARES: [(u64, u64); 9] = [
    (0, 2_600),
    (1_000, 14_000),
    (2_500, 37_000),
    (5_000, 102_000),
    (7_500, 236_000),
    (9_000, 600_000),
    (9_500, 1_130_000),
    (9_900, 5_450_000),
    (10_000, 16_600_000),
];

impl Sizes {
    /// All of them in some order; the largest is the last.
    pub(crate) fn shuffled(&self, random: &mut Random) -> Vec<u64> {
        let count = u64::try_from(self.files).unwrap_or(u64::MAX);
        let mut sizes: Vec<u64> = (0..count.saturating_sub(1))
            .map(|rank| size_at(rank * 10_000 / count, rank * 10_000 % count, count).min(self.largest / 4))
            .collect();
        for last in (1..sizes.len()).rev() {
            sizes.swap(last, random.index(last + 1));
        }
        sizes.push(self.largest);
        sizes
    }
}

/// The size at a share of the files, in ten-thousandths and `parts` of `whole` of one.
fn size_at(share: u64, parts: u64, whole: u64) -> u64 {
    let above = SHARES.partition_point(|(upto, _)| *upto <= share).clamp(1, SHARES.len() - 1);
    let ((low_share, low), (high_share, high)) = (SHARES[above - 1], SHARES[above]);
    // Halving the span again and again at the geometric mean is interpolation of the logarithm, in integers.
    let (mut place, span) = ((share - low_share) * whole + parts, (high_share - low_share) * whole);
    let (mut low, mut high) = (low, high);
    for _ in 0..20 {
        let middle = (low * high).isqrt();
        place *= 2;
        if place >= span {
            (low, place) = (middle, place - span);
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_are_those_of_half_a_year() {
        let mut sizes = HALF_A_YEAR.shuffled(&mut Random::new(1));
        assert_eq!(sizes.last(), Some(&87_000_000));
        sizes.sort_unstable();
        assert_eq!(sizes.len(), 3_142);
        let sum: u64 = sizes.iter().sum();
        assert!((1_215_000_000..1_240_000_000).contains(&sum), "{sum}");
        assert!((101_000..103_000).contains(&sizes[1_571]), "{}", sizes[1_571]);
        assert!((5_300_000..5_500_000).contains(&sizes[3_110]), "{}", sizes[3_110]);
    }
}
