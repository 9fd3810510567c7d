//! What can be decided about prices and what cannot, whoever asks for it, and how calls are marked that it is true of.

use spendmeter_core::ledger::restatements::{Decision, NotDecided};
use spendmeter_core::money::Usd;
use spendmeter_core::pricing::{OwnPrice, OwnPriceOf, OwnPrices, PlanSetting, Plans, PriceBook, bundled};

use crate::machine::Machine;

fn check(decision: &Decision) -> Result<(), NotDecided> {
    decision.check(&PriceBook::bundled())
}

fn own(provider: Option<&str>, model: &str) -> OwnPriceOf {
    OwnPriceOf { provider: provider.map(str::to_owned), model: model.to_owned(), price: OwnPrice::Free }
}

#[test]
fn calls_that_name_no_model_can_have_no_price() {
    for nameless in ["unknown model", "", " "] {
        assert_eq!(check(&Decision::SetOwn(own(None, nameless))), Err(NotDecided::NoModel), "{nameless:?}");
    }
    assert_eq!(check(&Decision::SetOwn(own(None, "nova"))), Ok(()));
}

#[test]
fn a_plan_costs_something_or_nothing() {
    let plan = |dollars: &str| {
        let per_month = Some(Usd::parse(dollars).unwrap());
        check(&Decision::SetPlan(PlanSetting { per_month, ..team() }))
    };
    assert_eq!(plan("-4"), Err(NotDecided::Negative));
    assert_eq!([plan("0"), plan("25")], [Ok(()), Ok(())]);
}

#[test]
fn a_plan_ends_after_it_began() {
    let moment: jiff::Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let lasting = |hours| {
        let until = Some(moment + jiff::SignedDuration::from_hours(hours));
        check(&Decision::SetPlan(PlanSetting { since: Some(moment), until, ..team() }))
    };
    assert_eq!(
        [lasting(-1), lasting(0), lasting(1)],
        [Err(NotDecided::EndsBefore), Err(NotDecided::EndsBefore), Ok(())]
    );
}

fn team() -> PlanSetting {
    PlanSetting { source: "codex".into(), name: "Team".into(), seller: None, per_month: None, since: None, until: None }
}

#[test]
fn what_was_said_is_found_however_its_provider_is_written() {
    let mut said = OwnPrices::default();
    said.set(own(Some("OpenAI"), "nova"));
    let book = PriceBook::new(bundled(), said, Plans::default());
    let forget = |provider: Option<&str>| {
        Decision::ForgetOwn { provider: provider.map(str::to_owned), model: "Nova".to_owned() }.check(&book)
    };
    assert_eq!(forget(Some("openai")), Ok(()));
    assert!(matches!(forget(None), Err(NotDecided::NothingSaid { .. })));
}

#[test]
fn calls_are_counted_by_how_they_were_priced() {
    let mut machine = Machine::new();
    let call = |id: &str, model: &str, at: &str| {
        format!(
            r#"{{"type":"assistant","timestamp":"{at}","sessionId":"s","cwd":"/a","message":{{"id":"msg_{id}","model":"{model}","usage":{{"input_tokens":10,"output_tokens":1}}}}}}"#
        ) + "\n"
    };
    let at = "2026-11-24T07:00:00Z";
    let log = call("1", "claude-opus-5-5", at) + &call("2", "claude-opus-5-5", at) + &call("3", "nova", at);
    machine.write(".claude/projects/p/s.jsonl", log + &call("4", "other", at));
    machine.scan();
    let mut decide = |own| {
        let last = machine.ledger.last_decision().unwrap();
        machine.ledger.restate(&Decision::SetOwn(own), last, machine.now, &machine.calendar).unwrap();
    };
    decide(own(None, "nova"));
    let like = OwnPrice::Like { provider: None, model: "claude-opus-5-5".to_owned() };
    decide(OwnPriceOf { price: like, ..own(None, "other") });
    let alike = machine.ledger.priced_alike().unwrap();
    let alike: Vec<_> =
        alike.iter().map(|alike| (alike.status.as_str(), alike.model.as_str(), alike.requests, alike.tokens)).collect();
    let expected = [("priced", "claude-opus-5-5", 2, 22), ("declared_free", "nova", 1, 11), ("user", "other", 1, 11)];
    assert_eq!(alike, expected);
}
