//! What is asked when, on a clock that the tests move.

use super::*;
use crate::accounts::AccountId;
use crate::http::HttpError;
use crate::sources::providers;

const NOW: &str = "2026-11-27T12:30:00Z";

fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap()
}

fn connection(provider: &str) -> Connection {
    Connection {
        name: provider.to_owned(),
        provider: providers::named(provider).unwrap(),
        base: "https://a.example".to_owned(),
        key_ends: "x3Qf".to_owned(),
        added_at: at(NOW),
        account: Some(AccountId(1)),
        identified_at: Some(at(NOW)),
        clock_ahead: None,
        hold: None,
    }
}

fn feed(provider: &str, id: &str) -> &'static Feed {
    providers::named(provider).unwrap().feeds.iter().find(|feed| feed.id == id).unwrap()
}

fn known(provider: &str, state: &FeedState) -> Vec<Known> {
    let feeds = providers::named(provider).unwrap().feeds.iter();
    feeds.map(|feed| Known { feed, state: state.clone() }).collect()
}

/// Everything was told just now, and all history is there.
fn up_to_date() -> FeedState {
    let read = TimeRange { start: at("2020-01-01T00:00:00Z"), end: at(NOW) };
    FeedState { told_at: Some(at(NOW)), reread_at: Some(at(NOW)), read: Some(read), ..FeedState::default() }
}

fn of_feed<'k>(known: &'k mut [Known], id: &str) -> &'k mut Known {
    known.iter_mut().find(|of| of.feed.id == id).unwrap()
}

fn held(until: Option<&str>) -> Hold {
    Hold { until: until.map(at), failures: 1, code: "x".into(), trouble: "x".into() }
}

fn asks(next: Option<(Timestamp, Work)>) -> Option<(Timestamp, &'static str, Option<TimeRange>)> {
    match next? {
        (due, Work::Ask(job)) => Some((due, job.feed.id, job.span)),
        (due, Work::Identify) => Some((due, "identify", None)),
    }
}

fn range(start: &str, end: &str) -> TimeRange {
    TimeRange { start: at(start), end: at(end) }
}

#[test]
fn first_of_all_it_is_asked_whose_key_it_is() {
    let new = Connection { account: None, identified_at: None, ..connection("openai") };
    assert_eq!(asks(next(&new, &[], at(NOW))), Some((at(NOW), "identify", None)));
}

#[test]
fn the_first_poll_reads_a_week_up_to_the_end_of_the_hour_that_is_counting() {
    let known = known("openai", &FeedState::default());
    let first = asks(next(&connection("openai"), &known, at(NOW)));
    assert_eq!(first, Some((at(NOW), "completions", Some(range("2026-11-20T12:00:00Z", "2026-11-27T13:00:00Z")))));
}

#[test]
fn what_was_just_told_is_asked_for_again_after_about_its_rhythm_and_reads_two_days_back() {
    let known = known("openai", &up_to_date());
    let (due, id, _) = asks(next(&connection("openai"), &known, at(NOW))).unwrap();
    assert_eq!(id, "completions", "the one with the shortest rhythm");
    let wait = due.duration_since(at(NOW)).as_secs();
    assert!((270..=330).contains(&wait), "five minutes, a tenth more or less: {wait}");
    let (_, _, span) = asks(next(&connection("openai"), &known, due)).unwrap();
    assert_eq!(span, Some(range("2026-11-25T12:00:00Z", "2026-11-27T13:00:00Z")));
}

#[test]
fn accounts_do_not_all_ask_at_once() {
    let known = known("openai", &up_to_date());
    let due = |name: &str| {
        let connection = Connection { name: name.to_owned(), ..connection("openai") };
        asks(next(&connection, &known, at(NOW))).unwrap().0
    };
    let different: std::collections::BTreeSet<_> = ["a", "b", "c", "d", "e", "f"].map(due).into();
    assert!(different.len() > 3, "{different:?}");
}

#[test]
fn once_a_day_it_looks_further_back() {
    let mut known = known("openai", &up_to_date());
    let costs = of_feed(&mut known, "costs");
    costs.state.told_at = Some(at("2026-11-27T01:00:00Z"));
    costs.state.reread_at = Some(at("2026-11-26T12:00:00Z"));
    let (_, id, span) = asks(next(&connection("openai"), &known, at(NOW))).unwrap();
    assert_eq!((id, span), ("costs", Some(range("2026-11-13T00:00:00Z", "2026-11-28T00:00:00Z"))), "fourteen days");
}

