use jiff::civil::date;
use spendmeter_core::money::Margin;
use spendmeter_core::pricing::FixedCost;
use spendmeter_core::spend::view::BurnRate;
use spendmeter_core::usage::Basis;

use super::*;
use crate::meter::sample::{burn, estimated, meter, project, usd};

fn reading(meter: Meter) -> Reading {
    Reading { meter: Some(meter), paused: false, today: date(2026, 11, 24) }
}

fn words(meter: Meter) -> Words {
    Words::about(&reading(meter))
}

#[test]
fn an_ordinary_afternoon_in_words() {
    let words = words(meter());
    assert_eq!(words.label, "$12.40");
    assert_eq!(words.tooltip, "Spendmeter · Today  $12.40 · estimated");
    assert_eq!(words.today, "Today  $12.40 · estimated");
    assert_eq!(words.burn, "Burning now  $3.20/h");
    assert_eq!(words.month, "November so far  $214.10");
    assert_eq!(words.forecast, "Forecast  $269–305");
    assert_eq!(words.unpriced, "No model without a price today");
    assert_eq!(words.pause, "Pause");
    let [first, second, third] = &words.projects;
    assert_eq!(first.as_ref().unwrap().text, "web-api  $8.10");
    assert_eq!(first.as_ref().unwrap().key, "/home/u/web-api");
    assert_eq!(second.as_ref().unwrap().text, "batch  $4.30");
    assert_eq!(*third, None, "a row without a project says nothing");
}

#[test]
fn what_is_not_known_is_never_zero_dollars() {
    let nothing = Words::about(&Reading { meter: None, paused: false, today: date(2026, 11, 24) });
    assert_eq!((nothing.label.as_str(), nothing.today.as_str()), ("—", "Today  — · reading"));

    let blank = Meter { today: Spend::default(), month: Spend::default(), top_projects: vec![], ..meter() };
    let all_unpriced = Spend { requests: 3, unpriced_tokens: 900, ..Spend::default() };
    for (meter, today) in [
        (Meter { connected: false, ..blank.clone() }, "Today  — · no agent logs found"),
        (Meter { freshness: Freshness::Never, as_of: None, ..blank.clone() }, "Today  — · reading"),
        (Meter { today: all_unpriced, ..blank }, "Today  — · no known price"),
    ] {
        let words = words(meter);
        assert_eq!(words.today, today);
        assert_eq!(words.label, "—", "{today}");
        assert_eq!(words.month, "November so far  —", "{today}");
        let everything = format!("{words:?}");
        assert!(!everything.contains("$0.00"), "{everything}");
    }
    let nothing_used = words(Meter { today: estimated("0"), top_projects: vec![], ..meter() });
    assert_eq!(nothing_used.today, "Today  $0.00 · estimated", "where the core says so, it was read");
}

#[test]
fn old_figures_say_how_old_they_are() {
    let outdated = Meter { freshness: Freshness::Outdated, ..meter() };
    let said = words(outdated.clone());
    assert_eq!(said.today, "Today  $12.40 · estimated · as of 14:05, outdated");
    assert_eq!(said.burn, "Burning now  —", "an old figure says nothing about this hour");

    let days_later = Reading { today: date(2026, 11, 26), ..reading(outdated) };
    assert_eq!(Words::about(&days_later).today, "Today  $12.40 · estimated · as of Nov 24, 14:05, outdated");
}

#[test]
fn a_pause_is_in_the_first_row() {
    let words = Words::about(&Reading { paused: true, ..reading(meter()) });
    assert_eq!(words.today, "Today  $12.40 · estimated · paused");
    assert_eq!((words.pause, words.burn.as_str()), ("Resume", "Burning now  —"));
}

#[test]
fn an_hour_without_calls_is_told_apart_from_one_not_known() {
    let idle = Meter { burn: burn(None), ..meter() };
    assert_eq!(words(idle.clone()).burn, "Burning now  nothing in the last hour");
    assert_eq!(words(Meter { connected: false, ..idle }).burn, "Burning now  —");
}

#[test]
fn t09_tokens_without_a_price_stand_beside_what_burns() {
    let said = |per_hour| words(Meter { burn: BurnRate { unpriced_tokens: 34_000, ..burn(per_hour) }, ..meter() }).burn;
    assert_eq!(said(Some("3.20")), "Burning now  $3.20/h + 34 K tokens without a price in the last hour");
    assert_eq!(said(None), "Burning now  — + 34 K tokens without a price in the last hour");
}

