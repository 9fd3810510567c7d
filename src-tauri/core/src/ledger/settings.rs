//! What a person set, and what has to be known of it after a restart: so far, looking for newer price lists every day.

use jiff::Timestamp;
use rusqlite::params;

use super::{Ledger, LedgerError, bump_generation};
use crate::pricing::{DailyLook, Look, LookOutcome};

impl Ledger {
    /// Whether newer price lists are looked for every day, and the last look.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read.
    pub fn daily_look(&self) -> Result<DailyLook, LedgerError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT looks_daily, looked_at, look_outcome, look_failures, coalesce(look_trouble, '') FROM setting",
                )?
                .query_row([], |row| {
                    let at = row.get::<_, Option<i64>>(1)?.and_then(|at| Timestamp::from_millisecond(at).ok());
                    let outcome = match row.get::<_, Option<String>>(2)?.as_deref() {
                        Some("nothing_new") => Some(LookOutcome::NothingNew),
                        Some("found") => Some(LookOutcome::Found),
                        Some(_) => Some(LookOutcome::Failed { why: row.get(4)?, in_a_row: row.get(3)? }),
                        None => None,
                    };
                    let last = at.zip(outcome).map(|(at, outcome)| Look { at, outcome });
                    Ok(DailyLook { on: row.get(0)?, last })
                })
        })
    }

    /// Turns looking for newer price lists every day on or off. Turned on, the next look is due at once, whatever came of
    /// the last one.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn look_daily(&mut self, on: bool) -> Result<(), LedgerError> {
        self.write(|connection| {
            let turned = connection.execute("UPDATE setting SET looks_daily = ?1 WHERE looks_daily <> ?1", [on])?;
            if turned > 0 && on {
                connection.execute(
                    "UPDATE setting SET looked_at = NULL, look_outcome = NULL, look_failures = 0, look_trouble = NULL",
                    [],
                )?;
            }
            if turned > 0 { bump_generation(connection) } else { Ok(()) }
        })
    }

    /// Remembers a look as the last one.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be written.
    pub fn note_look(&mut self, look: &Look) -> Result<(), LedgerError> {
        let (outcome, failures, trouble) = match &look.outcome {
            LookOutcome::NothingNew => ("nothing_new", 0, None),
            LookOutcome::Found => ("found", 0, None),
            LookOutcome::Failed { why, in_a_row } => ("failed", *in_a_row, Some(why)),
        };
        self.write(|connection| {
            connection.execute(
                "UPDATE setting SET looked_at = ?1, look_outcome = ?2, look_failures = ?3, look_trouble = ?4",
                params![look.at.as_millisecond(), outcome, failures, trouble],
            )?;
            bump_generation(connection)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> (tempfile::TempDir, Ledger) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.db")).unwrap();
        (folder, ledger)
    }

    fn looks() -> [Look; 3] {
        let failed = LookOutcome::Failed { why: "no network".into(), in_a_row: 3 };
        let at = "2026-11-26T12:00:00.25Z".parse().unwrap();
        [LookOutcome::NothingNew, LookOutcome::Found, failed].map(|outcome| Look { at, outcome })
    }

    #[test]
    fn a_new_ledger_looks_for_nothing() {
        let (_folder, ledger) = ledger();
        assert_eq!(ledger.daily_look().unwrap(), DailyLook { on: false, last: None });
    }

    #[test]
    fn the_last_look_is_remembered_as_it_ended() {
        let (folder, mut ledger) = ledger();
        for look in looks() {
            ledger.note_look(&look).unwrap();
            let read = Ledger::open_reader(&folder.path().join("ledger.db")).unwrap().daily_look().unwrap();
            assert_eq!(read, DailyLook { on: false, last: Some(look) });
        }
    }

    #[test]
    fn turning_it_on_forgets_the_last_look_so_that_the_next_is_at_once() {
        let (_folder, mut ledger) = ledger();
        let [worked, _, failed] = looks();
        ledger.note_look(&worked).unwrap();
        ledger.look_daily(true).unwrap();
        assert_eq!(ledger.daily_look().unwrap(), DailyLook { on: true, last: None });
        ledger.note_look(&failed).unwrap();
        let generation = ledger.generation().unwrap();
        ledger.look_daily(true).unwrap();
        let on = DailyLook { on: true, last: Some(failed.clone()) };
        assert_eq!(ledger.daily_look().unwrap(), on, "it was on already");
        assert_eq!(ledger.generation().unwrap(), generation, "so nothing changed");
        ledger.look_daily(false).unwrap();
        assert_eq!(
            ledger.daily_look().unwrap(),
            DailyLook { on: false, last: Some(failed) },
            "which is of interest still"
        );
        assert!(ledger.generation().unwrap() > generation, "readers are told");
    }
}
