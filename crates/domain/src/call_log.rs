//! How long a workspace keeps the call log.

use std::time::Duration;

use protocol::{Timestamp, account::CallLogRetention, limits::CALL_LOG_DAYS_MAX};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a call log is kept for ever or for 1 to {max} days")]
pub struct RetentionError {
    max: u16,
}

/// What can be chosen.
pub fn retention(chosen: CallLogRetention) -> Result<CallLogRetention, RetentionError> {
    match chosen {
        CallLogRetention::Forever => Ok(chosen),
        CallLogRetention::Days { days } if (1..=CALL_LOG_DAYS_MAX).contains(&days) => Ok(chosen),
        CallLogRetention::Days { .. } => Err(RetentionError {
            max: CALL_LOG_DAYS_MAX,
        }),
    }
}

/// Calls that ended before then are to be forgotten. None: no call is.
pub fn forgotten_before(retention: CallLogRetention, now: Timestamp) -> Option<Timestamp> {
    match retention {
        CallLogRetention::Forever => None,
        CallLogRetention::Days { days } => Some(now - DAY * u32::from(days)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 24 * 60 * 60 * 1000;

    fn days(days: u16) -> CallLogRetention {
        CallLogRetention::Days { days }
    }

    #[test]
    fn a_log_is_kept_for_a_day_at_least_and_ten_years_at_most() {
        for chosen in [CallLogRetention::Forever, days(1), days(3650)] {
            assert_eq!(retention(chosen), Ok(chosen));
        }
        for chosen in [days(0), days(3651), days(u16::MAX)] {
            assert_eq!(retention(chosen), Err(RetentionError { max: 3650 }));
        }
    }

    #[test]
    fn days_are_counted_back_from_now() {
        let now = Timestamp::from_millis(10 * DAY_MS);
        assert_eq!(forgotten_before(CallLogRetention::Forever, now), None);
        let then = Timestamp::from_millis(3 * DAY_MS);
        assert_eq!(forgotten_before(days(7), now), Some(then));
    }
}
