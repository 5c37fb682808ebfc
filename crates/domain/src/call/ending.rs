//! When a call is over, why, and since when.

use protocol::{
    Timestamp, UserId,
    call::{EndReason, RingStopReason},
    conversation::ConversationKind,
    limits::EMPTY_CALL_GRACE,
    server::DetachReason,
};

use super::{Call, Ended, is_missed};

impl Call {
    /// Ends the call when its rules say that it is over.
    pub(super) fn settle(&mut self, now: Timestamp) {
        if self.record.ended.is_some() {
            return;
        }
        let over = match self.record.kind {
            ConversationKind::Direct => self.direct_over(),
            ConversationKind::Channel | ConversationKind::Group => self.room_over(now),
        };
        if let Some(reason) = over.or_else(|| self.alone_for_too_long(now)) {
            self.end(reason, now);
        } else if self.live().next().is_none() {
            // Nobody is there to be answered.
            self.stop_rings(RingStopReason::Cancelled, now);
        }
    }

    /// Two people: over as soon as one of them has gone, or the ring has gone unanswered.
    fn direct_over(&self) -> Option<EndReason> {
        let gone = self.departures();
        if self.record.answered_at.is_some() {
            if gone.is_empty() {
                return None;
            }
            return Some(match gone.iter().all(|left| left.lost) {
                true => EndReason::ConnectionLost,
                false => EndReason::Left,
            });
        }
        if let Some(left) = gone.first() {
            return Some(match left.lost {
                true => EndReason::ConnectionLost,
                false => EndReason::Cancelled,
            });
        }
        self.rings_over()
    }

    /// A room: over a while after the last has gone.
    fn room_over(&self, now: Timestamp) -> Option<EndReason> {
        let empty_since = self.empty_since()?;
        if now < empty_since + EMPTY_CALL_GRACE {
            return None;
        }
        let lost = self.departures().iter().all(|left| left.lost);
        Some(match (lost, self.record.answered_at) {
            (true, _) => EndReason::ConnectionLost,
            (false, None) => EndReason::Cancelled,
            (false, Some(_)) => EndReason::Left,
        })
    }

    pub(super) fn end(&mut self, reason: EndReason, now: Timestamp) {
        // What was over before anybody noticed ended then.
        let at = self
            .empty_since()
            .unwrap_or(now)
            .max(self.record.started_at);
        self.stop_rings(
            match reason {
                EndReason::Cancelled => RingStopReason::Cancelled,
                EndReason::Left
                | EndReason::EndedForAll
                | EndReason::Declined
                | EndReason::NoAnswer
                | EndReason::Busy
                | EndReason::ConnectionLost
                | EndReason::Alone
                | EndReason::Moved => RingStopReason::Ended,
            },
            now,
        );
        self.detach(|_| true, DetachReason::Ended, at);
        self.close_room();
        self.record.ended = Some(Ended { at, reason });
        self.ends = true;
    }

    /// Those in whose log it waits as missed.
    pub(super) fn missed(&self) -> Vec<UserId> {
        let outcomes = self.outcomes().into_iter();
        let missed = outcomes.filter(|person| is_missed(person.outcome));
        missed.map(|person| person.user_id).collect()
    }

    /// When an empty room is over.
    pub(super) fn empty_due(&self) -> Option<Timestamp> {
        match self.record.kind {
            ConversationKind::Direct => None,
            ConversationKind::Channel | ConversationKind::Group => {
                self.empty_since().map(|since| since + EMPTY_CALL_GRACE)
            }
        }
    }
}
