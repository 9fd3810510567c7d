//! Figures to try the tray's words and icon on.

use spendmeter_core::money::Usd;
use spendmeter_core::spend::view::{BurnRate, Change, Forecast, Freshness, Meter, Ranked, Spend};

pub(crate) fn usd(text: &str) -> Usd {
    Usd::parse(text).unwrap()
}

pub(crate) fn estimated(text: &str) -> Spend {
    Spend { estimated: Some(usd(text)), requests: 1, ..Spend::default() }
}

pub(crate) fn project(key: &str, label: &str, spend: Spend) -> Ranked {
    Ranked { key: key.into(), label: label.into(), spend, share_permille: None, change: Change::Unknown, trend: vec![] }
}

/// An ordinary afternoon.
pub(crate) fn meter() -> Meter {
    Meter {
        as_of: Some("2026-11-24T14:05:00+01:00".into()),
        freshness: Freshness::Current,
        connected: true,
        today: estimated("12.4"),
        month: estimated("214.1"),
        month_name: "2026-11".into(),
        forecast: Some(Forecast { low: usd("269.4"), likely: usd("287"), high: usd("305.2"), days_left: 6 }),
        burn: BurnRate { per_hour: Some(usd("3.2")), quarters: vec![] },
        top_projects: vec![
            project("/home/u/web-api", "web-api", estimated("8.1")),
            project("/home/u/batch", "batch", estimated("4.3")),
        ],
        unpriced: vec![],
    }
}
