//! Finding the first of a few texts in many bytes: with the processor's vector instructions where there are any.

use aho_corasick::{AhoCorasick, packed};
use memchr::memmem;

/// Looks for any of a few texts.
#[derive(Debug)]
pub(super) struct Search {
    means: Means,
    longest: usize,
}

#[derive(Debug)]
enum Means {
    One(memmem::Finder<'static>),
    /// Compares the beginnings of several texts with many bytes at a time.
    Packed(packed::Searcher),
    /// Byte for byte, for processors that cannot.
    Automaton(AhoCorasick),
}

impl Search {
    pub(super) fn new(texts: &[&'static str]) -> Self {
        let means = match texts {
            &[text] => Means::One(memmem::Finder::new(text)),
            _ => packed::Searcher::new(texts).map_or_else(|| Means::automaton(texts), Means::Packed),
        };
        Self { means, longest: texts.iter().map(|text| text.len()).max().unwrap_or(0) }
    }

    /// Where the first of the texts begins.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<usize> {
        match &self.means {
            Means::One(finder) => finder.find(bytes),
            Means::Packed(searcher) => searcher.find(bytes).map(|found| found.start()),
            Means::Automaton(automaton) => automaton.find(bytes).map(|found| found.start()),
        }
    }

    /// Bytes of the longest text.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }
}

impl Means {
    fn automaton(texts: &[&'static str]) -> Self {
        Self::Automaton(AhoCorasick::new(texts).expect("a few short texts make a search"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXTS: [&str; 3] = ["\"usage\"", "\"tokens\"", "\"turn\""];

    /// Searches for the first `count` of [`TEXTS`], by every means there is.
    fn searches(count: usize) -> [Search; 2] {
        let texts = &TEXTS[..count];
        [Search::new(texts), Search { means: Means::automaton(texts), longest: 0 }]
    }

    proptest! {
        #[test]
        fn every_means_finds_the_same(
            count in 1..=TEXTS.len(),
            parts in prop::collection::vec(prop_oneof![Just("\"usage\""), Just("\"tok"), Just("ens\""), Just("\"turn\""), Just("."), Just("\"")], 0..40),
            before in 0_usize..100,
        ) {
            let content = ".".repeat(before) + &parts.concat();
            let first = TEXTS[..count].iter().filter_map(|text| content.find(text)).min();
            for search in searches(count) {
                prop_assert_eq!(search.find(content.as_bytes()), first, "{:?}", search);
            }
        }
    }
}
