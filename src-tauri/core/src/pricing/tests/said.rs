//! What the user says that a model costs, and how such calls are told from others.

use std::sync::Arc;

use spendmeter_catalogue::{List, Source, compile};

use super::super::PriceStatus::{DeclaredFree, IncludedInPlan, Priced, TtlAssumed, User};
use super::super::view::ShownPrices;
use super::super::{
    Cost, OwnPrice, OwnPriceOf, OwnPrices, OwnRates, PlanSetting, Plans, Price, PriceBook, PriceStatus, bundled,
};
use super::{NOON, call, input};
use crate::money::{Rate, Usd};
use crate::usage::{Basis, CacheWrites, Tokens, UsageRecord};

fn book(model: &str, price: OwnPrice, plans: Plans) -> PriceBook {
    let mut own = OwnPrices::default();
    own.set(OwnPriceOf { provider: None, model: model.to_owned(), price });
    PriceBook::new(bundled(), own, plans)
}

fn like(model: &str) -> OwnPrice {
    OwnPrice::Like { provider: None, model: model.to_owned() }
}

fn status(book: &PriceBook, call: &UsageRecord) -> PriceStatus {
    book.price(call).price.status
}

#[test]
fn what_the_user_says_is_told_from_what_a_list_says() {
    let rate = |dollars| Rate::per_million(dollars).unwrap();
    let rates = OwnRates {
        input: rate("1"),
        output: rate("2"),
        cache_read: None,
        cache_write_short: None,
        cache_write_long: None,
    };
    let nova = call("openai", "nova", input(1_000));
    let said = |price| book("nova", price, Plans::default());
    assert_eq!(status(&said(OwnPrice::Rates(rates)), &nova), User);
    assert_eq!(status(&said(OwnPrice::Free), &nova), DeclaredFree);
    // At its maker as well as in a provider's own list.
    assert_eq!(status(&said(like("claude-opus-5-5")), &nova), User);
    // A long write that is left out costs what a short one does: 1_000 × $1.25/M
    let written = call("openai", "nova", Tokens { cache_write_long: 1_000, ..Tokens::default() });
    let rates = OwnRates { cache_write_short: Some(rate("1.25")), ..rates };
    let cost = Some(Cost::exactly(Usd::from_nanos(1_250_000)));
    assert_eq!(said(OwnPrice::Rates(rates)).price(&written).price, Price { cost, status: User });
    // What is open in the price that it has is told before who says so.
    let rates = OwnRates { cache_write_long: Some(rate("2")), ..rates };
    let short = Tokens { cache_write_short: 1_000, ..Tokens::default() };
    let written = UsageRecord { cache_writes: CacheWrites::WithoutLifetime, ..call("openai", "nova", short) };
    assert_eq!(status(&said(OwnPrice::Rates(rates)), &written), TtlAssumed);
    assert_eq!(status(&said(like("nonesuch")), &nova), PriceStatus::Unpriced);
}

#[test]
fn under_a_plan_it_stays_what_the_user_says() {
    let plan = PlanSetting {
        source: "test".to_owned(),
        name: "Max".to_owned(),
        seller: None,
        per_month: None,
        since: None,
        until: None,
    };
    let book = book("nova", like("claude-opus-5-5"), Plans(vec![plan]));
    assert_eq!(status(&book, &call("openai", "nova", input(1_000))), User);
    assert_eq!(status(&book, &call("anthropic", "claude-opus-5-5", input(1_000))), IncludedInPlan);
    assert_eq!(status(&PriceBook::bundled(), &call("anthropic", "claude-opus-5-5", input(1_000))), Priced);
}

