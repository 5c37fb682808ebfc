//! The call as clients see it: its live state, its card, and how it went for each person.

use std::collections::BTreeSet;

use protocol::{
    ConversationId, UserId,
    call::{
        CallLeg, CallOutcome, CallPhase, CallState, CallSummary, EndReason, Participant,
        PersonOutcome, RingState, RingStatus,
    },
};

use super::{Call, Change, Changed, Leg, PersonRing};

/// People a card names.
const PEOPLE_MAX: usize = 100;

/// Whether a call with this outcome waits to be looked at by whom it is for.
pub fn is_missed(outcome: CallOutcome) -> bool {
    match outcome {
        CallOutcome::Missed | CallOutcome::Busy => true,
        CallOutcome::Started
        | CallOutcome::Joined
        | CallOutcome::Declined
        | CallOutcome::NoAnswer
        | CallOutcome::Cancelled
        | CallOutcome::NotJoined => false,
    }
}

impl Call {
    pub fn state(&self) -> CallState {
        let record = &self.record;
        let rings = record.rings.iter().any(PersonRing::goes_on);
        CallState {
            id: record.id,
            conversation_id: record.conversation_id,
            media: record.media,
            phase: match (record.answered_at, rings) {
                (None, true) => CallPhase::Ringing,
                (None, false) | (Some(_), _) => CallPhase::Active,
            },
            version: record.version,
            session: record.session,
            started_by: record.started_by,
            started_at: record.started_at,
            answered_at: record.answered_at,
            participants: self.live().map(participant).collect(),
            rings: record.rings.iter().map(ring_state).collect(),
            lock: record.lock,
            removed: record.removed.clone(),
            alone: self.alone(),
            moved_from: record.moved.map(|moved| moved.conversation_id),
        }
    }

    /// The card. Its number is 0 until it has one.
    pub fn summary(&self, message_count: u32) -> CallSummary {
        let record = &self.record;
        CallSummary {
            id: record.id,
            conversation_id: record.conversation_id,
            seq: record.card_seq.unwrap_or(0),
            media: record.media,
            started_by: record.started_by,
            started_at: record.started_at,
            answered_at: record.answered_at,
            ended_at: record.ended.map(|ended| ended.at),
            end_reason: record.ended.map(|ended| ended.reason),
            people: self.people().into_iter().take(PEOPLE_MAX).collect(),
            rung: record
                .rings
                .iter()
                .filter_map(|ring| self.rung_outcome(ring))
                .collect(),
            message_count,
            slip: self.was_a_slip(),
            moved_to: None,
        }
    }

    /// The card in this conversation: where it was until people were added, it is over.
    pub fn summary_in(&self, conversation: ConversationId, message_count: u32) -> CallSummary {
        let here = self.summary(message_count);
        let moved = self.record.moved;
        let Some(moved) = moved.filter(|moved| moved.conversation_id == conversation) else {
            return here;
        };
        let mut seen = BTreeSet::new();
        let before = self
            .record
            .legs
            .iter()
            .filter(|leg| leg.joined_at <= moved.at);
        let people = before
            .map(|leg| leg.user_id)
            .filter(|user| seen.insert(*user));
        let people: Vec<_> = people.take(PEOPLE_MAX).collect();
        CallSummary {
            conversation_id: moved.conversation_id,
            seq: moved.card_seq.unwrap_or(0),
            ended_at: Some(moved.at),
            end_reason: Some(EndReason::Moved),
            rung: here
                .rung
                .into_iter()
                .filter(|person| people.contains(&person.user_id))
                .collect(),
            people,
            moved_to: Some(here.conversation_id),
            ..here
        }
    }

    /// Whether it was over before anybody it rang can have noticed.
    fn was_a_slip(&self) -> bool {
        let record = &self.record;
        let cancelled = record
            .ended
            .is_some_and(|ended| ended.reason == EndReason::Cancelled);
        cancelled
            && record.answered_at.is_none()
            && !record.rings.is_empty()
            && record.rings.iter().all(PersonRing::was_a_slip)
    }

    /// Every stay, in order of coming.
    pub fn legs(&self) -> Vec<CallLeg> {
        let leg = |leg: &Leg| CallLeg {
            user_id: leg.user_id,
            device_name: leg.device_name.clone(),
            joined_at: leg.joined_at,
            left_at: leg.left.map(|left| left.at),
            lost: leg.left.is_some_and(|left| left.lost),
        };
        self.record.legs.iter().map(leg).collect()
    }

