//! The command line as it is written.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use spendmeter_core::calendar::parse_week;
use spendmeter_core::money::{Rate, Usd};
use spendmeter_core::sources::providers::{self, Provider};
use spendmeter_core::spend::dimension::Dimension;
use spendmeter_core::spend::report::Cut;

/// What your coding agents spend, from the terminal. The same ledger as the tray app; safe to use beside it.
#[derive(Debug, Parser)]
#[command(name = "spend", version, propagate_version = true, after_help = EXIT_STATUS)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_STATUS: &str =
    "Exit status: 0 done · 1 failed · 2 wrong usage · 3 done, but partly (what failed is said on stderr)";

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Folder of the ledger [default: the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Folder under which agents' logs are looked for [default: your home folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Time zone of days and hours [default: the system's]
    #[arg(long, global = true, value_name = "IANA", value_parser = zone)]
    pub(crate) timezone: Option<TimeZone>,
    /// Take this for the present moment, for tests and replays
    #[arg(long, global = true, value_name = "RFC3339")]
    pub(crate) now: Option<Timestamp>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Colour the output
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Today, the month, the forecast and today's top projects
    Today,
    /// Read every local agent once
    Scan,
    /// Spend by any combination of dimensions
    Report(Box<Report>),
    /// What models cost, where that is from, and what you say about it
    #[command(subcommand)]
    Prices(Prices),
    /// Sources that are paid by the month instead of by the token
    #[command(subcommand)]
    Plan(Plan),
    /// Keys of providers, to read what they bill: kept by the system's keychain, sent to their provider and nowhere else
    #[command(subcommand)]
    Key(Key),
    /// Ask the connected providers once
    Sync {
        /// Only this connection [default: all]
        connection: Option<String>,
    },
    /// Which account pays the calls of which source: they explain its bill then, and are not added to it
    #[command(subcommand)]
    Payer(Payer),
    /// Bills held against estimates, by account, day and model
    Reconcile {
        /// The last days or weeks, today included, such as 7d or 4w
        #[arg(long, value_name = "N", default_value = "30d", value_parser = last_days)]
        last: u16,
    },
    /// What is found, readable, unpriced; paths and versions; never a secret
    Doctor,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Enter a key: it is asked for, or read from standard input, tested, and kept by the system's keychain
    Add {
        /// The provider: anthropic, litellm, openai or openrouter
        #[arg(value_parser = provider)]
        provider: &'static Provider,
        /// What to call it, if there are several of a provider, such as openai-work [default: as the provider]
        #[arg(long)]
        name: Option<String>,
        /// Where the provider is asked, if not where it is for everybody; the key is sent there
        #[arg(long, value_name = "URL")]
        base_url: Option<String>,
    },
    /// The keys that are connected, and how they are doing
    List,
    /// Ask the provider whether it still takes a key
    Test {
        /// Its name
        name: String,
    },
    /// Remove a key from the keychain; what its account was charged stays known
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Payer {
    /// What was said
    List,
    /// Say that the account of a connection pays a source's calls
    Set {
        /// The source, such as claude-code
        source: String,
        /// The connection, such as anthropic
        connection: String,
    },
    /// Say that nobody knows which account of a connection's provider pays
    Forget {
        /// The source, such as claude-code
        source: String,
        /// The connection, such as anthropic
        connection: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Prices {
    /// The price of a model at a moment: which, from which list, since when, why
    Show {
        /// The model as your agent names it
        #[arg(value_parser = model)]
        model: String,
        /// Who serves it, such as openrouter [default: whoever served your calls of it, or else its maker]
        #[arg(long)]
        provider: Option<String>,
        /// The moment, such as 2026-10-06 or 2026-10-06T12:00:00Z [default: now]
        #[arg(long, value_name = "DATE", value_parser = moment)]
        at: Option<Moment>,
        /// Also what it cost before, and what is announced
        #[arg(long)]
        all: bool,
    },
    /// Prices about which the lists disagree, and changes that are announced
    Diff,
    /// Say what a model costs, in dollars per million tokens
    Set {
        #[command(flatten)]
        of: ModelName,
        /// Prompt tokens without a cache
        #[arg(long, value_name = "USD", value_parser = rate)]
        input: Rate,
        /// Generated tokens
        #[arg(long, value_name = "USD", value_parser = rate)]
        output: Rate,
        /// Prompt tokens read from a cache [default: as input]
        #[arg(long, value_name = "USD", value_parser = rate)]
        cache_read: Option<Rate>,
        /// Prompt tokens written to the short-lived cache [default: as input]
        #[arg(long, value_name = "USD", value_parser = rate)]
        cache_write: Option<Rate>,
        /// Prompt tokens written to the long-lived cache [default: as the short-lived]
        #[arg(long, value_name = "USD", value_parser = rate)]
        cache_write_long: Option<Rate>,
        #[command(flatten)]
        consent: Consent,
    },
    /// Say that a model costs as much as another
    Like {
        #[command(flatten)]
        of: ModelName,
        /// The other model, which the lists have
        #[arg(value_parser = model)]
        other: String,
        /// Who serves the other model [default: whoever served your calls of it, or else its maker]
        #[arg(long, value_name = "PROVIDER")]
        of_provider: Option<String>,
        #[command(flatten)]
        consent: Consent,
    },
    /// Say that a model costs nothing
    Free {
        #[command(flatten)]
        of: ModelName,
        #[command(flatten)]
        consent: Consent,
    },
    /// Leave what a model costs to the lists again
    Forget {
        #[command(flatten)]
        of: ModelName,
        #[command(flatten)]
        consent: Consent,
    },
    /// Price all past calls by the lists in use: what a newer version knows better
    Restate {
        #[command(flatten)]
        consent: Consent,
    },
    /// Fetch the price lists anew, see what they change, and take them in if you agree
    Refresh {
        /// A mirror's https address or a folder that has both lists, as `genai-prices/v2/data.json` and
        /// `model-prices/v1/latest.json` [default: the mirror that `SPENDMETER_PRICES_FROM` names, or where they are
        /// published]
        #[arg(long, value_name = "URL|DIR")]
        from: Option<String>,
        /// Take in prices, too, that move to nothing or by more than five times
        #[arg(long)]
        accept_jumps: bool,
        /// Whether the running app looks for newer lists every day; fetches nothing now
        #[arg(long, value_enum, value_name = "on|off", conflicts_with_all = ["from", "accept_jumps", "yes"])]
        daily: Option<Switch>,
        #[command(flatten)]
        consent: Consent,
    },
    /// Undo the last restatement
    Undo {
        #[command(flatten)]
        consent: Consent,
    },
    /// Every restatement: when, why, by how much
    Log,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Plan {
    /// Sources that run under a plan, and the plans that are known
    List,
    /// Say that a source is paid by the month: its spend is then shown apart from money. Other plans of the source stay for
    /// the days that this one does not cover
    Set {
        /// The source, such as claude-code
        source: String,
        /// A plan of the list, such as `anthropic/max_20x`, or any name together with --usd-per-month
        plan: String,
        /// What it costs a month, where the list does not know
        #[arg(long, value_name = "USD")]
        usd_per_month: Option<Usd>,
        /// Since when, such as 2026-11-01 [default: all the time]
        #[arg(long, value_name = "DATE", value_parser = moment)]
        since: Option<Moment>,
        /// Its last day, included, such as 2026-11-30, or the moment at which it ends [default: for good]
        #[arg(long, value_name = "DATE", value_parser = moment)]
        until: Option<Moment>,
        #[command(flatten)]
        consent: Consent,
    },
    /// Say on which day the plan of a source ended: calls after it are paid by the token
    End {
        /// The source, such as claude-code
        source: String,
        /// Its last day, included, such as 2026-11-30, or the moment at which it ended
        #[arg(value_name = "DATE", value_parser = moment)]
        last_day: Moment,
        #[command(flatten)]
        consent: Consent,
    },
    /// Say that a source was paid by the token all along; `end` is for a plan that ended
    Forget {
        /// The source, such as claude-code
        source: String,
        #[command(flatten)]
        consent: Consent,
    },
}

/// A model as calls name it.
#[derive(Debug, Args)]
pub(crate) struct ModelName {
    /// The model as your agent names it
    #[arg(value_parser = model)]
    pub(crate) model: String,
    /// Only where this provider serves it
    #[arg(long)]
    pub(crate) provider: Option<String>,
}

/// Whether to go ahead.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Consent {
    /// Go ahead without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

/// A moment, or the day that begins at midnight where the user is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    At(Timestamp),
    Day(Date),
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// What to cut by, separated by commas: day, week, month, hour, agent, provider, model, project, branch, workflow,
    /// session, user, key, tier
    #[arg(long, value_name = "DIM", value_delimiter = ',', required = true, value_parser = cut)]
    pub(crate) by: Vec<Cut>,
    /// First day, such as 2026-11-01 [default: the first with usage]
    #[arg(long, value_name = "DATE", conflicts_with_all = ["last", "week"])]
    pub(crate) from: Option<Date>,
    /// Last day, included [default: today]
    #[arg(long, value_name = "DATE", conflicts_with_all = ["last", "week"])]
    pub(crate) to: Option<Date>,
    /// The last days or weeks, today included, such as 7d or 4w
    #[arg(long, value_name = "N", conflicts_with = "week", value_parser = last_days)]
    pub(crate) last: Option<u16>,
    /// An ISO week, such as 2026-W47
    #[arg(long, value_name = "WEEK", value_parser = week)]
    pub(crate) week: Option<Date>,
    /// Print CSV
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    #[command(flatten)]
    pub(crate) only: Only,
}

/// One filter per dimension.
#[derive(Debug, Args)]
#[command(next_help_heading = "Only what has this value")]
pub(crate) struct Only {
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    #[arg(long, value_name = "PROVIDER")]
    provider: Option<String>,
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// A project's name or folder
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Option<String>,
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    #[arg(long, value_name = "WORKFLOW")]
    workflow: Option<String>,
    #[arg(long, value_name = "SESSION")]
    session: Option<String>,
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    #[arg(long, value_name = "TIER")]
    tier: Option<String>,
}

impl Only {
    /// The filters that are set, as they are written; a project may be a name.
    pub(crate) fn filters(&self) -> Vec<(Dimension, String)> {
        let Self { agent, provider, model, project, branch, workflow, session, user, key, tier } = self;
        [
            (Dimension::Agent, agent),
            (Dimension::Provider, provider),
            (Dimension::Model, model),
            (Dimension::Project, project),
            (Dimension::Branch, branch),
            (Dimension::Workflow, workflow),
            (Dimension::Session, session),
            (Dimension::User, user),
            (Dimension::Key, key),
            (Dimension::Tier, tier),
        ]
        .into_iter()
        .filter_map(|(dimension, value)| Some((dimension, value.clone()?)))
        .collect()
    }
}

fn provider(name: &str) -> Result<&'static Provider, String> {
    providers::named(name.trim()).ok_or_else(|| {
        let names: Vec<&str> = providers::ALL.iter().map(|provider| provider.id).collect();
        format!("it is none of {}", names.join(", "))
    })
}

fn cut(name: &str) -> Result<Cut, String> {
    Cut::named(name.trim()).ok_or_else(|| {
        let names: Vec<&str> = Cut::all().map(Cut::as_str).collect();
        format!("it is none of {}", names.join(", "))
    })
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| "it is no time zone that is known here; write one like Europe/Berlin".to_owned())
}

