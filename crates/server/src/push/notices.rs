//! Which pushes follow from a change of a call: a ring for everybody who begins to be rung, and in
//! its place the missed notice or the stop for everybody who ceases to be.

use domain::call::{Call, CallRecord, DeviceRingState, PersonRing, is_missed};
use protocol::{
    DeviceId, Timestamp, UserId,
    call::{RingStatus, RingStopReason},
};

/// What one person's devices are to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    pub to: UserId,
    /// Who rings them.
    pub from: UserId,
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Ring {
        expires_at: Timestamp,
        silent: bool,
    },
    Missed,
    Stop {
        reason: RingStopReason,
        /// The device it stopped by, which knows.
        by: Option<DeviceId>,
    },
}

/// The difference between the rings before and the call after a change. People who are not to be
/// disturbed, by this conversation or at this hour, hear nothing.
pub fn notices(before: &[PersonRing], after: &Call) -> Vec<Notice> {
    let record = after.record();
    let rings = record.rings.iter();
    rings
        .filter(|ring| ring.pushed)
        .filter_map(|ring| {
            let known = before.iter().find(|other| is_same(other, ring));
            let what = match (known.map(PersonRing::goes_on), ring.goes_on()) {
                (None, true) => What::Ring {
                    expires_at: ring.expires_at,
                    silent: ring.silent,
                },
                (Some(true), false) => over(ring, after),
                (None | Some(false), false) | (Some(_), true) => return None,
            };
            Some(Notice {
                to: ring.user_id,
                from: ring.from.unwrap_or(record.started_by),
                what,
            })
        })
        .collect()
}

fn is_same(one: &PersonRing, other: &PersonRing) -> bool {
    one.user_id == other.user_id && one.started_at == other.started_at
}

fn over(ring: &PersonRing, call: &Call) -> What {
    let outcomes = call.outcomes();
    let outcome = outcomes
        .iter()
        .find(|person| person.user_id == ring.user_id);
    if outcome.is_some_and(|person| is_missed(person.outcome)) {
        return What::Missed;
    }
    let by = ring.devices.iter().find(|device| {
        matches!(
            device.state,
            DeviceRingState::Answered | DeviceRingState::Declined
        )
    });
    What::Stop {
        reason: reason(ring, call.record()),
        by: by.map(|device| device.device_id),
    }
}

