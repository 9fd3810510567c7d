//! Draws the tray's icon: a ring that fills as the month does. Pure; knows nothing of trays.
//!
//! What the ring fills towards: the budget of the month; without one, the month's likely forecast, which makes it the
//! part of the month's spend that is behind us; without either there is no target and the ring stays empty.
//!
//! The shape carries the state, so that it survives colour blindness, grey panels and macOS' template icons; colour
//! reinforces. All colours are of a middle brightness that stands out on light and dark panels alike, since Linux does
//! not tell what colour its panel is.

use std::f32::consts::TAU;

use spendmeter_core::money::Usd;
use spendmeter_core::spend::view::{Freshness, Meter};
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

/// Edge of the icon in pixels: twice the 24 that panels have room for, so that it is sharp on dense screens too.
pub(crate) const SIZE: u32 = 48;

/// The ring fills in this many steps: a change too small to see must not redraw the icon.
const STEPS: u8 = 16;

/// How far the ring is filled, in sixteenths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Step(u8);

impl Step {
    const EMPTY: Self = Self(0);

    /// `spent` of `target`. Something spent is never shown as nothing, and only all of it as all.
    fn of(spent: Usd, target: Usd) -> Self {
        match spent.permille_of(target) {
            None => Self::EMPTY,
            Some(_) if spent <= Usd::ZERO => Self::EMPTY,
            Some(_) if spent >= target => Self(STEPS),
            Some(permille) => {
                let step = u8::try_from(permille * i64::from(STEPS) / 1_000).unwrap_or(STEPS);
                Self(step.clamp(1, STEPS - 1))
            }
        }
    }

    fn share(self) -> f32 {
        f32::from(self.0) / f32::from(STEPS)
    }
}

/// What the icon tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum GaugeState {
    /// No source was found: a thin outline.
    NotConnected,
    /// The figures are old, or reading is paused: dashed and dimmed.
    Stale,
    /// On course: the ring and a dot.
    Normal(Step),
    /// The forecast passes the budget: the ring and an upward triangle.
    ForecastOver(Step),
    /// The budget is spent: the ring and an exclamation mark.
    Over(Step),
}

impl GaugeState {
    /// The state for these figures. `budget` is the month's, if the person has set one.
    pub(crate) fn of(meter: Option<&Meter>, paused: bool, budget: Option<Usd>) -> Self {
        let Some(meter) = meter else { return Self::Normal(Step::EMPTY) };
        if !meter.connected && meter.freshness != Freshness::Never {
            return Self::NotConnected;
        }
        if paused || meter.freshness == Freshness::Outdated {
            return Self::Stale;
        }
        let spent = meter.month.amount(meter.lead).unwrap_or(Usd::ZERO);
        let likely = meter.forecast.as_ref().map(|forecast| forecast.likely);
        match (budget, likely) {
            (Some(budget), _) if spent > budget => Self::Over(Step::of(spent, budget)),
            (Some(budget), Some(likely)) if likely > budget => Self::ForecastOver(Step::of(spent, budget)),
            (Some(target), _) | (None, Some(target)) => Self::Normal(Step::of(spent, target)),
            (None, None) => Self::Normal(Step::EMPTY),
        }
    }
}

/// Red, green, blue.
type Rgb = [u8; 3];
const NEUTRAL: Rgb = [0x80, 0x80, 0x86];
const AMBER: Rgb = [0xb8, 0x74, 0x00];
const RED: Rgb = [0xe0, 0x45, 0x3a];

const OPAQUE: u8 = 255;
const DIMMED: u8 = 150;
/// The part of the ring that is not filled.
const TRACK: u8 = 115;

// In pixels of the icon.
const CENTRE: f32 = 24.0;
const RADIUS: f32 = 18.5;
const WIDTH: f32 = 7.0;
const OUTLINE_WIDTH: f32 = 3.0;
const DOT_RADIUS: f32 = 5.0;
const DASHES: u8 = 8;

