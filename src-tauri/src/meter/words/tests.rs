use jiff::civil::date;
use spendmeter_core::spend::view::BurnRate;

use super::*;
use crate::meter::sample::{estimated, meter, project, usd};

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
    let idle = Meter { burn: BurnRate { per_hour: None, quarters: vec![] }, ..meter() };
    assert_eq!(words(idle.clone()).burn, "Burning now  nothing in the last hour");
    assert_eq!(words(Meter { connected: false, ..idle }).burn, "Burning now  —");
}

#[test]
fn t30_bill_and_estimate_are_not_added() {
    let both = Spend { billed: Some(usd("11")), ..estimated("12.4") };
    let billed = Spend { estimated: None, ..both.clone() };
    assert_eq!(words(Meter { today: both, ..meter() }).today, "Today  $12.40 · estimated");
    let words = words(Meter { today: billed.clone(), month: billed, ..meter() });
    assert_eq!(words.today, "Today  $11.00 · billed");
    assert_eq!(words.month, "November so far  $11.00 · billed");
}

#[test]
fn t09_models_without_a_price_are_named_or_counted() {
    let model = |model: &str, tokens| UnpricedModel { model: model.into(), tokens };
    let row = |unpriced| words(Meter { unpriced, ..meter() }).unpriced;
    assert_eq!(row(vec![model("nova-9", 34_000)]), "nova-9 has no price: 34 K tokens");
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
    assert_eq!(first.unwrap().text, "a  —");
}

#[test]
fn the_label_is_short_and_the_rows_are_exact() {
    let large = words(Meter { today: estimated("13412.2"), month: estimated("213412.25"), ..meter() });
    assert_eq!(large.label, "$13.4K");
    assert_eq!(large.today, "Today  $13,412.20 · estimated");
    assert_eq!(large.month, "November so far  $213,412.25");
}