#[test]
fn t30_bill_estimate_and_api_equivalent_are_not_added() {
    let all = Spend { billed: Some(usd("11")), api_equivalent: Some(usd("4")), ..estimated("12.4") };
    let without_estimate = Spend { estimated: None, ..all.clone() };
    let covered = Spend { billed: None, ..without_estimate.clone() };
    let said = words(Meter { today: all, ..meter() });
    assert_eq!((said.label.as_str(), said.today.as_str()), ("$12.40", "Today  $12.40 · estimated"));
    assert_eq!(said.apart, "Today also  billed $11.00 · API-equivalent $4.00, covered by your subscription");
    let said = words(Meter { today: without_estimate.clone(), month: without_estimate, ..meter() });
    assert_eq!((said.label.as_str(), said.today.as_str()), ("$11.00", "Today  $11.00 · billed"));
    assert_eq!(said.month, "November so far  $11.00 · billed");
    assert_eq!(said.apart, "Today also  API-equivalent $4.00, covered by your subscription");
    let top_projects = vec![project("/a", "a", covered.clone())];
    let said = words(Meter { today: covered.clone(), month: covered, top_projects, ..meter() });
    assert_eq!((said.label.as_str(), said.today.as_str()), ("API-eq. $4.00", "Today  $4.00 · API-equivalent"));
    assert_eq!(said.month, "November so far  $4.00 · API-equivalent");
    assert_eq!(said.apart, "Not money: covered by your subscription");
    assert_eq!(said.projects[0].as_ref().unwrap().text, "a  $4.00 API-equivalent");
    assert_eq!(words(meter()).apart, "Nothing else billed or covered by a subscription today");
}

#[test]
fn under_a_subscription_every_row_says_that_it_is_no_money() {
    let covered = Spend { api_equivalent: Some(usd("4")), ..Spend::default() };
    let estimated_too = Spend { estimated: Some(usd("1")), ..covered.clone() };
    let lead = Basis::ApiEquivalent;
    let burn = BurnRate { basis: lead, ..burn(Some("3.2")) };
    let top_projects = vec![project("/a", "a", estimated_too.clone())];
    let fixed = Some(FixedCost { per_month: Some(usd("200")), unknown: vec![] });
    let said = words(Meter { lead, burn, fixed, today: covered, month: estimated_too, top_projects, ..meter() });
    assert_eq!(said.label, "API-eq. $4.00");
    assert_eq!(said.burn, "Burning now  $3.20/h · API-equivalent");
    assert_eq!(said.forecast, "Forecast  $269–305 · API-equivalent");
    assert_eq!(said.month, "November so far  $4.00 · API-equivalent · plans $200.00 a month");
    assert_eq!(said.projects[0].as_ref().unwrap().text, "a  $4.00 API-equivalent");
}

#[test]
fn an_uncertain_estimate_says_where_it_may_lie() {
    let margin = Margin { below: usd("0.3"), above: usd("1.5") };
    let said = words(Meter { today: Spend { margin, ..estimated("12.4") }, ..meter() });
    assert_eq!(said.today, "Today  $12.40, $12.10–13.90 · estimated");
    assert_eq!(said.tooltip, "Spendmeter · Today  $12.40, $12.10–13.90 · estimated");
    assert_eq!(said.label, "$12.40");
}

#[test]
fn t09_tokens_without_a_price_stand_beside_every_total() {
    let spend = Spend { unpriced_tokens: 34_000, ..estimated("12.4") };
    let unpriced = vec![UnpricedModel { model: "nova-9".into(), provider: None, is_apart: false, tokens: 34_000 }];
    let top_projects = vec![project("/a", "a", spend.clone())];
    let said = words(Meter { today: spend.clone(), month: spend, top_projects, unpriced, ..meter() });
    assert_eq!(said.today, "Today  $12.40 + 34 K tokens on 1 unpriced model · estimated");
    assert_eq!(said.tooltip, "Spendmeter · Today  $12.40 + 34 K tokens on 1 unpriced model · estimated");
    assert_eq!(said.month, "November so far  $12.40 + 34 K tokens without a price");
    assert_eq!(said.projects[0].as_ref().unwrap().text, "a  $12.40 + 34 K tokens without a price");
}

#[test]
fn t09_models_without_a_price_are_named_or_counted() {
    let model = |model: &str, tokens| UnpricedModel { model: model.into(), provider: None, is_apart: false, tokens };
    let row = |unpriced| words(Meter { unpriced, ..meter() }).unpriced;
    assert_eq!(row(vec![model("nova-9", 34_000)]), "nova-9 has no price: 34 K tokens");
    let of_one = UnpricedModel { provider: Some("aws".into()), is_apart: true, ..model("nova-9", 34_000) };
    assert_eq!(row(vec![of_one]), "nova-9 of aws has no price: 34 K tokens", "another provider's has one");
    assert_eq!(row(vec![model("nova-9", 1_150_000), model("x", 50_000)]), "2 models have no price: 1.2 M tokens");
    let many = row(vec![model("a", u64::MAX), model("b", u64::MAX)]);
    assert!(many.starts_with("2 models have no price: 18,446,744 T"), "{many}");
}

#[test]
fn without_seven_days_there_is_no_forecast() {
    assert_eq!(words(Meter { forecast: None, ..meter() }).forecast, "Forecast  not yet: needs seven days of spend");
}

#[test]
fn a_project_without_price_keeps_its_row() {
    let unpriced = Spend { requests: 2, unpriced_tokens: 7, ..Spend::default() };
    let top_projects = vec![project("/a", "a", unpriced)];
    let [first, ..] = words(Meter { top_projects, ..meter() }).projects;
    assert_eq!(first.unwrap().text, "a  — + 7 tokens without a price");
}

#[test]
fn the_label_is_short_and_the_rows_are_exact() {
    let large = words(Meter { today: estimated("13412.2"), month: estimated("213412.25"), ..meter() });
    assert_eq!(large.label, "$13.4K");
    assert_eq!(large.today, "Today  $13,412.20 · estimated");
    assert_eq!(large.month, "November so far  $213,412.25");
}
