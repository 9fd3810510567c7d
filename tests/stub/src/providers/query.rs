//! Reading a query as strictly as a provider does.

use jiff::Timestamp;

use crate::Request;

/// What is wrong with a request; each provider says so in its own form.
#[derive(Debug)]
pub(super) struct Bad {
    pub(super) parameter: String,
    pub(super) says: String,
}

impl Bad {
    pub(super) fn of(parameter: &str, says: &str) -> Self {
        Self { parameter: parameter.to_owned(), says: says.to_owned() }
    }
}

/// The parameter, which must be there.
pub(super) fn required<T>(name: &str, value: Option<T>) -> Result<T, Bad> {
    value.ok_or_else(|| Bad::of(name, "Field required"))
}

pub(super) fn integer(request: &Request, name: &str) -> Result<Option<i64>, Bad> {
    let parsed = request.parameter(name).map(str::parse).transpose();
    parsed.map_err(|_| Bad::of(name, "must be an integer"))
}

/// A moment with its zone, as RFC 3339 writes it.
pub(super) fn moment(request: &Request, name: &str) -> Result<Option<Timestamp>, Bad> {
    let parsed = request.parameter(name).map(str::parse).transpose();
    parsed.map_err(|_| Bad::of(name, "must be a moment with a time zone"))
}

pub(super) fn boolean(request: &Request, name: &str) -> Result<bool, Bad> {
    match request.parameter(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Bad::of(name, "must be true or false")),
    }
}

/// How many a page may have, from 1 to `most`.
pub(super) fn limit(request: &Request, name: &str, default: usize, most: usize) -> Result<usize, Bad> {
    match integer(request, name)?.map(usize::try_from) {
        None => Ok(default),
        Some(Ok(limit)) if (1..=most).contains(&limit) => Ok(limit),
        Some(_) => Err(Bad::of(name, &format!("must be from 1 to {most}"))),
    }
}

/// All values of a list, each of which must be allowed.
pub(super) fn listed<'a>(name: &str, values: Vec<&'a str>, allowed: &[&str]) -> Result<Vec<&'a str>, Bad> {
    match values.iter().find(|value| !allowed.contains(value)) {
        Some(wrong) => Err(Bad::of(name, &format!("`{wrong}` is none of {}", allowed.join(", ")))),
        None => Ok(values),
    }
}
