//! An HTTP server on this machine that answers as a test says, well or badly, and counts what it was asked and got rid of.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot set itself up should panic")]

mod answer;
pub mod exact;
pub mod mirror;
pub mod providers;
mod request;

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

pub use self::answer::Answer;
pub use self::request::Request;

/// The server. Its threads end with the process, which runs one test.
pub struct Stub {
    port: u16,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<Request>>,
    sent: AtomicU64,
}

impl Stub {
    /// Answers each path, with its query, as listed, and 404 for all others.
    pub fn serve<P: Into<String>>(answers: impl IntoIterator<Item = (P, Answer)>) -> Self {
        let answers: BTreeMap<String, Answer> =
            answers.into_iter().map(|(path, answer)| (path.into(), answer)).collect();
        let missing = Answer::status("404 Not Found", &[], "no such page");
        Self::answering(move |request| answers.get(&request.target).unwrap_or(&missing).clone())
    }

    /// Answers each request as `answer` says, several at a time when several are asked.
    pub fn answering(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answer, seen) = (Arc::new(answer), Arc::<Seen>::default());
        let stub = Self { port, seen: Arc::clone(&seen) };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                thread::spawn(move || {
                    let Some(request) = Request::read(&stream) else { return };
                    // Known before it is answered, so that whoever got the answer finds the request.
                    seen.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
                    let answer = answer(&request);
                    // Whoever asked may hang up at any time.
                    drop(answer.give(&mut stream, &seen.sent));
                });
            }
        });
        stub
    }

    /// Its address with this path.
    pub fn url(&self, path: &str) -> String {
        self.url_at("127.0.0.1", path)
    }

    /// The same server by another name.
    pub fn url_at(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }

    /// Requests so far, taken apart.
    pub fn asked(&self) -> Vec<Request> {
        self.seen.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Requests so far, with their headers.
    pub fn requests(&self) -> Vec<String> {
        self.asked().into_iter().map(|request| request.head).collect()
    }

    /// Paths asked for so far, with their queries.
    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|request| request.target).collect()
    }

    /// Bytes of bodies that it gave out, to the reader or to the system in between.
    pub fn sent(&self) -> u64 {
        self.seen.sent.load(Ordering::Relaxed)
    }
}

impl Debug for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stub").field("port", &self.port).finish_non_exhaustive()
    }
}

/// An address on this machine where nothing listens.
pub fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port())
}
