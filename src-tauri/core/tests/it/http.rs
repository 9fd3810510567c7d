//! The way out to the network, over real connections to a server on this machine.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection};
use spendmeter_core::http::{Http, HttpError, Proxy, RetryAfter, Timeouts};

use stub::{Answer, Stub, nobody};

const LIMIT: u64 = 100_000;
/// What the system takes in between, on both sides of a connection, whether it is read or not.
const IN_BETWEEN: u64 = 16_000_000;

fn http() -> Http {
    http_within(Duration::from_secs(10))
}

fn http_within(whole: Duration) -> Http {
    Http::to(["127.0.0.1"], Timeouts { connect: whole, whole }, None)
}

fn get(answer: Answer) -> Result<Vec<u8>, HttpError> {
    http().get(&Stub::serve([("/list", answer)]).url("/list"), LIMIT)
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_document_comes_whole_and_who_asks_is_told() {
    let stub = Stub::serve([("/list?page=1", Answer::ok("[1, 2]"))]);
    assert_eq!(http().get(&stub.url("/list?page=1"), LIMIT).unwrap(), b"[1, 2]");
    let request = stub.requests().concat().to_ascii_lowercase();
    assert!(request.contains(&format!("\r\nuser-agent: spendmeter/{}\r\n", env!("CARGO_PKG_VERSION"))), "{request}");
    assert_eq!(stub.requests().len(), 1);
}

#[test]
fn every_way_to_mark_the_end_of_a_document_is_understood() {
    assert_eq!(get(Answer::raw("200 OK", &[], "[1, 2]")).unwrap(), b"[1, 2]");
    let chunked = Answer::raw("200 OK", &["Transfer-Encoding: chunked"], "3\r\n[1,\r\n3\r\n 2]\r\n0\r\n\r\n");
    assert_eq!(get(chunked).unwrap(), b"[1, 2]");
    assert_eq!(get(Answer::ok(vec![b'a'; 100_000])).unwrap().len(), 100_000, "as much as the limit allows");
}

#[test]
fn a_compressed_document_is_unpacked() {
    let packed = Answer::status("200 OK", &["Content-Encoding: gzip"], gzipped(b"[1, 2]"));
    assert_eq!(get(packed).unwrap(), b"[1, 2]");
}

#[test]
fn a_compressed_document_is_limited_by_what_it_unpacks_to() {
    let packed = gzipped(&vec![b'a'; 10_000_000]);
    assert!((packed.len() as u64) < LIMIT);
    let answer = Answer::status("200 OK", &["Content-Encoding: gzip"], packed);
    assert!(matches!(get(answer), Err(HttpError::TooLarge { limit: LIMIT, .. })));
}

#[test]
fn a_status_is_told_with_when_to_ask_again() {
    for (line, header, status, retry_after) in [
        ("404 Not Found", "X-Other: 1", 404, None),
        ("500 Internal Server Error", "X-Other: 1", 500, None),
        ("429 Too Many Requests", "Retry-After: 120", 429, Some(RetryAfter::In(Duration::from_mins(2)))),
        (
            "503 Service Unavailable",
            "Retry-After: Wed, 25 Nov 2026 07:28:00 GMT",
            503,
            Some(RetryAfter::At("2026-11-25T07:28:00Z".parse().unwrap())),
        ),
        ("429 Too Many Requests", "Retry-After: soon", 429, None),
        ("206 Partial Content", "Content-Range: bytes 0-1/9", 206, None),
        ("204 No Content", "X-Other: 1", 204, None),
        ("304 Not Modified", "X-Other: 1", 304, None),
    ] {
        let stub = Stub::serve([("/list?key=secret", Answer::status(line, &[header], ""))]);
        let url = stub.url("/list");
        let error = http().get(&stub.url("/list?key=secret"), LIMIT).unwrap_err();
        assert_eq!(error, HttpError::Status { url, status, retry_after });
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn where_nobody_listens_nothing_is_reached() {
    assert!(matches!(http().get(&nobody(), LIMIT), Err(HttpError::Unreachable { .. })));
}

#[test]
fn a_host_without_an_address_is_not_reached() {
    // A label of more than 63 characters cannot be in the system of names, so that no name server has to be asked.
    let host = format!("{}.example", "a".repeat(64));
    let http = Http::to([host.as_str()], Timeouts::default(), None);
    assert!(matches!(http.get(&format!("https://{host}/list"), LIMIT), Err(HttpError::Unreachable { .. })));
}

#[test]
fn waiting_has_an_end_before_the_answer_and_within() {
    let after = Duration::from_millis(200);
    for answer in [Answer::silence(), Answer::raw("200 OK", &["Content-Length: 10"], "[1, ").then_wait()] {
        let stub = Stub::serve([("/list", answer)]);
        let url = stub.url("/list");
        assert_eq!(http_within(after).get(&url, LIMIT), Err(HttpError::TimedOut { url, after }));
    }
}

#[test]
fn the_whole_wait_has_an_end_over_redirects_too() {
    let after = Duration::from_millis(200);
    let stub = Stub::serve([("/list", Answer::redirect("/slow")), ("/slow", Answer::silence())]);
    let error = http_within(after).get(&stub.url("/list"), LIMIT);
    assert_eq!(error, Err(HttpError::TimedOut { url: stub.url("/slow"), after }));
}

#[test]
fn a_document_that_breaks_off_is_told_with_what_came() {
    let cut = |headers: &[&str], body: &[u8]| get(Answer::raw("200 OK", headers, body)).unwrap_err();
    for error in [cut(&["Content-Length: 10"], b"[1, "), cut(&["Transfer-Encoding: chunked"], b"4\r\n[1, \r\n")] {
        assert!(matches!(error, HttpError::CutShort { received: 4, .. }), "{error:?}");
    }
    let packed = gzipped(&vec![b'a'; 1_000]);
    for headers in [&["Content-Encoding: gzip"][..], &["Content-Encoding: gzip", "Content-Length: 1000"]] {
        let error = cut(headers, &packed[..packed.len() - 8]);
        assert!(matches!(error, HttpError::CutShort { .. }), "{error:?}");
    }
}

#[test]
fn hanging_up_without_a_word_is_breaking_off() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/list", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().for_each(drop));
    assert_eq!(http().get(&url, LIMIT), Err(HttpError::CutShort { url, received: 0 }));
}

#[test]
fn a_document_over_the_limit_is_refused_by_its_length() {
    let stub = Stub::serve([(
        "/list",
        Answer::raw("200 OK", &["Content-Length: 900000000"], vec![b'a'; 1_000_000]).repeated(900_000_000),
    )]);
    let url = stub.url("/list");
    assert_eq!(http().get(&url, LIMIT), Err(HttpError::TooLarge { url, limit: LIMIT }));
    assert!(stub.sent() < IN_BETWEEN, "{}", stub.sent());
}

#[test]
fn a_document_over_the_limit_is_not_read_whole_without_a_length_either() {
    let chunk = [&b"186a0\r\n"[..], vec![b'a'; 100_000].as_slice(), b"\r\n"].concat();
    for (headers, body) in [(&[][..], vec![b'a'; 1_000_000]), (&["Transfer-Encoding: chunked"], chunk)] {
        let stub = Stub::serve([("/list", Answer::raw("200 OK", headers, body).repeated(900_000_000))]);
        let url = stub.url("/list");
        assert_eq!(http().get(&url, LIMIT), Err(HttpError::TooLarge { url, limit: LIMIT }));
        assert!(stub.sent() < IN_BETWEEN, "{}", stub.sent());
    }
}

#[test]
fn a_redirect_within_the_host_is_followed() {
    let stub = Stub::serve([
        ("/list".to_owned(), Answer::redirect("/moved")),
        ("/moved".to_owned(), Answer::redirect("again?page=1")),
        ("/again?page=1".to_owned(), Answer::ok("[1, 2]")),
    ]);
    assert_eq!(http().get(&stub.url("/list"), LIMIT).unwrap(), b"[1, 2]");
}

#[test]
fn a_redirect_to_another_host_or_to_http_is_refused_before_anything_is_asked_there() {
    let other = Stub::serve([("/list", Answer::ok("[1, 2]"))]);
    let here = Stub::serve([("/list", Answer::ok("[1, 2]"))]);
    for to in [other.url("/list"), here.url_at("localhost", "/list"), "http://a.example/list".to_owned()] {
        let stub = Stub::serve([("/list", Answer::redirect(&format!("{to}?key=secret")))]);
        let http = Http::to(["127.0.0.1", "localhost", "a.example"], Timeouts::default(), None);
        let url = stub.url("/list");
        assert_eq!(http.get(&url, LIMIT), Err(HttpError::Redirected { url, to }));
    }
    assert_eq!((other.requests().len(), here.requests().len()), (0, 0));
}

#[test]
fn a_circle_of_redirects_has_an_end() {
    let stub = Stub::serve([("/list", Answer::redirect("/list"))]);
    assert!(matches!(http().get(&stub.url("/list"), LIMIT), Err(HttpError::Redirected { .. })));
    assert_eq!(stub.requests().len(), 4);
}

#[test]
fn only_hosts_that_may_be_asked_are() {
    let stub = Stub::serve([("/list", Answer::ok("[1, 2]"))]);
    let http = Http::to(["A.example", "b.example"], Timeouts::default(), None);
    let url = stub.url("/list");
    let refused = HttpError::HostNotAllowed { url: url.clone(), allowed: "a.example, b.example".to_owned() };
    assert_eq!(http.get(&url, LIMIT), Err(refused));
    assert!(matches!(http.get("http://a.example/list", LIMIT), Err(HttpError::NotHttps { .. })));
    assert_eq!(stub.requests().len(), 0);
}

#[test]
fn what_is_not_http_is_called_that() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/list", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n\r\n").unwrap();
            drop(stream.read_to_end(&mut Vec::new()));
        }
    });
    assert!(matches!(http().get(&url, LIMIT), Err(HttpError::Garbled { .. })));
}

