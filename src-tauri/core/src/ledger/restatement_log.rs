//! The log of restatements as a person reads it: on their own clock.

use jiff::Timestamp;

use super::restatements::LoggedRestatement;
use crate::calendar::Calendar;

impl LoggedRestatement {
    /// The same, with its moments on the user's clock.
    #[must_use]
    pub fn on_clock(self, calendar: &Calendar) -> Self {
        let on_clock = |moment: String| moment.parse().map_or(moment, |at: Timestamp| calendar.rfc3339(at));
        Self { at: on_clock(self.at), undone_at: self.undone_at.map(on_clock), ..self }
    }
}
