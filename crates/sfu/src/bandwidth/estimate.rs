//! What the allocator believes of a connection: the newest estimate to keep layers by, the lowest of
//! the last seconds to add layers by, and a patient one by which a picture is taken away altogether.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::allocate::Budget;

/// An upgrade must have fitted for this long.
const PROOF: Duration = Duration::from_secs(5);
/// The same for the lowest layer: a wrong guess there costs little, and until then there is no picture.
const BASE_PROOF: Duration = Duration::from_secs(1);
/// An estimate must have been low for this long before a picture is taken away. While little is sent,
/// one late group of packets makes the engine take what was sent for all the link can do, and only
/// its next probe, about two seconds later, finds otherwise. Voices wait behind pictures for at most
/// this long when the link is really that narrow.
const DOUBT: Duration = Duration::from_millis(2_500);
/// Nothing is held against an estimate lower than this part of what is needed: such a link is narrow.
const DOUBT_FACTOR: u64 = 2;
/// The lowest estimate of each such step is kept; their number bounds the memory.
const STEP: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(crate) struct Estimate {
    newest: u64,
    /// The last [`PROOF`] and a little more, oldest first.
    steps: VecDeque<Step>,
}

#[derive(Debug)]
struct Step {
    began: Instant,
    low: u64,
    /// The last estimate of it, which held until the next step began.
    last: u64,
}

impl Estimate {
    pub(crate) fn new(bits_per_second: u64) -> Self {
        Self {
            newest: bits_per_second,
            steps: VecDeque::new(),
        }
    }

    pub(crate) fn update(&mut self, bits_per_second: u64, now: Instant) {
        self.newest = bits_per_second;
        match self.steps.back_mut() {
            Some(step) if now.saturating_duration_since(step.began) < STEP => {
                step.low = bits_per_second.min(step.low);
                step.last = bits_per_second;
            }
            Some(_) | None => self.steps.push_back(Step {
                began: now,
                low: bits_per_second,
                last: bits_per_second,
            }),
        }
        // The last step that began before the proof still covers its beginning.
        while self
            .steps
            .get(1)
            .is_some_and(|step| now.saturating_duration_since(step.began) >= PROOF)
        {
            self.steps.pop_front();
        }
    }

    /// The best that was believed lately.
    pub(crate) fn lately(&self, now: Instant) -> u64 {
        let highest = self.within(DOUBT, now).map(|step| step.last).max();
        highest.unwrap_or(self.newest).max(self.newest)
    }

    /// What may be spent now.
    pub(crate) fn budget(&self, now: Instant) -> Budget {
        let doubted = self.lately(now);
        Budget {
            newest: self.newest,
            proven: self.lowest(PROOF, now),
            proven_base: self.lowest(BASE_PROOF, now),
            held_base: doubted.min(self.newest.saturating_mul(DOUBT_FACTOR)),
        }
    }

    fn lowest(&self, length: Duration, now: Instant) -> u64 {
        let lows = self.within(length, now).map(|step| step.low);
        lows.min().unwrap_or(self.newest)
    }

    /// The steps that say what the estimate was during the last `length`.
    fn within(&self, length: Duration, now: Instant) -> impl Iterator<Item = &Step> {
        let ends = self.steps.iter().skip(1).map(|step| Some(step.began));
        let ends = ends.chain([None]);
        self.steps.iter().zip(ends).filter_map(move |(step, end)| {
            let is_over = end.is_some_and(|end| now.saturating_duration_since(end) >= length);
            (!is_over).then_some(step)
        })
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
            let now = start + STEP * u32::try_from(step).unwrap();
            estimate.update(if step == 2 { 300 } else { 1_000 }, now);
            let budget = estimate.budget(now);
            let low_from_2_to = |end| if (2..end).contains(&step) { 300 } else { 1_000 };
            assert_eq!(budget.proven, low_from_2_to(13), "at step {step}");
            assert_eq!(budget.proven_base, low_from_2_to(5), "at step {step}");
            assert_eq!(budget.newest, low_from_2_to(3), "at step {step}");
        }
        assert!(estimate.steps.len() <= 12);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's epoch")]
    fn a_low_estimate_is_believed_by_and_by_and_a_very_low_one_by_half() {
        let start = Instant::now();
        let mut estimate = Estimate::new(900);
        estimate.update(900, start);
        let fell = start + Duration::from_secs(10);
        estimate.update(500, fell);
        let held = |estimate: &Estimate, later| estimate.budget(fell + later).held_base;
        assert_eq!(estimate.lately(fell), 900);
        assert_eq!(estimate.lately(fell + DOUBT), 500);
        assert_eq!(held(&estimate, Duration::ZERO), 900);
        assert_eq!(held(&estimate, DOUBT - Duration::from_millis(1)), 900);
        assert_eq!(held(&estimate, DOUBT), 500);
        estimate.update(100, fell + DOUBT);
        assert_eq!(held(&estimate, DOUBT), 200);
    }
}
