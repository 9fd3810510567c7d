//! What a test puts in front of a peer.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use stub::providers::openai::{Organisation, rate_limited};
use stub::providers::{Peer, faults};

use crate::{NOW, ask, at, raw};

const USAGE: &str = "GET /v1/organization/usage/completions?start_time=1780000000";
const KEY: &str = "Authorization: Bearer sk-admin-test";

fn peer() -> Peer<Organisation> {
    Peer::start(Organisation::default(), at(NOW))
}

#[test]
fn a_fault_concerns_what_it_is_for_as_often_as_it_says() {
    let peer = peer();
    peer.fail_next(faults::on("/v1/organization/usage/completions"), rate_limited(Some(7)), 2);
    assert_eq!(ask(&peer, "GET /v1/organization/users", KEY, "").0, 200);
    assert!(raw(&peer, USAGE, KEY, "").contains("\r\nRetry-After: 7\r\n"));
    assert_eq!((ask(&peer, USAGE, KEY, "").0, ask(&peer, USAGE, KEY, "").0), (429, 200));
    assert_eq!(peer.asked().len(), 4, "failures are asked for, too");
}

#[test]
fn a_cursor_may_lead_to_itself() {
    let peer = peer();
    let cursor = ask(&peer, USAGE, KEY, "").1["next_page"].as_str().unwrap().to_owned();
    peer.spoil_next(faults::any, faults::same_cursor_again, 1);
    assert_eq!(ask(&peer, &format!("{USAGE}&page={cursor}"), KEY, "").1["next_page"], cursor);
    assert_ne!(ask(&peer, &format!("{USAGE}&page={cursor}"), KEY, "").1["next_page"], cursor);
}

#[test]
fn a_body_may_end_or_halt_in_its_middle() {
    let peer = peer();
    peer.spoil_next(faults::any, faults::cut_in_the_middle, 1);
    let answer = raw(&peer, USAGE, KEY, "");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
    assert_eq!(length.parse::<usize>().unwrap() / 2, body.len());

    peer.fail_next(faults::any, faults::half_a_document(), 1);
    assert!(raw(&peer, USAGE, KEY, "").ends_with(r#"{"data": [{"#));

    peer.spoil_next(faults::any, faults::hangs_in_the_middle, 1);
    let mut stream = TcpStream::connect(peer.url("").replace("http://", "")).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    write!(stream, "{USAGE} HTTP/1.1\r\n{KEY}\r\n\r\n").unwrap();
    let halted = stream.read_to_end(&mut Vec::new()).unwrap_err().kind();
    assert!(matches!(halted, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{halted}");
}

#[test]
fn the_date_is_the_peers_clock_or_what_a_test_says() {
    let peer = peer();
    assert!(raw(&peer, USAGE, KEY, "").contains("\r\nDate: Tue, 24 Nov 2026 12:30:00 GMT\r\n"));
    peer.set_date(Some(at("2026-11-24T09:30:00Z")));
    peer.fail_next(faults::any, rate_limited(None), 1);
    for _ in 0..2 {
        assert!(raw(&peer, USAGE, KEY, "").contains("\r\nDate: Tue, 24 Nov 2026 09:30:00 GMT\r\n"));
    }
}