#[test]
fn t20_after_a_sleep_everything_since_is_read_once() {
    let mut known = known("openai", &up_to_date());
    of_feed(&mut known, "completions").state = FeedState {
        told_at: Some(at("2026-11-10T09:00:00Z")),
        read: Some(range("2026-08-01T00:00:00Z", "2026-11-10T09:00:00Z")),
        reread_at: Some(at(NOW)),
        ..FeedState::default()
    };
    let (due, id, span) = asks(next(&connection("openai"), &known, at(NOW))).unwrap();
    assert_eq!((due, id), (at(NOW), "completions"));
    assert_eq!(span, Some(range("2026-11-08T09:00:00Z", "2026-11-27T13:00:00Z")), "two days before it fell asleep");
    let pieces = pieces(feed("openai", "completions"), span.unwrap());
    assert_eq!(pieces.len(), 3, "by the week, as the endpoint gives them out");
    assert_eq!((pieces[0].start, pieces[2].end), (span.unwrap().start, span.unwrap().end));
    assert!(pieces.windows(2).all(|two| two[0].end == two[1].start));
}

#[test]
fn t20_a_clock_that_was_set_back_does_not_put_anything_off_for_years() {
    let mut known = known("openai", &up_to_date());
    of_feed(&mut known, "completions").state.told_at = Some(at("2031-01-01T00:00:00Z"));
    assert_eq!(asks(next(&connection("openai"), &known, at(NOW))).unwrap().0, at(NOW));
    let held = Connection { hold: Some(held(Some("2031-01-01T00:00:00Z"))), ..connection("openai") };
    assert_eq!(asks(next(&held, &known, at(NOW))).unwrap().0, at(NOW));
}

#[test]
fn history_is_read_backwards_and_only_when_nothing_else_is_due() {
    let mut known = known("openai", &up_to_date());
    of_feed(&mut known, "completions").state.read = Some(range("2026-11-20T12:00:00Z", NOW));
    let (due, id, span) = asks(next(&connection("openai"), &known, at(NOW))).unwrap();
    assert_eq!((id, span), ("completions", Some(range("2026-11-13T12:00:00Z", "2026-11-20T12:00:00Z"))));
    assert_eq!(due.duration_since(at(NOW)).as_secs(), 2, "politely slow");
    of_feed(&mut known, "costs").state.told_at = Some(at("2026-11-27T01:00:00Z"));
    assert_eq!(asks(next(&connection("openai"), &known, at(NOW))).unwrap().1, "costs", "what is new comes first");
}

#[test]
fn history_ends_where_there_is_no_more() {
    let mut known = known("openai", &up_to_date());
    // Ninety days before are 29 August.
    of_feed(&mut known, "completions").state.read = Some(range("2026-08-30T12:00:00Z", NOW));
    let (_, id, span) = asks(next(&connection("openai"), &known, at(NOW))).unwrap();
    assert_eq!((id, span), ("completions", Some(range("2026-08-29T12:00:00Z", "2026-08-30T12:00:00Z"))));
    assert_eq!(history_read(of_feed(&mut known, "completions"), at(NOW)), Some((89, 90)));
}

#[test]
fn what_waits_for_a_person_is_not_asked() {
    let held_account = Connection { hold: Some(held(None)), ..connection("openai") };
    assert_eq!(asks(next(&held_account, &known("openai", &FeedState::default()), at(NOW))), None);
    let mut known = known("openai", &up_to_date());
    of_feed(&mut known, "completions").state.hold = Some(held(None));
    let (_, id, _) = asks(next(&connection("openai"), &known, at(NOW))).unwrap();
    assert_eq!(id, "costs", "the others go on");
}