/// The icon for `state`: [`SIZE`] × [`SIZE`] pixels, row by row, as red, green, blue, alpha.
pub(crate) fn draw(state: GaugeState) -> Vec<u8> {
    let mut icon = Icon(Pixmap::new(SIZE, SIZE).expect("the size is not zero"));
    match state {
        GaugeState::NotConnected => icon.arc(0.0, 1.0, OUTLINE_WIDTH, (NEUTRAL, OPAQUE)),
        GaugeState::Stale => {
            for dash in 0..DASHES {
                let start = f32::from(dash) / f32::from(DASHES);
                icon.arc(start, 0.6 / f32::from(DASHES), WIDTH, (NEUTRAL, DIMMED));
            }
            icon.dot((NEUTRAL, DIMMED));
        }
        GaugeState::Normal(step) => {
            icon.ring(step, NEUTRAL);
            icon.dot((NEUTRAL, OPAQUE));
        }
        GaugeState::ForecastOver(step) => {
            icon.ring(step, AMBER);
            icon.polygon(&[(24.0, 14.5), (33.0, 30.5), (15.0, 30.5)], (AMBER, OPAQUE));
        }
        GaugeState::Over(step) => {
            icon.ring(step, RED);
            icon.polygon(&[(20.5, 13.0), (27.5, 13.0), (26.0, 27.0), (22.0, 27.0)], (RED, OPAQUE));
            icon.circle(32.5, 3.2, (RED, OPAQUE));
        }
    }
    icon.0.take_demultiplied()
}

struct Icon(Pixmap);

impl Icon {
    fn ring(&mut self, step: Step, colour: Rgb) {
        self.arc(0.0, 1.0, WIDTH, (colour, TRACK));
        if step != Step::EMPTY {
            self.arc(0.0, step.share(), WIDTH, (colour, OPAQUE));
        }
    }

    fn dot(&mut self, ink: (Rgb, u8)) {
        self.circle(CENTRE, DOT_RADIUS, ink);
    }

    /// A disc on the vertical middle line.
    fn circle(&mut self, y: f32, radius: f32, ink: (Rgb, u8)) {
        if let Some(path) = PathBuilder::from_circle(CENTRE, y, radius) {
            self.0.fill_path(&path, &paint(ink), FillRule::Winding, Transform::identity(), None);
        }
    }

    fn polygon(&mut self, corners: &[(f32, f32)], ink: (Rgb, u8)) {
        if let Some(path) = lines(corners.iter().copied(), true) {
            self.0.fill_path(&path, &paint(ink), FillRule::Winding, Transform::identity(), None);
        }
    }

    /// Part of the ring, clockwise from the top; `start` and `share` are parts of a full turn.
    fn arc(&mut self, start: f32, share: f32, width: f32, ink: (Rgb, u8)) {
        // Straight pieces of three degrees are a tenth of a pixel off the circle at this size.
        const PIECES: u8 = 120;
        let points = (0..=PIECES).map(|piece| {
            let turn = (start + share * f32::from(piece) / f32::from(PIECES)) * TAU;
            (CENTRE + RADIUS * turn.sin(), CENTRE - RADIUS * turn.cos())
        });
        if let Some(path) = lines(points, share >= 1.0) {
            let stroke = Stroke { width, ..Stroke::default() };
            self.0.stroke_path(&path, &paint(ink), &stroke, Transform::identity(), None);
        }
    }
}

fn lines(mut points: impl Iterator<Item = (f32, f32)>, closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (x, y) = points.next()?;
    path.move_to(x, y);
    points.for_each(|(x, y)| path.line_to(x, y));
    if closed {
        path.close();
    }
    path.finish()
}

fn paint(([red, green, blue], alpha): (Rgb, u8)) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(Color::from_rgba8(red, green, blue, alpha));
    paint
}

#[cfg(test)]
mod tests;
