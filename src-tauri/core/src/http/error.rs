//! Why a document did not come, in words that say what to do next.

use std::io::{self, ErrorKind};
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use ureq::Timeout;
use ureq::http::HeaderMap;
use ureq::http::header::RETRY_AFTER;

use super::Timeouts;

/// Why a document did not come. Addresses in it are without user and query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The text is no complete address, or names a user.
    #[error("{url} is not an address that can be asked; give one like https://host/path, without a user in it")]
    NotAnAddress {
        /// What may be shown of the text.
        url: String,
    },
    /// What would be sent and received could be read and changed on the way.
    #[error("{url} is not asked, because only https is safe on the way; give its https address")]
    NotHttps {
        /// The address.
        url: String,
    },
    /// The client was not made for this host.
    #[error("{url} is not asked, because only these hosts may be: {allowed}; correct the address")]
    HostNotAllowed {
        /// The address.
        url: String,
        /// The hosts that may be asked.
        allowed: String,
    },
    /// A variable that should name a proxy does not.
    #[error("{variable} does not name a proxy; set it to an address like http://host:port, or unset it")]
    NotAProxy {
        /// Which variable.
        variable: &'static str,
    },
    /// There is no network, no host of this name, or nothing there that listens.
    #[error("{url} cannot be reached ({reason}); check the network and the proxy's settings, then try again")]
    Unreachable {
        /// The address.
        url: String,
        /// What the system says.
        reason: String,
    },
    /// The proxy does not let through.
    #[error("{url} cannot be reached through the proxy ({reason}); check HTTPS_PROXY, or name the host in NO_PROXY")]
    Proxy {
        /// The address.
        url: String,
        /// What the proxy says.
        reason: String,
    },
    /// There is no telling who answers: the certificate is not one that this system trusts.
    #[error(
        "{url} is not trusted ({reason}); sign in to the network if it asks for that, and if it checks all traffic, add \
         its certificate to the system's"
    )]
    NotTrusted {
        /// The address.
        url: String,
        /// What is wrong with the certificate or the handshake.
        reason: String,
    },
    /// The answer was not there in time.
    #[error("{url} did not answer within {after:?}; check the network, then try again")]
    TimedOut {
        /// The address.
        url: String,
        /// How long was waited.
        after: Duration,
    },
    /// The host answers, but not with the document.
    #[error("{url} answered with status {status}; {}", next_step(*status, *retry_after))]
    Status {
        /// The address.
        url: String,
        /// The status, which is not 200.
        status: u16,
        /// When the host wants to be asked again.
        retry_after: Option<RetryAfter>,
    },
    /// The document is larger than it can be; it was not taken.
    #[error("{url} has more than the {limit} bytes that it may have; check that the address is the right one")]
    TooLarge {
        /// The address.
        url: String,
        /// The most bytes that it may have.
        limit: u64,
    },
    /// The connection ended before the document did.
    #[error("{url} broke off after {received} bytes; try again")]
    CutShort {
        /// The address.
        url: String,
        /// How many bytes of the document came.
        received: usize,
    },
    /// The host sends on to another origin, or in a circle.
    #[error(
        "{url} sends on to {to}, and is not followed to another host, to http or in a circle; sign in to the network if it \
         asks for that, or give the new address"
    )]
    Redirected {
        /// The address.
        url: String,
        /// Where it sends on to.
        to: String,
    },
    /// What answers does not keep to HTTP.
    #[error("{url} answered with something that is not understood ({reason}); check that the address is the right one")]
    Garbled {
        /// The address.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// When a host wants to be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long after its answer.
    In(Duration),
    /// At this moment.
    At(Timestamp),
}

impl RetryAfter {
    /// As the header has it: seconds, or a date.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = value.parse() {
            return Some(Self::In(Duration::from_secs(seconds)));
        }
        DateTimeParser::new().parse_timestamp(value).ok().map(Self::At)
    }
}

fn next_step(status: u16, retry_after: Option<RetryAfter>) -> String {
    match (status, retry_after) {
        (_, Some(RetryAfter::In(wait))) => format!("it asks to wait for {} s", wait.as_secs()),
        (_, Some(RetryAfter::At(moment))) => format!("it asks to wait until {moment}"),
        (401 | 403 | 407, None) => "it wants to know who asks: check the key, or whether a proxy is in between".into(),
        (404 | 410, None) => "there is no such document: check the address".into(),
        (429 | 500.., None) => "try again later".into(),
        _ => "check that the address is the right one".into(),
    }
}

/// What an error of the library means to whoever asked.
pub(super) fn understood(url: String, error: ureq::Error, timeouts: Timeouts, received: usize) -> HttpError {
    use ureq::Error as E;
    match error {
        E::Timeout(Timeout::Resolve | Timeout::Connect) => HttpError::TimedOut { url, after: timeouts.connect },
        E::Timeout(_) => HttpError::TimedOut { url, after: timeouts.whole },
        E::BodyExceedsLimit(limit) => HttpError::TooLarge { url, limit },
        E::HostNotFound | E::ConnectionFailed => HttpError::Unreachable { url, reason: error.to_string() },
        E::ConnectProxyFailed(reason) => HttpError::Proxy { url, reason },
        E::Rustls(error) => HttpError::NotTrusted { url, reason: error.to_string() },
        E::Tls(reason) => HttpError::NotTrusted { url, reason: reason.to_owned() },
        E::Decompress(_, error) if error.kind() == ErrorKind::UnexpectedEof => HttpError::CutShort { url, received },
        E::Io(error) => match (error.kind(), of_tls(&error)) {
            (_, Some(reason)) => HttpError::NotTrusted { url, reason },
            (
                ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe,
                _,
            ) => HttpError::CutShort { url, received },
            _ => HttpError::Unreachable { url, reason: error.to_string() },
        },
        // It would repeat the address with its query.
        E::BadUri(_) => HttpError::NotAnAddress { url },
        error => HttpError::Garbled { url, reason: error.to_string() },
    }
}

fn of_tls(error: &io::Error) -> Option<String> {
    error.get_ref()?.downcast_ref::<rustls::Error>().map(ToString::to_string)
}
