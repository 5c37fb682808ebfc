//! What the allocator believes of a connection: the newest estimate to keep layers by, the lowest of
//! the last seconds to add layers by.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// An upgrade must have fitted for this long.
const PROOF: Duration = Duration::from_secs(5);
/// The lowest estimate of each such step is kept; their number bounds the memory.
const STEP: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) struct Estimate {
    newest: u64,
    /// When each step began and its lowest estimate, oldest first.
    lows: VecDeque<(Instant, u64)>,
}

impl Estimate {
    pub(crate) fn new(bits_per_second: u64) -> Self {
        Self {
            newest: bits_per_second,
            lows: VecDeque::new(),
        }
    }

    pub(crate) fn update(&mut self, bits_per_second: u64, now: Instant) {
        self.newest = bits_per_second;
        match self.lows.back_mut() {
            Some((began, low)) if now.saturating_duration_since(*began) < STEP => {
                *low = bits_per_second.min(*low);
            }
            Some(_) | None => self.lows.push_back((now, bits_per_second)),
        }
        // The last step that began before the proof still covers its beginning.
        while self
            .lows
            .get(1)
            .is_some_and(|(began, _)| now.saturating_duration_since(*began) >= PROOF)
        {
            self.lows.pop_front();
        }
    }

    pub(crate) fn newest(&self) -> u64 {
        self.newest
    }

    /// The lowest estimate of the last [`PROOF`].
    pub(crate) fn proven(&self) -> u64 {
        self.lows
            .iter()
            .map(|(_, low)| *low)
            .min()
            .unwrap_or(self.newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's epoch")]
    fn a_dip_counts_for_the_length_of_the_proof() {
        let start = Instant::now();
        let mut estimate = Estimate::new(900);
        for step in 0..20u64 {
            let value = if step == 2 { 300 } else { 1_000 };
            estimate.update(value, start + STEP * u32::try_from(step).unwrap());
            let proven = if (2..13).contains(&step) { 300 } else { 1_000 };
            assert_eq!(estimate.proven(), proven, "at step {step}");
            assert_eq!(estimate.newest(), value);
        }
        assert!(estimate.lows.len() <= 12);
    }
}
