//! An HTTP server on this machine that answers as a test says, well or badly, and counts what it was asked and got rid of.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that cannot set itself up should panic")]

pub mod mirror;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What is answered: bytes as they go over the wire, and what comes after them.
#[derive(Clone, Debug)]
pub struct Answer {
    head: String,
    body: Vec<u8>,
    then: Then,
}

#[derive(Clone, Copy, Debug)]
enum Then {
    HangUp,
    Wait,
    /// The body over and over, as long as someone reads it, up to so many bytes.
    Repeat(u64),
}

impl Answer {
    /// A whole document.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::status("200 OK", &[], body)
    }

    /// A document with this status and these headers.
    pub fn status(status: &str, headers: &[&str], body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let length = format!("Content-Length: {}", body.len());
        Self::raw(status, &[headers, &[&length]].concat(), body)
    }

    /// Only these headers, and no length of the body.
    pub fn raw(status: &str, headers: &[&str], body: impl Into<Vec<u8>>) -> Self {
        let head = format!("HTTP/1.1 {status}\r\n{}\r\n\r\n", [&["Connection: close"], headers].concat().join("\r\n"));
        Self { head, body: body.into(), then: Then::HangUp }
    }

    /// On to another address.
    pub fn redirect(to: &str) -> Self {
        Self::status("302 Found", &[&format!("Location: {to}")], "")
    }

    /// Nothing is said, and the line is held.
    pub fn silence() -> Self {
        Self { head: String::new(), body: Vec::new(), then: Then::Wait }
    }

    /// The line is held instead of hung up.
    #[must_use]
    pub fn then_wait(self) -> Self {
        Self { then: Then::Wait, ..self }
    }

    /// The body over and over, up to `most` bytes.
    #[must_use]
    pub fn repeated(self, most: u64) -> Self {
        Self { then: Then::Repeat(most), ..self }
    }

    fn give(&self, stream: &mut TcpStream, sent: &AtomicU64) -> std::io::Result<()> {
        stream.write_all(self.head.as_bytes())?;
        // Counted first: the reader may be done before this thread goes on.
        sent.fetch_add(self.body.len() as u64, Ordering::Relaxed);
        stream.write_all(&self.body)?;
        match self.then {
            Then::HangUp => {}
            // Until the other side hangs up.
            Then::Wait => drop(stream.read(&mut [0])?),
            Then::Repeat(most) => {
                while sent.load(Ordering::Relaxed) < most {
                    sent.fetch_add(self.body.len() as u64, Ordering::Relaxed);
                    stream.write_all(&self.body)?;
                }
            }
        }
        Ok(())
    }
}

/// The server. Its threads end with the process, which runs one test.
#[derive(Debug)]
pub struct Stub {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    sent: Arc<AtomicU64>,
}

impl Stub {
    /// Answers each path as listed, and 404 for all others.
    pub fn serve<P: Into<String>>(answers: impl IntoIterator<Item = (P, Answer)>) -> Self {
        let answers: BTreeMap<String, Answer> =
            answers.into_iter().map(|(path, answer)| (path.into(), answer)).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (requests, sent) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU64::new(0)));
        let stub = Self { port, requests: Arc::clone(&requests), sent: Arc::clone(&sent) };
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (answers, requests, sent) = (answers.clone(), Arc::clone(&requests), Arc::clone(&sent));
                thread::spawn(move || {
                    let Some(request) = read_request(&stream) else { return };
                    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                    requests.lock().unwrap().push(request);
                    let missing = Answer::status("404 Not Found", &[], "no such page");
                    // Whoever asked may hang up at any time.
                    drop(answers.get(&path).unwrap_or(&missing).give(&mut stream, &sent));
                });
            }
        });
        stub
    }

    /// Its address with this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The same server by another name.
    pub fn url_at(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }

    /// Requests so far, with their headers.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Paths asked for so far.
    pub fn paths(&self) -> Vec<String> {
        self.requests().iter().map(|request| request.split(' ').nth(1).unwrap().to_owned()).collect()
    }

    /// Bytes of bodies that it gave out, to the reader or to the system in between.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

fn read_request(stream: &TcpStream) -> Option<String> {
    let mut request = String::new();
    let mut lines = BufReader::new(stream);
    while !request.ends_with("\r\n\r\n") {
        if lines.read_line(&mut request).ok()? == 0 {
            return None;
        }
    }
    Some(request)
}

/// An address on this machine where nothing listens.
pub fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port())
}
