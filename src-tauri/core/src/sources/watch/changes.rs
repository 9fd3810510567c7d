//! What changed, as far as it is known: some paths, or anything. Bounded, so that a storm costs no more than a breeze.

use std::collections::HashSet;
use std::path::PathBuf;

/// What changed below the roots of the sources since it was last told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// What is at these paths was written, appeared or went, and nothing else did. A path may lead to nothing by now; one
    /// that leads to a folder stands for all that is in there.
    Paths(HashSet<PathBuf>),
    /// There is no telling: too much at once, or the system lost count.
    Anything,
}

impl Default for Changes {
    fn default() -> Self {
        Self::Paths(HashSet::new())
    }
}

impl Changes {
    /// More paths than these are "anything": looking at each would cost more than looking at all there is.
    pub const MOST: usize = 1_000;

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Paths(paths) if paths.is_empty())
    }

    /// Adds a file. Its path is only made if it is kept.
    pub fn add(&mut self, path: impl FnOnce() -> PathBuf) {
        if let Self::Paths(paths) = self {
            paths.insert(path());
            if paths.len() > Self::MOST {
                *self = Self::Anything;
            }
        }
    }

    /// Adds all that `others` says.
    pub fn merge(&mut self, others: Self) {
        match others {
            Self::Anything => *self = Self::Anything,
            Self::Paths(paths) => paths.into_iter().for_each(|path| self.add(|| path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Changes {
        Changes::Paths(names.iter().map(PathBuf::from).collect())
    }

    #[test]
    fn merged_changes_are_the_union() {
        let mut changes = paths(&["a", "b"]);
        changes.merge(paths(&["b", "c"]));
        assert_eq!(changes, paths(&["a", "b", "c"]));
        assert!(!changes.is_empty() && Changes::default().is_empty());
        changes.merge(Changes::Anything);
        changes.merge(paths(&["d"]));
        assert_eq!(changes, Changes::Anything);
        assert!(!changes.is_empty());
    }

    #[test]
    fn a_thousand_paths_are_told_apart_and_one_more_is_anything() {
        let mut changes = Changes::default();
        for number in 0..Changes::MOST {
            changes.add(|| PathBuf::from(number.to_string()));
            changes.add(|| PathBuf::from(number.to_string()));
        }
        assert!(matches!(&changes, Changes::Paths(paths) if paths.len() == 1_000));
        changes.add(|| PathBuf::from("one more"));
        assert_eq!(changes, Changes::Anything);
        changes.add(|| unreachable!("no path is made that is not kept"));
    }
}
