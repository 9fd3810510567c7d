//! What every command works with: where things are, the user's days, the moment, and where to print.

use std::sync::Arc;

use anstream::{AutoStream, ColorChoice};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use spendmeter_core::calendar::Calendar;
use spendmeter_core::ledger::{Ledger, LedgerError};
use spendmeter_core::places::Places;
use spendmeter_core::pricing::PriceBook;
use spendmeter_core::pricing::catalogue::Catalogue;
use spendmeter_core::secrets::{Keychain, Namespace, Timeouts};
use spendmeter_core::spend::Viewpoint;

use crate::arguments::{Color, Global, Moment};

pub(crate) struct Context {
    pub(crate) places: Places,
    pub(crate) keychain: Keychain,
    pub(crate) calendar: Calendar,
    pub(crate) now: Timestamp,
    pub(crate) json: bool,
    pub(crate) out: AutoStream<std::io::Stdout>,
}

impl Context {
    pub(crate) fn new(global: &Global) -> anyhow::Result<Self> {
        let places = Places::of_user(std::env::vars_os(), global.home.clone(), global.data_dir.clone())?;
        let color = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Ok(Self {
            keychain: Keychain::of_system(&Namespace::of_this_build(), Timeouts::default()),
            places,
            calendar: Calendar::new(global.timezone.clone().unwrap_or_else(system_zone)),
            now: global.now.unwrap_or_else(present),
            json: global.json,
            out: AutoStream::new(std::io::stdout(), color),
        })
    }

    /// The ledger, for reading.
    pub(crate) fn ledger(&self) -> Result<Ledger, LedgerError> {
        Ledger::open_reader(&self.places.ledger())
    }

    /// The ledger, for deciding: the one that there is, since without calls there is nothing to decide about.
    pub(crate) fn ledger_to_change(&self) -> Result<Ledger, LedgerError> {
        drop(self.ledger()?);
        Ledger::open(&self.places.ledger())
    }

    /// The price lists in use: before there is a ledger, those that this version brought along.
    pub(crate) fn catalogue(&self) -> Result<Arc<Catalogue>, LedgerError> {
        Ok(Arc::clone(self.price_book()?.catalogue()))
    }

    /// The prices in use, those that the user gave included.
    pub(crate) fn price_book(&self) -> Result<PriceBook, LedgerError> {
        match self.ledger() {
            Ok(ledger) => ledger.price_book(),
            Err(LedgerError::Missing(_)) => Ok(PriceBook::bundled()),
            Err(failure) => Err(failure),
        }
    }

    /// The models of all calls, as calls name them, with who served them; none before there is a ledger.
    pub(crate) fn used_models(&self) -> Result<Vec<(Option<String>, String)>, LedgerError> {
        match self.ledger() {
            Ok(ledger) => ledger.used_models(),
            Err(LedgerError::Missing(_)) => Ok(Vec::new()),
            Err(failure) => Err(failure),
        }
    }

    /// The moment that was written on the command line.
    pub(crate) fn moment(&self, moment: Moment) -> Timestamp {
        match moment {
            Moment::At(moment) => moment,
            Moment::Day(day) => self.calendar.midnight(day),
        }
    }

    /// The first moment after what was written on the command line: the moment itself, or the end of one of the user's days.
    pub(crate) fn end(&self, moment: Moment) -> Timestamp {
        match moment {
            Moment::At(moment) => moment,
            Moment::Day(day) => self.calendar.day(day).end,
        }
    }

    /// From when until before when what was written on the command line lasts: a moment, or one of the user's days.
    pub(crate) fn lasting(&self, moment: Moment) -> anyhow::Result<(Timestamp, Timestamp)> {
        match moment {
            Moment::At(moment) => Ok((moment, moment.checked_add(1.second())?)),
            Moment::Day(day) => {
                let day = self.calendar.day(day);
                Ok((day.start, day.end))
            }
        }
    }

    pub(crate) fn viewpoint<'v>(&'v self, ledger: &'v Ledger) -> Viewpoint<'v> {
        Viewpoint { ledger, calendar: &self.calendar, places: &self.places, now: self.now }
    }
}

#[expect(clippy::disallowed_methods, reason = "the composition root asks the system for its zone")]
fn system_zone() -> TimeZone {
    TimeZone::system()
}

#[expect(clippy::disallowed_methods, reason = "the composition root owns the clock")]
fn present() -> Timestamp {
    Timestamp::now()
}
