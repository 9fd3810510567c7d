//! The product's own client, held by the same means: everything that it asks goes through Prism, which refuses what the
//! provider would not understand, and what comes of it is what the organisation was charged.

use acceptance::prism::Prism;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use spendmeter_core::accounts::Connection;
use spendmeter_core::calendar::{Calendar, TimeRange};
use spendmeter_core::http::{Http, Timeouts};
use spendmeter_core::ledger::Ledger;
use spendmeter_core::money::Usd;
use spendmeter_core::secrets::Secret;
use spendmeter_core::sources::providers::{self, Access};
use spendmeter_core::spend::dimension::Dimension;
use spendmeter_core::spend::report::{Cut, report};
use spendmeter_core::sync::accounts::{due, look};
use stub::providers::Peer;
use tempfile::TempDir;

use crate::{NOW, anthropic, at, litellm, openai, openrouter};

struct Client {
    _folder: TempDir,
    ledger: Ledger,
    asked: usize,
}

impl Client {
    /// Reads everything there is of an organisation, its history included, and fails if anything does.
    fn read_all(provider: &str, path: &str, key: &str, upstream: &str) -> Self {
        let prism = Prism::in_front_of(&format!("{provider}.yaml"), upstream).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        let http = Http::to(["127.0.0.1"], Timeouts::default(), None);
        let base = format!("{}{path}", prism.url());
        let provider = providers::named(provider).unwrap();
        let access = Access { provider, base: base.clone(), http, key: Secret::new(key) };
        let connection = Connection::new(provider.id, provider, base, &access.key, at(NOW));
        ledger.keep_connection(&connection).unwrap();
        let (mut now, mut asked) = (at(NOW), 0);
        for looks in 0.. {
            let connection = ledger.connection(provider.id).unwrap().unwrap();
            let next = due(&ledger, &connection, now).unwrap().expect("something is due some time");
            if next.duration_since(now) > SignedDuration::from_secs(30) {
                break;
            }
            now = now.max(next);
            let looked = look(&mut ledger, &access, provider.id, now).unwrap();
            assert!(looked.failures.is_empty(), "{:?}\n{}", looked.failures, prism.log());
            asked += usize::try_from(looked.requests).unwrap();
            assert!(looks < 1_000, "it never ends");
        }
        Self { _folder: folder, ledger, asked }
    }

    /// What the days before `end` were charged.
    fn billed_before(&self, end: &str) -> Option<Usd> {
        let utc = Calendar::new(TimeZone::UTC);
        let range = TimeRange { start: Timestamp::MIN, end: at(end) };
        report(&self.ledger, &utc, range, &[Cut::By(Dimension::Model)], &[]).unwrap().total.billed
    }
}

/// Dollars of nano-dollars.
fn usd(nanos: i64) -> Usd {
    Usd::from_nanos(nanos)
}

const TODAY: &str = "2026-11-24T00:00:00Z";

#[test]
fn what_is_asked_of_openai_is_understood_and_comes_to_its_costs() {
    let peer = Peer::start(openai::organisation(), at(NOW));
    let client = Client::read_all("openai", "/v1", "sk-admin-test", &peer.url(""));
    let charged = peer.change(|organisation| {
        organisation.costs.iter().filter(|cost| cost.at < at(TODAY)).map(|cost| cost.nanos).sum::<i64>()
    });
    // 22 days at $1.5061.
    assert_eq!(charged, 33_134_200_000);
    assert_eq!(client.billed_before(TODAY), Some(usd(charged)));
    assert_eq!(client.asked, peer.asked().len(), "nothing was refused on the way");
}

#[test]
fn what_is_asked_of_anthropic_is_understood_and_comes_to_its_costs() {
    let peer = Peer::start(anthropic::organisation(), at(NOW));
    let charged = peer.change(|organisation| {
        let calls = organisation.calls.iter().filter(|call| call.at < at(TODAY));
        calls.flat_map(|call| &call.charges).map(|charge| charge.nanos).sum::<i64>()
    });
    let client = Client::read_all("anthropic", "/v1", "sk-ant-admin01-test", &peer.url(""));
    assert_eq!(client.billed_before(TODAY), Some(usd(charged)));
    assert_eq!(client.asked, peer.asked().len());
}

#[test]
fn what_is_asked_of_openrouter_is_understood_and_comes_to_its_costs() {
    let peer = Peer::start(openrouter::organisation(), at(NOW));
    let charged = peer.change(|organisation| {
        organisation.calls.iter().filter(|call| call.at < at(TODAY)).map(|call| call.nanos).sum::<i64>()
    });
    let client = Client::read_all("openrouter", "/api/v1", "sk-or-v1-test", &peer.url(""));
    assert_eq!(client.billed_before(TODAY), Some(usd(charged)));
    assert_eq!(client.asked, peer.asked().len());
}

#[test]
fn what_is_asked_of_litellm_is_understood_and_comes_to_its_costs() {
    let peer = Peer::start(litellm::organisation(), at(NOW));
    let charged = peer.change(|organisation| {
        organisation.calls.iter().filter(|call| call.at < at(TODAY)).map(|call| call.nanos).sum::<i64>()
    });
    let client = Client::read_all("litellm", "", "sk-litellm-test", &peer.url(""));
    assert_eq!(client.billed_before(TODAY), Some(usd(charged)));
    assert_eq!(client.asked, peer.asked().len());
}
