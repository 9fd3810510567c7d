//! The proxy that the usual variables name.

use std::fmt;

use super::HttpError;

/// A proxy for everything but this machine itself and the hosts that it is not for.
#[derive(Clone)]
pub struct Proxy(ureq::Proxy);

impl fmt::Debug for Proxy {
    // By hand, since a proxy may have a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("host", &self.0.host()).field("port", &self.0.port()).finish_non_exhaustive()
    }
}

impl Proxy {
    /// The proxy that `HTTPS_PROXY` or else `ALL_PROXY` names, which is not for the hosts in `NO_PROXY`; in small letters
    /// too, as other programs have it. `variable` gives the value of a variable, if it is set.
    ///
    /// # Errors
    /// [`HttpError::NotAProxy`] if the variable names no proxy: to go around it unasked would not be what the user wants.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, HttpError> {
        let value = |name: &'static str| Some((name, variable(name).filter(|value| !value.is_empty())?));
        let Some((name, address)) =
            ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].into_iter().find_map(value)
        else {
            return Ok(None);
        };
        let not_a_proxy = |_| HttpError::NotAProxy { variable: name };
        let proxy = ureq::Proxy::new(&address).map_err(not_a_proxy)?;
        let Some((_, excepted)) = ["NO_PROXY", "no_proxy"].into_iter().find_map(value) else {
            return Ok(Some(Self(proxy)));
        };
        let mut builder = ureq::Proxy::builder(proxy.protocol()).host(proxy.host()).port(proxy.port());
        if let Some(user) = proxy.username() {
            builder = builder.username(user);
        }
        if let Some(password) = proxy.password() {
            builder = builder.password(password);
        }
        for host in excepted.split(',').map(str::trim) {
            builder = builder.no_proxy(host);
        }
        builder.build().map(|proxy| Some(Self(proxy))).map_err(not_a_proxy)
    }

    pub(super) fn into_inner(self) -> ureq::Proxy {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(variables: &[(&str, &str)]) -> Result<Option<Proxy>, HttpError> {
        Proxy::from_variables(|name| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_proxy_for_https_goes_before_the_one_for_all() {
        let variables = [("ALL_PROXY", "socks5://all.example"), ("https_proxy", "http://u:p%40@some.example:3128")];
        let named = proxy(&variables).unwrap().unwrap().into_inner();
        assert_eq!((named.host(), named.port(), named.password()), ("some.example", 3128, Some("p@")));
        assert_eq!(proxy(&variables[..1]).unwrap().unwrap().into_inner().port(), 1080);
        assert!(proxy(&[("HTTPS_PROXY", ""), ("HTTP_PROXY", "http://plain.example")]).unwrap().is_none());
    }

    #[test]
    fn hosts_can_be_excepted_without_losing_the_password() {
        let variables = [("HTTPS_PROXY", "http://u:p%40@some.example:3128"), ("NO_PROXY", "mirror.example, .inner")];
        let named = proxy(&variables).unwrap().unwrap().into_inner();
        assert_eq!((named.username(), named.password()), (Some("u"), Some("p@")));
        let excepted = |url: &str| named.is_no_proxy(&url.parse().unwrap());
        assert!(excepted("https://mirror.example/") && excepted("https://a.inner/"));
        assert!(!excepted("https://other.example/"));
    }

    #[test]
    fn what_is_no_proxy_is_said_without_its_value() {
        let error = proxy(&[("HTTPS_PROXY", "gopher://u:secret@some.example")]).unwrap_err().to_string();
        assert!(error.contains("HTTPS_PROXY") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn the_password_is_not_printed() {
        let named = proxy(&[("HTTPS_PROXY", "http://u:secret@some.example:3128")]).unwrap();
        assert!(!format!("{named:?}").contains("secret"));
    }
}
