//! Figures to try the tray's words and icon on.

use spendmeter_core::money::Usd;
use spendmeter_core::spend::view::{BurnRate, Change, Forecast, Freshness, Meter, Ranked, Spend};
use spendmeter_core::usage::Basis;

pub(crate) fn usd(text: &str) -> Usd {
    Usd::parse(text).unwrap()
}

pub(crate) fn estimated(text: &str) -> Spend {
    Spend { estimated: Some(usd(text)), requests: 1, ..Spend::default() }
}

pub(crate) fn project(key: &str, label: &str, spend: Spend) -> Ranked {
    Ranked { key: key.into(), label: label.into(), spend, share_permille: None, change: Change::Unknown, trend: vec![] }
}

/// Spend of estimates just now.
pub(crate) fn burn(per_hour: Option<&str>) -> BurnRate {
    let requests = u64::from(per_hour.is_some());
    let per_hour = per_hour.map(usd);
    BurnRate { per_hour, basis: Basis::Estimated, requests, unpriced_tokens: 0, quarters: vec![] }
}

/// An ordinary afternoon.
pub(crate) fn meter() -> Meter {
    Meter {
        as_of: Some("2026-11-24T14:05:00+01:00".into()),
        freshness: Freshness::Current,
        connected: true,
        lead: Basis::Estimated,
        fixed: None,
        today: estimated("12.4"),
        month: estimated("214.1"),
        month_name: "2026-11".into(),
        forecast: Some(Forecast { low: usd("269.4"), likely: usd("287"), high: usd("305.2"), days_left: 6 }),
        burn: burn(Some("3.2")),
        top_projects: vec![
            project("/home/u/web-api", "web-api", estimated("8.1")),
            project("/home/u/batch", "batch", estimated("4.3")),
        ],
        unpriced: vec![],
    }
}
