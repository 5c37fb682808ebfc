//! The key-frame broker of one layer: everybody's requests become few.
//!
//! A key frame costs the publisher many times an ordinary frame and everyone its quality, so requests
//! are joined, and while they keep coming the interval between two grows.

use std::time::{Duration, Instant};

/// Requests this close together are one.
const INTERVAL_MIN: Duration = Duration::from_millis(200);
/// Under constant demand there is one in this long.
const INTERVAL_MAX: Duration = Duration::from_secs(2);
/// After this long without a request the next is free to go at once.
const QUIET: Duration = Duration::from_secs(4);

#[derive(Debug)]
pub(crate) struct KeyFrameBroker {
    wanted: bool,
    asked_at: Option<Instant>,
    interval: Duration,
}

impl Default for KeyFrameBroker {
    fn default() -> Self {
        Self {
            wanted: false,
            asked_at: None,
            interval: INTERVAL_MIN,
        }
    }
}

impl KeyFrameBroker {
    /// Somebody needs a key frame.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// A key frame came; everybody has what they asked for.
    pub(crate) fn arrived(&mut self) {
        self.wanted = false;
    }

    /// Whether to ask the publisher now. A request too early is kept for a later call.
    pub(crate) fn poll(&mut self, now: Instant) -> bool {
        if !self.wanted {
            return false;
        }
        if let Some(asked_at) = self.asked_at {
            let since = now.saturating_duration_since(asked_at);
            if since < self.interval {
                return false;
            }
            self.interval = if since >= QUIET {
                INTERVAL_MIN
            } else {
                (self.interval * 3 / 2).min(INTERVAL_MAX)
            };
        }
        self.wanted = false;
        self.asked_at = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "a test's epoch")]
    fn epoch() -> Instant {
        Instant::now()
    }

    #[test]
    fn many_requests_at_once_are_one() {
        let now = epoch();
        let mut broker = KeyFrameBroker::default();
        for _ in 0..50 {
            broker.want();
        }
        assert!(broker.poll(now));
        broker.want();
        assert!(!broker.poll(now));
        assert!(
            broker.poll(now + INTERVAL_MIN),
            "the later request is not lost"
        );
        assert!(!broker.poll(now + INTERVAL_MAX), "nobody asked again");
    }

    #[test]
    fn constant_demand_is_bounded() {
        let mut now = epoch();
        let end = now + Duration::from_secs(60);
        let mut broker = KeyFrameBroker::default();
        let mut asked = 0;
        while now < end {
            broker.want();
            asked += u32::from(broker.poll(now));
            broker.arrived();
            now += Duration::from_millis(10);
        }
        assert!(asked <= 36, "{asked} key frames in a minute");
    }
}
