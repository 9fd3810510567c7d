//! The one way out to the network: [`Http`] asks a host that it was told it may ask.
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

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use ureq::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use ureq::http::{HeaderMap, Response, StatusCode};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, RequestBuilder};

pub(crate) use self::address::Address;
pub use self::error::{HttpError, RetryAfter};
pub use self::proxy::Proxy;

const USER_AGENT: &str = concat!("spendmeter/", env!("CARGO_PKG_VERSION"));
const MOST_REDIRECTS: u32 = 3;

/// Bytes that are read of an answer that is no document.
const MOST_OF_AN_ERROR: u64 = 64 * 1024;

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

/// A question to a host. It only reads: what is sent along, if anything, says what to read.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    url: String,
    headers: Vec<(&'static str, String)>,
    json: Option<String>,
}

impl fmt::Debug for Request {
    // By hand, since headers carry keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("url", &self.url).field("json", &self.json).finish_non_exhaustive()
    }
}

impl Request {
    /// For the document at `url`.
    pub fn get(url: impl Into<String>) -> Self {
        Self { url: url.into(), headers: Vec::new(), json: None }
    }

    /// For what `json` asks of `url`: a POST, as some hosts want long questions.
    pub fn query(url: impl Into<String>, json: impl Into<String>) -> Self {
        Self { json: Some(json.into()), ..Self::get(url) }
    }

    /// With a header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What a host answered, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status; 200 is a document.
    pub status: u16,
    /// What it says.
    pub body: Vec<u8>,
    headers: HeaderMap,
}

impl Answer {
    /// A header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// When the host wants to be asked again, if it says so.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        RetryAfter::of(&self.headers)
    }

    /// What time it is by the host's clock, if it says so.
    pub fn date(&self) -> Option<Timestamp> {
        DateTimeParser::new().parse_timestamp(self.header("date")?).ok()
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
        let answer = self.ask(&Request::get(url), limit)?;
        if answer.status == 200 {
            return Ok(answer.body);
        }
        let url = Address::parse(url)?.to_string();
        Err(HttpError::Status { url, status: answer.status, retry_after: answer.retry_after() })
    }

    /// Asks, and takes no more than `limit` bytes of the answer, counted as they are once unpacked. Of an answer that is no
    /// document, only the beginning is taken.
    ///
    /// # Errors
    /// [`HttpError`] for everything but a whole answer, whatever its status.
    pub fn ask(&self, request: &Request, limit: u64) -> Result<Answer, HttpError> {
        let began = Instant::now();
        let first = Address::parse(&request.url)?;
        if !self.hosts.contains(&first.host()) {
            let allowed = self.hosts.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(HttpError::HostNotAllowed { url: first.to_string(), allowed });
        }
        let mut address = first.clone();
        for redirects in 0..=MOST_REDIRECTS {
            // Only for redirects: the agent keeps its set-up of TLS for requests that take its settings as they are.
            let left = (redirects > 0).then(|| self.timeouts.whole.saturating_sub(began.elapsed()));
            let response = self.send(&address, request, left).map_err(|error| self.failed(&address, error, 0))?;
            match response.headers().get(LOCATION) {
                Some(location) if response.status().is_redirection() => {
                    address = address.follow(&String::from_utf8_lossy(location.as_bytes()))?;
                }
                _ => return self.answer(&address, response, limit),
            }
        }
        Err(HttpError::Redirected { url: first.to_string(), to: address.to_string() })
    }

    /// Sends `request` to `address`, to be answered within what is `left`, if that is less than usual.
    fn send(
        &self,
        address: &Address,
        request: &Request,
        left: Option<Duration>,
    ) -> Result<Response<Body>, ureq::Error> {
        match &request.json {
            None => Self::prepare(self.agent.get(address.as_str()), address, request, left).call(),
            Some(json) => {
                let post = self.agent.post(address.as_str()).header(CONTENT_TYPE, "application/json");
                Self::prepare(post, address, request, left).send(json)
            }
        }
    }

    /// Adds the headers and, where it has to differ, how the way there is.
    fn prepare<B>(
        mut builder: RequestBuilder<B>,
        address: &Address,
        request: &Request,
        left: Option<Duration>,
    ) -> RequestBuilder<B> {
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(left) = left {
            builder = builder.config().timeout_global(Some(left)).build();
        }
        if address.is_loopback() {
            builder = builder.config().proxy(None).build();
        }
        builder
    }

    fn answer(&self, address: &Address, response: Response<Body>, limit: u64) -> Result<Answer, HttpError> {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = if status == StatusCode::OK {
            self.body(address, response, limit)?
        } else {
            // What it says of an error is worth reading, and not worth failing about.
            let mut said = Vec::new();
            let _ = response.into_body().into_reader().take(MOST_OF_AN_ERROR).read_to_end(&mut said);
            said
        };
        Ok(Answer { status: status.as_u16(), body, headers })
    }

    fn body(&self, address: &Address, response: Response<Body>, limit: u64) -> Result<Vec<u8>, HttpError> {
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
