//! The one way out to the network: [`Http`] fetches a document from a host that it was told it may ask.
//!
//! It is handed around as a parameter, so that whoever has none cannot reach the network. Only https is spoken, except
//! with this machine itself, and a redirect is followed only within the same origin: requests may carry keys. Nothing
//! here prints a header, and addresses are shown without user and query.

mod address;
mod error;
mod proxy;

use std::collections::BTreeSet;
use std::fmt;
use std::io::Read as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::http::Response;
use ureq::http::header::{CONTENT_LENGTH, LOCATION};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

pub(crate) use self::address::Address;
pub use self::error::{HttpError, RetryAfter};
pub use self::proxy::Proxy;

const USER_AGENT: &str = concat!("spendmeter/", env!("CARGO_PKG_VERSION"));
const MOST_REDIRECTS: u32 = 3;

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection: once for the host's name, once for all addresses that it has.
    pub connect: Duration,
    /// For the whole answer, redirects included.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), whole: Duration::from_mins(1) }
    }
}

/// A client that may ask certain hosts. Clones share their connections.
#[derive(Clone)]
pub struct Http {
    agent: Agent,
    hosts: Arc<BTreeSet<String>>,
    timeouts: Timeouts,
}

impl fmt::Debug for Http {
    // By hand, since the agent has the proxy's password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("hosts", &self.hosts).field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}

impl Http {
    /// A client that may ask `hosts` and no others, through `proxy` if there is one. This machine is asked directly.
    pub fn to<H: Into<String>>(hosts: impl IntoIterator<Item = H>, timeouts: Timeouts, proxy: Option<Proxy>) -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .user_agent(USER_AGENT)
            // Left out, ureq would look for it in the process's environment.
            .proxy(proxy.map(Proxy::into_inner))
            .timeout_resolve(Some(timeouts.connect))
            .timeout_connect(Some(timeouts.connect))
            .timeout_global(Some(timeouts.whole))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        let hosts = hosts.into_iter().map(|host| host.into().to_ascii_lowercase()).collect();
        Self { agent: config.new_agent(), hosts: Arc::new(hosts), timeouts }
    }

    /// The document at `url`, of which no more than `limit` bytes are taken, counted as they are once unpacked.
    ///
    /// # Errors
    /// [`HttpError`] for everything but a whole answer with status 200.
    pub fn get(&self, url: &str, limit: u64) -> Result<Vec<u8>, HttpError> {
        let began = Instant::now();
        let first = Address::parse(url)?;
        if !self.hosts.contains(&first.host()) {
            let allowed = self.hosts.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(HttpError::HostNotAllowed { url: first.to_string(), allowed });
        }
        let mut address = first.clone();
        for redirects in 0..=MOST_REDIRECTS {
            let mut request = self.agent.get(address.as_str());
            if redirects > 0 {
                // Only here: the agent keeps its set-up of TLS for requests that take its settings as they are.
                let left = self.timeouts.whole.saturating_sub(began.elapsed());
                request = request.config().timeout_global(Some(left)).build();
            }
            if address.is_loopback() {
                request = request.config().proxy(None).build();
            }
            let response = request.call().map_err(|error| self.failed(&address, error, 0))?;
            match response.headers().get(LOCATION) {
                Some(location) if response.status().is_redirection() => {
                    address = address.follow(&String::from_utf8_lossy(location.as_bytes()))?;
                }
                _ => return self.body(&address, response, limit),
            }
        }
        Err(HttpError::Redirected { url: first.to_string(), to: address.to_string() })
    }

    fn body(&self, address: &Address, response: Response<Body>, limit: u64) -> Result<Vec<u8>, HttpError> {
        let status = response.status();
        if status != 200 {
            let retry_after = RetryAfter::of(response.headers());
            return Err(HttpError::Status { url: address.to_string(), status: status.as_u16(), retry_after });
        }
        let announced = response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: u64| length > limit) {
            return Err(HttpError::TooLarge { url: address.to_string(), limit });
        }
        let mut body = Vec::new();
        match response.into_body().into_with_config().limit(limit).reader().read_to_end(&mut body) {
            Ok(_) => Ok(body),
            Err(error) => Err(self.failed(address, error.into(), body.len())),
        }
    }

    /// What it means that asking `address` failed with `error`, after `received` bytes of the document.
    fn failed(&self, address: &Address, error: ureq::Error, received: usize) -> HttpError {
        error::understood(address.to_string(), error, self.timeouts, received)
    }
}
