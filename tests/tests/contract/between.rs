//! A stub, Prism in front of it, and a client that asks both and wants to hear the same.

use acceptance::prism::Prism;
use serde_json::Value;
use ureq::Agent;

/// A stub and Prism in front of it, both asked the same.
pub(crate) struct Between {
    prism: Prism,
    upstream: String,
    headers: Vec<(&'static str, String)>,
    http: Agent,
}

/// What is said.
#[derive(Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Of the headers, the one by which a client lives.
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Value,
}

impl Between {
    /// Puts Prism with the file of `provider` in front of `upstream`; all requests have these headers.
    pub(crate) fn new(provider: &str, upstream: String, headers: &[(&'static str, &str)]) -> Self {
        let prism = Prism::in_front_of(&format!("{provider}.yaml"), &upstream).unwrap();
        let config = Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { prism, upstream, headers, http: config.into() }
    }

    /// The same with another value of a header, or without it.
    pub(crate) fn with(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.extend(value.map(|value| (name, value.to_owned())));
        self
    }

    /// What both say to a `GET`.
    pub(crate) fn get(&self, target: &str) -> Reply {
        self.same(&format!("GET {target}"), |base| self.ask(base, target, None))
    }

    /// What both say to this document.
    pub(crate) fn post(&self, target: &str, body: &Value) -> Reply {
        self.same(&format!("POST {target} {body}"), |base| self.ask(base, target, Some(body)))
    }

    /// What Prism alone says to a `GET`: for what it must not let through.
    pub(crate) fn through_prism(&self, target: &str) -> Reply {
        self.ask(self.prism.url(), target, None)
    }

    /// Every page, the cursor of each found by `next`; all must be fine. An answer that promises a page without naming it
    /// ends in a failure, too.
    pub(crate) fn pages(&self, target: &str, next: impl Fn(&Value) -> Option<String>) -> Vec<Value> {
        let mut pages: Vec<Value> = Vec::new();
        let mut more = Some(target.to_owned());
        while let Some(target) = more {
            assert!(pages.len() < 100, "{target} never ends");
            let page = self.get(&target);
            assert_eq!(page.status, 200, "{target}: {}", page.body);
            more = next(&page.body);
            pages.push(page.body);
        }
        pages
    }

    fn same(&self, what: &str, ask: impl Fn(&str) -> Reply) -> Reply {
        let (through, direct) = (ask(self.prism.url()), ask(&self.upstream));
        assert_eq!(
            through,
            direct,
            "{what}\nleft: through Prism, right: from the stub. Prism says:\n{}",
            self.prism.log()
        );
        direct
    }

    fn ask(&self, base: &str, target: &str, body: Option<&Value>) -> Reply {
        let mut request = ureq::http::Request::builder().uri(format!("{base}{target}"));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = match body {
            None => self.http.run(request.body(()).unwrap()),
            Some(body) => {
                let request = request.method("POST").header("content-type", "application/json");
                self.http.run(request.body(body.to_string()).unwrap())
            }
        };
        let answer = answer.unwrap_or_else(|error| panic!("{base}{target}: {error}\n{}", self.prism.log()));
        let retry_after = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        Reply {
            status: answer.status().as_u16(),
            retry_after,
            body: with_floats(answer.into_body().read_json().unwrap()),
        }
    }
}

/// Prism reads what it lets through and writes it anew: `0.0` comes as `0`. So all numbers are what it takes them for.
fn with_floats(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(values) => values.into_iter().map(with_floats).collect(),
        Value::Object(values) => values.into_iter().map(|(name, value)| (name, with_floats(value))).collect(),
        other => other,
    }
}

/// The address of the next page of `target` after one with `next_page`.
pub(crate) fn next_page(target: &str) -> impl Fn(&Value) -> Option<String> {
    move |page| {
        assert_eq!(page["has_more"], page["next_page"].is_string());
        page["next_page"].as_str().map(|cursor| format!("{target}&page={cursor}"))
    }
}

/// The address of the next page of a list of names, whose parameter is called `after` or `after_id`.
pub(crate) fn next_names(target: &str, after: &str) -> impl Fn(&Value) -> Option<String> {
    move |page| {
        let last = page["last_id"].as_str().filter(|_| page["has_more"] == true);
        last.map(|id| format!("{target}&{after}={id}"))
    }
}
