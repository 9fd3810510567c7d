//! Addresses that may be asked: https, or http within this machine; and where a redirect may lead.

use std::fmt;
use std::net::IpAddr;

use ureq::http::Uri;
use ureq::http::uri::Scheme;

use super::HttpError;

/// An address without a user in it. Shown without its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// As it was given, without what follows `#`.
    url: String,
    uri: Uri,
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, HttpError> {
        let url = url.split('#').next().unwrap_or_default();
        let unusable = || HttpError::NotAnAddress { url: shown(url) };
        let uri: Uri = url.parse().map_err(|_| unusable())?;
        let authority = uri.authority().ok_or_else(unusable)?;
        if authority.host().is_empty() || authority.as_str().contains('@') {
            return Err(unusable());
        }
        let address = Self { url: url.to_owned(), uri };
        let scheme = address.uri.scheme().ok_or_else(unusable)?;
        if *scheme == Scheme::HTTPS || (*scheme == Scheme::HTTP && address.is_loopback()) {
            return Ok(address);
        }
        Err(HttpError::NotHttps { url: address.to_string() })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.url
    }

    /// In lower case, an IPv6 address without its brackets.
    pub(crate) fn host(&self) -> String {
        self.uri.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase()
    }

    pub(crate) fn has_query(&self) -> bool {
        self.uri.query().is_some()
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }

    /// Where this address sends on to with `location`.
    ///
    /// # Errors
    /// [`HttpError::Redirected`] if that is another origin.
    pub(crate) fn follow(&self, location: &str) -> Result<Self, HttpError> {
        let origin = self.origin();
        let next = if location.starts_with("//") {
            format!("{}:{location}", self.scheme())
        } else if location.starts_with('/') {
            format!("{origin}{location}")
        } else if location.starts_with('?') {
            format!("{origin}{}{location}", self.uri.path())
        } else if location.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':')) {
            location.to_owned()
        } else {
            let folder = self.uri.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{origin}{folder}/{location}")
        };
        match Self::parse(&next) {
            Ok(next) if next.origin() == origin => Ok(next),
            _ => Err(HttpError::Redirected { url: self.to_string(), to: shown(&next) }),
        }
    }

    fn scheme(&self) -> &str {
        self.uri.scheme_str().unwrap_or_default()
    }

    fn origin(&self) -> String {
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        format!("{}://{}", self.scheme(), authority.to_ascii_lowercase())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.url))
    }
}

/// What may be shown of a text that should be an address: a user or a query in it can be a secret.
fn shown(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, rest)| (scheme, rest));
    let host_and_path = match rest.split_once('/') {
        Some((authority, path)) => format!("{}/{path}", without_user(authority)),
        None => without_user(rest).to_owned(),
    };
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}{host_and_path}").chars().take(200).flat_map(char::escape_debug).collect()
}

fn without_user(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(from: &str, location: &str) -> Option<String> {
        Address::parse(from).unwrap().follow(location).ok().map(|next| next.as_str().to_owned())
    }

    #[test]
    fn http_is_spoken_with_this_machine_only() {
        for url in ["https://a.example/x", "http://127.0.0.1:80/x", "http://[::1]/x", "http://localhost:8080/x"] {
            assert!(Address::parse(url).is_ok(), "{url}");
        }
        for url in
            ["http://a.example/x", "ftp://a.example/x", "http://127.0.0.1.a.example/", "http://localhost.example/"]
        {
            assert!(matches!(Address::parse(url), Err(HttpError::NotHttps { .. })), "{url}");
        }
        for url in ["", "a.example", "/x", "https://", "https:///x", "https://a b/", "https://u:p@a.example/x"] {
            assert!(matches!(Address::parse(url), Err(HttpError::NotAnAddress { .. })), "{url}");
        }
    }

    #[test]
    fn no_user_and_no_query_is_shown() {
        for url in ["https://user:secret@a.example/x?key=secret", "https://a.example/x?key=secret#secret"] {
            assert_eq!(shown(url), "https://a.example/x");
        }
        assert_eq!(shown("user:secret@a.example"), "a.example");
        assert_eq!(shown("https://a.example/\u{1b}[31m"), "https://a.example/\\u{1b}[31m");
    }

    #[test]
    fn a_redirect_stays_within_the_origin() {
        let from = "https://a.example/one/two?q";
        for (location, next) in [
            ("https://a.example/three", "https://a.example/three"),
            ("https://A.EXAMPLE/three", "https://A.EXAMPLE/three"),
            ("//a.example/three", "https://a.example/three"),
            ("/three?p", "https://a.example/three?p"),
            ("three", "https://a.example/one/three"),
            ("three?at=12:30", "https://a.example/one/three?at=12:30"),
            ("?p", "https://a.example/one/two?p"),
        ] {
            assert_eq!(follow(from, location).as_deref(), Some(next));
        }
        for location in [
            "http://a.example/three",
            "https://b.example/three",
            "https://a.example:8443/three",
            "https://a.example@b.example/",
            "https://a.example.b.example/",
            "//b.example/three",
            "data:,three",
        ] {
            assert_eq!(follow(from, location), None, "{location}");
        }
    }
}
