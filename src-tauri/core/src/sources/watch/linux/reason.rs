//! Why a folder is looked at every so often, and what a person can do about it.

use std::io;

use super::limits::Limit;

/// From the one that can be mended least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// Others write to its file system, too.
    Shared(&'static str),
    /// Something is written beside what a link leads to.
    Beside,
    /// What is ours of the watches is given to folders that changed later.
    Share,
    /// The system has no further watches for this user.
    Exhausted,
    /// The system has nothing to ask for watches.
    NoInstance,
    /// The system refused, with this error.
    Refused(i32),
    /// Waiting for what the system tells ended, with this error.
    Failed(i32),
    /// Whoever listened to the system is gone, by a mistake of ours.
    Unheard,
}

impl Reason {
    /// For after a colon. `watches` is the limit of watches.
    pub(super) fn in_words(self, watches: Limit) -> String {
        match self {
            Self::Shared(kind) => {
                format!("on {kind} the system tells only of what this machine writes, not of what others do")
            }
            Self::Beside => "a database is behind a link, and what is written to it last stands beside it there".into(),
            Self::Share => format!(
                "an eighth of the system's limit of watches ({} = {}) is in use, the rest is left to other programs; \
                 raise it with `{}`",
                watches.name,
                watches.value,
                raise(watches)
            ),
            Self::Exhausted => format!(
                "the system's limit of watches ({} = {}) is reached; raise it with `{}`",
                watches.name,
                watches.value,
                raise(watches)
            ),
            Self::NoInstance => {
                let instances = Limit::instances();
                format!(
                    "the system's limit of programs that watch ({} = {}) is reached; raise it with `{}`",
                    instances.name,
                    instances.value,
                    raise(instances)
                )
            }
            Self::Refused(error) => {
                format!("the system refuses to watch them ({})", io::Error::from_raw_os_error(error))
            }
            Self::Failed(error) => format!(
                "the system ceased to tell of changes ({}); it is asked anew every time",
                io::Error::from_raw_os_error(error)
            ),
            Self::Unheard => "listening to the system ended by mistake; it is begun anew every time".into(),
        }
    }
}

/// The command that is most likely enough.
fn raise(limit: Limit) -> String {
    let enough = limit.value.saturating_mul(8).checked_next_power_of_two().unwrap_or(limit.value);
    format!("sudo sysctl {}={enough}", limit.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t25_each_reason_says_what_holds_and_what_to_do() {
        let limit = Limit { name: "fs.inotify.max_user_watches", value: 8_192 };
        let words = |reason: Reason| reason.in_words(limit);
        assert_eq!(
            words(Reason::Exhausted),
            "the system's limit of watches (fs.inotify.max_user_watches = 8192) is reached; raise it with \
             `sudo sysctl fs.inotify.max_user_watches=65536`"
        );
        assert_eq!(
            words(Reason::Share),
            "an eighth of the system's limit of watches (fs.inotify.max_user_watches = 8192) is in use, the rest is \
             left to other programs; raise it with `sudo sysctl fs.inotify.max_user_watches=65536`"
        );
        assert!(words(Reason::NoInstance).contains("_instances = "));
        assert!(words(Reason::Shared("NFS")).starts_with("on NFS "));
        assert!(words(Reason::Beside).contains("behind a link"));
        assert!(words(Reason::Refused(13)).contains("Permission denied"));
        assert!(words(Reason::Failed(22)).contains("ceased to tell of changes (Invalid argument"));
        assert!(words(Reason::Unheard).contains("by mistake"));
    }
}
