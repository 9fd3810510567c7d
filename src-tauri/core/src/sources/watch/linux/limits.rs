//! How many folders may be watched: watches are counted per user, and editors want theirs.

use std::fs;

/// A limit of the system, and what it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) name: &'static str,
    pub(super) value: u64,
}

/// One watch in so many is ours at most.
const SHARE: u64 = 8;

/// Where the system does not say: what it had before it went by the size of memory.
const USUAL: u64 = 8_192;

impl Limit {
    /// Watches of this user.
    pub(super) fn watches() -> Self {
        Self::lower("fs.inotify.max_user_watches", "user.max_inotify_watches", USUAL)
    }

    /// Programs of this user that watch.
    pub(super) fn instances() -> Self {
        Self::lower("fs.inotify.max_user_instances", "user.max_inotify_instances", 128)
    }

    /// How many watches are ours.
    pub(super) const fn budget(self) -> u64 {
        self.value / SHARE
    }

    /// Of the whole machine, or of the container we are in: the lower one holds.
    fn lower(machine: &'static str, container: &'static str, usual: u64) -> Self {
        let read = |name: &'static str| {
            let text = fs::read_to_string(format!("/proc/sys/{}", name.replace('.', "/"))).ok()?;
            Some(Self { name, value: text.trim().parse().ok()? })
        };
        let known = [read(machine), read(container)].into_iter().flatten();
        known.min_by_key(|limit| limit.value).unwrap_or(Self { name: machine, value: usual })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t25_an_eighth_of_the_watches_is_ours() {
        for (value, budget) in [(8_192, 1_024), (65_536, 8_192), (7, 0), (0, 0)] {
            assert_eq!(Limit { name: "limit", value }.budget(), budget);
        }
    }

    #[test]
    fn a_limit_that_cannot_be_read_is_the_usual_one() {
        let unknown = Limit::lower("no.such.limit", "nor.this", 8_192);
        assert_eq!(unknown, Limit { name: "no.such.limit", value: 8_192 });
        let known = Limit::lower("no.such.limit", "fs.inotify.max_user_watches", 8_192);
        assert_eq!(known.name, "fs.inotify.max_user_watches");
    }
}