fn reason(ring: &PersonRing, record: &CallRecord) -> RingStopReason {
    match ring.status {
        RingStatus::Answered => RingStopReason::AnsweredElsewhere,
        RingStatus::Declined => RingStopReason::DeclinedElsewhere,
        RingStatus::Calling
        | RingStatus::Ringing
        | RingStatus::Notified
        | RingStatus::Offline
        | RingStatus::Busy
        | RingStatus::OffHours
        | RingStatus::Quiet
        | RingStatus::DoNotDisturb
        | RingStatus::NoAnswer => match record.ended {
            Some(_) => RingStopReason::Cancelled,
            None => RingStopReason::Ended,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::call::{Input, JoinInput, Reach, RingTarget, StartInput};
    use protocol::{
        CallId, ConversationId, PeerId,
        call::{CallMedia, ParticipantChange},
        conversation::ConversationKind,
    };

    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);
    const ALICE: UserId = UserId::from_bytes([1; 16]);
    const BOB: UserId = UserId::from_bytes([2; 16]);
    const CARA: UserId = UserId::from_bytes([3; 16]);
    const PHONE: DeviceId = DeviceId::from_bytes([9; 16]);
    const RING: What = What::Ring {
        expires_at: Timestamp::from_millis(1_045_000),
        silent: false,
    };

    fn at(seconds: u64) -> Timestamp {
        START + Duration::from_secs(seconds)
    }

    fn coming(user_id: UserId) -> JoinInput {
        JoinInput {
            user_id,
            device_id: PHONE,
            device_name: String::new(),
            tab: String::new(),
            peer_id: PeerId::from_bytes(user_id.to_bytes()),
            state: ParticipantChange::default(),
            move_here: false,
        }
    }

    /// Alice calls; the people are rung, each with what stands between.
    fn call(kind: ConversationKind, rung: &[(UserId, Reach)]) -> Call {
        ringing(kind, rung, false)
    }

    fn ringing(kind: ConversationKind, rung: &[(UserId, Reach)], muted: bool) -> Call {
        let target = |(user_id, reach): &(UserId, Reach)| RingTarget {
            user_id: *user_id,
            devices: Vec::new(),
            reach: *reach,
            muted,
        };
        let input = StartInput {
            call_id: CallId::from_bytes([4; 16]),
            conversation_id: ConversationId::from_bytes([5; 16]),
            kind,
            member_count: rung.len() + 1,
            media: CallMedia::Video,
            starter: coming(ALICE),
            ring: rung.iter().map(target).collect(),
            ring_timeout: Duration::from_secs(45),
        };
        Call::start(input, START).unwrap()
    }

    fn direct() -> Call {
        call(ConversationKind::Direct, &[(BOB, Reach::Free)])
    }

    /// What follows from the inputs, each at its second.
    fn after(call: &mut Call, inputs: Vec<(u64, Input)>) -> Vec<Notice> {
        let mut all = Vec::new();
        for (second, input) in inputs {
            let before = call.record().rings.clone();
            call.handle_input(input, at(second)).unwrap();
            all.extend(notices(&before, call));
        }
        all
    }

    fn to_bob(what: What) -> Notice {
        Notice {
            to: BOB,
            from: ALICE,
            what,
        }
    }

    fn alice_leaves() -> Input {
        Input::Leave {
            peer_id: PeerId::from_bytes(ALICE.to_bytes()),
        }
    }

    fn acknowledged() -> Input {
        Input::RingAcknowledged {
            user_id: BOB,
            device_id: PHONE,
        }
    }

    #[test]
    fn everybody_who_begins_to_be_rung_is_told_once() {
        let mut call = call(
            ConversationKind::Group,
            &[(BOB, Reach::Free), (CARA, Reach::Busy)],
        );
        let silent = Notice {
            to: CARA,
            from: ALICE,
            what: What::Ring {
                expires_at: at(45),
                silent: true,
            },
        };
        assert_eq!(notices(&[], &call), [to_bob(RING), silent]);
        assert_eq!(
            after(&mut call, vec![(1, acknowledged()), (4, Input::Timeout)]),
            []
        );
    }

    #[test]
    fn who_is_not_to_be_disturbed_hears_nothing() {
        for reach in [Reach::DoNotDisturb, Reach::OffHours] {
            let mut missed = call(ConversationKind::Direct, &[(BOB, reach)]);
            assert_eq!(notices(&[], &missed), []);
            assert_eq!(after(&mut missed, vec![(45, Input::Timeout)]), []);
            let mut answered = call(ConversationKind::Direct, &[(BOB, reach)]);
            let comes = vec![(3, Input::Join(coming(BOB)))];
            assert_eq!(after(&mut answered, comes), []);
        }
    }

    #[test]
    fn of_a_muted_conversation_nothing_is_heard_whatever_else_is_so() {
        for reach in [Reach::Free, Reach::Busy, Reach::Quiet] {
            let mut call = ringing(ConversationKind::Direct, &[(BOB, reach)], true);
            assert_eq!(notices(&[], &call), []);
            let inputs = vec![(1, acknowledged()), (45, Input::Timeout)];
            assert_eq!(after(&mut call, inputs), []);
        }
    }

    #[test]
    fn a_ring_nobody_answered_is_missed() {
        let mut call = direct();
        assert_eq!(
            after(&mut call, vec![(45, Input::Timeout)]),
            [to_bob(What::Missed)]
        );
    }

    #[test]
    fn a_ring_the_caller_gave_up_is_missed() {
        let mut call = direct();
        let inputs = vec![(10, alice_leaves())];
        assert_eq!(after(&mut call, inputs), [to_bob(What::Missed)]);
    }

    #[test]
    fn a_slip_is_taken_back_and_not_missed() {
        let mut call = direct();
        let stop = What::Stop {
            reason: RingStopReason::Cancelled,
            by: None,
        };
        assert_eq!(after(&mut call, vec![(1, alice_leaves())]), [to_bob(stop)]);
    }

    #[test]
    fn a_slip_a_device_has_shown_is_missed() {
        let mut call = direct();
        let inputs = vec![(1, acknowledged()), (2, alice_leaves())];
        assert_eq!(after(&mut call, inputs), [to_bob(What::Missed)]);
    }

    #[test]
    fn an_answer_and_a_decline_stop_the_other_devices() {
        let mut answered = direct();
        let stop = What::Stop {
            reason: RingStopReason::AnsweredElsewhere,
            by: Some(PHONE),
        };
        assert_eq!(
            after(&mut answered, vec![(3, Input::Join(coming(BOB)))]),
            [to_bob(stop)]
        );
        let mut declined = direct();
        let decline = Input::RingDeclined {
            user_id: BOB,
            device_id: PHONE,
        };
        let stop = What::Stop {
            reason: RingStopReason::DeclinedElsewhere,
            by: Some(PHONE),
        };
        assert_eq!(after(&mut declined, vec![(3, decline)]), [to_bob(stop)]);
    }

    #[test]
    fn in_a_group_each_ring_ends_for_itself() {
        let mut call = call(
            ConversationKind::Group,
            &[(BOB, Reach::Free), (CARA, Reach::Free)],
        );
        let inputs = vec![(3, Input::Join(coming(CARA))), (45, Input::Timeout)];
        let stop = Notice {
            to: CARA,
            from: ALICE,
            what: What::Stop {
                reason: RingStopReason::AnsweredElsewhere,
                by: Some(PHONE),
            },
        };
        assert_eq!(after(&mut call, inputs), [stop, to_bob(What::Missed)]);
    }
}
