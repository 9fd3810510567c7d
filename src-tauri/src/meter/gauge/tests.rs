use std::collections::HashSet;

use super::*;
use crate::meter::sample::{meter, usd};

const ALL_STEPS: std::ops::RangeInclusive<u8> = 0..=STEPS;

fn alpha(state: GaugeState) -> Vec<u8> {
    draw(state).chunks_exact(4).map(|pixel| pixel[3]).collect()
}

/// Pixels whose opacity differs so much that an eye sees it without colour.
fn different_pixels(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a.abs_diff(**b) > 64).count()
}

#[test]
fn an_icon_is_as_large_as_it_says() {
    assert_eq!(draw(GaugeState::NotConnected).len(), (SIZE * SIZE * 4) as usize);
}

#[test]
fn each_step_adds_to_the_ring() {
    let filled = |step| alpha(GaugeState::Normal(Step(step))).iter().filter(|alpha| **alpha > 200).count();
    let steps: Vec<_> = ALL_STEPS.map(filled).collect();
    for pair in steps.windows(2) {
        assert!(pair[1] > pair[0] + 20, "a step must be seen: {steps:?}");
    }
}

#[test]
fn the_shape_alone_tells_the_states_apart() {
    for step in ALL_STEPS.map(Step) {
        let states = [
            GaugeState::NotConnected,
            GaugeState::Stale,
            GaugeState::Normal(step),
            GaugeState::ForecastOver(step),
            GaugeState::Over(step),
        ];
        for (nth, one) in states.iter().enumerate() {
            for other in &states[nth + 1..] {
                let pixels = different_pixels(&alpha(*one), &alpha(*other));
                assert!(pixels >= 40, "{one:?} and {other:?} differ in only {pixels} pixels");
            }
        }
    }
}

#[test]
fn every_icon_is_drawn_differently() {
    let steps = || ALL_STEPS.map(Step);
    let mut states = vec![GaugeState::NotConnected, GaugeState::Stale];
    states.extend(steps().map(GaugeState::Normal));
    states.extend(steps().map(GaugeState::ForecastOver));
    states.extend(steps().map(GaugeState::Over));
    let icons: HashSet<_> = states.iter().map(|state| draw(*state)).collect();
    assert_eq!(icons.len(), states.len());
}

#[test]
fn every_colour_stands_out_on_a_light_and_on_a_dark_panel() {
    fn luminance(colour: Rgb) -> f64 {
        let [red, green, blue] = colour.map(|channel| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    // GNOME's and Xfce's light panels; a dark grey one. 3:1 is what WCAG asks of graphics.
    for panel in [[0xf6, 0xf5, 0xf4], [0x2d, 0x2d, 0x2d], [0, 0, 0]] {
        for colour in [NEUTRAL, AMBER, RED] {
            let (a, b) = (luminance(panel) + 0.05, luminance(colour) + 0.05);
            let contrast = a.max(b) / a.min(b);
            assert!(contrast >= 3.0, "{colour:x?} on {panel:x?} is {contrast:.2}:1");
        }
    }
}

#[test]
fn without_a_budget_the_ring_fills_towards_the_forecast() {
    // $214.10 of a likely $287: 745 ‰, that is 11 of 16.
    assert_eq!(GaugeState::of(Some(&meter()), false, None), GaugeState::Normal(Step(11)));
    let no_forecast = Meter { forecast: None, ..meter() };
    assert_eq!(GaugeState::of(Some(&no_forecast), false, None), GaugeState::Normal(Step::EMPTY));
    assert_eq!(GaugeState::of(None, false, None), GaugeState::Normal(Step::EMPTY));
}

#[test]
fn a_budget_decides_the_state() {
    let state = |budget| GaugeState::of(Some(&meter()), false, Some(usd(budget)));
    assert_eq!(state("300"), GaugeState::Normal(Step(11)), "the forecast, $287, is within it");
    assert_eq!(state("287"), GaugeState::Normal(Step(11)), "reaching a budget is not passing it");
    assert_eq!(state("250"), GaugeState::ForecastOver(Step(13)));
    assert_eq!(state("214.1"), GaugeState::ForecastOver(Step(16)));
    assert_eq!(state("200"), GaugeState::Over(Step(16)));
}

#[test]
fn old_paused_and_unconnected_figures_look_it() {
    let state = |meter: Meter, paused| GaugeState::of(Some(&meter), paused, None);
    assert_eq!(state(meter(), true), GaugeState::Stale);
    assert_eq!(state(Meter { freshness: Freshness::Outdated, ..meter() }, false), GaugeState::Stale);
    assert_eq!(state(Meter { connected: false, ..meter() }, false), GaugeState::NotConnected);
    let first = Meter { connected: false, freshness: Freshness::Never, forecast: None, ..meter() };
    assert_eq!(state(first, false), GaugeState::Normal(Step::EMPTY), "not looked yet is not the same as nothing there");
}

#[test]
fn only_nothing_is_empty_and_only_all_is_full() {
    for (spent, step) in
        [("0", 0), ("0.01", 1), ("6.24", 1), ("12.5", 2), ("50", 8), ("99.99", 15), ("100", 16), ("250", 16)]
    {
        assert_eq!(Step::of(usd(spent), usd("100")), Step(step), "{spent} of 100");
    }
    assert_eq!(Step::of(usd("5"), Usd::ZERO), Step::EMPTY, "no target, no share");
    assert_eq!(Step::of(usd("-3"), usd("100")), Step::EMPTY, "a credit fills nothing");
}
