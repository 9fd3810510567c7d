//! What was asked, taken apart as far as a server needs it.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;

/// One request as it came in.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`.
    pub method: String,
    /// Path and query as they were sent.
    pub target: String,
    /// The path alone, as it was sent.
    pub path: String,
    /// Names and values of the query, decoded; names that repeat are kept, in their order.
    pub query: Vec<(String, String)>,
    /// Names and values of the headers, as they were sent.
    pub headers: Vec<(String, String)>,
    /// As long as `Content-Length` says.
    pub body: Vec<u8>,
    /// The first line and the headers, as they were sent.
    pub head: String,
}

impl Request {
    /// The first value of this name in the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters(name).next()
    }

    /// All values of this name in the query.
    pub fn parameters(&self, name: &str) -> impl Iterator<Item = &str> {
        self.query.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The header of this name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The key of an `Authorization: Bearer` header.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// Reads one request; `None` when whoever connected hangs up before it is whole.
    pub(crate) fn read(stream: &TcpStream) -> Option<Self> {
        let mut lines = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if lines.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let mut request = Self::of_head(head);
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        request.body = vec![0; length];
        lines.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    fn of_head(head: String) -> Self {
        let mut first = head.split(' ');
        let method = first.next().unwrap_or_default().to_owned();
        let target = first.next().unwrap_or_default().to_owned();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        });
        let headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
        Self {
            method,
            path: path.to_owned(),
            query: query.collect(),
            headers: headers.collect(),
            body: Vec::new(),
            target: target.clone(),
            head,
        }
    }
}

/// As servers decode a query: `%2B` is a plus, and a plus is a space.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, others)) = rest.split_first() {
        let hex = others.get(..2).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        let (byte, taken) = match (first, hex) {
            (b'%', Some(byte)) => (byte, 3),
            (b'+', _) => (b' ', 1),
            _ => (first, 1),
        };
        bytes.push(byte);
        rest = &rest[taken..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_and_repeated_names_are_kept() {
        let head = "GET /a%20b?x[]=1&x%5B%5D=%2B+2&flag&y=a=b HTTP/1.1\r\nX-Api-Key: k\r\n\r\n";
        let request = Request::of_head(head.to_owned());
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/a%20b"));
        assert_eq!(request.parameters("x[]").collect::<Vec<_>>(), ["1", "+ 2"]);
        assert_eq!((request.parameter("flag"), request.parameter("y")), (Some(""), Some("a=b")));
        assert_eq!(request.header("x-api-key"), Some("k"));
    }
}
