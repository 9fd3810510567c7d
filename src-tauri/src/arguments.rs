//! What can be said on the command line. The same names and defaults as `spend`.

use std::path::PathBuf;

use clap::Parser;
use jiff::tz::TimeZone;

use crate::theme::Theme;

/// The tray app: what your coding agents spend, live.
#[derive(Clone, Debug, Parser)]
#[command(name = "spendmeter", version, about)]
pub struct Arguments {
    /// Where the ledger is kept [default: the platform's data folder]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Where agents' logs are looked for [default: your home]
    #[arg(long, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// The zone in which days begin [default: the system's]
    #[arg(long, value_name = "IANA", value_parser = zone)]
    pub timezone: Option<TimeZone>,
    /// Light or dark
    #[arg(long, value_enum, default_value_t, value_name = "THEME")]
    pub theme: Theme,
    /// Start in the tray, without opening the dashboard
    #[arg(long)]
    pub hidden: bool,
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("`{name}` is not a time zone; write one like Europe/Berlin or UTC"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_wrong_zone_is_refused_with_an_example() {
        let error = Arguments::try_parse_from(["spendmeter", "--timezone", "Mars/Base"]).unwrap_err().to_string();
        assert!(error.contains("Mars/Base") && error.contains("Europe/Berlin"), "{error}");
        let arguments = Arguments::try_parse_from(["spendmeter", "--timezone", "Asia/Kolkata"]).unwrap();
        assert_eq!(arguments.timezone, Some(TimeZone::get("Asia/Kolkata").unwrap()));
    }
}