fn model(name: &str) -> Result<String, String> {
    let name = name.trim();
    if name.is_empty() { Err("write the name of a model".to_owned()) } else { Ok(name.to_owned()) }
}

fn rate(text: &str) -> Result<Rate, String> {
    Rate::per_million(text)
        .map_err(|_| "write dollars per million tokens, such as 3 or 0.25, at most 1000000".to_owned())
}

fn moment(text: &str) -> Result<Moment, String> {
    let at = text.parse().map(Moment::At).ok().or_else(|| text.parse().map(Moment::Day).ok());
    at.ok_or_else(|| "write a day or a moment, such as 2026-10-06 or 2026-10-06T12:00:00Z".to_owned())
}

fn last_days(text: &str) -> Result<u16, String> {
    let days = match text.split_at_checked(text.len().saturating_sub(1)) {
        Some((number, "d")) => number.parse().ok(),
        Some((number, "w")) => number.parse::<u16>().ok().and_then(|weeks| weeks.checked_mul(7)),
        _ => None,
    };
    days.filter(|days| *days > 0).ok_or_else(|| "write a number of days or weeks, such as 7d or 4w".to_owned())
}

fn week(text: &str) -> Result<Date, String> {
    parse_week(text).ok_or_else(|| "write an ISO week, such as 2026-W47".to_owned())
}
