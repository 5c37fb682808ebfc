//! One person in a call with nobody: forgotten calls end by themselves.

use std::collections::BTreeSet;

use protocol::{
    PeerId, Timestamp, UserId,
    call::{Alone, EndReason},
    limits::{ALONE_END, ALONE_HINT, ALONE_PROMPT},
};

use super::{Call, CallError, Changed, PersonRing};

impl Call {
    /// When whoever is alone is reminded of it.
    pub(super) fn alone(&self) -> Option<Alone> {
        self.record.alone_since.map(|since| Alone {
            hint_at: since + ALONE_HINT,
            prompt_at: since + ALONE_PROMPT,
            ends_at: since + ALONE_END,
        })
    }

    /// Whoever waits for an answer is not alone yet.
    pub(super) fn note_alone(&mut self, now: Timestamp) {
        let record = &self.record;
        let people: BTreeSet<UserId> = self.live().map(|leg| leg.user_id).collect();
        let is_alone = record.ended.is_none()
            && people.len() == 1
            && !record.rings.iter().any(PersonRing::goes_on);
        let since = is_alone.then(|| record.alone_since.unwrap_or(now));
        if since != record.alone_since {
            self.record.alone_since = since;
            self.changed.push(Changed::Whole);
        }
    }

    pub(super) fn alone_for_too_long(&self, now: Timestamp) -> Option<EndReason> {
        let due = self.alone_due()?;
        (due <= now).then_some(EndReason::Alone)
    }

    pub(super) fn alone_due(&self) -> Option<Timestamp> {
        self.record.alone_since.map(|since| since + ALONE_END)
    }

    pub(super) fn stay(&mut self, peer_id: PeerId, now: Timestamp) -> Result<(), CallError> {
        self.live_mut(peer_id)?;
        if self.record.alone_since.is_some_and(|since| since < now) {
            self.record.alone_since = Some(now);
            self.changed.push(Changed::Whole);
        }
        Ok(())
    }
}