#[test]
fn a_plan_covers_nothing_that_somebody_else_than_its_seller_served() {
    let plan = |name: &str| {
        let (source, name) = ("test".to_owned(), name.to_owned());
        let plan = PlanSetting { source, name, seller: None, per_month: None, since: None, until: None };
        PriceBook::new(bundled(), OwnPrices::default(), Plans(vec![plan]))
    };
    // A later list may call the plan otherwise.
    let renamed = PlanSetting {
        source: "test".to_owned(),
        name: "Claude Max of old".to_owned(),
        seller: Some("anthropic".to_owned()),
        per_month: None,
        since: None,
        until: None,
    };
    let renamed = PriceBook::new(bundled(), OwnPrices::default(), Plans(vec![renamed]));
    let bedrock = renamed.price(&call("bedrock", "claude-opus-5-5", input(1_000))).basis;
    assert_eq!(bedrock, Basis::Estimated, "it is Anthropic's still");
    let basis = |book: &PriceBook, provider| book.price(&call(provider, "claude-opus-5-5", input(1_000))).basis;
    let max = plan("Claude Max 20x");
    for (provider, expected) in [
        ("anthropic", Basis::ApiEquivalent),
        ("Anthropic", Basis::ApiEquivalent),
        ("bedrock", Basis::Estimated),
        ("google", Basis::Estimated),
        ("openrouter", Basis::Estimated),
    ] {
        assert_eq!(basis(&max, provider), expected, "{provider}");
    }
    let mut nobody = call("", "claude-opus-5-5", input(1_000));
    Arc::make_mut(&mut nobody.attribution).provider = None;
    assert_eq!(max.price(&nobody).basis, Basis::ApiEquivalent, "it is not known who served it");
    // Nobody knows who sells a plan that no list has.
    assert_eq!(basis(&plan("Team"), "bedrock"), Basis::ApiEquivalent);
}

#[test]
fn a_price_is_shown_with_the_one_of_another_place_where_calls_do_not_tell_theirs() {
    let now = NOON.parse().unwrap();
    let shown = |provider: &str, model: &str| {
        let servers = [Some(provider.to_owned())];
        let shown =
            ShownPrices::of(&PriceBook::bundled(), &servers, model, (now, now + jiff::SignedDuration::from_secs(1)));
        let price = shown.prices.into_iter().next().unwrap().shown.prices;
        let point = price.in_force.into_iter().find(|point| point.context == "standard").unwrap();
        (price.elsewhere, point.rates.input, point.status)
    };
    let within = Some("aws / regional.anthropic.claude-opus-5-5".to_owned());
    for cloud in ["aws", "google"] {
        assert_eq!(shown(cloud, "claude-opus-5-5"), (within.clone(), Some("4".to_owned()), "tier_assumed"));
    }
    assert_eq!(shown("aws", "us.anthropic.claude-opus-5-5"), (None, Some("4.4".to_owned()), "priced"));
    assert_eq!(shown("anthropic", "claude-opus-5-5"), (None, Some("4".to_owned()), "priced"));
}

#[test]
fn every_mark_is_explained_in_the_documents_as_on_the_terminal() {
    let documents = include_str!("../../../../../docs/prices.md");
    for status in PriceStatus::ALL {
        let row = format!("| `{status}` | {} |", status.meaning());
        assert!(documents.contains(&row), "docs/prices.md has no row {row}");
    }
}

#[test]
fn what_may_hold_instead_has_a_premium_of_its_own() {
    // Of GPT-5.6 Sol one list says that a write costs as much as input, and the other that it costs twice as much.
    let genai_prices = r#"[{"id":"openai","name":"x","models":[{"id":"gpt-5.6-sol","match":{"equals":"gpt-5.6-sol"},
        "prices":{"input_mtok":4,"output_mtok":8,"cache_write_mtok":8}}]}]"#;
    let model_prices = r#"{"schema":1,"updated_at":"2026-10-26T00:00:00Z","prices":{"openai":{"gpt-5.6-sol":{"standard":[
        {"start":"2026-10-01T00:00:00Z","rates":{"input":4,"output":8,"cache_write":4,"valid_from":"2026-10-01T00:00:00Z",
        "valid_from_basis":"documented","source":"x"}}]}}},"aliases":{"models":{},"providers":{}},"bases":{},"plans":[],
        "schedules":{"holidays":{},"schedule":[]},"models_dev":{},"estimates":[],"status":{}}"#;
    let source = |list| Source { list, version: String::new(), published: 1_794_268_800, sha256: String::new() };
    let (catalogue, problems) =
        compile((genai_prices, source(List::GenaiPrices)), (model_prices, source(List::ModelPrices))).unwrap();
    assert_eq!(problems, Vec::<String>::new());
    let book = PriceBook::new(Arc::new(catalogue), OwnPrices::default(), Plans::default());
    let codex = UsageRecord { cache_writes: CacheWrites::Untold, ..call("openai", "gpt-5.6-sol", input(100_000)) };
    let cost = book.price(&codex).price.cost.unwrap();
    // 100_000 × $4/M, or × $8/M if all of it was written and the dearer list is right
    assert_eq!([cost.likely, cost.above].map(Usd::nanos), [400_000_000, 400_000_000]);
}
