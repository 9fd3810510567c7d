//! Why a provider did not tell, in words that say what to do next.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::http::{HttpError, RetryAfter};

/// Why a provider did not tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It does not know the key.
    #[error("{provider} refused this key. It needs {least}. Make a new one and enter it in the key settings")]
    Refused {
        /// Who.
        provider: &'static str,
        /// The key that it takes.
        least: &'static str,
    },
    /// It knows the key, which may not do this.
    #[error("{provider} refused this key for {about}: it lacks {lacks}. Give it that, or enter a key that has it")]
    Forbidden {
        /// Who.
        provider: &'static str,
        /// What was asked for.
        about: &'static str,
        /// The permission that is missing.
        lacks: String,
    },
    /// It wants to be asked later.
    #[error("{provider} wants to be asked less often{}; it is asked again by itself", wait_in_words(*.retry_after))]
    Busy {
        /// Who.
        provider: &'static str,
        /// When.
        retry_after: Option<RetryAfter>,
    },
    /// Something is wrong on its side.
    #[error("{provider} has a problem of its own (status {status}); it is asked again by itself")]
    Failing {
        /// Who.
        provider: &'static str,
        /// The status of its answer.
        status: u16,
        /// When it wants to be asked again.
        retry_after: Option<RetryAfter>,
    },
    /// It does not understand the question.
    #[error("{provider} does not answer this question (status {status}: {said}); a newer Spendmeter may ask it better")]
    Rejected {
        /// Who.
        provider: &'static str,
        /// The status of its answer.
        status: u16,
        /// Its words, without any key.
        said: String,
    },
    /// Its answer cannot be understood. Nothing of it was taken.
    #[error("{provider} answered something about {about} that is not understood ({what}); the figures before it stay")]
    Malformed {
        /// Who.
        provider: &'static str,
        /// What was asked for.
        about: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// Its pages do not come to an end. Nothing of them was taken.
    #[error("{provider} sends the pages of {about} in a circle or without end; the figures before them stay")]
    Endless {
        /// Who.
        provider: &'static str,
        /// What was asked for.
        about: &'static str,
    },
    /// Another key of the same organisation is read already.
    #[error(
        "this key belongs to an organisation of {provider} that is connected as `{other}` already; nothing is read twice. \
         Remove one of the two"
    )]
    Twice {
        /// Who.
        provider: &'static str,
        /// The connection that is read.
        other: String,
    },
    /// No answer came.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl FetchError {
    /// What follows from it.
    pub(crate) fn consequence(&self) -> Consequence {
        match self {
            Self::Refused { .. } | Self::Twice { .. } => Consequence::StopAccount,
            Self::Forbidden { .. } => Consequence::StopFeed,
            Self::Busy { retry_after, .. } | Self::Failing { retry_after: retry_after @ Some(_), .. } => {
                Consequence::HoldAccount(*retry_after)
            }
            Self::Http(_) => Consequence::HoldAccount(None),
            Self::Failing { .. } | Self::Rejected { .. } | Self::Malformed { .. } | Self::Endless { .. } => {
                Consequence::HoldFeed
            }
        }
    }

    /// A name for it that programs may branch on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Forbidden { .. } => "forbidden",
            Self::Busy { .. } => "busy",
            Self::Failing { .. } => "failing",
            Self::Rejected { .. } => "rejected",
            Self::Malformed { .. } => "malformed",
            Self::Endless { .. } => "endless",
            Self::Twice { .. } => "twice",
            Self::Http(_) => "unreachable",
        }
    }
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// The account is not asked any more before a person did something about its key.
    StopAccount,
    /// Nor is this feed.
    StopFeed,
    /// The account is asked later.
    HoldAccount(Option<RetryAfter>),
    /// This feed is asked later.
    HoldFeed,
}

impl RetryAfter {
    /// How long that is from `now` on, as far as one may be made to wait: a day at most.
    pub(crate) fn from(self, now: Timestamp) -> SignedDuration {
        const MOST: Duration = Duration::from_hours(24);
        let wait = match self {
            Self::In(wait) => wait,
            Self::At(moment) => Duration::try_from(moment.duration_since(now)).unwrap_or_default(),
        };
        SignedDuration::try_from(wait.min(MOST)).unwrap_or_default()
    }
}

fn wait_in_words(retry_after: Option<RetryAfter>) -> String {
    match retry_after {
        Some(RetryAfter::In(wait)) => format!(" (in {} s)", wait.as_secs()),
        Some(RetryAfter::At(moment)) => format!(" (from {moment} on)"),
        None => String::new(),
    }
}
