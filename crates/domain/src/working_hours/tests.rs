use jiff::civil::date;

use super::*;

const WEEKDAYS: [bool; 7] = [true, true, true, true, true, false, false];

fn hours(days: [bool; 7], from: u16, to: u16, time_zone: &str) -> WorkingHours {
    WorkingHours {
        days,
        from,
        to,
        time_zone: time_zone.to_owned(),
    }
}

fn schedule(days: [bool; 7], from: u16, to: u16, time_zone: &str) -> Schedule {
    Schedule::parse(hours(days, from, to, time_zone)).unwrap()
}

/// What UTC's clock shows then, as a time. November 30, 2026 is a Monday.
fn utc(month: i8, day: i8, hour: i8, minute: i8) -> Timestamp {
    let wall = date(2026, month, day).at(hour, minute, 0, 0);
    let at = TimeZone::UTC.to_timestamp(wall).unwrap();
    Timestamp::from_millis(at.as_millisecond())
}

#[test]
fn hours_begin_with_their_first_minute_and_end_before_their_last() {
    let office = schedule(WEEKDAYS, 9 * 60, 17 * 60 + 30, "UTC");
    assert!(!office.covers(utc(11, 30, 8, 59)));
    assert!(office.covers(utc(11, 30, 9, 0)));
    assert!(office.covers(utc(11, 30, 17, 29)));
    assert!(!office.covers(utc(11, 30, 17, 30)));
}

#[test]
fn a_day_not_chosen_is_free() {
    let office = schedule(WEEKDAYS, 9 * 60, 17 * 60, "UTC");
    let noon_of = |day| office.covers(utc(11, day, 12, 0));
    // From Monday on.
    let week = [23, 24, 25, 26, 27, 28, 29].map(noon_of);
    assert_eq!(week, WEEKDAYS);
}

#[test]
fn hours_are_those_of_the_person_s_own_clock() {
    let office = schedule(WEEKDAYS, 9 * 60, 17 * 60, "America/New_York");
    assert!(!office.covers(utc(11, 30, 13, 59)));
    assert!(office.covers(utc(11, 30, 14, 0)));
    // Where it is Tuesday already, her Monday has not ended.
    assert!(schedule(WEEKDAYS, 9 * 60, 23 * 60, "America/New_York").covers(utc(12, 1, 3, 59)));
    // And where it is Sunday still, somebody else's has begun.
    assert!(schedule(WEEKDAYS, 60, 9 * 60, "Asia/Tokyo").covers(utc(11, 29, 16, 0)));
}

#[test]
fn summer_time_does_not_move_them() {
    let office = schedule([true; 7], 9 * 60, 17 * 60, "Europe/Berlin");
    // Clocks went forward on March 29 and back on October 25.
    assert!(!office.covers(utc(3, 28, 7, 59)) && office.covers(utc(3, 28, 8, 0)));
    assert!(!office.covers(utc(3, 29, 6, 59)) && office.covers(utc(3, 29, 7, 0)));
    assert!(!office.covers(utc(10, 24, 6, 59)) && office.covers(utc(10, 24, 7, 0)));
    assert!(!office.covers(utc(10, 25, 7, 59)) && office.covers(utc(10, 25, 8, 0)));
}

#[test]
fn hours_over_midnight_belong_to_the_day_they_begin() {
    let monday = [true, false, false, false, false, false, false];
    let night = schedule(monday, 22 * 60, 6 * 60, "UTC");
    assert!(
        !night.covers(utc(11, 30, 5, 0)),
        "Sunday night is not theirs"
    );
    assert!(!night.covers(utc(11, 30, 21, 59)));
    assert!(night.covers(utc(11, 30, 22, 0)));
    assert!(night.covers(utc(12, 1, 5, 59)));
    assert!(!night.covers(utc(12, 1, 6, 0)));
    assert!(!night.covers(utc(12, 1, 22, 0)));
    // To midnight, and once round the clock.
    let late = schedule(monday, 22 * 60, 0, "UTC");
    assert!(late.covers(utc(11, 30, 23, 59)) && !late.covers(utc(12, 1, 0, 0)));
    let round = schedule(monday, 22 * 60, 22 * 60, "UTC");
    assert!(round.covers(utc(12, 1, 21, 59)) && !round.covers(utc(12, 1, 22, 0)));
}

#[test]
fn what_cannot_be_is_refused() {
    let refused = |hours| Schedule::parse(hours).unwrap_err();
    assert_eq!(
        refused(hours([false; 7], 0, 60, "UTC")),
        WorkingHoursError::NoDay
    );
    for (from, to) in [(1440, 0), (0, 1440)] {
        assert_eq!(
            refused(hours(WEEKDAYS, from, to, "UTC")),
            WorkingHoursError::NoSuchMinute
        );
    }
    for zone in ["", "Europe/Atlantis", "../../etc/passwd"] {
        assert_eq!(
            refused(hours(WEEKDAYS, 0, 60, zone)),
            WorkingHoursError::UnknownTimeZone
        );
    }
    let kept = hours(WEEKDAYS, 1439, 1439, "Europe/Kyiv");
    assert_eq!(Schedule::parse(kept.clone()).unwrap().into_hours(), kept);
}

#[test]
fn whoever_has_no_hours_works_at_any_time() {
    let now = utc(11, 29, 3, 0);
    assert!(!is_off_hours(None, now));
    assert!(is_off_hours(Some(hours(WEEKDAYS, 0, 60, "UTC")), now));
    let gone = hours(WEEKDAYS, 0, 60, "Europe/Atlantis");
    assert!(!is_off_hours(Some(gone), now));
}