/// A server with a certificate that nobody vouches for; gives the address of a document on it.
fn server_that_nobody_vouches_for() -> String {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            // The other side is to break it off.
            drop(connection.complete_io(&mut stream.unwrap()));
        }
    });
    format!("https://localhost:{port}/list")
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_not_trusted() {
    let url = server_that_nobody_vouches_for();
    match Http::to(["localhost"], Timeouts::default(), None).get(&url, LIMIT) {
        Err(HttpError::NotTrusted { reason, .. }) => assert!(reason.contains("invalid peer certificate"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_host_that_speaks_no_tls_is_not_trusted() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.write_all(b"HTTP/1.1 302 Found\r\nLocation: http://sign-in.example/\r\n\r\n").unwrap();
            // Hanging up with something unread would take the answer back.
            drop(stream.read_to_end(&mut Vec::new()));
        }
    });
    let error = http().get(&format!("https://127.0.0.1:{port}/list"), LIMIT);
    assert!(matches!(error, Err(HttpError::NotTrusted { .. })), "{error:?}");
}

#[test]
fn another_host_is_asked_through_the_proxy_and_this_machine_is_not() {
    let proxy = Stub::serve([("a.example:443", Answer::status("403 Forbidden", &[], ""))]);
    let address = proxy.url("").replace("http://", "http://user:secret@");
    let named = Proxy::from_variables(|name| (name == "HTTPS_PROXY").then(|| address.clone())).unwrap();
    let http = Http::to(["a.example", "127.0.0.1"], Timeouts::default(), named);

    let error = http.get("https://a.example/list", LIMIT).unwrap_err();
    assert!(matches!(error, HttpError::Proxy { .. }), "{error:?}");
    assert!(!error.to_string().contains("secret") && !format!("{http:?}").contains("secret"));
    assert_eq!(proxy.paths(), ["a.example:443"]);

    let stub = Stub::serve([("/list", Answer::ok("[1, 2]"))]);
    assert_eq!(http.get(&stub.url("/list"), LIMIT).unwrap(), b"[1, 2]");
    assert_eq!(proxy.requests().len(), 1);
}
