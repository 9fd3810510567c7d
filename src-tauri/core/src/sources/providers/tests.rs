//! Every sample of an answer, served page by page over real HTTP, and the figures in it as they were worked out by hand.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use stub::{Answer, Stub};

use super::*;
use crate::http::{Http, Timeouts};
use crate::money::Usd;
use crate::usage::{CacheWrites, Tokens};

mod anthropic;
mod litellm;
mod openai;
mod openrouter;
mod refusals;

/// When the samples were given out.
const NOW: &str = "2026-11-24T12:30:00Z";

fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap()
}

fn span(start: &str, end: &str) -> TimeRange {
    TimeRange { start: at(start), end: at(end) }
}

fn day(date: &str) -> TimeRange {
    let start = at(&format!("{date}T00:00:00Z"));
    TimeRange { start, end: start + DAY }
}

fn usd(amount: &str) -> Usd {
    Usd::parse(amount).unwrap()
}

fn sample(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/providers/samples");
    fs::read_to_string(folder.join(format!("{name}.json"))).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A server that gives out one sample after the other, and the last one over and over.
fn serving(samples: &[&str]) -> Stub {
    let pages: Vec<String> = samples.iter().map(|name| sample(name)).collect();
    let next = AtomicUsize::new(0);
    Stub::answering(move |_| Answer::ok(pages[next.fetch_add(1, Ordering::Relaxed).min(pages.len() - 1)].clone()))
}

fn access(provider: &str, stub: &Stub) -> Access {
    Access {
        provider: named(provider).unwrap(),
        base: stub.url(""),
        http: Http::to(["127.0.0.1"], Timeouts::default(), None),
        key: Secret::new("not-a-real-key"),
    }
}

fn feed(provider: &str, id: &str) -> &'static Feed {
    let found = named(provider).unwrap().feeds.iter().find(|feed| feed.id == id);
    found.unwrap_or_else(|| panic!("{provider} has no feed {id}"))
}

/// What a feed tells of samples, and the questions that it asked.
fn told_of(provider: &str, id: &str, samples: &[&str]) -> (Told, Vec<stub::Request>) {
    told_in(provider, id, samples, span("2026-11-20T00:00:00Z", "2026-11-25T00:00:00Z"))
}

fn told_in(provider: &str, id: &str, samples: &[&str], span: TimeRange) -> (Told, Vec<stub::Request>) {
    let stub = serving(samples);
    let (told, asked) = access(provider, &stub).read(feed(provider, id), span, at(NOW));
    assert_eq!(asked.requests, stub.asked().len() as u64);
    (told.unwrap_or_else(|error| panic!("{id}: {error}")), stub.asked())
}

fn organisation(provider: &str, samples: &[&str]) -> Organisation {
    access(provider, &serving(samples)).organisation(at(NOW)).0.unwrap()
}

fn name(kind: Kind, id: &str, name: &str) -> Name {
    Name { kind, id: id.into(), name: name.into() }
}

/// All samples that there are of a provider.
fn samples_of(provider: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/providers/samples");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .filter(|name| name.starts_with(&format!("{provider}.")))
        .collect();
    names.sort();
    names
}

/// Samples that no feed asks for: what they are about is not read.
const NOT_ASKED_FOR: &[&str] = &[
    "openai.admin_api_keys",                  // admin keys make no calls
    "openrouter.activity.group_by_workspace", // days are read whole
    "openrouter.analytics_meta.official_example",
    "openrouter.generation", // one call by its id
    "openrouter.models",     // prices
];

#[test]
fn every_sample_is_read_by_a_test() {
    let tests = [
        include_str!("tests/openai.rs"),
        include_str!("tests/anthropic.rs"),
        include_str!("tests/openrouter.rs"),
        include_str!("tests/litellm.rs"),
        include_str!("tests/refusals.rs"),
    ]
    .concat();
    for provider in ALL {
        let samples = samples_of(provider.id);
        assert!(!samples.is_empty(), "{} has no samples", provider.id);
        for sample in samples {
            let is_read = tests.contains(&format!("\"{sample}\""));
            assert!(is_read != NOT_ASKED_FOR.contains(&sample.as_str()), "{sample}");
        }
    }
}

#[test]
fn feeds_have_names_of_their_own_and_stand_in_for_one_that_comes_before() {
    for provider in ALL {
        let ids: Vec<&str> = provider.feeds.iter().map(|feed| feed.id).collect();
        let different: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(different.len(), ids.len(), "{}", provider.id);
        for (place, feed) in provider.feeds.iter().enumerate() {
            let before = &ids[..place];
            assert!(feed.stands_in_for.is_none_or(|better| before.contains(&better)), "{} {}", provider.id, feed.id);
            let Window { bucket, again, step, .. } = feed.window;
            assert!(step >= bucket && step.as_secs() % bucket.as_secs() == 0, "{} {}", provider.id, feed.id);
            assert!(again >= bucket || !feed.tells.is_dated(), "{} {}", provider.id, feed.id);
        }
    }
}