#[test]
fn a_stand_in_is_asked_only_where_the_better_one_may_not_be() {
    let mut all = known("anthropic", &FeedState::default());
    let jobs = |known: &[Known]| {
        let jobs = everything(&connection("anthropic"), known, at(NOW));
        jobs.into_iter().map(|job| job.feed.id).collect::<Vec<_>>()
    };
    assert_eq!(jobs(&all), ["analytics_usage", "analytics_cost", "claude_code", "names"]);
    of_feed(&mut all, "analytics_cost").state.hold = Some(held(None));
    assert_eq!(jobs(&all), ["analytics_usage", "analytics_cost", "cost_report", "claude_code", "names"]);
    of_feed(&mut all, "analytics_cost").state.hold = Some(held(Some("2026-11-27T13:00:00Z")));
    assert!(!jobs(&all).contains(&"cost_report"), "it only has to be asked later");
}

#[test]
fn days_are_those_of_the_provider_where_this_clock_is_wrong() {
    let known = known("openai", &FeedState::default());
    let behind = Connection { clock_ahead: Some(26 * 3_600), ..connection("openai") };
    let (_, _, span) = asks(next(&behind, &known, at(NOW))).unwrap();
    assert_eq!(span.unwrap().end, at("2026-11-28T15:00:00Z"));
    let as_usual = Connection { clock_ahead: Some(90), ..connection("openai") };
    let (_, _, span) = asks(next(&as_usual, &known, at(NOW))).unwrap();
    assert_eq!(span.unwrap().end, at("2026-11-27T13:00:00Z"));
}

#[test]
fn only_days_that_are_over_are_asked_for_where_the_provider_tells_of_no_others() {
    let known = known("openrouter", &up_to_date());
    let jobs = everything(&connection("openrouter"), &known, at(NOW));
    let activity = jobs.iter().find(|job| job.feed.id == "activity").unwrap();
    assert_eq!(activity.span.unwrap().end, at("2026-11-27T00:00:00Z"));
}

#[test]
fn t17_what_fails_is_asked_less_and_less_often_and_the_provider_has_the_last_word() {
    let offline = FetchError::Http(HttpError::Unreachable { url: "a".into(), reason: "b".into() });
    let mut before = None;
    let mut waits = Vec::new();
    for _ in 0..40 {
        let after = hold(before.as_ref(), &offline, Until::Later(None), at(NOW));
        waits.push(after.until.unwrap().duration_since(at(NOW)).as_secs());
        before = Some(after);
    }
    for (wait, least) in waits.iter().zip([60, 120, 240, 480, 960, 1_920, 3_600].into_iter().chain([3_600; 40])) {
        assert!((least..=least * 5 / 4).contains(wait), "{waits:?}");
    }
    let busy = |retry_after| {
        let error = FetchError::Busy { provider: "OpenAI", retry_after: Some(retry_after) };
        hold(None, &error, Until::Later(Some(retry_after)), at(NOW)).until.unwrap()
    };
    assert_eq!(busy(RetryAfter::In(Duration::from_secs(777))), at("2026-11-27T12:42:57Z"));
    assert_eq!(busy(RetryAfter::At(at("2026-11-27T14:00:00Z"))), at("2026-11-27T14:00:00Z"));
    assert_eq!(busy(RetryAfter::In(Duration::from_hours(24 * 365))), at("2026-11-28T12:30:00Z"), "a day at most");
    assert_eq!(busy(RetryAfter::At(at("2020-01-01T00:00:00Z"))), at("2026-11-27T12:30:01Z"), "not in the past");
}

#[test]
fn polling_four_accounts_for_a_day_asks_fewer_than_1500_times_once_history_is_there() {
    // One question a poll, as most are: what pages cost is counted over real HTTP.
    let mut asked = 0;
    for provider in ["openai", "anthropic", "openrouter", "litellm"] {
        let mut connection = connection(provider);
        let mut known = known(provider, &up_to_date());
        let (mut now, end) = (at(NOW), at("2026-11-28T12:30:00Z"));
        while let Some((due, work)) = next(&connection, &known, now).filter(|(due, _)| *due < end) {
            now = due;
            asked += 1;
            match work {
                Work::Identify => connection.identified_at = Some(now),
                Work::Ask(job) => {
                    let state = &mut of_feed(&mut known, job.feed.id).state;
                    state.told_at = Some(now);
                    state.reread_at = if job.is_reread { Some(now) } else { state.reread_at };
                    state.read = state.read.map(|read| TimeRange { end: now, ..read });
                }
            }
        }
    }
    assert!((1_000..1_400).contains(&asked), "{asked}");
}
