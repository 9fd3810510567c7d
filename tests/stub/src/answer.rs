//! What is answered: bytes as they go over the wire, and what comes after them. Well or badly, as a test says.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use crate::exact;

/// One answer. Each says `Connection: close`, so a client that asks again connects again.
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

    /// A JSON document with this status; amounts in it may be [`exact::number`]s.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::status(&format!("{status} "), &["Content-Type: application/json"], exact::text(body))
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

    /// With this line among the headers, like `Retry-After: 7`.
    #[must_use]
    pub fn with_header(mut self, line: &str) -> Self {
        if let Some(end) = self.head.len().checked_sub("\r\n".len()) {
            self.head.insert_str(end, &format!("{line}\r\n"));
        }
        self
    }

    /// Announces the whole body, sends its first `sent` bytes, and hangs up.
    #[must_use]
    pub fn truncated(mut self, sent: usize) -> Self {
        self.body.truncate(sent);
        self
    }

    /// The line is held instead of hung up; after [`Answer::truncated`], in the middle of the body.
    #[must_use]
    pub fn then_wait(self) -> Self {
        Self { then: Then::Wait, ..self }
    }

    /// The body over and over, up to `most` bytes.
    #[must_use]
    pub fn repeated(self, most: u64) -> Self {
        Self { then: Then::Repeat(most), ..self }
    }

    /// The body as text, when it is text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    pub(crate) fn give(&self, stream: &mut TcpStream, sent: &AtomicU64) -> std::io::Result<()> {
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
