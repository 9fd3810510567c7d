//! What can be decided about prices and what cannot, whoever asks for it, and how calls are marked that it is true of.

use spendmeter_core::ledger::restatements::{Decision, NotDecided, NotRestated};
use spendmeter_core::money::Usd;
use spendmeter_core::pricing::{OwnPrice, OwnPriceOf, PlanSetting};

use crate::machine::Machine;

/// Whether the ledger takes a decision: what it does not show it does not make either.
fn check(machine: &mut Machine, decision: &Decision) -> Result<(), NotDecided> {
    let why = |outcome| match outcome {
        Ok(()) => Ok(()),
        Err(NotRestated::NotDecided(why)) => Err(why),
        Err(other) => panic!("{other}"),
    };
    let shown = why(machine.ledger.preview(decision).map(drop));
    let last = machine.ledger.last_decision().unwrap();
    let made = why(machine.ledger.restate(decision, last, machine.now, &machine.calendar).map(drop));
    assert_eq!(shown, made);
    made
}

fn own(provider: Option<&str>, model: &str) -> OwnPriceOf {
    OwnPriceOf { provider: provider.map(str::to_owned), model: model.to_owned(), price: OwnPrice::Free }
}

#[test]
fn calls_that_name_no_model_can_have_no_price() {
    let mut machine = Machine::new();
    for nameless in ["unknown model", "", " "] {
        assert_eq!(
            check(&mut machine, &Decision::SetOwn(own(None, nameless))),
            Err(NotDecided::NoModel),
            "{nameless:?}"
        );
    }
    assert_eq!(check(&mut machine, &Decision::SetOwn(own(None, "nova"))), Ok(()));
}

#[test]
fn a_plan_costs_something_or_nothing_and_has_a_name() {
    let mut machine = Machine::new();
    let mut plan = |dollars: &str| {
        let per_month = Some(Usd::parse(dollars).unwrap());
        check(&mut machine, &Decision::SetPlan(PlanSetting { per_month, ..team() }))
    };
    assert_eq!(plan("-4"), Err(NotDecided::Negative));
    assert_eq!([plan("0"), plan("25")], [Ok(()), Ok(())]);
    let nameless = Decision::SetPlan(PlanSetting { name: " ".into(), ..team() });
    assert_eq!(check(&mut machine, &nameless), Err(NotDecided::NoName));
}

#[test]
fn who_sells_a_plan_of_the_list_is_kept_with_it() {
    let mut machine = Machine::new();
    for (name, seller) in [("Claude Max 20x", Some("anthropic")), ("Team", None)] {
        check(&mut machine, &Decision::SetPlan(PlanSetting { name: name.into(), ..team() })).unwrap();
        assert_eq!(machine.ledger.plans().unwrap().0[0].seller.as_deref(), seller, "{name}");
    }
}

#[test]
fn a_plan_ends_after_it_began() {
    let moment: jiff::Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let mut machine = Machine::new();
    let mut lasting = |hours| {
        let until = Some(moment + jiff::SignedDuration::from_hours(hours));
        check(&mut machine, &Decision::SetPlan(PlanSetting { since: Some(moment), until, ..team() }))
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
    let mut machine = Machine::new();
    check(&mut machine, &Decision::SetOwn(own(Some("OpenAI"), "nova"))).unwrap();
    let mut forget = |provider: Option<&str>| {
        let provider = provider.map(str::to_owned);
        check(&mut machine, &Decision::ForgetOwn { provider, model: "Nova".to_owned() })
    };
    assert!(matches!(forget(None), Err(NotDecided::NothingSaid { .. })));
    assert_eq!(forget(Some("openai")), Ok(()));
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