    /// How it went for its starter, for everybody who came and for everybody who was rung: one
    /// outcome each. What is still open is not among them; other members of the conversation have
    /// [`CallOutcome::NotJoined`].
    pub fn outcomes(&self) -> Vec<PersonOutcome> {
        let started = self.record.started_by;
        let starter = self.starter_outcome().map(|outcome| PersonOutcome {
            user_id: started,
            outcome,
        });
        let people = self.people();
        let came = people
            .iter()
            .filter(|user| **user != started)
            .map(|user_id| PersonOutcome {
                user_id: *user_id,
                outcome: CallOutcome::Joined,
            });
        let rung = self
            .record
            .rings
            .iter()
            .filter_map(|ring| self.rung_outcome(ring));
        let rung = rung.filter(|person| person.outcome != CallOutcome::Joined);
        starter.into_iter().chain(came).chain(rung).collect()
    }

    pub(super) fn describe(&self, changed: Changed) -> Change {
        let version = self.record.version;
        let described = match changed {
            Changed::Whole => None,
            Changed::Participant(peer_id) => {
                self.participant(peer_id).map(|leg| Change::Participant {
                    version,
                    participant: participant(leg),
                })
            }
            Changed::Left(peer_id) => Some(Change::ParticipantLeft { version, peer_id }),
            Changed::Ring(user_id) => {
                let ring = self
                    .record
                    .rings
                    .iter()
                    .find(|ring| ring.user_id == user_id);
                ring.map(|ring| Change::Ring {
                    version,
                    ring: ring_state(ring),
                })
            }
        };
        described.unwrap_or_else(|| Change::Call(self.state()))
    }

    /// Everybody who was in it, each once, in order of coming.
    fn people(&self) -> Vec<UserId> {
        let mut seen = BTreeSet::new();
        let users = self.record.legs.iter().map(|leg| leg.user_id);
        users.filter(|user| seen.insert(*user)).collect()
    }

    fn starter_outcome(&self) -> Option<CallOutcome> {
        if self.record.answered_at.is_some() {
            return Some(CallOutcome::Started);
        }
        self.record.ended.map(|ended| match ended.reason {
            EndReason::Cancelled | EndReason::EndedForAll => CallOutcome::Cancelled,
            EndReason::Left
            | EndReason::Alone
            | EndReason::Moved
            | EndReason::Declined
            | EndReason::NoAnswer
            | EndReason::Busy
            | EndReason::ConnectionLost => CallOutcome::NoAnswer,
        })
    }

    /// None while it is open whether they come.
    fn rung_outcome(&self, ring: &PersonRing) -> Option<PersonOutcome> {
        let came = self
            .record
            .legs
            .iter()
            .any(|leg| leg.user_id == ring.user_id);
        let outcome = match ring.status {
            _ if came => CallOutcome::Joined,
            _ if ring.goes_on() => return None,
            RingStatus::Answered => CallOutcome::Joined,
            RingStatus::Declined => CallOutcome::Declined,
            _ if ring.was_a_slip() => CallOutcome::NotJoined,
            RingStatus::Busy => CallOutcome::Busy,
            RingStatus::Calling
            | RingStatus::Ringing
            | RingStatus::Notified
            | RingStatus::Offline
            | RingStatus::OffHours
            | RingStatus::Quiet
            | RingStatus::DoNotDisturb
            | RingStatus::NoAnswer => CallOutcome::Missed,
        };
        Some(PersonOutcome {
            user_id: ring.user_id,
            outcome,
        })
    }
}

fn participant(leg: &Leg) -> Participant {
    Participant {
        peer_id: leg.peer_id,
        user_id: leg.user_id,
        device_id: leg.device_id,
        device_name: leg.device_name.clone(),
        joined_at: leg.joined_at,
        microphone: leg.microphone,
        camera: leg.camera,
        screen: leg.screen,
        hand_raised_at: leg.hand_raised_at,
        connection: leg.connection,
    }
}

fn ring_state(ring: &PersonRing) -> RingState {
    RingState {
        user_id: ring.user_id,
        status: ring.status,
        devices: match ring.is_hushed() {
            true => 0,
            false => ring.acknowledged().try_into().unwrap_or(u32::MAX),
        },
        since: ring.since,
    }
}
