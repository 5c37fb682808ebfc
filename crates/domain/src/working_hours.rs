//! When a person works, by the clock on their wall.

#[cfg(test)]
mod tests;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use protocol::{Timestamp, account::WorkingHours};

const DAY_MINUTES: u16 = 24 * 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WorkingHoursError {
    #[error("choose at least one day")]
    NoDay,
    #[error("a day has {DAY_MINUTES} minutes")]
    NoSuchMinute,
    #[error("there is no such time zone")]
    UnknownTimeZone,
}

/// Working hours that can be, and the clock they go by.
#[derive(Debug, Clone)]
pub struct Schedule {
    hours: WorkingHours,
    zone: TimeZone,
}

impl Schedule {
    pub fn parse(hours: WorkingHours) -> Result<Self, WorkingHoursError> {
        if !hours.days.contains(&true) {
            return Err(WorkingHoursError::NoDay);
        }
        if hours.from >= DAY_MINUTES || hours.to >= DAY_MINUTES {
            return Err(WorkingHoursError::NoSuchMinute);
        }
        // The one compiled in: the same answer on every machine, whatever is installed there.
        let zone = TimeZoneDatabase::bundled().get(&hours.time_zone);
        let zone = zone.map_err(|_| WorkingHoursError::UnknownTimeZone)?;
        Ok(Self { hours, zone })
    }

    pub fn into_hours(self) -> WorkingHours {
        self.hours
    }

    /// Whether the person works then. A time beyond all calendars is no reason to be quiet.
    pub fn covers(&self, at: Timestamp) -> bool {
        let Ok(at) = jiff::Timestamp::from_millisecond(at.as_millis()) else {
            return true;
        };
        let wall = self.zone.to_datetime(at);
        let minute = i32::from(wall.hour()) * 60 + i32::from(wall.minute());
        let weekday = wall.weekday().to_monday_zero_offset();
        self.covers_wall(weekday.unsigned_abs().into(), minute)
    }

    /// Hours that end on the next day are those of the day they began.
    fn covers_wall(&self, weekday: usize, minute: i32) -> bool {
        let WorkingHours { days, from, to, .. } = &self.hours;
        let (from, to) = (i32::from(*from), i32::from(*to));
        let yesterday = (weekday + 6) % 7;
        let overnight = to <= from;
        let begun = days[weekday] && minute >= from && (overnight || minute < to);
        begun || (overnight && days[yesterday] && minute < to)
    }
}

/// Whether it is outside of somebody's working hours. Whoever has none works at any time; so does
/// whoever's time zone has been given up since they chose it.
pub fn is_off_hours(hours: Option<WorkingHours>, at: Timestamp) -> bool {
    let schedule = hours.and_then(|hours| Schedule::parse(hours).ok());
    schedule.is_some_and(|schedule| !schedule.covers(at))
}
