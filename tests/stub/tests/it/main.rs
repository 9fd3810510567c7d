//! What the peers keep to that no description of endpoints can say, over real connections: cursors, limits, ranges, orders, rights.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up should panic")]

mod anthropic;
mod faults;
mod litellm;
mod openai;
mod openrouter;

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;
use stub::providers::{Organisation, Peer};

/// The moment in which the peers live.
const NOW: &str = "2026-11-24T12:30:00Z";

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// Everything that is answered to this request line, with these headers and this body.
fn raw<O: Organisation>(peer: &Peer<O>, line: &str, headers: &str, body: &str) -> String {
    let address = peer.url("").replace("http://", "");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{line} HTTP/1.1\r\n{headers}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Status and document.
fn ask<O: Organisation>(peer: &Peer<O>, line: &str, headers: &str, body: &str) -> (u16, Value) {
    let answer = raw(peer, line, headers, body);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
}
